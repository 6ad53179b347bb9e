"""The season as a calendar: a month, a week, a day, or a month as a list."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import clock, dates, periods
from core.briefly import public_page
from core.calendars import subscription
from core.http import wants_only
from core.periods import Period
from events import looks
from events.forms.search import SearchForm
from events.models import Event
from events.queries import calendar
from events.queries.discovery import choices, found

ROOM = {"month": 3, "week": 8, "day": 300}
ROOM_IN_LIST = 12
"""So many events a day; where there are more, they lead to the page of the day."""


class Look(looks.Look):
    """A look of visitors; as a list they see a month by its days."""

    PAGE, LIST_PAGE = "events:period", "events:month-list"

    @property
    def room(self) -> int:
        """How many events a day."""
        return ROOM_IN_LIST if self.as_list else ROOM[self.period.kind]


@require_safe
@public_page
def this_month(request: HttpRequest) -> HttpResponse:
    """The present month; with `at`, which filters send, the way to the days that it names."""
    look = _meant(request.GET.get("at", ""))
    if look is None or wants_only(request, "results"):
        return _answer(request, look)
    form = SearchForm(request.GET, choices(clock.now()))
    form.is_valid()
    return HttpResponseRedirect(look.address + form.query())


@require_safe
@public_page
def period(request: HttpRequest, period: Period) -> HttpResponse:
    """A month or week as a grid, or a day."""
    return _answer(request, Look(period))


@require_safe
@public_page
def month_list(request: HttpRequest, period: Period) -> HttpResponse:
    """A month as a list of its days."""
    return _answer(request, Look(period, as_list=True))


def _meant(sent: str) -> Look | None:
    try:
        look = Look(periods.read(sent.removeprefix(looks.LIST)), sent.startswith(looks.LIST))
    except ValueError:
        return None
    return look if look.period.kind == "month" or not look.as_list else None


def _answer(request: HttpRequest, look: Look | None) -> HttpResponse:
    """The calendar as far as it fits what is asked for; for htmx the results alone."""
    now = clock.now()
    offered = choices(now)
    home = offered.zones[0] if offered.zones else settings.TIME_ZONE
    today = now.astimezone(ZoneInfo(home)).date()
    look = look or Look(periods.of("month", today))
    form = SearchForm(request.GET, offered)
    events = found(Event.objects.public(), form.search(), now, zones=offered.zones)
    on_days = calendar.placed(events, look.period.days)
    days = calendar.laid_out(on_days, most=look.room, today=today, home=home, drawn=calendar.entries)
    query = form.query()
    context = {
        "form": form,
        "chips": form.chips(),
        "query": query,
        "look": look,
        "days": days,
        "grid": None if look.as_list or look.period.kind == "day" else calendar.weeks(days, look.period),
        "weekdays": [dates.weekday(day) for day in look.period.grid()[:7]],
        "count": len({when.pk for each in on_days.values() for when in each}),
        "nearest": None if any(on_days.values()) else _nearest(events, look),
        "part": wants_only(request, "results"),
        **_ways(look, today),
        **_subscription(form),
    }
    part = "#results" if context["part"] else ""
    response = render(request, f"events/calendar.html{part}", context, status=400 if form.errors else 200)
    if part:
        response["HX-Push-Url"] = look.address + query
    return response


@dataclass(frozen=True, slots=True)
class Beside:
    """The calendar before or after; search engines are led no further than the season goes."""

    look: Look | None
    is_in_season: bool


def _ways(look: Look, today: date) -> dict[str, Any]:
    """Where one can go from here."""
    season, here = calendar.season(), look.period
    month = look.of("month", today)
    before, after = (Beside(each, season.reaches(each.period if each else None)) for each in (look.before, look.after))
    return {
        "before": before,
        "after": after,
        "now": look.at(today),
        "looks": [
            (_("Month"), month),
            (_("Week"), look.of("week", today)),
            (_("List"), Look(month.period, as_list=True)),
        ],
        "canonical": Look(here).address,
        "is_in_season": season.reaches(here),
        "is_main": here.kind == "month" and not look.as_list,
    }


@dataclass(frozen=True, slots=True)
class Nearest:
    """What comes next, or was last, and where it stands: for who finds nothing."""

    entry: calendar.Entry
    look: Look
    is_later: bool


def _nearest(events: Any, look: Look) -> Nearest | None:
    when = calendar.nearest(events, look.period)
    entry = next(iter(calendar.entries([when.pk])), None) if when else None
    return Nearest(entry, look.at(when.first), when.first > look.period.last) if when and entry else None


def _subscription(form: SearchForm) -> dict[str, str]:
    """Where calendar programs find the same: of the venue, category and city that are asked for, or all."""
    given = {name: form.cleaned_data.get(name) for name in ("category", "city")}
    wanted = {name: value for name, value in given.items() if value}
    venue = next((each.value for each in form.choices.venues if each.value == form.cleaned_data.get("venue")), None)
    path = reverse("events:venue-calendar", args=[venue]) if venue else reverse("events:season-calendar")
    file = f"{path}?{urlencode(wanted)}" if wanted else path
    return {"file": file, "webcal": subscription(file)}
