"""Deleting what was never sold; foreign keys are checked at the commit, so these tests commit."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.storage import default_storage

from bookings.models import Booking
from bookings.services import cancellations
from core.models import AuditEntry
from events.models import Allocation, Event, EventPicture, EventSeat, Price, PriceLevel, TicketType
from events.services import catalogue
from tests.factories import (
    EventFactory,
    TicketTypeFactory,
    UserFactory,
    VenueFactory,
    event_on_sale,
    event_picture,
    paid,
    reserve,
    reserve_seats,
    seated_event,
    venue_picture,
)
from venues.models import Seat, SeatingPlan, Section, Venue, VenuePicture
from venues.services import plans as venue_plans

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


def test_a_venue_goes_with_its_seating_plans_and_how_they_were_divided(noon: datetime) -> None:
    """Companions name the seats of others, and drafts and retired versions are there besides."""
    event, kept = (seated_event({"Stalls": "sswc", "Circle": "ss"}, {"Floor": 5}) for _house in range(2))
    draft = venue_plans.new_version(plan_id=event.plan_id)
    Allocation.objects.create(plan=event.plan, name="Gala", layout={}, created_at=noon)
    assert draft.venue == event.venue
    catalogue.delete_venue(venue_id=event.venue_id)
    assert (Venue.objects.get(), Event.objects.get(), SeatingPlan.objects.get()) == (kept.venue, kept, kept.plan)
    assert (Section.objects.count(), Seat.objects.count(), Allocation.objects.count()) == (3, 6, 0)


def test_a_venue_with_bookings_keeps_its_seating_plans(noon: datetime) -> None:
    """R23"""
    event = seated_event()
    reserve_seats(event, "Stalls A 1")
    with pytest.raises(catalogue.HasBookings):
        catalogue.delete_venue(venue_id=event.venue_id)
    assert (SeatingPlan.objects.get(), Seat.objects.count(), EventSeat.objects.count()) == (event.plan, 18, 18)


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


def deletions() -> list[tuple[object, ...]]:
    entries = AuditEntry.objects.filter(action__endswith=".deleted").order_by("pk")
    return list(entries.values_list("action", "object_id", "facts", "by", "organization"))


def test_the_audit_trail_says_who_deleted_what(noon: datetime) -> None:
    """S51"""
    user, venue = UserFactory(), VenueFactory(name="Old Hall")
    first = event_on_sale(venue=venue, title="First", levels={"Standing": 3})
    draft = EventFactory(venue=venue, title="Draft")
    house = venue.organization_id
    catalogue.delete_venue(venue_id=venue.pk, by=user)
    assert deletions() == [
        ("event.deleted", first.pk, {"called": "First", "places": 3}, user.pk, house),
        ("event.deleted", draft.pk, {"called": "Draft", "places": 0}, user.pk, house),
        ("venue.deleted", venue.pk, {"called": "Old Hall, Berlin", "events": 2}, user.pk, house),
    ]


def test_a_deleted_ticket_type_is_in_the_audit_trail(noon: datetime) -> None:
    """S51"""
    event_on_sale(amounts={"Adult": 2_000, "Child": 1_000})
    child, user = TicketType.objects.get(name="Child"), UserFactory()
    catalogue.delete_ticket_type(ticket_type_id=child.pk, by=user)
    facts = {"called": "Child", "prices": 1}
    assert deletions() == [("ticket_type.deleted", child.pk, facts, user.pk, child.organization_id)]


def test_a_refused_deletion_is_in_no_trail(noon: datetime) -> None:
    event = event_on_sale()
    reserve(event)
    with pytest.raises(catalogue.HasBookings):
        catalogue.delete_venue(venue_id=event.venue_id)
    assert deletions() == []


def test_deleting_what_is_gone_does_nothing(noon: datetime) -> None:
    event = EventFactory()
    event_id, venue_id = event.pk, event.venue_id
    catalogue.delete_venue(venue_id=venue_id)
    before = deletions()
    catalogue.delete_event(event_id=event_id)
    catalogue.delete_venue(venue_id=venue_id)
    assert deletions() == before
