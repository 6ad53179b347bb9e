"""Numbered seats: chosen ones, a crowd before the same block, the best available, and a stadium."""

import random
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from typing import Any

import psycopg
from django.db import connection

from bookings.services import reservations
from core import clock, codes
from events.models import Event, EventSeat, Price
from events.services import inventory, plans, publishing
from tests.bench import bare
from tests.bench.house import draft, venue
from tests.bench.load import rate
from tests.bench.report import Report
from venues.demo_plans import stadium
from venues.models import Seat, SeatingPlan, Section
from venues.queries.seats import plan_seats
from venues.services import plans as seating_plans

SECTIONS, ROWS, ACROSS = 20, 25, 40
FRONT = 1_000
"""Pairs of seats that a crowd wants before all others."""

LOCK = (
    "SELECT id, status, ownership, reserved_until, price_level_id, seat_id FROM events_eventseat"
    " WHERE event_id = %s AND id IN (%s, %s) AND seat_id IS NOT NULL ORDER BY id FOR NO KEY UPDATE"
)
ROW = (
    "SELECT id, seat_id FROM events_eventseat WHERE seat_id = ANY(%s) AND event_id = %s AND status = 'available'"
    " AND ownership = 'owned'"
)
NAMES = (
    "SELECT p.id, s.name, t.row, t.number, l.name FROM events_eventseat p JOIN venues_section s ON s.id = p.section_id"
    " JOIN venues_seat t ON t.id = p.seat_id JOIN events_pricelevel l ON l.id = p.price_level_id"
    " WHERE p.id = ANY(%s) ORDER BY p.id"
)
FREE = (
    "SELECT id, seat_id, status FROM events_eventseat WHERE price_level_id = %s AND seat_id IS NOT NULL AND"
    " (ownership = 'owned' AND status = 'available' OR reserved_until < %s AND status = 'reserved')"
)
TAKE = (
    "SELECT id FROM events_eventseat WHERE id IN (%s, %s) AND price_level_id = %s AND ownership = 'owned'"
    " AND status = 'available' ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
)


class Taken(Exception):
    """Somebody was faster."""


def house() -> Event:
    """Return a published event with 20,000 seats at one price."""
    place = venue("Berlin", SECTIONS * ROWS * ACROSS)
    plan = SeatingPlan.objects.create(venue=place, name="Main", status="published", focal_x=40_000)
    areas = Section.objects.bulk_create(
        Section(plan=plan, name=f"{number:02}", tier="House", order=number, shape=[[0, 0], [9, 0], [9, 9]])
        for number in range(SECTIONS)
    )
    Seat.objects.bulk_create(_seats(areas), batch_size=5_000)
    event = draft(place, title="The hot event in a house with seats")
    plans.use(event_id=event.pk, plan_id=plan.pk)
    event = publishing.publish(event_id=event.pk)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE events_eventseat")
    plan_seats(plan.pk)  # which the forks share, as requests do in a process
    return Event.objects.select_related("organization").get(pk=event.pk)


