"""
How a house is doing: all that its dashboard says, in so many queries as there are questions, whatever it sold.

Days that are closed are added up once per process. What came since is read from the rows each time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum

from accounts.models import Organization
from bookings.models import Booking, Payment
from core import clock
from core.briefly import Kept
from events.models import Event
from events.queries.snapshots import Snapshot
from reports.models import DailySales
from reports.queries.attention import Attention, attention
from reports.queries.facts import FIGURES, Key, Span, Sums, midnight, sold, sold_between
from reports.queries.occupancy import Places, occupancy
from reports.queries.revenue import By, closed_until, labels
from venues.models import Venue

DAYS = 30
"""So many days are in the trend and in what is popular, today included."""
SHOWN = 5
NEXT = 8
LATEST = 8

type Money = dict[str, Sums]
"""Sums by their currency."""


class Stop(Enum):
    """How far somebody came who bought nothing in the end."""

    CHOSE = "chose"
    GAVE_DETAILS = "gave details"
    AT_PROVIDER = "at the provider"
    PAYMENT_FAILED = "payment failed"


class Ranked(NamedTuple):
    """An event, a venue or a ticket type, with what it sold lately."""

    key: int
    name: str
    tickets: int
    money: tuple[tuple[str, int], ...]


class Coming(NamedTuple):
    """An event that is to come, and how full it is."""

    event: int
    title: str
    starts_at: datetime
    zone: str
    places: Places


class Latest(NamedTuple):
    """A booking that came in; who it is from is for who may see customers."""

    booking: int
    code: str
    status: str
    customer: str
    event: int
    title: str
    quantity: int
    total: int
    currency: str
    at: datetime


@dataclass(frozen=True)
class Dashboard(Snapshot):
    """What was true at a moment."""

    events: int  # that are to come
    venues: int
    places: Places  # of what is to come
    coming: tuple[Coming, ...]
    totals: Money  # ever
    today: Money
    before: Money  # of the same weekday before, until the same time
    last_hour: int
    days: dict[date, Money]
    popular: tuple[Ranked, ...]
    busy: tuple[Ranked, ...]
    types: tuple[Ranked, ...]
    statuses: dict[str, int]  # of what was reserved lately
    stopped: dict[str, int]
    latest: tuple[Latest, ...]
    attention: Attention

    @property
    def facts(self) -> object:
        return [getattr(self, name) for name in self.__dataclass_fields__ if name != "at"]

    @property
    def a_day(self) -> float:
        """How many tickets were sold on a day on average, of the last seven that are over."""
        over = [money for _day, money in sorted(self.days.items())][-8:-1]
        return sum(sums.tickets for money in over for sums in money.values()) / 7


def lately(today: date) -> date:
    """Return the first of seven days, today included."""
    return today - timedelta(days=6)


def dashboard(organization: Organization) -> Dashboard:
    """Return all of it."""
    now = clock.now()
    today = now.astimezone(ZoneInfo(organization.time_zone)).date()
    sales = _sales(organization, today)
    coming = Event.objects.filter(organization=organization, status=Event.Status.PUBLISHED, ends_at__gt=now)
    places = occupancy(organization, coming, sales.held)
    recent = Booking.objects.filter(organization=organization).order_by()
    recent = Span.of_days(organization, lately(today), None).holding(recent, "reserved_at")
    return Dashboard(
        at=now,
        events=len(places),
        venues=Venue.objects.filter(organization=organization).count(),
        places=sum(places.values(), Places()),
        coming=tuple(_coming(coming, places)),
        totals=sales.totals,
        today=sales.days[today],
        before=_week_before(organization, now, today),
        last_hour=_tickets_since(organization, now - timedelta(hours=1)),
        days=sales.days,
        **_best(sales.lately),
        statuses=dict(recent.values_list("status").annotate(Count("pk")).order_by("status")),
        stopped=_stopped(recent),
        latest=tuple(_latest(organization)),
        attention=attention(organization, now),
    )


def _ask(pk: int, organization: Organization) -> Dashboard:
    return dashboard(organization)


recent_dashboard = Kept[int, Dashboard](_ask, most=100, times=2)
"""Like `dashboard`, by the organization's key and itself; at most two seconds old."""


