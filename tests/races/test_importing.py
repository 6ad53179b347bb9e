"""The last places are brought in from elsewhere while customers buy them."""

from typing import Any

import pytest

from backoffice.services import imports
from bookings.models import Booking
from bookings.services import reservations
from core import codes
from events.models import Event, EventSeat
from tests.backoffice.test_imports import checked, file, sold
from tests.factories import event_on_sale, price_of
from tests.races.harness import broken, race

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

PLACES, EACH = 12, 2


def at_once() -> Event:
    """Import as many bookings as there are places for, while as many customers reserve the same."""
    event = event_on_sale(title="Songs at Night", levels={"Standing": PLACES}, max_per_customer=None)
    lines = [sold(code=f"A-{number}", quantity=EACH) for number in range(PLACES // EACH)]
    found = checked(event.organization, "bookings", file(*lines))
    imports.confirm(import_id=found.pk)
    price = price_of(event).pk

    def buy() -> Any:
        return reservations.reserve(event=event, quantities={price: EACH}, key=codes.secret())

    def carry_out() -> Any:
        return imports.work(import_id=found.pk)

    race([carry_out, buy] * 4)
    while imports.work(import_id=found.pk):
        pass
    return event


def test_an_import_never_sells_what_somebody_has() -> None:
    """R1, R4, U50: every place is on one ticket at most, and together they are no more than there are."""
    event = at_once()
    assert broken() == set()
    held = Booking.objects.held().filter(event=event)
    assert sum(booking.quantity for booking in held) == PLACES
    assert not EventSeat.objects.free().filter(event=event).exists()


def test_many_workers_bring_in_each_line_once() -> None:
    """U50: whoever comes second finds the line dealt with."""
    event = event_on_sale(title="Songs at Night", levels={"Standing": PLACES}, max_per_customer=None)
    lines = [sold(code=f"A-{number}", quantity=1) for number in range(PLACES)]
    found = checked(event.organization, "bookings", file(*lines))
    imports.confirm(import_id=found.pk)
    race([lambda: imports.work(import_id=found.pk)] * 6)
    while imports.work(import_id=found.pk):
        pass
    assert Booking.objects.filter(channel="import").count() == PLACES
    assert set(found.rows.values_list("status", flat=True)) == {"done"}
    assert broken() == set()
