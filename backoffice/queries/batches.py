"""What came of a batch for each of its bookings, in words."""

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from bookings.models import Batch, BatchRow, Booking, Payment, Refund
from core import money


@dataclass(frozen=True, slots=True)
class Outcome:
    """One booking of a batch, how far it is, and what came of it."""

    row: BatchRow
    booking: Booking
    sentence: str


def rows(batch: Batch, status: str = "") -> QuerySet[BatchRow]:
    """Return the rows of a batch, or those of one status, with what outcomes need."""
    refunds = Refund.objects.filter(reason=Refund.Reason.EVENT_CANCELLED).order_by("pk")
    payments = Payment.objects.prefetch_related(Prefetch("refunds", refunds)).order_by("pk")
    found = batch.rows.filter(status=status) if status else batch.rows.all()
    return found.select_related("booking").prefetch_related(Prefetch("booking__payments", payments)).order_by("pk")


def outcome(batch: Batch, row: BatchRow) -> Outcome:
    """Say what came of it for one booking."""
    return Outcome(row, row.booking, _sentence(batch, row))


def _sentence(batch: Batch, row: BatchRow) -> str:
    match row.status:
        case BatchRow.Status.WAITING:
            return _("Has its turn soon.")
        case BatchRow.Status.FAILED:
            return _("It went wrong: %(why)s") % {"why": row.result}
    if batch.kind == Batch.Kind.ACT:
        return _("No change: %(why)s") % {"why": row.result} if row.result else _("Done.")
    return _moved(row.booking) if batch.kind == Batch.Kind.MOVE_EVENT else _ended(row.booking)


def _moved(booking: Booking) -> str:
    if not booking.email:
        return _("Nobody could be told: no address is known.")
    return _("A mail to %(to)s.") % {"to": booking.email}


def _ended(booking: Booking) -> str:
    back = [refund for payment in booking.payments.all() for refund in payment.refunds.all()]
    if not back:
        return _("Ended. Nothing had to go back.")
    facts = [(money.formatted(refund.amount, booking.currency), refund.get_status_display()) for refund in back]
    return _("Ended. %(money)s.") % {"money": ", ".join(f"{amount} {status}" for amount, status in facts)}
