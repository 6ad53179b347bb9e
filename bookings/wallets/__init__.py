"""
Tickets as passes for telephones. Each kind is offered where the environment has its certificates (docs/wallet.md):
without them nobody sees anything of it.
"""

import hashlib
from typing import Protocol

from django.http import HttpResponse
from django.utils.functional import Promise

from bookings.models import Ticket


class Wallet(Protocol):
    """What makes passes of one kind."""

    @property
    def name(self) -> str:
        """As in its address."""
        ...

    @property
    def label(self) -> str | Promise:
        """As on its button."""
        ...

    def response(self, ticket: Ticket, code: str) -> HttpResponse:
        """Return the pass, or the way to it; the ticket has all that is printed on it."""
        ...


def offered() -> dict[str, Wallet]:
    """Return the kinds that can be made here, by name."""
    from bookings.wallets import apple, google  # noqa: PLC0415 - they need what is defined here

    makers: list[Wallet | None] = [apple.from_settings(), google.from_settings()]
    return {maker.name: maker for maker in makers if maker}


def serial(ticket: Ticket) -> str:
    """Return what a pass is called: it is another one as soon as the ticket has another code."""
    return f"{ticket}-{hashlib.sha256(ticket.secret.encode()).hexdigest()[:8]}"


def seat_parts(ticket: Ticket) -> dict[str, str]:
    """Return where to sit: section, row and seat; nothing of a standing place."""
    spot = ticket.event_seat
    if spot.seat is None or spot.section is None:
        return {}
    return {"section": spot.section.name, "row": spot.seat.row, "seat": spot.seat.number}
