"""
Passing a ticket on: offered by mail, accepted by its link, and the old code is dead at that moment.

A ticket that was passed on says whose it is by `holder_email`. The money stays with who paid: so do refunds.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.models import Booking, CancellationPolicy, Ticket, Transfer, normalised_email
from bookings.queries.policies import hours_before, policy_of
from bookings.services import notices
from core import audit, clock, codes
from core.refusals import Refusal
from core.transactions import outermost
from events.models import Event

OPEN_FOR = timedelta(days=7)


class NotPassedOn(Refusal):
    """This ticket can't be passed on, or not now; the text says why."""


class OfferOver(Refusal):
    """The link opens nothing: it is unknown, used, withdrawn or too old. Which of these, nobody is told."""

    status = 410

    def __init__(self) -> None:
        super().__init__(_("This ticket isn't offered any more. Please ask who wanted to give it to you."))


class GoneAlready(Refusal):
    """The offer was accepted, declined or withdrawn before."""

    def __init__(self) -> None:
        super().__init__(_("This offer has been answered or taken back meanwhile."))


@outermost
def offer(*, ticket_id: int, name: str, email: str, language: str = settings.LANGUAGE_CODE, by: Any = None) -> Transfer:
    """
    Offer a ticket to somebody by mail. It stays the giver's, and valid, until it is accepted.

    Raises NotPassedOn when it isn't valid, was passed on too often, is offered already, or when it is too late.
    """
    booking, ticket = _locked(ticket_id)
    now = clock.now()
    policy = policy_of(booking.event)
    if reason := why_not(ticket, policy, now):
        raise NotPassedOn(reason)
    if normalised_email(email) == normalised_email(ticket.holder_email or booking.email):
        raise NotPassedOn(_("This address has the ticket already."))
    for earlier in ticket.transfers.filter(accepted_at=None, ended_at=None):
        if is_open(earlier, now):
            raise NotPassedOn(_("This ticket is offered to somebody already. Take that offer back first."))
        _end(earlier, at=now)
    secret = codes.secret()
    transfer = Transfer.objects.create(
        ticket=ticket,
        name=name,
        email=email,
        digest=codes.digest(secret),
        language=language,
        created_at=now,
        expires_at=min(now + OPEN_FOR, hours_before(booking.event, policy.transfer_until_hours)),
        by=by,
    )
    audit.record("ticket.offered", booking, at=now, by=by, ticket=ticket.number)
    notices.ticket_offered(booking, transfer, secret, giver=giver_of(booking, ticket), at=now)
    return transfer


@outermost
def withdraw(*, transfer_id: int, by: Any = None) -> Transfer:
    """Take an offer back: its link opens nothing from now on. Raises GoneAlready when it was answered."""
    transfer, booking = _locked_offer(transfer_id)
    if transfer.accepted_at or transfer.ended_at:
        raise GoneAlready
    now = clock.now()
    audit.record("ticket.offer_withdrawn", booking, at=now, by=by, ticket=transfer.ticket.number)
    return _end(transfer, at=now)


@outermost
def decline(*, secret: str, by: Any = None) -> Transfer:
    """Say no to a ticket: it stays whose it was, and that person is told. Raises OfferOver."""
    transfer, booking = _locked_offer(find(secret).pk)
    now = clock.now()
    if not is_open(transfer, now):
        raise OfferOver
    audit.record("ticket.offer_declined", booking, at=now, by=by, ticket=transfer.ticket.number)
    notices.offer_declined(booking, transfer, to=_address_of(booking, transfer.ticket), at=now)
    return _end(transfer, at=now)


@outermost
def accept(*, secret: str, name: str, language: str = settings.LANGUAGE_CODE, by: Any = None) -> Ticket:
    """
    Take a ticket that was offered: it ends, and one with another number, code and link follows it at its place.

    The place stays sold; price, fee and tax stay those of who paid. Both are told by mail. Raises OfferOver,
    also when the ticket was used, given back or its booking cancelled meanwhile, and NotPassedOn past the deadline.
    """
    transfer, booking = _locked_offer(find(secret).pk)
    ticket, now = transfer.ticket, clock.now()
    if not is_open(transfer, now):
        raise OfferOver
    if reason := why_not(ticket, policy_of(booking.event), now):
        raise NotPassedOn(reason)
    address = _address_of(booking, ticket)
    Ticket.objects.filter(pk=ticket.pk).void(at=now, reason=Ticket.VoidReason.TRANSFERRED)
    new = _following(ticket, name=name, email=transfer.email)
    transfer.name, transfer.language, transfer.accepted_at = name, language, now
    transfer.save(update_fields=["name", "language", "accepted_at"])
    audit.record("ticket.passed_on", booking, at=now, by=by, ticket=ticket.number, followed_by=new.number)
    notices.ticket_received(booking, new, language=language, at=now)
    notices.ticket_passed_on(booking, new, to=address, at=now)
    return new


