"""
What should come of a sale, in plain Python and without a database: places, bookings, money and mail.

It shares no code with the services, and says their constants and rounding once more.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
STARTS, ENDS = NOON + timedelta(hours=6), NOON + timedelta(hours=8)
CAPACITY = 14
LEVELS = {"Stalls": 6, "Balcony": 4}
AMOUNTS = {"Standard": 1_990, "Child": 1_250, "Guest": 0}
FEE_BASIS_POINTS, FEE_PER_TICKET, TAX_BASIS_POINTS = 500, 50, 1_900
MOST_PER_BOOKING, MOST_PER_PERSON = 4, 5

RESERVED_FOR = timedelta(minutes=15)
EXTENSION, EXTENSIONS = timedelta(minutes=10), 2
LONGEST, SHORTEST = timedelta(minutes=60), timedelta(minutes=2)
CHECKOUT_FOR, CHECKOUT_LEAST, CHECKOUT_GRACE = timedelta(minutes=10), timedelta(minutes=1), timedelta(minutes=2)
RETURNED_UNTIL, KEPT_FOR_EACH = timedelta(hours=1), 30
GOES_BACK = ((timedelta(hours=5), 10_000), (timedelta(hours=2), 3_333))
LAPSE_GRACE = timedelta(seconds=5)
LEASE_TRIES = 12

Kind = tuple[str, str]
"""What can be bought: a ticket type at a price level."""


@dataclass(eq=False)
class Errand:
    """Something for the world outside, tried again later when that is down."""

    next_at: datetime
    attempts: int = 0
    status: str = "queued"

    def tried(self, now: datetime, *, works: bool) -> bool:
        """Try it if it is due; return whether it was done."""
        if self.status != "queued" or self.next_at > now:
            return False
        self.attempts += 1
        if works:
            self.status = "sent"
        else:
            self.next_at = now + min(timedelta(seconds=30) * 2 ** (self.attempts - 1), timedelta(hours=1))
            self.status = "failed" if self.attempts >= LEASE_TRIES else "queued"
        return works


@dataclass(eq=False)
class Back:
    """Money on its way back, and why."""

    reason: str
    amount: int
    errand: Errand


@dataclass(eq=False)
class Taken:
    """Money that we were told of, and what of it goes back."""

    reference: str
    amount: int
    backs: list[Back] = field(default_factory=list)

    @property
    def left(self) -> int:
        """How much of it doesn't go back."""
        return self.amount - sum(back.amount for back in self.backs)


@dataclass(eq=False)
class Checkout:
    """A provider's page: what it charged, and what we were told of it."""

    booking: "Expected"
    payment_id: int
    expires_at: datetime
    failed: bool = False
    charges: list[str] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # charges of another amount, one unit more

    @property
    def status(self) -> str:
        """How its payment stands: money that came beats anything said before or after."""
        return "succeeded" if self.taken else "failed" if self.failed else "pending"

    def was_told_of(self, reference: str) -> bool:
        """Whether we know this charge already."""
        return reference in self.kept or any(taken.reference == reference for taken in self.taken)

    def rows(self) -> list[tuple]:
        """The payments that it should have led to."""
        which = (self.booking.pk, self.booking.total)
        aside = (self.booking.pk, self.booking.total + 1, "succeeded")
        rows = [(*aside, reference, None, None, None) for reference in self.kept]
        if not self.taken:
            return [*rows, (*which, self.status, None, None, None, None)]
        for taken in self.taken:
            came = (*which, "succeeded", taken.reference)
            backs = [(*came, back.reason, back.amount, back.errand.status) for back in taken.backs]
            rows += backs or [(*came, None, None, None)]
        return rows


@dataclass(eq=False)
class Place:
    """One place, and who has it."""

    level: str
    ours: bool = True
    was_claimed: bool = False
    holder: "Expected | None" = None

    @property
    def is_free(self) -> bool:
        """Can be sold as it is."""
        return self.ours and self.holder is None


