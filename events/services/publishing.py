"""From a draft to an event that sells."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core import audit, clock
from core.refusals import Refusal
from core.transactions import outermost
from events.models import Event, Price, PriceLevel, TicketType
from events.services import inventory


class NotReady(Refusal):
    """Something is missing before the event can be published."""


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
    if not event.price_levels.exists():
        _add_general_admission(event)
    if event.plan_id is None:  # a plan's places are made already
        for level in event.price_levels.all():
            inventory.bring_to(level=level, places=level.places)
    event.status = Event.Status.PUBLISHED
    event.published_at = now
    event.save(update_fields=["status", "published_at", "changed_at"])
    audit.record("event.published", event, at=now, by=by)
    return event


def missing(event: Event, now: datetime) -> list[str]:
    """Return what keeps an event from being published, each in a sentence; nothing when it can be."""
    if event.status != Event.Status.DRAFT:
        return [_("A cancelled event can't be published again.")]
    return [*_missing_around(event, now), *_missing_prices(event)]


def advisable(event: Event) -> list[str]:
    """Return what would make a better page, and what only looks like a mistake; nothing of it is needed."""
    advice = {
        _("Describe it: a summary for lists and search engines, and a description."): not (
            event.summary and event.description
        ),
        _("Add a picture: without one a drawn poster stands for it."): not event.pictures.exists(),
        _("Choose a category, so that it's found on the shelf."): event.category_id is None,
        _("Say when doors open."): event.doors_at is None,
    }
    return [sentence for sentence, advised in advice.items() if advised]


def _missing_around(event: Event, now: datetime) -> Iterator[str]:
    if event.starts_at <= now:
        yield _("This event would have started already: give it a start in the future.")
    if event.sales_close_at <= now < event.starts_at:
        yield _("Sales would have ended already: let them end later.")
    if not event.venue.active:
        yield _("%(venue)s is no longer in use.") % {"venue": event.venue.name}
    if event.currency != event.organization.currency:
        yield from _missing_fees(event)


def _missing_fees(event: Event) -> Iterator[str]:
    """The organization's fees are amounts of another currency."""
    if event.organization.fee_per_ticket and event.fee_per_ticket is None:
        yield _("Set a fee per ticket in %(currency)s.") % {"currency": event.currency}
    if event.organization.fee_per_booking and event.fee_per_booking is None:
        yield _("Set a fee per booking in %(currency)s.") % {"currency": event.currency}


def _missing_prices(event: Event) -> Iterator[str]:
    levels = list(event.price_levels.prefetch_related("prices__ticket_type"))
    if not levels:
        yield from _missing_for_general_admission(event)
    for level in levels:
        prices = level.prices.all()
        if not prices and (level.places or event.plan_id is None):
            yield _("%(level)s has no price.") % {"level": level.name}
        if any(price.amount == 0 and not price.ticket_type.is_free for price in prices):
            yield _("A price at %(level)s is nothing: only a free ticket type may be.") % {"level": level.name}
    planned = sum(level.places for level in levels)
    if levels and planned == 0:
        yield _("No price level has places: say how many.")
    if planned > event.venue.capacity:
        facts = {"venue": event.venue.name, "capacity": event.venue.capacity, "planned": planned}
        yield _("%(venue)s holds %(capacity)s people, and the price levels have %(planned)s places.") % facts


def _missing_for_general_admission(event: Event) -> Iterator[str]:
    if not default_types(event):
        yield _("Add a ticket type first, so that there is something to sell.")
    elif event.currency != event.organization.currency:
        yield _("Default prices are in another currency: add price levels with prices of their own.")


def default_types(event: Event) -> list[TicketType]:
    """Return what an event without price levels is going to sell."""
    return list(TicketType.objects.filter(organization=event.organization_id, active=True))


def _add_general_admission(event: Event) -> None:
    name = _("General admission")
    level = PriceLevel.objects.create(event=event, name=name, places=event.venue.capacity)
    Price.objects.bulk_create(
        Price(price_level=level, ticket_type=ticket_type, amount=ticket_type.default_price)
        for ticket_type in default_types(event)
    )
