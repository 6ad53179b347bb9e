"""From a draft to an event that sells: what is missing, and the button."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.roles import Power
from backoffice.access import needs
from core import clock
from core.http import SeeOther
from core.refusals import Refusal
from events.models import Event
from events.services import publishing


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is there and what is missing; publish when asked to."""
    event = own_event(request, pk)
    if request.method == "POST":
        try:
            event = publishing.publish(event_id=event.pk, by=request.user)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return SeeOther(request.path)
        messages.success(request, _("“%(event)s” is published.") % {"event": event})
        return SeeOther(reverse("admin:events_event_change", args=[event.pk]))
    draft = event.status == Event.Status.DRAFT
    context = {
        **admin.site.each_context(request),
        "title": _("Publish “%(event)s”") % {"event": event},
        "event": event,
        "levels": event.price_levels.prefetch_related("prices__ticket_type"),
        "default_types": publishing.default_types(event),
        "missing": publishing.missing(event, clock.now()) if draft else [],
        "advisable": publishing.advisable(event),
    }
    return render(request, "backoffice/publish.html", context)


def own_event(request: HttpRequest, pk: int) -> Event:
    """Return an event of the organization that the user works for; 404 for any other."""
    organization = request.user.workplace.organization  # type: ignore[union-attr]
    mine = Event.objects.filter(organization=organization).select_related("organization", "venue", "category", "series")
    return get_object_or_404(mine, pk=pk)
