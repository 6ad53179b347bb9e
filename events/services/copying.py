"""Another evening of the same: a draft made from an event."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.text import slugify

from core import audit, clock
from core.transactions import outermost
from events.models import Event, Price, PriceLevel
from events.services import inventory

MOMENTS = ("doors_at", "starts_at", "ends_at", "sales_start", "sales_end", "accessible_until")
OWN = {"id", "title", "slug", "search_text", "featured", "status", "published_at", "changed_at", *MOMENTS}
OWN |= {"moved_from", "returnable_until", "change_note"}
"""What a copy doesn't take over, or takes over changed."""


@outermost
def copy(*, event_id: int, title: str, starts_at: datetime, by: Any = None) -> Event:
    """
    Return a draft like the event, with its price levels, prices and seats, without its bookings, holds and pictures.

    Its other times lie as far from its start as they did by the clocks of the venue, also across a change to
    summer time.
    """
    event = Event.objects.select_related("venue").get(pk=event_id)
    fields = {field.attname: getattr(event, field.attname) for field in Event._meta.concrete_fields}
    taken = {name: value for name, value in fields.items() if name not in OWN}
    made = Event.objects.create(**taken, **moments_moved(event, starts_at), title=title, slug=free_slug(title))
    levels = {level.pk: _copy_level(level, made) for level in event.price_levels.prefetch_related("prices")}
    if event.plan_id:
        inventory.copy_places(source=event, target=made, levels=levels)
    audit.record("event.created", made, at=clock.now(), by=by, called=title, copied_from=event.pk)
    return made


def free_slug(title: str) -> str:
    """Return an address that no event of any organization has."""
    base = slugify(title)[:160] or "event"
    taken = set(Event.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in [base, *numbered] if slug not in taken)


def moments_moved(event: Event, starts_at: datetime) -> dict[str, datetime | None]:
    """Return the event's moments as they are when it starts then: each as far from the start, by the venue's clocks."""
    zone = event.venue.zone
    distance = _clock(starts_at, zone) - _clock(event.starts_at, zone)
    moments = {name: getattr(event, name) for name in MOMENTS}
    return {name: moment and _later(moment, distance, zone) for name, moment in moments.items()} | {
        "starts_at": starts_at
    }


def _clock(moment: datetime, zone: ZoneInfo) -> datetime:
    """What clocks show there."""
    return moment.astimezone(zone).replace(tzinfo=None)


def _later(moment: datetime, distance: timedelta, zone: ZoneInfo) -> datetime:
    return (_clock(moment, zone) + distance).replace(tzinfo=zone)


def _copy_level(level: PriceLevel, event: Event) -> PriceLevel:
    taken = {"name": level.name, "order": level.order, "places": level.places}
    made = PriceLevel.objects.create(event=event, colour=level.colour, numbered=level.numbered, **taken)
    for price in level.prices.all():
        Price.objects.create(price_level=made, ticket_type_id=price.ticket_type_id, amount=price.amount)
    return made
