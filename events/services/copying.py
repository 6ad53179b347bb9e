"""Another evening of the same: a draft made from an event."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.text import slugify

from core import audit, clock, pictures
from core.transactions import outermost, take_turns
from events.models import Event, EventPicture, EventSeries, Price, PriceLevel
from events.services import holds, inventory

MOMENTS = ("doors_at", "starts_at", "ends_at", "sales_start", "sales_end", "accessible_until")
OWN = {"id", "title", "slug", "search_text", "featured", "status", "published_at", "changed_at", *MOMENTS}
OWN |= {"moved_from", "returnable_until", "change_note", "is_template", "series_id"}
"""What a copy doesn't take over, or takes over changed."""


def copy(
    *,
    event_id: int,
    title: str,
    starts_at: datetime,
    with_holds: bool = False,
    with_pictures: bool = False,
    as_template: bool = False,
    by: Any = None,
) -> Event:
    """
    Return a draft like the event, or a template, with its price levels, prices and seats, without its bookings.

    Its other times lie as far from its start as they did by the clocks of the venue, also across a change to
    summer time. A copy is in no series. Pictures come after the commit: their files can't be taken back with it.
    """
    made = _copy(event_id, title, starts_at, with_holds=with_holds, as_template=as_template, by=by)
    if with_pictures:
        copy_pictures(event_id=event_id, to=made, by=by)
    return made


@outermost
def _copy(event_id: int, title: str, starts_at: datetime, *, with_holds: bool, as_template: bool, by: Any) -> Event:
    event = Event.objects.locked().select_related("venue").get(pk=event_id)
    return made_like(event, title, starts_at, with_holds=with_holds, as_template=as_template, by=by)


def made_like(
    event: Event,
    title: str,
    starts_at: datetime,
    *,
    with_holds: bool = False,
    as_template: bool = False,
    series: EventSeries | None = None,
    by: Any = None,
) -> Event:
    """In the caller's transaction, with the event locked: make a draft like it."""
    fields = {field.attname: getattr(event, field.attname) for field in Event._meta.concrete_fields}
    taken = {name: value for name, value in fields.items() if name not in OWN}
    made = Event.objects.create(
        **taken,
        **moments_moved(event, starts_at),
        title=title,
        slug=free_slug(title),
        is_template=as_template,
        series=series,
    )
    levels = {level.pk: _copy_level(level, made) for level in event.price_levels.prefetch_related("prices")}
    if event.plan_id:
        inventory.copy_places(source=event, target=made, levels=levels)
    facts = {"template": True} if as_template else {"series": series.name} if series else {}
    audit.record("event.created", made, at=clock.now(), by=by, called=title, copied_from=event.pk, **facts)
    if with_holds and event.plan_id:
        holds.copy_all(source=event, target=made, until=lambda moment: moment_moved(event, moment, starts_at), by=by)
    return made


def copy_pictures(*, event_id: int, to: Event, by: Any = None) -> None:
    """Give an event the pictures of another, in their order, with files of their own."""
    for picture in EventPicture.objects.filter(event=event_id):
        pictures.add_again(picture=picture, owner=to, by=by)


def free_slug(title: str) -> str:
    """
    Return an address that no event of any organization has. Within the caller's transaction: until it ends, whoever
    else looks for one like it waits.
    """
    base = slugify(title)[:160] or "event"
    take_turns(f"address {re.sub('(-[0-9]+)+$', '', base)}")  # a second “Night” wants what “Night 2” has
    taken = set(Event.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in [base, *numbered] if slug not in taken)


def moments_moved(event: Event, starts_at: datetime) -> dict[str, datetime | None]:
    """Return the event's moments as they are when it starts then: each as far from the start, by the venue's clocks."""
    moments = {name: getattr(event, name) for name in MOMENTS}
    return {name: moment and moment_moved(event, moment, starts_at) for name, moment in moments.items()} | {
        "starts_at": starts_at
    }


def moment_moved(event: Event, moment: datetime, starts_at: datetime) -> datetime:
    """Return a moment as far from another start as it is from the event's own, by the venue's clocks."""
    zone = event.venue.zone
    return _later(moment, _clock(starts_at, zone) - _clock(event.starts_at, zone), zone)


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
