"""
The places of an event, and the only code that changes them.

Every verb runs inside its caller's transaction; a verb that raises leaves its undoing to the
caller's rollback. The order of locks is in docs/concurrency.md.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import clock
from core.refusals import Refusal
from events.models import Event, EventSeat, PriceLevel

BATCH = 5_000
ENDED_AHEAD = 50
"""So many lapsed places more than it needs a buyer frees, so that a crowd doesn't meet at the same ones."""


class NotEnough(Refusal):
    """Fewer places are left at a price level than were asked for."""

    def __init__(self, level: PriceLevel, left: int) -> None:
        facts = {"left": left, "level": level.name}
        if left:
            few = ngettext(
                "Only %(left)s place is left at %(level)s.", "Only %(left)s places are left at %(level)s.", left
            )
            super().__init__(few % facts)
        else:
            super().__init__(_("%(level)s is sold out.") % facts)
        self.level = level
        self.left = left


class Contended(Exception):
    """Others hold some of the last places right now: roll back, then claim again and wait for them."""


class Lapsed(Exception):
    """
    Places are left that a claim can't take as they are: roll back, end the lapsed bookings that hold
    these (none, if others did so meanwhile), then claim again.
    """

    def __init__(self, place_ids: list[int]) -> None:
        super().__init__(f"lapsed places: {place_ids}")
        self.place_ids = place_ids


class TooManyPlaces(Refusal):
    """More places than the venue holds, or fewer than can be taken away."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Places that are now reserved, by price level, and for how long."""

    place_ids: Mapping[int, list[int]]
    at: datetime
    until: datetime


def make_places(*, level: PriceLevel, quantity: int) -> None:
    """Add so many free places to a price level. Raises TooManyPlaces past the venue's capacity."""
    event = Event.objects.locked().select_related("venue").get(pk=level.event_id)
    existing = EventSeat.objects.filter(event=event).count()
    if existing + quantity > event.venue.capacity:
        raise TooManyPlaces(
            _("%(venue)s holds %(capacity)s people, and %(existing)s places are made already.")
            % {"venue": event.venue.name, "capacity": event.venue.capacity, "existing": existing}
        )
    places = (EventSeat(event_id=event.pk, price_level_id=level.pk) for _number in range(quantity))
    EventSeat.objects.bulk_create(places, batch_size=BATCH)
    _count_places(level)


def remove_places(*, level: PriceLevel, quantity: int) -> None:
    """
    Delete so many places that are free and never were on a ticket, the newest first.

    Raises TooManyPlaces, having removed none, when there are fewer: a sold place can't vanish.
    """
    Event.objects.locked().get(pk=level.event_id)
    removable = EventSeat.objects.free().filter(price_level=level.pk, was_claimed=False)
    newest = removable.order_by("-pk").values_list("pk", flat=True)[:quantity]
    locked = list(EventSeat.objects.filter(pk__in=list(newest)).free().locked().values_list("pk", flat=True))
    if len(locked) < quantity:
        raise TooManyPlaces(
            _("Only %(count)s places of %(level)s can be removed: the others are or were on a ticket.")
            % {"count": len(locked), "level": level.name}
        )
    EventSeat.objects.filter(pk__in=locked).delete()
    _count_places(level)


def bring_to(*, level: PriceLevel, places: int) -> None:
    """Make or remove as many places as it takes. Raises TooManyPlaces."""
    Event.objects.locked().get(pk=level.event_id)
    made = EventSeat.objects.filter(event=level.event_id, price_level=level.pk).count()
    if places > made:
        make_places(level=level, quantity=places - made)
    elif places < made:
        remove_places(level=level, quantity=made - places)


def claim(
    *, wanted: Mapping[PriceLevel, int], keep_for: timedelta, wait: bool, latest: datetime | None = None
) -> Claim:
    """
    Reserve any so many free places of each price level, all or nothing, and no longer than until `latest`.

    Without `wait` it passes by places that others hold locked and raises Contended when it comes
    back short. With `wait` it queues for them, and its answer is true: NotEnough when there are
    too few, Lapsed when bookings that ran out hold what is missing.
    """
    place_ids = {}
    for level in sorted(wanted, key=lambda level: level.pk):
        free = EventSeat.objects.free().filter(price_level_id=level.pk)
        found = list(free.locked(skip_locked=not wait).values_list("pk", flat=True)[: wanted[level]])
        if len(found) < wanted[level]:
            if not wait:
                raise Contended
            _refuse(level, wanted[level])
        place_ids[level.pk] = found
    now = clock.now()
    until = min(now + keep_for, latest) if latest else now + keep_for
    everything = [pk for found in place_ids.values() for pk in found]
    EventSeat.objects.filter(pk__in=everything).update(
        status=EventSeat.Status.RESERVED, reserved_until=until, was_claimed=True
    )
    return Claim(place_ids, now, until)


def extend(*, place_ids: Collection[int], until: datetime) -> None:
    """Keep reserved places until a later moment."""
    _lock(place_ids, EventSeat.Status.RESERVED)
    EventSeat.objects.filter(pk__in=place_ids).update(reserved_until=until)


def sell(*, place_ids: Collection[int]) -> None:
    """Turn reserved places into sold ones."""
    _lock(place_ids, EventSeat.Status.RESERVED)
    EventSeat.objects.filter(pk__in=place_ids).update(status=EventSeat.Status.SOLD, reserved_until=None)


def release(*, place_ids: Collection[int]) -> None:
    """Give reserved or sold places back."""
    _lock(place_ids, EventSeat.Status.RESERVED, EventSeat.Status.SOLD)
    EventSeat.objects.filter(pk__in=place_ids).update(status=EventSeat.Status.AVAILABLE, reserved_until=None)


def _refuse(level: PriceLevel, wanted: int) -> None:
    """
    Say why a level came back short, from one snapshot: a lock that waits sees the rows as they were when
    it began, and between two questions a place could go from lapsed to free and be missed by both.
    """
    places = EventSeat.objects.filter(price_level_id=level.pk)
    sellable = (places.free() | places.lapsed(clock.now())).order_by("status", "reserved_until", "pk")
    seen = list(sellable.values_list("pk", "status")[: wanted + ENDED_AHEAD])
    if len(seen) < wanted:
        raise NotEnough(level, len(seen))
    raise Lapsed([pk for pk, status in seen if status == EventSeat.Status.RESERVED])


def _lock(place_ids: Collection[int], *expected: str) -> None:
    """Lock in order and look again: a place in another state than its booking's is a fault of ours."""
    found = EventSeat.objects.filter(pk__in=place_ids, status__in=expected).locked().values_list("pk", flat=True)
    if len(found) != len(place_ids):
        missing = set(place_ids) - set(found)
        raise RuntimeError(f"Places {sorted(missing)} are not {' or '.join(expected)}.")


def _count_places(level: PriceLevel) -> None:
    level.places = EventSeat.objects.filter(event=level.event_id, price_level=level.pk).count()
    level.save(update_fields=["places"])
