"""Which seats are ours, and what each cost, from a list as a supplier sends it: looked at first, then done."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.roles import Power
from backoffice.access import needs
from backoffice.views.publishing import own_event
from core import money
from core.http import SeeOther
from core.refusals import Refusal
from events.models import Event
from events.queries.ownership import Reading, read
from events.services import seats

LARGEST = 2_000_000
"""Bytes of a list; 60,000 seats take some 1.5 MB."""
SHOWN = 100
"""So many errors at once."""


class Unreadable(Refusal):
    """The file can't be read at all."""

    status = 422


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SEE_EVENTS, to_change=Power.MANAGE_EVENTS)
def ownership(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a list; say what it would do, with errors by line; do it when that was confirmed."""
    event = own_event(request, pk)
    if event.plan_id is None:
        raise Http404
    if request.method != "POST":
        return _page(request, event)
    try:
        text = _text(request)
        reading = read(event, text)
        if "confirmed" not in request.POST or reading.errors or not reading.costs:
            return _page(request, event, text=text, reading=reading, status=422 if reading.errors else 200)
        report = seats.own_listed(event_id=event.pk, costs=reading.costs, by=request.user)
    except Refusal as refusal:
        return _page(request, event, refusal=refusal, status=refusal.status)
    count = len(report.changed)
    said = ngettext("%(count)s place is ours now, at its cost.", "%(count)s places are ours now, at their cost.", count)
    messages.success(request, said % {"count": count})
    return SeeOther(request.path)


def _text(request: HttpRequest) -> str:
    """Return the list, as a file or as it was looked at before."""
    upload: Any = request.FILES.get("file")
    if upload is None:
        return request.POST.get("text", "")
    if upload.size > LARGEST:
        raise Unreadable(_("The file is larger than any house."))
    try:
        return upload.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(_("The file isn't a table in UTF-8.")) from error


def _page(
    request: HttpRequest,
    event: Event,
    *,
    text: str = "",
    reading: Reading | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    total = sum(reading.costs.values()) if reading else 0
    context = {
        **admin.site.each_context(request),
        "title": _("Ownership of “%(event)s”") % {"event": event},
        "event": event,
        "here": "ownership",
        "text": text,
        "reading": reading,
        "errors": reading.errors[:SHOWN] if reading else [],
        "total": money.formatted(total, event.currency),
        "refusal": refusal,
    }
    return render(request, "backoffice/seats/ownership.html", context, status=status)
