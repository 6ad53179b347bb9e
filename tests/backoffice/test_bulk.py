"""Acts on many bookings at once: shown first, given to the worker, done once, with a result for each (U48)."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from backoffice import acts
from bookings.models import Batch, BatchRow, Booking, Payment
from bookings.queries.promises import violations
from bookings.services import batches, cancellations
from core import clock
from events.models import Event
from notifications.models import Message
from tests.backoffice.desk import at_work, fields_of
from tests.factories import event_on_sale, paid, reserve, with_details
from tests.pages import text_of

pytestmark = pytest.mark.django_db(transaction=True)

MANY = acts.AT_ONCE + 2


@pytest.fixture
def event(noon: datetime) -> Event:
    return event_on_sale(levels={"Standing": 90})


def test_all_that_match_a_filter_that_makes_no_sense_are_none(event: Event, client: Client) -> None:
    """U48: what was meant can't be all bookings of the house."""
    booking = with_details(reserve(event))
    for every in ("event=999999", "reserved_from=2026-02-31"):
        answer = client.post(to("cancel"), {"all": every, "back": ""}, follow=True)
        assert answer.redirect_chain == [(f"/admin/find/?{every}", 303)]
        assert "A filter makes no sense, so nothing was done." in text_of(answer)
        assert answer.context["form"].errors
    booking.refresh_from_db()
    assert booking.status == "pending"


@pytest.fixture
def many(event: Event) -> list[Booking]:
    """More than are dealt with while somebody waits; the first of them is paid, and was reserved last."""
    waiting = [with_details(reserve(event, 1), f"person{number}@example.com") for number in range(MANY - 1)]
    return [paid(event, 2), *waiting]


@pytest.fixture
def client(event: Event) -> Client:
    return at_work("support", event.organization)[0]


def to(act: str) -> str:
    return reverse("admin:act", args=[act])


def preview(client: Client, act: str, **chosen: Any) -> HttpResponse:
    return client.post(to(act), {"back": "status=pending"} | chosen)


def begun(client: Client, act: str, page: HttpResponse, **typed: Any) -> Batch:
    """Press the button of the preview."""
    answer = client.post(to(act), fields_of(page) | typed)
    assert answer.status_code == 303, text_of(answer)
    return Batch.objects.get(pk=answer.headers["Location"].split("/")[-2])


def finish(batch: Batch) -> list[str]:
    """What came of each, in the order in which they were reserved."""
    while not Batch.objects.get(pk=batch.pk).finished_at:
        batches.work(batch_id=batch.pk)
    assert set(batch.rows.values_list("status", flat=True)) <= {BatchRow.Status.DONE}
    return list(batch.rows.order_by("booking").values_list("result", flat=True))


def test_all_that_match_are_cancelled_by_the_worker_when_their_number_is_typed(
    event: Event, client: Client, many: list[Booking]
) -> None:
    """U48: shown first with count, money and mails; then a result for each."""
    page = preview(client, "cancel", all="")
    text = text_of(page)
    assert f"It concerns {MANY} bookings. €43.00 goes back. {MANY} mails are sent." in text
    assert "And 2 more." in text
    assert not Batch.objects.exists()
    for count in ("", str(MANY - 1)):
        assert client.post(to("cancel"), fields_of(page) | {"reason": "x", "count": count}).status_code == 422
    assert not Batch.objects.exists()
    batch = begun(client, "cancel", page, reason="flood", count=str(MANY))
    assert set(Booking.objects.values_list("status", flat=True)) == {"pending", "confirmed"}
    assert f"0 of {MANY} bookings have had their turn." in text_of(client.get(reverse("admin:batch", args=[batch.pk])))
    assert finish(batch) == [""] * MANY
    assert set(Booking.objects.values_list("status", flat=True)) == {"cancelled"}
    text = text_of(client.get(reverse("admin:batch", args=[batch.pk])))
    assert f"Over. {MANY} of {MANY} bookings have had their turn." in text
    assert list(violations()) == []


def test_the_same_form_twice_makes_one_batch(client: Client, many: list[Booking]) -> None:
    """U48, R20"""
    page = preview(client, "extend", all="")
    assert begun(client, "extend", page) == begun(client, "extend", page)
    finish(Batch.objects.get())
    assert sum(Booking.objects.values_list("extensions", flat=True)) == MANY - 1


def test_what_the_act_makes_no_sense_for_any_more_says_why_and_is_no_failure(
    client: Client, many: list[Booking]
) -> None:
    """U48"""
    batch = begun(client, "paid", preview(client, "paid", booking=[each.pk for each in many]), how="cash", note="")
    cancellations.cancel(booking_id=many[2].pk, reason="test")
    said = finish(batch)
    assert said == ["", "It was cancelled.", *[""] * (MANY - 3), "It is paid already."]
    assert Payment.objects.filter(provider="cash").count() == MANY - 2
    text = text_of(client.get(reverse("admin:batch", args=[batch.pk])))
    assert "No change: It was cancelled." in text


def test_mails_are_sent_once_however_often_the_worker_begins(client: Client, many: list[Booking]) -> None:
    Message.objects.all().delete()
    clock.advance(timedelta(minutes=1))
    batch = begun(client, "resend", preview(client, "resend", all=""))
    batches.work(batch_id=batch.pk, most=5)
    finish(batch)
    batches.work(batch_id=batch.pk)
    assert Message.objects.count() == MANY


