"""Papers about money: written with what they are about, and numbered afterwards, one by one and without gaps."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from bookings.models import Booking, Document
from core import money


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a paper: what, and how much of it, in the smallest unit of the booking's currency."""

    text: str
    amount: int
    tax: int


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
