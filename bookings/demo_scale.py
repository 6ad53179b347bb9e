"""
A season as large as one likes, beside the demonstration's, to see how everything behaves when there is much.

A million bookings can't be made through the services in an afternoon, so this alone goes around them, and
around the inventory: it writes the rows that they would have left behind, and `manage.py audit` finds nothing
in them to object to. It is short of what nobody counts: the audit trail has the steps of a booking and no more,
and of the confirmations, sent long ago, only the heads are kept.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import accumulate, chain, cycle, islice, pairwise
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.color import no_style
from django.db import IntegrityError, connection
from django.db.models import Max, Model
from django.urls import reverse
from django.utils.text import slugify
from psycopg.types.json import JsonbDumper

from accounts.models import Organization
from bookings import demo
from bookings.gateways.sandbox import SandboxGateway
from bookings.models import Booking, Document, Payment, Refund, SandboxCharge, SandboxCheckout, SandboxRefund, Ticket
from bookings.services.reservations import RESERVED_FOR
from core import audit, codes
from core.models import AuditEntry
from core.retries import LEASE
from core.search import folded
from core.transactions import outermost
from events.models import LAPSE_GRACE, Category, Event, EventSeat, Price, PriceLevel, TicketType
from events.pricing import Fare, fare
from notifications.models import Message
from venues.models import Venue

BOOKINGS_PER_EVENT = 2_000
LARGEST = 4
"""So many places at most in one booking."""

SIZES = [30, 45, 13, 12]
"""Of a hundred bookings so many are of one place, of two, …"""

VENUES = [
    # name, type, address, city, country, zone, capacity: each holds enough for a small house's share and its own
    ("Placeholder Stadium", "stadium", "1 rue de l'Exemple", "Paris", "FR", "Europe/Paris", 24_000),
    ("Sample Dome", "arena", "Beispielgasse 9", "Vienna", "AT", "Europe/Vienna", 20_000),
    ("Example Park", "open_air", "Esimerkkitie 3", "Helsinki", "FI", "Europe/Helsinki", 20_000),
    ("Probehalle", "arena", "Musterstrasse 12", "Zürich", "CH", "Europe/Zurich", 20_000),
    ("Mock Mill Arena", "arena", "30 Dummy Road", "Manchester", "GB", "Europe/London", 20_000),
    ("Trial Bowl", "stadium", "88 Trial Boulevard", "Los Angeles", "US", "America/Los_Angeles", 22_000),
    ("Aréna Essai", "arena", "5 rue Fictive", "Montréal", "CA", "America/Toronto", 20_000),
    ("Rehearsal Dome", "arena", "1-1-1 Tameshi", "Osaka", "JP", "Asia/Tokyo", 20_000),
]
CURRENCIES = demo.CURRENCIES | {"CH": "CHF"}
FEES = demo.FEES | {"CHF": 100}

SHELVES = [
    # type, category
    ("concert", "Concerts"),
    ("theatre", "Theatre"),
    ("opera", "Opera and dance"),
    ("comedy", "Comedy"),
    ("dance", "Opera and dance"),
    ("film", "Film and talks"),
    ("talk", "Film and talks"),
    ("sport", "Sport"),
    ("festival", "Festivals"),
]
FIRST = ["Silver", "Paper", "Midnight", "Amber", "Velvet", "Northern", "Hidden", "Café", "Señor", "Über", "Crème"]
SECOND = ["Strings", "Lanterns", "Rivers", "Orchard", "Shadows", "Façade", "Piñata", "Doppelgänger", "Déjà Vu"]
HOURS = [11, 14, 18, 19, 20, 21]

KINDS = ["plain", "few", "sold out", "not yet", *["plain"] * 11]
LEVELS = [("Front standing", 4), ("Standing", 3), ("Balcony standing", 2)]  # so many quarters of the price
LEFT = {"few": 7, "sold out": 0}
ENDINGS = {"plain": ([Booking.Status.CONFIRMED, Booking.Status.EXPIRED, Booking.Status.CANCELLED], [885, 82, 33])}
"""Where little is left, nobody gave a place back, so that 90, 7 and 3 of a hundred remain of the whole."""

ON_SALE_FOR = timedelta(days=120)
CUSTOMERS = 100_000
REASONS = {"expired": "not paid in time", "cancelled": "asked for by the customer"}


class Sheet:
    """Rows of one model, with their ids, to be written at once; a column that isn't named has its default."""

    def __init__(self, model: type[Model], columns: str) -> None:
        self.model = model
        self.columns = ["id", *columns.split()]
        self.rows: list[tuple[Any, ...]] = []
        self.next_id = (model._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1

    def add(self, *values: Any) -> int:
        """Add a row; return its id."""
        row_id, self.next_id = self.next_id, self.next_id + 1
        self.rows.append((row_id, *values))
        return row_id

    def write(self) -> None:
        """Write the rows, on PostgreSQL by COPY: `bulk_create` takes five times as long."""
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors:
                self._copy()
        else:
            rows = (self.model(**dict(zip(self.columns, row, strict=True))) for row in self.rows)
            self.model._default_manager.bulk_create(rows)

    def _copy(self) -> None:
        fields = [field for field in self.model._meta.concrete_fields if field.attname not in self.columns]
        names = ", ".join(connection.ops.quote_name(name) for name in [*self.columns, *(f.attname for f in fields)])
        defaults = tuple(field.get_default() for field in fields)
        statement = f"COPY {connection.ops.quote_name(self.model._meta.db_table)} ({names}) FROM STDIN"
        with connection.cursor() as cursor:
            cursor.adapters.register_dumper(dict, JsonbDumper)
            cursor.adapters.register_dumper(list, JsonbDumper)
            with cursor.copy(statement) as copy:
                for row in self.rows:
                    copy.write_row(row + defaults)


class Books:
    """All that one event's bookings leave behind."""

    def __init__(self) -> None:
        self.places = Sheet(EventSeat, "event_id price_level_id status was_claimed")
        self.bookings = Sheet(
            Booking,
            "organization_id event_id code secret status customer_name email email_key quantity currency"
            " subtotal fee tax total reserved_at reserved_until confirmed_at ended_at end_reason search_text",
        )
        self.tickets = Sheet(
            Ticket,
            "booking_id number secret link ticket_type_id event_seat_id price fee tax status voided_at void_reason"
            " credited credited_tax",
        )
        self.checkouts = Sheet(SandboxCheckout, "key reference amount currency return_url expires_at")
        self.charges = Sheet(SandboxCharge, "checkout_id reference captured_at")
        self.payments = Sheet(
            Payment,
            "booking_id provider key checkout_reference reference checkout_url amount currency status"
            " created_at expires_at succeeded_at refunded",
        )
        self.refunds = Sheet(
            Refund, "payment_id key amount reason status reference attempts next_attempt_at created_at"
        )
        self.sandbox_refunds = Sheet(SandboxRefund, "charge_id key amount reference")
        self.documents = Sheet(Document, "organization_id booking_id kind amount tax currency lines created_at")
        self.messages = Sheet(
            Message,
            "organization_id kind about_type about_id once_key message_id to subject status attempts"
            " next_attempt_at created_at sent_at",
        )
        self.entries = Sheet(AuditEntry, "at action object_type object_id facts organization_id")

    def write(self) -> None:
        """Write every sheet, what is pointed to first, and let the sequences go on behind it."""
        sheets = list(vars(self).values())
        for sheet in sheets:
            sheet.write()
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [sheet.model for sheet in sheets]):
                cursor.execute(statement)