# --- What was sold ------------------------------------------------------------------------------------


class _Lately(NamedTuple):
    event: int
    ticket_type: int | None
    currency: str


@dataclass(slots=True)
class _Sales:
    """Sums of whatever there is, and of the last days by themselves."""

    ever: defaultdict[tuple[int, str], Sums]
    days: dict[date, Money]
    lately: defaultdict[_Lately, Sums]

    @property
    def totals(self) -> Money:
        return _by(self.ever.items(), lambda key: key[1])

    @property
    def held(self) -> dict[int, int]:
        return {event: sums.held for event, sums in _by(self.ever.items(), lambda key: key[0]).items()}


class _Closed(NamedTuple):
    """Of which days, and a sign of which rows: they are never changed, but others may take their place."""

    organization: int
    until: date | None
    since: date
    last: int | None


def _add_up(closed: _Closed) -> tuple[dict, dict, dict]:
    if closed.until is None:
        return {}, {}, {}
    rows = DailySales.objects.filter(organization=closed.organization, day__lt=closed.until).order_by()
    lately = rows.filter(day__gte=closed.since)
    return (
        _summed(rows, "event", "currency"),
        _summed(lately, "day", "currency"),
        _summed(lately, "event", "ticket_type", "currency"),
    )


_closed = Kept[_Closed, tuple[dict[Any, Sums], dict[Any, Sums], dict[Any, Sums]]](_add_up, most=100, times=3_600)


def _summed(rows: QuerySet, *keys: str) -> dict[tuple, Sums]:
    added = {f"sum_{name}": Sum(name) for name in FIGURES}
    found = rows.values_list(*keys).annotate(**added)
    return {tuple(row[: len(keys)]): Sums(*row[len(keys) :]) for row in found}


def _sales(organization: Organization, today: date) -> _Sales:
    since, until = today - timedelta(days=DAYS - 1), closed_until(organization)
    last = DailySales.objects.aggregate(last=Max("pk"))["last"]
    ever, days, lately = _closed(_Closed(organization.pk, until, since, last))
    found = _Sales(defaultdict(Sums, ever), {}, defaultdict(Sums))
    by_day = defaultdict(Sums, days)
    for key, sums in lately.items():
        found.lately[_Lately(*key)] = sums
    for live, sums in sold(organization, until, None).items():
        found.ever[live.event, live.currency] += sums
        if live.day >= since:
            by_day[live.day, live.currency] += sums
            found.lately[_lately(live)] += sums
    found.days = {since + timedelta(days=number): {} for number in range(DAYS)}
    for (day, currency), sums in sorted(by_day.items()):
        found.days.setdefault(day, {})[currency] = sums
    return found


def _lately(key: Key) -> _Lately:
    return _Lately(key.event, key.ticket_type, key.currency)


def _by[K](rows: Iterable[tuple[Any, Sums]], part: Callable[[Any], K]) -> dict[K, Sums]:
    found: defaultdict[K, Sums] = defaultdict(Sums)
    for key, sums in rows:
        found[part(key)] += sums
    return dict(found)


class _Past(NamedTuple):
    """A part of a day that is over: its sums stay."""

    organization: int
    until: datetime


def _week_before(organization: Organization, now: datetime, today: date) -> Money:
    """Until the same minute by the clocks on the wall, which may have been changed since."""
    zone, day = ZoneInfo(organization.time_zone), today - timedelta(days=7)
    time = now.astimezone(zone).time().replace(second=0, microsecond=0)
    return _sold_until(_Past(organization.pk, datetime.combine(day, time, zone)), organization)


