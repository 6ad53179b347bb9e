"""
Deleting what was never sold, set-wise.

Bookings are beyond this app's horizon, but their foreign keys aren't: the database refuses, and the
refusal becomes a sentence that says what to do instead.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, connection
from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import audit, clock, pictures
from core.refusals import Refusal
from core.transactions import outermost
from events.models import Allocation, Category, Event, EventPicture, EventSeat, Hold, Price, PriceLevel, TicketType
from venues.models import SeatingPlan, Venue, VenuePicture
from venues.services import plans


class HasBookings(Refusal):
    """What should be deleted is part of somebody's booking."""


def delete_event(*, event_id: int, by: Any = None) -> None:
    """Delete an event with its price levels, prices, places and pictures. Raises HasBookings."""
    with _refusing(_("This event has bookings, so it can't be deleted. Cancel it instead.")):
        _delete_event(event_id=event_id, by=by)


def delete_venue(*, venue_id: int, by: Any = None) -> None:
    """Delete a venue with its events, pictures and seating plans. Raises HasBookings."""
    with _refusing(_("An event at this venue has bookings, so it can't be deleted. Make it inactive instead.")):
        _delete_venue(venue_id=venue_id, by=by)


def delete_ticket_type(*, ticket_type_id: int, by: Any = None) -> None:
    """Delete a ticket type with its prices. Raises HasBookings."""
    with _refusing(_("Tickets of this type were booked, so it can't be deleted. Make it inactive instead.")):
        _delete_ticket_type(ticket_type_id=ticket_type_id, by=by)


@outermost
def delete_category(*, category_id: int, by: Any = None) -> None:
    """Delete a category; its events stay, without one."""
    for category in Category.objects.select_for_update(no_key=True).filter(pk=category_id):
        events = Event.objects.filter(category=category)
        list(events.locked())
        count = events.update(category=None)
        _delete_only(Category.objects.filter(pk=category_id))
        audit.record("category.deleted", category, at=clock.now(), by=by, called=str(category), events=count)


@contextmanager
def _refusing(message: Promise) -> Iterator[None]:
    """Foreign keys are checked at the commit, so this goes around the whole transaction."""
    try:
        yield
    except IntegrityError as error:
        raise HasBookings(message) from error


@outermost
def _delete_event(*, event_id: int, by: Any) -> None:
    for event in Event.objects.filter(pk=event_id):
        _delete_rows_of_events([event], by)


@outermost
def _delete_venue(*, venue_id: int, by: Any) -> None:
    for venue in Venue.objects.select_for_update(no_key=True).filter(pk=venue_id):
        events = list(Event.objects.filter(venue=venue))
        _delete_rows_of_events(events, by)
        _delete_pictures(VenuePicture.objects.filter(venue=venue))
        _delete_only(Allocation.objects.filter(plan__venue=venue))
        plans.delete_rows(SeatingPlan.objects.filter(venue=venue))
        _delete_only(Venue.objects.filter(pk=venue_id))
        audit.record("venue.deleted", venue, at=clock.now(), by=by, called=str(venue), events=len(events))


@outermost
def _delete_ticket_type(*, ticket_type_id: int, by: Any) -> None:
    for ticket_type in TicketType.objects.select_for_update(no_key=True).filter(pk=ticket_type_id):
        prices = Price.objects.filter(ticket_type=ticket_type)
        count = prices.count()
        _delete_only(prices)
        _delete_only(TicketType.objects.filter(pk=ticket_type_id))
        facts = {"called": str(ticket_type), "prices": count}
        audit.record("ticket_type.deleted", ticket_type, at=clock.now(), by=by, **facts)


def _delete_rows_of_events(events: list[Event], by: Any) -> None:
    event_ids = [event.pk for event in events]
    list(Event.objects.locked().filter(pk__in=event_ids))
    places = EventSeat.objects.filter(event__in=event_ids)
    made = dict(places.order_by().values_list("event").annotate(Count("pk")))
    _delete_only(places)
    _delete_only(Hold.objects.filter(event__in=event_ids))
    _delete_only(Price.objects.filter(price_level__event__in=event_ids))
    _delete_only(PriceLevel.objects.filter(event__in=event_ids))
    _delete_pictures(EventPicture.objects.filter(event__in=event_ids))
    _delete_only(Event.objects.filter(pk__in=event_ids))
    now = clock.now()
    for event in events:
        audit.record("event.deleted", event, at=now, by=by, called=str(event), places=made.get(event.pk, 0))


def _delete_pictures(rows: QuerySet) -> None:
    keys = list(rows.order_by("pk").select_for_update(no_key=True).values_list("key", flat=True))
    _delete_only(rows)
    pictures.discard(keys)


def _delete_only(rows: QuerySet) -> None:
    """One DELETE. Django's own would first load every row to look for what PROTECTs it."""
    rows._raw_delete(connection.alias)