@dataclass(frozen=True, slots=True)
class Plan:
    """One event to come: where, what becomes of it, and how many bookings it has."""

    number: int
    venue: str
    capacity: int
    kind: str
    bookings: int


def room(events: int) -> int:
    """Return how many bookings so many events can have, however large each is."""
    return sum(capacity for _venue, capacity, kind in _houses(events) if kind != "not yet") // LARGEST


def plans(events: int, bookings: int) -> list[Plan]:
    """Return the events of the season; those on sale share the bookings by the size of their houses."""
    houses = _houses(events)
    sizes = list(accumulate((0 if kind == "not yet" else size for _venue, size, kind in houses), initial=0))
    shares = [after * bookings // sizes[-1] - before * bookings // sizes[-1] for before, after in pairwise(sizes)]
    return [
        Plan(number, venue, capacity, kind, share)
        for number, ((venue, capacity, kind), share) in enumerate(zip(houses, shares, strict=True), start=1)
    ]


def _houses(events: int) -> list[tuple[str, int, str]]:
    """Large and small ones in turn, so that there is room for any number of events."""
    rows = chain.from_iterable(zip(VENUES, demo.VENUES, strict=False))
    return [(row[0], row[-1], kind) for row, kind in islice(zip(cycle(list(rows)), cycle(KINDS), strict=False), events)]


def add_events(now: datetime, season: list[Plan]) -> Iterator[Plan]:
    """Add them to the demonstration's season; yield each when it is there, with all its bookings."""
    house = Organization.objects.get(slug="demonstration-house")
    _add_venues(house)
    for plan in season:
        while not _added(house, plan, now):
            pass
        yield plan


def _added(house: Organization, plan: Plan, now: datetime) -> bool:
    """Of a million random codes a few were there before on their day: then all of the event's are drawn again."""
    try:
        _add_event(house, plan, now)
    except IntegrityError as error:
        if "code" not in str(error):
            raise
        return False
    return True


@outermost
def _add_venues(house: Organization) -> None:
    columns = ("name", "type", "address", "city", "country", "time_zone", "capacity")
    for row in VENUES:
        Venue.objects.create(organization=house, slug=slugify(row[0]), **dict(zip(columns, row, strict=True)))


@outermost
def _add_event(house: Organization, plan: Plan, now: datetime) -> None:
    chance = random.Random(f"20261121-{plan.number}")  # noqa: S311 - the same season each time
    event = _event(house, plan, now, chance)
    offers = _offers(event, plan, chance)
    books = Books()
    Sale(event, books, chance).sell(plan, offers, now)
    made: Counter[int] = Counter(row[2] for row in books.places.rows)
    for level in event.price_levels.all():
        level.places = made[level.pk]
        level.save(update_fields=["places"])
    books.write()


def _event(house: Organization, plan: Plan, now: datetime, chance: random.Random) -> Event:
    venue = Venue.objects.get(organization=house, name=plan.venue)
    kind_of_event, category = SHELVES[plan.number % len(SHELVES)]
    title = f"Demo {kind_of_event.title()} {plan.number:04}: {chance.choice(FIRST)} {chance.choice(SECOND)}"
    day = now.astimezone(venue.zone).date() + timedelta(days=chance.randint(40 if plan.kind == "not yet" else 2, 180))
    starts_at = datetime.combine(day, time(chance.choice(HOURS)), venue.zone).astimezone(UTC)
    currency = CURRENCIES.get(venue.country, "EUR")
    shelf, _created = Category.objects.get_or_create(
        organization=house, slug=slugify(category), defaults={"name": category}
    )
    event = Event.objects.create(
        organization=house,
        venue=venue,
        category=shelf,
        title=title,
        slug=f"{slugify(title)}-{day:%Y-%m-%d}",
        summary=f"One of many, in {venue.city}.",
        description=demo.DESCRIPTION,
        type=kind_of_event,
        doors_at=starts_at - timedelta(hours=1),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2, minutes=30),
        sales_start=now + timedelta(days=chance.randint(5, 35)) if plan.kind == "not yet" else None,
        currency=currency,
        fee_per_ticket=FEES.get(currency),
        status=Event.Status.PUBLISHED,
        published_at=now - ON_SALE_FOR,
    )
    audit.record("event.published", event, at=now - ON_SALE_FOR)
    return event


