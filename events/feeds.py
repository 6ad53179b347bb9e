"""News of the season for feed readers."""

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core import clock, dates
from core.http import absolute
from core.text import one_line
from events.models import Event

MOST = 50


class FeedForm(forms.Form):
    """What a feed is limited to, by the names that the list of events has for it."""

    category = forms.CharField(required=False, max_length=80)
    city = forms.CharField(required=False, max_length=80)


@require_safe
@cache_control(public=True, max_age=300)
def feed(request: HttpRequest) -> HttpResponse:
    """
    What was published last, newest first. What can't be a filter finds nothing, as what is unknown does.

    Not Django's Feed view, whose addresses begin with what the Host header says.
    """
    form = FeedForm(request.GET)
    wanted = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else None
    events = Event.objects.none() if wanted is None else newly_published(**wanted)
    return HttpResponse(_written(events, wanted or {}), content_type=Atom1Feed.content_type)


def newly_published(*, category: str = "", city: str = "") -> QuerySet[Event]:
    """Return the events that were announced last and are still to come."""
    events = Event.objects.filter(status=Event.Status.PUBLISHED).upcoming(clock.now())
    if category:
        events = events.filter(category__slug=category)
    if city:
        events = events.filter(venue__city=city)
    return events.select_related("category", "organization", "venue").order_by("-published_at", "-pk")[:MOST]


def _told(event: Event) -> str:
    if not event.is_moved:
        return event.summary
    when = dates.in_zone(event.starts_at, event.venue.time_zone)
    return " ".join([_("New date: %(when)s.") % {"when": when}, event.summary])


def _written(events: QuerySet[Event], wanted: dict[str, str]) -> str:
    query = f"?{urlencode(wanted)}" if wanted else ""
    atom = Atom1Feed(
        title=_("New events"),
        link=absolute(reverse("events:list")) + query,
        description="",
        feed_url=absolute(reverse("events:feed")) + query,
        feed_guid=absolute(reverse("events:feed")) + query,
        language=get_language(),
    )
    for event in events:
        atom.add_item(
            title=one_line(event.title),
            link=absolute(event.get_absolute_url()),
            description=escape(one_line(_told(event))),  # which readers take for HTML
            author_name=one_line(event.organization.name),
            pubdate=event.published_at,
            updateddate=event.changed_at,
            categories=[one_line(event.category.name)] if event.category else [],
        )
    return atom.writeString("utf-8")
