"""What must be true of figures, asked of the rows themselves by `manage.py audit`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import astuple
from datetime import date, timedelta
from typing import Any

from django.db.models import Min, QuerySet, Sum

from accounts.models import Organization
from bookings.models import Payment, Refund
from bookings.queries.promises import Promise, Rows
from reports.models import Closing, DailyMoney, DailySales
from reports.queries.cash import CASH, Cash, CashKey, counted
from reports.queries.facts import FIGURES, Key, Sums, first_day, sold

AT_ONCE = timedelta(days=31)
"""So many days are compared at a time, so that memory stays small."""


def closed_days_that_differ() -> Rows:
    """What was closed by clocks that aren't the organization's any more is added up anew, and doesn't count."""
    for closing in Closing.objects.select_related("organization").order_by("pk"):
        if closing.time_zone == closing.organization.time_zone:
            yield from _differing(closing.organization, closing.until or date.min)


def _differing(organization: Organization, until: date) -> Rows:
    for model in (DailySales, DailyMoney):
        rows = model._default_manager.filter(organization=organization, day__gte=until)
        for row in rows.order_by("pk").values("pk", "day").iterator(chunk_size=500):
            yield {"organization": organization.pk, "closed_until": until} | row
    first = _first_day(organization)
    while first and first < until:
        end = min(first + AT_ONCE, until)
        yield from _compared(organization, first, end - timedelta(days=1))
        first = end


def _first_day(organization: Organization) -> date | None:
    models = (DailySales, DailyMoney)
    kept = [model._default_manager.filter(organization=organization).aggregate(at=Min("day"))["at"] for model in models]
    return min((day for day in (*kept, first_day(organization)) if day), default=None)


def _compared(organization: Organization, first: date, last: date) -> Rows:
    days: dict[str, Any] = {"organization": organization, "day__range": (first, last)}
    sales, money = DailySales.objects.filter(**days), DailyMoney.objects.filter(**days)
    yield from _differences(sales, Key._fields, FIGURES, sold(organization, first, last))
    yield from _differences(money, CashKey._fields, CASH, counted(organization, first, last))


def _differences(rows: QuerySet, of: tuple[str, ...], figures: list[str], live: Mapping[Any, Sums | Cash]) -> Rows:
    """By what is added up by itself: which figures aren't what the rows of bookings and money say."""
    kept = {row[: len(of)]: row[len(of) :] for row in rows.order_by().values_list(*of, *figures)}
    found = {tuple(key): astuple(sums) for key, sums in live.items()}
    nothing = (0,) * len(figures)
    for key in sorted(kept.keys() | found.keys(), key=str):
        pairs = zip(figures, kept.get(key, nothing), found.get(key, nothing), strict=True)
        if wrong := {name: f"{was}, not {now}" for name, was, now in pairs if was != now}:
            yield dict(zip(of, key, strict=True)) | wrong


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
