"""
What must be true in every snapshot of the database, asked of the rows themselves.

Each promise is a question for rows that break it; a sound database answers none. The questions run in
the database and their answers are streamed, so that memory stays small however large the house is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    Window,
)
from django.db.models.functions import Coalesce, Lag

from bookings.models import Batch, BatchRow, Booking, Document, Payment, Refund, Ticket
from core.models import AuditEntry
from events.models import Event, EventSeat, PriceLevel
from notifications.models import Message

BOOKING = Booking._meta.label_lower
Rows = Iterator[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence of ours, the case it belongs to, and the rows for which it is false."""

    case: str
    sentence: str
    broken: Callable[[], Rows]


PROMISES: list[Promise] = []


def promise(case: str, sentence: str) -> Callable[[Callable[[], Rows]], Callable[[], Rows]]:
    """Add a question to the audit."""

    def add(broken: Callable[[], Rows]) -> Callable[[], Rows]:
        PROMISES.append(Promise(case, sentence, broken))
        return broken

    return add


def _streamed(rows: QuerySet, *fields: str) -> Rows:
    return iter(rows.order_by("pk").values("pk", *fields).iterator(chunk_size=500))


def _total(rows: QuerySet, by: str, field: str) -> Coalesce:
    """The sum of a field over rows that are grouped by their owner; 0 for none."""
    grouped = rows.order_by().values(by).annotate(total=Sum(field)).values("total")
    return Coalesce(Subquery(grouped, output_field=BigIntegerField()), Value(0), output_field=BigIntegerField())


def _count(rows: QuerySet, by: str) -> Coalesce:
    grouped = rows.order_by().values(by).annotate(total=Count("pk")).values("total")
    return Coalesce(Subquery(grouped, output_field=BigIntegerField()), Value(0), output_field=BigIntegerField())


@promise("R1", "A place is in at most one live ticket.")
def places_sold_twice() -> Rows:
    doubled = Ticket.objects.live().order_by().values("event_seat").annotate(tickets=Count("pk")).filter(tickets__gt=1)
    return (dict(row) for row in doubled.iterator(chunk_size=500))


@promise("R2", "A price level has as many places as were made.")
def levels_that_miscount() -> Rows:
    made = _count(EventSeat.objects.filter(event=OuterRef("event"), price_level=OuterRef("pk")), "price_level")
    levels = PriceLevel.objects.exclude(event__status=Event.Status.DRAFT).annotate(made=made)
    return _streamed(levels.exclude(made=F("places")), "event", "name", "places", "made")


@promise("R2", "A place, its price level and its ticket are of one event.")
def places_of_two_events() -> Rows:
    yield from _streamed(EventSeat.objects.exclude(price_level__event=F("event")), "event", "price_level")
    strangers = Ticket.objects.live().exclude(event_seat__event=F("booking__event"))
    yield from _streamed(strangers, "booking__code", "event_seat")


@promise(
    "R1", "A seat's place is in the section of the seat, and every place of an event with a plan in one of the plan."
)
def places_in_wrong_sections() -> Rows:
    seats = EventSeat.objects.filter(seat__isnull=False).exclude(section=F("seat__section"))
    yield from _streamed(seats, "event", "seat", "section")
    strangers = EventSeat.objects.filter(section__isnull=False).exclude(section__plan=Coalesce("event__plan", 0))
    yield from _streamed(strangers, "event", "section")
    yield from _streamed(EventSeat.objects.filter(section=None, event__plan__isnull=False), "event")


@promise("R2", "A held place belongs to a hold of its event that isn't released.")
def places_held_by_nobody() -> Rows:
    held = EventSeat.objects.filter(hold__isnull=False)
    return _streamed(held.exclude(hold__released_at=None, hold__event=F("event")), "event", "hold")


@promise("R2", "A price level with numbered seats has no others, and any other level has none.")
def levels_of_both_kinds() -> Rows:
    places = EventSeat.objects.filter(price_level=OuterRef("pk"))
    standing, seats = Exists(places.filter(seat=None)), Exists(places.filter(seat__isnull=False))
    mixed = PriceLevel.objects.filter(Q(standing, numbered=True) | Q(seats, numbered=False))
    yield from _streamed(mixed, "event", "name", "numbered")


@promise("R4", "A confirmed booking has a valid ticket for each place that wasn't given back; one that ended has none.")
def bookings_with_wrong_tickets() -> Rows:
    tickets = Ticket.objects.filter(booking=OuterRef("pk"))
    live, gone = tickets.live(), tickets.filter(void_reason__in=["cancelled", "exchanged"])
    bookings = Booking.objects.annotate(
        reserved=_count(live.filter(status="reserved"), "booking"),
        valid=_count(live.exclude(status="reserved"), "booking"),
        returned=_count(gone, "booking"),
    )
    sound = (
        Q(status="pending", reserved=F("quantity"), valid=0)
        | Q(status="confirmed", reserved=0, valid=F("quantity") - F("returned"), valid__gt=0)
        | Q(status__in=["expired", "cancelled"], reserved=0, valid=0)
    )
    return _streamed(bookings.exclude(sound), "code", "status", "quantity", "returned", "reserved", "valid")