def _sold_on_that_day(past: _Past, organization: Organization) -> Money:
    return sold_between(organization, midnight(past.until.date(), ZoneInfo(organization.time_zone)), past.until)


_sold_until = Kept[_Past, Money](_sold_on_that_day, most=100, times=120)
"""Asked once a minute: what was sold on a day that is long over is the dearest question here."""


def _tickets_since(organization: Organization, since: datetime) -> int:
    rows = Booking.objects.filter(organization=organization, confirmed_at__gte=since)
    return rows.aggregate(tickets=Sum("quantity", default=0))["tickets"]


# --- What is popular ----------------------------------------------------------------------------------


def _best(lately: Mapping[_Lately, Sums]) -> dict[str, tuple[Ranked, ...]]:
    """What sold the most tickets."""
    venues = dict(Event.objects.filter(pk__in={key.event for key in lately}).values_list("pk", "venue"))
    types = {key: sums for key, sums in lately.items() if key.ticket_type is not None}
    return {
        "popular": _ranked(By.EVENT, lately, lambda key: key.event),
        "busy": _ranked(By.VENUE, lately, lambda key: venues[key.event]),
        "types": _ranked(By.TICKET_TYPE, types, lambda key: key.ticket_type),
    }


def _ranked(by: By, lately: Mapping[_Lately, Sums], part: Any) -> tuple[Ranked, ...]:
    money: defaultdict[int, Money] = defaultdict(dict)
    for (key, currency), sums in _by(lately.items(), lambda each: (part(each), each.currency)).items():
        money[key][currency] = sums
    tickets = {key: sum(sums.held for sums in each.values()) for key, each in money.items()}
    first = sorted(tickets, key=lambda key: (-tickets[key], key))[:SHOWN]
    named = labels(by, set(first))
    return tuple(
        Ranked(key, named[key], tickets[key], tuple((unit, each.net) for unit, each in sorted(money[key].items())))
        for key in first
    )


# --- What is to come, and what came in ----------------------------------------------------------------


def _coming(events: QuerySet[Event], places: Mapping[int, Places]) -> Iterator[Coming]:
    for event in events.select_related("venue").order_by("starts_at", "pk")[:NEXT]:
        yield Coming(event.pk, event.title, event.starts_at, event.venue.time_zone, places.get(event.pk, Places()))


def _latest(organization: Organization) -> list[Latest]:
    rows = Booking.objects.filter(organization=organization).order_by("-reserved_at", "-pk")
    columns = ("pk", "code", "status", "customer_name", "event_id", "event__title", "quantity", "total", "currency")
    return [Latest(*row) for row in rows.values_list(*columns, "reserved_at")[:LATEST]]


def _stopped(lately: QuerySet[Booking]) -> dict[str, int]:
    """Where those stopped whose time ran out or who gave up; who chose anew goes on elsewhere."""
    gone = Q(status=Booking.Status.EXPIRED) | Q(status=Booking.Status.CANCELLED, end_reason=Booking.GIVEN_UP)
    payments = Payment.objects.filter(booking=OuterRef("pk"))
    counted = (
        lately.filter(gone, confirmed_at=None, channel=Booking.Channel.WEB)
        .annotate(
            gave=~Q(email=""),
            went=Exists(payments),
            failed=Exists(payments.filter(status=Payment.Status.FAILED)),
        )
        .values_list("gave", "went", "failed")
        .annotate(Count("pk"))
    )
    found = {stop.value: 0 for stop in Stop}
    for gave, went, failed, count in counted:
        found[_stop(gave=gave, went=went, failed=failed).value] += count
    return found


def _stop(*, gave: bool, went: bool, failed: bool) -> Stop:
    if failed:
        return Stop.PAYMENT_FAILED
    if went:
        return Stop.AT_PROVIDER
    return Stop.GAVE_DETAILS if gave else Stop.CHOSE
