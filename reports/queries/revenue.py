"""Revenue by whatever is asked for: sums of the days that are closed, and the rows themselves of those that aren't."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organization
from bookings.gateways import provider_name
from bookings.models import Payment
from events.models import Category, Event, TicketType
from reports.models import Closing, DailySales
from reports.periods import Days
from reports.queries.facts import FIGURES, Key, Sums, sold
from venues.models import Venue


class By(models.TextChoices):
    """What revenue is added up by."""

    DAY = "day", gettext_lazy("day")
    WEEK = "week", gettext_lazy("week")
    MONTH = "month", gettext_lazy("month")
    QUARTER = "quarter", gettext_lazy("quarter")
    YEAR = "year", gettext_lazy("year")
    EVENT = "event", gettext_lazy("event")
    VENUE = "venue", gettext_lazy("venue")
    CATEGORY = "category", gettext_lazy("category")
    TICKET_TYPE = "ticket_type", gettext_lazy("ticket type")
    ORGANIZER = "organizer", gettext_lazy("organizer")
    PROVIDER = "provider", gettext_lazy("provider")

    @property
    def is_period(self) -> bool:
        """Whether its rows follow one another in time."""
        return self in _PERIODS


@dataclass(frozen=True, slots=True)
class Only:
    """What alone is looked at: the days, both included, by the organization's clocks; none means whatever."""

    first: date | None = None
    last: date | None = None
    event: int | None = None
    venue: int | None = None
    category: int | None = None
    ticket_type: int | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The sums of one group in one currency; `key` is a row's number, a provider, or the first day of a period."""

    key: Any
    label: str
    currency: str
    sums: Sums


class _Group(NamedTuple):
    key: Any
    currency: str


def revenue(organizations: Iterable[Organization], by: By, only: Only | None = None) -> list[Row]:
    """
    Return what organizations sold and took back, a row for each group and currency: periods in their order, all else
    by what is left of the money, the most first. All rows of a currency add up to the same, whatever they are by.
    """
    chosen = only or Only()
    found: defaultdict[_Group, Sums] = defaultdict(Sums)
    for organization in organizations:
        for group, sums in _grouped(organization, by, chosen):
            found[group] += sums
    named = labels(by, {group.key for group in found})
    rows = [Row(group.key, named[group.key], group.currency, sums) for group, sums in found.items()]
    if by.is_period:
        return sorted(rows, key=lambda row: (row.key, row.currency))
    return sorted(rows, key=lambda row: (row.currency, -row.sums.net, row.label, str(row.key)))


def totals(organizations: Iterable[Organization], only: Only | None = None) -> dict[str, Sums]:
    """Return all sums together, for each currency."""
    found: defaultdict[str, Sums] = defaultdict(Sums)
    for row in revenue(organizations, By.ORGANIZER, only):
        found[row.currency] += row.sums
    return dict(found)


def of_events(organization: Organization, events: QuerySet[Event], figures: Sequence[str] = FIGURES) -> dict[int, Sums]:
    """
    Return what was sold and taken back of each of these events, in its currency, in a fixed number of questions. Who
    wants some figures only gets those of closed days, which is faster.
    """
    until = closed_until(organization)
    rows = DailySales.objects.filter(event__in=events, day__lt=until) if until else DailySales.objects.none()
    added = rows.order_by().values_list("event").annotate(**{f"sum_{name}": Sum(name) for name in figures})
    found = {pk: Sums(**dict(zip(figures, sums, strict=True))) for pk, *sums in added}
    for key, sums in sold(organization, until, None).items():
        found[key.event] = found.get(key.event, Sums()) + sums
    return found


def net(organization: Organization, days: Days) -> dict[str, int]:
    """Return what is left of the money of these days, for each currency."""
    until = closed_until(organization)
    found: defaultdict[str, int] = defaultdict(int)
    if until:
        rows = _closed(organization, days.first, days.last, until).order_by().values_list("currency")
        for currency, gross, credited in rows.annotate(gross=Sum("gross"), credited=Sum("credited")):
            found[currency] += gross - credited
    for key, sums in _open(organization, days.first, days.last, until).items():
        found[key.currency] += sums.net
    return dict(found)


def closed_until(organization: Organization) -> date | None:
    """Return the first day whose sums aren't kept: from then on they are added up anew."""
    closing = Closing.objects.filter(pk=organization.pk, time_zone=organization.time_zone).first()
    return closing.until if closing else None


def _grouped(organization: Organization, by: By, only: Only) -> Iterator[tuple[_Group, Sums]]:
    until = closed_until(organization)
    if until:
        yield from _kept(organization, by, only, until)
    yield from _live(organization, by, only, until)


# --- Days that are closed -----------------------------------------------------------------------------

_PATHS = {
    By.EVENT: "event_id",
    By.VENUE: "event__venue_id",
    By.CATEGORY: "event__category_id",
    By.TICKET_TYPE: "ticket_type_id",
    By.ORGANIZER: "organization_id",
    By.PROVIDER: "provider",
}