@promise("R4", "The place of a live ticket is kept for it: reserved until the booking's deadline, or sold.")
def tickets_without_place() -> Rows:
    sound = Q(status="reserved", event_seat__status="reserved") & Q(
        event_seat__reserved_until=F("booking__reserved_until")
    ) | Q(status__in=["valid", "used"], event_seat__status="sold")
    wrong = Ticket.objects.live().exclude(sound)
    return _streamed(wrong, "booking__code", "status", "event_seat", "event_seat__status")


@promise("R4", "A reserved or sold place has a live ticket.")
def places_without_ticket() -> Rows:
    has_ticket = Exists(Ticket.objects.live().filter(event_seat=OuterRef("pk")))
    kept = EventSeat.objects.filter(status__in=["reserved", "sold"]).exclude(has_ticket)
    return _streamed(kept, "event", "price_level", "status")


@promise(
    "R3", "Money taken less money given back is what a booking that was ever confirmed cost, less its credit notes."
)
def bookings_that_do_not_add_up() -> Rows:
    """
    A booking that was never confirmed keeps nothing. A present stands for money, and never goes back. What is kept
    aside is nobody's price.
    """
    settled = Payment.objects.filter(booking=OuterRef("pk"), status="succeeded", kept_aside=False)
    back = Refund.objects.filter(payment__booking=OuterRef("pk"), payment__kept_aside=False)
    credited = Document.objects.filter(booking=OuterRef("pk"), kind="credit_note")
    bookings = Booking.objects.annotate(
        taken=_total(settled, "booking", "amount"),
        back=_total(back, "payment__booking", "amount"),
        credited=_total(credited, "booking", "amount"),
    )
    sound = Q(confirmed_at__isnull=False, taken=F("back") + F("total") - F("credited")) | Q(
        confirmed_at=None, taken=F("back"), credited=0
    )
    return _streamed(bookings.exclude(sound), "code", "status", "total", "taken", "back", "credited")


@promise("R6", "A provider's reference and a ticket's secret are unique.")
def doubled_references() -> Rows:
    for rows, fields in (
        (Payment.objects.exclude(reference=None), ("provider", "reference")),
        (Ticket.objects.all(), ("secret",)),
        (Booking.objects.all(), ("code",)),
    ):
        doubled = rows.order_by().values(*fields).annotate(rows=Count("pk")).filter(rows__gt=1)
        for found in doubled.iterator(chunk_size=500):
            yield {"of": rows.model._meta.label_lower, **found} if "secret" not in found else {"of": "ticket"}


_STEPS = {
    "booking.reserved": "pending",
    "booking.confirmed": "confirmed",
    "booking.expired": "expired",
    "booking.cancelled": "cancelled",
}
_ALLOWED = {
    (None, "booking.reserved"),
    ("booking.reserved", "booking.confirmed"),
    ("booking.reserved", "booking.expired"),
    ("booking.reserved", "booking.cancelled"),
    ("booking.confirmed", "booking.cancelled"),
}
_ALLOWED_LATE = ("booking.expired", "booking.confirmed")


@promise("R7", "Every recorded step of a booking follows from the one before.")
def impossible_steps() -> Rows:
    steps = AuditEntry.objects.filter(object_type=BOOKING, action__in=_STEPS)
    with_before = steps.annotate(
        before=Window(Lag("action"), partition_by="object_id", order_by="pk", output_field=CharField())
    )
    for step in with_before.order_by("pk").values("object_id", "before", "action", "facts").iterator(chunk_size=500):
        edge = (step["before"], step["action"])
        if edge not in _ALLOWED and not (edge == _ALLOWED_LATE and step["facts"].get("late")):
            yield dict(step)


@promise("R7", "A booking is where its last recorded step left it.")
def bookings_moved_in_silence() -> Rows:
    last = (
        AuditEntry.objects.filter(object_type=BOOKING, object_id=OuterRef("pk"), action__in=_STEPS)
        .order_by("-pk")
        .values("action")[:1]
    )
    bookings = Booking.objects.annotate(last_step=Coalesce(Subquery(last), Value("")))
    sound = Q()
    for action, status in _STEPS.items():
        sound |= Q(status=status, last_step=action)
    return _streamed(bookings.exclude(sound), "code", "status", "last_step")


