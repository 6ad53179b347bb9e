"""Series: all of them; more dates of one, all its dates together, what is complete published, many changed at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Organization
from accounts.roles import Power
from backoffice import set_up
from backoffice.access import needs
from backoffice.forms.series import DatesForm, PricesForm, ReachForm
from backoffice.queries import series as queries
from backoffice.views.publishing import own_event
from backoffice.views.seating import number_in
from core import clock, codes, dates, idempotency, money
from core.http import SeeOther
from core.refusals import Refusal
from events import recurring
from events.models import Event, EventSeries
from events.queries import clashes
from events.services import publishing
from events.services import series as service
from events.services.changing import times_moved
from events.services.series import Change, Effect

CANDIDATES = 50
"""So many events are offered to begin a series with, or of the same title to be taken into one."""
ROWS = 50
SHARED = [*service.PLAIN, *service.TIMES]


@dataclass(frozen=True, slots=True)
class Planned:
    """A date that was asked for; `why` it can't be, or sentences about what it would meet."""

    moment: datetime
    why: str
    meets: list[str]


# --- All series ------------------------------------------------------------------------------------


@never_cache
@require_safe
@needs(Power.SEE_EVENTS)
def all_series(request: HttpRequest) -> HttpResponse:
    """Show the series of the house; for who may, with the way to a new one."""
    house = request.user.workplace.organization  # type: ignore[union-attr]
    now, may_add = clock.now(), request.user.has_perm(Power.MANAGE_EVENTS.permission)
    page = Paginator(queries.all_series(house, now), ROWS).get_page(request.GET.get("page"))
    context = {
        **admin.site.each_context(request),
        "title": _("Series"),
        "page": page,
        "rows": queries.rows(house, list(page), now),
        "may_add": may_add,
        "beginnings": _beginnings(house, now) if may_add else [],
    }
    return render(request, "backoffice/series/list.html", context)


@never_cache
@require_safe
@needs(Power.MANAGE_EVENTS)
def new_series(request: HttpRequest) -> HttpResponse:
    """Lead on to the dates of the event that was chosen to begin with."""
    event = own_event(request, number_in(request.GET.get("event")))
    return redirect("admin:more-dates", event.pk)


def _beginnings(house: Organization, now: datetime) -> list[Event]:
    """The next events that a series can begin with."""
    alone = Event.objects.without_templates().filter(organization=house, series=None)
    return list(alone.exclude(status=Event.Status.CANCELLED).upcoming(now).select_related("venue")[:CANDIDATES])


# --- More dates ------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def more_dates(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for dates, show them with what they would meet, and make the drafts when that was seen."""
    event = own_event(request, pk)
    zone = event.venue.zone
    with timezone.override(zone):
        first = {"name": event.title, "at": event.starts_at.astimezone(zone).time().replace(second=0, microsecond=0)}
        form = DatesForm(event, request.POST if request.method == "POST" else None, initial=first)
        planned = _planned(event, form.cleaned_data["starts"]) if form.is_valid() else []
        good = [each.moment for each in planned if not each.why]
        if good and request.POST.get("act") == "make":
            return _made(request, event, form, good)
        if planned and not good and event.series and request.POST.get("act") == "make":  # sent twice
            return SeeOther(reverse("admin:series", args=[event.series.pk]))
        context = {
            **admin.site.each_context(request),
            "title": _("More dates of “%(event)s”") % {"event": event},
            "event": event,
            "form": form,
            "planned": planned,
            "good": good,
            "key": codes.secret(),
        }
        return render(request, "backoffice/series/dates.html", context, status=422 if form.errors else 200)


def _planned(event: Event, starts: list[datetime]) -> list[Planned]:
    """Look at each date: what is over, doesn't exist or is there already is left out."""
    there = set()
    if event.series:
        there = set(event.series.events.values_list("starts_at", flat=True))
    now, zone = clock.now(), event.venue.zone
    found = []
    for local in starts:
        moment = local.replace(tzinfo=zone)
        why = ""
        if not recurring.is_on_the_clock(local, zone):
            why = _("Clocks pass over this time: they are put forward.")
        elif moment <= now:
            why = _("It is over already.")
        elif moment in there or moment == event.starts_at:
            why = _("There is such a date already.")
        met = [] if why else clashes.met(event, times_moved(event, moment), most=3, as_another_date=True)
        found.append(Planned(moment, why, met))
    return found


