"""Which rules customers have at an event: its own, else its organization's, else what is usual."""

from datetime import datetime, timedelta

from bookings.models import CancellationPolicy
from events.models import Event


def policy_of(event: Event) -> CancellationPolicy:
    """Return the rules of an event; nobody has to write any: passing tickets on is allowed, the rest isn't."""
    rules = CancellationPolicy.objects.filter(organization=event.organization_id)
    own = rules.filter(event=event.pk).first() or rules.filter(event=None).first()
    return own or CancellationPolicy(organization_id=event.organization_id)


def hours_before(event: Event, hours: int) -> datetime:
    """Return the moment so many hours before an event's start."""
    return event.starts_at - timedelta(hours=hours)