@promise("R8", "No more is given back of a payment than was taken, and of a present nothing.")
def refunds_above_payment() -> Rows:
    back = _total(Refund.objects.filter(payment=OuterRef("pk")), "payment", "amount")
    payments = Payment.objects.annotate(back=back)
    sound = Q(back=0, refunded=0) | (
        Q(status="succeeded", back=F("refunded"), back__lte=F("amount")) & ~Q(provider="complimentary")
    )
    return _streamed(payments.exclude(sound), "booking__code", "amount", "back", "refunded", "status", "provider")


@promise("R3", "What an exchange brought along left the booking that it was paid for.")
def exchanges_from_nowhere() -> Rows:
    internal = Refund.objects.filter(payment=OuterRef("pk"), status="succeeded", reference__startswith="exchange-")
    came = Payment.objects.filter(source=OuterRef("pk"))
    payments = Payment.objects.annotate(
        went=_total(internal, "payment", "amount"), came=_total(came, "source", "amount")
    )
    return _streamed(payments.exclude(went=F("came")), "booking__code", "amount", "went", "came")


@promise("R9", "No booking and no person has more places than the event allows (or the limit was lowered since).")
def limits_exceeded() -> Rows:
    held = Booking.objects.held()
    about_to_go = Q(tickets__exchanged_for__isnull=False, tickets__exchanged_for__status="pending")
    yield from _streamed(held.filter(quantity__gt=F("event__max_per_booking")), "code", "quantity")
    people = (
        held.filter(event__max_per_customer__isnull=False)
        .exclude(email_key="")
        .order_by()
        .values("event", "event__max_per_customer", "email_key")
        .annotate(places=Count("tickets", filter=~Q(tickets__status="void") & ~about_to_go))
        .filter(places__gt=F("event__max_per_customer"))
    )
    for person in people.iterator(chunk_size=500):
        yield {field: value for field, value in person.items() if field != "email_key"}


@promise("R10", "A booking's amounts are the sums of its tickets at reservation.")
def totals_that_changed() -> Rows:
    agreed = Ticket.objects.filter(booking=OuterRef("pk"), number__lte=OuterRef("quantity"))
    bookings = Booking.objects.annotate(
        prices=_total(agreed, "booking", "price"),
        fees=_total(agreed, "booking", "fee"),
        taxes=_total(agreed, "booking", "tax"),
    )
    wrong = bookings.exclude(
        subtotal=F("prices"),
        fee=F("fees") + F("booking_fee"),
        tax=F("taxes") + F("booking_fee_tax"),
        total=F("prices") + F("fees") + F("booking_fee"),
    )
    return _streamed(wrong, "code", "subtotal", "prices", "fee", "fees", "tax", "taxes", "total")


@promise("R10", "No more was taken back of a booking's tickets than its credit notes say.")
def tickets_credited_without_a_note() -> Rows:
    notes = Document.objects.filter(booking=OuterRef("pk"), kind=Document.Kind.CREDIT_NOTE)
    credited = Booking.objects.filter(tickets__credited__gt=0).annotate(
        of_tickets=_total(Ticket.objects.filter(booking=OuterRef("pk")), "booking", "credited"),
        taken_back=_total(notes, "booking", "amount"),
    )
    return _streamed(credited.filter(of_tickets__gt=F("taken_back")).distinct(), "code", "of_tickets", "taken_back")


@promise(
    "R12",
    "A booking that was confirmed has one confirmation in the outbox, unless nobody left an address; "
    "one that was imported has one at most.",
)
def confirmations_missing_or_doubled() -> Rows:
    mails = Message.objects.filter(about_type=BOOKING, about_id=OuterRef("pk"), kind="booking-confirmed")
    bookings = Booking.objects.annotate(mails=_count(mails, "about_id"))
    sound = Q(confirmed_at=None, mails=0) | Q(confirmed_at__isnull=False, mails=1) | Q(email="", mails=0)
    sound |= Q(channel=Booking.Channel.IMPORT, mails=0)
    return _streamed(bookings.exclude(sound), "code", "status", "mails")


def violations() -> Iterator[tuple[Promise, dict[str, Any]]]:
    """Yield every row that breaks a promise, with the promise."""
    for each in PROMISES:
        for row in each.broken():
            yield each, row


@promise("U39", "Once a cancelled event's bookings were dealt with, nobody has places but where that went wrong.")
def bookings_at_cancelled_events() -> Rows:
    batches = Batch.objects.filter(kind=Batch.Kind.CANCEL_EVENT, event=OuterRef("event"))
    failed = BatchRow.objects.filter(booking=OuterRef("pk"), status=BatchRow.Status.FAILED)
    held = Booking.objects.held().filter(event__status="cancelled").exclude(Exists(failed))
    over = held.filter(Exists(batches)).exclude(Exists(batches.filter(finished_at=None)))
    return _streamed(over, "code", "status", "event")
