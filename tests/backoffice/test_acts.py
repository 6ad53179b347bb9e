"""Acts on bookings: told first, then done by their services, with a result for each (U48)."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from backoffice import acts
from bookings.models import Booking, Payment, Refund
from bookings.queries.promises import violations
from bookings.services import batches, cancellations, payments, reservations
from core import clock
from core.models import AuditEntry
from events.models import Event, EventSeat
from notifications.models import Message
from tests.backoffice.desk import at_work
from tests.factories import event_on_sale, handed_over, paid, price_of, reserve, settle, with_details
from tests.pages import text_of

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/bookings/booking/"
KEPT = (Booking, Payment, Refund, EventSeat, Message, AuditEntry, DBTaskResult)


def state() -> list[Any]:
    """Everything that an act could change."""
    return [list(model._default_manager.order_by("pk").values()) for model in KEPT]


def to(act: str) -> str:
    return reverse("admin:act", args=[act])


@pytest.fixture
def event(noon: datetime) -> Event:
    return event_on_sale(levels={"Standing": 60})


@pytest.fixture
def client(event: Event) -> Client:
    return at_work("support", event.organization)[0]


def preview(client: Client, act: str, *bookings: Booking) -> HttpResponse:
    """Press the act's button."""
    return client.post(to(act), {"booking": [booking.pk for booking in bookings]})


def form_of(page: HttpResponse) -> dict[str, Any]:
    """What the preview's form sends, without what has to be typed."""
    html = page.content.decode()
    hidden = r'<input type="hidden" name="(seen_\d+|confirmed|bookings|key|back)" value="([^"]*)"'
    fields = dict(re.findall(hidden, html))
    return fields | {"booking": re.findall(r'<input type="hidden" name="booking" value="(\d+)"', html)}


def confirm(client: Client, act: str, page: HttpResponse, **typed: Any) -> HttpResponse:
    """Press the button of the preview."""
    return client.post(to(act), form_of(page) | typed)


def do(client: Client, act: str, *bookings: Booking, **typed: Any) -> HttpResponse:
    return confirm(client, act, preview(client, act, *bookings), **typed)


def results(page: HttpResponse) -> list[tuple[str, bool, str]]:
    assert page.status_code == 200, page
    return [(each.booking.code, each.done, each.sentence) for each in page.context["results"]]


# --- What would happen ----------------------------------------------------------------------------


def test_the_preview_says_what_would_happen_and_does_nothing(event: Event, client: Client) -> None:
    """U48, S14"""
    bookings = [paid(event, 2), with_details(reserve(event, 3)), reserve(event, 1)]
    ended = reservations.give_up(booking_id=reserve(event, 1).pk)
    before = state()
    page = preview(client, "cancel", *bookings, ended)
    text = text_of(page)
    assert "It concerns 3 bookings. €43.00 goes back. 2 mails are sent." in text
    assert "2 places become free. €43.00 goes back the way it came. A mail goes to ada@example.com." in text
    assert "3 places become free. A mail goes to ada@example.com." in text
    assert "No change: It was cancelled." in text
    assert "1 place becomes free. " in text
    assert state() == before
    assert list(violations()) == []


@pytest.mark.parametrize("act", acts.ACTS)
def test_an_act_is_never_done_by_a_link(event: Event, client: Client, act: str) -> None:
    """S14"""
    booking, before = paid(event), state()
    before = state()
    for method in (client.get, client.head, client.put, client.delete):
        assert method(f"{to(act)}?booking={booking.pk}&confirmed=yes").status_code == 405
    assert state() == before


@pytest.mark.parametrize("act", acts.ACTS)
@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes", "reason": "x", "how": "cash", "note": ""}])
def test_a_booking_of_another_organization_is_not_acted_on(client: Client, act: str, confirmed: Any) -> None:
    """S9, S11: the same answer as for one that does not exist."""
    theirs = paid(event_on_sale())
    before = state()
    seen = {f"seen_{theirs.pk}": acts.seen(theirs)}
    for ids in ([theirs.pk], [2**40], ["x"], ["9" * 30], []):
        assert client.post(to(act), {"booking": ids} | seen | confirmed).status_code == 404
    assert state() == before


