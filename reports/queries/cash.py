"""The money that moved, by its providers: what came, and what went or is going back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet, Sum

from accounts.models import Organization
from bookings.models import Payment, Refund
from reports.models import DailyMoney
from reports.periods import Days
from reports.queries.facts import Span
from reports.queries.revenue import closed_until, way_to_pay


@dataclass(frozen=True, slots=True)
class Cash:
    """
    What came and what went back, in the smallest unit of one currency. `kept_aside` is contained in `received`,
    `kept_back` in `back`: money that isn't what was asked for, and so is nobody's revenue.
    """

    received: int = 0
    kept_aside: int = 0
    back: int = 0
    kept_back: int = 0

    def __add__(self, other: "Cash") -> "Cash":
        return Cash(*(getattr(self, name) + getattr(other, name) for name in CASH))

    @property
    def left(self) -> int:
        """What is there of it, or soon will be."""
        return self.received - self.back

    @property
    def still_aside(self) -> int:
        """How much of that is kept aside."""
        return self.kept_aside - self.kept_back


CASH = [field.name for field in fields(Cash)]


class CashKey(NamedTuple):
    """What is added up by itself."""

    day: date
    provider: str
    currency: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved at one provider in one currency; `queued` of what went back hasn't arrived yet."""

    provider: str
    currency: str
    cash: Cash
    queued: int

    @property
    def label(self) -> str:
        """What the provider is called."""
        return way_to_pay(self.provider)


@dataclass(frozen=True, slots=True)
class Equation:
    """
    How the money of some days and their revenue fit together (R3): what is left of the money, less what is kept aside,
    is what was sold less what was taken back, but for what came or went on another day than it counts as revenue.
    """

    left: int
    still_aside: int
    net: int

    @property
    def other_days(self) -> int:
        """What counts as revenue of these days and moved before or later; over all days there is nothing of it."""
        return self.net - (self.left - self.still_aside)


def equations(moved: Iterable[Moved], net: Mapping[str, int]) -> dict[str, Equation]:
    """Return how they fit with net revenue, for each currency."""
    cash: defaultdict[str, Cash] = defaultdict(Cash)
    for each in moved:
        cash[each.currency] += each.cash
    return {
        currency: Equation(cash[currency].left, cash[currency].still_aside, net.get(currency, 0))
        for currency in sorted(cash.keys() | net.keys())
    }


def moved(organization: Organization, days: Days) -> list[Moved]:
    """
    Return what came and went on these days by the organization's clocks, at each provider and in each currency: sums
    of the days that are closed, and the rows themselves of those that aren't.
    """
    found: defaultdict[tuple[str, str], Cash] = defaultdict(Cash)
    until = closed_until(organization)
    if until:
        for where, cash in _kept(organization, days, until):
            found[where] += cash
    first = max((day for day in (until, days.first) if day), default=None)
    if first is None or days.last is None or first <= days.last:
        for key, cash in counted(organization, first, days.last).items():
            found[key.provider, key.currency] += cash
    queued = _queued(organization, days)
    rows = [Moved(*where, cash, queued.get(where, 0)) for where, cash in found.items()]
    return sorted(rows, key=lambda each: (each.currency, -each.cash.received, each.provider))


def _kept(organization: Organization, days: Days, until: date) -> Iterator[tuple[tuple[str, str], Cash]]:
    last = min(days.last, until - timedelta(days=1)) if days.last else until - timedelta(days=1)
    rows = DailyMoney.objects.filter(organization=organization, day__lte=last).order_by()
    if days.first:
        rows = rows.filter(day__gte=days.first)
    added = {f"sum_{name}": Sum(name) for name in CASH}
    for provider, currency, *amounts in rows.values_list("provider", "currency").annotate(**added):
        yield (provider, currency), Cash(*amounts)


# --- The rows themselves ------------------------------------------------------------------------------