@dataclass(eq=False)
class Expected:
    """A booking as it should be."""

    pk: int
    key: str
    first_secret: str
    secret: str
    wanted: Counter[Kind]
    subtotal: int
    fee: int
    tax: int
    reserved_at: datetime
    until: datetime
    status: str = "pending"
    email: str = ""
    extensions: int = 0
    was_confirmed: bool = False
    was_given_up: bool = False
    replaces: "Expected | None" = None
    replaced_by: "Expected | None" = None
    checkouts: list[Checkout] = field(default_factory=list)
    fares: dict[Kind, tuple[int, int, int]] = field(default_factory=dict)
    returned: int = 0
    credited: list[int] = field(default_factory=list)

    @property
    def total(self) -> int:
        """What was agreed at reservation."""
        return self.subtotal + self.fee

    @property
    def quantity(self) -> int:
        """How many places."""
        return self.wanted.total()

    @property
    def left(self) -> int:
        """How much of what was paid for it could go back."""
        return sum(taken.left for checkout in self.checkouts for taken in checkout.taken)

    @property
    def by_level(self) -> Counter[str]:
        """How many places of each price level."""
        return places_by_level(self.wanted)

    def row(self) -> tuple:
        """What its row should say."""
        amounts = (self.subtotal, self.fee, self.tax, self.total)
        times = (self.reserved_at, self.until, self.extensions)
        replaces = self.replaces and self.replaces.pk
        return (self.status, self.email, *times, replaces, self.was_confirmed, self.quantity, *amounts)

    @property
    def newest(self) -> "Expected":
        """What stands in its place by now, if it has ended."""
        if self.replaced_by and self.status in ("expired", "cancelled"):
            return self.replaced_by.newest
        return self


def places_by_level(wanted: Mapping[Kind, int]) -> Counter[str]:
    """Return how many places a choice needs of each price level."""
    needed: Counter[str] = Counter()
    for (level, _type), quantity in wanted.items():
        needed[level] += quantity
    return needed


def rounded(value: Decimal) -> int:
    """Half away from zero, as on invoices."""
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def fare(price: int) -> tuple[int, int, int]:
    """Return price, fee and the tax that both contain."""
    fee = rounded(Decimal(price) * FEE_BASIS_POINTS / 10_000) + FEE_PER_TICKET if price else 0
    return price, fee, rounded(Decimal(price + fee) * TAX_BASIS_POINTS / (10_000 + TAX_BASIS_POINTS))


