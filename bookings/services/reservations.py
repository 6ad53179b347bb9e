"""From a choice to reserved places, and back when nobody pays."""

import logging
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from bookings.models import Booking, BookingQuerySet, Ticket
from bookings.services import exchanges, hoarding, messages
from core import audit, clock, codes, idempotency
from core.refusals import Refusal
from core.transactions import Busy, outermost
from events.models import LAPSE_GRACE, Event, Hold, Price, PriceLevel
from events.pricing import booking_fee, fare
from events.services import inventory

logger = logging.getLogger(__name__)

RESERVED_FOR = timedelta(minutes=15)
EXTENSION = timedelta(minutes=10)
EXTENSIONS = 2
LONGEST = timedelta(minutes=60)
"""All extensions, hand-overs to payment providers and changes of mind together keep places no longer than this."""
SHORTEST = timedelta(minutes=2)
"""With less than this left of LONGEST there is no point in a new choice."""

CLAIMS = 4  # so many fruitless attempts: one that passes by what is locked, then three that wait


class BadChoice(Refusal):
    """The choice itself can't be: nothing chosen, more than allowed, or not for this event."""

    status = 422


class TooLate(Refusal):
    """The reservation's time is over, or can't be made longer."""

    def __init__(self, message: str | Promise | None = None) -> None:
        super().__init__(message or _("The time for this reservation is over."))


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of `reserve`."""

    event: Event
    choice: Mapping[int, int]
    seats: Mapping[int, int]
    taste: inventory.Taste
    hold: Hold | None
    key: str
    replacing: int | None
    client: str
    language: str
    channel: str
    customer: User | None
    by: Any
    exchanging: Collection[int] = ()

    @property
    def body(self) -> list[Any]:
        """What makes it another wish, for its key."""
        body: list[Any] = [self.event.pk, {str(price): quantity for price, quantity in self.choice.items()}]
        if self.seats:
            body.append({str(place): price for place, price in self.seats.items()})
        if self.choice and self.taste != inventory.Taste():
            body.append([self.taste.section, self.taste.together, self.taste.accessible])
        if self.exchanging:
            body.append({"exchanging": sorted(self.exchanging)})
        return body

    @property
    def places(self) -> int:
        """How many in all."""
        return sum(self.choice.values()) + len(self.seats)


def reserve(
    *,
    event: Event,
    quantities: Mapping[int, int],
    seats: Mapping[int, int] | None = None,
    taste: inventory.Taste | None = None,
    hold: Hold | None = None,
    key: str,
    replacing: int | None = None,
    client: str = "",
    language: str = settings.LANGUAGE_CODE,
    channel: str = Booking.Channel.WEB,
    customer: User | None = None,
    by: Any = None,
    exchanging: Collection[int] = (),
) -> Booking:
    """
    Reserve so many places at each price (by its id), and `seats`, each place (by its id) at a price (by its id), all
    or nothing, for RESERVED_FOR. At a price level with numbered seats the best are taken, to the customer's `taste`.
    Staff may reserve what a `hold` keeps back.

    `replacing` is the booking of the same customer's earlier choice: if it is still open, its places are
    given back for this one, which inherits its time, so that both together last no longer than LONGEST.

    `exchanging` are tickets (by their ids) of one confirmed booking for the same event: they end when this one is
    confirmed. A choice that replaces one that would take tickets in exchange takes them instead.

    It is `customer`'s, if there is an account; `by` is who does it: staff, for whoever stands at the box office.
    The same key with the same choice leads to the same booking, however often and however parallel.
    Raises NotOnSale, BadChoice, NotExchanged, what `inventory.claim` refuses, KeyReused, Hoarding of this `client`,
    or TooLate to replace, with nothing changed, and Busy when it could not be decided. `event` was read just before,
    with its organization.
    """
    choice = {price_id: quantity for price_id, quantity in quantities.items() if quantity}
    chosen, liked = seats or {}, taste or inventory.Taste()
    who = (client, language, channel, customer, by)
    wish = Wish(event, choice, chosen, liked, hold, key, replacing, *who, exchanging)
    attempts, wait = 0, False
    while attempts < CLAIMS:
        try:
            return _reserve(wish=wish, wait=wait)
        except inventory.Contended:
            attempts, wait = attempts + 1, True
        except inventory.Lapsed as lapsed:
            # Ending bookings is progress, and each can be ended once, so only a fruitless round counts.
            attempts, wait = attempts + (not expire_owners(lapsed.place_ids)), False
        except hoarding.Hoarding:
            if not _expire_all(hoarding.lapsed_of(client, clock.now())):
                raise
        except IntegrityError as error:
            if "code" not in str(error):  # a booking's random code was taken: the next one won't be
                raise
            attempts += 1
    raise Busy


@outermost
def _reserve(*, wish: Wish, wait: bool) -> Booking:
    event, secret = wish.event, codes.secret()
    if earlier := idempotency.remember("reserve", wish.key, wish.body, result=secret):
        return _reserved_before(earlier)
    hoarding.count_alone(wish.client)
    prices = _prices(wish)
    source = exchanges.locked_source(tickets=wish.exchanging, replacing=wish.replacing)
    replaced = _give_way(wish)
    given_up = _given_up(wish, source, replaced) if source else []
    hoarding.check(wish.client, event, more=wish.places)
    if wish.hold:
        inventory.release_hold(hold=wish.hold, place_ids=wish.seats)
    latest = replaced.reserved_at + LONGEST if replaced and _was_open(replaced) else None
    try:
        claim = inventory.claim(
            event=event, wanted=_wanted(wish, prices), keep_for=RESERVED_FOR, latest=latest, wait=wait
        )
    except (inventory.NotEnough, inventory.SeatsTaken):
        now = clock.now()
        Event.objects.get(pk=event.pk).check_on_sale(now)  # "cancelled" is a better answer than "sold out"
        raise
    event.check_on_sale(claim.at)
    exchanged = source if given_up else None
    places = _places(wish, prices, claim)
    booking = _write(wish, places, claim, secret=secret, replaced=replaced, exchanged=exchanged)
    exchanges.mark(booking, given_up)
    if replaced:
        _record_replaced(replaced, booking, at=claim.at, by=wish.by)
    return booking


def _given_up(wish: Wish, source: Booking, replaced: Booking | None) -> Collection[int]:
    """With the old booking locked: which of its tickets end when this wish is confirmed. Raises NotExchanged."""
    now = clock.now()
    if not wish.exchanging:
        return exchanges.taken_over(replaced, source, now) if replaced else []
    exchanges.check(source, wish.event, wish.exchanging, now)
    return wish.exchanging


def _give_way(wish: Wish) -> Booking | None:
    """
    End the customer's earlier choice if it is open, so that its places are free for the new one.

    Returns the booking that the new one replaces: that one, or one that ended unpaid before, whose details
    carry over. Raises TooLate when the places were kept almost as long as they may be.
    """
    earlier = _newest_choice(wish.replacing) if wish.replacing else None
    if earlier is None or earlier.event_id != wish.event.pk:
        return None
    now = clock.now()
    if earlier.status == Booking.Status.PENDING and now > earlier.reserved_until:
        end(earlier, Booking.Status.EXPIRED, at=now, reason="not paid in time")
        audit.record("booking.expired", earlier, at=now, by=wish.by)
    elif earlier.status == Booking.Status.PENDING:
        if earlier.reserved_at + LONGEST - now < SHORTEST:
            raise TooLate(
                _(
                    "Your places were kept for almost an hour, and another choice can't make that longer."
                    " Please pay for the reservation that you have, or give it back and choose again."
                )
            )
        end(earlier, Booking.Status.CANCELLED, at=now, reason=Booking.REPLACED)
    return earlier if earlier.ended_unpaid else None


def _newest_choice(booking_id: int) -> Booking | None:
    """Lock a booking, or the one that took its place meanwhile: another tab may have been faster."""
    booking = Booking.objects.locked().filter(pk=booking_id).first()
    while booking and (newer := _replaced_by(booking)):
        booking = Booking.objects.locked().get(pk=newer)
    return booking


def _replaced_by(booking: Booking) -> int | None:
    if booking.status in (Booking.Status.PENDING, Booking.Status.CONFIRMED):
        return None
    return Booking.objects.filter(replaces=booking.pk).order_by("-pk").values_list("pk", flat=True).first()


def _was_open(replaced: Booking) -> bool:
    return replaced.end_reason == Booking.REPLACED


def _record_replaced(replaced: Booking, booking: Booking, *, at: datetime, by: Any) -> None:
    facts = {"reason": replaced.end_reason, "replaced_by": booking.pk}
    audit.record("booking.cancelled" if _was_open(replaced) else "booking.replaced", replaced, at=at, by=by, **facts)


def _reserved_before(secret: str) -> Booking:
    booking = Booking.objects.filter(secret=secret).first()
    if booking is None:  # its link was renewed since, and an old form must not lead to the new one
        raise idempotency.KeyReused
    return booking


def _prices(wish: Wish) -> dict[int, Price]:
    """Return the prices of a wish that can be granted, as far as it says by itself."""
    event, asked = wish.event, {*wish.choice, *wish.seats.values()}
    found = Price.objects.filter(pk__in=asked, price_level__event=event)
    prices = {price.pk: price for price in found.select_related("price_level").order_by()}  # no order, no join for it
    if len(prices) != len(asked):
        raise BadChoice(_("One of the chosen tickets isn't sold for this event. Please choose again."))
    if not asked or min(wish.choice.values(), default=1) < 1:
        raise BadChoice(_("Please choose at least one ticket."))
    most = min(event.max_per_booking, event.max_per_customer or event.max_per_booking)
    if wish.places > most:
        raise BadChoice(
            ngettext(
                "At most %(most)s ticket can be booked at once for this event.",
                "At most %(most)s tickets can be booked at once for this event.",
                most,
            )
            % {"most": most}
        )
    return prices


def _wanted(wish: Wish, prices: Mapping[int, Price]) -> inventory.Wanted:
    levels: Counter[PriceLevel] = Counter()
    for price_id, quantity in wish.choice.items():
        levels[prices[price_id].price_level] += quantity
    seats = {place: prices[price_id].price_level_id for place, price_id in wish.seats.items()}
    return inventory.Wanted(levels, seats, wish.taste, by_staff=wish.channel == Booking.Channel.BOX_OFFICE)


def _places(wish: Wish, prices: Mapping[int, Price], claim: inventory.Claim) -> list[tuple[Price, int]]:
    """Return each place with its price: the chosen seats, then the others by price."""
    left = {level_id: iter(place_ids) for level_id, place_ids in claim.place_ids.items()}
    others = [prices[pk] for pk in sorted(wish.choice) for _ordinal in range(wish.choice[pk])]
    chosen = [(prices[wish.seats[place]], place) for place in sorted(wish.seats)]
    return chosen + [(price, next(left[price.price_level_id])) for price in others]


def _write(
    wish: Wish,
    places: list[tuple[Price, int]],
    claim: inventory.Claim,
    *,
    secret: str,
    replaced: Booking | None,
    exchanged: Booking | None,
) -> Booking:
    event = wish.event
    inherited = replaced if replaced and _was_open(replaced) else None
    tickets = [(price, place, fare(event, price.amount)) for price, place in places]
    subtotal = sum(each.price for _price, _place, each in tickets)
    extra = booking_fee(event, subtotal)
    fee = sum(each.fee for _price, _place, each in tickets) + extra.fee
    booking = Booking.objects.create(
        organization_id=event.organization_id,
        event=event,
        user=wish.customer,
        code=codes.booking_code(claim.at),
        secret=secret,
        channel=wish.channel,
        language=wish.language,
        client=wish.client,
        quantity=len(tickets),
        currency=event.currency,
        subtotal=subtotal,
        fee=fee,
        booking_fee=extra.fee,
        booking_fee_tax=extra.tax,
        tax=sum(each.tax for _price, _place, each in tickets) + extra.tax,
        total=subtotal + fee,
        reserved_at=inherited.reserved_at if inherited else claim.at,
        reserved_until=claim.until,
        extensions=inherited.extensions if inherited else 0,
        replaces=replaced,
        exchanges=exchanged,
    )
    Ticket.objects.bulk_create(
        Ticket(
            booking=booking,
            number=number,
            ticket_type_id=price.ticket_type_id,
            event_seat_id=place,
            price=each.price,
            fee=each.fee,
            tax=each.tax,
        )
        for number, (price, place, each) in enumerate(tickets, start=1)
    )
    held = {"hold": str(wish.hold)} if wish.hold else {}
    facts = {"places": booking.quantity, "total": booking.total, **held}
    audit.record("booking.reserved", booking, at=claim.at, by=wish.by, **facts)
    return booking


@outermost
def extend(*, booking_id: int, after: int | None = None, by: Any = None) -> Booking:
    """
    Keep a reservation EXTENSION longer, at most EXTENSIONS times and LONGEST in all. Raises TooLate.

    Whoever decided about it when it had been extended so often (`after`) extends it once, however often they ask.
    """
    return keep_longer(booking_id=booking_id, after=after, by=by)


def keep_longer(*, booking_id: int, after: int | None = None, by: Any = None) -> Booking:
    """In the transaction of its cause: what `extend` does."""
    booking = Booking.objects.locked().get(pk=booking_id)
    now = clock.now()
    check_open(booking, now)
    if after is not None and booking.extensions != after:
        raise TooLate(_("It was extended meanwhile, so nothing was done."))
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
    expired = status == Booking.Status.EXPIRED
    booking.tickets.all().void(at=at, reason=Ticket.VoidReason.EXPIRED if expired else Ticket.VoidReason.CANCELLED)
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
    end(booking, Booking.Status.CANCELLED, at=now, reason=Booking.GIVEN_UP)
    audit.record("booking.cancelled", booking, at=now, by=by, reason=booking.end_reason)
    return booking
