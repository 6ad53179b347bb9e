"""Money: asked for at a provider, taken, and turned into tickets or into a refund, never both or neither."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bookings import gateways
from bookings.gateways import Gateway, News, Outcome, Unavailable, check_offered, gateway, health
from bookings.models import Booking, Payment, Refund, Ticket
from bookings.services import exchanges, messages, refunds
from bookings.services.customers import OverLimit, check_limit, lock_quota
from bookings.services.reservations import (
    CLAIMS,
    LONGEST,
    TooLate,
    check_open,
    end,
    expire_of_customer,
    expire_owners,
    keep_until,
    places_of,
)
from core import audit, clock, codes
from core.refusals import Refusal
from core.transactions import outermost
from events.models import Event
from events.services import inventory

logger = logging.getLogger(__name__)

GRACE = timedelta(minutes=2)
"""Between the provider's deadline and ours: the news of a payment in the last second is in time."""


class DetailsMissing(Refusal):
    """Nobody knows yet whose booking it is."""

    def __init__(self) -> None:
        super().__init__(_("Please tell us your name and e-mail address first."))


class NotFree(Refusal):
    """Only a booking that costs nothing is confirmed without money."""


class NothingToPay(Refusal):
    """The booking costs nothing: there is nothing to hand over to a provider."""


class PaidAlready(Refusal):
    """The money for this booking is there."""

    def __init__(self) -> None:
        super().__init__(_("This booking is paid already."))


class PlacesGone(Refusal):
    """The time was over, and the places can't be had again: nothing was recorded."""

    def __init__(self) -> None:
        super().__init__(
            _("The time for this reservation is over, and its places can't be had again. Don't take the money.")
        )


class UnknownPayment(LookupError):
    """A provider speaks of a checkout that we did not open."""


def hand_over(*, booking_id: int, provider: str, by: Any = None) -> str:
    """
    Open the provider's page for what a booking costs; return its address.

    A second call while that page is open leads to the same page. The reservation is kept until the
    provider's deadline and a grace, within LONGEST or what the provider is given instead. Raises TooLate,
    DetailsMissing, NotOffered and the gateway's Unavailable, after which the same call may be repeated.
    """
    way = gateway(provider)
    payment = _ask(booking_id=booking_id, provider=provider, by=by)
    if not payment.checkout_url:
        booking = payment.booking
        # By the payment, not by the booking's link: that may be renewed while the provider's page is open.
        back = settings.SITE_URL + reverse("bookings:returned", args=[payment.key])
        with health.watched(provider):
            checkout = way.open_checkout(payment, title=booking.event.title, return_url=back)
        payment = _opened(payment_id=payment.pk, reference=checkout.reference, url=checkout.url)
    return payment.checkout_url


@outermost
def _ask(*, booking_id: int, provider: str, by: Any) -> Payment:
    booking = Booking.objects.locked().select_related("event", "organization").get(pk=booking_id)
    now = clock.now()
    check_open(booking, now)
    _check_takes_place(booking)
    if not booking.has_details:
        raise DetailsMissing
    if booking.is_free:
        raise NothingToPay(_("This booking costs nothing."))
    asked = booking.payments.filter(provider=provider, status=Payment.Status.PENDING, expires_at__gt=now)
    asked = asked.filter(amount=booking.to_pay)
    if payment := asked.select_related("booking__event").first():
        return payment
    way = check_offered(provider, booking, now)
    expires_at = _deadline(booking, way, now)
    if expires_at - now < way.least_lifetime:
        raise TooLate(_("There is not enough time left to pay for this reservation. Please choose again."))
    payment = Payment.objects.create(
        booking=booking,
        provider=provider,
        amount=booking.to_pay,
        currency=booking.currency,
        created_at=now,
        expires_at=expires_at,
    )
    if expires_at + GRACE > booking.reserved_until:
        keep_until(booking, expires_at + GRACE)
    audit.record("payment.asked", booking, at=now, by=by, payment=payment.pk, amount=payment.amount)
    if provider == Payment.ByHand.TRANSFER:
        messages.to_transfer(booking, payment, at=now)
    return payment


def offered_for(booking: Booking) -> list[Gateway]:
    """Return the ways in which a booking can be paid now: those that still have the time for it."""
    now = clock.now()
    ways = gateways.offered_for(booking, now)
    return [way for way in ways if _deadline(booking, way, now) - now >= way.least_lifetime]


