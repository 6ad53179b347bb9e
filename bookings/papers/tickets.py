"""Tickets to print: one on each page, with a QR code that a camera finds on bad paper."""

from collections.abc import Iterable

from django.utils import translation
from django.utils.translation import gettext as _

from bookings import qr
from bookings.models import Booking, Ticket
from bookings.papers.sheet import (
    BOLD,
    BRASS,
    DISPLAY,
    INK,
    LINE,
    ON_STAGE,
    PAPER,
    SOFT,
    STAGE,
    TEXT,
    VELVET,
    WIDTH,
    Face,
    Sheet,
    fitted,
)
from bookings.ticket_codes import SigningKey, signed
from core import dates, money
from core.markdown import plain
from core.templatetags.stagedoor import time_in_zone
from core.text import one_line
from events.calendars import place

EDGE = 12.0
STUB = 68.0
"""The part with the QR code, right of the perforation."""
TOP, BAND, HEIGHT = 14.0, 42.0, 122.0
QR = 54.0
"""The QR code with its quiet zone: 46 mm without it."""
COLUMN = WIDTH - 2 * EDGE - STUB - 14


def pdf(tickets: Iterable[Ticket], *, key: SigningKey) -> bytes:
    """Return tickets of one booking as a document; they are `printable`, and there is at least one."""
    printed = list(tickets)
    booking = printed[0].booking
    with translation.override(booking.language):
        sheet = Sheet(_("Tickets for %(title)s") % {"title": booking.event.title}, booking.organization.name)
        for ticket in printed:
            _page(sheet, ticket, signed(ticket, key))
            sheet.next_page()
        return sheet.done()


def printable(booking: Booking) -> list[Ticket]:
    """
    Return a booking's tickets that open a door or did, with all that is printed on them; not those that were passed
    on, which only who has them now may print.
    """
    tickets = booking.tickets.named().filter(status__in=[Ticket.Status.VALID, Ticket.Status.USED], holder_email="")
    return list(tickets.select_related(*ALL_OF_IT).order_by("number"))


ALL_OF_IT = (
    "booking__organization",
    "booking__event__venue",
    "booking__event__organization",
    "ticket_type",
    "event_seat__seat",
    "event_seat__section",
    "event_seat__price_level",
)
"""What a ticket needs to be printed."""


def _page(sheet: Sheet, ticket: Ticket, code: str) -> None:
    _card(sheet, ticket)
    _where_and_when(sheet, ticket)
    _seat(sheet, ticket)
    _stub(sheet, ticket, code)
    _rules(sheet, ticket)


def _card(sheet: Sheet, ticket: Ticket) -> None:
    event, width = ticket.booking.event, WIDTH - 2 * EDGE
    sheet.box(EDGE, TOP, width, HEIGHT, round=4, fill=PAPER, stroke=LINE, weight=0.8)
    sheet.box(EDGE, TOP, width, BAND, round=4, fill=STAGE)
    sheet.box(EDGE, TOP + BAND - 5, width, 5, fill=STAGE)  # round above, straight below
    sheet.box(EDGE, TOP + BAND, width, 1, fill=BRASS)
    house = one_line(ticket.booking.organization.name)
    sheet.paragraph(EDGE + 7, TOP + 9.5, house, width - 14, lines=1, size=8.5, face=BOLD, fill=BRASS)
    size, lines = _headline(event.title, width - 14)
    y = TOP + (23 if len(lines) == 1 else 19)
    for line in lines:
        sheet.write(EDGE + 7, y, line, face=DISPLAY, size=size, fill=ON_STAGE)
        y += size * 0.4
    summary = one_line(event.summary)
    if len(lines) == 1 and summary:
        sheet.paragraph(EDGE + 7, TOP + 34, summary, width - 14, lines=1, size=8.5, fill=ON_STAGE)
    across = WIDTH - EDGE - STUB
    sheet.line(across, TOP + BAND + 4, across, TOP + HEIGHT - 3, dashed=True, stroke=SOFT, weight=0.7)


def _headline(title: str, width: float) -> tuple[float, list[str]]:
    """The title as large as it fits."""
    for size, most in ((30.0, 1), (24.0, 1), (20.0, 2), (16.0, 2)):
        lines = fitted(one_line(title), width, most, face=DISPLAY, size=size)
        if not lines[-1].endswith("…"):
            break
    return size, lines


def _where_and_when(sheet: Sheet, ticket: Ticket) -> None:
    event, venue = ticket.booking.event, ticket.booking.event.venue
    x, y = EDGE + 7, TOP + BAND + 10
    when = dates.in_zone(event.starts_at, venue.time_zone)
    sheet.paragraph(x, y, when, COLUMN, lines=1, size=12.5, face=BOLD)
    if event.doors_at:
        doors = _("Doors open at %(time)s") % {"time": time_in_zone(event.doors_at, venue.time_zone)}
        sheet.write(x, y + 5.5, doors, size=9, fill=SOFT)
    y += 14
    y = sheet.paragraph(x, y, one_line(venue.name), COLUMN, lines=1, size=10.5, face=BOLD)
    sheet.paragraph(x, y, one_line(f"{venue.address}, {venue.city}"), COLUMN, lines=2, size=9, fill=SOFT)