def test_of_a_mixed_choice_only_our_own_are_acted_on(event: Event, client: Client) -> None:
    """S11"""
    ours, theirs = paid(event), paid(event_on_sale())
    page = preview(client, "cancel", ours, theirs)
    assert theirs.code not in page.content.decode()
    form = form_of(page) | {f"seen_{theirs.pk}": acts.seen(theirs), "reason": "test"}
    answer = client.post(to("cancel"), form | {"booking": [ours.pk, theirs.pk]})
    assert results(answer) == [(ours.code, True, "Cancelled.")]
    theirs.refresh_from_db()
    assert theirs.status == "confirmed"


@pytest.mark.parametrize("role", ["analyst", "entry_manager"])
def test_an_act_needs_its_power(event: Event, role: str) -> None:
    """S8"""
    booking = paid(event)
    before = state()
    client, _user = at_work(role, event.organization)
    for act in acts.ACTS:
        data = {"booking": booking.pk, "confirmed": "yes", "reason": "x", f"seen_{booking.pk}": acts.seen(booking)}
        assert client.post(to(act), data).status_code == 403
    assert Client().post(to("cancel"), {"booking": booking.pk}).status_code == 302
    assert state() == before


def test_an_unknown_act_is_not_there(event: Event, client: Client) -> None:
    assert client.post(to("explode"), {"booking": paid(event).pk}).status_code == 404


# --- Doing it -------------------------------------------------------------------------------------


def test_each_booking_has_its_result_and_a_refusal_stops_nothing(event: Event, client: Client) -> None:
    """U48"""
    first, second, third = (with_details(reserve(event, 1), f"p{number}@example.com") for number in range(3))
    page = preview(client, "cancel", first, second, third)
    settle(handed_over(second))  # meanwhile
    answer = confirm(client, "cancel", page, reason="test")
    assert results(answer) == [
        (first.code, True, "Cancelled."),
        (second.code, False, "It has changed since you looked, so nothing was done. Please look again."),
        (third.code, True, "Cancelled."),
    ]
    assert "Cancel: done for 2 of 3 bookings" in text_of(answer)
    assert Booking.objects.get(pk=second.pk).status == "confirmed"
    assert list(violations()) == []


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("cancel", {"reason": "test"}),
        ("extend", {}),
        ("resend", {}),
        ("paid", {"how": "cash", "note": ""}),
    ],
)
def test_pressing_the_button_twice_does_it_once(event: Event, client: Client, act: str, typed: dict[str, str]) -> None:
    """U48: safe to repeat."""
    booking = with_details(reserve(event))
    page = preview(client, act, booking)
    assert [done for _code, done, _said in results(confirm(client, act, page, **typed))] == [True]
    before = state()
    assert [done for _code, done, _said in results(confirm(client, act, page, **typed))] == [False]
    assert state() == before
    assert list(violations()) == []


def test_who_did_it_is_in_the_audit_trail(event: Event) -> None:
    """S51"""
    client, clerk = at_work("support", event.organization)
    booking = with_details(reserve(event))
    do(client, "extend", booking)
    do(client, "resend", booking)
    do(client, "paid", booking, how="cash", note="till 2")
    do(client, "cancel", booking, reason="sent home")
    do(client, "paid-back", booking, note="till 3")
    trail = AuditEntry.objects.filter(object_type="bookings.booking", object_id=booking.pk, by=clerk).order_by("pk")
    assert [entry.action for entry in trail] == [
        "booking.extended",
        "booking.resent",
        "payment.by_hand",
        "booking.confirmed",
        "booking.cancelled",
        "refund.by_hand",
        "refund.paid_back",
    ]
    assert Refund.objects.get().status == "sent"
    assert list(violations()) == []


