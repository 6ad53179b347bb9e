"""Who bought: customers by the address that counts as one person, with what they spent and when they were last here."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from accounts.models import Organization
from bookings.models import Booking, Document, Payment, normalised_email
from core.search import words
from notifications.models import Message
from reports.periods import Days
from reports.queries.facts import Span

MOST = 1_000
"""So many of a customer's bookings are in their history, the last ones."""

SLICE, SLICES = 2_000, 50
"""So many bookings are looked through at a time, and so often: an agency may have them all."""


AHEAD = 500
"""So many more are looked at first when customers are ranked: some gave back what they bought."""


@dataclass(frozen=True, slots=True)
class Customer:
    """
    Somebody who bought in some days: `booking` is their last one then, `spent` what they paid in one currency, in its
    smallest unit, less what was taken back of the same bookings.
    """

    booking: int
    name: str
    email: str
    bookings: int
    tickets: int
    spent: int
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which customers: who bought on these days, with these words in name or address."""

    days: Days
    query: str = ""
    by_spending: bool = False


def customers(organization: Organization, wanted: Wanted, currency: str, most: int) -> list[str]:
    """
    Return whom, by the address that counts as one person, at most so many: last seen first, or who spent most in that
    currency. Who was last seen is found from the newest booking on, however many there are.
    """
    if wanted.by_spending:
        return _most_spent(organization, wanted, currency, most)
    found: dict[str, None] = {}
    newest = _bought(organization, wanted).order_by("-confirmed_at", "-pk").values_list("email_key", flat=True)
    for start in range(0, SLICES * SLICE, SLICE):
        some = list(newest[start : start + SLICE])
        found |= dict.fromkeys(some)
        if len(found) >= most or len(some) < SLICE:
            break
    return list(found)[:most]


def _most_spent(organization: Organization, wanted: Wanted, currency: str, most: int) -> list[str]:
    """
    Nobody spent more than the totals of their bookings: so what was taken back is asked for the first ones by totals
    alone, until nobody behind them can have spent more.
    """
    rows = _bought(organization, wanted).order_by().values_list("email_key")
    by_totals = rows.annotate(sum=Sum("total", filter=Q(currency=currency), default=0)).order_by("-sum", "email_key")
    some = most + AHEAD
    while True:
        first = list(by_totals[:some])
        theirs = _bought(organization, wanted).filter(email_key__in=[key for key, _total in first], currency=currency)
        back = _not_paid(theirs, "email_key")
        spent = {key: total - back.get((key, currency), 0) for key, total in first}
        found = sorted(spent, key=lambda key: (-spent[key], key))[:most]
        if len(first) < some or spent[found[-1]] >= first[-1][1]:
            return found
        some *= 2


def told(organization: Organization, wanted: Wanted, keys: Collection[str], currency: str) -> list[Customer]:
    """Return some of them with their names and what they spent, in a fixed number of questions."""
    rows = _bought(organization, wanted).filter(email_key__in=keys).order_by()
    groups = rows.values("email_key").annotate(at=Max("confirmed_at"), count=Count("pk"), places=Sum("quantity"))
    counted = {row["email_key"]: row for row in groups}
    ends = rows.filter(confirmed_at__in=[row["at"] for row in counted.values()]).order_by("confirmed_at", "pk")
    last = {booking.email_key: booking for booking in ends}
    spent = _spent(organization, wanted, keys, currency)
    found = ((key, counted[key], last[key]) for key in keys if key in counted)
    return [
        Customer(
            booking=booking.pk,
            name=booking.customer_name,
            email=booking.email,
            bookings=row["count"],
            tickets=row["places"],
            spent=spent[key],
            last_seen=booking.confirmed_at,  # type: ignore[arg-type] # only confirmed ones are asked for
        )
        for key, row, booking in found
    ]


def _bought(organization: Organization, wanted: Wanted) -> QuerySet[Booking]:
    """Bookings that were sold on those days, to somebody who is known."""
    rows = Booking.objects.filter(organization=organization, confirmed_at__isnull=False).exclude(email_key="")
    rows = rows.exclude(email_key__endswith="@erased.invalid")
    rows = Span.of_days(organization, wanted.days.first, wanted.days.last).holding(rows, "confirmed_at")
    for word in words(wanted.query):
        rows = rows.filter(search_text__contains=word)
    return rows


def _spent(organization: Organization, wanted: Wanted, keys: Collection[str], currency: str) -> defaultdict[str, int]:
    bookings = _bought(organization, wanted).filter(email_key__in=keys, currency=currency)
    spent: defaultdict[str, int] = defaultdict(int)
    return spent | {key: amount for (key, _currency), amount in spent_for(bookings, "email_key").items()}


def spent_for(bookings: QuerySet[Booking], by: str) -> dict[tuple[Any, str], int]:
    """
    Return what was spent for bookings, by a field of theirs and by currency: what they cost, less what was taken back
    of them or given away.
    """
    sold = bookings.filter(confirmed_at__isnull=False).order_by()
    spent: defaultdict[tuple[Any, str], int] = defaultdict(int)
    for key, currency, amount in sold.values_list(by, "currency").annotate(sum=Sum("total")):
        spent[key, currency] += amount
    for group, amount in _not_paid(sold, by).items():
        spent[group] -= amount
    return dict(spent)


def _not_paid(bookings: QuerySet[Booking], by: str) -> dict[tuple[Any, str], int]:
    """What of these bookings' totals is nobody's money: what was taken back, and what was given away, all or a part."""
    notes = Document.objects.filter(booking__in=bookings, kind=Document.Kind.CREDIT_NOTE)
    gifts = Payment.objects.filter(booking__in=bookings, provider=Payment.ByHand.COMPLIMENTARY, status="succeeded")
    found: defaultdict[tuple[Any, str], int] = defaultdict(int)
    for rows in (notes.order_by(), gifts.order_by()):
        for key, currency, amount in rows.values_list(f"booking__{by}", "currency").annotate(sum=Sum("amount")):
            found[key, currency] += amount
    return dict(found)


@dataclass(frozen=True, slots=True)
class History:
    """All that somebody did in a house: the last bookings first, and money by its currency."""

    name: str
    email: str
    bookings: list[Booking]
    spent: dict[str, int]
    tickets: int
    mails: int
    first_seen: datetime
    last_seen: datetime


def history(booking: Booking) -> History:
    """Return everything of who made a booking, as their address tells; a booking without one stands for itself."""
    rows = Booking.objects.filter(organization=booking.organization_id).select_related("event__venue")
    mine = rows.filter(email_key=normalised_email(booking.email)) if booking.email else rows.filter(pk=booking.pk)
    found = list(mine.with_presents().order_by("-pk")[:MOST])
    sold = [each for each in found if each.confirmed_at]
    ids = [each.pk for each in found]
    spent = spent_for(Booking.objects.filter(pk__in=ids), "organization")
    mails = Message.objects.filter(about_type=Booking._meta.label_lower, about_id__in=ids, confidential=False)
    return History(
        name=found[0].customer_name,
        email=found[0].email,
        bookings=found,
        spent={currency: amount for (_house, currency), amount in sorted(spent.items())},
        tickets=sum(each.quantity for each in sold),
        mails=mails.count(),
        first_seen=found[-1].reserved_at,
        last_seen=found[0].reserved_at,
    )
