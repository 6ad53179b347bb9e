"""Money that moved for somebody's bookings, in words for that person."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import Booking, Payment, Refund


@dataclass(frozen=True, slots=True)
class Move:
    """One payment or refund: what it was, how far it came; `amount` is below 0 for what goes back."""

    at: datetime
    booking: Booking
    what: str | Promise
    amount: int
    currency: str
    state: str | Promise
    reason: str = ""


_STATES: dict[str, str | Promise] = {
    Refund.Status.QUEUED: _("on its way"),
    Refund.Status.SENT: _("on its way"),
    Refund.Status.SUCCEEDED: _("paid back"),
    Refund.Status.FAILED: _("our staff are looking into it"),
    Refund.Status.BY_HAND: _("our staff pay it back: please get in touch"),
}


def moves_of(booking: Booking) -> list[Move]:
    """Return what was paid and paid back for one booking, the oldest first."""
    return _moves(Payment.objects.filter(booking=booking))


def moves_of_person(person: User, most: int = 200) -> list[Move]:
    """Return what was paid and paid back for a person's bookings, the newest first: of the last payments."""
    last = Payment.objects.filter(booking__user=person).order_by("-pk")[:most]
    return _moves(Payment.objects.filter(pk__in=[each.pk for each in last]))[::-1]


def _moves(payments: QuerySet[Payment]) -> list[Move]:
    rows = payments.select_related("booking__event__venue").prefetch_related("refunds")
    moves = []
    for payment in rows.order_by("pk"):
        moves.append(_paid(payment))
        moves += [_paid_back(payment, refund) for refund in payment.refunds.all()]
    return sorted(moves, key=lambda move: move.at)


def _paid(payment: Payment) -> Move:
    at, (what, state) = payment.succeeded_at or payment.created_at, _said(payment)
    return Move(at, payment.booking, what, payment.amount, payment.currency, state)


def _said(payment: Payment) -> tuple[str | Promise, str | Promise]:
    if payment.provider == Payment.ByHand.COMPLIMENTARY:
        return _("A present of the house"), _("nothing to pay")
    if payment.provider == Payment.EXCHANGE:
        return _("Worth of the tickets that were exchanged"), _("counted in")
    what = _("Payment by %(way)s") % {"way": payment.way}
    if payment.kept_aside:
        return what, _("received; our staff are looking into it")
    states = {
        Payment.Status.SUCCEEDED: _("received"),
        Payment.Status.PENDING: _("not received"),
        Payment.Status.FAILED: _("did not go through"),
    }
    return what, states[Payment.Status(payment.status)]


def _paid_back(payment: Payment, refund: Refund) -> Move:
    internal = refund.is_internal
    what = _("Moved to the booking that was exchanged for") if internal else _("Refund")
    state = _("counted in") if internal else _STATES[refund.status]
    reason = "" if internal else refund.get_reason_display()
    return Move(refund.created_at, payment.booking, what, -refund.amount, payment.currency, state, reason)
