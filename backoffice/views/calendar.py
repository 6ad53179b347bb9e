"""The calendar of the back office: drafts too, and how full everything is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Organization
from accounts.roles import Power
from backoffice.access import needs
from core import clock, dates, periods
from core.http import wants_part
from core.periods import Period
from events.models import Event
from events.queries import calendar
from reports.queries.occupancy import Places, occupancy
from venues.models import Venue

ROOM = {"month": 4, "week": 20, "day": 300}
"""So many events a day; where there are more, they lead to the page of the day."""


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


class VenueForm(forms.Form):
    """Where."""

    venue = forms.ModelChoiceField(
        Venue.objects.none(), label=gettext_lazy("venue"), required=False, empty_label=gettext_lazy("Any")
    )

    def __init__(self, organization: Organization, data: Any) -> None:
        super().__init__(data, auto_id="calendar-%s")
        venues = Venue.objects.filter(organization=organization)
        self.fields["venue"].queryset = venues.order_by("name")  # type: ignore[attr-defined]


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
    return _answer(request, period)


def _answer(request: HttpRequest, asked: Period | None) -> HttpResponse:
    organization = request.user.workplace.organization  # type: ignore[union-attr]
    today = clock.now().astimezone(ZoneInfo(organization.time_zone)).date()
    shown = asked or periods.of("month", today)
    form = VenueForm(organization, request.GET)
    events = Event.objects.without_templates().filter(organization=organization)
    if form.is_valid() and form.cleaned_data["venue"]:
        events = events.filter(venue=form.cleaned_data["venue"])
    days = calendar.laid_out(
        calendar.placed(events, shown.days),
        most=ROOM[shown.kind],
        today=today,
        home=organization.time_zone,
        drawn=_drawn(organization),
    )
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    day = today if shown.first <= today <= shown.last else shown.first
    context = {
        "title": shown.name[:1].upper() + shown.name[1:],
        "form": form,
        "query": query,
        "shown": shown,
        "days": days,
        "grid": calendar.weeks(days, shown) if shown.kind != "day" else days,
        "weekdays": [dates.weekday(each) for each in shown.grid()[:7]] if shown.kind != "day" else [],
        "is_empty": not any(each.events for each in days),
        "looks": [(_("Month"), periods.of("month", day)), (_("Week"), periods.of("week", day))],
        "now": periods.of(shown.kind, today),
        "may_add": request.user.has_perm(Power.MANAGE_EVENTS.permission),
    }
    if wants_part(request):
        return render(request, "backoffice/calendar.html#shown", context)
    return render(request, "backoffice/calendar.html", admin.site.each_context(request) | context)


def _drawn(organization: Organization) -> Callable[[Iterable[int]], list[Entry]]:
    """What draws events of a house, in a fixed number of questions."""

    def drawn(ids: Iterable[int]) -> list[Entry]:
        events = Event.objects.filter(pk__in=list(ids))
        places = occupancy(organization, events)
        return [_entry(event, places.get(event.pk, Places())) for event in events.select_related("venue")]

    return drawn


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