def _seats(areas: list[Section]) -> list[Seat]:
    return [
        Seat(
            section=area,
            row=str(row + 1),
            number=str(at + 1),
            row_order=row,
            position=at,
            x=2_500 * number + 50 * at,
            y=1_000 + 90 * row,
            quality=1_000 - 10 * row - 2 * abs(at - ACROSS // 2) - 5 * abs(number - SECTIONS // 2),
        )
        for number, area in enumerate(areas)
        for row in range(ROWS)
        for at in range(ACROSS)
    ]


def pairs_of(event: Event) -> list[tuple[int, int]]:
    """All seats as pairs of neighbours that leave no gap, front rows first."""
    order = ("seat__row_order", "section", "seat__position")
    ids = list(EventSeat.objects.filter(event=event).order_by(*order).values_list("pk", flat=True))
    return list(zip(ids[::2], ids[1::2], strict=True))


# --- Ours -------------------------------------------------------------------------------------------


type Buyer = Callable[[], object]
type InTurn = Callable[[Callable[[], float], Callable[[], float]], tuple[float, float]]
"""Measures two rates in turn, and returns the best of each."""


def chooser(event: Event, pairs: list[tuple[int, int]], price: Price) -> Buyer:
    """Choose two seats; they are had, or somebody was faster."""

    def choose() -> None:
        try:
            pair = dict.fromkeys(random.choice(pairs), price.pk)
            reservations.reserve(event=event, quantities={}, seats=pair, key=codes.secret())
        except inventory.SeatsTaken:
            pass

    return choose


def taker(event: Event, price: Price, count: int = 2) -> Buyer:
    """Take the best there are."""

    def take() -> object:
        taste = inventory.Taste(seed=secrets.token_hex(4))
        return reservations.reserve(event=event, quantities={price.pk: count}, taste=taste, key=codes.secret())

    return take


# --- The same, raw ----------------------------------------------------------------------------------


def raw_connection() -> psycopg.Connection:
    settings = connection.settings_dict
    address = {"host": settings["HOST"], "port": settings["PORT"], "dbname": settings["NAME"]}
    address |= {"user": settings["USER"], "password": settings["PASSWORD"]}
    return psycopg.connect(**address, cursor_factory=psycopg.ClientCursor, prepare_threshold=None)


def raw_chooser(event: Event, pairs: list[tuple[int, int]], price: Price, row_of: dict[int, list[int]]) -> Buyer:
    """The statements of `chooser`; what of the row is free is asked, and believed to be well."""

    def lock(execute: Callable[[str, list[Any]], Any], _level: int) -> list[int]:
        pair = random.choice(pairs)
        locked = execute(LOCK, [event.pk, *pair]).fetchall()
        if taken := [row[0] for row in locked if row[1] != "available"]:
            execute(NAMES, [taken]).fetchall()
            raise Taken
        execute(ROW, [row_of[locked[0][5]], event.pk]).fetchall()
        return [row[0] for row in locked]

    return _raw(event, price, lock)


def raw_taker(event: Event, price: Price) -> Buyer:
    """The statements of `taker`, and any two free places instead of the best."""

    def lock(execute: Callable[[str, list[Any]], Any], level: int) -> list[int]:
        now = execute(bare.CLOCK, []).fetchone()[0]
        free = execute(FREE, [level, now - timedelta(seconds=5)]).fetchall()
        while True:
            at = random.randrange(len(free) - 1)
            execute("SAVEPOINT look", [])
            found = execute(TAKE, [free[at][0], free[at + 1][0], level]).fetchall()
            if len(found) == 2:
                execute("RELEASE SAVEPOINT look", [])
                return [row[0] for row in found]
            execute("ROLLBACK TO SAVEPOINT look", [])

    return _raw(event, price, lock)


def _raw(event: Event, price: Price, lock: Callable[..., list[int]]) -> Buyer:
    raw = raw_connection()

    def buy() -> None:
        try:
            with raw.transaction(), raw.cursor() as cursor:
                bare.reserve(cursor.execute, (event.pk, event.organization_id), price.pk, lock=lock)
        except Taken:
            pass

    return buy


# --- What is measured -------------------------------------------------------------------------------


def seats(report: Report, seconds: float, buyers: tuple[int, ...], in_turn: InTurn) -> None:
    """Reservations of two seats a second, each beside the same SQL sent raw."""
    report.title("Two seats at a time in a house of 20,000: service beside raw SQL, decided a second")
    kinds = {
        "seats anywhere": (_choosers(None), _raw_choosers(None)),
        "all want the same front rows": (_choosers(FRONT), _raw_choosers(FRONT)),
        "best available": (_takers, _raw_takers),
    }
    for what, (ours, raw) in kinds.items():
        for count in buyers:
            mine, bound = in_turn(
                lambda ours=ours, count=count: rate(ours(house()), buyers=count, seconds=seconds),
                lambda raw=raw, count=count: rate(raw(house()), buyers=count, seconds=seconds),
            )
            report.ratio(f"{what}, {count} buyers", mine, bound, least=0.35)


def _choosers(front: int | None) -> Callable[[Event], Callable[[int], Buyer]]:
    def make(event: Event) -> Callable[[int], Buyer]:
        pairs, price = list(islice(pairs_of(event), front)), Price.objects.get(price_level__event=event)
        return lambda _number: chooser(event, pairs, price)

    return make


def _raw_choosers(front: int | None) -> Callable[[Event], Callable[[int], Buyer]]:
    def make(event: Event) -> Callable[[int], Buyer]:
        pairs, price = list(islice(pairs_of(event), front)), Price.objects.get(price_level__event=event)
        rows = [[spot.pk for spot in row] for row in plan_seats(event.plan_id or 0).rows.values()]
        row_of = {seat: row for row in rows for seat in row}
        return lambda _number: raw_chooser(event, pairs, price, row_of)

    return make


def _takers(event: Event) -> Callable[[int], Buyer]:
    price = Price.objects.get(price_level__event=event)
    return lambda _number: taker(event, price)


def _raw_takers(event: Event) -> Callable[[int], Buyer]:
    price = Price.objects.get(price_level__event=event)
    return lambda _number: raw_taker(event, price)


def best(report: Report) -> None:
    """The best four of what a full house has left."""
    report.title("The best four of 20,000 seats of which 90 % are sold, and of an empty house")
    for what, share in (("90 % sold", 0.9), ("none sold", 0.0)):
        event = house()
        sell(event, share)
        price = Price.objects.get(price_level__event=event)
        ours = _times(taker(event, price, 4), 60)
        with raw_connection() as raw:
            select = _times(
                lambda raw=raw, price=price: raw.execute(FREE, [price.price_level_id, clock.now()]).fetchall(), 60
            )
        report.line(f"{what}: median and p95 ms", f"{ours[30]:.1f}, {ours[57]:.1f}")
        report.line("  its SELECT alone, raw", f"{select[30]:.1f}, {select[57]:.1f}")


def sell(event: Event, share: float) -> None:
    """Mark so many as sold, here and there, as if they had been for long."""
    ids = list(EventSeat.objects.filter(event=event).values_list("pk", flat=True))
    chance = random.Random(1)
    sold = [pk for pk in ids if chance.random() < share]
    EventSeat.objects.filter(pk__in=sold).update(status="sold", was_claimed=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE events_eventseat")


def _times(act: Buyer, rounds: int) -> list[float]:
    """The milliseconds of each round, sorted; the first doesn't count."""
    act()
    spent = []
    for _round in range(rounds):
        began = time.perf_counter()
        act()
        spent.append((time.perf_counter() - began) * 1000)
    return sorted(spent)


def large(report: Report) -> None:
    """A stadium from its drawing to its event on sale."""
    report.title("An event in a stadium of 60,000 seats")
    layout = stadium()
    place = venue("Berlin", 70_000)
    event = draft(place, title="The final")
    began = time.perf_counter()
    plan = seating_plans.bring_in(venue_id=place.pk, layout=layout)
    seating_plans.publish(plan_id=plan.pk)
    drawn = time.perf_counter()
    plans.use(event_id=event.pk, plan_id=plan.pk)
    publishing.publish(event_id=event.pk)
    made = time.perf_counter()
    report.line("seats", f"{EventSeat.objects.filter(event=event).count():,}")
    report.line("plan saved and published, s", f"{drawn - began:.2f}")
    report.most("the event with its places, published", made - drawn, most=5, unit=" s")
    report.most("both", made - began, most=15, unit=" s")