def _made(request: HttpRequest, event: Event, form: DatesForm, starts: list[datetime]) -> HttpResponse:
    try:
        series = service.add_dates(
            event_id=event.pk,
            starts=starts,
            name=form.called,
            key=idempotency.key_in(request.POST.get("key", "")),
            with_holds=form.cleaned_data.get("with_holds", False),
            with_pictures=form.cleaned_data["with_pictures"],
            by=request.user,
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return SeeOther(request.path)
    count = len(starts)
    said = ngettext("%(count)s draft is made.", "%(count)s drafts are made.", count)
    messages.success(request, said % {"count": count})
    return SeeOther(reverse("admin:series", args=[series.pk]))


# --- All dates -------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SEE_EVENTS, to_change=Power.MANAGE_EVENTS)
def series(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the dates with status and sales; publish what is complete, take one out or in."""
    found = own_series(request, pk)
    if request.method == "POST":
        try:
            _act(request, found)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        there = EventSeries.objects.filter(pk=found.pk).exists()
        return SeeOther(request.path if there else reverse("admin:events_event_changelist"))
    dates_ = found.events.select_related("venue", "organization").order_by("starts_at", "pk")
    rows = list(dates_.prefetch_related("price_levels__prices__ticket_type"))
    shelf = set_up.shelf()
    shelf.add_figures(rows)
    now = clock.now()
    context = {
        **admin.site.each_context(request),
        "title": _("Series “%(series)s”") % {"series": found},
        "series": found,
        "rows": [(row, shelf.sold(row), _missing(row, now)) for row in rows],
        "drafts": sum(row.status == Event.Status.DRAFT for row in rows),
        "candidates": _candidates(found, rows),
    }
    return render(request, "backoffice/series/series.html", context)


def own_series(request: HttpRequest, pk: int) -> EventSeries:
    """Return a series of the organization that the user works for; 404 for any other."""
    house = request.user.workplace.organization  # type: ignore[union-attr]
    return get_object_or_404(EventSeries.objects.filter(organization=house), pk=pk)


def _act(request: HttpRequest, found: EventSeries) -> None:
    match request.POST.get("act"):
        case "publish":
            _publish(request, found)
        case "leave":
            chosen = get_object_or_404(Event, pk=number_in(request.POST.get("event")), series=found)
            service.leave(event_id=chosen.pk, by=request.user)
            messages.success(request, _("“%(event)s” is by itself now.") % {"event": chosen})
        case "join":
            chosen = own_event(request, number_in(request.POST.get("event")))
            service.join(event_id=chosen.pk, series_id=found.pk, by=request.user)
            messages.success(request, _("“%(event)s” is in the series now.") % {"event": chosen})
        case _:
            raise Refusal(_("Please choose what to do."))


def _publish(request: HttpRequest, found: EventSeries) -> None:
    published, refused = service.publish_complete(series_id=found.pk, by=request.user)
    if published:
        count = len(published)
        said = ngettext("%(count)s date is published.", "%(count)s dates are published.", count)
        messages.success(request, said % {"count": count})
    for event, why in refused.items():
        facts = {"when": dates.in_zone(event.starts_at, event.venue.time_zone), "why": why}
        messages.warning(request, _("%(when)s stays a draft: %(why)s") % facts)


def _missing(event: Event, now: datetime) -> list[str]:
    return publishing.missing(event, now, list(event.price_levels.all())) if event.status == Event.Status.DRAFT else []


def _candidates(found: EventSeries, rows: list[Event]) -> Any:
    alike = Event.objects.without_templates().filter(organization=found.organization_id, series=None)
    titles = {row.title for row in rows}
    return alike.filter(title__in=titles).select_related("venue").order_by("-starts_at", "-pk")[:CANDIDATES]


# --- One, this and following, or all ---------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what is to be another way, show on which dates what changes, and change it when that was seen."""
    event = own_event(request, pk)
    if event.series is None:
        raise Http404
    data = request.POST if request.method == "POST" else None
    with timezone.override(event.venue.zone):
        asked = set_up.form_for(request, event, SHARED)(data, instance=own_event(request, pk))
        prices, reach = PricesForm(event, data), ReachForm(data)
        forms_ = [reach, asked, prices]
        effects: list[Effect] = []
        if data is not None and not any([form.errors for form in forms_]):  # noqa: C419 - each says what is wrong
            change = Change({name: asked.cleaned_data[name] for name in asked.changed_data}, prices.changed)
            chosen = {"event_id": event.pk, "reach": reach.cleaned_data["reach"], "change": change}
            try:
                if request.POST.get("act") == "apply":
                    return _applied(request, event, chosen)
                effects = service.preview(**chosen)
            except Refusal as refusal:
                messages.error(request, str(refusal))
                return SeeOther(request.path)
        return _edit_page(request, event, forms_, effects)


def _applied(request: HttpRequest, event: Event, chosen: dict[str, Any]) -> HttpResponse:
    done = service.edit(**chosen, seen=request.POST.get("seen", ""), by=request.user)
    count = sum(effect.is_change for effect in done)
    said = ngettext("%(count)s date is changed.", "%(count)s dates are changed.", count)
    messages.success(request, said % {"count": count})
    return SeeOther(reverse("admin:series", args=[event.series_id]))


def _edit_page(request: HttpRequest, event: Event, forms_: list[forms.BaseForm], effects: list[Effect]) -> HttpResponse:
    reach, asked, prices = forms_
    wrong = any(form.errors for form in forms_)
    context = {
        **admin.site.each_context(request),
        "title": _("Change dates of “%(series)s”") % {"series": event.series},
        "event": event,
        "series": event.series,
        "reach": reach,
        "form": asked,
        "prices": prices,
        "wrong": wrong,
        "previewed": asked.is_bound and not wrong,
        "effects": [(effect, _lines(effect, asked)) for effect in effects],
        "count": sum(effect.is_change for effect in effects),
        "seen": service.digest(effects),
    }
    return render(request, "backoffice/series/edit.html", context, status=422 if wrong else 200)


def _lines(effect: Effect, form: forms.BaseForm) -> list[tuple[str, str, str]]:
    """Return what, the old and the new value of each change, in words."""
    event = effect.event
    lines = [
        (str(form.fields[name].label), _said(event, name, old), _said(event, name, new))
        for name, (old, new) in effect.fields.items()
    ]
    names = service.type_names(type_id for _level, type_id in effect.prices)
    for (level, type_id), (old, new) in effect.prices.items():
        lines.append((f"{level}, {names[type_id]}", _amount(event, old), _amount(event, new)))
    return lines


def _amount(event: Event, amount: int | None) -> str:
    return _("not sold") if amount is None else money.formatted(amount, event.currency)


def _said(event: Event, name: str, value: Any) -> str:
    if value in (None, ""):
        return "–"
    if isinstance(value, datetime):
        return dates.in_zone(value, event.venue.time_zone)
    return str(Event.Type(value).label) if name == "type" else str(value)
