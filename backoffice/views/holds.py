"""Holds of an event: for whom places are kept back, why, until when, and giving them back."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.roles import Power
from backoffice.access import needs
from backoffice.forms.seats import ChangeHoldForm, StandingForm, selected
from backoffice.queries import seats as looks
from backoffice.views.publishing import own_event
from core.http import SeeOther
from core.ranges import compact
from core.refusals import Refusal
from events.models import Event, EventSeat, Hold
from events.queries.acts import NoSuchPlace, Report
from events.services import holds as service


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SEE_EVENTS, to_change=Power.MANAGE_EVENTS)
def holds(request: HttpRequest, pk: int) -> HttpResponse:
    """List them; a POST keeps standing places back. Seats are chosen on the map or in the list."""
    event = own_event(request, pk)
    with timezone.override(event.venue.zone):
        form = StandingForm(event, request.POST if request.method == "POST" else None)
        refused: Refusal | None = None
        if form.is_valid():
            try:
                facts = dict(form.cleaned_data)
                level = facts.pop("level")
                made = service.create_standing(event_id=event.pk, level_id=level, by=request.user, **facts)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                refused = refusal
            else:
                messages.success(request, _("Held for %(hold)s.") % {"hold": made})
                return SeeOther(request.path)
        context = {
            **admin.site.each_context(request),
            "title": _("Holds of “%(event)s”") % {"event": event},
            "event": event,
            "here": "holds",
            "holds": looks.holds_of(event),
            "form": form,
            "may_stand": event.price_levels.filter(numbered=False).exists(),
        }
        status = refused.status if refused else 422 if form.errors else 200
        return render(request, "backoffice/seats/holds.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SEE_EVENTS)
def hold(request: HttpRequest, pk: int, hold_pk: int) -> HttpResponse:
    """Show what a hold keeps; release some or all of it, or change its end or reason."""
    sells = request.method == "POST" and request.POST.get("act") == "sell"
    wanted = Power.SEE_EVENTS if request.method != "POST" else Power.SELL if sells else Power.MANAGE_EVENTS
    if not request.user.has_perm(wanted.permission):
        raise PermissionDenied
    event = own_event(request, pk)
    found = get_object_or_404(Hold.objects.filter(event=event).select_related("by"), pk=hold_pk)
    with timezone.override(event.venue.zone):
        form = ChangeHoldForm(event, _sent(request, "change"), hold=found)
        if request.method != "POST":
            return _page(request, event, found, form)
        try:
            if sells:
                return SeeOther(_sale(request, event, found))
            if not _done(request, event, found, form):
                return _page(request, event, found, form, status=422)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        return SeeOther(reverse("admin:hold", args=[event.pk, found.pk]))


def _sent(request: HttpRequest, act: str) -> Any:
    return request.POST if request.method == "POST" and request.POST.get("act") == act else None


def _done(request: HttpRequest, event: Event, found: Hold, form: ChangeHoldForm) -> bool:
    """Do what the button says; False when the form says why not."""
    match request.POST.get("act"):
        case "release":
            chosen = _chosen(request, event, found)
            _tell(request, service.release(hold_id=found.pk, place_ids=chosen, by=request.user))
        case "release_all":
            _tell(request, service.release(hold_id=found.pk, by=request.user))
        case "change":
            if not form.is_valid():
                return False
            service.change(hold_id=found.pk, by=request.user, **form.cleaned_data)
            messages.success(request, _("The hold is changed."))
        case _:
            raise Refusal(_("Please choose what to do."))
    return True


def _chosen(request: HttpRequest, event: Event, found: Hold) -> list[int]:
    """Return what was ticked, and so many standing places of each level as were typed, as far as the hold keeps it."""
    ticked = any(name in request.POST for name in ("place", "row"))
    keys = set(selected(event, request.POST)) if ticked else set()
    kept = EventSeat.objects.filter(hold=found).order_by("-pk").values_list("pk", "seat", "price_level")
    typed = {name: str(value) for name, value in request.POST.items() if name.startswith("level_")}
    left = {name: int(value) for name, value in typed.items() if _is_count(value)}
    chosen = []
    for pk, seat, level in kept:
        if pk in keys:
            chosen.append(pk)
        elif seat is None and left.get(f"level_{level}", 0):
            left[f"level_{level}"] -= 1
            chosen.append(pk)
    if not chosen:
        raise NoSuchPlace(nothing=True)
    return chosen


def _sale(request: HttpRequest, event: Event, found: Hold) -> str:
    """Return the address at which the chosen seats are sold or given away."""
    places = compact(_chosen(request, event, found))
    return f"{reverse('admin:sell')}?event={event.pk}&places={places}&hold={found.pk}"


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 7


def _tell(request: HttpRequest, report: Report) -> None:
    count = len(report.changed)
    said = ngettext("%(count)s place is released.", "%(count)s places are released.", count)
    messages.success(request, said % {"count": count})


def _page(request: HttpRequest, event: Event, found: Hold, form: ChangeHoldForm, *, status: int = 200) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": str(found),
        "event": event,
        "here": "holds",
        "hold": found,
        "form": form,
        **looks.kept_by(found),
    }
    return render(request, "backoffice/seats/hold.html", context, status=status)
