"""Money on its way back: queued with its cause, sent by the worker once, and again when that failed."""

import logging
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from bookings.gateways import gateway
from bookings.models import Booking, Payment, Refund
from core import audit, clock, codes, retries
from core.refusals import Refusal
from core.transactions import outermost

logger = logging.getLogger(__name__)


class NotByHand(Refusal):
    """A provider gives this money back, not people."""


class TooMuch(Refusal):
    """More than is left of what was paid."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("More can't go back than was paid and hasn't gone back yet."))


def give_back(booking: Booking, amount: int, *, reason: Refund.Reason, at: datetime, by: Any = None) -> list[Refund]:
    """
    In the transaction of its cause, with the booking locked: give so much of what was paid for it back.

    The oldest payment first; what is kept aside is nobody's price and stays. Raises TooMuch with nothing queued.
    """
    paid = [(each, each.left) for each in booking.payments.filter(kept_aside=False).order_by("pk")]
    if not 0 <= amount <= sum(left for _payment, left in paid):
        raise TooMuch
    queued = []
    for payment, left in paid:
        part = min(left, amount)
        if part and (refund := queue(payment, reason=reason, at=at, by=by, amount=part)):
            queued.append(refund)
            amount -= part
    return queued


def queue(
    payment: Payment, *, reason: Refund.Reason, at: datetime, by: Any = None, amount: int | None = None
) -> Refund | None:
    """
    In the transaction of its cause, with the booking locked: give back so much of a payment, or all that is left.

    What was taken by hand goes back by hand, so it waits for staff; of a present nothing goes back. Raises TooMuch.
    """
    from bookings.tasks import send_refund  # noqa: PLC0415 - the task calls back into this module

    left = payment.left
    if not left:
        return None
    if amount is not None and not 0 < amount <= left:
        raise TooMuch
    by_hand = payment.origin.provider in Payment.ByHand.values
    refund = Refund.objects.create(
        payment=payment,
        amount=left if amount is None else amount,
        reason=reason,
        status=Refund.Status.BY_HAND if by_hand else Refund.Status.QUEUED,
        created_at=at,
        next_attempt_at=at,
    )
    action = "refund.by_hand" if by_hand else "refund.queued"
    facts = {"payment": payment.pk, "amount": refund.amount, "reason": str(reason)}
    audit.record(action, payment.booking, at=at, by=by, **facts)
    if not by_hand:
        send_refund.enqueue(refund.pk)
    return refund


@outermost
def retry(*, refund_id: int, by: Any) -> Refund:
    """
    Order a refund again that has failed. Harmless when repeated.

    What the provider took and then could not pay is another order, so it gets another key; what it never took is the
    same one.
    """
    from bookings.tasks import send_refund  # noqa: PLC0415 - the task calls back into this module

    refund = _locked(refund_id)
    if refund.status == Refund.Status.FAILED:
        if refund.reference:
            refund.key, refund.reference = codes.secret(), None
        refund.status, refund.attempts, refund.next_attempt_at = Refund.Status.QUEUED, 0, clock.now()
        refund.save(update_fields=["key", "reference", "status", "attempts", "next_attempt_at"])
        facts = {"payment": refund.payment_id, "amount": refund.amount}
        audit.record("refund.retried", refund.payment.booking, at=clock.now(), by=by, **facts)
        send_refund.enqueue(refund.pk)
    return refund


@outermost
def paid_back(*, refund_id: int, by: Any, note: str = "") -> Refund:
    """
    Record that staff paid back by hand what they took by hand, or what a provider could not give back.
    Harmless when repeated.

    Raises NotByHand for what goes back through its provider. `note` goes to the audit trail, so no names.
    """
    refund = _locked(refund_id)
    if refund.payment.origin.provider not in Payment.ByHand.values and not _is_over(refund):
        raise NotByHand(_("This money goes back the way it came, without your doing."))
    if refund.status in (Refund.Status.BY_HAND, Refund.Status.FAILED):
        refund.status, refund.reference = Refund.Status.SENT, f"by-hand-{codes.secret()}"
        refund.save(update_fields=["status", "reference"])
        facts = {"payment": refund.payment_id, "amount": refund.amount} | ({"note": note} if note else {})
        audit.record("refund.paid_back", refund.payment.booking, at=clock.now(), by=by, **facts)
    return refund


def _is_over(refund: Refund) -> bool:
    """Whether its provider has nothing more to do with it: it failed for good, or people paid it back after that."""
    return refund.status == Refund.Status.FAILED or (refund.reference or "").startswith("by-hand-")


def send(refund_id: int) -> bool:
    """Order one refund if it is due and nobody else is at it; return whether the provider took the order."""
    if not _lease(refund_id=refund_id):
        return False
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    try:
        reference = gateway(refund.payment.origin.provider).refund(refund)
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
