"""What else is on, or planned, at a venue at the same time."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core import dates
from events.models import Event
from events.services.changing import Times


def clashes(event: Event, times: Times, *, as_another_date: bool = False) -> QuerySet[Event]:
    """
    Return what an event at these times would meet at its venue, from the doors of each to its end: published events,
    and drafts of its own house. As another date like it, it would meet itself too.
    """
    planned = Q(status=Event.Status.DRAFT, organization=event.organization_id)
    others = Event.objects.without_templates().filter(planned | Q(status=Event.Status.PUBLISHED), venue=event.venue_id)
    begun = Q(starts_at__lt=times.ends_at) | Q(doors_at__lt=times.ends_at)
    met = others.filter(begun, ends_at__gt=times.doors_at or times.starts_at).order_by("starts_at", "pk")
    return met if as_another_date else met.exclude(pk=event.pk)


def met(event: Event, times: Times, *, most: int, as_another_date: bool = False) -> list[str]:
    """Return a sentence for each of the first clashes."""
    return [_said(event, other) for other in clashes(event, times, as_another_date=as_another_date)[:most]]


def _said(event: Event, other: Event) -> str:
    """Of a draft it says that it is one: nobody knows yet whether it is going to be."""
    facts = {"other": other, "venue": event.venue, "when": dates.in_zone(other.starts_at, event.venue.time_zone)}
    if other.status == Event.Status.DRAFT:
        return _("“%(other)s”, a draft, is to be at %(venue)s at that time: %(when)s.") % facts
    return _("“%(other)s” is at %(venue)s at that time: %(when)s.") % facts
