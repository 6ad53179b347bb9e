"""Everything that ever happened to one place of an event, in order of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models import Booking, Ticket
from core import audit as trail
from core import money, ranges
from core.models import AuditEntry
from events.models import EventSeat

MADE = ("event.seated", "event.created", "event.published")
"""What made the places of an event, or of the event that it was copied from."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened; `booking` for who may see bookings."""

    at: datetime
    what: str
    by: Any = None
    booking: Booking | None = None


def life(place: EventSeat, *, bookings: bool) -> list[Moment]:
    """Return what staff did with a place, and who reserved, bought and returned it."""
    moments = [*_made(place), *_acts(place), *_tickets(place, bookings=bookings)]
    return sorted(moments, key=lambda moment: moment.at)


def _made(place: EventSeat) -> Iterator[Moment]:
    entries = trail.about(place.event).filter(action__in=MADE).select_related("by")
    makers = [entry for entry in entries if entry.action != "event.created" or entry.facts.get("copied_from")]
    if not makers:
        return
    seated = [entry for entry in makers if entry.action == "event.seated"]
    first = seated[-1] if seated and place.section_id else makers[0]
    yield Moment(first.at, _("Made."), first.by)


def _acts(place: EventSeat) -> Iterator[Moment]:
    """Acts of staff name the places that they changed, in runs."""
    entries = trail.about(place.event).filter(action__in=WORDS).select_related("by")
    for entry in entries.iterator(chunk_size=100):
        if ranges.holds(entry.facts["places"], place.pk):
            yield Moment(entry.at, _sentence(entry, place), entry.by)


WORDS: dict[str, str | Promise] = {
    "event.seats_painted": gettext_lazy("Painted as %(level)s."),
    "event.seats_blocked": gettext_lazy("Blocked."),
    "event.seats_unblocked": gettext_lazy("On sale again."),
    "event.seats_held": gettext_lazy("Held for %(hold)s."),
    "event.seats_released": gettext_lazy("Released from the hold for %(hold)s."),
    "event.seats_owned": gettext_lazy("Ours to sell."),
    "event.seats_disowned": gettext_lazy("Not ours to sell."),
    "event.allocation_applied": gettext_lazy("Divided like “%(allocation)s”."),
}
"""What the acts are for one place."""


def _sentence(entry: AuditEntry, place: EventSeat) -> str:
    said = str(WORDS[entry.action]) % entry.facts
    costs = {cost: places for cost, places in entry.facts.get("costs", {}).items() if ranges.holds(places, place.pk)}
    cost = entry.facts.get("cost", next(iter(costs), None))
    if cost is not None:
        said += " " + _("Cost: %(cost)s.") % {"cost": money.formatted(int(cost), place.event.currency)}
    if entry.facts.get("over"):
        said += " " + _("Its time was over.")
    return said


def _tickets(place: EventSeat, *, bookings: bool) -> Iterator[Moment]:
    tickets = Ticket.objects.filter(event_seat=place).select_related("booking", "ticket_type").order_by("pk")
    for ticket in tickets:
        booking = ticket.booking if bookings else None
        price = money.formatted(ticket.total, ticket.booking.currency)
        facts = {"type": ticket.ticket_type.name, "price": price}
        yield Moment(ticket.booking.reserved_at, _("Reserved: %(type)s, %(price)s.") % facts, booking=booking)
        if ticket.booking.confirmed_at:
            yield Moment(ticket.booking.confirmed_at, _("Sold."), booking=booking)
        if ticket.voided_at:
            yield Moment(ticket.voided_at, _ended(ticket), booking=booking)


def _ended(ticket: Ticket) -> str:
    """Why a ticket is void: its booking has ended, or the ticket alone."""
    match ticket.booking.status:
        case Booking.Status.EXPIRED:
            return _("Not paid in time: given back.")
        case Booking.Status.CANCELLED:
            return _("Cancelled: given back.")
    return _("Its ticket is void: another took its place, or it was given back.")
