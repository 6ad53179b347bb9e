"""Tickets and receipts as PDF, read back as people and cameras read them."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.models import Booking, Document, Ticket
from bookings.papers import money as money_papers
from bookings.papers import tickets as ticket_papers
from bookings.papers.sheet import DISPLAY, Sheet, fitted, width_of
from bookings.services import cancellations, documents, ticket_keys
from tests.factories import (
    OrganizationFactory,
    VenueFactory,
    event_on_sale,
    handed_over,
    paid,
    reserve_seats,
    seated_event,
    settle,
)

HOSTILE = "<b>x</b> {{ settings.SECRET_KEY }} {event.__class__} שלום (Ada) محمد 😀 張偉 \x00\x07 Αθήνα\r\nИван"


def tickets_pdf(booking: Booking) -> bytes:
    return ticket_papers.pdf(ticket_papers.printable(booking), key=ticket_keys.signing())


def texts(pdf: bytes) -> list[str]:
    """What stands on each page."""
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_range() for page in document]


def codes_of(pdf: bytes, folder: Path, *, dpi: int = 110) -> list[str]:
    """What zbar, which knows nothing of us, reads from each page."""
    found = []
    for number, page in enumerate(pypdfium2.PdfDocument(pdf)):
        picture = folder / f"{number}.png"
        page.render(scale=dpi / 72).to_pil().save(picture)
        read = subprocess.run(["zbarimg", "--quiet", "--raw", picture], capture_output=True, text=True, check=True)
        found.append(read.stdout.strip())
    return found


needs_zbar = pytest.mark.skipif(not shutil.which("zbarimg"), reason="`make test-all` makes sure that zbar is there")


@needs_zbar
@pytest.mark.django_db
def test_a_camera_reads_each_ticket_from_its_page(noon: datetime, tmp_path: Path) -> None:
    """U35: also of a bad scan, at 110 dots an inch"""
    booking = paid(event_on_sale(), 3)
    expected = [ticket_keys.code_of(ticket) for ticket in ticket_papers.printable(booking)]
    assert codes_of(tickets_pdf(booking), tmp_path) == expected
    assert len(set(expected)) == 3


@pytest.mark.django_db
def test_a_code_is_large_enough_and_has_white_around_it(noon: datetime) -> None:
    """U35: at least 30 mm in print, and four modules of quiet"""
    page = pypdfium2.PdfDocument(tickets_pdf(paid(event_on_sale(), 1)))[0]
    picture = page.render(scale=300 / 72).to_pil().convert("L")
    left, top = (int(mm / 25.4 * 300) for mm in (ticket_papers.WIDTH - 80, 60))
    stub = picture.crop((left, top, picture.width - int(15 / 25.4 * 300), top + int(56 / 25.4 * 300)))
    black = stub.point(lambda grey: 255 if grey < 60 else 0).getbbox()
    assert black is not None
    size = (black[2] - black[0]) / 300 * 25.4
    assert 45 < size < 47
    module = size / 45
    quiet = int(3.8 * module / 25.4 * 300)
    around = stub.crop((black[0] - quiet, black[1] - quiet, black[0] - 2, black[3] + quiet))  # but for grey edges
    assert around.getextrema() == (255, 255)


@pytest.mark.django_db
def test_a_ticket_says_where_when_what_and_whose(noon: datetime) -> None:
    """U33, R45, U3"""
    event = seated_event(
        title="Tides",
        venue=VenueFactory(name="Hall", address="7 Quay", city="Hamburg", organization__support_email="h@example.com"),
        starts_at=datetime(2026, 11, 28, 19, tzinfo=UTC),
        doors_at=datetime(2026, 11, 28, 18, tzinfo=UTC),
        entry_rules="## Bags\n\n* No **large** bags\n* [Ask](https://example.com) us",
        minimum_age=16,
    )
    booking = settle(handed_over(reserve_seats(event, "Stalls B 1", "Stalls B 2")))
    first, second = texts(tickets_pdf(booking))
    code = ticket_keys.code_of(booking.tickets.get(number=1))
    for fact in (
        "Tides",
        "Sat, 28 Nov 2026, 20:00 (CET)",
        "Doors open at 19:00 (CET)",
        "7 Quay, Hamburg",
        "Stalls",
        "Row",
        "Standard",
        "€21.50",
        "Ada Example",
        f"{booking.code}-01",
        "No large bags",
        "From 16 years on",
        "h@example.com",
        event.organization.name,
    ):
        assert fact in first
    assert "**" not in first
    assert f"{booking.code}-02" in second
    assert code in "".join(first.split())


@pytest.mark.django_db
def test_tickets_speak_the_language_of_the_booking(noon: datetime) -> None:
    event = event_on_sale(starts_at=datetime(2026, 11, 28, 19, tzinfo=UTC))
    booking = paid(event, 1)
    Booking.objects.update(language="de")
    (page,) = texts(tickets_pdf(Booking.objects.get()))
    assert "Sa., 28. Nov. 2026, 20:00 (CET)" in page
    assert "21,50" in page
    assert booking.code in page


@pytest.mark.django_db
def test_times_around_a_change_of_clocks_say_which_they_are(noon: datetime) -> None:
    """R45: half past two exists twice that night"""
    for hour, zone in ((0, "CEST"), (1, "CET")):
        event = event_on_sale(starts_at=datetime(2026, 10, 25, hour, 30, tzinfo=UTC))
        (page,) = texts(tickets_pdf(paid(event, 1)))
        assert f"Sun, 25 Oct 2026, 02:30 ({zone})" in page


@needs_zbar
@pytest.mark.django_db
def test_whatever_names_hold_papers_are_made_and_nothing_is_run(noon: datetime, tmp_path: Path) -> None:
    """S29, S32, S34"""
    hostile = HOSTILE.replace("\x00", "")  # PostgreSQL holds none of these
    venue = VenueFactory(name=hostile[:100], address=hostile, organization__name=hostile[:110])
    event = event_on_sale(title=hostile, venue=venue, entry_rules=hostile, summary=hostile)
    booking = paid(event, 1)
    Booking.objects.update(customer_name=hostile)
    Ticket.objects.update(holder=hostile)
    booking.refresh_from_db()
    pdf = tickets_pdf(booking)
    (page,) = texts(pdf)
    assert "{{ settings.SECRET_KEY }}" in page
    assert "<b>x</b>" in page
    assert codes_of(pdf, tmp_path) == [ticket_keys.code_of(booking.tickets.get())]
    (receipt,) = texts(receipt_pdf(documents.receipt(booking_id=booking.pk)))
    assert "{{ settings.SECRET_KEY }}" in receipt


@given(st.text(max_size=60))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_can_be_written_and_fits(text: str) -> None:
    sheet = Sheet(text, text)
    sheet.paragraph(10, 10, text, 40, lines=3, face=DISPLAY)
    assert sheet.done().startswith(b"%PDF")
    lines = fitted(text, 40, 3, face=DISPLAY)
    assert len(lines) <= 3
    assert all(width_of(line, DISPLAY, 9) <= 40 for line in lines)


def test_right_to_left_is_put_in_its_visual_order() -> None:
    from bookings.papers.sheet import _visual

    assert [_visual(text) for text in ("Ada", "שלום", "Ada שלום עולם B", "(שלום)", "שלום 12 עולם")] == [
        "Ada",
        "םולש",
        "Ada םלוע םולש B",
        "(םולש)",
        "םולש 12 םלוע",
    ]


def receipt_pdf(document: Document) -> bytes:
    return money_papers.pdf(money_papers.printable().get(pk=document.pk))


@pytest.mark.django_db
def test_a_receipt_says_who_paid_whom_for_what_and_how(noon: datetime) -> None:
    house = OrganizationFactory(
        postal_address="House Ltd\n7 Quay\n20457 Hamburg", tax_number="DE 12", fee_per_booking=199
    )
    booking = paid(event_on_sale(title="Tides", venue=VenueFactory(organization=house)), 2)
    (page,) = texts(receipt_pdf(documents.receipt(booking_id=booking.pk)))
    for fact in (
        "Receipt R-000001",
        "Mon, 1 Jun 2026",
        "House Ltd",
        "20457 Hamburg",
        "Tax number: DE 12",
        "Ada Example",
        "ada@example.com",
        booking.code,
        "Tides",
        "Standing, Standard",
        "€20.00",
        "Service fee",
        "€3.00",
        "Fee per booking",
        "€1.99",
        booking.total_text,
        "Paid on Mon, 1 Jun 2026",
    ):
        assert fact in page


@pytest.mark.django_db
def test_a_credit_note_says_of_which_receipt_it_takes_back(noon: datetime) -> None:
    booking = paid(event_on_sale(), 2)
    documents.receipt(booking_id=booking.pk)
    cancellations.cancel(booking_id=booking.pk, reason="asked for")
    documents.number_due()
    (page,) = texts(receipt_pdf(Document.objects.get(kind="credit_note")))
    for fact in ("Credit note C-000001", "For receipt R-000001 of Mon, 1 Jun 2026", "Total taken back", "€43.00"):
        assert fact in page


@pytest.mark.django_db
def test_a_long_receipt_goes_on_on_the_next_page(noon: datetime) -> None:
    booking = paid(event_on_sale(levels={"Standing": 60}, max_per_booking=60), 60)
    pages = texts(receipt_pdf(documents.receipt(booking_id=booking.pk)))
    assert len(pages) > 1
    assert sum(page.count("Standing, Standard") for page in pages) == 60
    assert booking.total_text in pages[-1]
