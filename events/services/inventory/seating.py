"""Choosing the best free seats of a level, and locking them where nobody was faster."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cached_property

from django.db import transaction

from core import clock
from events.best_available import Best, Block, Free, Step, best
from events.models import Event, EventSeat, PriceLevel
from events.services.inventory.refusals import Contended, NoneAccessible, NotEnough, NotTogether
from events.services.inventory.wishes import Wanted
from venues.models import Seat, Section
from venues.queries.seats import PlanSeats, Spot, plan_seats

ATTEMPTS = 30
"""So often a buyer chooses again because others were faster; in vain only while a crowd wants the very last seats."""
SLACK = 15
"""By so much of 1,000 worse seats count as equal for each time that others were faster, so that a crowd spreads."""
KEPT = {Seat.Type.WHEELCHAIR, Seat.Type.COMPANION}


class Choice:
    """The free seats of a level as they were at one look, and the best of them to somebody's taste."""

    def __init__(self, event: Event, level: PriceLevel, wanted: Wanted) -> None:
        self.event, self.level, self.count, self.taste = event, level, wanted.levels[level], wanted.taste
        now = clock.now()
        rows = self._look(now, besides=wanted.seats)
        self.plan = plan_of(event, (seat for _pk, seat, _status in rows))
        self.lapsed = {pk for pk, _seat, status in rows if status == EventSeat.Status.RESERVED}
        self.seats = {pk: self.plan.by_seat[seat] for pk, seat, _status in rows}
        self.opened = wanted.by_staff or event.opens_accessible(now)

    def _look(self, now: datetime, *, besides: Collection[int]) -> list[tuple[int, int, str]]:
        """Read what is free now, lapsed seats too: they can be had once their booking is ended."""
        places = EventSeat.objects.filter(price_level_id=self.level.pk, seat__isnull=False)
        if self.taste.section is not None:
            places = places.filter(section=self.taste.section)
        rows = (places.free() | places.lapsed(now)).values_list("pk", "seat_id", "status")
        return [row for row in rows if row[0] not in besides]

    def best(self, without: Collection[int], attempt: int) -> Best | None:
        """Return the best seats but these; each further attempt is less choosy, so that a crowd spreads."""
        if self.taste.accessible:
            left = {pk: spot for pk, spot in self.seats.items() if pk not in without}
            return _best_accessible(left, self.plan, self.count)
        return best(
            (each for each in self.free if each.place not in without),
            self.count,
            together=self.taste.together,
            avoid_gaps=self.event.avoids_single_gaps,
            seed=f"{self.taste.seed}:{attempt}",
            slack=SLACK * attempt,
        )

    @cached_property
    def free(self) -> list[Free]:
        """Those that anybody may have."""
        return [_free(pk, spot) for pk, spot in self.seats.items() if self.opened or spot.type not in KEPT]

    def refuse(self) -> None:
        """Say why nothing was found among all that is free."""
        if self.taste.accessible:
            raise NoneAccessible(self.level)
        section = Section.objects.filter(pk=self.taste.section or 0, plan=self.event.plan_id).first()
        if len(self.free) < self.count:
            raise NotEnough(self.level, len(self.free), section)
        raise NotTogether(self.level, self.count, section)


def plan_of(event: Event, seats: Iterable[int]) -> PlanSeats:
    """Return the plan that these seats are of. Raises Contended when it isn't the one that the event was read with."""
    plan = plan_seats(event.plan_id or 0)
    if not plan.by_seat.keys() >= set(seats):
        event.refresh_from_db(fields=["plan"])  # moved to another version of its plan since: the next try knows it
        raise Contended
    return plan


def lock_or_leave(level: PriceLevel, place_ids: Collection[int]) -> set[int]:
    """
    Lock these free places of a level, or none; return those that aren't such any more, or that others have locked.
    """
    point = transaction.savepoint_create()
    wanted = EventSeat.objects.filter(pk__in=place_ids, price_level=level)
    free = wanted.free().locked(skip_locked=True).values_list("pk", flat=True)
    missed = set(place_ids) - set(free)
    if missed:
        transaction.savepoint_rollback(point)  # lets go of the others too
    else:
        transaction.savepoint_commit(point)
    return missed


def wait_for(place_ids: Collection[int]) -> None:
    """Wait until nobody holds these locked any more, without keeping them."""
    point = transaction.savepoint_create()
    list(EventSeat.objects.filter(pk__in=place_ids).locked().values_list("pk", flat=True))
    transaction.savepoint_rollback(point)


def _free(pk: int, spot: Spot) -> Free:
    return Free(pk, *spot[1:7])  # the same fields in the same order, and there may be 20,000


def _best_accessible(left: dict[int, Spot], plan: PlanSeats, count: int) -> Best | None:
    """A wheelchair place, its companions' seats, and for who else comes along the seats nearest to it."""
    by_seat = {spot.pk: pk for pk, spot in left.items()}
    for spot in sorted(left.values(), key=lambda spot: (-spot.quality, spot.pk)):
        if spot.type == Seat.Type.WHEELCHAIR:
            bound = [plan.by_seat[seat] for seat in plan.companions.get(spot.pk, []) if seat in by_seat]
            near = [*bound, *_nearest(spot, left.values())][: count - 1]
            if len(near) == count - 1:
                group: Block = tuple(_free(by_seat[each.pk], each) for each in [spot, *near])
                return Best(Step.TOGETHER, (group,))
    return None


def _nearest(spot: Spot, others: Iterable[Spot]) -> list[Spot]:
    same = [each for each in others if each.section == spot.section and each.type not in KEPT]
    return sorted(same, key=lambda each: ((each.x - spot.x) ** 2 + (each.y - spot.y) ** 2, each.pk))
