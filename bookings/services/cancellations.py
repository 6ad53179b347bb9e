"""Ending bookings on purpose."""

from typing import Any

from bookings.models import Booking, Refund
from bookings.services import documents, messages, notices, refunds
from bookings.services.reservations import end
from core import audit, clock
from core.transactions import outermost


@outermost
def cancel(
    *,
    booking_id: int,
    reason: str,
    why: Refund.Reason = Refund.Reason.CANCELLED,
    amount: int | None = None,
    by: Any = None,
) -> Booking:
    """
    Cancel a pending or confirmed booking: places back once, tickets void, whole payments refunded, or `amount` of them.

    `reason` is for colleagues, `why` is what refunds say. Harmless when repeated; a booking that has ended otherwise
    stays as it is. Raises refunds.TooMuch.
    """
    return end_with_money_back(booking_id=booking_id, reason=reason, why=why, amount=amount, by=by)


def end_with_money_back(
    *,
    booking_id: int,
    reason: str,
    why: Refund.Reason = Refund.Reason.CANCELLED,
    amount: int | None = None,
    by: Any = None,
) -> Booking:
    """In the transaction of its cause: what `cancel` does, and `why` is what refunds and the mail say."""
    booking = Booking.objects.locked().select_related("event__venue", "organization").get(pk=booking_id)
    payments = list(booking.payments.order_by("pk").select_for_update(no_key=True))
    now = clock.now()
    if booking.status not in (Booking.Status.PENDING, Booking.Status.CONFIRMED):
        return booking
    left = sum(payment.left for payment in payments if not payment.kept_aside)
    back = left if amount is None else amount
    if not 0 <= back <= left:
        raise refunds.TooMuch
    was_sold = booking.status == Booking.Status.CONFIRMED
    end(booking, Booking.Status.CANCELLED, at=now, reason=reason)
    if was_sold and back:
        documents.credit_rest(booking, back, at=now)
    audit.record("booking.cancelled", booking, at=now, by=by, reason=reason)
    refunds.give_back(booking, back, reason=why, at=now, by=by)
    tell = messages.event_cancelled if why == Refund.Reason.EVENT_CANCELLED else messages.cancelled
    tell(booking, at=now)
    notices.tell_holders_of_end(booking, at=now)
    return booking
