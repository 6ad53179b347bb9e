"""Seating plans as files: out of here, and into a draft after a look at what that would make."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import Power
from backoffice.access import needs
from backoffice.forms.plans import ImportForm, NewPlanImportForm
from backoffice.queries.plans import picture
from backoffice.views.plans import own_plan, own_venue, page
from core.http import SeeOther
from core.refusals import Refusal
from venues import exchange
from venues.layout import Faulty, Layout, Problem, contradictions, document, parse
from venues.models import SeatingPlan, Venue
from venues.queries.plans import layout_of
from venues.services import plans as services

FILES = {"csv": ("text/csv; charset=utf-8", exchange.to_csv), "json": ("application/json", exchange.to_json)}
HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Target:
    """Where a file goes: into a draft that is there, or into a new plan of the venue."""

    venue: Venue
    plan: SeatingPlan | None = None

    @property
    def salt(self) -> str:
        """What was looked at for one target goes into no other."""
        return f"plan-import-{self.venue.pk}-{self.plan.pk if self.plan else 'new'}"

    def form(self, *args: Any) -> forms.Form:
        """Ask for the file."""
        return ImportForm(*args) if self.plan else NewPlanImportForm(*args)


@never_cache
@require_safe
@needs(Power.MANAGE_EVENTS)
def export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Return the file of a plan, which can be imported again."""
    plan = own_plan(request, pk)
    if kind not in FILES:
        raise Http404(_("There is nothing at this address."))
    content_type, written = FILES[kind]
    name = slugify(f"{plan.name}-{plan.version}") or f"plan-{plan.pk}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return HttpResponse(written(layout_of(plan)), content_type=content_type, headers=disposition)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def import_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a new plan of a file."""
    return _import(request, Target(own_venue(request, pk)))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def import_into(request: HttpRequest, pk: int) -> HttpResponse:
    """Replace what is in a draft by what is in a file."""
    plan = own_plan(request, pk)
    if plan.status != SeatingPlan.Status.DRAFT:
        return SeeOther(reverse("admin:plan", args=[plan.pk]))
    return _import(request, Target(plan.venue, plan))


def _import(request: HttpRequest, target: Target) -> HttpResponse:
    if "looked_at" in request.POST:
        return _write(request, target)
    form = target.form(request.POST, request.FILES) if request.method == "POST" else target.form()
    if not form.is_valid():
        return _page(request, target, form, status=422 if form.is_bound else 200)
    name = target.plan.name if target.plan else form.cleaned_data["name"]
    try:
        read = exchange.read(form.cleaned_data["file"].read(), name=name, capacity=target.venue.capacity)
    except Faulty as faulty:
        return _page(request, target, form, {"faults": faulty.problems}, status=faulty.status)
    if contradictions(read.layout):
        return _page(request, target, form, {"faults": read.problems}, status=422)
    return _page(request, target, target.form(), _outlook(target, read.layout, read.problems))


def _outlook(target: Target, layout: Layout, found: list[Problem]) -> dict[str, Any]:
    """What the file would make, and the file itself, so that it needn't be chosen again."""
    told = {"document": document(layout), "revision": target.plan.revision if target.plan else 0}
    return {
        "layout": layout,
        "picture": picture(layout),
        "found": found,
        "seats": sum(1 for _seat in layout.seats()),
        "standing": sum(section.capacity for section in layout.sections),
        "looked_at": signing.dumps(told, salt=target.salt, compress=True),
    }


def _write(request: HttpRequest, target: Target) -> HttpResponse:
    """Import what was looked at."""
    try:
        told = signing.loads(request.POST["looked_at"], salt=target.salt, max_age=HOUR)
    except signing.SignatureExpired:
        fault = Problem(_("The file"), _("That was a while ago: please choose it again."))
        return _page(request, target, target.form(), {"faults": [fault]}, status=422)
    except signing.BadSignature as error:
        raise SuspiciousOperation("not what was looked at") from error
    layout = parse(told["document"])
    try:
        plan = target.plan or services.create(venue_id=target.venue.pk, name=layout.name, by=request.user)
        services.replace(plan_id=plan.pk, layout=layout, revision=told["revision"], by=request.user)
    except Refusal as refusal:
        fault = Problem(_("The plan"), str(refusal))
        return _page(request, target, target.form(), {"faults": [fault]}, status=refusal.status)
    return SeeOther(reverse("admin:plan", args=[plan.pk]))


def _page(
    request: HttpRequest, target: Target, form: forms.Form, more: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    title = _("Import into “%(plan)s”") % {"plan": target.plan} if target.plan else _("Import a seating plan")
    context = {"title": title, "venue": target.venue, "plan": target.plan, "form": form, "columns": exchange.COLUMNS}
    return page(request, "backoffice/plan_import.html", context | (more or {}), status=status)
