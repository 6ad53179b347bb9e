"""
What is attached to mails: made when they are sent, with no lock held, so that nothing here holds up a sale or undoes
one. The outbox tries again what fails, and in the end sends the mail without.
"""

from django.utils import translation

from bookings.calendars import booking_entry
from bookings.models import Booking, Ticket
from bookings.papers import money as money_papers
from bookings.papers import tickets as ticket_papers
from bookings.services import documents, ticket_keys
from core import calendars
from notifications.models import Message
from notifications.outbox import Attachment

PDF = "application/pdf"


def tickets(message: Message) -> list[Attachment]:
    """All tickets of the booking that the message is about, its receipt and its entry for a calendar."""
    booking = Booking.objects.select_related("event__venue", "organization").get(pk=message.about_id)
    if booking.status != Booking.Status.CONFIRMED:
        return []  # it ended while the mail waited
    made = _tickets(booking)
    if documents.has_receipt(booking):
        made.append(_receipt(booking))
    return [*made, _entry(booking)]


def calendar(message: Message) -> list[Attachment]:
    """The entry of the booking that the message is about, as it is now; who never had tickets has none."""
    booking = Booking.objects.select_related("event__venue", "organization").get(pk=message.about_id)
    return [_entry(booking)] if booking.confirmed_at else []


def _entry(booking: Booking) -> Attachment:
    with translation.override(booking.language):
        return f"{booking.code}.ics", calendars.written(booking_entry(booking)), "text/calendar"


def received(message: Message) -> list[Attachment]:
    """What of the booking is its recipient's by now: tickets that were passed on to this address."""
    theirs = Ticket.objects.select_related(*ticket_papers.ALL_OF_IT).filter(
        booking=message.about_id, holder_email__iexact=message.to, status=Ticket.Status.VALID
    )
    return [_one(ticket) for ticket in theirs.order_by("number")]


def _one(ticket: Ticket) -> Attachment:
    return f"{ticket}.pdf", ticket_papers.pdf([ticket], key=ticket_keys.signing()), PDF


def _tickets(booking: Booking) -> list[Attachment]:
    printed = ticket_papers.printable(booking)
    if not printed:
        return []
    return [(f"{booking.code}.pdf", ticket_papers.pdf(printed, key=ticket_keys.signing()), PDF)]


def _receipt(booking: Booking) -> Attachment:
    document = money_papers.printable().get(pk=documents.receipt(booking_id=booking.pk).pk)
    return f"{document.label}.pdf", money_papers.pdf(document), PDF
