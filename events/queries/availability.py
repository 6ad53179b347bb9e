"""
What is left, asked in a way that stays cheap under load.

The answer is exact below a limit and "more" above, so that its cost doesn't grow with the house.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from django.db.models import IntegerField, OuterRef, Subquery
from django.db.models.functions import Now

from core import clock
from core.briefly import Kept
from events.models import EventSeat, PriceLevel

COUNTED_TO = 50
FEW = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
class Availability:
    """What is left of an event: asked at one moment of our clock, true at one of the database's statements."""

    asked_at: datetime
    at: datetime
    levels: tuple[LevelLeft, ...]

    @cached_property
    def version(self) -> str:
        """Time of the snapshot and digest of the answer: equal digests need no second look."""
        microseconds = (self.at - _EPOCH) // timedelta(microseconds=1)
        return f"{microseconds}-{self.digest}"

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(repr(self.levels).encode()).hexdigest()[:16]

    def is_news_to(self, version: str) -> bool:
        """Whether a page that shows `version` has to change: not for the same answer, nor for an older one."""
        seen_at, _dash, digest = version.partition("-")
        if digest == self.digest:
            return False
        return not re.fullmatch("[0-9]{1,20}", seen_at) or int(seen_at) < int(self.version.partition("-")[0])

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
    return Availability(now, rows[0][3] if rows else now, left)


recent_availability = Kept[int, Availability](availability)
"""Like `availability`, at most a second old."""
