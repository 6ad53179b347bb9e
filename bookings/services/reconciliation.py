"""
The providers' truth compared with ours: what a lost message left behind is repaired, and said.

Asking is all that repairing takes, since conclusions are drawn from whatever a provider says: a payment is looked up
and settled, a refund that was ordered is looked up, one that waits is ordered.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, QuerySet, Value, When

from bookings.gateways import NotOffered, Unavailable, Unclear, names
from bookings.models import Booking, Payment, Refund
from bookings.services import payments, refunds
from core import clock, money, throttles

logger = logging.getLogger(__name__)

RECENT = timedelta(days=3)
"""Payments this young are looked at: no provider's page lives longer."""
REFUNDS_RECENT = timedelta(days=45)
"""So long a refund may be on its way, or come back."""
EVERY = timedelta(minutes=10)
AT_A_TIME = 200


@dataclass(frozen=True, slots=True)
class Compared:
    """How many were compared, what was repaired, and which providers didn't answer."""

    looked_at: int
    repaired: list[str]
    silent: list[str]


def reconcile(*, since: datetime | None = None, limit: int | None = None) -> Compared:
    """
    Compare payments that were asked for since then, the open ones first, and refunds on their way.

    A provider that doesn't answer is left out for this time, and keeps nobody from asking the others.
    """
    now = clock.now()
    rows: list[Payment | Refund] = [
        *_payments(since or now - RECENT)[:limit],
        *_refunds(since or now - REFUNDS_RECENT)[:limit],
    ]
    looked_at, repaired, silent = 0, [], set()
    for row in rows:
        provider = _provider(row)
        if provider in silent:
            continue
        looked_at += 1
        try:
            repaired += list(_compared(row))
        except Unclear as error:
            logger.warning("%s of %s could not be compared: %s", row, provider, error)
        except (Unavailable, NotOffered):
            silent.add(provider)
        except Exception:  # one row that makes trouble keeps no other from being looked at
            logger.exception("%s %s could not be compared.", type(row).__name__, row.pk)
    return Compared(looked_at, repaired, sorted(silent))


def is_due() -> bool:
    """Whether there is something to compare, and time for it: the first process that asks in EVERY is told so."""
    now = clock.now()
    if not _payments(now - RECENT).exists() and not _refunds(now - REFUNDS_RECENT).exists():
        return False
    try:
        throttles.hit("reconcile", "", limit=1, per=EVERY)
    except throttles.TooMany:
        return False
    return True


def _payments(since: datetime) -> QuerySet[Payment]:
    asked = Payment.objects.filter(created_at__gte=since, provider__in=names()).exclude(checkout_reference=None)
    open_first = Case(When(status=Payment.Status.PENDING, then=Value(0)), default=Value(1))
    asked = asked.exclude(provider__in=Payment.ByHand.values).select_related("booking")
    return asked.order_by(open_first, "-pk")


def _refunds(since: datetime) -> QuerySet[Refund]:
    going = Refund.objects.filter(created_at__gte=since, status__in=[Refund.Status.QUEUED, Refund.Status.SENT])
    going = going.exclude(payment__provider__in=Payment.ByHand.values)
    return going.select_related("payment__booking", "payment__source").order_by("pk")


def _provider(row: Payment | Refund) -> str:
    return row.provider if isinstance(row, Payment) else row.payment.origin.provider


def _compared(row: Payment | Refund) -> Iterator[str]:
    """Ask, and say what is another than it was."""
    ask, stand = _of_payment(row) if isinstance(row, Payment) else _of_refund(row)
    before = stand()
    ask()
    after = stand()
    for name, was in before.items():
        if after[name] != was:
            yield f"{name}: {was} -> {after[name]}"
    for name in after.keys() - before.keys():
        yield f"{name}: {after[name]}"


type _Asked = tuple[Callable[[], object], Callable[[], dict[str, str]]]


def _of_payment(payment: Payment) -> _Asked:
    code = payment.booking.code

    def stand() -> dict[str, str]:
        booking = Booking.objects.get(pk=payment.booking_id)
        found = {f"{code}": booking.status}
        for each in booking.payments.order_by("pk"):
            kept = ", kept aside" if each.kept_aside else ""
            found[f"{code} payment {each.pk} ({_amount(each.amount, each)})"] = f"{each.status}{kept}"
        for refund in Refund.objects.filter(payment__booking=booking).order_by("pk"):
            name = f"{code} refund {refund.pk} ({_amount(refund.amount, refund.payment)})"
            found[name] = refund.status
        return found

    return lambda: payments.look_up_payment(payment), stand


def _of_refund(refund: Refund) -> _Asked:
    name = f"{refund.payment.booking.code} refund {refund.pk} ({_amount(refund.amount, refund.payment)})"

    def ask() -> None:
        if refund.status == Refund.Status.QUEUED:
            refunds.send(refund.pk)
        else:
            refunds.look_up(refund)

    return ask, lambda: {name: Refund.objects.get(pk=refund.pk).status}


def _amount(amount: int, payment: Payment) -> str:
    return f"{money.to_decimal(amount, payment.currency)} {payment.currency}"