class House:
    """A box office without a database: places, prices, bookings, money and mail as they should be."""

    def __init__(self, places: dict[int, Place]) -> None:
        self.now = NOON
        self.places = places
        self.prices = {(level, kind): amount for level in LEVELS for kind, amount in AMOUNTS.items()}
        self.bookings: list[Expected] = []
        self.mails: list[tuple[int, str, Errand]] = []

    # Questions

    def is_open(self, booking: Expected) -> bool:
        """Whether it still waits for its payment, and is in time."""
        return booking.status == "pending" and self.now <= booking.until

    def has_lapsed(self, booking: Expected) -> bool:
        """Whether others may have its places."""
        return booking.status == "pending" and self.now > booking.until + LAPSE_GRACE

    def lapsed(self) -> list[Expected]:
        """Bookings that may be ended at any moment."""
        return [booking for booking in self.bookings if self.has_lapsed(booking)]

    def free(self, level: str) -> int:
        """How many places can be sold at once."""
        return sum(place.is_free and place.level == level for place in self.places.values())

    def to_be_had(self, level: str) -> int:
        """How many can be sold when lapsed bookings make room: what a refusal has to be true about."""
        kept = (place.holder for place in self.places.values() if place.level == level and place.holder)
        return self.free(level) + sum(self.has_lapsed(holder) for holder in kept)

    def short(self, needed: Mapping[str, int]) -> list[str]:
        """The levels at which lapsed bookings would have to make room first."""
        return [level for level, quantity in needed.items() if self.free(level) < quantity]

    def sold_out(self, needed: Mapping[str, int]) -> list[str]:
        """The levels that have too few in any case, in the order in which they are asked."""
        return [level for level in LEVELS if needed.get(level, 0) > self.to_be_had(level)]

    def removable(self, level: str) -> list[int]:
        """Places that no ticket ever named, the oldest first."""
        never = (pk for pk, place in self.places.items() if place.is_free and not place.was_claimed)
        return sorted(pk for pk in never if self.places[pk].level == level)

    def held_by(self, email: str, *, besides: Expected | None = None) -> int:
        """How many places a person has; what has lapsed counts no more, even if nobody has ended it yet."""
        theirs = [each for each in self.bookings if each is not besides and each.email.lower() == email.lower()]
        held = [each for each in theirs if each.status in ("pending", "confirmed") and not self.has_lapsed(each)]
        return sum(each.quantity - each.returned for each in held)

    def is_over_limit(self, booking: Expected, email: str) -> bool:
        """Whether one person would have too many places with this booking."""
        return self.held_by(email, besides=booking) + booking.quantity > MOST_PER_PERSON

    # Acts

    def keep(self, booking: Expected, place_ids: Iterable[int]) -> None:
        """Give it places, each of which has to be free."""
        for pk in place_ids:
            place = self.places[pk]
            assert place.is_free, f"place {pk} was sold while {place.holder} has it"
            place.holder, place.was_claimed = booking, True

    def end(self, booking: Expected, status: str) -> None:
        """Give its places back."""
        booking.status = status
        for place in self.places.values():
            if place.holder is booking:
                place.holder = None

    @contextmanager
    def given_way(self, booking: Expected | None) -> Iterator[None]:
        """Look at the house as if it had its places back from a booking."""
        theirs = [place for place in self.places.values() if booking and place.holder is booking]
        for place in theirs:
            place.holder = None
        yield
        for place in theirs:
            place.holder = booking

    def expire(self, booking: Expected) -> None:
        """End it for want of a payment."""
        self.end(booking, "expired")
        self.tell(booking, "booking-expired")

    def confirm(self, booking: Expected) -> None:
        """The tickets are theirs."""
        booking.status, booking.was_confirmed = "confirmed", True
        self.tell(booking, "booking-confirmed")

    def cancel(self, booking: Expected) -> None:
        """End it on purpose, with all its money back."""
        self.end(booking, "cancelled")
        self.pay_back(booking, booking.left, "cancelled")
        self.tell(booking, "booking-cancelled")

    def give_back(self, booking: Expected, taken: Taken, reason: str) -> None:
        """Money that can't be kept."""
        taken.backs.append(Back(reason, taken.left, Errand(self.now)))
        self.tell(booking, "money-back")

    def pay_back(self, booking: Expected, amount: int, reason: str) -> None:
        """So much of a booking's price, with a credit note; only one of its payments was kept."""
        if not amount:
            return
        booking.credited.append(amount)
        kept = [taken for checkout in booking.checkouts for taken in checkout.taken if taken.left]
        assert len(kept) == 1, f"the price of {booking} is in {len(kept)} payments"
        kept[0].backs.append(Back(reason, amount, Errand(self.now)))

    def by_the_rules(self, booking: Expected, kinds: Iterable[Kind]) -> int:
        """What goes back for these tickets at this moment, never more than is left."""
        left = STARTS - self.now
        share = next((share for before, share in GOES_BACK if left >= before), 0)
        each = (rounded(Decimal(booking.fares[kind][0]) * share / 10_000) - KEPT_FOR_EACH for kind in kinds)
        return min(booking.left, sum(max(0, amount) for amount in each))

    def take_back(self, booking: Expected, place_ids: Iterable[int], amount: int, reason: str) -> None:
        """Free these places; the last ones end the booking."""
        for pk in place_ids:
            self.places[pk].holder = None
            booking.returned += 1
        self.pay_back(booking, amount, reason)
        if booking.returned == booking.quantity:
            booking.status = "cancelled"
        self.tell(booking, "tickets-returned")

    def tell(self, booking: Expected, kind: str) -> None:
        """Post a message, if we know to whom."""
        if booking.email:
            self.mails.append((booking.pk, kind, Errand(self.now)))

    def checkouts(self) -> list[Checkout]:
        """All pages that providers opened for us."""
        return [checkout for booking in self.bookings for checkout in booking.checkouts]

    def unpaid(self) -> list[Checkout]:
        """Those on which somebody may still pay for a booking that wants it, in time or not."""
        waiting = [booking for booking in self.bookings if booking.status in ("pending", "expired")]
        return [checkout for booking in waiting for checkout in booking.checkouts if not checkout.taken]

    def refunds(self) -> list[tuple[Taken, Back]]:
        """All money that goes or went back, and what it is a part of."""
        taken = [each for checkout in self.checkouts() for each in checkout.taken]
        return [(each, back) for each in taken for back in each.backs]
