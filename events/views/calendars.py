"""Calendar files that anybody may have."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from core import calendars as calendar_file
from core import clock
from core.briefly import Kept
from core.calendars import file_response, written
from events import calendars
from events.feeds import FeedForm
from events.models import Event
from venues.models import Venue


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


@require_safe
@conditional_page
@cache_control(public=True, max_age=300)
def season_calendar(request: HttpRequest) -> HttpResponse:
    """All that is to come, or that of one category or city: to be subscribed to."""
    return calendar_file.response(_asked_for(request), "events.ics")


@require_safe
@conditional_page
@cache_control(public=True, max_age=300)
def venue_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The same of one venue."""
    venue = get_object_or_404(Venue, slug=slug)
    return calendar_file.response(_asked_for(request, venue), f"{venue.slug}.ics")


def _asked_for(request: HttpRequest, venue: Venue | None = None) -> bytes:
    """What can't be a filter finds nothing, as what is unknown does."""
    form = FeedForm(request.GET)
    wanted = tuple(form.cleaned_data.items()) if form.is_valid() else None
    return _recent_file((venue.pk if venue else None, wanted, get_language()), venue)


type _Asked = tuple[int | None, tuple[tuple[str, str], ...] | None, str | None]
"""Of which venue, what else, and in which language."""


def _file(key: _Asked, venue: Venue | None) -> bytes:
    _pk, wanted, _language = key
    events = Event.objects.none() if wanted is None else calendars.subscribed(venue=venue, **dict(wanted))
    title = venue.name if venue else _("Events")
    return written(*(calendars.event_entry(event) for event in events), title=f"Stagedoor: {title}")


# Programs ask every hour or so; to write five hundred entries takes half a second.
_recent_file = Kept[_Asked, bytes](_file, most=50, times=60)


def _public_event(slug: str) -> Event:
    return get_object_or_404(Event.objects.public().select_related("venue"), slug=slug)
