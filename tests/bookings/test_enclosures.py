"""Mails that bring tickets: what is attached, and that nothing about it costs anybody a ticket."""

from datetime import UTC, datetime
from typing import Any

import icalendar
import pypdfium2
import pytest
from django.core import mail
from django.test import Client

from bookings.models import Booking, Document, Ticket
from bookings.services import cancellations, customers, enclosures, notices
from core import clock, retries
from notifications import outbox
from notifications.models import Message
from tests.factories import event_on_sale, paid

pytestmark = pytest.mark.django_db


def attached(sent: Any) -> dict[str, str]:
    return {name: kind for name, _content, kind in sent.attachments}


def deliver() -> Any:
    outbox.deliver_due()
    return mail.outbox[-1]


def test_a_confirmation_brings_tickets_receipt_and_calendar_entry(noon: datetime) -> None:
    """U33, U34, R45: page, mail, PDF and calendar say the same moment"""
    booking = paid(event_on_sale(title="Tides", starts_at=datetime(2026, 10, 25, 1, 30, tzinfo=UTC)), 2)
    sent = deliver()
    assert attached(sent) == {
        f"{booking.code}.pdf": "application/pdf",
        "R-000001.pdf": "application/pdf",
        f"{booking.code}.ics": "text/calendar",
    }
    tickets, receipt, calendar = (content for _name, content, _kind in sent.attachments)
    moment = "Sun, 25 Oct 2026, 02:30 (CET)"  # the second half past two of that night
    assert len(pypdfium2.PdfDocument(tickets)) == 2
    for paper in (tickets, receipt):
        assert moment in pypdfium2.PdfDocument(paper)[0].get_textpage().get_text_range()
    assert moment in sent.body
    assert moment in Client().get(booking.get_absolute_url()).content.decode()
    (entry,) = icalendar.Calendar.from_ical(calendar).walk("VEVENT")
    assert entry["DTSTART"].dt == booking.event.starts_at
    assert entry["UID"] == f"booking-{booking.pk}@localhost"
    assert f"/bookings/{booking.secret}/calendar.ics" in sent.body


def test_a_repeat_is_the_same_message_with_the_same_papers(noon: datetime) -> None:
    """R12, R37: a worker died between sending and recording"""
    paid(event_on_sale())
    first = deliver()
    Message.objects.update(status="queued", sent_at=None, next_attempt_at=clock.now())
    again = deliver()
    assert first.extra_headers == again.extra_headers
    assert attached(first) == attached(again)
    assert Document.objects.count() == 1


def test_what_cannot_be_printed_delays_the_mail_and_then_stays_away(
    noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R43, R12: the tickets are the customer's whatever becomes of their papers"""
    booking = paid(event_on_sale())
    monkeypatch.setattr(enclosures.ticket_papers, "pdf", lambda *a, **k: 1 / 0)
    for attempts in (1, 2, 3):
        assert outbox.deliver_due() == 0
        message = Message.objects.get()
        assert (message.status, message.attempts) == ("queued", attempts)
        clock.advance(retries.backoff(attempts))
    assert outbox.deliver_due() == 1
    assert attached(mail.outbox[-1]) == {}
    booking.refresh_from_db()
    assert (booking.status, Ticket.objects.filter(status="valid").count()) == ("confirmed", 2)


def test_what_was_cancelled_meanwhile_brings_no_tickets(noon: datetime) -> None:
    booking = paid(event_on_sale())
    cancellations.cancel(booking_id=booking.pk, reason="asked for")
    outbox.deliver_due()
    assert [attached(sent) for sent in mail.outbox] == [{}, {}]


def test_a_ticket_that_was_passed_on_is_in_no_mail_of_who_gave_it_away(noon: datetime) -> None:
    """U37"""
    booking = paid(event_on_sale(), 2)
    Ticket.objects.filter(number=1).update(holder_email="bob@example.com")
    sent = deliver()
    assert len(pypdfium2.PdfDocument(sent.attachments[0][1])) == 1
    Ticket.objects.update(holder_email="bob@example.com")
    clock.advance(customers.RESENT_AFTER * 2)
    customers.resend(booking_id=booking.pk)
    assert f"{booking.code}.pdf" not in attached(deliver())


def test_who_is_given_a_ticket_gets_it_by_mail_and_no_other(noon: datetime) -> None:
    """U37"""
    booking = paid(event_on_sale(), 3)
    Ticket.objects.filter(number=2).update(holder="Bob", holder_email="bob@example.com")
    Ticket.objects.filter(number=3).update(holder="Eve", holder_email="eve@example.com")
    got = booking.tickets.named().get(number=2)
    notices.ticket_received(booking, got, language="en", at=noon)
    sent = deliver()
    assert (sent.to, attached(sent)) == (["bob@example.com"], {f"{got}.pdf": "application/pdf"})
    text = pypdfium2.PdfDocument(sent.attachments[0][1])[0].get_textpage().get_text_range()
    assert "Bob" in text
    assert "Ada" not in text


def test_a_mail_that_would_be_too_large_goes_without_what_is_too_much(
    noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = paid(event_on_sale())
    monkeypatch.setattr(outbox, "LARGEST", 5_000)
    assert attached(deliver()) == {f"{booking.code}.ics": "text/calendar"}


def test_a_customer_sends_the_mail_once_more(client: Client, noon: datetime) -> None:
    """U34, S20: to the stored address alone, and not again and again"""
    booking = paid(event_on_sale())
    deliver()
    address = f"/bookings/{booking.secret}/send-again/"
    response = client.post(address, {"email": "eve@example.com"})
    assert (response.status_code, response["Location"]) == (303, f"{booking.get_absolute_url()}?sent")
    assert "once more" in client.get(response["Location"]).content.decode()
    sent = deliver()
    assert (sent.to, attached(sent)[f"{booking.code}.pdf"]) == (["ada@example.com"], "application/pdf")
    refused = client.post(address)
    assert refused.status_code == 409
    assert "It was sent a moment ago." in refused.content.decode()
    for _click in range(5):
        answer = client.post(address)
    assert answer.status_code == 429
    assert Booking.objects.get().status == "confirmed"
