"""A booking's whole story: its tickets, its money, what was mailed, and what happened."""

from dataclasses import dataclass

from bookings.models import Booking, Payment, Ticket
from core import audit as trail
from core.models import AuditEntry
from notifications.models import Message


@dataclass(frozen=True, slots=True)
class Story:
    """What staff see of one booking."""

    tickets: list[Ticket]
    payments: list[Payment]
    messages: list[Message]
    entries: list[AuditEntry]


def story(booking: Booking) -> Story:
    """Return all that belongs to a booking; confidential messages are nobody's business."""
    tickets = booking.tickets.named().order_by("number")
    mails = Message.objects.filter(about_type=Booking._meta.label_lower, about_id=booking.pk, confidential=False)
    entries = list(trail.about(booking).select_related("by"))
    for entry in entries:
        entry.thing = booking  # type: ignore[attr-defined]
    return Story(
        tickets=list(tickets),
        payments=list(booking.payments.prefetch_related("refunds").order_by("pk")),
        messages=list(mails.defer("text", "html").order_by("pk")),
        entries=entries,
    )
