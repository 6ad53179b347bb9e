"""What staff do with chosen places of an event: prices, blocks, and whether they are ours."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import audit, clock
from core.ranges import compact
from core.refusals import Refusal
from core.transactions import outermost
from events.models import Event, EventSeat
from events.queries import acts
from events.queries.acts import Act, Report
from events.services import inventory


class NoSuchLevel(Refusal):
    """The price level isn't one of this event."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Please choose a price level of this event."))


@outermost
def paint(*, event_id: int, place_ids: Collection[int], level_id: int, by: Any = None) -> Report:
    """
    Move places that nobody has into a price level; the report says in which they were.

    Raises NoSuchLevel, NoSuchPlace, and Mixed when seats and standing places would share it.
    """
    event = Event.objects.locked().get(pk=event_id)
    level = event.price_levels.filter(pk=level_id).first()
    if level is None:
        raise NoSuchLevel
    before = {place.pk: place.level for place in acts.facts_of(event, place_ids)}
    changed = inventory.paint(level=level, place_ids=place_ids)
    made = done(event, "painted", acts.painting(level_id), place_ids, changed, by=by, level=level.name)
    were: dict[int, list[int]] = {}
    for pk in made.changed:
        were.setdefault(before[pk], []).append(pk)
    return replace(made, were=were)


@outermost
def block(*, event_id: int, place_ids: Collection[int], by: Any = None) -> Report:
    """Take places that are available off sale. Raises NoSuchPlace."""
    event = locked(event_id, place_ids)
    return done(event, "blocked", acts.BLOCKING, place_ids, inventory.block(place_ids=place_ids), by=by)


@outermost
def unblock(*, event_id: int, place_ids: Collection[int], by: Any = None) -> Report:
    """Put blocked places on sale again. Raises NoSuchPlace."""
    event = locked(event_id, place_ids)
    return done(event, "unblocked", acts.UNBLOCKING, place_ids, inventory.unblock(place_ids=place_ids), by=by)


@outermost
def own(*, event_id: int, place_ids: Collection[int], cost: int | None = None, by: Any = None) -> Report:
    """
    Say that places are ours to sell, and what each cost in the event's smallest unit (None leaves it).

    Raises NoSuchPlace.
    """
    event = locked(event_id, place_ids)
    changed = inventory.own(place_ids=place_ids, cost=cost)
    said = {} if cost is None else {"cost": cost}
    return done(event, "owned", acts.owning(cost), place_ids, changed, by=by, **said)


@outermost
def own_listed(*, event_id: int, costs: Mapping[int, int], by: Any = None) -> Report:
    """Say of each of these places that it is ours, and what it cost; all or none. Raises NoSuchPlace."""
    event = locked(event_id, costs)
    by_cost: dict[int, list[int]] = {}
    for pk, cost in costs.items():
        by_cost.setdefault(cost, []).append(pk)
    list(EventSeat.objects.filter(pk__in=list(costs)).locked().values_list("pk"))  # in one order, whatever they cost
    changed = {cost: inventory.own(place_ids=pks, cost=cost) for cost, pks in sorted(by_cost.items())}
    listed = {str(cost): compact(pks) for cost, pks in changed.items() if pks}
    everything = [pk for pks in changed.values() for pk in pks]
    return done(event, "owned", acts.owning(None), list(costs), everything, by=by, costs=listed)


@outermost
def disown(*, event_id: int, place_ids: Collection[int], by: Any = None) -> Report:
    """Say that places which nobody has aren't ours to sell. Raises NoSuchPlace."""
    event = locked(event_id, place_ids)
    return done(event, "disowned", acts.DISOWNING, place_ids, inventory.disown(place_ids=place_ids), by=by)


def locked(event_id: int, place_ids: Collection[int]) -> Event:
    """Lock an event, and look whether these are places of it. Raises NoSuchPlace."""
    event = Event.objects.locked().get(pk=event_id)
    acts.facts_of(event, place_ids)
    return event


def done(
    event: Event, what: str, act: Act, place_ids: Collection[int], changed: Collection[int], *, by: Any, **facts: Any
) -> Report:
    """Record what was done to places, if anything was, with their keys: so one seat's life can be told. Report it."""
    if changed:
        said = {"count": len(changed), "places": compact(changed), **facts}
        audit.record(f"event.seats_{what}", event, at=clock.now(), by=by, **said)
    return acts.report(acts.facts_of(event, place_ids), changed, act)
