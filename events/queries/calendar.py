"""The season by days: which events stand on which, each on the local days of its venue, and what is left of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import clock, dates
from core.briefly import Kept, KeptEach
from core.periods import Period
from events.models import Event
from events.queries.availability import FEW
from events.queries.listing import SaleState, sale_state, with_left
from venues.models import Venue

FARTHEST = timedelta(hours=14)
"""No zone's clocks are further from UTC."""
_INSTANT = timedelta(microseconds=1)
DATES = 60
"""So many dates of a series are offered, the next ones."""


class When(NamedTuple):
    """An event's moments, and the zone of its venue."""

    pk: int
    starts_at: datetime
    ends_at: datetime
    zone: str

    @property
    def first(self) -> date:
        """The day on which it begins there."""
        return self.starts_at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def last(self) -> date:
        """The day on which it ends there; what ends at midnight isn't on the next day."""
        return (self.ends_at - _INSTANT).astimezone(ZoneInfo(self.zone)).date()


class Shown(Protocol):
    """What a calendar says of an event; each calendar adds its own."""

    @property
    def pk(self) -> int: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def zone(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """What visitors see of an event in a calendar."""

    pk: int
    url: str
    title: str
    venue: str
    city: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    state: SaleState
    is_moved: bool

    @property
    def short(self) -> str:
        """Its state where there is little room."""
        words = {"not-yet": _("Not yet on sale"), "cancelled": _("Cancelled"), "closed": _("Sales ended")}
        return words.get(self.state.name, self.state.text)


@dataclass(frozen=True, slots=True)
class OnDay[E: Shown]:
    """An event on one of its days: `time` says when it begins, or that it goes on; `begins` tells them apart."""

    event: E
    begins: bool
    time: str


@dataclass(frozen=True, slots=True)
class Day[E: Shown]:
    """A day of a calendar: what is shown on it, and how many more there are."""

    date: date
    events: Sequence[OnDay[E]]
    more: int
    is_today: bool
    is_outside: bool = False

    @property
    def name(self) -> str:
        """Thursday, 24 December 2026."""
        return dates.long_day(self.date)


def placed(events: QuerySet[Event], days: Sequence[date]) -> dict[date, list[When]]:
    """Return what is on each of these days, which follow one another: first what begins, then what goes on."""
    since, until = (datetime.combine(day, time(), ZoneInfo("UTC")) for day in (days[0], days[-1] + timedelta(days=1)))
    rows = events.filter(starts_at__lt=until + FARTHEST, ends_at__gt=since - FARTHEST).order_by("starts_at", "pk")
    found: dict[date, list[When]] = {day: [] for day in days}
    for when in (When(*row) for row in rows.values_list("pk", "starts_at", "ends_at", "venue__time_zone")):
        first, last = max(when.first, days[0]), min(when.last, days[-1])
        for number in range((last - first).days + 1):
            found[first + timedelta(days=number)].append(when)
    return {day: sorted(on_day, key=lambda when: when.first != day) for day, on_day in found.items()}


def not_over(events: QuerySet[Event], day: date) -> QuerySet[Event]:
    """Return what of them ends after a day begins at its venue, soonest first."""
    zones = Venue.objects.filter(events__in=events.order_by()).values_list("time_zone", flat=True).distinct()
    ends = (Q(venue__time_zone=zone, ends_at__gt=datetime.combine(day, time(), ZoneInfo(zone))) for zone in zones)
    return events.filter(reduce(or_, ends, Q(pk__in=[]))).order_by("starts_at", "pk")


def laid_out[E: Shown](
    on_days: Mapping[date, Sequence[When]],
    *,
    most: int,
    today: date,
    home: str,
    drawn: Callable[[Iterable[int]], Sequence[E]],
) -> list[Day[E]]:
    """
    Return the days of a calendar with at most so many events each; one more is shown rather than counted.

    `home` is the zone whose label needn't be said; `drawn` returns what to show of events.
    """
    room = {day: most + (len(found) == most + 1) for day, found in on_days.items()}
    wanted = {when.pk for day, found in on_days.items() for when in found[: room[day]]}
    shown = {each.pk: each for each in drawn(sorted(wanted))}
    return [
        Day(
            date=day,
            events=[_on_day(shown[when.pk], when, day, home) for when in found[: room[day]] if when.pk in shown],
            more=max(0, len(found) - room[day]),
            is_today=day == today,
        )
        for day, found in on_days.items()
    ]


def _on_day[E: Shown](event: E, when: When, day: date, home: str) -> OnDay[E]:
    if when.first < day < when.last:
        return OnDay(event, False, _("all day"))
    begins = day == when.first
    moment = when.starts_at if begins else when.ends_at
    local, here = (moment.astimezone(ZoneInfo(zone)) for zone in (when.zone, home))
    said = dates.clock_time(local) if begins else _("until %(time)s") % {"time": dates.clock_time(local)}
    if local.utcoffset() != here.utcoffset():
        said = f"{said} ({dates.zone_label(local)})"
    return OnDay(event, begins, said)


def weeks[E: Shown](days: Sequence[Day[E]], period: Period) -> list[Day[E]]:
    """Return the days of a period as a grid of whole weeks: those outside of it stand there for their place alone."""
    inside = {day.date: day for day in days}
    return [inside.get(day) or Day(day, [], 0, is_today=False, is_outside=True) for day in period.grid()]


def entries(events: Iterable[int]) -> list[Entry]:
    """Return what visitors see of these events (by id), at most some seconds old; also of what is over."""
    language = get_language()
    return _recent_entries.of((pk, language) for pk in events)


def _entries(keys: list[tuple[int, str | None]]) -> dict[tuple[int, str | None], Entry]:
    now = clock.now()
    events = with_left(Event.objects.public().filter(pk__in=[pk for pk, _language in keys]), now)
    return {(event.pk, keys[0][1]): _entry(event, now) for event in events.select_related("venue")}


_recent_entries = KeptEach[tuple[int, str | None], Entry](_entries, most=2_000, times=5)


def _entry(event: Event, now: datetime) -> Entry:
    left = event.left  # type: ignore[attr-defined] # annotated by with_left()
    return Entry(
        pk=event.pk,
        url=event.get_absolute_url(),
        title=event.title,
        venue=event.venue.name,
        city=event.venue.city,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        zone=event.venue.time_zone,
        state=sale_state(event, now, is_sold_out=not left, is_few=left <= FEW),
        is_moved=event.is_moved,
    )


def dates_of_series(event: Event) -> list[Entry]:
    """Return the dates to come of an event's series, its own among them, soonest first; none if there is no other."""
    if event.series_id is None:
        return []
    coming = Event.objects.public().upcoming(clock.now()).filter(series=event.series_id)
    ids = list(coming.filter(Q(status=Event.Status.PUBLISHED) | Q(pk=event.pk)).values_list("pk", flat=True)[:DATES])
    if not set(ids) - {event.pk}:
        return []
    found = {each.pk: each for each in entries(ids)}
    return [found[pk] for pk in ids if pk in found]


def nearest(events: QuerySet[Event], period: Period) -> When | None:
    """Return the first event after a period, or else the last one before it, for who finds nothing in it."""
    rows = events.values_list("pk", "starts_at", "ends_at", "venue__time_zone")
    middle = datetime.combine(period.first, time(), ZoneInfo("UTC"))
    found = rows.filter(starts_at__gt=middle).order_by("starts_at", "pk").first()
    found = found or rows.filter(starts_at__lte=middle).order_by("-starts_at", "-pk").first()
    return When(*found) if found else None


class Season(NamedTuple):
    """When the first event begins and the last one ends, of all that there ever were; None where there is none."""

    begins: datetime | None
    ends: datetime | None

    def reaches(self, period: Period | None) -> bool:
        """Whether it lies at least in part in a period."""
        if period is None or self.begins is None or self.ends is None:
            return False
        return self.begins.date() <= period.last and period.first <= self.ends.date()


def _season(_key: None) -> Season:
    found = Event.objects.public().aggregate(begins=Min("starts_at"), ends=Max("ends_at"))
    return Season(**found)


_recent_season = Kept[None, Season](_season, times=10)


def season() -> Season:
    """Return how far calendars go, at most some seconds old."""
    return _recent_season(None)
