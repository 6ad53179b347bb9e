"""Papers about money: written with what they are about, and numbered afterwards, one by one and without gaps."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from bookings.models import Booking, Document, DocumentSeries, Payment, Ticket
from core import clock, money
from core.refusals import Refusal
from core.transactions import outermost


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a paper: what, and how much of it, in the smallest unit of the booking's currency."""

    text: str
    amount: int
    tax: int


class NoReceipt(Refusal):
    """Nothing was paid for the booking, or not yet."""

    status = 404


def has_receipt(booking: Booking) -> bool:
    """Whether it was confirmed for money."""
    if booking.confirmed_at is None or booking.is_free:
        return False
    return not booking.payments.filter(provider=Payment.ByHand.COMPLIMENTARY).exists()


def credit_notes(booking: Booking) -> QuerySet[Document]:
    """What was taken back of it, the oldest first."""
    return booking.documents.filter(kind=Document.Kind.CREDIT_NOTE).order_by("pk")


@outermost
def receipt(*, booking_id: int) -> Document:
    """
    Return the receipt of a booking that was confirmed and cost something, made and numbered when it is first asked for.

    Harmless when repeated. Raises NoReceipt for what isn't paid, was free or a present.
    """
    booking = Booking.objects.select_related("organization").get(pk=booking_id)
    if not has_receipt(booking):
        raise NoReceipt(_("There is no receipt: nothing was paid for this booking."))
    series = _locked_series(booking.organization_id, Document.Kind.RECEIPT)
    made = Document.objects.filter(booking=booking, kind=Document.Kind.RECEIPT).first()
    return made or Document.objects.create(
        organization=booking.organization,
        booking=booking,
        kind=Document.Kind.RECEIPT,
        number=_next(series),
        amount=booking.total,
        tax=booking.tax,
        currency=booking.currency,
        lines=[asdict(line) for line in _sold(booking)],
        created_at=clock.now(),
    )


@outermost
def number(*, document_id: int) -> Document:
    """Give a paper its number, the next of its organization and kind. Harmless when repeated."""
    seen = Document.objects.get(pk=document_id)
    series = _locked_series(seen.organization_id, seen.kind)
    document = Document.objects.select_for_update(no_key=True).get(pk=document_id)
    if document.number is None:
        document.number = _next(series)
        document.save(update_fields=["number"])
    return document


def number_due(limit: int = 500) -> int:
    """Number the papers that wait for it, the oldest first; return how many."""
    due = Document.objects.filter(number=None).order_by("created_at", "pk").values_list("pk", flat=True)
    return sum(bool(number(document_id=pk)) for pk in due[:limit])


def _locked_series(organization_id: int, kind: str) -> DocumentSeries:
    """The row that gives the next number, until the transaction ends: a number that was undone is given again."""
    DocumentSeries.objects.get_or_create(organization_id=organization_id, kind=kind)
    series = DocumentSeries.objects.select_for_update(no_key=True)
    return series.get(organization_id=organization_id, kind=kind)


def _next(series: DocumentSeries) -> int:
    series.last += 1
    series.save(update_fields=["last"])
    return series.last


def _sold(booking: Booking) -> list[Line]:
    """What was agreed at reservation, in the booking's language: prices, and the fees by themselves."""
    agreed = list(booking.tickets.named().filter(number__lte=booking.quantity).order_by("number"))
    with translation.override(booking.language):
        lines = [
            Line(f"{each.event_seat.name}, {each.ticket_type.name}", each.price, _tax_of_price(each.tax, each))
            for each in agreed
        ]
        taken = sum(line.tax for line in lines)
        fee = booking.fee - booking.booking_fee
        lines.append(Line(_("Service fee"), fee, booking.tax - booking.booking_fee_tax - taken))
        lines.append(Line(_("Fee per booking"), booking.booking_fee, booking.booking_fee_tax))
    return [line for line in lines if line.amount]


def _tax_of_price(tax: int, ticket: Ticket) -> int:
    """A ticket's tax is of price and fee together; the price's share of it."""
    return money.divided(tax * ticket.price, ticket.total) if ticket.total else 0


def credit(booking: Booking, lines: Iterable[Line], *, at: datetime) -> Document | None:
    """
    In the transaction of its cause, with the booking locked: say that so much of a booking's total is taken back.

    What comes to nothing needs no paper.
    """
    written = list(lines)
    amount = sum(line.amount for line in written)
    if not amount:
        return None
    return Document.objects.create(
        organization_id=booking.organization_id,
        booking=booking,
        kind=Document.Kind.CREDIT_NOTE,
        amount=amount,
        tax=sum(line.tax for line in written),
        currency=booking.currency,
        lines=[asdict(line) for line in written],
        created_at=at,
    )


def credit_rest(booking: Booking, amount: int, *, at: datetime) -> Document | None:
    """Credit so much of a booking as one line; of its tax the same share."""
    tax = money.divided(booking.tax * amount, booking.total) if booking.total else 0
    return credit(booking, [Line(booking.event.title, amount, tax)], at=at)
