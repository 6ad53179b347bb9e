"""Ending bookings on purpose."""

from typing import Any

from bookings.models import Booking, Refund
from bookings.services import documents, messages, refunds
from bookings.services.reservations import end
from core import audit, clock
from core.transactions import outermost


@outermost
def cancel(*, booking_id: int, reason: str, by: Any = None) -> Booking:
    """
    Cancel a pending or confirmed booking: places back once, tickets void, whole payments refunded.

    Harmless when repeated; a booking that has ended otherwise stays as it is.
    """
    return end_with_money_back(booking_id=booking_id, reason=reason, by=by)


def end_with_money_back(
    *, booking_id: int, reason: str, why: Refund.Reason = Refund.Reason.CANCELLED, by: Any = None
) -> Booking:
    """In the transaction of its cause: what `cancel` does, and `why` is what refunds and the mail say."""
    booking = Booking.objects.locked().select_related("event__venue", "organization").get(pk=booking_id)
    payments = list(booking.payments.order_by("pk").select_for_update(no_key=True))
    now = clock.now()
    if booking.status not in (Booking.Status.PENDING, Booking.Status.CONFIRMED):
        return booking
    left = sum(payment.left for payment in payments if not payment.kept_aside)
    if booking.status == Booking.Status.CONFIRMED and left:
        documents.credit_rest(booking, left, at=now)
    end(booking, Booking.Status.CANCELLED, at=now, reason=reason)
    audit.record("booking.cancelled", booking, at=now, by=by, reason=reason)
    refunds.give_back(booking, left, reason=why, at=now, by=by)
    tell = messages.event_cancelled if why == Refund.Reason.EVENT_CANCELLED else messages.cancelled
    tell(booking, at=now)
    return booking