def _following(ticket: Ticket, *, name: str, email: str) -> Ticket:
    return Ticket.objects.create(
        booking=ticket.booking,
        number=ticket.booking.tickets.count() + 1,
        ticket_type_id=ticket.ticket_type_id,
        event_seat_id=ticket.event_seat_id,
        price=ticket.price,
        fee=ticket.fee,
        tax=ticket.tax,
        holder=name,
        holder_email=email,
        status=Ticket.Status.VALID,
        follows=ticket,
    )


# --- Asked without a change --------------------------------------------------------------------------


def find(secret: str) -> Transfer:
    """Return the open offer that this link belongs to; raises OfferOver, whatever the reason."""
    offers = Transfer.objects.select_related("ticket__booking__event__venue", "ticket__booking__organization")
    transfer = offers.filter(digest=codes.digest(secret)).first()
    if transfer is None or not is_open(transfer, clock.now()):
        raise OfferOver
    return transfer


def is_open(transfer: Transfer, now: datetime) -> bool:
    """Whether it can still be accepted: not if its ticket ended meanwhile."""
    waits = not (transfer.accepted_at or transfer.ended_at) and now < transfer.expires_at
    return waits and transfer.ticket.status == Ticket.Status.VALID


def open_offers(tickets: Iterable[Ticket], now: datetime) -> dict[int, Transfer]:
    """Return the offers that can still be accepted, by their tickets' ids."""
    offers = Transfer.objects.filter(ticket__in=tickets, accepted_at=None, ended_at=None, expires_at__gt=now)
    return {each.ticket_id: each for each in offers.filter(ticket__status=Ticket.Status.VALID)}


def why_not(ticket: Ticket, policy: CancellationPolicy, now: datetime) -> str | Promise:
    """Why a ticket can't be passed on, for who has it; nothing if it can."""
    booking, event = ticket.booking, ticket.booking.event
    if booking.status != Booking.Status.CONFIRMED or ticket.status != Ticket.Status.VALID:
        return _("Only a valid ticket can be passed on.")
    if event.status == Event.Status.CANCELLED:
        return _("This event was cancelled.")
    if now >= hours_before(event, policy.transfer_until_hours):
        return _("It is too late to pass this ticket on.")
    if times_passed_on(ticket) >= policy.transfers:
        return _("The organizer limits how often a ticket may be passed on.")
    if ticket.exchanged_for and ticket.exchanged_for.status == Booking.Status.PENDING:
        return _("This ticket is about to be exchanged.")
    return ""


def times_passed_on(ticket: Ticket) -> int:
    """Return how often a ticket and those that it follows were passed on."""
    return sum(each.void_reason == Ticket.VoidReason.TRANSFERRED for each in chain(ticket))


def chain(ticket: Ticket) -> list[Ticket]:
    """Return the tickets that it follows, the first one first, and itself."""
    tickets = [ticket]
    while before := tickets[0].follows:
        tickets.insert(0, before)
    return tickets


def giver_of(booking: Booking, ticket: Ticket) -> str:
    """Return the name of who has a ticket now."""
    return ticket.holder if ticket.is_passed_on else booking.customer_name


def _address_of(booking: Booking, ticket: Ticket) -> str:
    return ticket.holder_email or booking.email


# --- Locks: the booking, then the ticket -------------------------------------------------------------


def _locked(ticket_id: int) -> tuple[Booking, Ticket]:
    """A scan locks the ticket alone, so it is locked as well; then both are looked at again."""
    bookings = Booking.objects.locked().select_related("event__venue", "organization")
    booking = bookings.get(tickets=ticket_id)
    ticket = Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=ticket_id)
    ticket.booking = booking
    return booking, ticket


def _locked_offer(transfer_id: int) -> tuple[Transfer, Booking]:
    booking, ticket = _locked(Transfer.objects.values_list("ticket", flat=True).get(pk=transfer_id))
    transfer = Transfer.objects.get(pk=transfer_id)
    transfer.ticket = ticket
    return transfer, booking


def _end(transfer: Transfer, *, at: datetime) -> Transfer:
    transfer.ended_at = at
    transfer.save(update_fields=["ended_at"])
    return transfer
