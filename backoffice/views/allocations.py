"""Allocations: how a house was divided, kept under a name and applied to other events of the same plan."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.roles import Power
from backoffice.access import needs
from backoffice.forms.seats import NameForm
from backoffice.views.publishing import own_event
from core.http import SeeOther
from core.refusals import Refusal
from events.models import Allocation, Event
from events.queries import allocations as looks
from events.services import allocations as service


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SEE_EVENTS, to_change=Power.MANAGE_EVENTS)
def allocations(request: HttpRequest, pk: int) -> HttpResponse:
    """List those of the event's plan; a POST keeps how the event is divided."""
    event = _seated(request, pk)
    form = NameForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            saved = service.save(event_id=event.pk, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("Kept as “%(name)s”.") % {"name": saved})
            return SeeOther(request.path)
    context = {
        **admin.site.each_context(request),
        "title": _("Allocations for “%(event)s”") % {"event": event},
        "event": event,
        "here": "allocations",
        "allocations": looks.allocations_of(event).select_related("by"),
        "form": form,
    }
    return render(request, "backoffice/seats/allocations.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SEE_EVENTS, to_change=Power.MANAGE_EVENTS)
def allocation(request: HttpRequest, pk: int, allocation_pk: int) -> HttpResponse:
    """Show what applying it would do to the event; apply, rename or delete it."""
    event = _seated(request, pk)
    found = get_object_or_404(looks.allocations_of(event), pk=allocation_pk)
    if request.method != "POST":
        return _page(request, event, found, NameForm(initial={"name": found.name}))
    form = NameForm(request.POST if request.POST.get("act") == "rename" else None, initial={"name": found.name})
    try:
        answer = _done(request, event, found, form)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        answer = None
    if answer is not None:
        return answer
    if form.errors:
        return _page(request, event, found, form, status=422)
    return SeeOther(request.path)


def _done(request: HttpRequest, event: Event, found: Allocation, form: NameForm) -> HttpResponse | None:
    """Do what the button says; None leads back to the page."""
    match request.POST.get("act"):
        case "apply":
            done = service.apply(allocation_id=found.pk, event_id=event.pk, by=request.user)
            return _page(request, event, found, form, done=done)
        case "rename":
            if form.is_valid():
                service.rename(allocation_id=found.pk, by=request.user, **form.cleaned_data)
                messages.success(request, _("It is called “%(name)s” now.") % form.cleaned_data)
        case "delete":
            service.delete(allocation_id=found.pk, by=request.user)
            messages.success(request, _("“%(name)s” is deleted. Events that it was applied to stay.") % {"name": found})
            return SeeOther(reverse("admin:allocations", args=[event.pk]))
        case _:
            raise Refusal(_("Please choose what to do."))
    return None


def _page(
    request: HttpRequest,
    event: Event,
    found: Allocation,
    form: NameForm,
    *,
    done: looks.Outlook | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Allocation “%(name)s”") % {"name": found},
        "event": event,
        "here": "allocations",
        "allocation": found,
        "outlook": done or looks.outlook(event, found.layout),
        "done": done is not None,
        "form": form,
    }
    return render(request, "backoffice/seats/allocation.html", context, status=status)


def _seated(request: HttpRequest, pk: int) -> Event:
    event = own_event(request, pk)
    if event.plan_id is None:
        raise Http404
    return event
