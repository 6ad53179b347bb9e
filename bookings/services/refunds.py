"""Money on its way back: queued with its cause, sent by the worker once, and again when that failed."""

import logging
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from bookings.gateways import Outcome, RefundNews, gateway, health
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
    refund = _create(
        payment,
        left if amount is None else amount,
        reason=reason,
        status=Refund.Status.BY_HAND if by_hand else Refund.Status.QUEUED,
        at=at,
    )
    action = "refund.by_hand" if by_hand else "refund.queued"
    facts = {"payment": payment.pk, "amount": refund.amount, "reason": str(reason)}
    audit.record(action, payment.booking, at=at, by=by, **facts)
    if not by_hand:
        send_refund.enqueue(refund.pk)
    return refund


def move_on(payment: Payment, *, amount: int, at: datetime) -> Refund:
    """
    In the transaction of an exchange, with the booking locked: so much of a payment leaves its booking for another,
    whose `exchange` payment has this one as its source. Nothing goes to anybody. Raises TooMuch.
    """
    if not 0 < amount <= payment.left:
        raise TooMuch
    reference, done = f"exchange-{codes.secret()}", Refund.Status.SUCCEEDED
    return _create(payment, amount, reason=Refund.Reason.EXCHANGED, status=done, at=at, reference=reference)


def _create(payment: Payment, amount: int, *, at: datetime, **fields: Any) -> Refund:
    """Write it and count it: the database refuses a sum above the payment, even if somebody forgot to lock (R8)."""
    Payment.objects.filter(pk=payment.pk).update(refunded=F("refunded") + amount)
    payment.refunded += amount
    return Refund.objects.create(payment=payment, amount=amount, created_at=at, next_attempt_at=at, **fields)


@outermost
def return_kept(*, booking_id: int, by: Any) -> list[Refund]:
    """Give back all that is kept aside of a booking, since it isn't what was asked for. Harmless when repeated."""
    booking = Booking.objects.locked().get(pk=booking_id)
    now = clock.now()
    kept = list(booking.payments.filter(kept_aside=True).order_by("pk").select_for_update(no_key=True))
    queued = [queue(payment, reason=Refund.Reason.MISMATCH, at=now, by=by) for payment in kept]
    return [refund for refund in queued if refund]


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
    """
    Order one refund if it is due and nobody else is at it; return whether the provider took the order.

    While the provider is left alone the refund waits, and that counts as no attempt.
    """
    refund = Refund.objects.select_related("payment__source").filter(pk=refund_id).first()
    if refund is None:
        return False
    provider = refund.payment.origin.provider
    if provider in health.left_alone() or not _lease(refund_id=refund_id):
        return False
    refund.refresh_from_db()
    try:
        with health.watched(provider):
            reference = gateway(provider).refund(refund)
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


def look_up(refund: Refund) -> None:
    """
    Ask the provider what became of a refund that it took, and write it down. Raises Unavailable.

    What was paid back by hand, or moved on to another booking, no provider knows.
    """
    provider = refund.payment.origin.provider
    if provider in Payment.ByHand.values or refund.reason == Refund.Reason.EXCHANGED:
        return
    with health.watched(provider):
        news = gateway(provider).look_up_refund(refund)
    settle(refund_id=refund.pk, news=news)


@outermost
def settle(*, refund_id: int, news: RefundNews) -> None:
    """
    Write down what became of a refund that was ordered. Harmless when repeated.

    Also one that had succeeded may fail afterwards: a bank sends the money back.
    """
    refund = _locked(refund_id)
    now = clock.now()
    if refund.status == Refund.Status.SENT and news.outcome is Outcome.SUCCEEDED:
        refund.status, refund.failure = Refund.Status.SUCCEEDED, ""
        audit.record("refund.succeeded", refund.payment.booking, at=now, payment=refund.payment_id)
    elif refund.status in _ORDERED and news.outcome is Outcome.FAILED:
        refund.status, refund.failure = Refund.Status.FAILED, news.failure[:200]
        audit.record("refund.failed", refund.payment.booking, at=now, payment=refund.payment_id)
        logger.error("The provider could not pay refund %s: people have to look.", refund.pk)
    else:
        return
    refund.save(update_fields=["status", "failure"])


_ORDERED = (Refund.Status.SENT, Refund.Status.SUCCEEDED)


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
