"""Reserving places: chosen ones, any of a level, or the best of a level. All or nothing."""

from datetime import datetime, timedelta

from django.db import transaction

from core import clock
from core.transactions import take_turns
from events.best_available import Best
from events.models import LAPSE_GRACE, Event, EventSeat, PriceLevel
from events.services.inventory import rules, seating
from events.services.inventory.refusals import Contended, Lapsed, NoSuchSeat, NotEnough, SeatsTaken
from events.services.inventory.wishes import Claim, Wanted

ENDED_AHEAD = 50
"""So many lapsed places more than it needs a buyer frees, so that a crowd doesn't meet at the same ones."""


def claim(*, event: Event, wanted: Wanted, keep_for: timedelta, wait: bool, latest: datetime | None = None) -> Claim:
    """
    Reserve what is wanted, all or nothing, and no longer than until `latest`.

    Without `wait` it passes by places that others hold locked, where any will do, and raises Contended when it
    comes back short. With `wait` it queues for them, and its answer is true: NotEnough when there are too few,
    NotTogether when they can't be had as near to each other as asked, Lapsed when bookings that ran out hold
    what is missing. Chosen seats are always waited for: raises SeatsTaken, NoSuchSeat, CompanionAlone, SingleGap.
    """
    if wait and any(level.numbered for level in wanted.levels):
        take_turns(f"best of {event.pk}")
    place_ids, found = _lock_in_turn(event, wanted) if wait else _lock(event, wanted, wait=False)
    now = clock.now()
    until = min(now + keep_for, latest) if latest else now + keep_for
    everything = [pk for places in place_ids.values() for pk in places] + list(wanted.seats)
    EventSeat.objects.filter(pk__in=everything).update(
        status=EventSeat.Status.RESERVED, reserved_until=until, was_claimed=True
    )
    return Claim(place_ids, list(wanted.seats), found, now, until)


type Locked = tuple[dict[int, list[int]], dict[int, Best]]
"""Places by the key of their level, and for levels with numbered seats how they were found."""


def _lock_in_turn(event: Event, wanted: Wanted) -> Locked:
    """Lock what is wanted; where others hold the last seats, let go of everything, wait for those, and begin again."""
    for _attempt in range(seating.ATTEMPTS):
        point = transaction.savepoint_create()
        try:
            locked = _lock(event, wanted, wait=True)
        except Contended as contended:
            transaction.savepoint_rollback(point)
            if not contended.place_ids:
                raise
            seating.wait_for(contended.place_ids)
        else:
            transaction.savepoint_commit(point)
            return locked
    raise Contended


def _lock(event: Event, wanted: Wanted, *, wait: bool) -> Locked:
    """Lock places in the one order: chosen seats, then the best, then any."""
    _lock_chosen(event, wanted)
    place_ids: dict[int, list[int]] = {}
    found: dict[int, Best] = {}
    for level in sorted(wanted.levels, key=lambda level: (not level.numbered, level.pk)):
        if level.numbered:
            found[level.pk] = _lock_best(event, level, wanted)
            place_ids[level.pk] = found[level.pk].places
        else:
            place_ids[level.pk] = _lock_any(level, wanted.levels[level], wait=wait)
    return place_ids, found


def _lock_chosen(event: Event, wanted: Wanted) -> None:
    """Lock exactly these seats and look again: what was free on the page may be another's by now."""
    if not wanted.seats:
        return
    places = EventSeat.objects.filter(pk__in=list(wanted.seats), event=event, seat__isnull=False)
    fields = ("pk", "status", "ownership", "reserved_until", "price_level_id", "seat_id")
    rows = list(places.locked().values_list(*fields))
    if {pk: level for pk, _s, _o, _u, level, _seat in rows} != dict(wanted.seats):
        raise NoSuchSeat
    owned = [(pk, status, until) for pk, status, owner, until, *_rest in rows if owner == EventSeat.Ownership.OWNED]
    free = {pk for pk, status, _until in owned if status == EventSeat.Status.AVAILABLE}
    if len(free) < len(rows):
        _refuse_chosen(wanted, free, [(pk, until) for pk, _status, until in owned if until])
    if not wanted.by_staff:
        rules.check(event, {pk: seat for pk, *_others, seat in rows})


def _refuse_chosen(wanted: Wanted, free: set[int], reserved: list[tuple[int, datetime]]) -> None:
    over = clock.now() - LAPSE_GRACE
    lapsed = [pk for pk, until in reserved if until < over]
    if taken := set(wanted.seats) - free - set(lapsed):
        places = EventSeat.objects.filter(pk__in=taken).named().order_by("pk")
        raise SeatsTaken(list(places), kept=sorted(free | set(lapsed)))
    raise Lapsed(lapsed)


def _lock_any(level: PriceLevel, count: int, *, wait: bool) -> list[int]:
    free = EventSeat.objects.free().standing().filter(price_level_id=level.pk).order_by("pk")
    found = list(free.in_turn(skip_locked=not wait).values_list("pk", flat=True)[:count])
    if len(found) < count:
        if not wait:
            raise Contended
        _refuse(level, count)
    return found


def _lock_best(event: Event, level: PriceLevel, wanted: Wanted) -> Best:
    """
    Choose from what is free, then lock just those; where others were faster, choose again among the rest.

    Nothing is waited for, so no two buyers get in each other's way. Raises Contended, which says what others
    hold, when nothing else is left: only when they let go of it can be said whether it is taken.
    """
    choice = seating.Choice(event, level, wanted)
    passed: set[int] = set()
    for attempt in range(seating.ATTEMPTS):
        found = choice.best(passed, attempt)
        if found is None:
            if not passed:
                choice.refuse()
            raise Contended(passed)
        if lapsed := choice.lapsed & set(found.places):
            raise Lapsed([*sorted(lapsed), *sorted(choice.lapsed - lapsed)[:ENDED_AHEAD]])
        if not (missed := seating.lock_or_leave(level, found.places)):
            return found
        passed |= missed
    raise Contended(passed)


def _refuse(level: PriceLevel, wanted: int) -> None:
    """
    Say why a level came back short, from one snapshot: a lock that waits sees the rows as they were when
    it began, and between two questions a place could go from lapsed to free and be missed by both.
    """
    places = EventSeat.objects.standing().filter(price_level_id=level.pk)
    sellable = (places.free() | places.lapsed(clock.now())).order_by("status", "reserved_until", "pk")
    seen = list(sellable.values_list("pk", "status")[: wanted + ENDED_AHEAD])
    if len(seen) < wanted:
        raise NotEnough(level, len(seen))
    raise Lapsed([pk for pk, status in seen if status == EventSeat.Status.RESERVED])