def _offers(event: Event, plan: Plan, chance: random.Random) -> list[tuple[Price, Fare]]:
    """One level where little is left, else up to three, each at every ticket type's price."""
    ticket_types = TicketType.objects.filter(organization=event.organization_id, is_free=False)
    units = 2 if event.currency == "JPY" else 1  # twice as many yen as cents, as everywhere in the demonstration
    dearness = chance.choice([2, 3, 4, 5, 8]) * units
    offers = []
    for order, (name, quarters) in enumerate(LEVELS[: 1 if plan.kind in LEFT else chance.randint(1, 3)]):
        level = PriceLevel.objects.create(event=event, name=name, order=order, places=0)
        for ticket_type in ticket_types:
            amount = ticket_type.default_price * quarters * dearness // 16
            price = Price.objects.create(price_level=level, ticket_type=ticket_type, amount=amount)
            offers.append((price, fare(event, amount)))
    return offers


class Sale:
    """What the services would have written for an event's customers, into its books."""

    def __init__(self, event: Event, books: Books, chance: random.Random) -> None:
        self.event = event
        self.books = books
        self.chance = chance
        self.host = urlsplit(settings.SITE_URL).hostname
        somewhere = codes.secret()
        self.page = reverse("bookings:sandbox", args=[somewhere]).replace(somewhere, "%s")
        self.back = settings.SITE_URL + reverse("bookings:returned", args=[somewhere]).replace(somewhere, "%s")

    def sell(self, plan: Plan, offers: list[tuple[Price, Fare]], now: datetime) -> None:
        """Write the bookings in the order in which they came, then the places that nobody took."""
        endings, weights = ENDINGS.get(plan.kind, ([Booking.Status.CONFIRMED], [1]))
        first, seconds = now - ON_SALE_FOR, int((ON_SALE_FOR - timedelta(days=1)).total_seconds())
        for second in sorted(self.chance.randrange(seconds) for _booking in range(plan.bookings)):
            [ending] = self.chance.choices(endings, weights)
            self._book(*self.chance.choice(offers), ending, first + timedelta(seconds=second))
        levels = list(dict.fromkeys(price.price_level_id for price, _fare in offers))
        taken = len(self.books.places.rows)
        left = LEFT.get(plan.kind, min(40 * len(levels) + taken // 4, plan.capacity - taken))
        for place in range(left):
            level_id = levels[place % len(levels)]
            self.books.places.add(self.event.pk, level_id, EventSeat.Status.AVAILABLE, False)

    def _book(self, price: Price, each: Fare, ending: str, at: datetime) -> None:
        [size] = self.chance.choices(range(1, LARGEST + 1), SIZES)
        total = each.total * size
        paid_at = None if ending == Booking.Status.EXPIRED else at + timedelta(seconds=self.chance.randint(150, 500))
        ended_at = self._ended_at(ending, at)
        customer = self.chance.randrange(CUSTOMERS)
        name = demo.NAMES[customer % len(demo.NAMES)] if paid_at else ""
        email = f"customer.{customer}@stagedoor.example" if paid_at else ""
        code = codes.booking_code(at)
        booking_id = self.books.bookings.add(
            self.event.organization_id,
            self.event.pk,
            code,
            codes.secret(),
            ending,
            name,
            email,
            email,
            size,
            self.event.currency,
            each.price * size,
            each.fee * size,
            each.tax * size,
            total,
            at,
            at + RESERVED_FOR,
            paid_at,
            ended_at,
            REASONS.get(ending, ""),
            folded(f"{code} {name} {email}"),  # and no telephone
        )
        self._hand_out(booking_id, price, each, size, ending, ended_at)
        self._record("booking.reserved", booking_id, at, places=size, total=total)
        if paid_at:
            payment_id, charge_id = self._pay(booking_id, total, at, paid_at, back=total if ended_at else 0)
            self._record("booking.confirmed", booking_id, paid_at)
            if ended_at:
                self._refund(payment_id, charge_id, total, ended_at)
                self._credit(booking_id, total, each.tax * size, ended_at)
                self._record("booking.cancelled", booking_id, ended_at, reason=REASONS["cancelled"])
            self._mail(booking_id, email, paid_at)
        elif ended_at:
            self._record("booking.expired", booking_id, ended_at)

    def _ended_at(self, ending: str, at: datetime) -> datetime | None:
        """Who doesn't pay is ended by the next round of housekeeping, who doesn't come says so within hours."""
        match ending:
            case Booking.Status.EXPIRED:
                return at + RESERVED_FOR + LAPSE_GRACE + timedelta(seconds=self.chance.randint(1, 10))
            case Booking.Status.CANCELLED:
                return at + timedelta(minutes=self.chance.randint(60, 1_200))
        return None

    def _hand_out(
        self, booking_id: int, price: Price, each: Fare, size: int, ending: str, ended_at: datetime | None
    ) -> None:
        place = EventSeat.Status.AVAILABLE if ended_at else EventSeat.Status.SOLD
        ticket = Ticket.Status.VOID if ended_at else Ticket.Status.VALID
        credited, credited_tax = (each.total, each.tax) if ending == Booking.Status.CANCELLED else (0, 0)
        for number in range(1, size + 1):
            place_id = self.books.places.add(self.event.pk, price.price_level_id, place, True)
            self.books.tickets.add(
                booking_id,
                number,
                codes.secret(),
                codes.secret(),
                price.ticket_type_id,
                place_id,
                each.price,
                each.fee,
                each.tax,
                ticket,
                ended_at,
                ending if ended_at else "",  # tickets and bookings have the same words for it
                credited,
                credited_tax,
            )

    def _pay(self, booking_id: int, total: int, at: datetime, paid_at: datetime, *, back: int) -> tuple[int, int]:
        """A minute to say who it is, then the provider's page, whose books tell the same as ours."""
        key, checkout, charge = codes.secret(), codes.secret(), codes.secret()
        currency = self.event.currency
        asked_at = at + timedelta(seconds=100)
        until = asked_at + SandboxGateway.lifetime
        checkout_id = self.books.checkouts.add(key, checkout, total, currency, self.back % key, until)
        charge_id = self.books.charges.add(checkout_id, charge, paid_at)
        payment_id = self.books.payments.add(
            booking_id,
            SandboxGateway.name,
            key,
            checkout,
            charge,
            self.page % checkout,
            total,
            currency,
            Payment.Status.SUCCEEDED,
            asked_at,
            until,
            paid_at,
            back,
        )
        return payment_id, charge_id

    def _refund(self, payment_id: int, charge_id: int, total: int, at: datetime) -> None:
        key, reference = codes.secret(), codes.secret()
        self.books.sandbox_refunds.add(charge_id, key, total, reference)
        self.books.refunds.add(
            payment_id,
            key,
            total,
            Refund.Reason.CANCELLED,
            Refund.Status.SENT,
            reference,
            1,
            at + LEASE,
            at,
        )

    def _credit(self, booking_id: int, total: int, tax: int, at: datetime) -> None:
        lines = [{"text": self.event.title, "amount": total, "tax": tax}]
        kind, currency = Document.Kind.CREDIT_NOTE, self.event.currency
        self.books.documents.add(self.event.organization_id, booking_id, kind, total, tax, currency, lines, at)

    def _mail(self, booking_id: int, to: str, at: datetime) -> None:
        kind, about = "booking-confirmed", Booking._meta.label_lower
        self.books.messages.add(
            self.event.organization_id,
            kind,
            about,
            booking_id,
            f"{kind}:{about}:{booking_id}",
            f"<{codes.secret()}@{self.host}>",
            to,
            f"Your tickets for {self.event.title}",
            Message.Status.SENT,
            1,
            at + LEASE,
            at,
            at,
        )

    def _record(self, action: str, booking_id: int, at: datetime, **facts: Any) -> None:
        about = Booking._meta.label_lower
        self.books.entries.add(at, action, about, booking_id, facts, self.event.organization_id)
