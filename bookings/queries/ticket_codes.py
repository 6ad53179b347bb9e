"""What we know of a code that somebody shows."""

import hmac
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings import ticket_codes
from bookings.models import Ticket
from bookings.services import ticket_keys


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the ticket opens a door, and if not, why; what it says can be shown to who holds it."""

    ticket: Ticket
    is_good: bool
    says: str | Promise


def found(code: str, *, event_id: int | None = None) -> Answer:
    """
    Say what became of the ticket whose code this is. Raises the refusals of `ticket_codes.read`.

    A code with an older nonce than the ticket's is dead, whatever its signature.
    """
    facts = ticket_codes.read(code, ticket_keys.believed(), event_id=event_id)
    tickets = Ticket.objects.named().select_related("booking__event__venue")
    ticket = tickets.filter(pk=facts.ticket_id, booking__event_id=facts.event_id).first()
    if ticket is None:
        raise ticket_codes.NotATicket
    if not hmac.compare_digest(ticket_codes.nonce(ticket.secret), facts.nonce):
        return Answer(ticket, is_good=False, says=_("This code was replaced by a new one."))
    return Answer(ticket, is_good=ticket.status == Ticket.Status.VALID, says=said(ticket))


def said(ticket: Ticket) -> str | Promise:
    """Return what a ticket's state means to who holds it."""
    if ticket.status == Ticket.Status.VOID:
        return _WHY_VOID.get(ticket.void_reason, _("This ticket is void."))
    return _SAID[ticket.status]


_SAID: dict[str, str | Promise] = {
    Ticket.Status.RESERVED: _("This ticket isn't paid yet."),
    Ticket.Status.VALID: _("This ticket is valid."),
    Ticket.Status.USED: _("This ticket was used."),
}
_WHY_VOID: dict[str, str | Promise] = {
    Ticket.VoidReason.EXPIRED: _("This ticket is void: it was not paid in time."),
    Ticket.VoidReason.CANCELLED: _("This ticket is void: it was cancelled."),
    Ticket.VoidReason.TRANSFERRED: _("This ticket is void: it was passed on to somebody else."),
    Ticket.VoidReason.EXCHANGED: _("This ticket is void: it was exchanged for another."),
    Ticket.VoidReason.REISSUED: _("This ticket is void: it was issued anew."),
}
