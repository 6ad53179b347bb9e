"""How one event sells: its bookings, its money, what is left at each price level, and how that came over time."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from bookings.models import Booking
from events.models import Event, EventSeat
from reports.models import Sample
from reports.queries.facts import Sums
from reports.queries.occupancy import Places
from reports.queries.revenue import By, Only, Row, revenue

SAMPLES = 2_000
"""So many are read; of more, the last ones."""
POINTS = 120
"""So many points of a line are told apart."""


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it; `sold` are tickets that people have at the end of each day, `net` the money in the currency."""

    statuses: dict[str, int]
    sums: Sums
    types: list[Row]
    providers: list[Row]
    levels: list[tuple[int, str, Places]]
    days: list[date]
    sold: list[int]
    net: list[int]
    samples: list[Sample]
    latest: list[Booking]


def figures(event: Event) -> Figures:
    """Return the figures of an event, in a fixed number of questions; money in its own currency."""
    house, only = [event.organization], Only(event=event.pk)
    by_day = [row for row in revenue(house, By.DAY, only) if row.currency == event.currency]
    bookings = Booking.objects.filter(event=event)
    sold, net = _cumulated(by_day)
    return Figures(
        statuses=dict(bookings.order_by().values_list("status").annotate(Count("pk"))),
        sums=sum((row.sums for row in by_day), Sums()),
        types=[row for row in revenue(house, By.TICKET_TYPE, only) if row.currency == event.currency],
        providers=[row for row in revenue(house, By.PROVIDER, only) if row.currency == event.currency],
        levels=_levels(event),
        days=[row.key for row in by_day],
        sold=sold,
        net=net,
        samples=_thinned(list(Sample.objects.filter(event=event).order_by("-at")[:SAMPLES])),
        latest=list(bookings.order_by("-pk")[:10]),
    )


def _cumulated(rows: list[Row]) -> tuple[list[int], list[int]]:
    sums, sold, net = Sums(), [], []
    for row in rows:
        sums += row.sums
        sold.append(sums.held)
        net.append(sums.net)
    return sold, net


def _levels(event: Event) -> list[tuple[int, str, Places]]:
    """The places of each price level: its number and name come first."""
    rows = EventSeat.objects.filter(event=event).order_by().values_list("price_level", "status", "ownership")
    found: defaultdict[int, Places] = defaultdict(Places)
    for level, status, ownership, count in rows.annotate(Count("pk")):
        found[level] += _places(status, ownership, count)
    return [(level.pk, level.name, found[level.pk]) for level in event.price_levels.all()]


def _places(status: str, ownership: str, count: int) -> Places:
    match status:
        case EventSeat.Status.SOLD:
            return Places(count, sold=count)
        case EventSeat.Status.RESERVED:
            return Places(count, reserved=count)
        case EventSeat.Status.AVAILABLE if ownership == EventSeat.Ownership.OWNED:
            return Places(count)
    return Places(count, kept=count)


def _thinned(samples: list[Sample]) -> list[Sample]:
    """Return them in the order of time, the last one always, evenly apart if there are many."""
    step = -(-len(samples) // POINTS) or 1
    return samples[::step][::-1]
