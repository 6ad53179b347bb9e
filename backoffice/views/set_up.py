"""Setting an event up, one page for each step; the last checks and publishes."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import InlineAdminFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.roles import Power
from backoffice import set_up
from backoffice.access import needs
from backoffice.admin.levels import LevelInline, RowRefused
from backoffice.queries import steps as looks
from backoffice.views import seating
from backoffice.views.publishing import own_event
from core import clock, codes, idempotency, periods
from core.http import SeeOther
from core.refusals import Refusal
from events.models import Event
from events.queries import plans
from events.services import publishing
from events.services.publishing import Part
from venues.models import Venue

TYPED = "set-up"
"""Under this name the session keeps what was typed while somebody adds the venue."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def begin(request: HttpRequest) -> HttpResponse:
    """Ask what it is, where and when; from then on it is a draft."""
    form_class = set_up.form_for(request, None, set_up.FIRST)
    with timezone.override(set_up.shelf().zone_for(request, None)):
        if request.method == "POST" and "add_venue" in request.POST:
            return _to_a_new_venue(request, form_class)
        form = form_class(request.POST) if request.method == "POST" else form_class(initial=_initial(request))
        key = idempotency.key_in(request.POST.get("key", ""))
        if form.is_bound and form.is_valid():
            try:
                return _made(request, set_up.create(form=form, key=key, by=request.user))
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                key = codes.secret()  # sent once more, it is a form of its own
        return _page(request, None, form, Part.WHAT, key)


def _made(request: HttpRequest, event: Event) -> HttpResponse:
    messages.success(request, _("This is a draft now, which nobody sees. Go on whenever you like."))
    _warn(request, event)
    return SeeOther(looks.following(event, Part.WHAT))


@never_cache
@require_http_methods(["GET", "HEAD"])
@needs(Power.MANAGE_EVENTS)
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far it is, with the way to each step; the button publishes when nothing is missing."""
    event = own_event(request, pk)
    if not set_up.is_open(event):
        return _elsewhere(request, event)
    context = {
        **_frame(request, event, _("Setting up “%(event)s”") % {"event": event}),
        "missing": publishing.missing(event, clock.now()),
    }
    return render(request, "backoffice/setup/overview.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Show one step; save it when asked to, and go on to the next."""
    event = own_event(request, pk)
    if name != Part.LEVELS and name not in set_up.FIELDS:
        raise Http404
    if not set_up.is_open(event):
        return _elsewhere(request, event)
    with timezone.override(event.venue.zone):
        try:
            return _levels(request, event) if name == Part.LEVELS else _fields(request, event, Part(name))
        except set_up.NoDraft as refusal:
            messages.error(request, str(refusal))
            return _elsewhere(request, event)


def _fields(request: HttpRequest, event: Event, part: Part) -> HttpResponse:
    form_class = set_up.form_for(request, event, set_up.FIELDS[part])
    if request.method != "POST":
        return _page(request, event, form_class(instance=event, initial=_typed(request)), part)
    if "add_venue" in request.POST:
        return _to_a_new_venue(request, form_class)
    form = set_up.save(event_id=event.pk, form_class=form_class, data=request.POST, by=request.user)
    if not form.is_valid():
        return _page(request, event, form, part)
    if part in (Part.WHAT, Part.DATES):
        _warn(request, form.instance)
    return _onward(request, event, part)


def _levels(request: HttpRequest, event: Event) -> HttpResponse:
    """The plan and the first level are buttons of their own; the grid is the admin's."""
    act = request.POST.get("act")
    if request.method == "POST" and act in ("use", "drop", "begin"):
        try:
            messages.success(request, _begun(request, event) if act == "begin" else seating.done(request, event))
        except Refusal as refusal:
            messages.error(request, str(refusal))
        return SeeOther(request.path)
    inline = LevelInline(Event, admin.site)
    if request.method != "POST":
        return _grid(request, event, inline, _formset(request, inline)(event))
    try:
        formset = set_up.save_levels(event_id=event.pk, formset_for=_formset(request, inline))
    except RowRefused as refused:
        request.row_refused = refused  # type: ignore[attr-defined]
        formset = _formset(request, inline)(event)
    return _onward(request, event, Part.LEVELS) if formset.is_valid() else _grid(request, event, inline, formset)


def _begun(request: HttpRequest, event: Event) -> str:
    publishing.begin_with_general_admission(event_id=event.pk, by=request.user)
    return _("There is one price level now. Change it as you like, and add others.")


