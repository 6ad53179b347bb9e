"""What papers and mails cost: bookings to print, and the bare work to measure it against."""

from collections.abc import Callable
from io import BytesIO

from django.core.mail import EmailMultiAlternatives
from django.test import override_settings
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from bookings import qr
from bookings.models import Booking, Payment, Ticket
from bookings.papers import sheet
from bookings.papers import tickets as papers
from bookings.services import customers, payments, reservations, ticket_keys
from bookings.ticket_codes import signed
from core import codes
from notifications import outbox
from notifications.models import Message
from tests.bench.house import hot_event, price_of

IN_MEMORY = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}


def confirmed(count: int) -> list[Booking]:
    """Return so many confirmed bookings of one ticket each, whose mails wait."""
    event = hot_event(count)
    price = price_of(event)
    made = []
    for number in range(count):
        booking = reservations.reserve(event=event, quantities={price.pk: 1}, key=codes.secret())
        email = f"person{number}@example.com"
        customers.give_details(booking_id=booking.pk, name="Ada Example", email=email)
        made.append(payments.record_by_hand(booking_id=booking.pk, how=Payment.ByHand.CASH, by=None))
    return made


def printer(booking: Booking) -> Callable[[], object]:
    """Print the ticket of a booking."""
    key = ticket_keys.signing()
    (ticket,) = papers.printable(booking)
    return lambda: papers.pdf([ticket], key=key)


def bare_page(booking: Booking) -> Callable[[], object]:
    """Sign, draw the QR code and write as many characters in as many fonts, with nothing laid out."""
    key = ticket_keys.signing()
    (ticket,) = papers.printable(booking)
    sheet.width_of("", sheet.TEXT, 9)  # the fonts are read

    def page() -> bytes:
        file = BytesIO()
        canvas = Canvas(file, pagesize=A4, pageCompression=1)
        size, bars = qr.bars(signed(ticket, key))
        canvas.addLiteral(" ".join(f"{across} {down} {length} 1 re" for across, down, length in bars) + " f")
        for face in (sheet.DISPLAY, sheet.TEXT, sheet.BOLD):
            canvas.setFont(face[0], 9)
            for line in range(12):
                canvas.drawString(50, 50 + 12 * line, f"{ticket} of {size} modules: The quick brown fox")
        canvas.save()
        return file.getvalue()

    return page


def drain() -> int:
    """Deliver every mail that waits, to nowhere; return how many."""
    sent = 0
    with override_settings(MAILERS=IN_MEMORY):
        while more := outbox.deliver_due():
            sent += more
    return sent


def bare_mails(count: int) -> None:
    """Print as many tickets and send as many mails with them, with no outbox, no receipt and no calendar entry."""
    key = ticket_keys.signing()
    tickets = Ticket.objects.select_related(*papers.ALL_OF_IT).filter(status=Ticket.Status.VALID)
    (message,) = Message.objects.order_by("-pk")[:1]
    with override_settings(MAILERS=IN_MEMORY):
        for ticket in tickets.order_by("-pk")[:count]:
            mail = EmailMultiAlternatives(message.subject, message.text, "box@example.com", [message.to])
            mail.attach_alternative(message.html, "text/html")
            mail.attach("ticket.pdf", papers.pdf([ticket], key=key), "application/pdf")
            mail.send()
