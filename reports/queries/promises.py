"""What must be true of figures, asked of the rows themselves by `manage.py audit`."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Min, QuerySet, Sum

from accounts.models import Organization
from bookings.models import Booking, Payment, Refund
from bookings.queries.promises import Promise, Rows
from reports.models import Closing, DailySales
from reports.queries.facts import FIGURES, Key, Sums, sold

AT_ONCE = timedelta(days=31)
"""So many days are compared at a time, so that memory stays small."""


def closed_days_that_differ() -> Rows:
    """What was closed by clocks that aren't the organization's any more is added up anew, and doesn't count."""
    for closing in Closing.objects.select_related("organization").order_by("pk"):
        if closing.time_zone == closing.organization.time_zone:
            yield from _differing(closing.organization, closing.until or date.min)


def _differing(organization: Organization, until: date) -> Rows:
    rows = DailySales.objects.filter(organization=organization)
    for row in rows.filter(day__gte=until).order_by("pk").values("pk", "day").iterator(chunk_size=500):
        yield {"organization": organization.pk, "closed_until": until} | row
    first = _first_day(organization)
    while first and first < until:
        end = min(first + AT_ONCE, until)
        yield from _compared(organization, first, end - timedelta(days=1))
        first = end


def _first_day(organization: Organization) -> date | None:
    kept = DailySales.objects.filter(organization=organization).aggregate(first=Min("day"))["first"]
    confirmed = Booking.objects.filter(organization=organization, confirmed_at__isnull=False)
    first = confirmed.aggregate(first=Min("confirmed_at"))["first"]
    sold_on = first and first.astimezone(ZoneInfo(organization.time_zone)).date()
    return min((day for day in (kept, sold_on) if day), default=None)


def _compared(organization: Organization, first: date, last: date) -> Rows:
    rows = DailySales.objects.filter(organization=organization, day__range=(first, last)).order_by()
    kept: dict[Key, Sums] = {}
    for day, event, ticket_type, provider, currency, *figures in rows.values_list(
        "day", "event_id", "ticket_type_id", "provider", "currency", *FIGURES
    ):
        kept[Key(day, event, ticket_type, provider, currency)] = Sums(*figures)
    live = sold(organization, first, last)
    for key in sorted(kept.keys() | live.keys(), key=str):
        yield from _difference(organization, key, kept.get(key, Sums()), live.get(key, Sums()))


def _difference(organization: Organization, key: Key, kept: Sums, live: Sums) -> Rows:
    if kept != live:
        pairs = {name: (getattr(kept, name), getattr(live, name)) for name in FIGURES}
        wrong = {name: f"{was}, not {found}" for name, (was, found) in pairs.items() if was != found}
        yield {"organization": organization.pk} | key._asdict() | wrong


def revenue_without_money() -> Rows:
    """What is kept aside is nobody's revenue, and a present is no money."""
    for organization in Organization.objects.order_by("pk").iterator(chunk_size=500):
        net: defaultdict[str, int] = defaultdict(int)
        for key, sums in sold(organization, None, None).items():
            net[key.currency] += sums.net
        money = _money_kept(organization)
        for currency in sorted(net.keys() | money.keys()):
            if net[currency] != money[currency]:
                facts = {"currency": currency, "revenue": net[currency], "money": money[currency]}
                yield {"organization": organization.pk} | facts


def _money_kept(organization: Organization) -> defaultdict[str, int]:
    taken = Payment.objects.filter(booking__organization=organization, status="succeeded", kept_aside=False)
    back = Refund.objects.filter(payment__booking__organization=organization, payment__kept_aside=False)
    kept: defaultdict[str, int] = defaultdict(int)
    for currency, amount in _by_currency(taken.exclude(provider=Payment.ByHand.COMPLIMENTARY), "currency"):
        kept[currency] += amount
    for currency, amount in _by_currency(back, "payment__currency"):
        kept[currency] -= amount
    return kept


def _by_currency(rows: QuerySet, currency: str) -> Iterator[tuple[str, int]]:
    return iter(rows.order_by().values_list(currency).annotate(sum=Sum("amount")))


PROMISES = [
    Promise(
        "R10", "The sums that are kept of a day are what its bookings and credit notes say.", closed_days_that_differ
    ),
    Promise(
        "R3",
        "What was sold less what was taken back is the money that came less what goes back.",
        revenue_without_money,
    ),
]


def violations() -> Iterator[tuple[Promise, dict[str, Any]]]:
    """Yield every row that breaks one of these promises, with the promise."""
    for each in PROMISES:
        for row in each.broken():
            yield each, row
