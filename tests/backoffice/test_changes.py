"""The pages that cancel an event and move one, and the one that shows how far that is."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import Batch, Booking
from bookings.services import batches
from core.models import AuditEntry
from events.models import Event
from events.services import changing
from tests.backoffice.desk import at_work, fields_of
from tests.factories import EventFactory, event_on_sale, paid, reserve, with_details
from tests.pages import page, text_of

pytestmark = pytest.mark.django_db

CANCELLED = {"reason": "singer ill", "note": "She lost her voice.", "typed": "First night"}
HTMX = {"HX-Request": "true"}


def at(name: str, of: Event | Batch) -> str:
    return reverse(f"admin:{name}", args=[of.pk])


def moved(**fields: Any) -> dict[str, Any]:
    return {"starts_at": "2026-07-08T20:00", "returnable_days": "14", "note": "The hall is being repaired."} | fields


@pytest.fixture
def event(noon: datetime) -> Event:
    start = datetime.fromisoformat("2026-07-01T20:00+02:00")
    return event_on_sale(title="First night", levels={"Standing": 20}, starts_at=start)


def finished(batch: Batch) -> Batch:
    while not batch.finished_at:
        batches.work(batch_id=batch.pk)
        batch.refresh_from_db()
    return batch


# --- Cancelling -----------------------------------------------------------------------------------


def test_who_cancels_an_event_sees_first_what_it_means(event: Event) -> None:
    """U39"""
    paid(event, 3)
    with_details(reserve(event), "grace@example.com")
    client, _user = at_work("organizer", event.organization)
    shown = text_of(client.get(at("cancel-event", event)))
    for fact in (
        "2 bookings (1 of them not paid yet), 5 tickets",
        "€64.50 goes back, fees included.",
        "€64.50 by itself, the way it came: Sandbox (no real money)",
        "2 mails are sent",
        "It can't be undone.",
    ):
        assert fact in shown
    event.refresh_from_db()
    assert event.status == "published"  # S14: looking changes nothing


def test_an_event_is_cancelled_by_who_types_its_title(event: Event) -> None:
    """U39, S14"""
    booking = paid(event)
    client, user = at_work("organizer", event.organization)
    for typed in ("", "First", "first night"):
        refused = client.post(at("cancel-event", event), CANCELLED | {"typed": typed})
        assert refused.status_code == 422
        assert "singer ill" in refused.content.decode()  # nothing typed is lost
    event.refresh_from_db()
    assert (event.status, Batch.objects.count()) == ("published", 0)
    done = client.post(at("cancel-event", event), CANCELLED)
    batch = Batch.objects.get()
    assert (done.status_code, done["Location"]) == (303, at("batch", batch))
    assert "The worker is at it. You may leave this page. 0 of 1 booking has had its turn." in text_of(
        client.get(at("batch", batch))
    )
    assert AuditEntry.objects.get(action="event.cancelled").by == user
    finished(batch)
    shown = text_of(client.get(at("batch", batch)))
    assert "Over. 1 of 1 booking has had its turn." in shown
    assert "Money on its way back: €43.00 queued" in shown
    assert f"{booking.code} Ada Example €43.00 Ended. €43.00 queued." in shown
    again = text_of(client.get(at("cancel-event", event)))
    assert "This event was cancelled. What became of its bookings" in again


def test_a_draft_is_neither_cancelled_nor_moved(noon: datetime) -> None:
    draft = EventFactory(title="First night")
    client, _user = at_work("organizer", draft.organization)
    for name in ("cancel-event", "move-event"):
        shown = client.get(at(name, draft))
        assert "Nobody knows of a draft" in text_of(shown)
        assert 'type="submit"' not in shown.content.decode().split('id="content-main"')[1]
    refused = client.post(at("cancel-event", draft), CANCELLED, follow=True)
    assert "Nobody knows of a draft" in text_of(refused)
    assert not Batch.objects.exists()


def test_the_ordinary_form_neither_cancels_nor_moves_what_is_booked(event: Event) -> None:
    """U39: nobody's evening is changed without a word."""
    paid(event)
    client, _user = at_work("organizer", event.organization)
    change = reverse("admin:events_event_change", args=[event.pk])
    shown = client.get(change)
    form = shown.context["adminform"].form
    assert not {"status", "starts_at", "moved_from", "returnable_until", "change_note"} & set(form.fields)
    assert "“Move” at the top gives it another start, and tells them." in text_of(shown)
    sent = fields_of(shown) | {"status": "cancelled", "starts_at": "2026-07-09T20:00", "title": "Second night"}
    assert client.post(change, sent).status_code == 302
    before = event.starts_at
    event.refresh_from_db()
    assert (event.status, event.starts_at, event.title) == ("published", before, "Second night")
    wrong = client.post(change, sent | {"ends_at": "2026-07-01T19:00"})
    assert "An event ends after its start." in text_of(wrong)


