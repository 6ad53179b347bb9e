"""Which seating plan an event has: chosen for a draft, moved to a newer version, taken away."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.roles import Power
from backoffice.access import needs
from backoffice.views.publishing import own_event
from core.http import SeeOther
from core.refusals import Refusal
from events.models import Event, EventSeat, Hold
from events.queries import plans as looks
from events.services import plans


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SEE_EVENTS, to_change=Power.MANAGE_EVENTS)
def seating(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the plan and what another would change; change it when asked to."""
    event = own_event(request, pk)
    if request.method == "POST":
        try:
            messages.success(request, done(request, event))
        except Refusal as refusal:
            messages.error(request, str(refusal))
        return SeeOther(request.path)
    return render(request, "backoffice/seats/seating.html", _context(request, event))


def done(request: HttpRequest, event: Event) -> str:
    """Do what the button says, and say that it was done."""
    chosen: dict[str, Any] = {"event_id": event.pk, "by": request.user}
    match request.POST.get("act"):
        case "use":
            used = plans.use(plan_id=number_in(request.POST.get("plan")), **chosen)
            return _("The event has the plan %(plan)s now.") % {"plan": used.plan}
        case "move":
            moved = plans.move(plan_id=number_in(request.POST.get("plan")), **chosen)
            return _("The event moved to %(plan)s.") % {"plan": moved.plan}
        case "drop":
            plans.drop(**chosen)
            return _("The plan is taken away, with its places.")
    raise Refusal(_("Please choose what to do."))


def _context(request: HttpRequest, event: Event) -> dict[str, Any]:
    draft = event.status == Event.Status.DRAFT
    looked_at = request.GET.get("to")
    versions = looks.versions_for(event)
    to = versions.filter(pk=number_in(looked_at)).first() if looked_at else None
    if looked_at and to is None:
        raise Http404
    places = EventSeat.objects.filter(event=event)
    return {
        **admin.site.each_context(request),
        "title": _("Seating of “%(event)s”") % {"event": event},
        "event": event,
        "here": "seating",
        "draft": draft,
        "plans": looks.plans_for(event).exclude(pk=event.plan_id or 0) if draft else (),
        "versions": versions,
        "to": to,
        "difference": looks.difference(event, to) if to else None,
        "places": places.count() if event.plan_id else 0,
        "holds": Hold.objects.filter(event=event, released_at=None).count(),
        "was_claimed": looks.has_to_stay(event),
    }


def number_in(text: str | None) -> int:
    """Return the key that a form sent; 0, which no row has, for anything else."""
    plain = text or ""
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 19 else 0
