"""The last places are brought in from elsewhere while customers buy them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from backoffice.models import Import
from backoffice.services import imports
from bookings.models import Booking, Ticket
from bookings.services import erasure
from core import clock
from events.models import Event, EventSeat
from tests.backoffice.test_imports import checked, file, sold
from tests.factories import event_on_sale, seated_event
from tests.races.harness import (
    Act,
    Halted,
    Started,
    broken,
    race,
    told,
    until,
    waiting_for_a_lock,
    without_constraint,
    without_row_locks,
)
from tests.races.test_batches import WRITING_A_BOOKING
from tests.races.test_reserving import CLAIMING, buyers
from tests.races.test_seats import chooser

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

PLACES, EACH = 12, 2

type House = Callable[[int], tuple[Import, list[Act]]]
"""A confirmed import of all places of an event, two to a booking, and as many customers who want the same ones."""


def standing(places: int) -> tuple[Import, list[Act]]:
    event = event_on_sale(title="Songs at Night", levels={"Standing": places}, max_per_customer=None)
    lines = [sold(code=f"A-{number}", quantity=EACH) for number in range(places // EACH)]
    return confirmed(event, lines), buyers(event, *[EACH] * (places // EACH))


def numbered(places: int) -> tuple[Import, list[Act]]:
    event = seated_event({"Stalls": "s" * places}, title="Songs at Night", avoids_single_gaps=False)
    pairs = [(first, first + 1) for first in range(1, places, EACH)]
    where = {"level": "Stalls", "row": "A", "quantity": ""}
    lines = [sold(code=f"A-{a}", seats=f"{a}, {b}", email=f"p{a}@example.com", **where) for a, b in pairs]
    return confirmed(event, lines), [chooser(event, f"Stalls A {a}", f"Stalls A {b}") for a, b in pairs]


def confirmed(event: Event, lines: list[dict[str, Any]]) -> Import:
    found = checked(event.organization, "bookings", file(*lines))
    assert imports.confirm(import_id=found.pk) == len(lines)
    return found


def carry_out(found: Import) -> Act:
    return lambda: imports.work(import_id=found.pk)


def finish(found: Import) -> None:
    while imports.work(import_id=found.pk):
        pass


HOUSES = pytest.mark.parametrize("house", [standing, numbered])


@HOUSES
def test_an_import_never_sells_what_somebody_has(house: House) -> None:
    """R1, R4, U50: every place is on one ticket at most, and together they are no more than there are."""
    found, customers = house(PLACES)
    race([act for customer in customers for act in (carry_out(found), customer)])
    finish(found)
    assert broken() == set()
    assert sum(booking.quantity for booking in Booking.objects.held()) == PLACES
    assert not EventSeat.objects.free().exists()
    said = {(status, text.partition(":")[0]) for status, text in found.rows.values_list("status", "result")}
    failed = {each for each in said if each[0] == "failed"}
    assert failed <= {("failed", "Quantity"), ("failed", "Seats")}
    assert {status for status, _text in said} <= {"done", "failed"}


@HOUSES
def test_without_locks_it_is_the_database_that_refuses(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """R1, R18: the twin that looks and doesn't lock."""
    without_row_locks(monkeypatch)
    found, (customer,) = house(EACH)
    line, _bought = race([carry_out(found), customer], meet_before=CLAIMING)
    assert line == 1
    assert Booking.objects.held().count() == 1
    assert broken() == set()


@HOUSES
def test_without_locks_and_constraint_an_import_sells_what_somebody_has_and_the_checker_sees_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R1, R18: the twin without locks and without the constraint."""
    without_row_locks(monkeypatch)
    found, (customer,) = house(EACH)
    with without_constraint(Ticket, "one_live_ticket_per_place"):
        assert told(race([carry_out(found), customer], meet_before=CLAIMING)) == {"int": 1, "Booking": 1}
        assert set(found.rows.values_list("status", flat=True)) == {"done"}
        assert Booking.objects.held().count() == 2
        assert "R1" in broken()


def test_many_workers_bring_in_each_line_once() -> None:
    """U50: whoever comes second finds the line dealt with."""
    event = event_on_sale(title="Songs at Night", levels={"Standing": PLACES}, max_per_customer=None)
    found = confirmed(event, [sold(code=f"A-{number}", quantity=1) for number in range(PLACES)])
    race([carry_out(found)] * 6)
    finish(found)
    assert Booking.objects.filter(channel="import").count() == PLACES
    assert set(found.rows.values_list("status", flat=True)) == {"done"}
    assert broken() == set()


def test_workers_that_dont_lock_lines_bring_them_in_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """U50: the twin without locks, and without the constraint."""
    without_row_locks(monkeypatch)
    event = event_on_sale(title="Songs at Night", levels={"Standing": PLACES}, max_per_customer=None)
    found = confirmed(event, [sold(quantity=1)])
    with (
        without_constraint(Ticket, "one_live_ticket_per_place"),
        without_constraint(Booking, "a_booking_is_brought_in_once"),
    ):
        race([carry_out(found)] * 2, meet_before=CLAIMING)
        brought = Booking.objects.filter(external_code="A-1").count()
        Booking.objects.update(external_code="")
    assert brought == 2


def names_left(*, wait: bool) -> set[str]:
    """A line of an event that is over is about to become a booking while who it names is erased."""
    event = event_on_sale(title="Songs at Night", levels={"Standing": PLACES})
    past = clock.now() - timedelta(days=9)
    Event.objects.filter(pk=event.pk).update(starts_at=past, ends_at=past + timedelta(hours=2))
    found = confirmed(event, [sold(sold_at="2026-01-02")])
    worker = Halted(carry_out(found), before=WRITING_A_BOOKING)
    house = event.organization_id
    erasing = Started(lambda: erasure.erase_address(organization_id=house, email="ada@example.com", by=None))
    if wait:
        until(waiting_for_a_lock)
    else:
        erasing.end()
    assert worker.go_on() == 1
    erasing.end()
    return set(Booking.objects.values_list("customer_name", flat=True))


def test_who_is_erased_while_their_line_is_brought_in_is_erased() -> None:
    """S52: erasing waits for the line, and finds the booking."""
    assert names_left(wait=True) == {""}
    assert broken() == set()


def test_without_locks_who_is_erased_meanwhile_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """S52, R18: the twin."""
    without_row_locks(monkeypatch)
    assert names_left(wait=False) == {"Ada Example"}