def test_what_nobody_booked_is_moved_in_its_form(event: Event) -> None:
    client, _user = at_work("organizer", event.organization)
    shown = client.get(reverse("admin:events_event_change", args=[event.pk]))
    assert "starts_at" in shown.context["adminform"].form.fields


# --- Moving ---------------------------------------------------------------------------------------


def test_who_moves_an_event_sees_first_what_it_means(event: Event) -> None:
    """U39: all its times, by the clocks of the venue, and what else is on there."""
    paid(event, 3)
    other = event_on_sale(title="Bingo", venue=event.venue, starts_at=event.starts_at + timedelta(days=7, hours=2))
    event_on_sale(title="Chess", venue=event.venue, starts_at=other.starts_at + timedelta(days=1))
    client, _user = at_work("organizer", event.organization)
    form = client.get(at("move-event", event))
    assert 'value="2026-07-01T20:00"' in form.content.decode()
    shown = client.post(at("move-event", event), moved())
    for fact in (
        "Starts Wed, 1 Jul 2026, 20:00 (CEST) Wed, 8 Jul 2026, 20:00 (CEST)",
        "Ends Wed, 1 Jul 2026, 23:00 (CEST) Wed, 8 Jul 2026, 23:00 (CEST)",
        f"“Bingo” is at {event.venue} at that time: Wed, 8 Jul 2026, 22:00 (CEST).",
        "1 booking, 3 tickets",
        "1 mail is sent",
        "Until Mon, 15 Jun 2026, 14:00 (CEST) they can return their tickets",
        "at most €64.50",
    ):
        assert fact in text_of(shown), fact
    assert "Chess" not in text_of(shown)
    event.refresh_from_db()
    assert (event.moved_from, Batch.objects.count()) == (None, 0)


def test_an_event_is_moved_when_what_it_means_was_confirmed(event: Event) -> None:
    """U39"""
    booking = paid(event)
    client, user = at_work("organizer", event.organization)
    preview = client.post(at("move-event", event), moved())
    edited = client.post(at("move-event", event), fields_of(preview) | {"edit": "Change something"})
    assert 'value="2026-07-08T20:00"' in edited.content.decode()
    done = client.post(at("move-event", event), fields_of(preview))
    batch = Batch.objects.get()
    assert (done.status_code, done["Location"]) == (303, at("batch", batch))
    event.refresh_from_db()
    assert event.starts_at == datetime.fromisoformat("2026-07-08T20:00+02:00")
    assert event.returnable_until == datetime.fromisoformat("2026-06-15T12:00+00:00")
    assert AuditEntry.objects.get(action="event.moved").by == user
    finished(batch)
    assert f"{booking.code} Ada Example €43.00 A mail to ada@example.com." in text_of(client.get(at("batch", batch)))
    state = text_of(client.get(reverse("admin:events_event_change", args=[event.pk])))
    assert "What became of its bookings" in state


def test_who_was_overtaken_sees_what_is_there_now(event: Event) -> None:
    """S51: another moved it while this page was open."""
    client, _user = at_work("organizer", event.organization)
    preview = fields_of(client.post(at("move-event", event), moved()))
    times = changing.times_moved(event, event.starts_at + timedelta(days=1))
    finished(batches.move_event(event_id=event.pk, times=times, returnable_for=None))
    again = client.post(at("move-event", event), preview)
    assert again.status_code == 200
    assert "Starts Thu, 2 Jul 2026, 20:00 (CEST) Wed, 8 Jul 2026, 20:00 (CEST)" in text_of(again)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"starts_at": "2026-07-01T20:00"}, "That is when it starts already."),
        ({"starts_at": "2026-05-01T20:00"}, "Please choose a start in the future."),
        ({"ends_at": "2026-07-08T19:00"}, "An event ends after its start."),
        ({"doors_at": "2026-07-08T21:00"}, "Doors open before the start."),
        ({"sales_end": "2026-07-10T20:00"}, "Sales would go on after the event is over."),
        ({"returnable_days": "-1"}, "greater than or equal to 0"),
        ({"starts_at": ""}, "This field is required."),
    ],
)
def test_times_that_cannot_be_are_said_beside_their_field(event: Event, fields: dict[str, str], said: str) -> None:
    client, _user = at_work("organizer", event.organization)
    refused = client.post(at("move-event", event), moved(**fields))
    assert refused.status_code == 422
    assert said in text_of(refused)
    assert not Batch.objects.exists()


def test_a_start_that_no_clock_shows_is_refused(event: Event) -> None:
    """R45: when summer time begins, 02:30 isn't."""
    client, _user = at_work("organizer", event.organization)
    refused = client.post(at("move-event", event), moved(starts_at="2027-03-28T02:30"))
    assert refused.status_code == 422
    assert not Batch.objects.exists()


# --- How far it is --------------------------------------------------------------------------------


