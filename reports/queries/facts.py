"""
What was sold and taken back, added up from the rows themselves: the only place that says what a figure means.

A booking is sold at the moment when it was confirmed, for what its tickets and itself cost as agreed. It stays sold:
what is taken back later is a fact of its own, a credit note, at its own moment (ADR 24). So a day that is over never
changes. A present is sold too, but for no money; what is given away of a booking that is paid in part is taken back of
it at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, Case, Count, F, Min, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, TruncDate

from accounts.models import Organization
from bookings.models import Booking, Document, Payment, Ticket


@dataclass(frozen=True, slots=True)
class Sums:
    """
    What was sold and taken back. Amounts are in the smallest unit of one currency; `fee` and `tax` are contained in
    `gross`, `credited_tax` in `credited`.
    """

    bookings: int = 0
    cancelled: int = 0
    tickets: int = 0
    returned: int = 0
    gross: int = 0
    fee: int = 0
    tax: int = 0
    credited: int = 0
    credited_tax: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, name) + getattr(other, name) for name in FIGURES))

    @property
    def net(self) -> int:
        """What is left of the money: sold less taken back, tax contained."""
        return self.gross - self.credited

    @property
    def net_tax(self) -> int:
        """How much of that is tax."""
        return self.tax - self.credited_tax

    @property
    def held(self) -> int:
        """How many tickets are still people's."""
        return self.tickets - self.returned

    @property
    def average(self) -> int:
        """What a ticket cost on average, to the smallest unit; 0 without any."""
        return (2 * self.gross + self.tickets) // (2 * self.tickets) if self.tickets else 0


FIGURES = [field.name for field in fields(Sums)]


class Key(NamedTuple):
    """What is added up by itself."""

    day: date
    event: int
    ticket_type: int | None
    provider: str
    currency: str


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins by the clocks of a zone, or the first moment after, where clocks jump over it."""
    return datetime.combine(day, time(), zone)


def first_day(organization: Organization) -> date | None:
    """Return when something was first sold, or money first came, by the organization's clocks."""
    bookings = Booking.objects.filter(organization=organization).aggregate(first=Min("confirmed_at"))
    payments = Payment.objects.filter(booking__organization=organization).aggregate(first=Min("succeeded_at"))
    first = min((found["first"] for found in (bookings, payments) if found["first"]), default=None)
    return first and first.astimezone(ZoneInfo(organization.time_zone)).date()


def sold(organization: Organization, first: date | None, last: date | None) -> dict[Key, Sums]:
    """
    Return what was sold and taken back from the first day to the last, both included, by the organization's clocks;
    without one from the beginning, or until now. Reads the rows of bookings, tickets and credit notes.
    """
    found: defaultdict[Key, Sums] = defaultdict(Sums)
    for key, sums in _all(organization, Span.of_days(organization, first, last)):
        found[key] += sums
    return dict(found)


def sold_between(organization: Organization, since: datetime, before: datetime) -> dict[str, Sums]:
    """Return what was sold and taken back from a moment until before another, for each currency."""
    found: defaultdict[str, Sums] = defaultdict(Sums)
    for key, sums in _all(organization, Span(ZoneInfo(organization.time_zone), since, before)):
        found[key.currency] += sums
    return dict(found)


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment until before another, and whose clocks say which day it is; none means whatever."""

    zone: ZoneInfo
    since: datetime | None
    before: datetime | None

    @classmethod
    def of_days(cls, organization: Organization, first: date | None, last: date | None) -> "Span":
        """From the first day to the last, both included, by the organization's clocks."""
        zone = ZoneInfo(organization.time_zone)
        since = midnight(first, zone) if first else None
        before = midnight(last + timedelta(days=1), zone) if last else None
        return cls(zone, since, before)

    def of(self, rows: QuerySet, moment: str) -> QuerySet:
        """Return the rows in it, with the local day of each."""
        return self.holding(rows, moment).annotate(day=TruncDate(moment, tzinfo=self.zone))

    def holding[Rows: QuerySet](self, rows: Rows, moment: str) -> Rows:
        """Return the rows whose moment is in it."""
        if self.since:
            rows = rows.filter(**{f"{moment}__gte": self.since})
        if self.before:
            rows = rows.filter(**{f"{moment}__lt": self.before})
        return rows


