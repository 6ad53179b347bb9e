"""Too slow, or of another mind: nothing is typed or chosen twice, and nothing competes with itself."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from bookings.models import Booking
from bookings.queries.promises import violations
from bookings.services import cancellations, customers, renewals, reservations
from core import clock, codes
from core.models import AuditEntry
from events.models import Event, Price
from events.services.inventory import NotEnough
from tests.factories import event_on_sale, handed_over, paid, price_of, reserve, settle, with_details
from tests.pages import DETAILS, choice, page, post_choice

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def event(noon: datetime) -> Event:
    return event_on_sale(levels={"Standing": 5})


@pytest.fixture
def booking(event: Event) -> Booking:
    return reserve(event)


def anew(earlier: Booking, quantity: int = 3, *, key: str | None = None) -> Booking:
    quantities = {Price.objects.get(price_level__event=earlier.event).pk: quantity}
    return reservations.reserve(
        event=earlier.event, quantities=quantities, key=key or codes.secret(), replacing=earlier.pk
    )


# --- Another choice -------------------------------------------------------------------------------


def test_another_choice_takes_the_places_of_the_earlier_one_and_inherits_its_time(booking: Booking) -> None:
    """S42: changes of mind keep places no longer"""
    reservations.extend(booking_id=booking.pk)
    clock.advance(20 * MINUTE)
    new = anew(booking, 5)
    booking.refresh_from_db()
    assert (booking.status, booking.end_reason) == ("cancelled", "replaced by a new choice")
    inherited = (new.reserved_at, new.extensions, new.replaces, new.reserved_until)
    assert inherited == (booking.reserved_at, 1, booking, clock.now() + 15 * MINUTE)
    assert AuditEntry.objects.get(action="booking.cancelled").facts["replaced_by"] == new.pk
    assert list(violations()) == []


def test_choices_together_last_no_longer_than_an_hour(booking: Booking) -> None:
    """S42"""
    newest = booking
    for _choice in range(4):
        clock.advance(14 * MINUTE)
        newest = anew(newest)
    assert newest.reserved_until == booking.reserved_at + reservations.LONGEST
    clock.advance(2 * MINUTE + timedelta(seconds=1))
    with pytest.raises(reservations.TooLate, match="Please pay for the reservation that you have"):
        anew(newest)
    newest.refresh_from_db()
    assert (newest.status, newest.live_tickets().count()) == ("pending", 3)
    assert list(violations()) == []


def test_a_refused_choice_leaves_the_earlier_one_as_it_was(booking: Booking) -> None:
    before = Booking.objects.values().get()
    with pytest.raises(NotEnough, match="Only 5 places are left"):
        anew(booking, 6)
    assert Booking.objects.values().get() == before
    assert booking.live_tickets().count() == 2
    assert list(violations()) == []


def test_what_is_paid_or_of_another_event_stays_and_is_not_replaced(event: Event) -> None:
    """R22"""
    for kept in (paid(event, 1), reserve(event_on_sale(levels={"Elsewhere": 2}))):
        price = price_of(event)
        new = reservations.reserve(event=event, quantities={price.pk: 1}, key=codes.secret(), replacing=kept.pk)
        assert (new.replaces, new.reserved_at) == (None, clock.now())
        assert Booking.objects.get(pk=kept.pk).status == kept.status
    assert list(violations()) == []


def test_what_ran_out_is_replaced_without_its_time(booking: Booking) -> None:
    """R13: also while nobody has ended it, in a house that is full otherwise"""
    clock.advance(15 * MINUTE + timedelta(seconds=1))
    new = anew(booking, 5)
    booking.refresh_from_db()
    assert (booking.status, new.replaces, new.reserved_at) == ("expired", booking, clock.now())
    assert list(violations()) == []


def test_money_for_a_replaced_reservation_goes_back(booking: Booking) -> None:
    """R30"""
    payment = handed_over(booking)
    anew(booking)
    assert settle(payment).status == "cancelled"
    assert payment.refunds.get().reason == "cancelled"
    assert list(violations()) == []


def test_the_page_replaces_what_the_same_browser_reserved_there(client: Client, event: Event) -> None:
    """U22, R22: two tabs, back and another choice"""
    post_choice(client, event, choice(event, 4))
    first = Booking.objects.get()
    assert post_choice(client, event, choice(event, 5)).status_code == 303
    second = Booking.objects.get(status="pending")
    assert (second.replaces, second.quantity) == (first, 5)
    assert post_choice(Client(), event, choice(event, 1)).status_code == 409
    shown = client.get(event.get_absolute_url())
    assert (shown.context["own"].url, shown.context["own"].until) == (page(second, "booking"), second.reserved_until)


def test_the_same_form_with_another_choice_is_shown_with_a_fresh_key(client: Client, event: Event) -> None:
    """R21"""
    data = choice(event, 1)
    post_choice(client, event, data)
    changed = choice(event, 2) | {"key": data["key"]}
    refused = post_choice(client, event, changed)
    assert refused.status_code == 409
    again = changed | {"key": refused.context["key"]}
    assert post_choice(client, event, again).status_code == 303
    assert list(Booking.objects.filter(status="pending").values_list("quantity", flat=True)) == [2]


def test_details_carry_over_to_another_choice(client: Client, event: Event) -> None:
    """U26: also over one that nobody gave details for"""
    first = with_details(reserve(event))
    newest = anew(anew(first))
    form = client.get(page(newest, "details")).context["form"]
    assert form.initial == {"name": "Ada Example", "email": "ada@example.com", "phone": ""}


# --- The time is over -----------------------------------------------------------------------------


def over(client: Client, booking: Booking, typed: dict[str, str] | None = None) -> Any:
    clock.advance(16 * MINUTE)
    return client.post(page(booking, "details"), DETAILS if typed is None else typed)


def test_details_that_come_too_late_are_kept(client: Client, booking: Booking) -> None:
    """U22"""
    response = over(client, booking, DETAILS | {"email": "ada@"})
    assert response.status_code == 409
    assert response.context["again"].initial == DETAILS | {"email": "ada@"}
    assert client.get(page(booking, "details")).status_code == 409
    booking.refresh_from_db()
    assert not booking.has_details


def test_the_same_places_are_had_again_with_what_was_typed(client: Client, booking: Booking) -> None:
    """U22, R20: and ten clicks have them once"""
    key = over(client, booking).context["key"]
    answers = {client.post(page(booking, "again"), DETAILS | {"key": key}).headers["Location"] for _click in range(10)}
    new = Booking.objects.get(status="pending")
    assert answers == {page(new, "booking")}
    assert (new.replaces, new.quantity, new.email, new.reserved_at) == (booking, 2, "ada@example.com", clock.now())
    assert client.get(page(new, "booking")).headers["Location"] == page(new, "review")
    assert list(violations()) == []


def test_details_that_were_given_before_need_not_be_sent(client: Client, booking: Booking) -> None:
    """U26"""
    with_details(booking)
    clock.advance(16 * MINUTE)
    shown = client.get(page(booking, "booking"))
    assert shown.context["again"].initial["email"] == "ada@example.com"
    client.post(page(booking, "again"), {"key": shown.context["key"]})
    assert Booking.objects.get(status="pending").email == "ada@example.com"


def test_without_details_the_next_page_asks_for_them(client: Client, booking: Booking) -> None:
    clock.advance(16 * MINUTE)
    answer = client.post(page(booking, "again"), {"key": codes.secret()})
    new = Booking.objects.get(status="pending")
    assert answer.headers["Location"] == page(new, "booking")
    assert client.get(page(new, "booking")).headers["Location"] == page(new, "details")


def test_wrong_details_cost_no_places_and_are_shown_as_typed(client: Client, booking: Booking) -> None:
    """U22, U25"""
    clock.advance(16 * MINUTE)
    answer = client.post(page(booking, "again"), DETAILS | {"key": codes.secret(), "email": "ada@"})
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"email"})
    assert answer.context["booking"] == Booking.objects.get(status="pending")
    assert answer.context["form"]["name"].value() == "Ada Example"


def test_over_the_limit_the_places_stay_and_the_page_says_so(client: Client, noon: datetime) -> None:
    """R9"""
    event = event_on_sale(max_per_customer=2)
    booking = with_details(reserve(event, 2))
    clock.advance(16 * MINUTE)
    with_details(reserve(event, 2))
    answer = client.post(page(booking, "again"), {"key": codes.secret()})
    assert answer.status_code == 422
    assert "you have 2 already" in str(answer.context["form"].errors["email"])
    assert Booking.objects.filter(status="pending").count() == 2
    assert list(violations()) == []


def test_places_that_are_gone_are_refused_on_the_bookings_page(client: Client, event: Event, booking: Booking) -> None:
    """U22: with what was typed, for the next try"""
    clock.advance(16 * MINUTE)
    paid(event, 4)
    answer = client.post(page(booking, "again"), DETAILS | {"key": codes.secret()})
    assert (answer.status_code, str(answer.context["problem"])) == (409, "Only 1 place is left at Standing.")
    assert answer.context["again"].initial == DETAILS
    assert list(violations()) == []


def test_a_price_that_is_gone_is_refused(client: Client, booking: Booking) -> None:
    clock.advance(16 * MINUTE)
    Price.objects.all().delete()
    answer = client.post(page(booking, "again"), {"key": codes.secret()})
    assert answer.status_code == 422
    assert "sold any more" in str(answer.context["problem"])


@pytest.mark.parametrize("key", [None, "", "short", "k" * 65])
def test_without_a_proper_key_nothing_is_had_again(client: Client, booking: Booking, key: str | None) -> None:
    """R50"""
    clock.advance(16 * MINUTE)
    assert client.post(page(booking, "again"), {} if key is None else {"key": key}).status_code == 422
    assert Booking.objects.count() == 1


def test_what_was_given_up_can_be_had_again(client: Client, booking: Booking) -> None:
    reservations.give_up(booking_id=booking.pk)
    assert renewals.reserve_again(booking_id=booking.pk, key=codes.secret()).booking.replaces == booking


@pytest.mark.parametrize("state", ["open", "paid", "cancelled", "cancelled after payment", "replaced"])
def test_nothing_else_can_be_had_again(client: Client, event: Event, booking: Booking, state: str) -> None:
    """R22"""
    match state:
        case "paid" | "cancelled after payment":
            settle(handed_over(booking))
        case "replaced":
            anew(booking)
    if "cancelled" in state:
        cancellations.cancel(booking_id=booking.pk, reason="test")
    before = Booking.objects.count()
    answer = client.post(page(booking, "again"), DETAILS | {"key": codes.secret()})
    assert (answer.status_code, answer.context["again"]) == (409, None)
    assert Booking.objects.count() == before


def test_asking_again_in_two_tabs_keeps_places_once(booking: Booking) -> None:
    """R22: in a house with room for one"""
    clock.advance(16 * MINUTE)
    for _tab in range(3):
        renewals.reserve_again(booking_id=booking.pk, key=codes.secret())
    assert Booking.objects.filter(status="pending").count() == 1
    assert list(violations()) == []


# --- More time ------------------------------------------------------------------------------------


def test_htmx_gets_the_timer_and_the_event_page_knows_the_new_deadline(client: Client, event: Event) -> None:
    post_choice(client, event)
    booking = Booking.objects.get()
    answer = client.post(page(booking, "extend"), headers=HTMX)
    assert (answer.status_code, [each.name for each in answer.templates][0]) == (200, "bookings/_timer.html")
    assert answer.context["booking"].reserved_until == booking.reserved_until + reservations.EXTENSION
    shown = client.get(event.get_absolute_url())
    assert shown.context["own"].until == booking.reserved_until + reservations.EXTENSION


def test_what_was_typed_comes_back_with_more_time(client: Client, booking: Booking) -> None:
    """U21: as it was, right or not"""
    typed = DETAILS | {"email": "ada@"}
    answer = client.post(page(booking, "extend"), typed)
    assert (answer.status_code, answer.context["form"].initial, answer.context["form"].errors) == (200, typed, {})
    for _time in range(2):
        answer = client.post(page(booking, "extend"), typed)
    assert (answer.status_code, answer.context["form"]["email"].value()) == (409, "ada@")
    assert "can&#x27;t be extended" in answer.content.decode()
    clock.advance(timedelta(hours=1))
    assert client.post(page(booking, "extend"), typed).context["again"].initial == typed


def test_what_htmx_asks_for_too_late_is_refused(client: Client, booking: Booking) -> None:
    clock.advance(16 * MINUTE)
    assert client.post(page(booking, "extend"), DETAILS, headers=HTMX).status_code == 409


# --- Waiting for the provider ---------------------------------------------------------------------


def test_htmx_is_told_nothing_until_there_is_something_to_go_to(client: Client, booking: Booking) -> None:
    """U32, S45"""
    payment = handed_over(booking)
    address = page(booking, "payment")
    assert client.get(address, headers=HTMX).status_code == 204
    assert client.get(address, headers=HTMX | {"HX-Boosted": "true"}).status_code == 200
    settle(payment)
    decided = client.get(address, headers=HTMX)
    assert (decided.status_code, decided.headers["HX-Redirect"]) == (200, page(booking, "booking"))
    assert client.get(address).headers["Location"] == page(booking, "booking")


# --- What the browser remembers -------------------------------------------------------------------


def test_a_paid_or_given_up_booking_is_forgotten(client: Client, event: Event) -> None:
    for end in (lambda each: settle(handed_over(each)), lambda each: None):
        post_choice(client, event, choice(event, 1))
        booking = Booking.objects.latest("pk")
        end(booking)
        client.post(page(booking, "give-up"))
        client.get(page(booking, "booking"))
        shown = client.get(event.get_absolute_url())
        assert (shown.context["own"], set(shown.context["form"].chosen)) == (None, set())


def test_another_address_takes_the_choice_along(client: Client, event: Event) -> None:
    """S19: the link is a new one"""
    post_choice(client, event)
    booking = with_details(Booking.objects.get())
    client.post(page(booking, "details"), DETAILS | {"email": "bob@example.com"})
    booking.refresh_from_db()
    assert client.get(event.get_absolute_url()).context["own"].url == page(booking, "booking")


def test_a_booking_speaks_its_customers_language(client: Client, event: Event, settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    post_choice(client, event, headers={"Accept-Language": "de"})
    post_choice(Client(), event, headers={"Accept-Language": "xx"})
    assert list(Booking.objects.order_by("pk").values_list("language", flat=True)) == ["de", "en"]


def test_an_old_form_does_not_change_details_that_were_given_since(booking: Booking) -> None:
    clock.advance(16 * MINUTE)
    key = codes.secret()
    asked = {"booking_id": booking.pk, "key": key, "details": DETAILS}
    new = renewals.reserve_again(**asked).booking
    customers.give_details(booking_id=new.pk, name="Ada B. Example", email="ada@example.com")
    assert renewals.reserve_again(**asked).booking.customer_name == "Ada B. Example"
