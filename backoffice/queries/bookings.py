"""A booking's whole story: its tickets, its money, what was mailed, and what happened."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from bookings.models import Booking, Payment, Ticket, Transfer
from bookings.services import transfers
from core import audit as trail
from core import clock
from core.models import AuditEntry
from notifications.models import Message


@dataclass(frozen=True, slots=True)
class Story:
    """What staff see of one booking."""

    tickets: list[Ticket]
    payments: list[Payment]
    messages: list[Message]
    transfers: list[Transfer]
    entries: list[AuditEntry]


def story(booking: Booking) -> Story:
    """Return all that belongs to a booking; confidential messages are nobody's business."""
    tickets = booking.tickets.named().select_related("follows", "exchanged_for").order_by("number")
    mails = Message.objects.filter(about_type=Booking._meta.label_lower, about_id=booking.pk, confidential=False)
    entries = list(trail.about(booking).select_related("by"))
    for entry in entries:
        entry.thing = booking  # type: ignore[attr-defined]
    return Story(
        tickets=list(tickets),
        payments=list(booking.payments.prefetch_related("refunds").order_by("pk")),
        transfers=_transfers(booking),
        messages=list(mails.defer("text", "html").order_by("pk")),
        entries=entries,
    )


def _transfers(booking: Booking) -> list[Transfer]:
    """Return to whom its tickets were offered, the first offer first, each with what came of it."""
    offers = Transfer.objects.filter(ticket__booking=booking).select_related("ticket__booking", "ticket__followed_by")
    found = list(offers.order_by("pk"))
    now = clock.now()
    for offer in found:
        offer.state = _state(offer, now)  # type: ignore[attr-defined]
    return found


def _state(offer: Transfer, now: datetime) -> str:
    if offer.accepted_at:
        return _("accepted: ticket %(number)02d follows it") % {"number": offer.ticket.followed_by.number}
    if offer.ended_at:
        return _("declined or withdrawn")
    return _("open") if transfers.is_open(offer, now) else _("over")
