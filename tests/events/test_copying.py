"""Another evening of the same."""

from datetime import UTC, datetime

import pytest
from django.core.files.storage import default_storage

from core import pictures
from core.models import AuditEntry
from events.models import Event, Hold, Price
from events.services import copying, holds
from tests.factories import (
    CategoryFactory,
    EventFactory,
    UserFactory,
    VenueFactory,
    event_on_sale,
    event_picture,
    paid,
    place_at,
    seated_event,
)

pytestmark = pytest.mark.django_db


def test_a_copy_is_a_draft_with_levels_and_prices_and_nothing_that_was_sold(noon: datetime) -> None:
    event = event_on_sale(
        title="First night",
        levels={"Standing": 10, "Balcony": 5},
        amounts={"Adult": 2_000, "Child": 900},
        description="Words.",
        featured=True,
        max_per_booking=4,
        category=CategoryFactory(),
    )
    paid(event_on_sale())
    event_picture(event)
    user, start = UserFactory(), datetime(2026, 10, 1, 18, tzinfo=UTC)
    made = copying.copy(event_id=event.pk, title="Second night", starts_at=start, by=user)
    made = Event.objects.get(pk=made.pk)
    assert (made.status, made.published_at, made.featured, made.slug) == ("draft", None, False, "second-night")
    assert (made.venue, made.category, made.description) == (event.venue, event.category, "Words.")
    assert (made.max_per_booking, made.currency, made.search_text) == (4, "EUR", "second night")
    assert list(made.price_levels.values_list("name", "order", "places")) == [("Standing", 0, 10), ("Balcony", 1, 5)]
    prices = Price.objects.filter(price_level__event=made).order_by("pk")
    assert sorted(prices.values_list("ticket_type__name", "amount")) == [("Adult", 2_000)] * 2 + [("Child", 900)] * 2
    assert (made.places.count(), made.bookings.count(), made.pictures.count()) == (0, 0, 0)
    entry = AuditEntry.objects.get(object_type="events.event", object_id=made.pk)
    assert (entry.action, entry.by) == ("event.created", user)
    assert entry.facts == {"called": "Second night", "copied_from": event.pk}
    event.refresh_from_db()
    assert (event.title, event.status, event.places.count()) == ("First night", "published", 15)


def test_times_keep_their_distance_by_the_venues_clocks_across_summer_time(noon: datetime) -> None:
    """From summer to winter: 20:00 stays 20:00 in Berlin, and is another moment."""
    event = EventFactory(
        venue=VenueFactory(time_zone="Europe/Berlin"),
        starts_at=datetime(2026, 9, 1, 18, tzinfo=UTC),  # 20:00
        ends_at=datetime(2026, 9, 1, 20, 30, tzinfo=UTC),
        doors_at=datetime(2026, 9, 1, 17, tzinfo=UTC),
        sales_start=datetime(2026, 8, 1, 8, tzinfo=UTC),  # 10:00
        sales_end=None,
    )
    made = copying.copy(event_id=event.pk, title="Winter", starts_at=datetime(2026, 11, 10, 19, tzinfo=UTC))
    made.refresh_from_db()
    assert made.starts_at == datetime(2026, 11, 10, 19, tzinfo=UTC)  # 20:00
    assert made.ends_at == datetime(2026, 11, 10, 21, 30, tzinfo=UTC)
    assert made.doors_at == datetime(2026, 11, 10, 18, tzinfo=UTC)
    assert made.sales_start == datetime(2026, 10, 10, 8, tzinfo=UTC)  # 10:00, still summer time
    assert made.sales_end is None


def test_each_copy_has_an_address_of_its_own(noon: datetime) -> None:
    event = EventFactory(title="Night", slug="night")
    start = datetime(2026, 11, 10, 19, tzinfo=UTC)
    slugs = [copying.copy(event_id=event.pk, title="Night", starts_at=start).slug for _time in range(2)]
    assert slugs == ["night-2", "night-3"]
    assert copying.copy(event_id=event.pk, title="夜", starts_at=start).slug == "event"


def test_holds_are_copied_by_seat_and_by_count_and_end_as_far_from_the_start(noon: datetime) -> None:
    """What is sold at the source is free at the copy; a hold that would be over already has no end."""
    event = seated_event({"Stalls": "ssss"}, {"Floor": 5}, starts_at=datetime(2026, 9, 1, 18, tzinfo=UTC))
    seats = [place_at(event, "Stalls A 1").pk, place_at(event, "Stalls A 3").pk]
    ends = datetime(2026, 8, 31, 10, tzinfo=UTC)
    holds.create(event_id=event.pk, place_ids=seats, kind="press", reason="Critics", until=ends)
    floor = event.price_levels.get(name="Floor")
    holds.create_standing(event_id=event.pk, level_id=floor.pk, quantity=2, kind="artist")
    over = holds.create(event_id=event.pk, place_ids=[place_at(event, "Stalls A 4").pk], kind="venue")
    holds.release(hold_id=over.hold.pk)
    start, user = datetime(2026, 11, 10, 19, tzinfo=UTC), UserFactory()
    made = copying.copy(event_id=event.pk, title="Winter", starts_at=start, with_holds=True, by=user)
    found = [(hold.kind, hold.reason, hold.until, hold.by, _kept(hold)) for hold in made.holds.all()]
    assert found == [
        (
            "press",
            "Critics",
            datetime(2026, 11, 9, 11, tzinfo=UTC),
            user,
            ["Stalls, row A, seat 1", "Stalls, row A, seat 3"],
        ),
        ("artist", "", None, user, ["Floor", "Floor"]),
    ]
    assert event.places.filter(status="held").count() == 4
    assert AuditEntry.objects.filter(action="event.seats_held", object_id=made.pk).count() == 2
    assert copying.copy(event_id=event.pk, title="Bare", starts_at=start).holds.count() == 0


def _kept(hold: Hold) -> list[str]:
    return [str(place.name) for place in hold.places.named().order_by("pk")]


def test_pictures_are_copied_with_files_of_their_own(noon: datetime) -> None:
    event = event_on_sale()
    first, second = event_picture(event, alt="One"), event_picture(event, alt="Two", focus_x=20)
    start = datetime(2026, 11, 10, 19, tzinfo=UTC)
    made = copying.copy(event_id=event.pk, title="Again", starts_at=start, with_pictures=True)
    facts = list(made.pictures.values_list("alt", "focus_x", "order"))
    assert facts == [("One", 50, 0), ("Two", 20, 1)]
    assert {first.key, second.key}.isdisjoint(made.pictures.values_list("key", flat=True))
    pictures.remove(picture=first)
    assert default_storage.exists(pictures.path(made.pictures.first().key, "card.webp"))
    assert event.pictures.count() == 1