def test_what_goes_wrong_with_one_leaves_nothing_of_it_and_the_others_alone(
    client: Client, many: list[Booking], monkeypatch: pytest.MonkeyPatch
) -> None:
    step = acts.Cancel.step

    def stumble(act: acts.Cancel, booking: Booking, **how: Any) -> None:
        step(act, booking, **how)
        if booking.pk == many[1].pk:
            raise RuntimeError

    monkeypatch.setattr(acts.Cancel, "step", stumble)
    page = preview(client, "cancel", all="")
    batch = begun(client, "cancel", page, reason="x", count=str(MANY))
    while not Batch.objects.get(pk=batch.pk).finished_at:
        batches.work(batch_id=batch.pk)
    assert list(Booking.objects.exclude(status="cancelled")) == [many[1]]
    assert batch.rows.get(status="failed").booking == many[1]
    monkeypatch.setattr(acts.Cancel, "step", step)
    client.post(reverse("admin:batch-again", args=[batch.pk]))
    assert finish(batch) == [""] * MANY


def test_a_few_are_done_at_once(client: Client, many: list[Booking]) -> None:
    page = preview(client, "extend", booking=[each.pk for each in many[:3]])
    answer = client.post(to("extend"), fields_of_rows(page))
    assert answer.status_code == 200
    assert not Batch.objects.exists()
    assert [each.done for each in answer.context["results"]] == [True, True, False]
    assert "/admin/find/?status=pending" in answer.content.decode()


def fields_of_rows(page: HttpResponse) -> dict[str, Any]:
    """What the form sends of bookings that are dealt with at once: one field for each."""
    numbers = re.findall(r'name="booking" value="(\d+)"', page.content.decode())
    return fields_of(page) | {"booking": numbers}


def test_all_that_match_are_those_of_the_search(event: Event, client: Client, many: list[Booking]) -> None:
    page = preview(client, "cancel", all="status=confirmed")
    assert re.findall(r'name="booking" value="(\d+)"', page.content.decode()) == [str(many[0].pk)]


def test_nothing_chosen_is_told_where_it_was_not_chosen(client: Client, many: list[Booking]) -> None:
    for chosen in ({}, {"all": "q=nobody+at+all"}):
        answer = preview(client, "cancel", **chosen)
        assert answer.headers["Location"] == "/admin/find/?status=pending"
    assert "Please choose at least one booking." in text_of(client.get("/admin/find/"))


def test_a_booking_of_another_organization_is_in_no_batch(client: Client, many: list[Booking]) -> None:
    """S9, S11"""
    theirs = paid(event_on_sale())
    page = preview(client, "extend", all="")
    sent = fields_of(page)
    client.post(to("extend"), sent | {"bookings": f"{sent['bookings']},{theirs.pk}"})
    assert theirs.pk not in Batch.objects.get().rows.values_list("booking", flat=True)
    stranger, _user = at_work("support")
    assert preview(stranger, "extend", booking=[many[0].pk]).status_code == 404
    assert stranger.get(reverse("admin:batch", args=[Batch.objects.get().pk])).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("support", 200), ("organizer", 200), ("analyst", 403)])
def test_a_batch_of_acts_is_watched_by_who_may_act(
    event: Event, client: Client, many: list[Booking], role: str, status: int
) -> None:
    """S8"""
    batch = begun(client, "extend", preview(client, "extend", all=""))
    there, _user = at_work(role, event.organization)
    assert there.get(reverse("admin:batch", args=[batch.pk])).status_code == status


def test_more_than_may_be_are_refused(client: Client, many: list[Booking], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "MOST", 4)
    assert "At most 4 bookings at once." in text_of(preview(client, "extend", all=""))


# --- In place -------------------------------------------------------------------------------------------


def test_an_act_in_place_draws_the_row_anew(event: Event, client: Client, many: list[Booking]) -> None:
    """U48: the preview as a part, then the row with its new status."""
    booking = many[1]
    part = {"HX-Request": "true"}
    page = client.post(to("paid"), {"booking": booking.pk, "back": "q=person"}, headers=part)
    assert "<html" not in page.content.decode()
    assert 'hx-post="/admin/bookings/act/paid/"' in page.content.decode()
    sent = fields_of(page)
    assert client.post(to("paid"), sent | {"how": "gold"}, headers=part).status_code == 422
    answer = client.post(to("paid"), sent | {"how": "cash"}, headers=part)
    html = answer.content.decode()
    assert "Paid and confirmed." in html
    assert f'<tr id="row-{booking.pk}" hx-swap-oob="true">' in html
    assert 'class="state confirmed"' in html
    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_an_act_on_the_bookings_page_shows_that_page_anew(client: Client, many: list[Booking]) -> None:
    part = {"HX-Request": "true"}
    page = client.post(to("extend"), {"booking": many[1].pk, "from": "page"}, headers=part)
    answer = client.post(to("extend"), fields_of(page), headers=part)
    assert answer.headers["HX-Refresh"] == "true"
    assert "Kept until" in text_of(client.get(f"/admin/bookings/booking/{many[1].pk}/change/"))


def test_many_in_place_lead_to_the_progress(client: Client, many: list[Booking]) -> None:
    sent = fields_of(preview(client, "extend", all=""))
    answer = client.post(to("extend"), sent, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == reverse("admin:batch", args=[Batch.objects.get().pk])
