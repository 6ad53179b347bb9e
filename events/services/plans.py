"""Which seating plan an event has, and which price level each part of it begins with."""

from collections import Counter
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from core import audit, clock
from core.refusals import Refusal
from core.transactions import outermost
from events.models import Event, Price, PriceLevel
from events.services import inventory
from events.services.publishing import default_types
from venues.models import SeatingPlan, Section


class CannotSeat(Refusal):
    """The event can't have this plan, or can't be without its own."""


@outermost
def use(*, event_id: int, plan_id: int, by: Any = None) -> Event:
    """Do what `give` does, as a change of its own."""
    return give(event_id=event_id, plan_id=plan_id, by=by)


def give(*, event_id: int, plan_id: int, by: Any = None) -> Event:
    """
    Within the caller's transaction: give a draft a published plan of its venue.

    It gets a place for every seat, and a price level for each level of the house. Levels that it has under the same
    names are used, the others are added at default prices where the currency allows. Its former plan goes, with its
    holds. Raises CannotSeat, TooManyPlaces.
    """
    event = Event.objects.locked().select_related("venue", "organization").get(pk=event_id)
    plan = _usable(event, plan_id)
    if event.plan_id == plan.pk:
        return event
    if event.status != Event.Status.DRAFT:
        raise CannotSeat(_("Only a draft can be given another plan. An event on sale can move to its plan's versions."))
    if event.plan_id:
        inventory.unseat(event=event)
    levels = _levels(event, plan)
    event.price_levels.update(places=0)
    inventory.seat(event=event, plan=plan, levels=levels)
    audit.record("event.seated", event, at=clock.now(), by=by, plan=str(plan))
    return event


@outermost
def move(*, event_id: int, plan_id: int, by: Any = None) -> Event:
    """
    Move an event to another published version of its plan, with all that was sold, held and blocked.

    Raises CannotSeat, SeatsInUse when a seat that can't vanish isn't in it (R23), TooManyPlaces.
    """
    event = Event.objects.locked().select_related("venue", "plan").get(pk=event_id)
    plan = _usable(event, plan_id)
    if event.plan_id == plan.pk:
        return event
    if event.plan is None or event.plan.name != plan.name:
        raise CannotSeat(_("That isn't a version of this event's plan."))
    facts = {"plan": [str(event.plan), str(plan)]}
    inventory.reseat(event=event, plan=plan)
    audit.record("event.reseated", event, at=clock.now(), by=by, **facts)
    return event


@outermost
def drop(*, event_id: int, by: Any = None) -> Event:
    """Take the plan away from a draft, with its places and holds. Raises CannotSeat, TooManyPlaces."""
    event = Event.objects.locked().select_related("plan").get(pk=event_id)
    if event.plan is None:
        return event
    if event.status != Event.Status.DRAFT:
        raise CannotSeat(_("An event on sale keeps its plan."))
    facts = {"plan": str(event.plan)}
    inventory.unseat(event=event)
    audit.record("event.unseated", event, at=clock.now(), by=by, **facts)
    return event


def _usable(event: Event, plan_id: int) -> SeatingPlan:
    plan = SeatingPlan.objects.published().filter(pk=plan_id, venue=event.venue_id).first()
    if plan is None:
        raise CannotSeat(_("Please choose a published plan of %(venue)s.") % {"venue": event.venue.name})
    return plan


def _levels(event: Event, plan: SeatingPlan) -> dict[Section, PriceLevel]:
    """Find or add the price level that each section begins with: that of its tier, or its own where people stand."""
    known = {level.name: level for level in event.price_levels.all()}
    levels = {}
    for section, name in level_names(plan).items():
        known[name] = levels[section] = known.get(name) or _add_level(event, name)
    return levels


def level_names(plan: SeatingPlan) -> dict[Section, str]:
    """Return what the price level is called that each section of a plan begins with."""
    kinds: dict[str, str] = {}
    names = {}
    for section in plan.sections.all():
        seated = section.kind == Section.Kind.SEATED
        name = section.tier if seated and section.tier else section.name
        if kinds.setdefault(name, section.kind) != section.kind:  # seats and standing places share no level
            name = _("%(section)s, %(kind)s") % {"section": section.name, "kind": section.get_kind_display()}
        names[section] = name
    return names


def level_sizes(plan: SeatingPlan) -> Counter[str]:
    """Return how many places each of these price levels begins with."""
    counts = dict(plan.sections.annotate(count=Count("seats")).values_list("pk", "count"))
    sizes: Counter[str] = Counter()
    for section, name in level_names(plan).items():
        sizes[name] += section.capacity + counts[section.pk]
    return sizes


def _add_level(event: Event, name: str) -> PriceLevel:
    order = event.price_levels.count()
    level = PriceLevel.objects.create(
        event=event, name=name, order=order, colour=order % len(PriceLevel.Colour), places=0
    )
    if event.currency == event.organization.currency:
        Price.objects.bulk_create(
            Price(price_level=level, ticket_type=ticket_type, amount=ticket_type.default_price)
            for ticket_type in default_types(event)
        )
    return level
