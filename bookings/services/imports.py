"""
What was sold elsewhere before: confirmed bookings with their tickets at given places, paid by hand, at their own time.

A step of a larger transaction, with which what came of it is written down. It claims places as every sale does.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import Booking, Payment, Ticket, normalised_email
from bookings.services import customers, messages
from bookings.services.box_office import Customer
from bookings.services.reservations import CLAIMS, RESERVED_FOR, expire_of_customer, expire_owners, places_of
from core import audit, clock, codes, money
from core.refusals import Refusal
from core.transactions import Busy
from events.models import Event, EventSeat, PriceLevel, TicketType
from events.services import inventory


class NotBroughtIn(Refusal):
    """This can't have been sold so, for what is said of `about`: the event, the quantity, the seats or the time."""

    status = 422

    def __init__(self, about: str, sentence: str) -> None:
        super().__init__(sentence)
        self.about = about


@dataclass(frozen=True, slots=True)
class Lot:
    """So many standing places of a level, or these seats of it, each as a ticket of this type at this whole price."""

    level: PriceLevel
    ticket_type: TicketType
    amount: int
    quantity: int
    seats: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Sale:
    """What was sold: `how` is one of Payment.ByHand, `external_code` is what the other system called it."""

    event: Event
    external_code: str
    lots: Sequence[Lot]
    how: str
    sold_at: datetime
    customer: Customer
    language: str
    sends_tickets: bool = False

    @property
    def places(self) -> int:
        """How many in all."""
        return sum(lot.quantity for lot in self.lots)

    @property
    def seats(self) -> list[int]:
        """The chosen places."""
        return [place for lot in self.lots for place in lot.seats]

    @property
    def standing(self) -> Counter[PriceLevel]:
        """How many places of each level are any."""
        counts: Counter[PriceLevel] = Counter()
        for lot in self.lots:
            if not lot.seats:
                counts[lot.level] += lot.quantity
        return counts


@dataclass(slots=True)
class Taken:
    """What sales that were checked before are going to take. Who gave no address is nobody's second booking."""

    seats: set[int] = field(default_factory=set)
    places: Counter[int] = field(default_factory=Counter)
    people: Counter[tuple[int, str]] = field(default_factory=Counter)

    def add(self, sale: Sale) -> None:
        """Count this one too."""
        self.seats |= set(sale.seats)
        self.places.update({level.pk: count for level, count in sale.standing.items()})
        self.people[sale.event.pk, normalised_email(sale.customer.email)] += sale.places


def brought_before(organization_id: int, external_code: str) -> Booking | None:
    """Return what an earlier import made of it."""
    return Booking.objects.filter(organization=organization_id, external_code=external_code).first()


def check(sale: Sale, taken: Taken) -> None:
    """Raise a Refusal if this couldn't be brought in now, after what is `taken` already. Changes nothing."""
    now = clock.now()
    _check_sense(sale, now)
    _check_seats(sale, taken, now)
    for level, count in sale.standing.items():
        places = EventSeat.objects.standing().filter(price_level=level)
        free = (places.free() | places.lapsed(now)).count() - taken.places[level.pk]
        if free < count:
            raise inventory.NotEnough(level, max(free, 0))
    _check_person(sale, taken)


def why_not(event: Event, now: datetime) -> str:
    """
    Return why nothing can be brought in for an event, if so. That it is over is no reason.

    Places of a draft may still become others, or vanish: what is sold of it would be in the way.
    """
    if event.status == Event.Status.CANCELLED:
        return _("This event was cancelled.")
    if event.status == Event.Status.PUBLISHED:
        return ""
    if event.starts_at > now:
        return _("This event isn't published yet: publish it first.")
    return _("This event has started and was never published: delete the draft, and import the event before this.")


def _check_sense(sale: Sale, now: datetime) -> None:
    if reason := why_not(sale.event, now):
        raise NotBroughtIn("event", reason)
    if sale.sold_at > now:
        raise NotBroughtIn("sold_at", _("It can't have been sold in the future."))
    if sale.places > sale.event.max_per_booking:
        text = ngettext(
            "At most %(most)s ticket can be booked at once for this event.",
            "At most %(most)s tickets can be booked at once for this event.",
            sale.event.max_per_booking,
        )
        raise NotBroughtIn("quantity", text % {"most": sale.event.max_per_booking})
    if len(set(sale.seats)) < len(sale.seats):
        raise NotBroughtIn("seats", _("A seat is named twice."))


def _check_seats(sale: Sale, taken: Taken, now: datetime) -> None:
    if not sale.seats:
        return
    places = EventSeat.objects.filter(pk__in=sale.seats)
    free = set((places.free() | places.lapsed(now)).values_list("pk", flat=True)) - taken.seats
    if missing := set(sale.seats) - free:
        raise inventory.SeatsTaken(list(places.filter(pk__in=missing).named().order_by("pk")), kept=[])


