"""
What is left of an event's seats: a letter for each, in the order in which its plan is drawn, and numbers by section.

Held and blocked seats look alike to customers: they aren't for sale. What has lapsed is as good as free.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.db.models.functions import Now

from core import clock
from core.briefly import Kept
from events.models import LAPSE_GRACE, EventSeat
from events.queries.availability import COUNTED_TO
from events.queries.snapshots import Snapshot
from venues.queries.seats import PlanSeats, Spot, plan_seats

TAKEN, OFF, FOREIGN = ".", "-", "_"
FIRST_LEVEL = ord("a")
"""Letters from here on are free at the level of that index."""


class Part(NamedTuple):
    """Seats that are asked about together: an event's, of one section or of all, and its levels that are sold."""

    event: int
    plan: int
    section: int | None
    levels: tuple[int, ...]


@dataclass(frozen=True)
class SeatStates(Snapshot):
    """A letter and the place's id for every seat, as they were at one moment; `asked_at` is our clock's."""

    asked_at: datetime
    plan: int
    letters: str
    places: tuple[int, ...]

    @property
    def facts(self) -> object:
        return self.plan, self.letters, self.places

    @property
    def runs(self) -> list[list[int]]:
        """The places' ids as [first, how many]: they were made in order."""
        starts = [0, *(i for i, (a, b) in enumerate(pairwise(self.places), 1) if b != a + 1), len(self.places)]
        return [[self.places[start], end - start] for start, end in pairwise(starts) if start < end]


def _seat_states(part: Part) -> SeatStates:
    now = clock.now()
    rows = EventSeat.objects.filter(event=part.event, seat__isnull=False).annotate(at=Now())
    if part.section is not None:
        rows = rows.filter(section=part.section)
    level = {pk: chr(FIRST_LEVEL + index) for index, pk in enumerate(part.levels)}
    fields = ("seat_id", "pk", "status", "ownership", "reserved_until", "price_level_id", "at")
    found = {row[0]: row[1:] for row in rows.values_list(*fields)}
    seats = [found.get(spot.pk, _NO_PLACE) for spot in spots_of(plan_seats(part.plan), part.section)]
    letters = "".join(_letter(status, owner, until, level.get(of), now) for _pk, status, owner, until, of, _at in seats)
    at = next((row[-1] for row in found.values()), now)
    return SeatStates(at=at, asked_at=now, plan=part.plan, letters=letters, places=tuple(row[0] for row in seats))


_NO_PLACE = (0, "", EventSeat.Ownership.NOT_OWNED, None, 0, None)
"""A seat of the plan that the event has no place for."""


def _letter(status: str, ownership: str, until: datetime | None, level: str | None, now: datetime) -> str:
    if ownership != EventSeat.Ownership.OWNED:
        return FOREIGN
    if status == EventSeat.Status.AVAILABLE or (until and until < now - LAPSE_GRACE):
        return level or OFF
    return TAKEN if status in (EventSeat.Status.SOLD, EventSeat.Status.RESERVED) else OFF


recent_states = Kept[Part, SeatStates](_seat_states, most=200)
"""The seats of a part, at most a second old."""


def spots_of(plan: PlanSeats, section: int | None) -> Sequence[Spot]:
    """Return the seats of a section in order, or all of them."""
    if section is None:
        return plan.spots
    return [spot for (of, _order), row in plan.rows.items() if of == section for spot in row]


@dataclass(frozen=True)
class SectionsLeft(Snapshot):
    """How many are free of each level in each section; every level that has places there is in it."""

    plan: int
    free: Mapping[int, Mapping[int, int]]

    @property
    def facts(self) -> object:
        """What pages tell of it: a large number is "more", so that a sale in a large house is no news to all."""
        told = {
            section: {pk: min(n, COUNTED_TO + 1) for pk, n in levels.items()} for section, levels in self.free.items()
        }
        return self.plan, sorted((section, sorted(levels.items())) for section, levels in told.items())


def _sections_left(key: tuple[int, int]) -> SectionsLeft:
    event_id, plan_id = key
    now = clock.now()
    owned = Q(status=EventSeat.Status.AVAILABLE, ownership=EventSeat.Ownership.OWNED)
    lapsed = Q(status=EventSeat.Status.RESERVED, reserved_until__lt=now - LAPSE_GRACE)
    rows = EventSeat.objects.filter(event=event_id, section__isnull=False).annotate(at=Now()).order_by()
    counted = rows.values_list("section_id", "price_level_id", "at").annotate(free=Count("pk", filter=owned | lapsed))
    found: dict[int, dict[int, int]] = {}
    at = now
    for section, level, at, free in counted:  # noqa: B007 - the statement's time, the same in every row
        found.setdefault(section, {})[level] = free
    return SectionsLeft(at=at, plan=plan_id, free=found)


recent_sections_left = Kept[tuple[int, int], SectionsLeft](_sections_left, times=2)
"""What is left in the sections of an event (by its id and its plan's), at most two seconds old."""


@dataclass(frozen=True, slots=True)
class Place:
    """A numbered place of an event as it was a moment ago, and whether it can be had."""

    pk: int
    spot: Spot
    level: int
    is_free: bool


def places_at(event_id: int, plan_id: int, place_ids: Collection[int], *, own: Collection[int] = ()) -> list[Place]:
    """Return these places of an event in the plan's order; what isn't one is left out. `own` are free for who asks."""
    now = clock.now()
    places = EventSeat.objects.filter(pk__in=place_ids, event=event_id, seat__isnull=False)
    return sorted(_places(places, plan_id, now, own), key=lambda place: _order(place.spot))


def free_places(event_id: int, plan_id: int, level: int) -> list[Place]:
    """Return all numbered places of a level that can be had."""
    now = clock.now()
    places = EventSeat.objects.filter(event=event_id, price_level=level, seat__isnull=False)
    return _places(places.free() | places.lapsed(now), plan_id, now, ())


def _places(places: Any, plan_id: int, now: datetime, own: Collection[int]) -> list[Place]:
    plan = plan_seats(plan_id)
    rows = places.values_list("pk", "seat_id", "status", "ownership", "reserved_until", "price_level_id")
    return [
        Place(pk, plan.by_seat[seat], level, pk in own or _letter(status, owner, until, "a", now) == "a")
        for pk, seat, status, owner, until, level in rows
    ]


def _order(spot: Spot) -> tuple[int, int, int]:
    return spot.section, spot.row_order, spot.position


def nearest(spot: Spot, free: Collection[Place], count: int) -> list[Place]:
    """Return the free places that are nearest to a seat; of equally near ones the better."""

    def distance(place: Place) -> tuple[int, int, int]:
        return (place.spot.x - spot.x) ** 2 + (place.spot.y - spot.y) ** 2, -place.spot.quality, place.pk

    return sorted(free, key=distance)[:count]
