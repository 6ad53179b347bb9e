"""Who bought: customers by the address that counts as one person, with what they spent and when they were last here."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q, QuerySet, Sum

from accounts.models import Organization
from bookings.models import Booking, Document, Payment, normalised_email
from core.search import words
from notifications.models import Message
from reports.periods import Days
from reports.queries.facts import midnight

MOST = 1_000
"""So many of a customer's bookings are in their history, the last ones."""


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


def customers(organization: Organization, wanted: Wanted, currency: str) -> QuerySet[Any, Any]:
    """Return whom, as rows for `page_of`: last seen first, or who paid most in that currency."""
    rows = _bought(organization, wanted).order_by().values("email_key")
    seen = rows.annotate(last=Max("pk"), count=Count("pk"), places=Sum("quantity"))
    if wanted.by_spending:
        paid = Sum("total", filter=Q(currency=currency), default=0)
        return seen.annotate(paid=paid).order_by("-paid", "-last")
    return seen.order_by("-last")


def page_of(
    organization: Organization, wanted: Wanted, rows: Iterable[dict[str, Any]], currency: str
) -> list[Customer]:
    """Return some of them with their names and what they spent, in three queries."""
    found = list(rows)
    last = Booking.objects.in_bulk([row["last"] for row in found])
    spent = _spent(organization, wanted, [row["email_key"] for row in found], currency)
    return [
        Customer(
            booking=row["last"],
            name=last[row["last"]].customer_name,
            email=last[row["last"]].email,
            bookings=row["count"],
            tickets=row["places"],
            spent=spent[row["email_key"]],
            last_seen=last[row["last"]].confirmed_at,  # type: ignore[arg-type] # only confirmed ones are asked for
        )
        for row in found
    ]


def _bought(organization: Organization, wanted: Wanted) -> QuerySet[Booking]:
    """Bookings that were sold on those days, to somebody who is known."""
    zone = ZoneInfo(organization.time_zone)
    rows = Booking.objects.filter(organization=organization, confirmed_at__isnull=False).exclude(email_key="")
    rows = rows.exclude(email_key__endswith="@erased.invalid")
    if wanted.days.first:
        rows = rows.filter(confirmed_at__gte=midnight(wanted.days.first, zone))
    if wanted.days.last:
        rows = rows.filter(confirmed_at__lt=midnight(wanted.days.last + timedelta(days=1), zone))
    for word in words(wanted.query):
        rows = rows.filter(search_text__contains=word)
    return rows


def _spent(organization: Organization, wanted: Wanted, keys: list[str], currency: str) -> defaultdict[str, int]:
    bookings = _bought(organization, wanted).filter(email_key__in=keys, currency=currency)
    paid = bookings.exclude(payments__provider=Payment.ByHand.COMPLIMENTARY).order_by()
    notes = Document.objects.filter(booking__in=paid, kind=Document.Kind.CREDIT_NOTE).order_by()
    spent: defaultdict[str, int] = defaultdict(int)
    for key, amount in paid.values_list("email_key").annotate(sum=Sum("total")):
        spent[key] += amount
    for key, amount in notes.values_list("booking__email_key").annotate(sum=Sum("amount")):
        spent[key] -= amount
    return spent


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
    notes = Document.objects.filter(booking__in=[each.pk for each in sold], kind=Document.Kind.CREDIT_NOTE)
    spent: defaultdict[str, int] = defaultdict(int)
    for each in sold:
        spent[each.currency] += 0 if each.is_present else each.total  # type: ignore[attr-defined]
    for currency, amount in notes.order_by().values_list("currency").annotate(sum=Sum("amount")):
        spent[currency] -= amount
    ids = [each.pk for each in found]
    mails = Message.objects.filter(about_type=Booking._meta.label_lower, about_id__in=ids, confidential=False)
    return History(
        name=found[0].customer_name,
        email=found[0].email,
        bookings=found,
        spent=dict(sorted(spent.items())),
        tickets=sum(each.quantity for each in sold),
        mails=mails.count(),
        first_seen=found[-1].reserved_at,
        last_seen=found[0].reserved_at,
    )
