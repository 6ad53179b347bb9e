"""From a choice to reserved places, and back when nobody pays."""

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from bookings.models import Booking, BookingQuerySet, Ticket
from bookings.services import messages
from core import audit, clock, codes, idempotency
from core.refusals import Refusal
from core.transactions import Busy, outermost
from events.models import LAPSE_GRACE, Event, Price, PriceLevel
from events.pricing import fare
from events.services import inventory

logger = logging.getLogger(__name__)

RESERVED_FOR = timedelta(minutes=15)
EXTENSION = timedelta(minutes=10)
EXTENSIONS = 2
LONGEST = timedelta(minutes=60)
"""All extensions and hand-overs to payment providers together keep places no longer than this."""

CLAIMS = 4  # so many fruitless attempts: one that passes by what is locked, then three that wait


class BadChoice(Refusal):
    """The choice itself can't be: nothing chosen, more than allowed, or not for this event."""

    status = 422


class TooLate(Refusal):
    """The reservation's time is over, or can't be made longer."""

    def __init__(self, message: str | Promise | None = None) -> None:
        super().__init__(message or _("The time for this reservation is over."))


def reserve(
    *,
    event: Event,
    quantities: Mapping[int, int],
    key: str,
    channel: str = Booking.Channel.WEB,
    by: Any = None,
) -> Booking:
    """
    Reserve so many places at each price (by its id), all or nothing, for RESERVED_FOR.

    The same key with the same choice leads to the same booking, however often and however parallel.
    Raises NotOnSale, BadChoice, NotEnough or KeyReused, with nothing reserved, and Busy when it
    could not be decided. `event` was read just before, with its organization.
    """
    attempts, wait = 0, False
    while attempts < CLAIMS:
        try:
            return _reserve(event=event, quantities=quantities, key=key, channel=channel, by=by, wait=wait)
        except inventory.Contended:
            attempts, wait = attempts + 1, True
        except inventory.Lapsed as lapsed:
            # Ending bookings is progress, and each can be ended once, so only a fruitless round counts.
            attempts, wait = attempts + (not expire_owners(lapsed.place_ids)), False
        except IntegrityError as error:
            if "code" not in str(error):  # a booking's random code was taken: the next one won't be
                raise
            attempts += 1
    raise Busy


@outermost
def _reserve(*, event: Event, quantities: Mapping[int, int], key: str, channel: str, by: Any, wait: bool) -> Booking:
    secret = codes.secret()
    choice = {str(price_id): quantity for price_id, quantity in quantities.items() if quantity}
    if earlier := idempotency.remember("reserve", key, [event.pk, choice], result=secret):
        return _reserved_before(earlier)
    chosen = _prices(event, {int(price_id): quantity for price_id, quantity in choice.items()})
    wanted: Counter[PriceLevel] = Counter()
    for price, quantity in chosen:
        wanted[price.price_level] += quantity
    try:
        claim = inventory.claim(wanted=wanted, keep_for=RESERVED_FOR, wait=wait)
    except inventory.NotEnough:
        event.check_on_sale(clock.now())  # "cancelled" is a better answer than "sold out"
        raise
    event.check_on_sale(claim.at)
    return _write(event, chosen, claim, secret=secret, channel=channel, by=by)


def _reserved_before(secret: str) -> Booking:
    booking = Booking.objects.filter(secret=secret).first()
    if booking is None:  # its link was renewed since, and an old form must not lead to the new one
        raise idempotency.KeyReused
    return booking


def _prices(event: Event, choice: Mapping[int, int]) -> list[tuple[Price, int]]:
    found = Price.objects.filter(pk__in=choice, price_level__event=event)
    prices = found.select_related("price_level").order_by()  # no order, no join for it
    if len(prices) != len(choice):
        raise BadChoice(_("One of the chosen tickets isn't sold for this event. Please choose again."))
    total = sum(choice.values())
    if not choice or min(choice.values()) < 1:
        raise BadChoice(_("Please choose at least one ticket."))
    most = min(event.max_per_booking, event.max_per_customer or event.max_per_booking)
    if total > most:
        raise BadChoice(
            ngettext(
                "At most %(most)s ticket can be booked at once for this event.",
                "At most %(most)s tickets can be booked at once for this event.",
                most,
            )
            % {"most": most}
        )
    return [(price, choice[price.pk]) for price in sorted(prices, key=lambda price: price.pk)]


def _write(
    event: Event,
    chosen: list[tuple[Price, int]],
    claim: inventory.Claim,
    *,
    secret: str,
    channel: str,
    by: Any,
) -> Booking:
    left = {level_id: iter(place_ids) for level_id, place_ids in claim.place_ids.items()}
    tickets = [(price, fare(event, price.amount)) for price, quantity in chosen for _ordinal in range(quantity)]
    subtotal = sum(each.price for _price, each in tickets)
    fee = sum(each.fee for _price, each in tickets)
    booking = Booking.objects.create(
        organization_id=event.organization_id,
        event=event,
        user=by,
        code=codes.booking_code(claim.at),
        secret=secret,
        channel=channel,
        quantity=len(tickets),
        currency=event.currency,
        subtotal=subtotal,
        fee=fee,
        tax=sum(each.tax for _price, each in tickets),
        total=subtotal + fee,
        reserved_at=claim.at,
        reserved_until=claim.until,
    )
    Ticket.objects.bulk_create(
        Ticket(
            booking=booking,
            number=number,
            ticket_type_id=price.ticket_type_id,
            event_seat_id=next(left[price.price_level_id]),
            price=each.price,
            fee=each.fee,
            tax=each.tax,
        )
        for number, (price, each) in enumerate(tickets, start=1)
    )
    audit.record("booking.reserved", booking, at=claim.at, by=by, places=booking.quantity, total=booking.total)
    return booking


