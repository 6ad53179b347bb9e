"""
Exchanging tickets: a booking of its own is reserved, and when it is confirmed the tickets that it takes end.

Until then nothing happens to the old ones: they say `exchanged_for`, and stay valid. What they are worth is paid with;
only the rest is asked for, and a surplus goes back to who paid. The money moves within the house: an internal refund of
the old booking's payment, and a payment of the new booking that says where it came from.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.models import Booking, CancellationPolicy, Payment, Refund, Ticket
from bookings.queries.policies import hours_before, policy_of
from bookings.services import documents, refunds, transfers
from core import audit, money
from core.refusals import Refusal
from events.models import Event, EventSeat
from events.services import inventory


class NotExchanged(Refusal):
    """These tickets can't be exchanged, or not now; the text says why."""


# --- Asked without a change --------------------------------------------------------------------------


def why_not(booking: Booking, policy: CancellationPolicy, now: datetime) -> str | Promise:
    """Why a booking's tickets can't be exchanged; nothing if they can."""
    event = booking.event
    if booking.status != Booking.Status.CONFIRMED or event.status != Event.Status.PUBLISHED:
        return _("Only tickets of a confirmed booking can be exchanged.")
    if policy.exchange_until_hours is None:
        return _("Tickets of this event can't be exchanged.")
    if now >= hours_before(event, policy.exchange_until_hours):
        return _("It is too late to exchange tickets of this event.")
    if booking.payments.filter(provider=Payment.ByHand.COMPLIMENTARY).exists():
        return _("A present can't be exchanged. Please ask the box office.")
    return ""


def exchangeable(booking: Booking, now: datetime) -> list[Ticket]:
    """Return the tickets of a booking that its customer can give up: valid, not passed on, not offered to anybody."""
    tickets = booking.live_tickets().named().filter(status=Ticket.Status.VALID, holder_email="")
    offered = transfers.open_offers(tickets, now)
    return [ticket for ticket in tickets if ticket.pk not in offered]


# --- At reservation ----------------------------------------------------------------------------------


def locked_source(*, tickets: Collection[int], replacing: int | None) -> Booking | None:
    """Lock the booking whose tickets are to be exchanged, before all others: its key is lower than theirs."""
    source = Booking.objects.filter(tickets__in=tickets) if tickets else Booking.objects.filter(exchanged_by=replacing)
    first = source.values_list("pk", flat=True).first() if tickets or replacing else None
    return Booking.objects.locked().select_related("event").get(pk=first) if first else None


def check(source: Booking, event: Event, tickets: Collection[int], now: datetime) -> None:
    """With the old booking locked: raise NotExchanged unless all of these tickets can be given up for this event."""
    if source.event_id != event.pk:
        raise NotExchanged(_("Tickets can be exchanged for others of the same event only."))
    if reason := why_not(source, policy_of(source.event), now):
        raise NotExchanged(reason)
    if not set(tickets) <= {ticket.pk for ticket in exchangeable(source, now)}:
        raise NotExchanged(_("One of these tickets can't be exchanged any more. Please choose them anew."))


def mark(booking: Booking, tickets: Collection[int]) -> None:
    """Let tickets of a locked booking be for a new one, if that is confirmed."""
    Ticket.objects.filter(pk__in=tickets).update(exchanged_for=booking)


def taken_over(replaced: Booking, source: Booking, now: datetime) -> list[int]:
    """Return which tickets the choice that is replaced would have taken, as far as they still can be."""
    if why_not(source, policy_of(source.event), now):
        return []
    return [ticket.pk for ticket in exchangeable(source, now) if ticket.exchanged_for_id == replaced.pk]


# --- At the end --------------------------------------------------------------------------------------


def complete(booking: Booking, *, at: datetime, by: Any = None) -> None:
    """
    In the transaction in which a booking is confirmed, with both bookings and their payments locked: end the tickets
    that it takes. Their places are free, a credit note is written over their worth, and the money is moved.
    """
    source = Booking.objects.select_related("event", "organization").get(exchanged_by=booking.pk)
    list(EventSeat.objects.filter(tickets__in=booking.takes.live()).locked())
    tickets = list(booking.takes.filter(status=Ticket.Status.VALID).named().order_by("pk"))
    worth = booking.brings
    if tickets:
        inventory.release(place_ids=[ticket.event_seat_id for ticket in tickets])
    ended = Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets])
    ended.void(at=at, reason=Ticket.VoidReason.EXCHANGED)
    documents.credit(source, _lines(tickets, worth), at=at)
    used = min(worth, booking.total)
    _move(source, booking, used, at=at)
    facts = {"tickets": [ticket.number for ticket in tickets], "worth": worth, "exchanged_by": booking.pk}
    audit.record("booking.exchanged", source, at=at, by=by, **facts)
    if not source.live_tickets().exists():
        _end(source, at=at, by=by)
    refunds.give_back(source, worth - used, reason=Refund.Reason.EXCHANGED, at=at, by=by)


def _lines(tickets: Iterable[Ticket], worth: int) -> list[documents.Line]:
    """What is credited for each ticket; together no more than they are worth."""
    lines, left = [], worth
    for ticket in tickets:
        amount = min(ticket.total, left)
        left -= amount
        tax = money.divided(ticket.tax * amount, ticket.total) if ticket.total else 0
        if amount:
            text = f"{ticket.event_seat.name}, {ticket.ticket_type.name}"
            lines.append(documents.Line(text, amount, tax, ticket.pk))
    return lines


def _move(source: Booking, booking: Booking, amount: int, *, at: datetime) -> None:
    """Let so much of what was paid for one booking be paid for another; the oldest payment first."""
    for payment in source.payments.filter(kept_aside=False).order_by("pk"):
        part = min(payment.left, amount)
        if part:
            amount -= part
            _move_part(payment, booking, part, at=at)


def _move_part(payment: Payment, booking: Booking, part: int, *, at: datetime) -> None:
    went = refunds.move_on(payment, amount=part, at=at)
    Payment.objects.create(
        booking=booking,
        provider=Payment.EXCHANGE,
        source=payment,
        reference=went.reference,
        amount=part,
        currency=booking.currency,
        status=Payment.Status.SUCCEEDED,
        created_at=at,
        expires_at=at,
        succeeded_at=at,
    )


def _end(source: Booking, *, at: datetime, by: Any) -> None:
    source.status, source.ended_at, source.end_reason = Booking.Status.CANCELLED, at, Booking.EXCHANGED
    source.save(update_fields=["status", "ended_at", "end_reason"])
    audit.record("booking.cancelled", source, at=at, by=by, reason=source.end_reason)
