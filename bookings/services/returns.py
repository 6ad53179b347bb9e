"""Tickets that are given back, and money that goes back for a booking that stays."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings import policies
from bookings.models import Booking, Refund, Ticket, Transfer
from bookings.policies import Row
from bookings.queries import returns as asked
from bookings.services import documents, messages, notices, refunds
from bookings.services.documents import Line
from bookings.services.reservations import end
from core import audit, clock
from core.refusals import Refusal
from core.transactions import outermost
from events.services import inventory


class NotReturnable(Refusal):
    """These tickets can't be given back, or not so."""


class AmountChanged(Refusal):
    """Another amount goes back than was shown: it has to be shown anew."""

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("Meanwhile another amount goes back than you were shown. Please look at it once more.")
        )


class BookingChanged(Refusal):
    """Something happened to the booking since staff looked."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("It has changed since you looked, so nothing was done. Please look again."))


@outermost
def return_tickets(*, booking_id: int, ticket_ids: Collection[int], seen: int, by: Any = None) -> Booking:
    """
    Give tickets of a confirmed booking back, as its rules allow at this moment: the places are free, the others stay.

    `seen` is the amount that was shown. Harmless when repeated with the same tickets.
    Raises NotReturnable, or AmountChanged, with nothing done.
    """
    booking = locked(booking_id)
    now = clock.now()
    if _were_given_back(booking, ticket_ids):
        return booking
    tickets = _chosen(booking, asked.own(booking), ticket_ids)
    offer = asked.offer_for(booking, tickets, now)
    if offer.why_not:
        raise NotReturnable(offer.why_not)
    if _leaves_some(booking, tickets) and not asked.terms_of(booking.event).single_tickets:
        raise NotReturnable(_("Only all tickets of this booking can be given back together."))
    if offer.amount != seen:
        raise AmountChanged
    lines = _lines(offer.rows, booking_fee=Line(_("Fee for the booking"), offer.booking_fee, offer.booking_fee_tax))
    _take_back(booking, tickets, lines, why=Refund.Reason.CUSTOMER, reason="", at=now, by=by)
    messages.returned(booking, tickets=tickets, amount=offer.amount, at=now)
    return booking


@outermost
def take_back(
    *, booking_id: int, ticket_ids: Collection[int], amount: int, why: Refund.Reason, reason: str, by: Any
) -> Booking:
    """
    As staff decide, whatever the rules say: take these tickets back for so much money. `reason` is for colleagues.

    Harmless when repeated with the same tickets. Raises NotReturnable, refunds.TooMuch, with nothing done.
    """
    booking = locked(booking_id)
    now = clock.now()
    if _were_given_back(booking, ticket_ids):
        return booking
    tickets = taken_back(booking, ticket_ids, amount=amount, why=why, reason=reason, at=now, by=by)
    messages.returned(booking, tickets=tickets, amount=amount, at=now)
    notices.tell_holders_of_end(booking, at=now)
    return booking


def taken_back(
    booking: Booking,
    ticket_ids: Collection[int],
    *,
    amount: int,
    why: Refund.Reason,
    reason: str,
    at: datetime,
    by: Any,
) -> list[Ticket]:
    """In the transaction of its cause, with the booking locked: what `take_back` does, but for the mail."""
    tickets = _chosen(booking, asked.returnable(booking), ticket_ids)
    if not 0 <= amount <= asked.left_of(booking):
        raise refunds.TooMuch
    _take_back(booking, tickets, _lines(policies.split(amount, tickets)), why=why, reason=reason, at=at, by=by)
    return tickets


@outermost
def give_goodwill(*, booking_id: int, amount: int, left: int, why: Refund.Reason, reason: str, by: Any) -> Booking:
    """
    Give so much of what a confirmed booking cost back, and all its tickets stay: goodwill, or a correction.

    `left` is what could go back when staff looked. Raises BookingChanged when that isn't so any more, so also the
    second time; NotReturnable, refunds.TooMuch.
    """
    booking = locked(booking_id)
    now = clock.now()
    if booking.status != Booking.Status.CONFIRMED:
        raise NotReturnable(_("Only a confirmed booking has money to give back."))
    if asked.left_of(booking) != left:
        raise BookingChanged
    if amount < 1:
        raise refunds.TooMuch
    refunds.give_back(booking, amount, reason=why, at=now, by=by)
    tax = policies.tax_of(amount, booking.total, booking.tax)
    documents.credit(
        booking, [Line(_("Price reduction: %(title)s") % {"title": booking.event.title}, amount, tax)], at=now
    )
    audit.record("booking.reduced", booking, at=now, by=by, amount=amount, reason=reason)
    messages.goodwill(booking, amount=amount, at=now)
    return booking


def locked(booking_id: int) -> Booking:
    """Lock a booking and its payments, in the transaction of what is going to be done with them."""
    bookings = Booking.objects.select_related("event__venue", "event__organization", "organization")
    booking = bookings.locked().get(pk=booking_id)
    list(booking.payments.order_by("pk").select_for_update(no_key=True))
    return booking


def _were_given_back(booking: Booking, ticket_ids: Collection[int]) -> bool:
    """Whether exactly this was done before: the same form came twice."""
    gone = booking.tickets.filter(pk__in=ticket_ids, void_reason=Ticket.VoidReason.CANCELLED)
    return bool(ticket_ids) and booking.confirmed_at is not None and gone.count() == len(set(ticket_ids))


def _chosen(booking: Booking, of: Any, ticket_ids: Collection[int]) -> list[Ticket]:
    if not ticket_ids:
        raise NotReturnable(_("Please choose at least one ticket."))
    tickets = list(of.named().filter(pk__in=ticket_ids))
    if booking.status != Booking.Status.CONFIRMED or len(tickets) != len(set(ticket_ids)):
        raise NotReturnable(_("One of these tickets can't be given back any more. Please look at them once more."))
    return tickets


def _leaves_some(booking: Booking, tickets: list[Ticket]) -> bool:
    return booking.live_tickets().exclude(pk__in=[ticket.pk for ticket in tickets]).exists()


def _lines(rows: Collection[Row], booking_fee: Line | None = None) -> list[Line]:
    """Return the lines of a credit note: what isn't nothing."""
    lines = [Line(_name(row.ticket), row.amount, row.tax, row.ticket.pk) for row in rows]
    return [line for line in [*lines, *([booking_fee] if booking_fee else [])] if line.amount]