@outermost
def extend(*, booking_id: int, by: Any = None) -> Booking:
    """Keep a reservation EXTENSION longer, at most EXTENSIONS times and LONGEST in all. Raises TooLate."""
    booking = Booking.objects.locked().get(pk=booking_id)
    now = clock.now()
    check_open(booking, now)
    until = min(booking.reserved_until + EXTENSION, booking.reserved_at + LONGEST)
    if booking.extensions >= EXTENSIONS or until <= booking.reserved_until:
        raise TooLate(_("This reservation can't be extended any further."))
    keep_until(booking, until)
    booking.extensions += 1
    booking.save(update_fields=["extensions"])
    audit.record("booking.extended", booking, at=now, by=by, until=until.isoformat())
    return booking


def check_open(booking: Booking, now: datetime) -> None:
    """Raise TooLate unless a locked booking still waits for its payment and is in time."""
    if booking.status == Booking.Status.CONFIRMED:
        raise TooLate(_("This booking is paid already."))
    if booking.status != Booking.Status.PENDING or now > booking.reserved_until:
        raise TooLate


def keep_until(booking: Booking, until: datetime) -> None:
    """Move a locked booking's deadline, and its places' with it."""
    inventory.extend(place_ids=places_of(booking), until=until)
    booking.reserved_until = until
    booking.save(update_fields=["reserved_until"])


def places_of(booking: Booking) -> list[int]:
    """Return the ids of the places that a booking holds."""
    return list(booking.live_tickets().values_list("event_seat_id", flat=True))


@outermost
def expire(*, booking_id: int, by: Any = None) -> Booking:
    """End a pending booking whose deadline has passed and free its places. Harmless when repeated."""
    booking = Booking.objects.locked().select_related("event", "organization").get(pk=booking_id)
    now = clock.now()
    if booking.status != Booking.Status.PENDING or booking.reserved_until + LAPSE_GRACE >= now:
        return booking  # paid or extended since we looked
    end(booking, Booking.Status.EXPIRED, at=now, reason="not paid in time")
    audit.record("booking.expired", booking, at=now, by=by)
    messages.expired(booking, at=now)
    return booking


def end(booking: Booking, status: str, *, at: datetime, reason: str) -> None:
    """Give a locked booking's places back and void its tickets."""
    inventory.release(place_ids=places_of(booking))
    booking.tickets.all().void(at=at)
    booking.status = status
    booking.ended_at = at
    booking.end_reason = reason
    booking.save(update_fields=["status", "ended_at", "end_reason"])


def expire_owners(place_ids: list[int]) -> int:
    """End the lapsed bookings that hold these places, each in a transaction of its own; return how many."""
    holding = Ticket.objects.live().filter(event_seat__in=place_ids)
    return _expire_all(Booking.objects.lapsed(clock.now()).filter(pk__in=holding.values("booking")))


def expire_of_customer(event: Event, email_key: str, *, besides: int) -> int:
    """End what else has lapsed of one person at one event, so that it counts no more; return how many."""
    lapsed = Booking.objects.lapsed(clock.now()).filter(event=event.pk, email_key=email_key)
    return _expire_all(lapsed.exclude(pk=besides))


def _expire_all(lapsed: BookingQuerySet) -> int:
    ended = [expire(booking_id=pk) for pk in lapsed.order_by("pk").values_list("pk", flat=True)]
    return sum(booking.status == Booking.Status.EXPIRED for booking in ended)


def expire_due(limit: int = 1_000) -> int:
    """End what has lapsed; return how many. No sale waits for it: `claim` does the same when it must."""
    due = Booking.objects.lapsed(clock.now()).order_by("reserved_until")
    return sum(_expire_calmly(pk) for pk in due.values_list("pk", flat=True)[:limit])


def _expire_calmly(booking_id: int) -> bool:
    """One booking that can't be ended is loud in the log, and doesn't keep the others."""
    try:
        return expire(booking_id=booking_id).status == Booking.Status.EXPIRED
    except OperationalError:
        raise
    except Exception:  # whatever is wrong with this one, the places of the others are waiting to be sold
        logger.exception("Booking %s has lapsed and could not be ended.", booking_id)
        return False


@outermost
def give_up(*, booking_id: int, by: Any = None) -> Booking:
    """End a pending booking because its customer doesn't want it any more. Raises TooLate."""
    booking = Booking.objects.locked().get(pk=booking_id)
    now = clock.now()
    check_open(booking, now)
    end(booking, Booking.Status.CANCELLED, at=now, reason="given up by the customer")
    audit.record("booking.cancelled", booking, at=now, by=by, reason=booking.end_reason)
    return booking