def _deadline(booking: Booking, way: Gateway, now: datetime) -> datetime:
    """Until when a checkout may stay open: within the cap of all hand-overs, or the time that was given already."""
    latest = max(booking.reserved_at + (way.longest or LONGEST), booking.reserved_until)
    return min(now + way.lifetime, latest - GRACE)


@outermost
def _opened(*, payment_id: int, reference: str, url: str) -> Payment:
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    if not payment.checkout_url:
        payment.checkout_reference, payment.checkout_url = reference, url
        payment.save(update_fields=["checkout_reference", "checkout_url"])
    return payment


def look_up(*, booking: Booking) -> None:
    """
    Ask the providers how the payments of a booking stand, and draw the conclusions.

    One that doesn't answer keeps no other from being asked; then raises its Unavailable.
    """
    silent: Unavailable | None = None
    for payment in booking.payments.exclude(checkout_reference=None):  # also settled ones: it may be taken twice
        try:
            look_up_payment(payment)
        except Unavailable as error:
            silent = error
    if silent:
        raise silent


def look_up_payment(payment: Payment, checkout: str = "") -> None:
    """
    Ask the provider how one payment stands, and draw the conclusions. Raises Unavailable.

    `checkout` is the reference of its page, if a message told us before we could write it down.
    """
    way = gateway(payment.provider)
    if payment.checkout_reference is None:
        if not checkout:
            return  # nobody was led to a page
        payment = _opened(payment_id=payment.pk, reference=checkout, url="")
    with health.watched(payment.provider):
        told = list(way.look_up(payment))
    for news in told:
        settle(provider=payment.provider, news=news)


def settle(*, provider: str, news: News) -> None:
    """
    Draw the conclusion from what a provider says of a checkout; harmless when repeated, in any order.

    Money in time confirms the booking. Late money confirms it if enough places of the same price
    levels are still free, and is refunded otherwise; so is money that came twice or for a cancelled
    booking. Raises UnknownPayment, Busy.
    """
    asked = _asked(provider, news.checkout_reference)
    if asked.booking.event.max_per_customer is not None:
        expire_of_customer(asked.booking.event, asked.booking.email_key, besides=asked.booking_id)
    attempts = 0
    while True:
        try:
            return _settle(asked=asked, news=news, take_no_as_answer=attempts >= CLAIMS)
        except inventory.Lapsed as lapsed:
            attempts += not expire_owners(lapsed.place_ids)
        except _AddressChanged:
            asked = _asked(provider, news.checkout_reference)


class _AddressChanged(Exception):
    """The booking is another person's than it was when we looked: another quota has to be locked."""


def _asked(provider: str, checkout_reference: str) -> Payment:
    found = Payment.objects.filter(provider=provider, checkout_reference=checkout_reference)
    asked = found.select_related("booking__event").first()
    if asked is None:
        raise UnknownPayment(checkout_reference)
    return asked


def _locked(seen: Booking) -> tuple[Booking, list[Payment]]:
    """
    Lock the quota of who has the booking, the booking, and its payments: with them those of the booking whose tickets
    it takes in exchange. Raises _AddressChanged.
    """
    if seen.email_key:
        lock_quota(seen.event, seen.email_key)
    both = [pk for pk in (seen.exchanges_id, seen.pk) if pk]
    bookings = Booking.objects.select_related("event__venue", "event__organization", "organization")
    *_old, booking = bookings.locked().filter(pk__in=both)
    if booking.email_key != seen.email_key:
        raise _AddressChanged
    payments = Payment.objects.filter(booking__in=both).order_by("pk").select_for_update(no_key=True)
    return booking, [payment for payment in payments if payment.booking_id == booking.pk]


@outermost
def _settle(*, asked: Payment, news: News, take_no_as_answer: bool) -> None:
    booking, payments = _locked(asked.booking)
    payment = next(each for each in payments if each.pk == asked.pk)
    now = clock.now()
    if news.outcome is Outcome.FAILED and payment.status == Payment.Status.PENDING:
        _fail(booking, payment, news, at=now)
    if news.outcome is Outcome.PENDING and payment.status == Payment.Status.PENDING:
        _note_trouble(payment, news)
    known = {each.reference for each in payments}
    if news.outcome is Outcome.SUCCEEDED and news.amount > 0 and news.reference not in known:
        _take(booking, payment, news, at=now, take_no_as_answer=take_no_as_answer)


