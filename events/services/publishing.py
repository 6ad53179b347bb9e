"""From a draft to an event that sells."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import audit, clock
from core.refusals import Refusal
from core.transactions import outermost
from events.models import Event, EventSeat, Price, PriceLevel, TicketType
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
    _check_ready(event, now)
    if not event.price_levels.exists():
        _add_general_admission(event)
    for level in event.price_levels.all():
        if not level.prices.exists():
            raise NotReady(_("%(level)s has no price.") % {"level": level.name})
        if level.prices.filter(amount=0, ticket_type__is_free=False).exists():
            raise NotReady(
                _("A price at %(level)s is nothing: only a free ticket type may be.") % {"level": level.name}
            )
        made = EventSeat.objects.filter(event=event, price_level=level).count()
        if level.places > made:
            inventory.make_places(level=level, quantity=level.places - made)
        elif level.places < made:
            inventory.remove_places(level=level, quantity=made - level.places)
    event.status = Event.Status.PUBLISHED
    event.published_at = now
    event.save(update_fields=["status", "published_at", "changed_at"])
    audit.record("event.published", event, at=now, by=by)
    return event


def _check_ready(event: Event, now: datetime) -> None:
    if event.status != Event.Status.DRAFT:
        raise NotReady(_("A cancelled event can't be published again."))
    if event.starts_at <= now:
        raise NotReady(_("This event would have started already: give it a start in the future."))
    if not event.venue.active:
        raise NotReady(_("%(venue)s is no longer in use.") % {"venue": event.venue.name})
    needs_own_fee = event.currency != event.organization.currency and event.organization.fee_per_ticket
    if needs_own_fee and event.fee_per_ticket is None:
        raise NotReady(_("Set a fee per ticket in %(currency)s.") % {"currency": event.currency})


def _add_general_admission(event: Event) -> None:
    ticket_types = list(TicketType.objects.filter(organization=event.organization_id, active=True))
    if not ticket_types:
        raise NotReady(_("Add a ticket type first, so that there is something to sell."))
    if event.currency != event.organization.currency:
        raise NotReady(_("Default prices are in another currency: add price levels with prices of their own."))
    level = PriceLevel.objects.create(event=event, name=str(_("General admission")), places=event.venue.capacity)
    Price.objects.bulk_create(
        Price(price_level=level, ticket_type=ticket_type, amount=ticket_type.default_price)
        for ticket_type in ticket_types
    )
