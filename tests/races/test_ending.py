"""Cancelling, expiring, extending and paying, all at once."""

from datetime import datetime, timedelta

import pytest

from bookings.models import Booking, Payment
from bookings.services import cancellations, reservations
from core import clock
from core.models import AuditEntry
from events.models import EventSeat
from tests.factories import event_on_sale, handed_over, paid, reserve, settle, with_details
from tests.races.harness import (
    Act,
    Halted,
    Started,
    broken,
    race,
    told,
    until,
    waiting_for_a_lock,
    without_row_locks,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WRITING_PLACES = 'UPDATE "events_eventseat"'


def cancel(booking: Booking) -> Act:
    """Somebody cancels the booking."""
    return lambda: cancellations.cancel(booking_id=booking.pk, reason="asked for by the customer")


def expire(booking: Booking) -> Act:
    """A worker ends the booking if its time is over."""
    return lambda: reservations.expire(booking_id=booking.pk)


def money(payment: Payment) -> Act:
    """The provider says that the money is there."""
    return lambda: settle(payment)


def actions(booking: Booking) -> list[str]:
    """What was recorded of a booking, in order."""
    entries = AuditEntry.objects.filter(object_type="bookings.booking", object_id=booking.pk)
    return list(entries.order_by("pk").values_list("action", flat=True))


def outcome(booking: Booking) -> tuple[str, str | None, list[str]]:
    """How a booking with one payment ended: its state, why its money went back, the states of its places."""
    status, reason = Booking.objects.values_list("status", "payments__refunds__reason").get(pk=booking.pk)
    return status, reason, list(EventSeat.objects.filter(event=booking.event_id).values_list("status", flat=True))


def test_a_booking_cancelled_ten_times_at_once_gives_its_places_and_money_back_once() -> None:
    """R25"""
    booking = paid(event_on_sale(levels={"Standing": 2}))
    answers = race([cancel(booking)] * 10)
    assert [each.status for each in answers] == ["cancelled"] * 10
    assert outcome(booking) == ("cancelled", "cancelled", ["available", "available"])
    assert actions(booking)[-3:] == ["booking.confirmed", "booking.cancelled", "refund.queued"]
    assert broken() == set()


def test_without_locks_the_database_alone_keeps_money_from_going_back_ten_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R25, R18: the twin without locks."""
    without_row_locks(monkeypatch)
    booking = paid(event_on_sale(levels={"Standing": 2}))
    answers = race([cancel(booking)] * 10, meet_before=WRITING_PLACES)
    told_them = told(answers)
    assert told_them.pop("Booking") == 1
    assert set(told_them) <= {"TooMuch", "IntegrityError"}  # by who read the sum before, or after, it was written
    assert sum(told_them.values()) == 9


def test_without_locks_a_place_given_back_twice_is_taken_from_its_next_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    """R25, R18: the twin without locks, of a booking without money: the checker sees it."""
    without_row_locks(monkeypatch)
    event = event_on_sale(levels={"Standing": 2})
    booking = reserve(event)
    again = Halted(cancel(booking), before=WRITING_PLACES)
    cancel(booking)()
    reserve(event)
    assert again.go_on().status == "cancelled"
    assert broken() == {"R4", "R7"}


def test_a_cancelled_place_that_is_sold_again_stays_with_its_next_owner() -> None:
    """R25: the same order of events, with locks: the second to cancel waits and finds nothing to do."""
    event = event_on_sale(levels={"Standing": 2})
    booking = reserve(event)
    first = Halted(cancel(booking), before=WRITING_PLACES)
    second = Started(cancel(booking))
    until(waiting_for_a_lock)
    assert [first.go_on().status, second.end().status] == ["cancelled", "cancelled"]
    assert reserve(event).status == "pending"
    assert broken() == set()


def test_cancelling_and_paying_at_once_ends_cancelled_with_the_money_on_its_way_back() -> None:
    """R25: whichever comes first, sixteen times."""
    asked = [handed_over(reserve(event_on_sale(levels={"Standing": 2}))) for _booking in range(16)]
    answers = race([act for each in asked for act in (cancel(each.booking), money(each))])
    assert told(answers) == {"Booking": 32}
    assert [outcome(each.booking) for each in asked] == [("cancelled", "cancelled", ["available", "available"])] * 16
    assert broken() == set()


def test_without_locks_money_for_a_cancelled_booking_confirms_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """R25, R18: the twin without locks: money decides on a booking that it saw before it was cancelled."""
    without_row_locks(monkeypatch)
    asked = handed_over(reserve(event_on_sale(levels={"Standing": 2})))
    too_late = Halted(money(asked), before='UPDATE "bookings_payment"')
    cancel(asked.booking)()
    assert too_late.go_on().status == "confirmed"
    assert broken() == {"R4", "R7"}


def test_cancelling_expiring_and_paying_late_at_once_never_keeps_money_without_places(noon: datetime) -> None:
    """R25, R30: whichever comes first, ten times."""
    asked = [handed_over(reserve(event_on_sale(levels={"Standing": 2}))) for _booking in range(10)]
    clock.advance(reservations.LONGEST)
    answers = race([act for each in asked for act in (expire(each.booking), money(each), cancel(each.booking))])
    assert told(answers) == {"Booking": 30}
    outcomes = [outcome(each.booking) for each in asked]
    cancelled, kept = ("cancelled", "cancelled", ["available"] * 2), ("confirmed", None, ["sold"] * 2)
    assert [each for each in outcomes if each not in (cancelled, kept)] == []
    assert broken() == set()


def extended_at_the_last_moment(noon: datetime) -> tuple[Booking, Halted]:
    """A booking whose extension was accepted just in time, and takes so long that the time is over now."""
    booking = reserve(event_on_sale(levels={"Standing": 2}))
    clock.advance(reservations.RESERVED_FOR)
    extension = Halted(lambda: reservations.extend(booking_id=booking.pk), before=WRITING_PLACES)
    clock.advance(timedelta(seconds=6))
    return booking, extension


def test_who_expires_a_booking_waits_for_its_extension_and_leaves_it_alone(noon: datetime) -> None:
    """R24: extend against expire."""
    booking, extension = extended_at_the_last_moment(noon)
    expiry = Started(expire(booking))
    until(waiting_for_a_lock)
    until_when = noon + reservations.RESERVED_FOR + reservations.EXTENSION
    assert (extension.go_on().reserved_until, expiry.end().status) == (until_when, "pending")
    assert actions(booking) == ["booking.reserved", "booking.extended"]
    assert broken() == set()


def test_without_locks_a_booking_is_expired_and_extended(noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R24, R18: the twin without locks. The database refuses a deadline for a place that is free again."""
    without_row_locks(monkeypatch)
    booking, extension = extended_at_the_last_moment(noon)
    assert expire(booking)().status == "expired"
    assert told([extension.go_on()]) == {"IntegrityError": 1}
    assert "reserved_means_until_when" in str(extension.answer)


def test_who_extends_waits_for_the_expiry_and_is_told_that_it_is_too_late(noon: datetime) -> None:
    """R24: expire against extend."""
    booking = reserve(event_on_sale(levels={"Standing": 2}))
    clock.advance(timedelta(minutes=16))
    expiry = Halted(expire(booking), before=WRITING_PLACES)
    extension = Started(lambda: reservations.extend(booking_id=booking.pk))
    until(waiting_for_a_lock)
    assert (expiry.go_on().status, told([extension.end()])) == ("expired", {"TooLate": 1})
    assert broken() == set()


def test_a_booking_on_its_way_to_be_extended_counts_against_the_limit_per_person(noon: datetime) -> None:
    """R9: extend against another booking of the same person."""
    event = event_on_sale(levels={"Standing": 4}, max_per_customer=2)
    booking, another = with_details(reserve(event)), reserve(event)
    clock.advance(timedelta(minutes=1))
    reservations.extend(booking_id=another.pk)
    clock.advance(booking.reserved_until - clock.now())
    extension = Halted(lambda: reservations.extend(booking_id=booking.pk), before=WRITING_PLACES)
    clock.advance(timedelta(seconds=6))
    details = Started(lambda: with_details(another))
    until(lambda: waiting_for_a_lock() or not details.thread.is_alive())
    assert extension.go_on().status == "pending"
    assert told([details.end()]) == {"OverLimit": 1}
    assert broken() == set()
