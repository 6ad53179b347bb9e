"""What applying an allocation to an event would do, and what it can't."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db.models import QuerySet

from core.ranges import expanded
from events.models import Allocation, Event, EventSeat, Hold, TicketType
from events.queries import acts
from events.queries.acts import Staying

type Layout = dict[str, Any]
"""What `events.services.allocations` keeps: levels, blocks and holds, each with its seats and standing places."""

Status = EventSeat.Status


@dataclass(frozen=True, slots=True)
class Work:
    """Places by what is to be done with them; levels by their number in the layout."""

    painted: dict[int, list[int]]
    blocked: list[int]
    held: list[tuple[str, str, list[int]]]
    stuck: list[int]
    """Those that should change and can't, since somebody has them."""

    @property
    def touched(self) -> set[int]:
        """Every place that changes."""
        return {*self.blocked, *chain(*self.painted.values()), *chain(*(pks for _kind, _reason, pks in self.held))}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What applying does: how many places change in which way, and what stays as it is."""

    painted: list[tuple[str, int]]
    blocked: int
    held: list[tuple[str, int]]
    staying: list[Staying]
    types_missing: list[str]
    """Ticket types of the layout that the organization doesn't have any more."""
    other_currency: bool


def allocations_of(event: Event) -> QuerySet[Allocation]:
    """Return those that can be applied to the event."""
    return Allocation.objects.filter(plan=event.plan_id) if event.plan_id else Allocation.objects.none()


def outlook(event: Event, layout: Layout, work: Work | None = None) -> Outlook:
    """Say what applying would do now, or did."""
    work = work or work_of(event, layout)
    facts = acts.facts_of(event, work.stuck) if work.stuck else []
    prices = {name for level in layout["levels"] for name in level["prices"]}
    known = TicketType.objects.filter(organization=event.organization_id, name__in=prices)
    return Outlook(
        painted=[(layout["levels"][number]["name"], len(pks)) for number, pks in work.painted.items() if pks],
        blocked=len(work.blocked),
        held=[(reason or str(Hold.Kind(kind).label), len(pks)) for kind, reason, pks in work.held if pks],
        staying=acts.report(facts, [], acts.NOTHING).staying,
        types_missing=sorted(prices - set(known.values_list("name", flat=True))),
        other_currency=layout["currency"] != event.currency,
    )


def work_of(event: Event, layout: Layout) -> Work:
    """Compare an event with a layout, place by place."""
    house = _House(event)
    levels = dict(event.price_levels.values_list("name", "pk"))
    painted, stuck = {}, []
    for number, said in enumerate(layout["levels"]):
        level = levels.get(said["name"])
        wrong = [pk for pk in house.places(said, level=level) if house.level[pk] != level]
        painted[number] = [pk for pk in wrong if not house.is_taken(pk)]
        stuck += [pk for pk in wrong if house.is_taken(pk)]
    house.begin_again()
    blocked, missed = house.idle(layout["blocked"], but=(Status.BLOCKED,))
    stuck += missed
    held = []
    for said in layout["holds"]:
        free, missed = house.idle(said, but=(Status.HELD,))
        held.append((said["kind"], said["reason"], free))
        stuck += missed
    return Work(painted, blocked, held, sorted(set(stuck)))


class _House:
    """The places of an event: seats by their key, standing places by section and in a row."""

    def __init__(self, event: Event) -> None:
        self.by_seat: dict[int, int] = {}
        self.standing: dict[int, list[int]] = {}
        self.level: dict[int, int] = {}
        self.status: dict[int, str] = {}
        rows = EventSeat.objects.filter(event=event).order_by("pk")
        for pk, seat, section, level, status in rows.values_list("pk", "seat", "section", "price_level", "status"):
            self.level[pk], self.status[pk] = level, status
            if seat is not None:
                self.by_seat[seat] = pk
            elif section is not None:
                self.standing.setdefault(section, []).append(pk)
        self.begin_again()

    def begin_again(self) -> None:
        """Every standing place can be counted once more."""
        self.counted: set[int] = set()

    def is_taken(self, pk: int) -> bool:
        """Whether somebody has it."""
        return self.status[pk] in (Status.RESERVED, Status.SOLD)

    def places(self, said: Mapping[str, Any], *, level: int | None) -> list[int]:
        """Return the places that a part of a layout means: of those to stand in, first those of this level."""
        return self._seats(said) + self._stand(said, lambda pk: (self.level[pk] != level, self.is_taken(pk), pk))

    def idle(self, said: Mapping[str, Any], *, but: Iterable[str]) -> tuple[list[int], list[int]]:
        """Return those that are available, and those that aren't and are in no status of `but`."""
        order = {Status.AVAILABLE: 1, **dict.fromkeys(but, 0)}
        meant = self._seats(said) + self._stand(said, lambda pk: (order.get(Status(self.status[pk]), 2), pk))
        free = [pk for pk in meant if self.status[pk] == Status.AVAILABLE]
        return free, [pk for pk in meant if self.status[pk] not in (Status.AVAILABLE, *but)]

    def _seats(self, said: Mapping[str, Any]) -> list[int]:
        return [self.by_seat[seat] for seat in expanded(said["seats"]) if seat in self.by_seat]

    def _stand(self, said: Mapping[str, Any], key: Any) -> list[int]:
        found = []
        for section, count in said["standing"]:
            left = sorted((pk for pk in self.standing.get(section, []) if pk not in self.counted), key=key)
            found += left[:count]
            self.counted.update(left[:count])
        return found
