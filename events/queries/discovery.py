"""Finding an event: by words, date, place, kind, price, and whether it can be had."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, Min, OrderBy, OuterRef, Q, QuerySet, Subquery

from core.briefly import Kept
from core.search import words
from events.models import Event, Price
from events.pricing import alone_in_sql
from events.queries.availability import FEW
from events.queries.listing import coming, with_left

SORTS: Mapping[str, tuple[str | OrderBy, ...]] = {
    "": ("starts_at", "pk"),
    "price": ("currency", F("from_total").asc(nulls_last=True), "starts_at", "pk"),
    "-price": ("currency", F("from_total").desc(nulls_last=True), "starts_at", "pk"),
    "new": (F("published_at").desc(nulls_last=True), "-pk"),
    "title": ("search_text", "pk"),
}
"""Prices of different currencies have no order among each other; what a cancelled draft lacks comes last everywhere."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for; empty means any. `most` is a whole price in the smallest unit of `currency`."""

    text: str = ""
    first_day: date | None = None
    last_day: date | None = None
    span: str = ""
    city: str = ""
    venue: str = ""
    category: str = ""
    type: str = ""
    most: int | None = None
    currency: str = ""
    available: bool = False
    state: str = ""
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A city, venue, category or type with how many events it has to come."""

    value: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What the coming season can be filtered by; currencies and zones with the most frequent first."""

    cities: tuple[Shelf, ...]
    venues: tuple[Shelf, ...]
    categories: tuple[Shelf, ...]
    types: tuple[str, ...]
    currencies: tuple[str, ...]
    zones: tuple[str, ...]


def _choices(second: datetime) -> Choices:
    names = "venue__city venue__slug venue__name venue__time_zone".split()
    names += "category__order category__slug category__name type currency".split()
    rows = [dict(zip(names, row, strict=True)) for row in coming(second).values_list(*names)]

    def shelves(value: str, *order: str) -> tuple[Shelf, ...]:
        """By the columns in turn; the last is the name. Houses share a shelf, though each may put it elsewhere."""
        counted = Counter(row[value] for row in rows)
        places = {(*(row[column] for column in order), row[value]) for row in rows if row[value]}
        named: dict[str, str] = {}
        for *_place, name, key in sorted(places):
            named.setdefault(key, name)
        return tuple(Shelf(key, name, counted[key]) for key, name in named.items())

    return Choices(
        cities=shelves("venue__city", "venue__city"),
        venues=shelves("venue__slug", "venue__name"),
        categories=shelves("category__slug", "category__order", "category__name"),
        types=tuple(sorted({row["type"] for row in rows})),
        currencies=_frequent(row["currency"] for row in rows),
        zones=_frequent(row["venue__time_zone"] for row in rows),
    )


def _frequent(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value for value, _count in Counter(values).most_common())


_recent_choices = Kept[datetime, Choices](_choices)


def choices(now: datetime) -> Choices:
    """Return what can be asked for, at most a second old."""
    return _recent_choices(now.replace(microsecond=0))


def found(events: QuerySet[Event], search: Search, now: datetime, *, zones: Iterable[str]) -> QuerySet[Event]:
    """Return what of them fits a search, in its order; `zones` are those of its venues."""
    if search.available or search.state:
        events = with_left(events, now)
    if "price" in search.sort:
        least = _totals().values("price_level__event").annotate(least=Min("total")).values("least")
        events = events.annotate(from_total=Subquery(least))
    for word in words(search.text):
        events = events.filter(_mentions(word))
    if search.span or search.first_day or search.last_day:
        events = events.filter(_on_days(search, now, zones))
    wanted = {
        "venue__city": search.city,
        "venue__slug": search.venue,
        "category__slug": search.category,
        "type": search.type,
    }
    events = events.filter(**{name: value for name, value in wanted.items() if value})
    if search.most is not None:
        events = events.filter(Exists(_totals().filter(Q(total__lte=search.most))))
        events = events.filter(currency=search.currency) if search.most else events  # nothing is nothing anywhere
    if search.available:
        events = events.filter(sells(now) & Q(left__gt=0))
    if search.state:
        events = events.filter(_in_state(search.state, now))
    return events.order_by(*SORTS[search.sort])


def _totals() -> QuerySet[Price, Any]:
    """The whole prices of each event's tickets, to look into by a subquery."""
    prices = Price.objects.filter(price_level__event=OuterRef("pk")).order_by()
    return prices.annotate(total=alone_in_sql("price_level__event__"))


def _mentions(word: str) -> Q:
    """A word may stand in any of these, so that "tides hamburg" finds Tides in Hamburg."""
    return (
        Q(search_text__contains=word) | Q(venue__search_text__contains=word) | Q(category__search_text__contains=word)
    )


def _on_days(search: Search, now: datetime, zones: Iterable[str]) -> Q:
    """Days are those of the venue: what is tonight in Tokyo is no longer today in Berlin."""
    return reduce(or_, (_on_days_in(zone, search, now) for zone in zones), Q(pk__in=[]))


def _on_days_in(zone: str, search: Search, now: datetime) -> Q:
    today = now.astimezone(ZoneInfo(zone)).date()
    first, last = span(search.span, today) if search.span else (search.first_day, search.last_day)
    days = Q(venue__time_zone=zone)
    if first:
        days &= Q(starts_at__gte=_midnight(first, zone))
    if last:
        days &= Q(starts_at__lt=_midnight(last + timedelta(days=1), zone))
    return days


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def span(name: str, today: date) -> tuple[date, date]:
    """Return the first and last day of today, tomorrow, this weekend (from Friday on), week or month."""
    end_of_week = today + timedelta(days=6 - today.weekday())
    match name:
        case "today":
            return today, today
        case "tomorrow":
            return today + timedelta(days=1), today + timedelta(days=1)
        case "weekend":
            return max(today, end_of_week - timedelta(days=2)), end_of_week
        case "week":
            return today, end_of_week
        case "next-week":
            return end_of_week + timedelta(days=1), end_of_week + timedelta(days=7)
        case "month":
            return today, (today.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    raise ValueError(name)


def sells(now: datetime) -> Q:
    """What `Event.check_on_sale` lets pass."""
    return (
        Q(status=Event.Status.PUBLISHED, ends_at__gt=now)
        & (Q(sales_start=None) | Q(sales_start__lte=now))
        & (Q(sales_end__gt=now) | Q(sales_end=None, starts_at__gt=now))
    )


def _in_state(state: str, now: datetime) -> Q:
    """The states of `listing.sale_state`, as a question to the database."""
    match state:
        case "on-sale":
            return sells(now) & Q(left__gt=FEW)
        case "few":
            return sells(now) & Q(left__range=(1, FEW))
        case "sold-out":
            return sells(now) & Q(left=0)
        case "not-yet":
            return Q(status=Event.Status.PUBLISHED, sales_start__gt=now, ends_at__gt=now)
        case "cancelled":
            return Q(status=Event.Status.CANCELLED)
    raise ValueError(state)