def _check_person(sale: Sale, taken: Taken) -> None:
    most, key = sale.event.max_per_customer, normalised_email(sale.customer.email)
    if most is None or not key:
        return
    held = Booking.objects.held().filter(event=sale.event, email_key=key)
    has = Ticket.objects.live().filter(booking__in=held).count() + taken.people[sale.event.pk, key]
    if has + sale.places > most:
        raise customers.OverLimit(most, has)


def bring_in(sale: Sale, *, by: Any = None) -> Booking:
    """
    Make the booking, within the caller's transaction: confirmed, and paid, at the time at which it was sold.

    Raises NotBroughtIn, what `inventory.claim` refuses, OverLimit, and Lapsed: see `patiently`. The event was read
    just before: who cancels it meanwhile takes its free places first, or finds this booking among its own.
    """
    now = clock.now()
    _check_sense(sale, now)
    email_key = normalised_email(sale.customer.email)
    customers.lock_quota(sale.event, email_key)
    wanted = inventory.Wanted(
        sale.standing, {place: lot.level.pk for lot in sale.lots for place in lot.seats}, by_staff=True
    )
    claim = inventory.claim(event=sale.event, wanted=wanted, keep_for=RESERVED_FOR, wait=True)
    booking = _write(sale, claim, email_key)
    customers.check_limit(sale.event, email_key, besides=booking)
    inventory.sell(place_ids=places_of(booking))
    facts = {"places": booking.quantity, "total": booking.total, "imported": True}
    audit.record("booking.reserved", booking, at=now, by=by, **facts)
    _write_payment(booking, sale, at=now, by=by)
    audit.record("booking.confirmed", booking, at=now, by=by, sold_at=sale.sold_at.isoformat())
    if sale.sends_tickets and sale.event.ends_at > now:
        messages.confirmed(booking, at=now)
    return booking


def patiently[T](sale: Sale, act: Callable[[], T]) -> T:
    """
    Run the transaction that brings it in, and again once lapsed bookings that have its places are ended, each in a
    transaction of its own. Raises Busy when others are always faster.
    """
    if sale.event.max_per_customer is not None and sale.customer.email:
        expire_of_customer(sale.event, normalised_email(sale.customer.email), besides=0)
    attempts = 0
    while attempts < CLAIMS:
        try:
            return act()
        except inventory.Contended:
            attempts += 1
        except inventory.Lapsed as lapsed:
            attempts += not expire_owners(lapsed.place_ids)
    raise Busy


def _write(sale: Sale, claim: inventory.Claim, email_key: str) -> Booking:
    """What it cost elsewhere is the whole price: no fee of ours is added, and our tax is contained."""
    event, tickets = sale.event, _tickets(sale, claim)
    subtotal = sum(ticket.price for ticket in tickets)
    booking = Booking.objects.create(
        organization_id=event.organization_id,
        event=event,
        code=codes.booking_code(sale.sold_at),
        external_code=sale.external_code,
        status=Booking.Status.CONFIRMED,
        channel=Booking.Channel.IMPORT,
        customer_name=sale.customer.name,
        email=sale.customer.email,
        email_key=email_key,
        phone=sale.customer.phone,
        language=sale.language,
        quantity=len(tickets),
        currency=event.currency,
        subtotal=subtotal,
        fee=0,
        tax=sum(ticket.tax for ticket in tickets),
        total=subtotal,
        reserved_at=sale.sold_at,
        reserved_until=sale.sold_at,
        confirmed_at=sale.sold_at,
    )
    for number, ticket in enumerate(tickets, start=1):
        ticket.booking, ticket.number = booking, number
    Ticket.objects.bulk_create(tickets)
    return booking


def _tickets(sale: Sale, claim: inventory.Claim) -> list[Ticket]:
    left = {level: iter(places) for level, places in claim.place_ids.items()}
    rate = sale.event.organization.tax_basis_points
    return [
        Ticket(
            ticket_type=lot.ticket_type,
            event_seat_id=place,
            price=lot.amount,
            fee=0,
            tax=money.contained_tax(lot.amount, rate),
            status=Ticket.Status.VALID,
        )
        for lot in sale.lots
        for place in (lot.seats or [next(left[lot.level.pk]) for _place in range(lot.quantity)])
    ]


def _write_payment(booking: Booking, sale: Sale, *, at: datetime, by: Any) -> None:
    if not booking.total:
        return
    payment = Payment.objects.create(
        booking=booking,
        provider=Payment.ByHand(sale.how),
        reference=f"by-hand-{codes.secret()}",
        amount=booking.total,
        currency=booking.currency,
        status=Payment.Status.SUCCEEDED,
        created_at=sale.sold_at,
        expires_at=sale.sold_at,
        succeeded_at=sale.sold_at,
    )
    audit.record("payment.by_hand", booking, at=at, by=by, payment=payment.pk, how=sale.how, amount=payment.amount)
