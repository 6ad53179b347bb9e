"""What a customer can do with a booking alone, as its page shows it."""

from collections.abc import Iterable
from typing import Any

from bookings.models import Booking, Ticket
from bookings.queries.moves import moves_of
from bookings.queries.policies import policy_of
from bookings.services import exchanges, transfers
from core import clock


def self_service(booking: Booking, tickets: Iterable[Ticket]) -> dict[str, Any]:
    """Return what the page of a confirmed booking needs; each ticket learns its offer and why it can't be passed on."""
    policy, now = policy_of(booking.event), clock.now()
    shown = list(tickets)
    offers = transfers.open_offers(shown, now)
    for ticket in shown:
        ticket.booking = booking
        ticket.offered = offers.get(ticket.pk)  # type: ignore[attr-defined]
        ticket.why_not = transfers.why_not(ticket, policy, now)  # type: ignore[attr-defined]
    return {
        "tickets": shown,
        "can_change": now < booking.event.ends_at,
        "can_exchange": not exchanges.why_not(booking, policy, now),
        "moves": moves_of(booking),
    }