def test_marking_as_paid_confirms_and_mails(event: Event, client: Client) -> None:
    booking = with_details(reserve(event))
    page = preview(client, "paid", booking)
    assert "€43.00 is recorded as paid, and its 2 tickets become valid." in text_of(page)
    assert results(confirm(client, "paid", page, how="transfer", note="")) == [
        (booking.code, True, "Paid and confirmed.")
    ]
    payment = Payment.objects.get()
    assert (payment.provider, payment.amount) == ("transfer", booking.total)
    assert Message.objects.get().kind == "booking-confirmed"


def test_an_expired_booking_is_refused_when_its_places_are_gone(noon: datetime) -> None:
    """R30"""
    event = event_on_sale(levels={"Standing": 2})
    booking = with_details(reserve(event))
    clock.advance(timedelta(minutes=16))
    paid(event, 1)
    client, _user = at_work("support", event.organization)
    page = preview(client, "paid", booking)
    assert "it is refused if its places can&#x27;t be had again" in text_of(page)
    ((_code, done, said),) = results(confirm(client, "paid", page, how="cash", note=""))
    assert (done, "can't be had again" in said) == (False, True)
    assert Payment.objects.filter(provider="cash").count() == 0
    assert list(violations()) == []


@pytest.mark.parametrize("how", ["sandbox", "", "free"])
def test_money_is_marked_only_by_a_way_that_exists(event: Event, client: Client, how: str) -> None:
    """S13"""
    booking = with_details(reserve(event))
    before = state()
    answer = do(client, "paid", booking, how=how, note="")
    assert answer.status_code == 422
    assert state() == before


@pytest.mark.parametrize("reason", ["", " ", "x" * 61, "a\x00b"])
def test_a_cancellation_needs_a_reason_that_fits(event: Event, client: Client, reason: str) -> None:
    booking = paid(event)
    before = state()
    answer = do(client, "cancel", booking, reason=reason)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert state() == before


def test_many_are_cancelled_only_when_their_number_is_typed(event: Event, client: Client) -> None:
    """U48"""
    bookings = [reserve(event, 1) for _number in range(acts.COUNTED_ABOVE + 1)]
    page = preview(client, "cancel", *bookings)
    assert "Type 21 to go on." in text_of(page)
    before = state()
    for count in ("", "20", "many"):
        answer = confirm(client, "cancel", page, reason="test", count=count)
        assert answer.status_code == 422
        assert "Please type how many bookings you are about to end: 21." in text_of(answer)
    assert state() == before
    answer = confirm(client, "cancel", page, reason="test", count=" 21 ")
    assert answer.status_code == 303
    batches.work_due()
    assert set(Booking.objects.values_list("status", flat=True)) == {"cancelled"}
    assert list(violations()) == []


def test_a_few_are_cancelled_without_typing_their_number(event: Event, client: Client) -> None:
    bookings = [reserve(event, 1) for _number in range(3)]
    assert "to go on" not in text_of(preview(client, "cancel", *bookings))
    assert [done for _code, done, _said in results(do(client, "cancel", *bookings, reason="x"))] == [True] * 3


def test_there_is_a_limit_to_how_many_at_once(event: Event, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "MOST", 2)
    bookings = [reserve(event, 1) for _number in range(3)]
    before = state()
    assert "At most 2 bookings at once." in text_of(preview(client, "cancel", *bookings))
    seen = {f"seen_{each.pk}": acts.seen(each) for each in bookings}
    data = {"booking": [each.pk for each in bookings], "confirmed": "yes", "reason": "x"} | seen
    assert client.post(to("cancel"), data).status_code == 422
    assert state() == before


