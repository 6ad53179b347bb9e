"""Bringing in what another system knows: uploaded, checked, looked at, and only then carried out."""

from collections import Counter
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import Power
from backoffice.access import needs
from backoffice.forms.imports import ImportForm
from backoffice.models import Import, ImportRow
from backoffice.services import imports as bringing
from core.http import SeeOther, wants_part
from core.refusals import Refusal
from core.tables import csv_response

SHOWN = 20
"""So many imports are listed, the last ones."""
ROWS = 50

Status = ImportRow.Status


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_BOOKINGS)
def imports(request: HttpRequest) -> HttpResponse:
    """What was brought in, and the form for another file; it is only checked for now."""
    kinds = _kinds(request)
    asked = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ImportForm(kinds, *asked)
    if form.is_valid():
        try:
            return SeeOther(reverse("admin:import", args=[_upload(request, form).pk]))
        except bringing.Unreadable as refusal:
            form.add_error("file", str(refusal))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    found = Import.objects.filter(organization=_organization(request), kind__in=kinds).select_related("by")
    context = {
        **admin.site.each_context(request),
        "title": _("Import"),
        "form": form,
        "imports": found.order_by("-created_at", "-pk")[:SHOWN],
        "columns": [
            (kind, label, bringing.KINDS[kind].columns) for kind, label in Import.Kind.choices if kind in kinds
        ],
        "zone": _organization(request).time_zone,
    }
    return render(request, "backoffice/imports.html", context, status=422 if form.errors else 200)


def _upload(request: HttpRequest, form: ImportForm) -> Import:
    file = form.cleaned_data["file"]
    return bringing.upload(
        organization=_organization(request),
        kind=form.cleaned_data["kind"],
        name=file.name,
        data=file.read(),
        sends_tickets=form.cleaned_data["sends_tickets"],
        by=request.user,
    )


@never_cache
@require_safe
@needs(Power.MANAGE_BOOKINGS)
def import_columns(request: HttpRequest, kind: str) -> HttpResponseBase:
    """A file to begin with: the columns, and a line as an example."""
    if kind not in _kinds(request):
        raise Http404
    columns = bringing.KINDS[kind].columns
    return csv_response(kind, [each.name for each in columns], [[each.example for each in columns]])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_BOOKINGS)
def one_import(request: HttpRequest, pk: int) -> HttpResponse:
    """What its check says, then how far it is, line by line; carried out or put away by a POST."""
    found = _found(request, pk)
    if request.method == "POST":
        return _act(request, found)
    counts = Counter(dict(found.rows.order_by().values_list("status").annotate(Count("pk"))))
    version = f"{found.phase}-{'-'.join(str(counts[status]) for status in Status)}"
    if wants_part(request) and request.GET.get("v") == version:
        return HttpResponse(status=204)
    show = request.GET.get("show", "")
    rows = found.rows.order_by("number")
    rows = rows.filter(status=show) if show in Status.values else rows
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "phase": found.phase,
        "goes_on": found.phase in (Import.Phase.CHECKING, Import.Phase.RUNNING),
        "version": version,
        "counts": [(status, label, counts[status]) for status, label in Status.choices if counts[status]],
        "fine": counts[Status.FINE],
        "failed": counts[Status.FAILED],
        "all": counts.total(),
        "dealt": counts.total() - counts[Status.FINE] - counts[Status.WAITING],
        "page": page,
        "lines": [(row, _address(row)) for row in page.object_list],
        "show": show,
        "zone": found.organization.time_zone,
    }
    if wants_part(request):
        return render(request, "backoffice/import.html#progress", context)
    title = _("Import of %(kind)s: %(file)s") % {"kind": found.get_kind_display(), "file": found.file_name}
    return render(request, "backoffice/import.html", admin.site.each_context(request) | context | {"title": title})


def _act(request: HttpRequest, found: Import) -> HttpResponse:
    try:
        if "cancel" in request.POST:
            bringing.cancel(import_id=found.pk, by=request.user)
        else:
            bringing.confirm(import_id=found.pk, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return SeeOther(request.path)


@never_cache
@require_safe
@needs(Power.MANAGE_BOOKINGS)
def import_problems(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The lines that are wrong, as they were, with what is wrong: to be mended and uploaded again."""
    found = _found(request, pk)
    rows = found.rows.filter(status=Status.FAILED).order_by("number")
    lines = ([*(row.cells.get(name, "") for name in found.columns), row.result] for row in rows.iterator())
    return csv_response(f"{found.kind}-problems", [*found.columns, "problem"], lines)


def _organization(request: HttpRequest) -> Any:
    return request.user.workplace.organization  # type: ignore[union-attr]


def _kinds(request: HttpRequest) -> list[str]:
    """What this person may bring in."""
    return [name for name, kind in bringing.KINDS.items() if request.user.has_perm(kind.power.permission)]


def _found(request: HttpRequest, pk: int) -> Import:
    own = Import.objects.filter(organization=_organization(request), kind__in=_kinds(request))
    return get_object_or_404(own.select_related("organization"), pk=pk)


def _address(row: ImportRow) -> str:
    """Where that is what a line became, if there is a page of it."""
    if not row.became_id:
        return ""
    try:
        return reverse(f"admin:{row.became_type.replace('.', '_')}_change", args=[row.became_id])
    except NoReverseMatch:
        return ""