def _name(ticket: Ticket) -> str:
    return f"{ticket}: {ticket.event_seat.name}, {ticket.ticket_type.name}"


def _take_back(
    booking: Booking,
    tickets: list[Ticket],
    lines: list[Line],
    *,
    why: Refund.Reason,
    reason: str,
    at: datetime,
    by: Any,
) -> None:
    """Money, paper, places and tickets of a locked booking; with the last ticket it ends."""
    amount = sum(line.amount for line in lines)
    refunds.give_back(booking, amount, reason=why, at=at, by=by)
    ids = [ticket.pk for ticket in tickets]
    is_last = not _leaves_some(booking, tickets)
    Transfer.objects.filter(ticket__in=ids, accepted_at=None, ended_at=None).update(ended_at=at)
    numbers = [ticket.number for ticket in tickets]
    facts = {"numbers": numbers, "amount": amount} | ({"reason": reason} if reason else {})
    audit.record("booking.tickets_returned", booking, at=at, by=by, **facts)
    if is_last:
        end(booking, Booking.Status.CANCELLED, at=at, reason=reason[:60] or Booking.RETURNED)
        audit.record("booking.cancelled", booking, at=at, by=by, reason=booking.end_reason)
    else:
        inventory.release(place_ids=[ticket.event_seat_id for ticket in tickets])
        booking.tickets.filter(pk__in=ids).void(at=at, reason=Ticket.VoidReason.CANCELLED)
    documents.credit(booking, lines, at=at)