def _all(organization: Organization, span: Span) -> Iterator[tuple[Key, Sums]]:
    tickets = Ticket.objects.filter(booking__organization=organization).order_by()
    bookings = Booking.objects.filter(organization=organization, confirmed_at__isnull=False).order_by()
    # A booking's first tickets are what was agreed. Others follow those, or replace them after late money: no new sale.
    agreed = tickets.filter(booking__confirmed_at__isnull=False, number__lte=F("booking__quantity"))
    yield from _added(
        _paid_by(span.of(agreed, "booking__confirmed_at"), "booking__"),
        event="booking__event_id",
        currency="booking__currency",
        tickets=Count("pk"),
        gross=_money(F("price") + F("fee")),
        fee=_money(F("fee")),
        tax=_money(F("tax")),
    )
    yield from _added(
        _paid_by(span.of(bookings, "confirmed_at")),
        bookings=Count("pk"),
        gross=_money(F("booking_fee")),
        fee=_money(F("booking_fee")),
        tax=_money(F("booking_fee_tax")),
    )
    ended = bookings.filter(status=Booking.Status.CANCELLED)
    yield from _added(_paid_by(span.of(ended, "ended_at")), cancelled=Count("pk"))
    yield from _given_away(organization, span)
    yield from _taken_back(organization, tickets, span)


def _given_away(organization: Organization, span: Span) -> Iterator[tuple[Key, Sums]]:
    """What staff waived of bookings that something was paid for: the difference of an exchange."""
    gifts = Payment.objects.filter(
        booking__organization=organization,
        booking__confirmed_at__isnull=False,
        provider=Payment.ByHand.COMPLIMENTARY,
        status=Payment.Status.SUCCEEDED,
    ).order_by()
    in_part = _paid_by(span.of(gifts, "booking__confirmed_at"), "booking__").exclude(way=Payment.ByHand.COMPLIMENTARY)
    yield from _added(
        in_part,
        event="booking__event_id",
        credited=Sum("amount"),
        credited_tax=Sum(F("amount") * F("booking__tax") / F("booking__total"), output_field=BigIntegerField()),
    )


def _taken_back(organization: Organization, tickets: QuerySet, span: Span) -> Iterator[tuple[Key, Sums]]:
    """By ticket, as far as credit notes name one; the rest of a credit note is of the whole booking."""
    returned = tickets.filter(
        void_reason__in=[Ticket.VoidReason.CANCELLED, Ticket.VoidReason.EXCHANGED],
        booking__confirmed_at__lte=F("voided_at"),
    )
    notes = Document.objects.filter(organization=organization, kind=Document.Kind.CREDIT_NOTE).order_by()
    for key, sums in _added(
        _paid_by(span.of(returned, "voided_at"), "booking__"),
        event="booking__event_id",
        currency="booking__currency",
        returned=Count("pk"),
        credited=_money(F("credited")),
        credited_tax=_money(F("credited_tax")),
    ):
        yield key, sums
        of_tickets = Sums(credited=-sums.credited, credited_tax=-sums.credited_tax)
        yield key._replace(ticket_type=None), of_tickets
    yield from _added(
        _paid_by(span.of(notes, "created_at"), "booking__"),
        event="booking__event_id",
        credited=Sum("amount"),
        credited_tax=Sum("tax"),
    )


def _paid_by(rows: QuerySet, booking: str = "") -> QuerySet:
    """
    With how their booking was paid, or not at all: by what was there last when it was confirmed.

    What comes later is somebody's mistake and goes back, and what came too late before went back too: neither counts.
    """
    there = Payment.objects.filter(
        booking=OuterRef(f"{booking}pk"),
        status=Payment.Status.SUCCEEDED,
        kept_aside=False,
        succeeded_at__lte=OuterRef(f"{booking}confirmed_at"),
    )
    is_gift = Case(When(provider=Payment.ByHand.COMPLIMENTARY, then=1), default=0)
    way = Subquery(there.order_by("-succeeded_at", is_gift, "pk").values("provider")[:1])
    return rows.annotate(way=Coalesce(way, Value("")))


class _Money(Sum):
    """A sum that leaves out what was given away: its price is nobody's money. `_added` does, which knows the way."""


def _money(amount: Any) -> _Money:
    return _Money(amount, output_field=BigIntegerField())


def _added(
    rows: QuerySet, *, event: str = "event_id", currency: str = "currency", **figures: Any
) -> Iterator[tuple[Key, Sums]]:
    by_type = [F("ticket_type_id")] if rows.model is Ticket else []
    keys: Iterable[Any] = ["day", event, "way", currency, *by_type]
    money = {name: 0 for name, figure in figures.items() if isinstance(figure, _Money)}
    for day, of, way, unit, *rest in rows.values_list(*keys).annotate(
        **{f"sum_{name}": figure for name, figure in figures.items()}
    ):
        ticket_type = rest.pop(0) if by_type else None
        found = dict(zip(figures, rest, strict=True)) | (money if way == Payment.ByHand.COMPLIMENTARY else {})
        yield Key(day, of, ticket_type, way, unit), Sums(**found)
