"""
What is left, asked in a way that stays cheap under load.

The answer is exact below a limit and "more" above, so that its cost doesn't grow with the house.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import IntegerField, OuterRef, Subquery
from django.db.models.functions import Now

from core import clock
from core.briefly import Kept
from events.models import EventSeat, PriceLevel
from events.queries.snapshots import Snapshot

COUNTED_TO = 50
FEW = 20


class CountUpTo(Subquery):
    """How many rows a sliced queryset has."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class LevelLeft:
    """How many places a price level still has; `count` is None above the limit."""

    level_id: int
    count: int | None

    @property
    def is_sold_out(self) -> bool:
        return self.count == 0

    @property
    def is_few(self) -> bool:
        return self.count is not None and 0 < self.count <= FEW


@dataclass(frozen=True)
class Availability(Snapshot):
    """What is left of an event: asked at one moment of our clock, true at one of the database's statements."""

    asked_at: datetime
    levels: tuple[LevelLeft, ...]

    @property
    def facts(self) -> object:
        return self.levels

    @property
    def is_sold_out(self) -> bool:
        return all(level.is_sold_out for level in self.levels)

    @property
    def is_few(self) -> bool:
        """Few places in the whole event."""
        counts = [level.count for level in self.levels if level.count is not None]
        return len(counts) == len(self.levels) and 0 < sum(counts) <= FEW


def availability(event_id: int) -> Availability:
    """Return what can be bought now, places of lapsed bookings included."""
    now = clock.now()
    places = EventSeat.objects.filter(price_level=OuterRef("pk"))
    levels = PriceLevel.objects.filter(event=event_id).annotate(
        free=CountUpTo(places.free().values("pk")[: COUNTED_TO + 1]),
        lapsed=CountUpTo(places.lapsed(now).values("pk")[: COUNTED_TO + 1]),
        at=Now(),  # the statement's own time, so that of two answers the newer one is known
    )
    rows = list(levels.values_list("pk", "free", "lapsed", "at"))
    left = tuple(LevelLeft(pk, None if free + lapsed > COUNTED_TO else free + lapsed) for pk, free, lapsed, _at in rows)
    return Availability(at=rows[0][3] if rows else now, asked_at=now, levels=left)


recent_availability = Kept[int, Availability](availability)
"""Like `availability`, at most a second old."""
