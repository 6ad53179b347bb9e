"""Calendar files that anybody may have."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core import clock
from core.calendars import file_response
from events import calendars
from events.models import Event


@require_safe
@cache_control(public=True, max_age=300)
def event_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The event; once it is cancelled, the entry says so."""
    event = _public_event(slug)
    return file_response(calendars.event_entry(event), f"{event.slug}.ics")


@require_safe
@cache_control(public=True, max_age=300)
def sales_reminder(request: HttpRequest, slug: str) -> HttpResponse:
    """The start of its sales, while that is still to come."""
    event = _public_event(slug)
    if event.status != Event.Status.PUBLISHED or not event.sales_start or event.sales_start <= clock.now():
        raise Http404
    return file_response(calendars.sales_reminder(event), f"{event.slug}-sales.ics")


def _public_event(slug: str) -> Event:
    return get_object_or_404(Event.objects.public().select_related("venue"), slug=slug)
