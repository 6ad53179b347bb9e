"""Ending bookings on purpose."""

from typing import Any

from bookings.models import Booking, Payment, Refund
from bookings.services import messages, refunds
from bookings.services.reservations import end
from core import audit, clock
from core.transactions import outermost


@outermost
def cancel(*, booking_id: int, reason: str, by: Any = None) -> Booking:
    """
    Cancel a pending or confirmed booking: places back once, tickets void, whole payments refunded.

    Harmless when repeated; a booking that has ended otherwise stays as it is.
    """
    booking = Booking.objects.locked().select_related("event", "organization").get(pk=booking_id)
    payments = list(booking.payments.order_by("pk").select_for_update(no_key=True))
    now = clock.now()
    if booking.status not in (Booking.Status.PENDING, Booking.Status.CONFIRMED):
        return booking
    end(booking, Booking.Status.CANCELLED, at=now, reason=reason)
    audit.record("booking.cancelled", booking, at=now, by=by, reason=reason)
    refunded = set(Refund.objects.filter(payment__in=payments).values_list("payment_id", flat=True))
    for payment in payments:
        if payment.status == Payment.Status.SUCCEEDED and payment.pk not in refunded:
            refunds.queue(payment, reason=Refund.Reason.CANCELLED, at=now, by=by)
    messages.cancelled(booking, at=now)
    return booking
