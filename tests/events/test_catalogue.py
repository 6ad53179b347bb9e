"""Deleting what was never sold; foreign keys are checked at the commit, so these tests commit."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.storage import default_storage

from bookings.models import Booking
from bookings.services import cancellations
from events.models import Event, EventPicture, EventSeat, Price, PriceLevel, TicketType
from events.services import catalogue
from tests.factories import (
    EventFactory,
    TicketTypeFactory,
    VenueFactory,
    event_on_sale,
    event_picture,
    paid,
    reserve,
    venue_picture,
)
from venues.models import Venue, VenuePicture

pytestmark = pytest.mark.django_db(transaction=True)

MODELS = (Venue, Event, PriceLevel, Price, EventSeat, TicketType, Booking, EventPicture, VenuePicture)


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in MODELS}


def test_an_event_goes_with_its_levels_prices_and_places(noon: datetime) -> None:
    event, other = event_on_sale(levels={"Standing": 3, "Balcony": 2}), event_on_sale(levels={"Standing": 4})
    catalogue.delete_event(event_id=event.pk)
    assert counts() == {
        "Venue": 2,
        "Event": 1,
        "PriceLevel": 1,
        "Price": 1,
        "EventSeat": 4,
        "TicketType": 2,
        "Booking": 0,
        "EventPicture": 0,
        "VenuePicture": 0,
    }
    assert Event.objects.get() == other


def test_a_draft_goes_too(noon: datetime) -> None:
    catalogue.delete_event(event_id=EventFactory().pk)
    assert not Event.objects.exists()


def test_a_venue_goes_with_its_events(noon: datetime) -> None:
    venue = VenueFactory()
    event_on_sale(venue=venue)
    event_on_sale(venue=venue, levels={"Other": 3})
    kept = event_on_sale()
    catalogue.delete_venue(venue_id=venue.pk)
    assert (Venue.objects.get(), Event.objects.get()) == (kept.venue, kept)
    assert EventSeat.objects.count() == 10


def keys_in_storage() -> set[str]:
    return set(default_storage.listdir("pictures")[0])


def test_an_event_goes_with_its_pictures_and_their_files(noon: datetime) -> None:
    event, other = EventFactory(), event_picture()
    event_picture(event)
    event_picture(event)
    catalogue.delete_event(event_id=event.pk)
    assert EventPicture.objects.get() == other
    assert keys_in_storage() == {other.key}


def test_a_venue_goes_with_its_pictures_and_those_of_its_events(noon: datetime) -> None:
    venue, other = VenueFactory(), venue_picture()
    venue_picture(venue)
    event_picture(EventFactory(venue=venue))
    catalogue.delete_venue(venue_id=venue.pk)
    assert (VenuePicture.objects.get(), EventPicture.objects.count()) == (other, 0)
    assert keys_in_storage() == {other.key}


def test_what_is_not_deleted_keeps_its_files(noon: datetime) -> None:
    """R23"""
    event = event_on_sale()
    kept = {event_picture(event).key, venue_picture(event.venue).key}
    reserve(event)
    with pytest.raises(catalogue.HasBookings):
        catalogue.delete_event(event_id=event.pk)
    with pytest.raises(catalogue.HasBookings):
        catalogue.delete_venue(venue_id=event.venue_id)
    assert keys_in_storage() == kept


def test_an_empty_venue_goes(noon: datetime) -> None:
    catalogue.delete_venue(venue_id=VenueFactory().pk)
    assert not Venue.objects.exists()


def test_a_ticket_type_goes_with_its_prices(noon: datetime) -> None:
    event = event_on_sale(amounts={"Adult": 2_000, "Child": 1_000})
    catalogue.delete_ticket_type(ticket_type_id=TicketType.objects.get(name="Child").pk)
    assert list(TicketType.objects.values_list("name", flat=True)) == ["Adult"]
    assert list(Price.objects.values_list("amount", flat=True)) == [2_000]
    assert event.places.count() == 10


def test_a_ticket_type_without_prices_goes(noon: datetime) -> None:
    catalogue.delete_ticket_type(ticket_type_id=TicketTypeFactory().pk)
    assert not TicketType.objects.exists()


def cancelled(event: Event) -> None:
    cancellations.cancel(booking_id=reserve(event).pk, reason="test")


DELETIONS: list[tuple[Callable[[Event], None], str]] = [
    (lambda event: catalogue.delete_event(event_id=event.pk), "Cancel it instead."),
    (lambda event: catalogue.delete_venue(venue_id=event.venue_id), "Make it inactive instead."),
    (
        lambda event: catalogue.delete_ticket_type(ticket_type_id=TicketType.objects.get().pk),
        "Make it inactive instead.",
    ),
]


@pytest.mark.parametrize("booked", [reserve, paid, cancelled])
@pytest.mark.parametrize(("delete", "advice"), DELETIONS, ids=["event", "venue", "ticket type"])
def test_what_is_part_of_a_booking_stays_whole(
    noon: datetime, delete: Callable[[Event], None], advice: str, booked: Callable[[Event], object]
) -> None:
    """R23: whatever became of the booking."""
    event = event_on_sale()
    booked(event)
    before = counts()
    with pytest.raises(catalogue.HasBookings) as caught:
        delete(event)
    assert str(caught.value).endswith(advice)
    assert counts() == before


def test_one_booked_event_keeps_the_whole_venue(noon: datetime) -> None:
    venue = VenueFactory()
    event_on_sale(venue=venue)
    reserve(event_on_sale(venue=venue))
    before = counts()
    with pytest.raises(catalogue.HasBookings):
        catalogue.delete_venue(venue_id=venue.pk)
    assert counts() == before
