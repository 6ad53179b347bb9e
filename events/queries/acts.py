"""What an act of staff would do to places or did to them, which places stay as they are, and why."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _

from core.refusals import Refusal
from events.models import Event, EventSeat, Hold

NAMED = 10
"""So many places of a group are called by name."""

BATCH = 5_000

Status, Ownership = EventSeat.Status, EventSeat.Ownership


class NoSuchPlace(Refusal):
    """Nothing is chosen, or something that isn't a place of this event."""

    status = 422

    def __init__(self, *, nothing: bool) -> None:
        super().__init__(
            _("Please choose at least one place.") if nothing else _("A chosen place isn't of this event.")
        )


class Facts(NamedTuple):
    """What decides whether an act changes a place."""

    pk: int
    status: str
    ownership: str
    cost: int | None
    level: int
    hold: int | None


@dataclass(frozen=True, slots=True)
class Act:
    """
    Something that staff do with places: those that are `done` are so already, those that it `touches` change.

    The inventory's verbs decide; this says the same beforehand, and afterwards why.
    """

    touches: Callable[[Facts], bool]
    done: Callable[[Facts], bool]


def _always(_place: Facts) -> bool:
    return True


def _never(_place: Facts) -> bool:
    return False


def painting(level_id: int) -> Act:
    """Return the act that moves places into a price level."""
    return Act(lambda place: place.status not in (Status.RESERVED, Status.SOLD), lambda place: place.level == level_id)


def owning(cost: int | None) -> Act:
    """Return the act that makes places ours, at a cost or whatever it was."""
    return Act(
        _always,
        lambda place: place.ownership == Ownership.OWNED and cost in (None, place.cost),
    )


BLOCKING = Act(lambda place: place.status == Status.AVAILABLE, lambda place: place.status == Status.BLOCKED)
UNBLOCKING = Act(lambda place: place.status == Status.BLOCKED, lambda place: place.status == Status.AVAILABLE)
HOLDING = Act(lambda place: place.status == Status.AVAILABLE, _never)
RELEASING = Act(lambda place: place.status == Status.HELD, lambda place: place.status == Status.AVAILABLE)
NOTHING = Act(_never, _never)
DISOWNING = Act(
    lambda place: place.status in (Status.AVAILABLE, Status.BLOCKED),
    lambda place: place.ownership != Ownership.OWNED,
)


@dataclass(frozen=True, slots=True)
class Staying:
    """Places that stay as they are, and why; some of them by name."""

    why: str
    places: list[int]
    names: list[str]


@dataclass(frozen=True, slots=True)
class Report:
    """Which places change or changed, and which don't; of painted ones, in which level they were before."""

    changed: list[int]
    staying: list[Staying] = field(default_factory=list)
    were: dict[int, list[int]] = field(default_factory=dict)

    @property
    def stayed(self) -> int:
        """How many don't."""
        return sum(len(group.places) for group in self.staying)


def outlook(*, event: Event, place_ids: Collection[int], act: Act) -> Report:
    """Say what an act would do. Raises NoSuchPlace."""
    facts = facts_of(event, place_ids)
    return report(facts, [place.pk for place in facts if act.touches(place) and not act.done(place)], act)


def facts_of(event: Event, place_ids: Collection[int]) -> list[Facts]:
    """Return what is known of places of the event, in order. Raises NoSuchPlace."""
    wanted = set(place_ids)
    found = [place for batch in _batches(wanted) for place in _read(event, batch)]
    if not wanted or len(found) < len(wanted):
        raise NoSuchPlace(nothing=not wanted)
    return found


def report(facts: Collection[Facts], changed: Collection[int], act: Act) -> Report:
    """Say of places which changed, and of the others, as they are now, why not."""
    moved = set(changed)
    groups: dict[tuple[bool, str, int | None], list[int]] = {}
    for place in facts:
        if place.pk not in moved:
            done = act.done(place)
            groups.setdefault((done, "" if done else place.status, None if done else place.hold), []).append(place.pk)
    names = _names([pk for places in groups.values() for pk in places[:NAMED]])
    words = _words({hold for _done, _status, hold in groups if hold})
    staying = [
        Staying(_why(done, status, words.get(hold)), places, [names[pk] for pk in places[:NAMED]])
        for (done, status, hold), places in groups.items()
    ]
    return Report(sorted(moved), staying)


def _batches(keys: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(keys)
    return (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH))


def _read(event: Event, keys: list[int]) -> list[Facts]:
    places = EventSeat.objects.filter(event=event, pk__in=keys).order_by("pk")
    return [Facts(*row) for row in places.values_list("pk", "status", "ownership", "cost", "price_level", "hold")]


def _names(keys: list[int]) -> dict[int, str]:
    places = EventSeat.objects.filter(pk__in=keys).named()
    return {place.pk: str(place.name) for place in places}


def _words(keys: set[int]) -> dict[int | None, str]:
    """Return of each hold for whom it is, why, and who made it."""
    holds = Hold.objects.filter(pk__in=keys).select_related("by") if keys else ()
    return {hold.pk: f"{hold} ({hold.by})" if hold.by else str(hold) for hold in holds}


def _why(done: bool, status: str, hold: str | None) -> str:
    if done:
        return _("so already")
    return _("held for %(hold)s") % {"hold": hold} if hold else str(Status(status).label)
