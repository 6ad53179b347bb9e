"""From a draft to an event that sells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from core import audit, clock
from core.refusals import Refusal
from core.transactions import outermost
from events.models import Event, Price, PriceLevel, TicketType
from events.services import inventory


class NotReady(Refusal):
    """Something is missing before the event can be published."""


class Part(StrEnum):
    """What an event is made of, in the order in which one thinks of it."""

    WHAT = "what"
    DATES = "dates"
    LEVELS = "levels"
    PICTURES = "pictures"
    SALES = "sales"
    HOLDS = "holds"


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing, or would help, and to which part of the event it belongs."""

    part: Part
    sentence: str


@outermost
def publish(*, event_id: int, by: Any = None) -> Event:
    """
    Put a draft on sale: make its places and check that everything has a price.

    An event without price levels gets one, General admission, as large as its venue, at the default
    prices of its organization's ticket types. Harmless when repeated. Raises NotReady, TooManyPlaces.
    """
    event = Event.objects.locked().select_related("organization", "venue").get(pk=event_id)
    if event.status == Event.Status.PUBLISHED:
        return event
    now = clock.now()
    for sentence in missing(event, now):
        raise NotReady(sentence)
    _publish(event, now, by)
    return event


def publish_past(*, event: Event, by: Any = None) -> None:
    """
    Within the caller's transaction: publish a draft that has started, so that what was sold of it elsewhere has its
    places here. It never is on sale. Raises NotReady, TooManyPlaces.
    """
    event = Event.objects.locked().select_related("organization", "venue").get(pk=event.pk)
    now = clock.now()
    for gap in past_gaps(event, now, has_levels=event.price_levels.exists()):
        raise NotReady(gap.sentence)
    _publish(event, now, by)


def _publish(event: Event, now: datetime, by: Any) -> None:
    if not event.price_levels.exists():
        _add_general_admission(event)
    if event.plan_id is None:  # a plan's places are made already
        for level in event.price_levels.all():
            inventory.bring_to(level=level, places=level.places)
    event.status = Event.Status.PUBLISHED
    event.published_at = now
    event.save(update_fields=["status", "published_at", "changed_at"])
    audit.record("event.published", event, at=now, by=by)


@outermost
def begin_with_general_admission(*, event_id: int, by: Any = None) -> None:
    """
    Give a draft without price levels the one that publishing would make, so that it can be changed before.

    Harmless when repeated. Raises NotReady where there is no ticket type, or where prices are in another currency.
    """
    event = Event.objects.locked().select_related("organization", "venue").get(pk=event_id)
    if event.price_levels.exists():
        return
    for gap in _missing_for_general_admission(event):
        raise NotReady(gap.sentence)
    level = _add_general_admission(event)
    prices = {str(price.ticket_type): price.amount for price in level.prices.select_related("ticket_type")}
    facts = {"level": level.name, "places": level.places, "prices": prices}
    audit.record("event.level_added", event, at=clock.now(), by=by, **facts)


def missing(event: Event, now: datetime, levels: Sequence[PriceLevel] | None = None) -> list[str]:
    """
    Return what keeps an event from being published, each in a sentence; nothing when it can be.

    Who looks at many events reads their levels, with prices and ticket types, at once.
    """
    if event.is_template:
        return [_("A template is never published: make an event from it, and publish that.")]
    if event.status != Event.Status.DRAFT:
        return [_("A cancelled event can't be published again.")]
    return [gap.sentence for gap in gaps(event, now, levels)]


def gaps(event: Event, now: datetime, levels: Sequence[PriceLevel] | None = None) -> list[Gap]:
    """Return what a draft lacks before it can be published, each with the part of the event that it belongs to."""
    if levels is None:
        levels = list(event.price_levels.prefetch_related("prices__ticket_type"))
    return [*_missing_around(event, now), *_missing_prices(event, levels)]