def test_money_of_presents_never_goes_back(event: Event, client: Client) -> None:
    booking = with_details(reserve(event))
    do(client, "paid", booking, how="complimentary", note="")
    assert "goes back" not in text_of(preview(client, "cancel", booking))
    do(client, "cancel", booking, reason="test")
    assert not Refund.objects.exists()
    assert "No money waits" in text_of(preview(client, "paid-back", booking))


def test_cash_goes_back_by_hand_and_the_customers_page_says_so(event: Event, client: Client) -> None:
    booking = with_details(reserve(event))
    do(client, "paid", booking, how="cash", note="")
    assert "€43.00 has to be paid back by hand." in text_of(preview(client, "cancel", booking))
    do(client, "cancel", booking, reason="test")
    assert "Our staff pay back what was paid" in text_of(Client().get(booking.get_absolute_url()))
    mail = Message.objects.get(kind="booking-cancelled")
    for body in (mail.text, mail.html):
        assert "Our staff pay back what was paid" in body
        assert "the way it came" not in body
    assert results(do(client, "paid-back", booking, note="")) == [(booking.code, True, "€43.00 is paid back.")]


def test_a_booking_without_an_address_is_not_mailed(event: Event, client: Client) -> None:
    price = price_of(event)
    booking = reservations.reserve(event=event, quantities={price.pk: 1}, key="k", channel="box_office")
    payments.record_by_hand(booking_id=booking.pk, how="cash", by=None)
    assert "It has no e-mail address." in text_of(preview(client, "resend", booking))
    assert results(do(client, "resend", booking)) == [(booking.code, False, "It has no e-mail address.")]
    assert not Message.objects.exists()


# --- From the list --------------------------------------------------------------------------------


def test_the_list_leads_to_the_preview(event: Event, client: Client) -> None:
    first, second, other = paid(event), reserve(event, 1), reserve(event, 1)
    before = state()
    page = client.post(LIST, {"action": "cancel", "_selected_action": [first.pk, second.pk]})
    text = text_of(page)
    assert page.status_code == 200
    assert (first.code in text, second.code in text, other.code in text) == (True, True, False)
    assert state() == before
    assert [done for _code, done, _said in results(confirm(client, "cancel", page, reason="test"))] == [True, True]


def test_the_list_does_not_take_a_confirmation(event: Event, client: Client) -> None:
    booking = paid(event)
    before = state()
    data = {"action": "cancel", "_selected_action": booking.pk, "confirmed": "yes", "reason": "x"}
    client.post(LIST, data | {f"seen_{booking.pk}": acts.seen(booking)})
    assert state() == before


def test_the_list_acts_on_no_booking_of_another_organization(client: Client) -> None:
    """S11"""
    theirs = paid(event_on_sale())
    before = state()
    page = client.post(LIST, {"action": "cancel", "_selected_action": theirs.pk})
    assert page.status_code == 404
    assert theirs.code not in page.content.decode()
    assert state() == before


def test_everything_that_matches_can_be_chosen_at_once(event: Event, client: Client) -> None:
    for _number in range(3):
        reserve(event, 1)
    cancelled = cancellations.cancel(booking_id=paid(event).pk, reason="test")
    data = {"action": "extend", "select_across": "1", "_selected_action": cancelled.pk}
    page = client.post(f"{LIST}?status__exact=pending", data)
    assert len(form_of(page)["booking"]) == 3
    assert cancelled.code not in page.content.decode()


def test_who_looked_once_extends_once(event: Event) -> None:
    """U48: two presses that both looked before either was done."""
    booking = with_details(reserve(event))
    looks = [acts.chosen([booking.pk], event.organization) for _press in range(2)]
    looked = {booking.pk: acts.seen(looks[0][0])}
    pressed = [next(acts.performed(acts.ACTS["extend"], look, looked=looked, by=None, data={})) for look in looks]
    assert [result.done for result in pressed] == [True, False]
    assert pressed[1].sentence == "It was extended meanwhile, so nothing was done."
    booking.refresh_from_db()
    assert booking.extensions == 1