def _seat(sheet: Sheet, ticket: Ticket) -> None:
    x, y = EDGE + 7, TOP + BAND + 36
    cells = _cells(ticket)
    widths = [COLUMN] if len(cells) == 1 else [COLUMN - 44, 22.0, 22.0]
    sheet.box(x, y, COLUMN, 16, round=2, fill="#ffffff", stroke=LINE)
    for number, ((label, value), width) in enumerate(zip(cells, widths, strict=True)):
        if number:
            sheet.line(x, y + 2.5, x, y + 13.5, stroke=LINE)
        sheet.paragraph(x + 3.5, y + 5, label, width - 5, lines=1, size=7, fill=SOFT)
        _largest(sheet, x + 3.5, y + 12.5, one_line(value), width - 5)
        x += width
    _facts(sheet, ticket, y + 23)


def _largest(sheet: Sheet, x: float, y: float, text: str, width: float) -> None:
    for size in (16.0, 12.0, 9.0):
        lines = fitted(text, width, 1, face=DISPLAY, size=size)
        if not lines[-1].endswith("…"):
            break
    sheet.write(x, y, lines[-1], face=DISPLAY, size=size, fill=VELVET)


def _cells(ticket: Ticket) -> list[tuple[str, str]]:
    """Where to sit or stand: label and value."""
    spot = ticket.event_seat
    if spot.seat is None or spot.section is None:
        return [(_("Place"), spot.price_level.name)]
    return [(_("Section"), spot.section.name), (_("Row"), spot.seat.row), (_("Seat"), spot.seat.number)]


def _facts(sheet: Sheet, ticket: Ticket, y: float) -> None:
    booking = ticket.booking
    price = money.formatted(ticket.total, booking.currency)
    facts = [
        (_("Ticket type"), ticket.ticket_type.name),
        (_("Price, with fees and tax"), price),
        (_("Holder"), ticket.holder_name or "–"),
        (_("Ticket"), f"{booking.code}-{ticket.number:02}"),
    ]
    for number, (label, value) in enumerate(facts):
        x = EDGE + 7 + (number % 2) * COLUMN / 2
        below = y + (number // 2) * 10.5
        sheet.paragraph(x, below, label, COLUMN / 2 - 3, lines=1, size=7, fill=SOFT)
        sheet.paragraph(x, below + 4.5, one_line(value), COLUMN / 2 - 3, lines=1, size=9.5, face=BOLD)


def _stub(sheet: Sheet, ticket: Ticket, code: str) -> None:
    left = WIDTH - EDGE - STUB
    x, y = left + (STUB - QR) / 2, TOP + BAND + 5.5
    sheet.box(x - 1.5, y - 1.5, QR + 3, QR + 3, round=1.5, fill="#ffffff")
    size, bars = qr.bars(code)
    sheet.bars(x, y, QR / size, bars)
    middle = left + STUB / 2
    y += QR + 3.5
    for start in range(0, len(code), 35):
        sheet.write(middle, y, code[start : start + 35], size=5.2, align="middle")
        y += 2.4
    sheet.write(middle, y + 2.2, ticket.booking.code, face=BOLD, size=9, align="middle")


def _rules(sheet: Sheet, ticket: Ticket) -> None:
    event, organization = ticket.booking.event, ticket.booking.organization
    width, y = WIDTH - 2 * EDGE, TOP + HEIGHT + 14
    sheet.line(0, y - 8, WIDTH, y - 8, dashed=True, stroke=LINE, weight=0.5)
    door = _("Show this code on paper or on your phone: it lets one person in, once. Give a copy to nobody.")
    y = _told(sheet, _("At the door"), door, y + 2, width, lines=3)
    if event.entry:
        y = _told(sheet, _("Getting in"), plain(event.entry), y, width, lines=16)
    if event.minimum_age:
        age = _("From %(age)s years on. Bring a document that shows your age.") % {"age": event.minimum_age}
        y = _told(sheet, _("Age"), age, y, width, lines=2)
    y = _told(sheet, _("How to get there"), place(event.venue), y, width, lines=2)
    contact = [organization.name, organization.support_email, organization.support_phone]
    _told(sheet, _("Questions?"), one_line(", ".join(part for part in contact if part)), y, width, lines=2)


def _told(sheet: Sheet, title: str, text: str, y: float, width: float, *, lines: int, face: Face = TEXT) -> float:
    sheet.write(EDGE, y, title, face=DISPLAY, size=11, fill=VELVET)
    y = sheet.paragraph(EDGE, y + 5.5, str(text), width, lines=lines, size=8.5, face=face, fill=INK)
    return y + 4.5
