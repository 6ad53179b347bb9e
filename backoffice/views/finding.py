"""Finding bookings by one box and by filters, and taking along what was found."""

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.roles import Power
from backoffice import acts
from backoffice.access import needs
from backoffice.filters import BookingFilter
from backoffice.queries import finding, listing
from core import clock
from core.http import wants_part
from core.tables import csv_response
from reports.queries import bookings

ROWS = 50


@never_cache
@require_safe
@needs(Power.SEE_BOOKINGS)
def find(request: HttpRequest) -> HttpResponse:
    """What was found, the newest first; a whole code or ticket number leads straight to its booking (U47)."""
    return _page(request, asked_for(request, request.GET))


def _page(request: HttpRequest, asked: BookingFilter, *, status: int = 200) -> HttpResponse:
    found = asked.found()
    if found.is_sure and len(found.ids) == 1 and set(asked.said()) == {"q"} and not wants_part(request):
        return redirect("admin:bookings_booking_change", found.ids[0])
    query = urlencode(asked.said())
    context = _shown(request, found) | {"form": asked.form, "query": query, "is_part": wants_part(request)}
    if wants_part(request):
        response = render(request, "backoffice/find.html#results", context)
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
        return response
    is_filtered = bool(set(asked.said()) - {"q"})
    context |= admin.site.each_context(request) | {"title": _("Find bookings"), "is_filtered": is_filtered}
    return render(request, "backoffice/find.html", context, status=status)


@never_cache
@require_safe
@needs(Power.SEE_BOOKINGS)
def find_export(request: HttpRequest) -> HttpResponseBase:
    """All that was found, in the same order, read while it is sent (U50); nothing while a filter makes no sense."""
    asked = asked_for(request, request.GET)
    if not asked.form.is_valid():  # a file of more than was meant
        return _page(request, asked, status=422)
    organization = asked.organization
    name = f"bookings-{clock.now().astimezone(ZoneInfo(organization.time_zone)):%Y-%m-%d}"
    return csv_response(name, bookings.header(), bookings.lines(asked.found().bookings, organization))


def asked_for(request: HttpRequest, said: Any) -> BookingFilter:
    """Return the filter of the house in which this person works."""
    return BookingFilter(said, request=request, organization=request.user.workplace.organization)  # type: ignore[union-attr]


def _shown(request: HttpRequest, found: finding.Found) -> dict[str, Any]:
    pages = max(1, -(-len(found.ids) // ROWS))
    page = min(max(1, _number(request.GET.get("page", ""))), pages)
    ids = found.ids[(page - 1) * ROWS : page * ROWS]
    bulk = [acts.ACTS[name] for name in listing.OFFERED]
    return {
        "found": found,
        "count": len(found.ids),
        "rows": listing.rows(ids, request.user),
        "page": page,
        "pages": pages,
        "bulk": [act for act in bulk if request.user.has_perm(act.power.permission)],
        "most": acts.MOST,
        "minutes": int(listing.APART.total_seconds() // 60),
        "search": reverse("admin:find"),
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1
