"""Money on its way back: queued with its cause, sent by the worker once, and again when that failed."""

import logging
from datetime import datetime

from bookings.gateways import gateway
from bookings.models import Payment, Refund
from core import audit, clock, retries
from core.transactions import outermost

logger = logging.getLogger(__name__)


def queue(payment: Payment, *, reason: Refund.Reason, at: datetime) -> Refund:
    """In the transaction of its cause, with the booking locked: give a whole payment back."""
    from bookings.tasks import send_refund  # noqa: PLC0415 - the task calls back into this module

    refund = Refund.objects.create(
        payment=payment, amount=payment.amount, reason=reason, created_at=at, next_attempt_at=at
    )
    audit.record("refund.queued", payment.booking, at=at, payment=payment.pk, amount=refund.amount, reason=str(reason))
    send_refund.enqueue(refund.pk)
    return refund


def send(refund_id: int) -> bool:
    """Order one refund if it is due and nobody else is at it; return whether the provider took the order."""
    if not _lease(refund_id=refund_id):
        return False
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    try:
        reference = gateway(refund.payment.provider).refund(refund)
    except Exception as error:  # noqa: BLE001 - whatever a provider does to us, the row remembers and is tried again
        logger.warning("Refund %s could not be sent: %s", refund.pk, type(error).__name__)
        _record_failure(refund_id=refund_id, failure=f"{type(error).__name__}: {error}"[:200])
        return False
    _record_sent(refund_id=refund_id, reference=reference)
    return True


def send_due(limit: int = 200) -> int:
    """Order the refunds that are due; return how many. What a lost task left behind is found here."""
    due = Refund.objects.filter(status=Refund.Status.QUEUED, next_attempt_at__lte=clock.now())
    return sum(send(pk) for pk in due.order_by("next_attempt_at").values_list("pk", flat=True)[:limit])


@outermost
def _lease(*, refund_id: int) -> bool:
    now = clock.now()
    due = Refund.objects.filter(pk=refund_id, status=Refund.Status.QUEUED, next_attempt_at__lte=now)
    return retries.lease(due, now)


@outermost
def _record_sent(*, refund_id: int, reference: str) -> None:
    refund = _locked(refund_id)
    if refund.status != Refund.Status.QUEUED:
        return
    refund.status, refund.reference, refund.failure = Refund.Status.SENT, reference, ""
    refund.save(update_fields=["status", "reference", "failure"])
    audit.record("refund.sent", refund.payment.booking, at=clock.now(), payment=refund.payment_id)


@outermost
def _record_failure(*, refund_id: int, failure: str) -> None:
    refund = _locked(refund_id)
    if refund.status != Refund.Status.QUEUED:
        return  # another worker was faster while this one hung
    now = clock.now()
    retries.put_off(refund, failure, now, failed=Refund.Status.FAILED)
    if refund.status == Refund.Status.FAILED:
        audit.record("refund.failed", refund.payment.booking, at=now, payment=refund.payment_id)
        logger.error("Refund %s failed %s times and is given up: people have to look.", refund.pk, refund.attempts)


def _locked(refund_id: int) -> Refund:
    refunds = Refund.objects.select_related("payment__booking")
    return refunds.select_for_update(of=("self",), no_key=True).get(pk=refund_id)
