"""A ticket changes hands, as tests do it."""

import re
from typing import Any

from bookings.models import Booking, CancellationPolicy, Ticket, Transfer
from bookings.services import transfers
from notifications.models import Message
from tests.factories import event_on_sale, paid


def a_ticket(quantity: int = 2, **event: Any) -> Ticket:
    """Return the first ticket of a confirmed booking."""
    return paid(event_on_sale(**event), quantity).live_tickets()[0]


def offer(ticket: Ticket, email: str = "bob@example.com", name: str = "Bob Example") -> Transfer:
    """Offer it to Bob."""
    return transfers.offer(ticket_id=ticket.pk, name=name, email=email)


def secret_in_mail(email: str = "bob@example.com") -> str:
    """Return what is behind the link in the last offer that was mailed to somebody."""
    mail = Message.objects.filter(kind="ticket-offered", to=email).latest("pk")
    return re.findall(r"/transfers/([^/]+)/", mail.text)[0]


def accept(email: str = "bob@example.com", name: str = "Bob Example") -> Ticket:
    """Accept the last offer that was mailed to somebody."""
    return transfers.accept(secret=secret_in_mail(email), name=name)


def passed_on(ticket: Ticket, email: str = "bob@example.com", name: str = "Bob Example") -> Ticket:
    """Return the ticket that follows one that was offered and accepted."""
    offer(ticket, email, name)
    return accept(email, name)


def rules(booking: Booking, **fields: Any) -> CancellationPolicy:
    """Give the organization of a booking these rules."""
    return CancellationPolicy.objects.create(organization=booking.organization, **fields)
