"""What else is on at a venue at the same time."""

from django.db.models import QuerySet

from events.models import Event
from events.services.changing import Times


def clashes(event: Event, times: Times) -> QuerySet[Event]:
    """Return the published events at its venue that an event at these times would meet, from its doors to its end."""
    others = Event.objects.filter(venue=event.venue_id, status=Event.Status.PUBLISHED).exclude(pk=event.pk)
    return others.filter(starts_at__lt=times.ends_at, ends_at__gt=times.doors_at or times.starts_at).order_by(
        "starts_at"
    )