def _formset(request: HttpRequest, inline: LevelInline) -> Callable[[Event], Any]:
    """Return what makes the grid's formset, with what was typed if something was."""
    data = request.POST if request.method == "POST" else None
    return lambda event: inline.get_formset(request, event)(data, instance=event, queryset=inline.get_queryset(request))


def _grid(request: HttpRequest, event: Event, inline: LevelInline, formset: Any) -> HttpResponse:
    levels = InlineAdminFormSet(
        inline,
        formset,
        list(inline.get_fieldsets(request, event)),
        {},
        list(inline.get_readonly_fields(request, event)),
        model_admin=set_up.shelf(),
        has_add_permission=True,
        has_change_permission=True,
        has_delete_permission=True,
        has_view_permission=True,
    )
    context = {
        **_frame(request, event, looks.TITLES[Part.LEVELS], Part.LEVELS),
        "levels": levels,
        "media": levels.media,
        "plans": plans.plans_for(event).exclude(pk=event.plan_id or 0),
        "was_claimed": plans.has_to_stay(event),
        "default_types": publishing.default_types(event),
        "may_begin": event.currency == event.organization.currency and not event.price_levels.exists(),
    }
    bad = formset.is_bound and not formset.is_valid()
    return render(request, "backoffice/setup/levels.html", context, status=422 if bad else 200)


def _page(request: HttpRequest, event: Event | None, form: forms.ModelForm, part: Part, key: str = "") -> HttpResponse:
    title = looks.TITLES[part] if event else _("Set up an event")
    context = {
        **_frame(request, event, title, part),
        "form": form,
        "key": key,
        "asks_venue": part == Part.WHAT,
    }
    return render(request, "backoffice/setup/step.html", context, status=422 if form.errors else 200)


def _frame(request: HttpRequest, event: Event | None, title: Any, part: Part | None = None) -> dict[str, Any]:
    steps = looks.steps(event, clock.now()) if event else []
    return {
        **admin.site.each_context(request),
        "title": title,
        "event": event,
        "part": part,
        "steps": steps,
        "step": next((each for each in steps if each.part == part), None),
        "done": sum(each.state == "done" for each in steps),
        "check": looks.CHECK,
        "titles": looks.TITLES,
    }


def _onward(request: HttpRequest, event: Event, part: Part) -> HttpResponse:
    """Go to the next step, or back to the list of steps if that was asked for."""
    messages.success(request, _("Saved."))
    leaves = "leave" in request.POST
    return SeeOther(reverse("admin:event-set-up", args=[event.pk]) if leaves else looks.following(event, part))


def _elsewhere(request: HttpRequest, event: Event) -> HttpResponse:
    """What is no draft is changed on its own page."""
    return SeeOther(reverse("admin:events_event_change", args=[event.pk]))


def _warn(request: HttpRequest, event: Event) -> None:
    for sentence in looks.met(event):
        messages.warning(request, sentence)


# --- A venue that isn't there yet -----------------------------------------------------------------


def _to_a_new_venue(request: HttpRequest, form_class: type[forms.ModelForm]) -> HttpResponse:
    """Keep what was typed, and ask for the venue; its page leads back here."""
    names = form_class.base_fields
    request.session[TYPED] = {name: request.POST[name] for name in names if name in request.POST}
    return SeeOther(f"{reverse('admin:venues_venue_add')}?{urlencode({'next': request.path})}")


def _typed(request: HttpRequest) -> dict[str, Any]:
    """Return what was typed before the venue was added, once, with the venue."""
    typed = dict(request.session.pop(TYPED, {})) if "venue" in request.GET else {}
    venue = request.GET.get("venue", "")
    house = request.user.workplace.organization  # type: ignore[union-attr]
    key = seating.number_in(venue)
    return typed | ({"venue": key} if Venue.objects.filter(organization=house, pk=key).exists() else {})


def _initial(request: HttpRequest) -> dict[str, Any]:
    """What a new event begins with: the house's currency, its only venue, a chosen day, what was typed before."""
    initial = set_up.shelf().get_changeform_initial_data(request)
    house = request.user.workplace.organization  # type: ignore[union-attr]
    venues = list(Venue.objects.filter(organization=house, active=True).values_list("pk", flat=True)[:2])
    only = {"venue": venues[0]} if len(venues) == 1 else {}
    return {"currency": initial["currency"]} | only | _evening(request.GET.get("day", "")) | _typed(request)


def _evening(day: str) -> dict[str, Any]:
    """A day that was chosen in the calendar, at a usual hour; nothing, if it is none."""
    try:
        begins = timezone.make_aware(datetime.combine(periods.read(day).first, time(20)))
    except ValueError:
        return {}
    return {"starts_at": begins, "ends_at": begins + timedelta(hours=2)}
