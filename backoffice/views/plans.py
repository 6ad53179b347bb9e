"""Seating plans of a venue: their list, their pictures, and the way from a draft to one that events use."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Power
from backoffice.access import needs
from backoffice.forms.plans import NewPlanForm
from backoffice.queries.plans import picture
from core.http import SeeOther
from core.refusals import Refusal
from events.models import Event
from venues.layout import advice, problems
from venues.models import SeatingPlan, Venue
from venues.queries.plans import layout_of, plans_of
from venues.services import plans as services


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def plans(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the plans of a venue; begin one."""
    venue = own_venue(request, pk)
    form = NewPlanForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = services.create(venue_id=venue.pk, name=form.cleaned_data["name"], by=request.user)
        except Refusal as refusal:
            form.add_error("name", str(refusal))
        else:
            return SeeOther(reverse("admin:plan-edit", args=[made.pk]))
    used = dict(Event.objects.filter(plan__venue=venue).order_by().values_list("plan").annotate(Count("pk")))
    rows = [(plan, used.get(plan.pk, 0)) for plan in plans_of(venue)]
    context = {"title": _("Seating plans of “%(venue)s”") % {"venue": venue}, "venue": venue, "plans": rows}
    return page(request, "backoffice/plans.html", context | {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_safe
@needs(Power.MANAGE_EVENTS)
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a plan looks like, and what is in it."""
    shown = own_plan(request, pk)
    layout = layout_of(shown)
    events = Event.objects.filter(plan=shown).order_by("starts_at")
    context = {"title": str(shown), "layout": layout, "picture": picture(layout), "events": events[:20]}
    return plan_page(request, "backoffice/plan.html", shown, context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what keeps a draft from being published; publish it when asked to."""
    shown = own_plan(request, pk)
    if request.method == "POST":
        try:
            services.publish(plan_id=shown.pk, by=request.user)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return SeeOther(request.path)
        return _done(request, shown, _("“%(plan)s” is published.") % {"plan": shown})
    layout = layout_of(shown)
    context = {
        "title": _("Publish “%(plan)s”") % {"plan": shown},
        "missing": problems(layout, capacity=shown.venue.capacity),
        "advisable": advice(layout),
        "layout": layout,
    }
    return plan_page(request, "backoffice/plan_publish.html", shown, context)


@never_cache
@require_POST
@needs(Power.MANAGE_EVENTS)
def new_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on at the draft of the next version."""
    draft = services.new_version(plan_id=own_plan(request, pk).pk, by=request.user)
    return SeeOther(reverse("admin:plan-edit", args=[draft.pk]))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask first, then offer a plan to no new event."""
    shown = own_plan(request, pk)
    if request.method != "POST":
        return plan_page(
            request, "backoffice/plan_retire.html", shown, {"title": _("Retire “%(plan)s”") % {"plan": shown}}
        )
    try:
        services.retire(plan_id=shown.pk, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return SeeOther(reverse("admin:plan", args=[shown.pk]))
    return _done(request, shown, _("“%(plan)s” is retired.") % {"plan": shown})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask first, then delete a draft."""
    shown = own_plan(request, pk)
    if request.method != "POST":
        return plan_page(
            request, "backoffice/plan_delete.html", shown, {"title": _("Delete “%(plan)s”") % {"plan": shown}}
        )
    try:
        services.delete_draft(plan_id=shown.pk, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return SeeOther(reverse("admin:plan", args=[shown.pk]))
    messages.success(request, _("“%(plan)s” is deleted.") % {"plan": shown})
    return SeeOther(reverse("admin:plans", args=[shown.venue_id]))


def own_venue(request: HttpRequest, pk: int) -> Venue:
    """Return a venue of the organization that the user works for; 404 for any other."""
    organization = request.user.workplace.organization  # type: ignore[union-attr]
    return get_object_or_404(Venue, organization=organization, pk=pk)


def own_plan(request: HttpRequest, pk: int) -> SeatingPlan:
    """Return a plan of such a venue; 404 for any other."""
    organization = request.user.workplace.organization  # type: ignore[union-attr]
    return get_object_or_404(SeatingPlan.objects.select_related("venue"), venue__organization=organization, pk=pk)


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Return one of these pages, in the frame of the admin."""
    return render(request, template, admin.site.each_context(request) | context, status=status)


def plan_page(
    request: HttpRequest, template: str, shown: SeatingPlan, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Return a page about one plan."""
    return page(request, template, {"plan": shown, "venue": shown.venue} | context, status=status)


def _done(request: HttpRequest, shown: SeatingPlan, said: str) -> HttpResponse:
    messages.success(request, said)
    return SeeOther(reverse("admin:plan", args=[shown.pk]))
