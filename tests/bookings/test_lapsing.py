"""What becomes of a reservation: it lapses, is extended, or is given up."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bookings.models import Booking
from bookings.queries.promises import violations
from bookings.services import reservations
from core import clock
from core.models import AuditEntry
from events.models import EventSeat
from events.services.inventory import NotEnough
from tests.factories import event_on_sale, handed_over, paid, reserve, settle, with_details

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_a_lapsed_reservation_is_sold_to_the_next_with_every_worker_dead(noon: datetime) -> None:
    """R13"""
    event = event_on_sale(levels={"Standing": 2})
    first = reserve(event, 2)
    clock.advance(timedelta(minutes=15, seconds=6))
    second = reserve(event, 2)
    first.refresh_from_db()
    assert (first.status, second.status) == ("expired", "pending")
    assert list(violations()) == []


def test_a_sale_that_ends_what_has_lapsed_spares_what_has_not(noon: datetime) -> None:
    """R13"""
    event = event_on_sale(levels={"Standing": 3})
    lapsed = [reserve(event, 1) for _number in range(2)]
    clock.advance(timedelta(minutes=10))
    fresh = reserve(event, 1)
    clock.advance(timedelta(minutes=6))
    reserve(event, 2)
    statuses = dict(Booking.objects.values_list("pk", "status"))
    assert {statuses[each.pk] for each in lapsed} == {"expired"}
    assert statuses[fresh.pk] == "pending"
    assert list(violations()) == []


def test_a_reservation_in_its_grace_is_nobody_elses(noon: datetime) -> None:
    """A payment counts until the deadline; others have the places five seconds later."""
    event = event_on_sale(levels={"Standing": 2})
    first = reserve(event, 2)
    clock.advance(timedelta(minutes=15, seconds=5))
    with pytest.raises(NotEnough, match="sold out"):
        reserve(event, 1)
    assert reservations.expire(booking_id=first.pk).status == "pending"
    clock.advance(timedelta(microseconds=1))
    assert reservations.expire(booking_id=first.pk).status == "expired"


def test_expiring_gives_the_places_back_once_and_says_so(noon: datetime) -> None:
    """R11"""
    event = event_on_sale(levels={"Standing": 2})
    booking = with_details(reserve(event, 2))
    clock.advance(timedelta(minutes=16))
    ended = [reservations.expire(booking_id=booking.pk) for _again in range(2)][0]
    assert (ended.status, ended.ended_at, ended.end_reason) == ("expired", clock.now(), "not paid in time")
    assert set(ended.tickets.values_list("status", "voided_at")) == {("void", clock.now())}
    assert EventSeat.objects.filter(status="available", reserved_until=None).count() == 2
    assert AuditEntry.objects.filter(action="booking.expired").count() == 1
    assert list(violations()) == []


def test_expiring_spares_what_was_paid(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 2})
    booking = paid(event)
    clock.advance(timedelta(hours=2))
    assert reservations.expire_due() == 0
    assert reservations.expire(booking_id=booking.pk).status == "confirmed"
    assert list(violations()) == []


def test_all_that_is_due_ends_and_nothing_else(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 9})
    due = [reserve(event, 1) for _number in range(3)]
    clock.advance(timedelta(minutes=10))
    fresh = reserve(event, 1)
    clock.advance(timedelta(minutes=6))
    assert reservations.expire_due(limit=2) == 2
    assert reservations.expire_due() == 1
    assert reservations.expire_due() == 0
    assert set(Booking.objects.filter(status="expired")) == set(due)
    fresh.refresh_from_db()
    assert fresh.status == "pending"


# --- Extending and giving up ----------------------------------------------------------------------


def test_a_reservation_is_extended_twice_and_its_places_with_it(noon: datetime) -> None:
    """U21, S42"""
    booking = reserve(event_on_sale())
    for minutes in (25, 35):
        booking = reservations.extend(booking_id=booking.pk)
        assert booking.reserved_until == noon + minutes * MINUTE
        assert set(EventSeat.objects.filter(status="reserved").values_list("reserved_until", flat=True)) == {
            booking.reserved_until
        }
    with pytest.raises(reservations.TooLate, match="can't be extended any further"):
        reservations.extend(booking_id=booking.pk)
    booking.refresh_from_db()
    assert (booking.reserved_until, booking.extensions) == (noon + 35 * MINUTE, 2)
    assert AuditEntry.objects.filter(action="booking.extended").count() == 2
    assert list(violations()) == []


def test_no_extension_goes_beyond_an_hour_in_all(noon: datetime) -> None:
    """S42"""
    booking = reserve(event_on_sale())
    with clock.at(noon + 14 * MINUTE):
        reservations.extend(booking_id=booking.pk)
    Booking.objects.update(reserved_until=noon + 55 * MINUTE)
    EventSeat.objects.filter(status="reserved").update(reserved_until=noon + 55 * MINUTE)
    clock.advance(50 * MINUTE)
    assert reservations.extend(booking_id=booking.pk).reserved_until == noon + 60 * MINUTE
    Booking.objects.update(extensions=0)
    with pytest.raises(reservations.TooLate):
        reservations.extend(booking_id=booking.pk)


ENDINGS: dict[str, Callable[[Booking], object]] = {
    "lapsed": lambda booking: clock.advance(15 * MINUTE + timedelta(microseconds=1)),
    "confirmed": lambda booking: settle(handed_over(booking)),
    "given up": lambda booking: reservations.give_up(booking_id=booking.pk),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("act", [reservations.extend, reservations.give_up], ids=["extend", "give up"])
def test_what_is_over_is_neither_extended_nor_given_up(
    noon: datetime, ending: str, act: Callable[..., Booking]
) -> None:
    booking = reserve(event_on_sale())
    ENDINGS[ending](booking)
    before = (Booking.objects.values().get(), list(EventSeat.objects.order_by("pk").values()))
    with pytest.raises(reservations.TooLate):
        act(booking_id=booking.pk)
    assert (Booking.objects.values().get(), list(EventSeat.objects.order_by("pk").values())) == before


def test_a_reservation_can_be_extended_at_its_very_deadline(noon: datetime) -> None:
    booking = reserve(event_on_sale())
    clock.advance(15 * MINUTE)
    assert reservations.extend(booking_id=booking.pk).reserved_until == noon + 25 * MINUTE


def test_giving_up_frees_the_places_at_once(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 2})
    booking = reservations.give_up(booking_id=reserve(event, 2).pk)
    assert (booking.status, booking.ended_at, booking.end_reason) == ("cancelled", noon, "given up by the customer")
    assert reserve(event, 2).status == "pending"
    assert list(violations()) == []
