"""What is done to all bookings of an event: it is cancelled, or moved."""

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from django.db import OperationalError

from bookings.models import Batch, BatchRow, Booking, Document, Payment, Refund
from bookings.queries.changes import progress, reach, returns_in_full
from bookings.queries.promises import violations
from bookings.queries.returns import offer_for, own
from bookings.services import batches, box_office, housekeeping, payments, reservations
from bookings.services.batches import StillChanging
from bookings.services.reservations import TooLate
from core import clock, codes
from core.models import AuditEntry
from events.models import Event, EventSeat, NotOnSale
from events.services import changing
from events.services.changing import BadTimes, CantChange, Times
from notifications import outbox
from notifications.models import Message
from tests.factories import (
    EventFactory,
    event_on_sale,
    handed_over,
    member,
    news_of,
    paid,
    place_at,
    price_of,
    reserve,
    reserve_seats,
    seated_event,
    settle,
    with_details,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def cancel(event: Event, **said: Any) -> Batch:
    return batches.cancel_event(event_id=event.pk, reason="the singer is ill", **said)


def move(event: Event, later: timedelta = 7 * DAY, **said: Any) -> Batch:
    times = changing.times_moved(event, event.starts_at + later)
    return batches.move_event(event_id=event.pk, times=times, **{"returnable_for": 14 * DAY} | said)


def finish(batch: Batch) -> Batch:
    """Let workers do what is left."""
    while not batch.finished_at:
        batches.work(batch_id=batch.pk, most=2)
        batch.refresh_from_db()
    return batch


def places(event: Event) -> dict[str, int]:
    """How many places of an event are in each state."""
    statuses = list(EventSeat.objects.filter(event=event).values_list("status", flat=True))
    return {status: statuses.count(status) for status in sorted(set(statuses))}


def mails(kind: str) -> list[str]:
    return sorted(Message.objects.filter(kind=kind).values_list("to", flat=True))


def rows(batch: Batch) -> dict[str, int]:
    statuses = list(batch.rows.values_list("status", flat=True))
    return {status: statuses.count(status) for status in sorted(set(statuses))}


# --- Cancelling -----------------------------------------------------------------------------------


def test_a_cancelled_event_gives_everybody_all_their_money_back(noon: datetime) -> None:
    """U39: fees included, whatever a booking was: paid, waiting, by hand, or a present."""
    event = event_on_sale(levels={"Standing": 12}, venue__organization__fee_per_booking=200)
    other = paid(event_on_sale(venue=event.venue))
    online, waiting = paid(event), with_details(reserve(event, 3), "grace@example.com")
    seller = member("support", event.organization)
    till, present = (
        box_office.sell(event=event, quantities={price_of(event).pk: 1}, key=codes.secret(), how=how, by=seller)
        for how in ("cash", "complimentary")
    )
    batch = finish(cancel(event, note="She lost her voice.", by=seller))
    event.refresh_from_db()
    assert (event.status, event.change_note) == ("cancelled", "She lost her voice.")
    ended = {booking.pk: booking for booking in Booking.objects.filter(event=event)}
    assert {(each.status, each.end_reason) for each in ended.values()} == {("cancelled", Booking.EVENT_CANCELLED)}
    assert set(ended) == {online.pk, waiting.pk, till.pk, present.pk}
    back = Refund.objects.order_by("payment__booking").values_list("payment__booking", "amount", "reason", "status")
    assert list(back) == [
        (online.pk, online.total, "event_cancelled", "queued"),
        (till.pk, till.total, "event_cancelled", "by_hand"),
    ]
    assert online.booking_fee == 200
    assert mails("event-cancelled") == ["ada@example.com", "grace@example.com"]
    assert mails("booking-cancelled") == []
    assert places(event) == {"blocked": 12}
    assert rows(batch) == {"done": 4}
    assert Booking.objects.get(pk=other.pk).status == "confirmed"
    assert Document.objects.filter(kind="credit_note").count() == 2
    assert list(violations()) == []


def test_nothing_is_sold_from_the_moment_on(noon: datetime) -> None:
    """U39: before any worker has begun."""
    event = event_on_sale(levels={"Standing": 5})
    booking = paid(event, 2)
    batch = cancel(event)
    assert places(event) == {"blocked": 3, "sold": 2}
    assert batch.finished_at is None
    for read_before in (event, Event.objects.select_related("organization").get(pk=event.pk)):
        with pytest.raises(NotOnSale, match="was cancelled"):
            reserve(read_before)
    assert Booking.objects.get() == booking


def test_it_is_told_who_cancelled_and_why(noon: datetime) -> None:
    event = event_on_sale()
    boss = member("organizer", event.organization)
    cancel(event, by=boss)
    entry = AuditEntry.objects.get(action="event.cancelled")
    assert (entry.by, entry.facts) == (boss, {"reason": "the singer is ill", "places": 10})


def test_cancelling_twice_is_cancelling_once(noon: datetime) -> None:
    """R26"""
    event = event_on_sale()
    booking = paid(event)
    first = finish(cancel(event))
    assert cancel(event) == first
    assert batches.work(batch_id=first.pk) == 0
    assert Refund.objects.get().payment.booking == booking
    assert mails("event-cancelled") == [booking.email]


def test_a_draft_is_not_cancelled_but_deleted(noon: datetime) -> None:
    with pytest.raises(CantChange):
        cancel(EventFactory())
    assert not Batch.objects.exists()


def test_what_was_cancelled_without_us_can_still_be_carried_out(noon: datetime) -> None:
    """An event that an earlier release marked as cancelled left its bookings as they were."""
    event = event_on_sale()
    booking = paid(event)
    Event.objects.update(status="cancelled")
    finish(cancel(event))
    assert Booking.objects.get(pk=booking.pk).status == "cancelled"


def test_money_that_comes_while_it_is_carried_out_goes_back_too(noon: datetime) -> None:
    """R25: before its turn the booking is confirmed and then ended; after it the payment is one too many."""
    event = event_on_sale()
    asked = [handed_over(reserve(event)) for _booking in range(2)]
    batch = cancel(event)
    settle(asked[0])
    finish(batch)
    settle(asked[1])
    assert set(Booking.objects.values_list("status", flat=True)) == {"cancelled"}
    reasons = Refund.objects.order_by("payment").values_list("payment", "reason")
    assert list(reasons) == [(asked[0].pk, "event_cancelled"), (asked[1].pk, "cancelled")]
    assert list(violations()) == []


def test_no_money_is_asked_for_what_does_not_take_place(noon: datetime) -> None:
    """U39: though the booking's turn to end hasn't come yet."""
    event = event_on_sale()
    booking = with_details(reserve(event))
    cancel(event)
    for pay in (
        lambda: payments.hand_over(booking_id=booking.pk, provider="sandbox"),
        lambda: payments.record_by_hand(booking_id=booking.pk, how="cash", by=None),
    ):
        with pytest.raises(TooLate, match="This event was cancelled"):
            pay()
    assert not Payment.objects.exists()


def test_money_that_comes_too_late_for_a_cancelled_event_finds_no_place(noon: datetime) -> None:
    """R29"""
    event = event_on_sale()
    asked = handed_over(reserve(event))
    clock.advance(timedelta(hours=2))
    reservations.expire(booking_id=asked.booking_id)
    finish(cancel(event))
    payments.settle(provider="sandbox", news=news_of(asked))
    assert Refund.objects.get().reason == "too_late"
    assert Booking.objects.get().status == "expired"
    assert list(violations()) == []


def test_a_booking_that_slips_in_is_found_before_it_is_over(noon: datetime) -> None:
    """U39: who had read the event before it was cancelled, and took places that came free since."""
    event = event_on_sale(levels={"Standing": 2})
    early = paid(event)
    stale = Event.objects.select_related("organization").get(pk=event.pk)
    batch = cancel(event)
    batches.work(batch_id=batch.pk, most=0)
    row = batch.rows.get()
    assert batches._deal(row_id=row.pk)
    late = reserve(stale)
    assert (early.pk, late.status) == (row.booking_id, "pending")
    finish(batch)
    assert set(Booking.objects.values_list("status", flat=True)) == {"cancelled"}
    assert (rows(batch), places(event)) == ({"done": 2}, {"blocked": 2})
    assert list(violations()) == []


def test_numbered_seats_and_holds_come_to_rest(noon: datetime) -> None:
    """The places of bookings are blocked in the end; what is kept back stays kept back."""
    event = seated_event({"Stalls": "ssss"})
    EventSeat.objects.filter(pk=place_at(event, "Stalls A 4").pk).update(status="blocked")
    reserve_seats(event, "Stalls A 1", "Stalls A 2")
    finish(cancel(event))
    assert places(event) == {"blocked": 4}


# --- What goes wrong ------------------------------------------------------------------------------


@pytest.fixture
def stumbling(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Bookings whose row can't be dealt with as long as they are listed."""
    listed: list[int] = []
    deal = batches.DOING[Batch.Kind.CANCEL_EVENT]

    def stumble(row: BatchRow) -> None:
        deal(row)
        if row.booking_id in listed:
            raise ValueError("ada@example.com")

    monkeypatch.setitem(batches.DOING, Batch.Kind.CANCEL_EVENT, stumble)
    return listed


def test_one_that_goes_wrong_keeps_no_other_and_is_tried_again(noon: datetime, stumbling: list[int]) -> None:
    """U39: three rounds by itself, then people are told; nothing of a failed try stays, and no address is noted."""
    event = event_on_sale(levels={"Standing": 9})
    bookings = [paid(event, 1) for _booking in range(3)]
    stumbling.append(bookings[1].pk)
    batch = cancel(event)
    for _round in range(batches.ROUNDS):
        batch.refresh_from_db()
        assert batch.finished_at is None
        batches.work_due()
    batch.refresh_from_db()
    failed = batch.rows.get(status="failed")
    assert (rows(batch), failed.booking_id, failed.result) == ({"done": 2, "failed": 1}, bookings[1].pk, "ValueError")
    assert batch.finished_at is not None
    assert not Refund.objects.filter(payment__booking=bookings[1]).exists()
    stumbling.clear()
    assert batches.try_again(batch_id=batch.pk) == 1
    batch.refresh_from_db()
    finish(batch)
    assert rows(batch) == {"done": 3}
    assert Refund.objects.count() == 3
    assert batches.try_again(batch_id=batch.pk) == 0
    assert list(violations()) == []


def test_a_database_that_is_away_is_nobodys_failure(noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R39"""
    event = event_on_sale()
    paid(event)
    batch = cancel(event)

    def gone(row: BatchRow) -> None:
        raise OperationalError("server closed the connection")

    with monkeypatch.context() as away:
        away.setitem(batches.DOING, Batch.Kind.CANCEL_EVENT, gone)
        with pytest.raises(OperationalError):
            batches.work(batch_id=batch.pk)
    assert rows(batch) == {"waiting": 1}
    assert rows(finish(batch)) == {"done": 1}


def test_a_tick_goes_on_with_what_a_killed_worker_left(noon: datetime) -> None:
    """R36: the task is lost, the rows are not."""
    event = event_on_sale(levels={"Standing": 9})
    for _booking in range(3):
        paid(event, 1)
    batch = cancel(event)
    batches.work(batch_id=batch.pk, most=1)
    assert rows(batch) == {"done": 1, "waiting": 2}
    assert housekeeping.tick().batches == 2
    batch.refresh_from_db()
    assert (rows(batch), batch.finished_at) == ({"done": 3}, clock.now())
    assert housekeeping.tick().batches == 0


# --- Moving ---------------------------------------------------------------------------------------


def test_a_moved_event_keeps_its_tickets_and_tells_their_owners(noon: datetime) -> None:
    """U39: old and new time in the venue's zone, in the language of the booking; nothing else changes."""
    event = event_on_sale(levels={"Standing": 12})
    booking, waiting = paid(event), with_details(reserve(event), "grace@example.com")
    Booking.objects.filter(pk=booking.pk).update(language="de")
    before = event.starts_at
    batch = finish(move(event, note="The hall is being repaired."))
    event.refresh_from_db()
    assert (event.moved_from, event.starts_at) == (before, before + 7 * DAY)
    assert event.returnable_until == noon + 14 * DAY
    assert rows(batch) == {"done": 2}
    assert mails("event-moved") == ["ada@example.com", "grace@example.com"]
    told = Message.objects.get(kind="event-moved", to="grace@example.com").text
    assert "It was on: Wed, 1 Jul 2026, 14:00 (CEST)" in told
    assert "It is now on: Wed, 8 Jul 2026, 14:00 (CEST)" in told
    assert "The hall is being repaired." in told
    assert "waiting to be paid" in told
    german = Message.objects.get(kind="event-moved", to="ada@example.com").text
    assert "Mi., 8. Juli 2026, 14:00" in german
    assert f"/bookings/{booking.secret}/calendar" in german
    booking.refresh_from_db()
    assert (booking.status, waiting.status) == ("confirmed", "pending")
    assert not Refund.objects.exists()
    assert list(violations()) == []


def test_it_is_told_who_moved_it_from_when_to_when(noon: datetime) -> None:
    """By the clocks of the venue."""
    event = event_on_sale()
    boss = member("organizer", event.organization)
    move(event, by=boss)
    entry = AuditEntry.objects.get(action="event.moved")
    assert (entry.by, entry.facts) == (boss, {"before": "2026-07-01 14:00+02:00", "after": "2026-07-08 14:00+02:00"})


def test_the_mail_about_an_end_leads_to_what_takes_it_out_of_the_calendar(noon: datetime) -> None:
    """U39: for who had tickets; who only waited for the payment has nothing in it."""
    event = event_on_sale()
    booking, waiting = paid(event), with_details(reserve(event), "grace@example.com")
    finish(cancel(event))
    told = dict(Message.objects.filter(kind="event-cancelled").values_list("to", "text"))
    assert f"/bookings/{booking.secret}/calendar" in told["ada@example.com"]
    assert f"/bookings/{waiting.secret}/calendar" not in told["grace@example.com"]
    assert "nothing is owed" in told["grace@example.com"]


def test_it_may_be_moved_again_and_everybody_is_told_again(noon: datetime) -> None:
    event = event_on_sale()
    first = event.starts_at
    paid(event)
    finish(move(event, 7 * DAY))
    event.refresh_from_db()
    finish(move(event, 7 * DAY, returnable_for=None))
    event.refresh_from_db()
    assert (event.moved_from, event.starts_at) == (first + 7 * DAY, first + 14 * DAY)
    assert event.returnable_until is None
    assert len(mails("event-moved")) == 2


def test_what_was_booked_afterwards_is_not_told(noon: datetime) -> None:
    event = event_on_sale()
    paid(event)
    batch = move(event)
    clock.advance(timedelta(seconds=1))
    paid(Event.objects.select_related("organization").get(pk=event.pk))
    finish(batch)
    assert len(mails("event-moved")) == 1


@pytest.mark.parametrize(
    ("days", "until"), [(14, 14), (60, 37), (None, None)], ids=["a fortnight", "until the start", "not"]
)
def test_tickets_can_be_returned_in_full_for_a_while(noon: datetime, days: int | None, until: int | None) -> None:
    """U39: by who booked before; no longer than until the new start."""
    event = event_on_sale(starts_at=noon + 30 * DAY)
    before = paid(event, 1)
    move(event, 7 * DAY, returnable_for=days and days * DAY)
    clock.advance(timedelta(seconds=1))
    after = paid(Event.objects.select_related("organization").get(pk=event.pk), 1)
    bookings = Booking.objects.select_related("event").in_bulk([before.pk, after.pk])
    said = [
        [returns_in_full(bookings[each.pk], moment) for each in (before, after)]
        for moment in (noon, noon + (until or 0) * DAY, noon + (until or 0) * DAY + timedelta(microseconds=1))
    ]
    expected = [[True, False], [True, False], [False, False]] if until else [[False, False]] * 3
    assert said == expected


def test_what_was_never_moved_is_returned_by_the_rules(noon: datetime) -> None:
    event = event_on_sale()
    assert not returns_in_full(paid(event), noon)


def test_a_moved_event_that_is_cancelled_gives_the_money_back_by_itself(noon: datetime) -> None:
    event = event_on_sale()
    booking = paid(event)
    finish(move(event))
    finish(cancel(event))
    booking = Booking.objects.select_related("event").get(pk=booking.pk)
    assert (booking.status, returns_in_full(booking, noon)) == ("cancelled", False)


def test_one_change_at_a_time(noon: datetime) -> None:
    event = event_on_sale()
    paid(event)
    batch = move(event)
    with pytest.raises(StillChanging):
        cancel(event)
    event.refresh_from_db()
    assert event.status == "published"
    finish(batch)
    finish(cancel(event))
    event.refresh_from_db()
    assert event.status == "cancelled"


@pytest.mark.parametrize("status", ["draft", "cancelled"])
def test_only_what_is_published_is_moved(noon: datetime, status: str) -> None:
    event = EventFactory(status=status)
    with pytest.raises(CantChange):
        move(event)


@pytest.mark.parametrize(
    ("times", "field"),
    [
        ({"starts_at": 30 * DAY}, "starts_at"),
        ({"starts_at": -DAY}, "starts_at"),
        ({"ends_at": 37 * DAY}, "ends_at"),
        ({"doors_at": 37 * DAY + timedelta(minutes=1)}, "doors_at"),
        ({"sales_end": 38 * DAY}, "sales_end"),
        ({"sales_end": -2 * DAY}, "sales_end"),
    ],
)
def test_times_that_cannot_be_are_refused(noon: datetime, times: dict[str, timedelta], field: str) -> None:
    event = event_on_sale(starts_at=noon + 30 * DAY, sales_start=noon - DAY)
    usual = {"starts_at": 37 * DAY, "ends_at": 37 * DAY + timedelta(hours=3), "doors_at": None, "sales_end": None}
    asked = {name: ahead and noon + ahead for name, ahead in (usual | times).items()}
    with pytest.raises(BadTimes) as refused:
        batches.move_event(event_id=event.pk, times=Times(**asked, accessible_until=None), returnable_for=None)
    event.refresh_from_db()
    assert (refused.value.field, event.starts_at) == (field, noon + 30 * DAY)


def test_what_is_not_said_moves_as_far_as_the_start_by_the_clocks_of_the_venue(noon: datetime) -> None:
    """R45: across the change to winter time the doors still open at seven."""
    start = datetime(2026, 10, 20, 18, tzinfo=UTC)  # 20:00 in Berlin
    event = EventFactory(starts_at=start, doors_at=start - timedelta(hours=1), sales_end=start - DAY)
    moved = changing.times_moved(event, datetime(2026, 10, 27, 19, tzinfo=UTC), sales_end=start)
    assert moved == Times(
        starts_at=datetime(2026, 10, 27, 19, tzinfo=UTC),
        ends_at=datetime(2026, 10, 27, 22, tzinfo=UTC),
        doors_at=datetime(2026, 10, 27, 18, tzinfo=UTC),
        sales_end=start,
        accessible_until=None,
    )


# --- What is told beforehand, and while it is done ------------------------------------------------


def test_what_a_change_would_mean_is_told_before(noon: datetime) -> None:
    """U39: what went back already doesn't go back again, and a present is nobody's money."""
    event = event_on_sale(levels={"Standing": 20})
    seller = member("support", event.organization)
    online = [paid(event), paid(event, 1)]
    refunded = Payment.objects.get(booking=online[1])
    Refund.objects.create(payment=refunded, amount=100, reason="other", created_at=noon, next_attempt_at=noon)
    for how in ("cash", "card", "complimentary"):
        box_office.sell(event=event, quantities={price_of(event).pk: 1}, key=codes.secret(), how=how, by=seller)
    with_details(reserve(event, 3))
    seen = reach(event)
    assert (seen.bookings, seen.unpaid, seen.tickets, seen.mails, seen.without_mail) == (6, 1, 9, 3, 3)
    assert (dict(seen.by_provider), seen.by_hand) == ({"sandbox": 3 * 2_150 - 100}, 2 * 2_150)
    assert seen.money == 5 * 2_150 - 100
    assert reach(event_on_sale()).money == 0


def test_how_far_it_is_can_be_told_at_any_time(noon: datetime) -> None:
    event = event_on_sale()
    paid(event, 1), paid(event, 1)
    batch = cancel(event)
    versions = []
    for _step in range(2):
        seen = progress(batch)
        versions.append(seen.version)
        assert (seen.all, seen.dealt_with, seen.is_over) == (2, len(versions) - 1, False)
        batches._deal(row_id=batch.rows.filter(status="waiting").first().pk)
    finish(batch)
    seen = progress(batch)
    assert (seen.done, seen.is_over, dict(seen.refunds)) == (2, True, {"queued": 4_300})
    assert len({*versions, seen.version}) == 3


def test_what_is_returned_after_a_move_is_returned_whole(noon: datetime) -> None:
    """U39: by who booked before, where the rules allow nothing; who booked the new date is under the rules."""
    event = event_on_sale(venue__organization__fee_per_booking=200)
    early = paid(event, 2)
    move(event)
    clock.advance(timedelta(seconds=1))
    late = paid(Event.objects.select_related("organization").get(pk=event.pk), 2)
    found = Booking.objects.select_related("event__venue", "event__organization").in_bulk([early.pk, late.pk])
    offers = [offer_for(each, list(own(each)), clock.now()) for each in (found[early.pk], found[late.pk])]
    assert [offer.amount for offer in offers] == [early.total, 0]
    assert [bool(offer.why_not) for offer in offers] == [False, True]
    told = Message.objects.filter(kind="event-moved")
    finish(Batch.objects.get())
    assert f"/bookings/{early.secret}/" in told.get().text
    assert "Return tickets: http" in told.get().text


def test_the_entry_for_calendars_comes_with_the_mail(noon: datetime, mailoutbox: list[Any]) -> None:
    """U39: moved, then cancelled, each as it is when the mail is sent; who hasn't paid has nothing in a calendar."""
    event = event_on_sale()
    booking = paid(event)
    with_details(reserve(event), "grace@example.com")
    finish(move(event))
    finish(cancel(event))
    outbox.deliver_due()
    sent = {(mail.to[0], mail.subject): mail.attachments for mail in mailoutbox if event.title in mail.subject}
    entries = [
        icalendar.Calendar.from_ical(sent["ada@example.com", f"{event.title} {said}"][0].content).events[0]
        for said in ("has a new date", "was cancelled")
    ]
    assert [entry["UID"] for entry in entries] == [f"booking-{booking.pk}@localhost"] * 2
    assert [entry["STATUS"] for entry in entries] == ["CANCELLED"] * 2  # it was by the time the mails went
    assert entries[0]["DTSTART"].dt == event.starts_at + 7 * DAY
    assert sent["grace@example.com", f"{event.title} was cancelled"] == []
