"""The calendar of the back office: drafts too, and how full everything is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Organization
from accounts.roles import Power
from backoffice.access import needs
from backoffice.forms.calendar import CalendarForm
from core import clock, dates, periods
from core.http import wants_only
from core.periods import Period
from events import looks
from events.models import Event
from events.queries import calendar
from reports.queries.occupancy import Places, occupancy

ROOM = {"month": 4, "week": 20, "day": 300}
"""So many events a day; where there are more, they lead to the page of the day."""
ROWS = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """What staff see of an event in a calendar."""

    pk: int
    url: str
    title: str
    venue: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    status: str
    said: str
    places: Places

    @property
    def when(self) -> str:
        """Its day and time, as clocks at its venue show them."""
        return dates.in_zone(self.starts_at, self.zone)


class Look(looks.Look):
    """A look of staff; as a list they see what is to come from some days on."""

    PAGE, LIST_PAGE = "admin:calendar-period", "admin:calendar-list"

    def since(self, today: date) -> date:
        """The day with which a list begins: today, if that is one of these days."""
        return today if self.period.holds(today) else self.period.first


@never_cache
@require_safe
@needs(Power.SEE_EVENTS)
def this_month(request: HttpRequest) -> HttpResponse:
    """The present month."""
    return _answer(request, None)


@never_cache
@require_safe
@needs(Power.SEE_EVENTS)
def period(request: HttpRequest, period: Period) -> HttpResponse:
    """A month or week as a grid, or a day."""
    return _answer(request, Look(period))


@never_cache
@require_safe
@needs(Power.SEE_EVENTS)
def coming(request: HttpRequest, period: Period) -> HttpResponse:
    """What is to come from a month, week or day on, as a list."""
    return _answer(request, Look(period, as_list=True))


def _answer(request: HttpRequest, look: Look | None) -> HttpResponse:
    organization = request.user.workplace.organization  # type: ignore[union-attr]
    now = clock.now()
    today = now.astimezone(ZoneInfo(organization.time_zone)).date()
    look = look or Look(periods.of("month", today))
    form = CalendarForm(organization, request.GET)
    house = Event.objects.without_templates().filter(organization=organization)
    shown = _listed if look.as_list else _laid_out
    context = shown(request, form.found(house, now), look, today)
    chips = form.chips()
    context |= {
        "form": form,
        "chips": chips,
        "hidden": _count(house, look, today) if chips and not context["count"] else 0,
        "query": form.query(),
        "look": look,
        "before": {"look": look.before, "is_in_season": True},
        "after": {"look": look.after, "is_in_season": True},
        "now": look.at(today),
        "looks": [
            (_("Month"), look.of("month", today)),
            (_("Week"), look.of("week", today)),
            (_("List"), Look(look.period, as_list=True)),
        ],
        "may_add": request.user.has_perm(Power.MANAGE_EVENTS.permission),
        "site_title": admin.site.site_title,
    }
    number = context["page"].number if look.as_list else 1
    context |= {"previous": form.page(number - 1), "next": form.page(number + 1)}
    if wants_only(request, "shown"):
        response = render(request, "backoffice/calendar.html#shown", context | {"is_part": True})
        response["HX-Push-Url"] = look.address + form.page(number)
        return response
    return render(request, "backoffice/calendar.html", admin.site.each_context(request) | context)


def _laid_out(request: HttpRequest, events: QuerySet[Event], look: Look, today: date) -> dict[str, Any]:
    """The days as a grid, or one by itself."""
    house, shown = request.user.workplace.organization, look.period  # type: ignore[union-attr]
    on_days = calendar.placed(events, shown.days)
    days = calendar.laid_out(
        on_days, most=ROOM[shown.kind], today=today, home=house.time_zone, drawn=lambda ids: _drawn(house, ids)
    )
    is_grid = shown.kind != "day"
    return {
        "title": look.name,
        "count": len({when.pk for each in on_days.values() for when in each}),
        "days": days,
        "grid": calendar.weeks(days, shown) if is_grid else days,
        "weekdays": [dates.weekday(each) for each in shown.grid()[:7]] if is_grid else [],
    }


def _listed(request: HttpRequest, events: QuerySet[Event], look: Look, today: date) -> dict[str, Any]:
    """A page of what is to come."""
    house, since = request.user.workplace.organization, look.since(today)  # type: ignore[union-attr]
    coming = calendar.not_over(events, since)
    page = Paginator(coming.values_list("pk", flat=True), ROWS).get_page(request.GET.get("page"))
    drawn = {entry.pk: entry for entry in _drawn(house, page)}
    return {
        "title": _("From %(day)s on") % {"day": dates.long_day(since)},
        "count": page.paginator.count,
        "page": page,
        "rows": [drawn[pk] for pk in page if pk in drawn],
    }


def _count(events: QuerySet[Event], look: Look, today: date) -> int:
    """How many there are without any filter."""
    if look.as_list:
        return calendar.not_over(events, look.since(today)).count()
    return len({when.pk for each in calendar.placed(events, look.period.days).values() for when in each})


def _drawn(organization: Organization, ids: Iterable[int]) -> list[Entry]:
    """What is shown of events of a house, in a fixed number of questions."""
    events = Event.objects.filter(pk__in=list(ids))
    places = occupancy(organization, events)
    return [_entry(event, places.get(event.pk, Places())) for event in events.select_related("venue")]


def _entry(event: Event, places: Places) -> Entry:
    return Entry(
        pk=event.pk,
        url=reverse("admin:events_event_change", args=[event.pk]),
        title=event.title,
        venue=event.venue.name,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        zone=event.venue.time_zone,
        status=event.status,
        said=event.get_status_display(),
        places=places,
    )
