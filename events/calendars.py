"""Events as entries of a calendar."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from core import clock
from core.calendars import Entry
from core.http import absolute
from core.markdown import plain
from core.templatetags.stagedoor import time_in_zone
from events.models import Event
from venues.models import Venue

REMIND_BEFORE = timedelta(minutes=15)
SINCE, UNTIL = timedelta(days=30), timedelta(days=548)
MOST = 500
LONGEST = 2_000
"""So many signs of an event's description: the rest is on its page."""


def event_entry(event: Event) -> Entry:
    """The event as everybody may have it: nothing in it is about a person."""
    return Entry(
        name=f"event-{event.pk}",
        title=event.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        zone=event.venue.zone,
        changed_at=event.changed_at,
        url=absolute(event.get_absolute_url()),
        description="\n\n".join(part for part in (event.summary, doors(event), _short(event.description)) if part),
        place=place(event.venue),
        position=position(event.venue),
        is_cancelled=event.status == Event.Status.CANCELLED,
    )


def subscribed(*, venue: Venue | None = None, category: str = "", city: str = "") -> QuerySet[Event]:
    """
    Return what a calendar is about that somebody subscribes to: from a month ago to a year and a half from now, at
    most so many, the soonest first. What was cancelled is in it and says so, for who has it already.
    """
    now = clock.now()
    events = Event.objects.public().upcoming(now - SINCE).filter(starts_at__lt=now + UNTIL)
    wanted = {"venue": venue, "category__slug": category, "venue__city": city}
    events = events.filter(**{name: value for name, value in wanted.items() if value})
    return events.select_related("venue")[:MOST]


def sales_reminder(event: Event) -> Entry:
    """The moment when its sales open, for who wants to be there; it must have one."""
    if event.sales_start is None:
        raise ValueError("This event's sales have no start.")
    url = absolute(event.get_absolute_url())
    return Entry(
        name=f"sales-{event.pk}",
        title=_("Tickets on sale: %(title)s") % {"title": event.title},
        starts_at=event.sales_start,
        ends_at=event.sales_start + REMIND_BEFORE,
        zone=event.venue.zone,
        changed_at=event.changed_at,
        url=url,
        description=_("Buy tickets at %(url)s") % {"url": url},
        blocks_time=False,
        remind_before=REMIND_BEFORE,
    )


def _short(description: str) -> str:
    return Truncator(plain(description)).chars(LONGEST)


def doors(event: Event) -> str:
    """When the doors open, in the words of the page; nothing if nobody said."""
    if event.doors_at is None:
        return ""
    return _("Doors open at %(time)s") % {"time": time_in_zone(event.doors_at, event.venue.time_zone)}


def place(venue: Venue) -> str:
    """Where it is, as maps find it."""
    return f"{venue.name}, {venue.address}, {venue.city}"


def position(venue: Venue) -> tuple[float, float] | None:
    """Degrees north and east, if known."""
    if venue.latitude is None or venue.longitude is None:
        return None
    return venue.latitude, venue.longitude
