"""
How a house was divided for one event, kept under a name and applied to another event of the same plan:
price levels with their prices, which places are of which, blocks and holds.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core import audit, clock
from core.ranges import compact
from core.refusals import Refusal
from core.transactions import outermost
from events.models import Allocation, Event, EventSeat, Hold, Price, PriceLevel, TicketType
from events.queries.allocations import Layout, Outlook, Work, outlook, work_of
from events.services import inventory


class NoPlan(Refusal):
    """Only an event with a seating plan is divided so, and only one of the same plan can be divided alike."""


class NameTaken(Refusal):
    """Another allocation of the plan has this name."""

    status = 422

    def __init__(self, name: str) -> None:
        super().__init__(_("This plan has an allocation called “%(name)s” already.") % {"name": name})


@outermost
def save(*, event_id: int, name: str, by: Any = None) -> Allocation:
    """
    Keep how an event is divided: its levels, colours, prices, blocks and holds (without their end).

    What is sold or reserved counts by its level alone. Raises NoPlan, NameTaken.
    """
    event = Event.objects.locked().select_related("plan").get(pk=event_id)
    if event.plan is None:
        raise NoPlan(_("This event has no seating plan, so there is nothing to keep."))
    if Allocation.objects.filter(plan=event.plan, name=name).exists():
        raise NameTaken(name)
    now = clock.now()
    layout = _layout(event)
    saved = Allocation.objects.create(plan=event.plan, name=name, layout=layout, by=by, created_at=now)
    audit.record("event.allocation_saved", event, at=now, by=by, allocation=name)
    return saved


@outermost
def apply(*, allocation_id: int, event_id: int, by: Any = None) -> Outlook:
    """
    Divide an event of the same plan like this, as far as its places are idle; say what was done and what wasn't.

    It adds: what is blocked or held there already stays so. Harmless when repeated. Raises NoPlan, Mixed.
    """
    event = Event.objects.locked().select_related("organization").get(pk=event_id)
    allocation = Allocation.objects.get(pk=allocation_id)
    _check_plan(event, allocation)
    levels = _levels(event, allocation.layout)
    work = work_of(event, allocation.layout)
    inventory.divide(event=event, places={levels[number]: pks for number, pks in work.painted.items()})
    inventory.block(place_ids=work.blocked)
    _hold(event, work, by)
    found = outlook(event, allocation.layout, work)
    _record(event, allocation, work, by)
    return found


@outermost
def rename(*, allocation_id: int, name: str, by: Any = None) -> Allocation:
    """Call an allocation something else. Raises NameTaken."""
    allocation = _locked().get(pk=allocation_id)
    if Allocation.objects.filter(plan=allocation.plan_id, name=name).exclude(pk=allocation.pk).exists():
        raise NameTaken(name)
    before, allocation.name = allocation.name, name
    allocation.save(update_fields=["name"])
    facts = {"before": before, "allocation": name}
    audit.record("venue.allocation_renamed", allocation.plan.venue, at=clock.now(), by=by, **facts)
    return allocation


@outermost
def delete(*, allocation_id: int, by: Any = None) -> None:
    """Forget an allocation; the events that it was applied to stay as they are. Harmless when repeated."""
    for allocation in _locked().filter(pk=allocation_id):
        venue = allocation.plan.venue
        audit.record("venue.allocation_deleted", venue, at=clock.now(), by=by, allocation=allocation.name)
        allocation.delete()


def _locked() -> QuerySet[Allocation]:
    return Allocation.objects.select_related("plan__venue").select_for_update(of=("self",), no_key=True)


def _check_plan(event: Event, allocation: Allocation) -> None:
    if event.plan_id != allocation.plan_id:
        raise NoPlan(_("“%(name)s” is for another seating plan.") % {"name": allocation.name})


# --- What is kept ------------------------------------------------------------------------------------


def _layout(event: Event) -> Layout:
    """Seats are named by their keys, which a published plan keeps for good; standing places by section and number."""
    levels = list(event.price_levels.prefetch_related("prices__ticket_type"))
    number = {level.pk: place for place, level in enumerate(levels)}
    holds = list(Hold.objects.filter(event=event, released_at=None).order_by("pk"))
    kept: dict[int, _Part] = {hold.pk: _Part() for hold in holds}
    painted: dict[int, _Part] = {place: _Part() for place in number.values()}
    blocked = _Part()
    rows = EventSeat.objects.filter(event=event).values_list("seat", "section", "price_level", "status", "hold")
    for seat, section, level, status, hold in rows.iterator():
        painted[number[level]].add(seat, section)
        if status == EventSeat.Status.BLOCKED:
            blocked.add(seat, section)
        elif hold is not None:
            kept[hold].add(seat, section)
    return {
        "currency": event.currency,
        "levels": [_level(level, painted[number[level.pk]]) for level in levels],
        "blocked": blocked.plain,
        "holds": [{"kind": hold.kind, "reason": hold.reason, **kept[hold.pk].plain} for hold in holds],
    }


class _Part:
    """Some seats, and so many standing places of each section."""

    def __init__(self) -> None:
        self.seats: list[int] = []
        self.standing: Counter[int] = Counter()

    def add(self, seat: int | None, section: int | None) -> None:
        """Take a place in."""
        if seat is not None:
            self.seats.append(seat)
        elif section is not None:
            self.standing[section] += 1

    @property
    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {"seats": compact(self.seats), "standing": sorted(self.standing.items())}


def _level(level: PriceLevel, part: _Part) -> dict[str, Any]:
    prices = {price.ticket_type.name: price.amount for price in level.prices.all()}
    return {"name": level.name, "colour": level.colour, "order": level.order, "prices": prices, **part.plain}


# --- What is applied ---------------------------------------------------------------------------------


def _levels(event: Event, layout: Layout) -> dict[int, PriceLevel]:
    """Find or add the levels by their names, and give them their colours and prices."""
    known = {level.name: level for level in event.price_levels.all()}
    types = {each.name: each for each in TicketType.objects.filter(organization=event.organization)}
    levels = {}
    for number, said in enumerate(layout["levels"]):
        level = known.get(said["name"]) or PriceLevel(event=event, name=said["name"], places=0)
        level.colour, level.order = said["colour"], said["order"]
        level.save()
        if layout["currency"] == event.currency:
            _set_prices(level, said["prices"], types)
        levels[number] = level
    return levels


def _set_prices(level: PriceLevel, amounts: Mapping[str, int], types: Mapping[str, TicketType]) -> None:
    for name, amount in amounts.items():
        if name in types:
            Price.objects.update_or_create(price_level=level, ticket_type=types[name], defaults={"amount": amount})


def _hold(event: Event, work: Work, by: Any) -> None:
    now = clock.now()
    for kind, reason, place_ids in work.held:
        if place_ids:
            hold = Hold.objects.create(event=event, kind=kind, reason=reason, by=by, created_at=now)
            inventory.hold(place_ids=place_ids, hold=hold)


def _record(event: Event, allocation: Allocation, work: Work, by: Any) -> None:
    """One entry, which names every place that changed, so that one seat's life can be told."""
    levels = [level["name"] for level in allocation.layout["levels"]]
    facts = {
        "allocation": allocation.name,
        "painted": {levels[number]: compact(pks) for number, pks in work.painted.items() if pks},
        "blocked": compact(work.blocked),
        "held": [{"hold": reason or kind, "places": compact(pks)} for kind, reason, pks in work.held if pks],
        "places": compact(work.touched),
        "count": len(work.touched),
    }
    audit.record("event.allocation_applied", event, at=clock.now(), by=by, **facts)
