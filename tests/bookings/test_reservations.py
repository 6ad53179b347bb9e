"""From a choice to reserved places, and back."""

from datetime import datetime, timedelta

import pytest

from bookings.queries.promises import violations
from bookings.services import reservations
from core import clock
from events.models import EventSeat
from tests.factories import event_on_sale, paid, reserve

pytestmark = pytest.mark.django_db


def test_a_reservation_keeps_its_places_until_its_deadline(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 5})
    booking = reserve(event, 2)
    assert booking.status == "pending"
    assert booking.reserved_until == noon + timedelta(minutes=15)
    places = EventSeat.objects.filter(event=event)
    assert places.filter(status="reserved", reserved_until=booking.reserved_until).count() == 2
    assert places.filter(status="available").count() == 3
    assert list(violations()) == []


def test_a_lapsed_reservation_is_sold_to_the_next_with_every_worker_dead(noon: datetime) -> None:
    """R13"""
    event = event_on_sale(levels={"Standing": 2})
    first = reserve(event, 2)
    clock.advance(timedelta(minutes=15, seconds=6))
    second = reserve(event, 2)
    first.refresh_from_db()
    assert (first.status, second.status) == ("expired", "pending")
    assert list(violations()) == []


def test_a_paid_booking_keeps_its_places(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 2})
    booking = paid(event)
    clock.advance(timedelta(hours=2))
    assert reservations.expire_due() == 0
    assert booking.status == "confirmed"
    assert list(violations()) == []
