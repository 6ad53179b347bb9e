"""Every hour, what the inventory of each event on sale looks like: how sales went, with what nobody wrote down else."""

from datetime import datetime

from accounts.models import Organization
from core import clock
from core.transactions import outermost
from events.models import Event
from reports.models import Sample
from reports.queries.occupancy import Places, occupancy
from reports.queries.revenue import By, revenue


def sample_due() -> int:
    """Take a sample of every event that is published and not over, once an hour; return how many were taken."""
    now = clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    events = Event.objects.filter(status=Event.Status.PUBLISHED, ends_at__gt=now)
    sampled = Sample.objects.filter(at=hour).values("event__organization")
    houses = Organization.objects.filter(events__in=events).exclude(pk__in=sampled).distinct().order_by("pk")
    return sum(_sample(organization_id=house.pk, hour=hour, now=now) for house in houses)


@outermost
def _sample(*, organization_id: int, hour: datetime, now: datetime) -> int:
    """Sample the events of one house; two workers at once leave one sample."""
    house = Organization.objects.get(pk=organization_id)
    events = Event.objects.filter(organization=house, status=Event.Status.PUBLISHED, ends_at__gt=now)
    net = {row.key: row.sums.net for row in revenue([house], By.EVENT)}
    places = occupancy(house, events)
    rows = [_of(event, hour, found, net.get(event, 0)) for event, found in places.items()]
    Sample.objects.bulk_create(rows, batch_size=1_000, ignore_conflicts=True)
    return len(rows)


def _of(event: int, hour: datetime, found: Places, net: int) -> Sample:
    return Sample(
        event_id=event,
        at=hour,
        sold=found.sold,
        reserved=found.reserved,
        unavailable=found.kept,
        available=found.available,
        revenue=net,
    )