def test_a_page_that_looks_again_gets_news_or_nothing(event: Event) -> None:
    paid(event, 1), paid(event, 1)
    client, _user = at_work("organizer", event.organization)
    batch = batches.cancel_event(event_id=event.pk, reason="ill")
    shown = client.get(at("batch", batch))
    version = shown.context["progress"].version
    assert client.get(at("batch", batch), {"v": version}, headers=HTMX).status_code == 204
    batches.work(batch_id=batch.pk, most=1)
    news = client.get(at("batch", batch), {"v": version}, headers=HTMX)
    assert news.content.decode().strip().startswith('<div id="progress" data-again hx-get=')
    assert "1 of 2 bookings have had their turn." in text_of(news)
    finished(batch)
    over = client.get(at("batch", batch), {"v": version}, headers=HTMX)
    assert "hx-get" not in over.content.decode()  # nobody asks any more


def test_what_failed_is_found_and_tried_again(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    bookings = [paid(event, 1) for _booking in range(3)]

    def stumble(row: Any) -> None:
        if row.booking_id == bookings[1].pk:
            raise ValueError("no")

    with monkeypatch.context() as broken:
        broken.setitem(batches.DOING, Batch.Kind.CANCEL_EVENT, stumble)
        batch = finished(batches.cancel_event(event_id=event.pk, reason="ill"))
    client, _user = at_work("organizer", event.organization)
    shown = client.get(at("batch", batch), {"show": "failed"})
    assert "Over, but for 1 booking that went wrong." in text_of(shown)
    assert [each.booking for each in shown.context["outcomes"]] == [bookings[1]]
    assert f"{bookings[1].code} Ada Example €21.50 It went wrong: ValueError" in text_of(shown)
    done = client.post(at("batch-again", batch), follow=True)
    assert "1 booking is tried again." in text_of(done)
    batch.refresh_from_db()
    finished(batch)
    assert Booking.objects.get(pk=bookings[1].pk).status == "cancelled"
    assert "Try what failed again" not in text_of(client.get(at("batch", batch)))


def test_many_bookings_are_no_more_questions_than_one(event: Event) -> None:
    """The page is looked at every two seconds: nothing new are as few questions as can be."""
    client, _user = at_work("organizer", event.organization)
    asked = [questions(client, event_on_sale(venue=event.venue), bookings=count) for count in (1, 5)]
    assert asked[0] == asked[1]
    assert asked[0][1] <= 7


def questions(client: Client, event: Event, *, bookings: int) -> tuple[int, int]:
    """How many there are for the page, and for the look whether there are news."""
    for _booking in range(bookings):
        paid(event, 1)
    address = at("batch", finished(batches.cancel_event(event_id=event.pk, reason="ill")))
    version = client.get(address).context["progress"].version
    with CaptureQueriesContext(connection) as page_asks:
        client.get(address)
    with CaptureQueriesContext(connection) as poll_asks:
        assert client.get(address, {"v": version}, headers=HTMX).status_code == 204
    return len(page_asks), len(poll_asks)


# --- What customers see ---------------------------------------------------------------------------


def test_everybody_is_told_on_every_page(client: Client, event: Event) -> None:
    """U39: on the event's page, the booking's and in "my bookings", moved and then cancelled."""
    booking, waiting = paid(event), with_details(reserve(event), "grace@example.com")
    Booking.objects.filter(pk=booking.pk).update(user=at_work("support", event.organization)[1])
    me = Booking.objects.get(pk=booking.pk).user
    client.force_login(me)
    staff, _user = at_work("organizer", event.organization)
    staff.post(at("move-event", event), fields_of(staff.post(at("move-event", event), moved())))
    finished(Batch.objects.get())
    dates = "It was on Wed, 1 Jul 2026, 20:00 (CEST) , and is now on Wed, 8 Jul 2026, 20:00 (CEST)"
    for address in (event.get_absolute_url(), page(booking, "booking"), page(waiting, "review")):
        said = text_of(client.get(address))
        assert dates in said, address
        assert "The hall is being repaired." in said, address
    assert "you can return them until Mon, 15 Jun 2026, 14:00 (CEST)" in text_of(client.get(page(booking, "booking")))
    assert "New date. It was on Wed, 1 Jul 2026, 20:00 (CEST)." in text_of(client.get(reverse("my-bookings")))

    batch = Batch.objects.get(pk=batches.cancel_event(event_id=event.pk, reason="ill", note="She lost her voice.").pk)
    Event.objects.filter(pk=event.pk).update(slug="first-night-off")  # pages are kept for a second by their address
    event.refresh_from_db()
    before = text_of(client.get(page(booking, "booking")))
    assert "Your booking is about to end too: everything that was paid goes back, fees included." in before
    finished(batch)
    for address in (event.get_absolute_url(), page(booking, "booking"), page(waiting, "booking")):
        said = text_of(client.get(address))
        assert "This event was cancelled" in said, address
        assert "She lost her voice." in said, address
    assert "Take it out of my calendar" in text_of(client.get(page(booking, "booking")))
    ended = text_of(client.get(reverse("my-bookings"), {"show": "ended"}))
    assert "She lost her voice. Everything that was paid goes back, fees included." in ended
    assert "event cancelled €43.00" in ended
