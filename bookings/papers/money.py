"""Receipts and credit notes: what was paid or taken back, with the tax in it, and by whom to whom."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from bookings.models import Document, Payment
from bookings.papers.sheet import (
    BOLD,
    BRASS,
    DISPLAY,
    INK,
    LINE,
    ON_STAGE,
    SOFT,
    STAGE,
    TEXT,
    VELVET,
    WIDTH,
    Face,
    Sheet,
)
from core import dates, money
from core.text import one_line
from events.calendars import place

EDGE, RIGHT, BOTTOM = 20.0, WIDTH - 20, 262.0
NET, TAX, GROSS = RIGHT - 56, RIGHT - 28, RIGHT
"""Where the columns of amounts end."""


def printable() -> QuerySet[Document]:
    """Papers with all that is printed on them."""
    return Document.objects.select_related("organization", "booking__event__venue")


def pdf(document: Document) -> bytes:
    """Return a numbered paper as a document, in its booking's language."""
    with translation.override(document.booking.language):
        sheet = Sheet(_title(document), document.organization.name)
        _head(sheet, document)
        y = _parties(sheet, document)
        y = _lines(sheet, document, y)
        y = _sums(sheet, document, y)
        _settled(sheet, document, y)
        return sheet.done()


def _title(document: Document) -> str:
    if document.kind == Document.Kind.RECEIPT:
        return _("Receipt %(number)s") % {"number": document.label}
    return _("Credit note %(number)s") % {"number": document.label}


def _head(sheet: Sheet, document: Document) -> None:
    sheet.box(0, 0, WIDTH, 26, fill=STAGE)
    sheet.box(0, 26, WIDTH, 1, fill=BRASS)
    house = one_line(document.organization.name)
    sheet.paragraph(EDGE, 16.5, house, RIGHT - EDGE, lines=1, size=18, face=DISPLAY, fill=ON_STAGE)


def _parties(sheet: Sheet, document: Document) -> float:
    organization, booking = document.organization, document.booking
    half = (RIGHT - EDGE) / 2
    sheet.write(EDGE, 40, _("To"), size=7.5, fill=SOFT)
    buyer = "\n".join(part for part in (booking.customer_name, booking.email) if part) or "–"
    left = sheet.paragraph(EDGE, 45, buyer, half - 6, lines=6)
    seller = organization.postal_address.strip() or organization.name
    if organization.tax_number:
        seller += "\n" + _("Tax number: %(number)s") % {"number": organization.tax_number}
    sheet.write(EDGE + half, 40, _("From"), size=7.5, fill=SOFT)
    right = sheet.paragraph(EDGE + half, 45, seller, half, lines=9)
    y = max(left, right) + 14
    sheet.write(EDGE, y, _title(document), face=DISPLAY, size=20, fill=VELVET)
    return _about(sheet, document, y + 8)


def _about(sheet: Sheet, document: Document, y: float) -> float:
    booking, event = document.booking, document.booking.event
    day = _day(document, document.created_at)
    told = [_("Date: %(date)s") % {"date": day}, _("Booking code: %(code)s") % {"code": booking.code}]
    if document.kind == Document.Kind.CREDIT_NOTE and (receipt := _receipt(document)):
        said = _("For receipt %(number)s of %(date)s")
        made = _day(document, receipt.created_at)
        told.append(said % {"number": receipt.label, "date": made})
    y = sheet.paragraph(EDGE, y, "\n".join(told), RIGHT - EDGE)
    y = sheet.paragraph(EDGE, y + 4, one_line(event.title), RIGHT - EDGE, lines=2, face=BOLD, size=10)
    when = dates.in_zone(event.starts_at, event.venue.time_zone)
    return sheet.paragraph(EDGE, y, f"{when}\n{one_line(place(event.venue))}", RIGHT - EDGE, lines=3, fill=SOFT) + 6


def _day(document: Document, moment: datetime) -> str:
    """The day where the organization keeps its books."""
    return dates.day(moment.astimezone(ZoneInfo(document.organization.time_zone)))


def _receipt(document: Document) -> Document | None:
    return document.booking.documents.filter(kind=Document.Kind.RECEIPT).first()


def _lines(sheet: Sheet, document: Document, y: float) -> float:
    y = _columns(sheet, y)
    for line in document.lines:
        if y > BOTTOM:
            sheet.next_page()
            y = _columns(sheet, 25)
        below = sheet.paragraph(EDGE, y, one_line(line["text"]), NET - EDGE - 24, lines=2)
        _amounts(sheet, document, y, line["amount"], line["tax"])
        y = below + 2
    return y


def _columns(sheet: Sheet, y: float) -> float:
    for x, label in ((NET, _("Net")), (TAX, _("Tax")), (GROSS, _("Gross"))):
        sheet.write(x, y, label, size=7.5, fill=SOFT, align="right")
    sheet.line(EDGE, y + 2, RIGHT, y + 2, stroke=LINE, weight=0.8)
    return y + 8


def _amounts(
    sheet: Sheet, document: Document, y: float, amount: int, tax: int, *, face: Face = TEXT, size: float = 9
) -> None:
    for x, part in ((NET, amount - tax), (TAX, tax), (GROSS, amount)):
        sheet.write(x, y, money.formatted(part, document.currency), face=face, size=size, fill=INK, align="right")


def _sums(sheet: Sheet, document: Document, y: float) -> float:
    if y > BOTTOM:
        sheet.next_page()
        y = 25.0
    sheet.line(EDGE, y - 3, RIGHT, y - 3, stroke=LINE, weight=0.8)
    is_receipt = document.kind == Document.Kind.RECEIPT
    sheet.write(EDGE, y + 3, _("Total") if is_receipt else _("Total taken back"), face=BOLD, size=10)
    _amounts(sheet, document, y + 3, document.amount, document.tax, face=BOLD, size=10)
    return y + 14


def _settled(sheet: Sheet, document: Document, y: float) -> None:
    """How it was paid; of a credit note, what it is."""
    if document.kind == Document.Kind.CREDIT_NOTE:
        told = [_("What was paid of this goes back the way it came. The receipt stands for the rest.")]
    else:
        payments = document.booking.payments.filter(status=Payment.Status.SUCCEEDED, kept_aside=False).order_by("pk")
        told = [_paid(document, payment) for payment in payments]
    if y > BOTTOM:
        sheet.next_page()
        y = 25.0
    sheet.paragraph(EDGE, y, "\n".join(told), RIGHT - EDGE, lines=12, fill=SOFT)


def _paid(document: Document, payment: Payment) -> str:
    when = payment.succeeded_at or payment.created_at
    return _("Paid on %(date)s: %(amount)s, %(how)s") % {
        "date": _day(document, when),
        "amount": money.formatted(payment.amount, payment.currency),
        "how": payment.way,
    }
