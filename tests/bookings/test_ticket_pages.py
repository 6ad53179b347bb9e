"""The page of one ticket, and the papers of a booking: who has the link sees them, and nobody else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pypdfium2
import pytest
from django.test import Client

from bookings.models import Booking, Document, Ticket
from bookings.services import cancellations, documents, ticket_keys
from core import clock, codes
from tests.factories import event_on_sale, handed_over, paid, reserve, reserve_seats, seated_event, settle, with_details
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def address(ticket: Ticket, rest: str = "") -> str:
    return f"/tickets/{ticket.link}/{rest}"


def test_a_ticket_page_shows_what_a_door_needs(client: Client, noon: datetime) -> None:
    """U33, U35, R45"""
    event = seated_event(
        title="Tides",
        starts_at=datetime(2026, 11, 28, 19, tzinfo=UTC),
        doors_at=datetime(2026, 11, 28, 18, tzinfo=UTC),
        entry_rules="No **bags**",
    )
    booking = settle(handed_over(reserve_seats(event, "Stalls A 1")))
    ticket = booking.tickets.get()
    response = client.get(address(ticket))
    page, code = response.content.decode(), ticket_keys.code_of(ticket)
    for fact in ("Tides", "Sat, 28 Nov 2026, 20:00 (CET)", "Doors open at 19:00 (CET)", "Stalls", "Ada Example", code):
        assert fact in text_of(response)
    assert "No bags" in text_of(response)
    assert '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 53 53" class="qr">' in page
    assert '<path fill="#fff"' in page
    assert booking.secret not in page
    assert ticket.secret not in page


def test_a_ticket_that_opens_nothing_shows_no_code_and_says_why(client: Client, noon: datetime) -> None:
    booking = paid(event_on_sale(), 1)
    ticket = booking.tickets.get()
    code = ticket_keys.code_of(ticket)
    cancellations.cancel(booking_id=booking.pk, reason="asked for")
    shown = client.get(address(ticket))
    assert shown.status_code == 200
    assert "This ticket is void: it was cancelled." in text_of(shown)
    assert code not in shown.content.decode()
    assert 'class="qr"' not in shown.content.decode()
    assert [client.get(address(ticket, rest)).status_code for rest in ("ticket.pdf", "calendar.ics")] == [404, 200]


def test_what_is_not_paid_has_no_code(client: Client, noon: datetime) -> None:
    ticket = with_details(reserve(event_on_sale(), 1)).tickets.get()
    shown = client.get(address(ticket))
    assert "paid yet." in text_of(shown)
    assert 'class="qr"' not in shown.content.decode()
    assert [client.get(address(ticket, rest)).status_code for rest in ("ticket.pdf", "calendar.ics")] == [404, 404]


def test_a_ticket_of_an_event_that_does_not_take_place_has_no_code(client: Client, noon: datetime) -> None:
    booking = paid(event_on_sale(), 1)
    type(booking.event).objects.update(status="cancelled")
    shown = client.get(address(booking.tickets.get()))
    assert "This event was cancelled." in text_of(shown)
    assert 'class="qr"' not in shown.content.decode()


def test_papers_of_a_booking_are_on_its_page_and_can_be_had(client: Client, noon: datetime) -> None:
    """U33"""
    booking = paid(event_on_sale(), 3)
    page = client.get(booking.get_absolute_url()).content.decode()
    for ticket in booking.tickets.all():
        assert address(ticket) in page
    tickets = client.get(f"/bookings/{booking.secret}/tickets.pdf")
    assert len(pypdfium2.PdfDocument(tickets.content)) == 3
    assert tickets.headers["Content-Disposition"] == f'inline; filename="{booking.code}.pdf"'
    one = client.get(address(booking.tickets.first(), "ticket.pdf"))
    assert len(pypdfium2.PdfDocument(one.content)) == 1
    receipt = client.get(f"/bookings/{booking.secret}/receipt.pdf")
    assert receipt.headers["Content-Disposition"] == 'inline; filename="R-000001.pdf"'
    for response in (tickets, one, receipt):
        assert response.headers["Content-Type"] == "application/pdf"
        assert f"/bookings/{booking.secret}/receipt.pdf" in page


def test_a_cancelled_booking_keeps_its_papers_about_money(client: Client, noon: datetime) -> None:
    booking = paid(event_on_sale(), 1)
    cancellations.cancel(booking_id=booking.pk, reason="asked for")
    note = Document.objects.get(kind="credit_note")
    page = client.get(booking.get_absolute_url()).content.decode()
    assert f"/bookings/{booking.secret}/credit-notes/{note.pk}.pdf" in page
    assert client.get(f"/bookings/{booking.secret}/tickets.pdf").status_code == 404
    for paper in ("receipt.pdf", f"credit-notes/{note.pk}.pdf"):
        assert client.get(f"/bookings/{booking.secret}/{paper}").headers["Content-Type"] == "application/pdf"
    note.refresh_from_db()
    assert note.label == "C-000001"


def test_papers_of_another_booking_are_not_there(client: Client, noon: datetime) -> None:
    """S9"""
    mine, other = paid(event_on_sale()), paid(event_on_sale())
    cancellations.cancel(booking_id=other.pk, reason="asked for")
    documents.number_due()
    note = Document.objects.get(kind="credit_note")
    assert client.get(f"/bookings/{mine.secret}/credit-notes/{note.pk}.pdf").status_code == 404
    unpaid = reserve(event_on_sale())
    for paper in ("tickets.pdf", "receipt.pdf"):
        assert client.get(f"/bookings/{unpaid.secret}/{paper}").status_code == 404


@pytest.mark.parametrize("rest", ["", "ticket.pdf", "calendar.ics", "wallets/apple/"])
def test_guessing_links_of_tickets_is_stopped(client: Client, noon: datetime, rest: str) -> None:
    """S18, S20"""
    ticket = paid(event_on_sale()).tickets.first()
    for wrong in (ticket.secret, ticket.booking.secret, ticket.link[:-1] + "!"):
        assert client.get(f"/tickets/{wrong}/{rest}").status_code == 404
    answers = [client.get(f"/tickets/{codes.secret()}/").status_code for _guess in range(20)]
    assert set(answers[:17]) == {404}
    assert client.get(f"/tickets/{codes.secret()}/").status_code == 429
    assert client.get(address(ticket)).status_code == 200


def test_nothing_of_a_ticket_is_in_a_cache_or_told_to_other_sites(client: Client, noon: datetime) -> None:
    """S50, S19"""
    booking = paid(event_on_sale())
    ticket = booking.tickets.first()
    paths = [address(ticket), address(ticket, "ticket.pdf"), address(ticket, "calendar.ics")]
    paths += [f"/bookings/{booking.secret}/{paper}" for paper in ("tickets.pdf", "receipt.pdf")]
    for path in paths:
        response = client.get(path)
        assert response.status_code == 200
        assert "no-store" in response.headers["Cache-Control"]
        assert response.headers["Referrer-Policy"] == "same-origin"


def test_a_ticket_is_an_entry_of_a_calendar(client: Client, noon: datetime) -> None:
    """U34: the same entry as long as it lives, which a void ticket takes out again"""
    booking = paid(event_on_sale(title="Gala\r\nATTENDEE:eve"), 1)
    ticket = booking.tickets.get()
    type(booking.event).objects.update(changed_at=noon)

    def entry() -> Any:
        return icalendar.Calendar.from_ical(client.get(address(ticket, "calendar.ics")).content).walk("VEVENT")[0]

    before = entry()
    assert before["STATUS"] == "CONFIRMED"
    assert str(ticket) in before["DESCRIPTION"]
    assert ticket.link not in before.to_ical().decode()
    assert "ATTENDEE" not in before
    clock.advance(timedelta(minutes=5))
    cancellations.cancel(booking_id=booking.pk, reason="asked for")
    after = entry()
    assert (after["STATUS"], after["UID"]) == ("CANCELLED", before["UID"])
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_who_was_given_a_ticket_sees_it_alone(client: Client, noon: datetime) -> None:
    """U37, S31: nothing of who paid"""
    booking = paid(event_on_sale(), 2)
    Ticket.objects.filter(number=1).update(holder_email="bob@example.com")
    got = booking.tickets.get(number=1)
    page = client.get(address(got)).content.decode()
    assert "Ada" not in page
    assert address(got, "holder/") in page
    givers = client.get(booking.get_absolute_url()).content.decode()
    assert got.link not in givers
    assert booking.tickets.get(number=2).link in givers
    assert "tickets.pdf" in givers
    Ticket.objects.update(holder_email="bob@example.com")
    assert "tickets.pdf" not in client.get(booking.get_absolute_url()).content.decode()


def test_names_are_text_on_the_page(client: Client, noon: datetime) -> None:
    """S29, S32"""
    booking = paid(event_on_sale(title="<script>x</script> {{ settings.SECRET_KEY }}"), 1)
    Booking.objects.update(customer_name="<img src=x onerror=y>")
    page = client.get(address(booking.tickets.get())).content.decode()
    assert "<script>x" not in page
    assert "<img src=x" not in page
    assert "{{ settings.SECRET_KEY }}" in page


def test_the_worker_and_the_manifest_are_where_browsers_look(client: Client) -> None:
    """U36"""
    worker = client.get("/service-worker.js")
    assert (worker.status_code, worker.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert "max-age=0" in worker.headers["Cache-Control"]
    manifest = client.get("/manifest.webmanifest")
    assert manifest.headers["Content-Type"] == "application/manifest+json"
    assert {icon["sizes"] for icon in manifest.json()["icons"]} == {"192x192", "512x512"}
    assert 'rel="manifest" href="/manifest.webmanifest"' in client.get("/bookings/find/").content.decode()