def past_gaps(event: Event, now: datetime, *, has_levels: bool) -> Iterator[Gap]:
    """Yield what keeps an event from being published as one that has started; it may not be saved yet."""
    if event.sales_close_at > now:
        yield Gap(Part.SALES, _("It has started, so sales must have ended too."))
    if not has_levels:
        yield from _missing_for_general_admission(event)


def advisable(event: Event) -> list[str]:
    """Return what would make a better page, and what only looks like a mistake; nothing of it is needed."""
    return [gap.sentence for gap in advice(event)]


def advice(event: Event) -> list[Gap]:
    """Return what is advisable, each with the part of the event that it belongs to."""
    found = {
        Gap(Part.WHAT, _("Describe it: a summary for lists and search engines, and a description.")): not (
            event.summary and event.description
        ),
        Gap(Part.PICTURES, _("Add a picture: without one a drawn poster stands for it.")): not event.pictures.exists(),
        Gap(Part.WHAT, _("Choose a category, so that it's found on the shelf.")): event.category_id is None,
        Gap(Part.DATES, _("Say when doors open.")): event.doors_at is None,
    }
    return [gap for gap, advised in found.items() if advised]


def _missing_around(event: Event, now: datetime) -> Iterator[Gap]:
    if event.starts_at <= now:
        yield Gap(Part.DATES, _("This event would have started already: give it a start in the future."))
    if event.sales_close_at <= now < event.starts_at:
        yield Gap(Part.SALES, _("Sales would have ended already: let them end later."))
    if not event.venue.active:
        yield Gap(Part.WHAT, _("%(venue)s is no longer in use.") % {"venue": event.venue.name})
    if event.currency != event.organization.currency:
        yield from _missing_fees(event)


def _missing_fees(event: Event) -> Iterator[Gap]:
    """The organization's fees are amounts of another currency."""
    if event.organization.fee_per_ticket and event.fee_per_ticket is None:
        yield Gap(Part.SALES, _("Set a fee per ticket in %(currency)s.") % {"currency": event.currency})
    if event.organization.fee_per_booking and event.fee_per_booking is None:
        yield Gap(Part.SALES, _("Set a fee per booking in %(currency)s.") % {"currency": event.currency})


def _missing_prices(event: Event, levels: Sequence[PriceLevel]) -> Iterator[Gap]:
    if not levels:
        yield from _missing_for_general_admission(event)
    for level in levels:
        prices = level.prices.all()
        if not prices and (level.places or event.plan_id is None):
            yield Gap(Part.LEVELS, _("%(level)s has no price.") % {"level": level.name})
        if any(price.amount == 0 and not price.ticket_type.is_free for price in prices):
            sentence = _("A price at %(level)s is nothing: only a free ticket type may be.")
            yield Gap(Part.LEVELS, sentence % {"level": level.name})
    planned = sum(level.places for level in levels)
    if levels and planned == 0:
        yield Gap(Part.LEVELS, _("No price level has places: say how many."))
    if planned > event.venue.capacity:
        facts = {"venue": event.venue.name, "capacity": event.venue.capacity, "planned": planned}
        sentence = _("%(venue)s holds %(capacity)s people, and the price levels have %(planned)s places.")
        yield Gap(Part.LEVELS, sentence % facts)


def _missing_for_general_admission(event: Event) -> Iterator[Gap]:
    if not default_types(event):
        yield Gap(Part.LEVELS, _("Add a ticket type first, so that there is something to sell."))
    elif event.currency != event.organization.currency:
        sentence = _("Default prices are in another currency: add price levels with prices of their own.")
        yield Gap(Part.LEVELS, sentence)


def default_types(event: Event) -> list[TicketType]:
    """Return what an event without price levels is going to sell."""
    return list(TicketType.objects.filter(organization=event.organization_id, active=True))


def _add_general_admission(event: Event) -> PriceLevel:
    name = _("General admission")
    level = PriceLevel.objects.create(event=event, name=name, places=event.venue.capacity)
    Price.objects.bulk_create(
        Price(price_level=level, ticket_type=ticket_type, amount=ticket_type.default_price)
        for ticket_type in default_types(event)
    )
    return level