def counted(organization: Organization, first: date | None, last: date | None) -> dict[CashKey, Cash]:
    """
    Return what came and went from the first day to the last, both included, by the organization's clocks; without one
    from the beginning, or until now. Reads the rows of payments and refunds.

    Money came when its payment succeeded, and went when its refund was written, whether that has arrived or not.
    Presents are no money. What an exchange moves from one booking to another never leaves the house; what goes back of
    it later goes by the provider that it first came from.
    """
    span = Span.of_days(organization, first, last)
    payments = Payment.objects.filter(booking__organization=organization, status=Payment.Status.SUCCEEDED)
    came = payments.exclude(provider__in=[Payment.ByHand.COMPLIMENTARY, Payment.EXCHANGE])
    found: defaultdict[CashKey, Cash] = defaultdict(Cash)
    for key, all_of_it, aside in _sums(span.of(came, "succeeded_at"), "", Q(kept_aside=True)):
        found[key] += Cash(received=all_of_it, kept_aside=aside)
    gone = span.of(_outside(organization), "created_at")
    for key, all_of_it, aside in _sums(gone.exclude(_MOVED), "payment__", Q(payment__kept_aside=True)):
        found[key] += Cash(back=all_of_it, kept_back=aside)
    for day, way, refund in _traced(gone.filter(_MOVED)):
        found[CashKey(day, way, refund.payment.currency)] += Cash(back=refund.amount)
    return dict(found)


_MOVED = Q(payment__provider=Payment.EXCHANGE)


def _outside(organization: Organization) -> QuerySet[Refund]:
    """What went to somebody."""
    gone = Refund.objects.filter(payment__booking__organization=organization)
    return gone.filter(Q(reference=None) | ~Q(reference__startswith=f"{Payment.EXCHANGE}-"))


def _sums(rows: QuerySet, payment: str, part: Q) -> Iterator[tuple[CashKey, int, int]]:
    """All of it, and a part of it, in one question."""
    both = rows.order_by().values_list("day", f"{payment}provider", f"{payment}currency")
    for day, provider, currency, every, some in both.annotate(
        every=Sum("amount"), some=Sum("amount", filter=part, default=0)
    ):
        yield CashKey(day, provider, currency), every, some


def _traced(refunds: QuerySet[Refund]) -> list[tuple[date, str, Refund]]:
    """With the day and the provider of each whose money an exchange had moved: there are few."""
    found = list(refunds.select_related("payment"))
    ways = _ways_of(each.payment_id for each in found)
    return [(each.day, ways[each.payment_id], each) for each in found]  # type: ignore[attr-defined]


def _ways_of(payments: Iterable[int]) -> dict[int, str]:
    """By which provider the money of payments first came, through however many exchanges."""
    found: dict[int, tuple[str, int | None]] = {}
    wanted = set(payments)
    while wanted:
        rows = Payment.objects.filter(pk__in=wanted).values_list("pk", "provider", "source_id")
        found |= {pk: (provider, source) for pk, provider, source in rows}
        wanted = {source for _provider, source in found.values() if source and source not in found}

    def way(pk: int) -> str:
        provider, source = found[pk]
        return way(source) if source else provider

    return {pk: way(pk) for pk in found}


def _queued(organization: Organization, days: Days) -> dict[tuple[str, str], int]:
    """What went back on these days and hasn't arrived yet: that changes, and so is never kept."""
    waiting = [Refund.Status.QUEUED, Refund.Status.FAILED, Refund.Status.BY_HAND]
    gone = Span.of_days(organization, days.first, days.last).of(_outside(organization), "created_at")
    gone = gone.filter(status__in=waiting)
    found: defaultdict[tuple[str, str], int] = defaultdict(int)
    for key, amount, _part in _sums(gone.exclude(_MOVED), "payment__", Q(payment__kept_aside=True)):
        found[key.provider, key.currency] += amount
    for _day, way, refund in _traced(gone.filter(_MOVED)):
        found[way, refund.payment.currency] += refund.amount
    return dict(found)