def _fail(booking: Booking, payment: Payment, news: News, *, at: datetime) -> None:
    payment.status = Payment.Status.FAILED
    payment.failure = news.failure[:200]
    payment.save(update_fields=["status", "failure"])
    audit.record("payment.failed", booking, at=at, payment=payment.pk)


def _note_trouble(payment: Payment, news: News) -> None:
    """A card that was declined on a page that stays open: the customer may try another there."""
    if news.failure[:200] != payment.failure:
        payment.failure = news.failure[:200]
        payment.save(update_fields=["failure"])


def _take(booking: Booking, payment: Payment, news: News, *, at: datetime, take_no_as_answer: bool) -> None:
    """Record money that is new to us, then decide what it is for."""
    if (news.amount, news.currency) != (payment.amount, payment.currency):
        _keep_aside(booking, payment, news, at=at)
        return
    if payment.status == Payment.Status.SUCCEEDED:
        payment = _another(payment, at=at)
    payment.status = Payment.Status.SUCCEEDED
    payment.reference = news.reference
    payment.succeeded_at = at
    payment.failure = ""
    payment.save(update_fields=["status", "reference", "succeeded_at", "failure"])
    audit.record("payment.succeeded", booking, at=at, payment=payment.pk, amount=payment.amount)
    match booking.status:
        case Booking.Status.PENDING if at <= booking.reserved_until and payment.amount >= booking.to_pay:
            confirm(booking, at=at)
        case Booking.Status.PENDING if at <= booking.reserved_until:  # tickets that it was to take have ended
            _give_back(booking, payment, Refund.Reason.OTHER, at=at)
        case Booking.Status.PENDING:
            _expire(booking, at=at)
            settle_late(booking, payment, at=at, take_no_as_answer=take_no_as_answer)
        case Booking.Status.EXPIRED:
            settle_late(booking, payment, at=at, take_no_as_answer=take_no_as_answer)
        case Booking.Status.CONFIRMED:
            _give_back(booking, payment, Refund.Reason.DUPLICATE, at=at)
        case Booking.Status.CANCELLED:
            _give_back(booking, payment, Refund.Reason.CANCELLED, at=at)


def _keep_aside(booking: Booking, payment: Payment, news: News, *, at: datetime) -> None:
    """No ticket for another amount than was asked for, and no guess: the money is kept where people see it."""
    logger.error("Payment %s: the provider took another amount than was asked for.", payment.pk)
    facts = {"payment": payment.pk, "reference": news.reference, "amount": news.amount, "currency": news.currency}
    audit.record("payment.mismatched", booking, at=at, **facts)
    Payment.objects.create(
        booking=booking,
        provider=payment.provider,
        reference=news.reference,
        amount=news.amount,
        currency=news.currency,
        status=Payment.Status.SUCCEEDED,
        created_at=at,
        expires_at=payment.expires_at,
        succeeded_at=at,
        kept_aside=True,
    )


def _another(payment: Payment, *, at: datetime) -> Payment:
    """The same checkout took money a second time: that is a payment of its own."""
    return Payment.objects.create(
        booking=payment.booking,
        provider=payment.provider,
        amount=payment.amount,
        currency=payment.currency,
        created_at=at,
        expires_at=payment.expires_at,
    )


def confirm(booking: Booking, *, at: datetime, by: Any = None) -> None:
    """Turn a locked, pending booking whose money is there (or that costs nothing) into tickets."""
    inventory.sell(place_ids=places_of(booking))
    booking.live_tickets().update(status=Ticket.Status.VALID)
    _mark_confirmed(booking, at=at, by=by)


def _expire(booking: Booking, *, at: datetime, by: Any = None) -> None:
    """End a locked booking whose money is too late, before its places are looked for again."""
    end(booking, Booking.Status.EXPIRED, at=at, reason="not paid in time")
    audit.record("booking.expired", booking, at=at, by=by)


