"""All series of a house: their dates, which comes next, and how they sell."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Min, Q, QuerySet

from accounts.models import Organization
from core import dates
from events.models import Event, EventSeries
from reports.queries.occupancy import Places, occupancy


@dataclass(frozen=True, slots=True)
class Coming:
    """A date to come that isn't cancelled."""

    pk: int
    starts_at: datetime
    zone: str
    status: str

    @property
    def when(self) -> str:
        """As clocks at its venue show it."""
        return dates.in_zone(self.starts_at, self.zone)

    @property
    def is_draft(self) -> bool:
        """Whether nobody sees it yet."""
        return self.status == Event.Status.DRAFT


@dataclass(frozen=True, slots=True)
class Row:
    """A series; `places` are those of its dates to come that are published."""

    series: EventSeries
    count: int
    next: Coming | None
    coming: int
    places: Places


def all_series(organization: Organization, now: datetime) -> QuerySet[EventSeries]:
    """Return the series of a house: first what comes next, then what is over, by name."""
    comes = Q(events__ends_at__gt=now) & ~Q(events__status=Event.Status.CANCELLED)
    found = EventSeries.objects.filter(organization=organization)
    counted = found.annotate(count=Count("events"), next=Min("events__starts_at", filter=comes))
    return counted.order_by(F("next").asc(nulls_last=True), "name", "pk")


def rows(organization: Organization, series: Sequence[EventSeries], now: datetime) -> list[Row]:
    """Return what is said of these, in a fixed number of questions."""
    events = Event.objects.upcoming(now).filter(series__in=[each.pk for each in series])
    coming: dict[int, list[Coming]] = defaultdict(list)
    names = ("series", "pk", "starts_at", "venue__time_zone", "status")
    for of, pk, starts_at, zone, status in events.exclude(status=Event.Status.CANCELLED).values_list(*names):
        coming[of].append(Coming(pk, starts_at, zone, status))
    sells = events.filter(status=Event.Status.PUBLISHED)
    places = occupancy(organization, sells.order_by())
    return [_row(each, coming[each.pk], places) for each in series]


def _row(series: EventSeries, coming: list[Coming], places: dict[int, Places]) -> Row:
    return Row(
        series=series,
        count=series.count,  # type: ignore[attr-defined] # annotated by all_series()
        next=coming[0] if coming else None,
        coming=len(coming),
        places=sum((places.get(each.pk, Places()) for each in coming), Places()),
    )