def _kept(organization: Organization, by: By, only: Only, until: date) -> Iterator[tuple[_Group, Sums]]:
    rows = _closed(organization, only.first, only.last, until)
    added = {f"sum_{name}": Sum(name) for name in FIGURES}
    path = _PATHS.get(by, "day")
    for key, currency, *figures in _narrowed(rows, only).values_list(path, "currency").annotate(**added):
        yield _Group(_PERIODS[by](key) if by in _PERIODS else key, currency), Sums(*figures)


def _closed(organization: Organization, first: date | None, last: date | None, until: date) -> QuerySet[DailySales]:
    end = min(last, until - timedelta(days=1)) if last else until - timedelta(days=1)
    return DailySales.objects.filter(organization=organization, day__range=(first or date.min, end))


def _narrowed(rows: QuerySet, only: Only) -> QuerySet:
    wanted = Q()
    for field, value in _wanted(only).items():
        wanted &= Q(**{field: value})
    return rows.filter(wanted).order_by()


def _wanted(only: Only) -> Mapping[str, Any]:
    asked = {
        "event_id": only.event,
        "event__venue_id": only.venue,
        "event__category_id": only.category,
        "ticket_type_id": only.ticket_type,
        "provider": only.provider,
    }
    return {field: value for field, value in asked.items() if value is not None}


# --- Days that aren't ---------------------------------------------------------------------------------


def _open(organization: Organization, first: date | None, last: date | None, until: date | None) -> dict[Key, Sums]:
    begin = max((day for day in (until, first) if day), default=None)
    return {} if begin and last and begin > last else sold(organization, begin, last)


def _live(organization: Organization, by: By, only: Only, until: date | None) -> Iterator[tuple[_Group, Sums]]:
    found = _open(organization, only.first, only.last, until)
    events = Event.objects.in_bulk({key.event for key in found}) if found else {}
    for key, sums in found.items():
        event = events[key.event]
        if _is_wanted(key, event, only):
            yield _Group(_group_of(by, key, event), key.currency), sums


def _is_wanted(key: Key, event: Event, only: Only) -> bool:
    has = {
        "event_id": key.event,
        "event__venue_id": event.venue_id,
        "event__category_id": event.category_id,
        "ticket_type_id": key.ticket_type,
        "provider": key.provider,
    }
    return all(has[field] == value for field, value in _wanted(only).items())


def _group_of(by: By, key: Key, event: Event) -> Any:
    if by in _PERIODS:
        return _PERIODS[by](key.day)
    return {
        By.EVENT: key.event,
        By.VENUE: event.venue_id,
        By.CATEGORY: event.category_id,
        By.TICKET_TYPE: key.ticket_type,
        By.ORGANIZER: event.organization_id,
        By.PROVIDER: key.provider,
    }[by]


# --- Groups and what they are called ------------------------------------------------------------------

_PERIODS: dict[By, Callable[[date], date]] = {
    By.DAY: lambda day: day,
    By.WEEK: lambda day: day - timedelta(days=day.weekday()),
    By.MONTH: lambda day: day.replace(day=1),
    By.QUARTER: lambda day: day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1),
    By.YEAR: lambda day: day.replace(day=1, month=1),
}
"""The first day of the period in which a day is; weeks begin on Monday."""


def labels(by: By, keys: set[Any]) -> Mapping[Any, str]:
    """Return what these rows are called, by which revenue is added up."""
    if by in _PERIODS:
        return {key: period_name(by, key) for key in keys}
    if by == By.PROVIDER:
        return {key: way_to_pay(key) for key in keys}
    if by == By.EVENT:
        return {pk: event.dated for pk, event in Event.objects.select_related("venue").in_bulk(keys).items()}
    model, none = _NAMED[by]
    named = model._default_manager.in_bulk({key for key in keys if key is not None})
    return {key: str(named[key]) if key is not None else str(none) for key in keys}


def way_to_pay(provider: str) -> str:
    """How something was paid, in words."""
    by_hand = {"": _("free of charge"), Payment.EXCHANGE: _("exchange of tickets")} | dict(Payment.ByHand.choices)
    return str(by_hand.get(provider) or provider_name(provider))


_NAMED: dict[By, tuple[type[models.Model], Any]] = {
    By.VENUE: (Venue, ""),
    By.CATEGORY: (Category, gettext_lazy("without a category")),
    By.TICKET_TYPE: (TicketType, gettext_lazy("of whole bookings")),
    By.ORGANIZER: (Organization, ""),
}


def periods(by: By, first: date, last: date) -> list[date]:
    """Return the first day of each period between two days, also of those in which nothing was sold."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return sorted({_PERIODS[by](day) for day in days})


def period_name(by: By, first: date) -> str:
    """Return what a period is called that begins on a day: sortable, and the same in all languages."""
    match by:
        case By.WEEK:
            year, week, _day = first.isocalendar()
            return f"{year}-W{week:02}"
        case By.MONTH:
            return f"{first:%Y-%m}"
        case By.QUARTER:
            return f"{first.year}-Q{(first.month - 1) // 3 + 1}"
        case By.YEAR:
            return str(first.year)
    return first.isoformat()