def _mark_confirmed(booking: Booking, *, at: datetime, by: Any = None, **facts: Any) -> None:
    if booking.exchanges_id:
        exchanges.complete(booking, at=at, by=by)
    booking.status = Booking.Status.CONFIRMED
    booking.confirmed_at = at
    booking.ended_at = None
    booking.end_reason = ""
    booking.save(update_fields=["status", "confirmed_at", "ended_at", "end_reason"])
    audit.record("booking.confirmed", booking, at=at, by=by, **facts)
    messages.confirmed(booking, at=at)


def settle_late(booking: Booking, payment: Payment, *, at: datetime, take_no_as_answer: bool) -> None:
    """
    Money for a locked booking that has expired: new tickets if its places can still be had, else a refund.

    Standing places of a level are all the same, so any of them will do; seats are the same ones or none. The only
    way back from `expired`. Raises inventory.Lapsed, unless told to take that for a no.
    """
    enough = payment.amount >= booking.to_pay
    if not (enough and _sold_again(booking, at=at, take_no_as_answer=take_no_as_answer)):
        _give_back(booking, payment, Refund.Reason.TOO_LATE, at=at)


def _sold_again(booking: Booking, *, at: datetime, take_no_as_answer: bool, by: Any = None) -> bool:
    """Confirm a locked, expired booking with new tickets if its places can be had; return whether they could."""
    ended = booking.tickets.filter(voided_at=booking.ended_at)
    lost = list(ended.select_related("event_seat__price_level").order_by("number"))
    claim = _claim_again(booking, lost, at=at, take_no_as_answer=take_no_as_answer)
    if claim is None:
        return False
    left = {level_id: iter(place_ids) for level_id, place_ids in claim.place_ids.items()}
    kept = set(claim.seats)
    first = booking.tickets.count() + 1
    Ticket.objects.bulk_create(
        Ticket(
            booking=booking,
            number=number,
            ticket_type_id=ticket.ticket_type_id,
            event_seat_id=(
                ticket.event_seat_id if ticket.event_seat_id in kept else next(left[ticket.event_seat.price_level_id])
            ),
            price=ticket.price,
            fee=ticket.fee,
            tax=ticket.tax,
            status=Ticket.Status.VALID,
        )
        for number, ticket in enumerate(lost, start=first)
    )
    inventory.sell(place_ids=places_of(booking))
    _mark_confirmed(booking, at=at, by=by, late=True)
    return True


def _claim_again(
    booking: Booking, lost: list[Ticket], *, at: datetime, take_no_as_answer: bool
) -> inventory.Claim | None:
    event = booking.event
    if event.status != Event.Status.PUBLISHED or at >= event.ends_at:
        return None
    numbered = [ticket.event_seat for ticket in lost if ticket.event_seat.seat_id]
    levels = Counter(ticket.event_seat.price_level for ticket in lost if not ticket.event_seat.seat_id)
    seats = {place.pk: place.price_level_id for place in numbered}
    wanted = inventory.Wanted(levels, seats, by_staff=True)  # they were chosen by the rules once
    try:
        if booking.email_key:
            check_limit(event, booking.email_key, besides=booking)
        return inventory.claim(event=event, wanted=wanted, keep_for=GRACE, wait=True)
    except (OverLimit, inventory.NotEnough, inventory.SeatsTaken, inventory.NoSuchSeat):
        return None
    except inventory.Lapsed:
        if take_no_as_answer:
            return None
        raise


def _give_back(booking: Booking, payment: Payment, reason: Refund.Reason, *, at: datetime) -> None:
    refunds.queue(payment, reason=reason, at=at)
    messages.money_back(booking, reason=reason, at=at)


@outermost
def confirm_free(*, booking_id: int, by: Any = None) -> Booking:
    """Confirm a booking for which nothing is to be paid. Harmless when repeated; raises TooLate, DetailsMissing."""
    return _confirm_free(booking_id=booking_id, by=by)


def _confirm_free(*, booking_id: int, by: Any) -> Booking:
    booking = _locked_alone(booking_id)
    now = clock.now()
    if booking.status == Booking.Status.CONFIRMED:
        return booking
    check_open(booking, now)
    if not booking.has_details:
        raise DetailsMissing
    if not booking.is_free:
        raise NotFree(_("This booking has to be paid."))
    confirm(booking, at=now, by=by)
    return booking


