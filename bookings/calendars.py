"""Bookings as entries of a calendar."""

from dataclasses import replace

from django.utils.translation import gettext as _

from bookings.models import Booking, Ticket
from core.calendars import Entry
from events.calendars import doors, event_entry


def booking_entry(booking: Booking) -> Entry:
    """
    The event with the booking's code and tickets, for a booking that is or was confirmed: one that was cancelled
    takes its entry out of the calendar.

    Calendars are shared with colleagues and copied to other companies: so there is no name in it, and not the
    booking's link, which opens everything.
    """
    event = booking.event
    tickets = booking.live_tickets().named().select_related("booking")
    lines = [
        _("Booking code: %(code)s") % {"code": booking.code},
        *(f"{ticket}: {ticket.event_seat.name}, {ticket.ticket_type.name}" for ticket in tickets),
        doors(event),
    ]
    moments = (booking.confirmed_at, booking.ended_at)
    entry = event_entry(event)
    return replace(
        entry,
        name=f"booking-{booking.pk}",
        description="\n".join(line for line in lines if line),
        changed_at=max(event.changed_at, *(moment for moment in moments if moment)),
        is_cancelled=entry.is_cancelled or booking.status == Booking.Status.CANCELLED,
        is_private=True,
    )


def ticket_entry(ticket: Ticket) -> Entry:
    """
    The event with one ticket's place, for who has that ticket and perhaps not its booking. Its own link isn't in it.

    One that became void takes its entry out of the calendar.
    """
    event, entry = ticket.booking.event, event_entry(ticket.booking.event)
    lines = [f"{ticket}: {ticket.event_seat.name}, {ticket.ticket_type.name}", doors(event)]
    moments = (event.changed_at, ticket.booking.confirmed_at, ticket.voided_at)
    return replace(
        entry,
        name=f"ticket-{ticket.pk}",
        description="\n".join(line for line in lines if line),
        changed_at=max(moment for moment in moments if moment),
        is_cancelled=entry.is_cancelled or ticket.status == Ticket.Status.VOID,
        is_private=True,
    )
