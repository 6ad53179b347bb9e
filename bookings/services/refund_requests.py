"""What customers ask for that no rule grants, and what support answers."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from bookings.models import Booking, Refund, RefundRequest
from bookings.queries import returns as asked
from bookings.services import messages, returns
from core import audit, clock
from core.refusals import Refusal
from core.transactions import outermost


class CannotAsk(Refusal):
    """There is nothing to ask for, or it was asked for already."""


class AnsweredAlready(Refusal):
    """The request isn't open any more."""

    def __init__(self) -> None:
        super().__init__(_("This request was answered or withdrawn already."))


@outermost
def ask(*, booking_id: int, ticket_ids: Collection[int], message: str, by: Any = None) -> RefundRequest:
    """Ask support to take these tickets back. Raises CannotAsk; one request of a booking is open at a time."""
    booking = returns.locked(booking_id)
    tickets = list(asked.own(booking).filter(pk__in=ticket_ids))
    if booking.status != Booking.Status.CONFIRMED or not tickets or len(tickets) != len(set(ticket_ids)):
        raise CannotAsk(_("One of these tickets can't be given back any more. Please look at them once more."))
    if booking.refund_requests.filter(status=RefundRequest.Status.OPEN).exists():
        raise CannotAsk(_("You have asked already, and we haven't answered yet."))
    now = clock.now()
    request = RefundRequest.objects.create(booking=booking, message=message, created_at=now)
    request.tickets.set(tickets)
    audit.record("booking.refund_asked", booking, at=now, by=by, numbers=[ticket.number for ticket in tickets])
    return request


@outermost
def withdraw(*, booking_id: int, by: Any = None) -> None:
    """Take the open request of a booking back. Harmless when there is none."""
    booking = returns.locked(booking_id)
    request = booking.refund_requests.filter(status=RefundRequest.Status.OPEN).first()
    if request is not None:
        _close(request, RefundRequest.Status.WITHDRAWN, by=None)
        audit.record("booking.refund_withdrawn", booking, at=clock.now(), by=by)


@outermost
def grant(*, request_id: int, amount: int, reply: str = "", by: Any) -> RefundRequest:
    """
    Take the tickets that were asked about back, those that are still there, for so much money, and say so by mail.

    Raises AnsweredAlready, returns.NotReturnable, refunds.TooMuch.
    """
    booking, request = _open(request_id)
    ids = set(request.tickets.values_list("pk", flat=True))
    still_there = asked.returnable(booking).filter(pk__in=ids).values_list("pk", flat=True)
    now = clock.now()
    tickets = returns.taken_back(
        booking, list(still_there), amount=amount, why=Refund.Reason.CUSTOMER, reason="", at=now, by=by
    )
    request.amount = amount
    _close(request, RefundRequest.Status.GRANTED, reply=reply, by=by)
    audit.record("booking.refund_granted", booking, at=now, by=by, amount=amount)
    messages.returned(booking, tickets=tickets, amount=amount, reply=reply, at=now)
    return request


@outermost
def decline(*, request_id: int, reply: str, by: Any) -> RefundRequest:
    """Say no, and why, by mail. Raises AnsweredAlready."""
    booking, request = _open(request_id)
    _close(request, RefundRequest.Status.DECLINED, reply=reply, by=by)
    audit.record("booking.refund_declined", booking, at=clock.now(), by=by)
    messages.refund_declined(booking, reply=reply, at=clock.now())
    return request


def _open(request_id: int) -> tuple[Booking, RefundRequest]:
    """Lock the booking, which is the lock of its requests, and look again."""
    booking = returns.locked(RefundRequest.objects.values_list("booking", flat=True).get(pk=request_id))
    request = RefundRequest.objects.get(pk=request_id)
    if request.status != RefundRequest.Status.OPEN:
        raise AnsweredAlready
    return booking, request


def _close(request: RefundRequest, status: RefundRequest.Status, *, reply: str = "", by: Any) -> None:
    request.status, request.reply, request.answered_at, request.answered_by = status, reply, clock.now(), by
    request.save(update_fields=["status", "reply", "amount", "answered_at", "answered_by"])
