"""An event that is cancelled while people book, and workers that meet at its bookings, or die over them."""

import json

import pytest

from bookings.models import Batch, Booking, Refund
from bookings.services import batches
from events.models import Event, EventSeat
from events.services import inventory
from notifications.models import Message
from tests.factories import event_on_sale, handed_over, paid, reserve, settle
from tests.races.harness import (
    GUARD,
    Act,
    Halted,
    Started,
    broken,
    no_shop_is_connected,
    race,
    shop,
    until,
    waiting_for_a_lock,
    without_row_locks,
)
from tests.races.test_crashes import ended

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WRITING_A_BOOKING = 'INSERT INTO "bookings_booking"'
WRITING_PLACES = 'UPDATE "events_eventseat"'


def cancel(event: Event) -> Batch:
    return batches.cancel_event(event_id=event.pk, reason="the singer is ill")


def finish(batch: Batch) -> None:
    while not Batch.objects.get(pk=batch.pk).finished_at:
        batches.work(batch_id=batch.pk)


def statuses(event: Event) -> tuple[set[str], set[str]]:
    """How the bookings of an event, and its places, have ended."""
    booked = Booking.objects.filter(event=event).values_list("status", flat=True)
    return set(booked), set(EventSeat.objects.filter(event=event).values_list("status", flat=True))


def test_who_was_about_to_book_when_the_event_was_cancelled_is_found() -> None:
    """U39: cancelling waits for places that are being claimed, so their booking is there when it looks."""
    event = event_on_sale(levels={"Standing": 2})
    buyer = Halted(lambda: reserve(event), before=WRITING_A_BOOKING)
    cancelling = Started(lambda: cancel(event))
    until(waiting_for_a_lock)
    assert buyer.go_on().status == "pending"
    finish(cancelling.end())
    assert statuses(event) == ({"cancelled"}, {"blocked"})
    assert broken() == set()


def test_where_free_places_are_not_blocked_somebody_keeps_tickets(monkeypatch: pytest.MonkeyPatch) -> None:
    """U39, R18: the twin that only looks for bookings."""
    monkeypatch.setattr(inventory, "block_free", lambda event: 0)
    event = event_on_sale(levels={"Standing": 2})
    buyer = Halted(lambda: reserve(event), before=WRITING_A_BOOKING)
    finish(cancel(event))
    assert buyer.go_on().status == "pending"
    assert broken() == {"U39"}


def test_buyers_payers_and_workers_at_once_leave_nobody_behind() -> None:
    """U39, R25: eight book, eight pay, one cancels, and three workers begin at once, some of them too early."""
    event = event_on_sale(levels={"Standing": 60})
    asked = [handed_over(reserve(event)) for _booking in range(8)]
    buyers: list[Act] = [lambda: reserve(event)] * 8
    payers: list[Act] = [lambda payment=payment: settle(payment) for payment in asked]
    race([*buyers, lambda: cancel(event), *payers, *[batches.work_due] * 3])
    finish(Batch.objects.get())
    assert statuses(event) == ({"cancelled"}, {"blocked"})
    assert Refund.objects.count() == 8
    assert broken() == set()


def test_workers_that_meet_at_a_batch_deal_with_each_booking_once() -> None:
    """R26: none waits for another either."""
    event = event_on_sale(levels={"Standing": 20})
    bookings = [paid(event, 1) for _booking in range(12)]
    batch = cancel(event)
    dealt_with = race([lambda: batches.work(batch_id=batch.pk)] * 6)
    assert sum(dealt_with) == 12
    finish(batch)
    assert Refund.objects.count() == len(bookings) == Message.objects.filter(kind="event-cancelled").count()
    assert set(batch.rows.values_list("status", flat=True)) == {"done"}
    assert broken() == set()


def test_a_worker_passes_by_what_another_is_at() -> None:
    """R26"""
    event = event_on_sale(levels={"Standing": 4})
    paid(event, 1)
    batch = cancel(event)
    row = batch.rows.get().pk
    first = Halted(lambda: batches._deal(row_id=row), before=WRITING_PLACES)
    assert batches._deal(row_id=row) is False
    assert first.go_on() is True


def test_without_locks_two_workers_end_one_booking(monkeypatch: pytest.MonkeyPatch) -> None:
    """R26, R18: the twin; what stops the second is only that nobody gets one mail twice."""
    without_row_locks(monkeypatch)
    event = event_on_sale(levels={"Standing": 4})
    paid(event, 1)
    row = cancel(event).rows.get().pk
    first = Halted(lambda: batches._deal(row_id=row), before=WRITING_PLACES)
    assert batches._deal(row_id=row) is True
    assert isinstance(first.go_on(), Exception)


def killed_at_every_step(*how: str) -> int:
    """Cancel an event with some bookings, kill the worker over and over; return how often."""
    event = event_on_sale(levels={"Standing": 20})
    for _booking in range(4):
        paid(event, 1)
    batch = cancel(event)
    with ended(shop("batch", batch.pk, *how)) as process:
        *faults, last = process.communicate(timeout=2 * GUARD)[0].splitlines()
    until(no_shop_is_connected)
    assert how or not faults
    return json.loads(last)["killed"]


def test_a_worker_killed_before_any_of_its_statements_is_gone_on_for() -> None:
    """R36, U39"""
    assert killed_at_every_step() > 20
    assert statuses(Event.objects.get()) == ({"cancelled"}, {"blocked"})
    assert Refund.objects.count() == Message.objects.filter(kind="event-cancelled").count() == 4
    assert broken() == set()


def test_a_worker_that_commits_between_its_steps_is_caught() -> None:
    """R36, R18: the twin without transactions."""
    killed_at_every_step("torn")
    assert broken() != set()
