"""What becomes of places: sold, given back, kept for somebody, not for sale, ours or not."""

from collections.abc import Collection
from datetime import datetime

from core import clock
from events.models import Event, EventSeat, Hold, PriceLevel
from events.services.inventory.refusals import NotEnough


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


def hold(*, place_ids: Collection[int], hold: Hold) -> list[int]:
    """Keep back those of these places that are available, and return which."""
    found = _lock_those(place_ids, EventSeat.Status.AVAILABLE)
    EventSeat.objects.filter(pk__in=found).update(status=EventSeat.Status.HELD, hold=hold)
    return found


def hold_any(*, level: PriceLevel, quantity: int, hold: Hold) -> list[int]:
    """Keep back so many free standing places of a level, and return which. Raises NotEnough, having held none."""
    free = EventSeat.objects.free().standing().filter(price_level_id=level.pk).order_by("pk")
    found = list(free.in_turn().values_list("pk", flat=True)[:quantity])
    if len(found) < quantity:
        raise NotEnough(level, len(found))
    EventSeat.objects.filter(pk__in=found).update(status=EventSeat.Status.HELD, hold=hold)
    return found


def release_hold(*, hold: Hold, place_ids: Collection[int] | None = None) -> list[int]:
    """
    Make places of a hold available again, all of them or those of these; return which.

    The hold is locked first: who takes its last place says that it is released.
    """
    _lock_hold(hold)
    places = EventSeat.objects.filter(hold=hold)
    if place_ids is not None:
        places = places.filter(pk__in=place_ids)
    found = list(places.locked().values_list("pk", flat=True))
    EventSeat.objects.filter(pk__in=found).update(status=EventSeat.Status.AVAILABLE, hold=None)
    if found and not EventSeat.objects.filter(hold=hold).exists():
        Hold.objects.filter(pk=hold.pk, released_at=None).update(released_at=clock.now())
    return found


def block(*, place_ids: Collection[int]) -> list[int]:
    """Take those of these places that are available off sale, and return which."""
    found = _lock_those(place_ids, EventSeat.Status.AVAILABLE)
    EventSeat.objects.filter(pk__in=found).update(status=EventSeat.Status.BLOCKED)
    return found


def block_free(*, event: Event) -> int:
    """Take all places of an event that are available off sale, and return how many. Who claims some is waited for."""
    free = EventSeat.objects.filter(event=event, status=EventSeat.Status.AVAILABLE)
    list(free.locked().values_list("pk", flat=True))
    return free.update(status=EventSeat.Status.BLOCKED)


def unblock(*, place_ids: Collection[int]) -> list[int]:
    """Put those of these places that are blocked on sale again, and return which."""
    found = _lock_those(place_ids, EventSeat.Status.BLOCKED)
    EventSeat.objects.filter(pk__in=found).update(status=EventSeat.Status.AVAILABLE)
    return found


def own(*, place_ids: Collection[int], cost: int | None = None) -> list[int]:
    """
    Make these places ours, at this cost each (in the smallest unit of the event's currency; None leaves it).

    Returns which of them changed.
    """
    fresh: dict[str, str | int] = {"ownership": EventSeat.Ownership.OWNED}
    if cost is not None:
        fresh["cost"] = cost
    places = EventSeat.objects.filter(pk__in=place_ids).exclude(**fresh)
    found = list(places.locked().values_list("pk", flat=True))
    EventSeat.objects.filter(pk__in=found).update(**fresh)
    return found


def disown(*, place_ids: Collection[int]) -> list[int]:
    """Say that those of our places that nobody has aren't ours to sell; return which."""
    idle = [EventSeat.Status.AVAILABLE, EventSeat.Status.BLOCKED]
    places = EventSeat.objects.filter(pk__in=place_ids, status__in=idle, ownership=EventSeat.Ownership.OWNED)
    found = list(places.locked().values_list("pk", flat=True))
    EventSeat.objects.filter(pk__in=found).update(ownership=EventSeat.Ownership.NOT_OWNED)
    return found


def _lock_hold(hold: Hold) -> None:
    """Two who take its last places one each would both see the other's, and nobody would say that it is over."""
    list(Hold.objects.filter(pk=hold.pk).select_for_update(no_key=True))


def _lock_those(place_ids: Collection[int], *statuses: str) -> list[int]:
    places = EventSeat.objects.filter(pk__in=place_ids, status__in=statuses)
    return list(places.locked().values_list("pk", flat=True))


def _lock(place_ids: Collection[int], *expected: str) -> None:
    """Lock in order and look again: a place in another state than its booking's is a fault of ours."""
    found = EventSeat.objects.filter(pk__in=place_ids, status__in=expected).locked().values_list("pk", flat=True)
    if len(found) != len(place_ids):
        missing = set(place_ids) - set(found)
        raise RuntimeError(f"Places {sorted(missing)} are not {' or '.join(expected)}.")