def _locked_alone(booking_id: int) -> Booking:
    """Lock a booking that no money is taken for; with it what it takes tickets of, and the payments of that."""
    bookings = Booking.objects.select_related("event", "organization")
    source = bookings.values_list("exchanges", flat=True).get(pk=booking_id)
    *_old, booking = bookings.locked().filter(pk__in=[pk for pk in (source, booking_id) if pk])
    list(Payment.objects.filter(booking=source).order_by("pk").select_for_update(no_key=True))
    return booking


def record_by_hand(*, booking_id: int, how: str, by: Any, note: str = "") -> Booking:
    """
    Mark a booking as paid, by one of Payment.ByHand: staff have the money, or it is a present. It is confirmed.

    When its time is over its places are claimed again, as for late money; if they are gone, nothing is recorded.
    Raises PaidAlready (so also the second time), PlacesGone, TooLate, DetailsMissing, Busy. A booking that costs
    nothing is confirmed without a payment. `note` goes to the audit trail, so no names.
    """
    attempts = 0
    while True:
        seen = Booking.objects.select_related("event").get(pk=booking_id)
        if seen.is_free:
            return confirm_free(booking_id=booking_id, by=by)
        try:
            entry = _Entry(Payment.ByHand(how), note, by)
            return _record_by_hand(seen=seen, entry=entry, take_no_as_answer=attempts >= CLAIMS)
        except inventory.Lapsed as lapsed:
            attempts += not expire_owners(lapsed.place_ids)
        except _AddressChanged:
            continue


def take_by_hand(*, booking_id: int, how: str, by: Any, note: str = "") -> Booking:
    """
    In the transaction of its cause: what `record_by_hand` does, but for places that somebody else's lapsed booking
    still has: those are gone. What is raised has to undo what was written.
    """
    seen = Booking.objects.select_related("event").get(pk=booking_id)
    if seen.is_free:
        return _confirm_free(booking_id=booking_id, by=by)
    return _write_and_confirm(seen=seen, entry=_Entry(Payment.ByHand(how), note, by), take_no_as_answer=True)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What staff enter: how the money came, what they note of it, and who they are."""

    how: Payment.ByHand
    note: str
    by: Any


@outermost
def _record_by_hand(*, seen: Booking, entry: _Entry, take_no_as_answer: bool) -> Booking:
    return _write_and_confirm(seen=seen, entry=entry, take_no_as_answer=take_no_as_answer)


def _write_and_confirm(*, seen: Booking, entry: _Entry, take_no_as_answer: bool) -> Booking:
    booking, _payments = _locked(seen)
    now = clock.now()
    _check_unpaid(booking)
    _write_by_hand(booking, entry, at=now)
    if booking.status == Booking.Status.PENDING and now <= booking.reserved_until:
        confirm(booking, at=now, by=entry.by)
        return booking
    if booking.status == Booking.Status.PENDING:
        _expire(booking, at=now, by=entry.by)
    if not _sold_again(booking, at=now, take_no_as_answer=take_no_as_answer, by=entry.by):
        raise PlacesGone
    return booking


def _check_unpaid(booking: Booking) -> None:
    kept = booking.payments.filter(status=Payment.Status.SUCCEEDED, refunds=None, kept_aside=False)
    if booking.status == Booking.Status.CONFIRMED or kept.exists():
        raise PaidAlready
    if booking.status == Booking.Status.CANCELLED:
        raise TooLate(_("This booking was cancelled."))
    _check_takes_place(booking)
    if not booking.has_details:
        raise DetailsMissing


def _check_takes_place(booking: Booking) -> None:
    """No money is asked for what doesn't take place, though the booking's turn to end hasn't come yet."""
    if booking.event.status == Event.Status.CANCELLED:
        raise TooLate(_("This event was cancelled."))


def _write_by_hand(booking: Booking, entry: _Entry, *, at: datetime) -> None:
    payment = Payment.objects.create(
        booking=booking,
        provider=entry.how,
        reference=f"by-hand-{codes.secret()}",
        amount=booking.to_pay,
        currency=booking.currency,
        status=Payment.Status.SUCCEEDED,
        created_at=at,
        expires_at=at,
        succeeded_at=at,
    )
    facts = {"payment": payment.pk, "how": str(entry.how), "amount": payment.amount}
    if entry.note:
        facts["note"] = entry.note
    audit.record("payment.by_hand", booking, at=at, by=entry.by, **facts)
