"""Papers about money: written with what they are about, and numbered afterwards, one by one and without gaps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField, F, QuerySet, Value
from django.db.models.functions import Cast, Least
from django.utils import translation
from django.utils.translation import gettext as _

from bookings.models import Booking, Document, DocumentSeries, Payment, Ticket
from core import clock, money
from core.refusals import Refusal
from core.transactions import outermost

_PAID = F("price") + F("fee")
"""What a ticket cost."""


@dataclass(frozen=True, slots=True)
class Line:
    """What, how much of it, in the smallest unit of the booking's currency, and of which ticket, if of one."""

    text: str
    amount: int
    tax: int
    ticket: int | None = None

    def written(self) -> dict[str, str | int]:
        """As the paper keeps it: papers name no rows."""
        return {"text": self.text, "amount": self.amount, "tax": self.tax}


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
        lines=[line.written() for line in _sold(booking)],
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
    In the transaction of its cause, with the booking locked: say that so much of a booking's total is taken back,
    and of which tickets, if they become void by it.

    What comes to nothing needs no paper.
    """
    written = list(lines)
    amount = sum(line.amount for line in written)
    if not amount:
        return None
    for line in written:
        _take_back(line)
    return Document.objects.create(
        organization_id=booking.organization_id,
        booking=booking,
        kind=Document.Kind.CREDIT_NOTE,
        amount=amount,
        tax=sum(line.tax for line in written),
        currency=booking.currency,
        lines=[line.written() for line in written],
        created_at=at,
    )


def _take_back(line: Line) -> None:
    """Note how much of its ticket a line takes back: staff may give back more than that cost."""
    if line.ticket:
        credited = {"credited": Least(Value(line.amount), _PAID), "credited_tax": Least(Value(line.tax), F("tax"))}
        Ticket.objects.filter(pk=line.ticket).update(**credited)


def credit_rest(booking: Booking, amount: int, *, at: datetime) -> Document | None:
    """
    Credit so much of a booking that just ended, as one line; of its tax and of each ticket that ended with it the same
    share. Tickets are locked last, after their places.
    """
    tickets = booking.tickets.filter(voided_at=at, credited=0)
    whole = booking.booking_fee + sum(price + fee for price, fee in tickets.values_list("price", "fee"))
    if amount and whole:
        of_paid, of_tax = (Cast(each, BigIntegerField()) * Value(amount) / Value(whole) for each in (_PAID, F("tax")))
        tickets.update(credited=Least(of_paid, _PAID), credited_tax=Least(of_tax, F("tax")))
    tax = money.divided(booking.tax * amount, booking.total) if booking.total else 0
    return credit(booking, [Line(booking.event.title, amount, tax)], at=at)
