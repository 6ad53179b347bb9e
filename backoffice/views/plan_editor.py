"""The editor of a draft: its page, and what its scripts ask the server for."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import Power
from backoffice.access import needs
from backoffice.forms.plans import PatternForm
from backoffice.plan_words import words
from backoffice.views.plans import own_plan, plan_page
from core.http import SeeOther
from core.refusals import Refusal
from venues.layout import Faulty, Layout, Problem, SectionLayout, Spot, advice, document, parse, problems
from venues.models import Seat, SeatingPlan
from venues.queries.plans import layout_of
from venues.services import plans as services

LARGEST = 4_000_000
"""Bytes of a document: a stadium of 100,000 seats has about three million."""


@never_cache
@require_safe
@needs(Power.MANAGE_EVENTS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw a draft; what was published can only be looked at."""
    plan = own_plan(request, pk)
    if plan.status != SeatingPlan.Status.DRAFT:
        return SeeOther(reverse("admin:plan", args=[plan.pk]))
    context = {
        "title": str(plan),
        "document": document(layout_of(plan)),
        "words": words(),
        "types": Seat.Type.choices,
        "pattern": PatternForm(auto_id="pattern-%s", label_suffix=""),
        "file": slugify(f"{plan.name}-{plan.version}") or f"plan-{plan.pk}",
    }
    return plan_page(request, "backoffice/plan_edit.html", plan, context)


@never_cache
@require_POST
@needs(Power.MANAGE_EVENTS)
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save the whole document, unless somebody else did meanwhile (409) or it contradicts itself (422)."""
    plan = own_plan(request, pk)
    try:
        told = _told(request)
        layout, revision = parse(told.get("document")), _revision(told)
        plan = services.replace(plan_id=plan.pk, layout=layout, revision=revision, by=request.user)
    except Faulty as faulty:
        return _faulty(faulty)
    except services.NameTaken as taken:
        return _faulty(Faulty([Problem(str(Spot()), str(taken))]))
    except Refusal as refusal:
        return JsonResponse({"message": str(refusal)}, status=refusal.status)
    return JsonResponse({"revision": plan.revision})


@never_cache
@require_POST
@needs(Power.MANAGE_EVENTS)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what would keep a document from being published, and what else is worth a look. Changes nothing."""
    plan = own_plan(request, pk)
    try:
        layout = parse(_told(request).get("document"))
    except Faulty as faulty:
        return _faulty(faulty)
    found = problems(layout, capacity=plan.venue.capacity)
    return JsonResponse({"problems": _listed(found), "advice": _listed(advice(layout))})


@never_cache
@require_POST
@needs(Power.MANAGE_EVENTS)
def generate(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a section made of a few numbers, for the drawing. Changes nothing."""
    own_plan(request, pk)
    try:
        form = PatternForm(_told(request))
    except Faulty as faulty:
        return _faulty(faulty)
    if not form.is_valid():
        return JsonResponse(
            {"errors": {name: " ".join(map(str, errors)) for name, errors in form.errors.items()}}, status=422
        )
    block, facts = form.cleaned_data["block"], form.cleaned_data
    section = SectionLayout(facts["name"], facts["tier"], "seated", block.shape, 0, block.rows)
    return JsonResponse({"section": document(Layout("", (0, 0), (section,)))["sections"][0]})


def _told(request: HttpRequest) -> dict[str, Any]:
    """Return the object that was sent. It is read from the request itself: a form may not be as large as a plan."""
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise Faulty([Problem(str(Spot()), _("It is too large."))])
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Faulty([Problem(str(Spot()), _("This is not JSON."))]) from None
    if not isinstance(told, dict):
        raise Faulty([Problem(str(Spot()), _("Here an object is expected."))])
    return told


def _revision(told: dict[str, Any]) -> int:
    revision = told.get("revision")
    if type(revision) is not int or not 0 <= revision < 2**31:
        raise Faulty([Problem("revision", _("Give the revision that was read before the change."))])
    return revision


def _faulty(faulty: Faulty) -> JsonResponse:
    return JsonResponse({"message": str(faulty), "problems": _listed(faulty.problems)}, status=faulty.status)


def _listed(found: list[Problem]) -> list[dict[str, str]]:
    return [{"where": problem.where, "text": problem.text} for problem in found]
