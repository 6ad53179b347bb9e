"""Cancelling an event and moving one: shown first, then done, then watched while the worker does it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Power
from backoffice.access import needs
from backoffice.acts import ACTS
from backoffice.forms.changes import CancelEventForm, MoveEventForm
from backoffice.queries.batches import outcome, rows
from backoffice.views.publishing import own_event
from bookings.gateways import provider_name
from bookings.models import Batch, BatchRow, Refund
from bookings.queries.changes import Progress, progress, reach
from bookings.services import batches
from core import clock
from core.http import SeeOther, wants_part
from core.refusals import Refusal
from events.models import Event
from events.queries import clashes
from events.services import changing
from events.services.changing import Times

ROWS = 50


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def cancel_event(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what it would mean; do it when the title was typed."""
    event = own_event(request, pk)
    form = CancelEventForm(event, request.POST if request.method == "POST" else None)
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("reason", "note")}
        try:
            batch = batches.cancel_event(event_id=event.pk, by=request.user, **said)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return SeeOther(request.path)
        return SeeOther(reverse("admin:batch", args=[batch.pk]))
    context = {
        "title": _("Cancel “%(event)s”") % {"event": event},
        "why_not": _why_not(changing.check_cancellable, event),
        "by_itself": [(provider_name(name), amount) for name, amount in reach(event).by_provider.items()],
        "begun": event.batches.filter(kind=Batch.Kind.CANCEL_EVENT).order_by("-pk").first(),
        "form": form,
    }
    return _page(request, "cancel", event, context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def move_event(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the new times, in the time of the venue; show what they would mean; do it when that was confirmed."""
    event = own_event(request, pk)
    with timezone.override(event.venue.zone):
        form = MoveEventForm(event, request.POST if request.method == "POST" else None)
        is_shown = form.is_valid() and "edit" not in request.POST
        if is_shown and request.POST.get("seen") == _seen(event):
            return _moved(request, event, form)
        context = {
            "title": _("Move “%(event)s”") % {"event": event},
            "why_not": _why_not(changing.check_movable, event),
            "form": form,
        }
        if is_shown:
            return _page(request, "move_preview", event, context | _preview(event, form))
        return _page(request, "move", event, context, status=422 if form.errors else 200)


def _seen(event: Event) -> str:
    """What it looked like to who confirms: another change meanwhile is shown first."""
    return event.changed_at.isoformat()


def _moved(request: HttpRequest, event: Event, form: MoveEventForm) -> HttpResponse:
    try:
        batch = batches.move_event(
            event_id=event.pk,
            times=form.times,
            returnable_for=form.returnable_for,
            note=form.cleaned_data["note"],
            by=request.user,
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return SeeOther(request.path)
    return SeeOther(reverse("admin:batch", args=[batch.pk]))


def _preview(event: Event, form: MoveEventForm) -> dict[str, Any]:
    before, after = changing.times_of(event), form.times
    names = {"starts_at": _("Starts"), "doors_at": _("Doors open"), "ends_at": _("Ends"), "sales_end": _("Sales end")}
    until = form.returnable_for and min(clock.now() + form.returnable_for, after.starts_at)
    return {
        "times": [(called, getattr(before, name), getattr(after, name)) for name, called in names.items()],
        "returnable_until": until,
        "warnings": _warnings(event, after),
        "seen": _seen(event),
    }


def _warnings(event: Event, times: Times) -> list[str]:
    """What can be as it is, but may not be meant so."""
    met = clashes.met(event, times, most=5)
    if times.sales_end and times.sales_end <= clock.now():
        met.append(_("Sales would have ended already."))
    if times.sales_end and times.sales_end > times.starts_at:
        met.append(_("Sales would go on after the start."))
    return met


def _why_not(check: Any, event: Event) -> str:
    try:
        check(event)
    except Refusal as refusal:
        return str(refusal)
    return ""


def _page(request: HttpRequest, name: str, event: Event, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    shared = {**admin.site.each_context(request), "event": event, "reach": reach(event)}
    return render(request, f"backoffice/changes/{name}.html", shared | context, status=status)


# --- While it is carried out, and afterwards ------------------------------------------------------


@never_cache
@require_safe
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, and what came of it for each booking. A page that looks again gets nothing when nothing is new."""
    found = _own_batch(request, pk)
    seen = progress(found)
    if wants_part(request) and request.GET.get("v") == seen.version:
        return HttpResponse(status=204)
    context = _shown(request, found, seen)
    if wants_part(request):
        return render(request, "backoffice/changes/batch.html#progress", context)
    return render(request, "backoffice/changes/batch.html", admin.site.each_context(request) | context)


@never_cache
@require_POST
def batch_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try what failed once more."""
    found = _own_batch(request, pk)
    try:
        count = batches.try_again(batch_id=found.pk, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        said = ngettext("%(count)s booking is tried again.", "%(count)s bookings are tried again.", count)
        messages.success(request, said % {"count": count})
    return SeeOther(reverse("admin:batch", args=[found.pk]))


def _own_batch(request: HttpRequest, pk: int) -> Batch:
    """Find a batch of the organization, for who may do such a thing; another's isn't there (S9)."""
    if not any(request.user.has_perm(power.permission) for power in (Power.MANAGE_EVENTS, Power.MANAGE_BOOKINGS)):
        raise PermissionDenied
    house = request.user.workplace.organization  # type: ignore[union-attr]
    found = get_object_or_404(Batch.objects.select_related("event__venue", "by"), organization=house, pk=pk)
    needed = ACTS[found.facts["act"]].power if found.kind == Batch.Kind.ACT else Power.MANAGE_EVENTS
    if not request.user.has_perm(needed.permission):
        raise PermissionDenied
    return found


def _shown(request: HttpRequest, found: Batch, seen: Progress) -> dict[str, Any]:
    show = request.GET.get("show", "")
    show = show if show in BatchRow.Status.values else ""
    page = Paginator(rows(found, show), ROWS).get_page(request.GET.get("page"))
    counts = {"": seen.all, "waiting": seen.waiting, "done": seen.done, "failed": seen.failed}
    names = {"": _("all"), **dict(BatchRow.Status.choices)}
    return {
        "title": _title(found),
        "batch": found,
        "event": found.event,
        "progress": seen,
        "refunds": [(Refund.Status(status).label, amount) for status, amount in sorted(seen.refunds.items())],
        "show": show,
        "filters": [(name, called, counts[name]) for name, called in names.items()],
        "page": page,
        "outcomes": [outcome(found, row) for row in page],
    }


def _title(found: Batch) -> str:
    if found.kind == Batch.Kind.ACT:
        return _("%(act)s: many bookings") % {"act": ACTS[found.facts["act"]].label}
    title = _("“%(event)s” is cancelled") if found.kind == Batch.Kind.CANCEL_EVENT else _("“%(event)s” is moved")
    return title % {"event": found.event}
