"""How full events are: counted by subtraction, so that nobody counts the seats of a season."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from accounts.models import Organization
from events.models import Event, EventSeat, PriceLevel
from reports.queries.revenue import of_events


@dataclass(frozen=True, slots=True)
class Places:
    """The places of an event, or of several, and what became of them; `kept` are held, blocked or not owned."""

    all: int = 0
    sold: int = 0
    reserved: int = 0
    kept: int = 0

    def __add__(self, other: "Places") -> "Places":
        both = zip(self._counts, other._counts, strict=True)
        return Places(*(one + another for one, another in both))

    @property
    def _counts(self) -> tuple[int, ...]:
        return self.all, self.sold, self.reserved, self.kept

    @property
    def available(self) -> int:
        """How many can be bought, now or once a reservation ran out."""
        return max(0, self.all - self.sold - self.reserved - self.kept)

    @property
    def percent(self) -> int:
        """How full it is: never a hundred while a place is left, nor nothing once one is sold."""
        if not self.sold or not self.all:
            return 0
        return min(max(1, 100 * self.sold // self.all), 100)


def occupancy(
    organization: Organization, events: QuerySet[Event], held: Mapping[int, int] | None = None
) -> dict[int, Places]:
    """Return the places of each of these events; `held` are the tickets that people have, if somebody counted them."""
    by_event = held if held is not None else tickets_held(organization, events)
    made = PriceLevel.objects.filter(event__in=events).order_by().values_list("event")
    seats = EventSeat.objects.filter(event__in=events).order_by()
    reserved = dict(seats.filter(status=EventSeat.Status.RESERVED).values_list("event").annotate(Count("pk")))
    kept = dict(seats.not_for_sale().values_list("event").annotate(Count("pk")))
    return {
        pk: Places(places, by_event.get(pk, 0), reserved.get(pk, 0), kept.get(pk, 0))
        for pk, places in made.annotate(Sum("places"))
    }


def tickets_held(organization: Organization, events: QuerySet[Event]) -> dict[int, int]:
    """Return how many tickets people have for each of these events."""
    return {pk: sums.held for pk, sums in of_events(organization, events, ["tickets", "returned"]).items()}
