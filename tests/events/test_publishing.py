"""From a draft to an event that sells."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bookings.queries.promises import violations
from core.models import AuditEntry
from events.models import Event, EventSeat, Price, PriceLevel
from events.services import inventory
from events.services.publishing import NotReady, advisable, missing, publish
from tests.factories import EventFactory, OrganizationFactory, TicketTypeFactory, UserFactory, VenueFactory

pytestmark = pytest.mark.django_db


def draft(*, places: int = 5, amount: int = 2_000, is_free: bool = False, **fields: Any) -> Event:
    """A draft with one level at one price."""
    event = EventFactory(**fields)
    level = PriceLevel.objects.create(event=event, name="Standing", places=places)
    ticket_type = TicketTypeFactory(
        organization=event.organization, is_free=is_free, default_price=0 if is_free else 2_000
    )
    Price.objects.create(price_level=level, ticket_type=ticket_type, amount=amount)
    return event


def assert_still_a_draft(event: Event) -> None:
    event.refresh_from_db()
    assert event.status == "draft"
    assert not EventSeat.objects.exists()
    assert not AuditEntry.objects.filter(action="event.published").exists()


def test_publishing_makes_the_places_of_each_level(noon: datetime) -> None:
    event, user = draft(places=5), UserFactory()
    published = publish(event_id=event.pk, by=user)
    assert published.status == "published"
    assert set(EventSeat.objects.values_list("event", "status", "ownership")) == {(event.pk, "available", "owned")}
    assert EventSeat.objects.count() == 5
    entry = AuditEntry.objects.get(action="event.published")
    assert (entry.object_id, entry.at, entry.by) == (event.pk, noon, user)
    assert list(violations()) == []


def test_publishing_twice_changes_nothing(noon: datetime) -> None:
    event = draft(places=5)
    publish(event_id=event.pk)
    publish(event_id=event.pk)
    assert EventSeat.objects.count() == 5
    assert AuditEntry.objects.filter(action="event.published").count() == 1


def test_an_event_without_levels_gets_general_admission_at_default_prices(noon: datetime) -> None:
    event = EventFactory(venue=VenueFactory(capacity=7))
    for name, price in (("Adult", 2_000), ("Child", 900)):
        TicketTypeFactory(organization=event.organization, name=name, default_price=price)
    TicketTypeFactory(organization=event.organization, name="Entry", default_price=0, is_free=True)
    TicketTypeFactory(organization=event.organization, name="Old", active=False)
    TicketTypeFactory(name="Another house's")
    publish(event_id=event.pk)
    level = PriceLevel.objects.get()
    assert (level.name, level.places, EventSeat.objects.filter(price_level=level).count()) == (
        "General admission",
        7,
        7,
    )
    prices = Price.objects.values_list("ticket_type__name", "amount").order_by("ticket_type__name")
    assert list(prices) == [("Adult", 2_000), ("Child", 900), ("Entry", 0)]
    assert list(violations()) == []


def test_general_admission_needs_a_ticket_type(noon: datetime) -> None:
    event = EventFactory()
    TicketTypeFactory(organization=event.organization, active=False)
    with pytest.raises(NotReady, match="Add a ticket type first"):
        publish(event_id=event.pk)
    assert_still_a_draft(event)
    assert not PriceLevel.objects.exists()


def test_default_prices_are_of_no_other_currency(noon: datetime) -> None:
    event = EventFactory(currency="JPY", fee_per_ticket=100)
    TicketTypeFactory(organization=event.organization)
    with pytest.raises(NotReady, match="Default prices are in another currency"):
        publish(event_id=event.pk)
    assert_still_a_draft(event)


def test_a_level_needs_a_price_and_without_it_no_level_is_made(noon: datetime) -> None:
    event = draft()
    PriceLevel.objects.create(event=event, name="Balcony", order=1, places=3)
    with pytest.raises(NotReady, match="Balcony has no price."):
        publish(event_id=event.pk)
    assert_still_a_draft(event)


def test_only_a_free_ticket_type_costs_nothing(noon: datetime) -> None:
    event = draft(amount=0)
    with pytest.raises(NotReady, match="only a free ticket type may be"):
        publish(event_id=event.pk)
    assert_still_a_draft(event)
    assert publish(event_id=draft(amount=0, is_free=True).pk).status == "published"


@pytest.mark.parametrize("seconds", [0, -1, -86_400])
def test_an_event_that_would_have_started_is_refused(noon: datetime, seconds: int) -> None:
    event = draft(starts_at=noon + timedelta(seconds=seconds))
    with pytest.raises(NotReady, match="would have started already"):
        publish(event_id=event.pk)
    assert_still_a_draft(event)


def test_an_event_in_a_moment_can_still_be_published(noon: datetime) -> None:
    assert publish(event_id=draft(starts_at=noon + timedelta(seconds=1)).pk).status == "published"


def test_a_venue_that_is_no_longer_used_is_refused(noon: datetime) -> None:
    event = draft(venue=VenueFactory(active=False, name="Old Hall"))
    with pytest.raises(NotReady, match="Old Hall is no longer in use."):
        publish(event_id=event.pk)
    assert_still_a_draft(event)


def test_a_cancelled_event_stays_cancelled(noon: datetime) -> None:
    event = draft(status="cancelled")
    with pytest.raises(NotReady, match="can't be published again"):
        publish(event_id=event.pk)
    event.refresh_from_db()
    assert event.status == "cancelled"
    assert not EventSeat.objects.exists()


@pytest.mark.parametrize(
    ("currency", "house_fee", "own_fee", "ready"),
    [
        ("JPY", 50, None, False),
        ("JPY", 50, 0, True),
        ("JPY", 50, 100, True),
        ("JPY", 0, None, True),
        ("EUR", 50, None, True),
    ],
)
def test_a_fixed_fee_is_of_the_events_own_currency(
    noon: datetime, currency: str, house_fee: int, own_fee: int | None, ready: bool
) -> None:
    house = OrganizationFactory(fee_per_ticket=house_fee)
    event = draft(venue=VenueFactory(organization=house), currency=currency, fee_per_ticket=own_fee)
    if ready:
        assert publish(event_id=event.pk).status == "published"
        return
    with pytest.raises(NotReady, match="Set a fee per ticket in JPY."):
        publish(event_id=event.pk)
    assert_still_a_draft(event)


@pytest.mark.parametrize(
    ("currency", "house_fee", "own_fee", "ready"),
    [("JPY", 200, None, False), ("JPY", 200, 0, True), ("JPY", 0, None, True), ("EUR", 200, None, True)],
)
def test_a_fee_per_booking_is_of_the_events_own_currency(
    noon: datetime, currency: str, house_fee: int, own_fee: int | None, ready: bool
) -> None:
    house = OrganizationFactory(fee_per_ticket=0, fee_per_booking=house_fee)
    event = draft(venue=VenueFactory(organization=house), currency=currency, fee_per_booking=own_fee)
    if ready:
        assert publish(event_id=event.pk).status == "published"
        return
    with pytest.raises(NotReady, match="Set a fee per booking in JPY."):
        publish(event_id=event.pk)
    assert_still_a_draft(event)


def test_more_places_than_the_venue_holds_are_refused(noon: datetime) -> None:
    event = draft(places=6, venue=VenueFactory(capacity=5))
    with pytest.raises(NotReady, match="holds 5 people, and the price levels have 6 places."):
        publish(event_id=event.pk)
    assert_still_a_draft(event)


def test_places_that_were_made_already_are_not_made_again(noon: datetime) -> None:
    event = draft(places=5)
    inventory.make_places(level=event.price_levels.get(), quantity=2)
    PriceLevel.objects.update(places=5)
    publish(event_id=event.pk)
    assert EventSeat.objects.count() == 5
    assert list(violations()) == []


def test_a_level_made_smaller_before_publishing_has_no_more_places_than_it_says(noon: datetime) -> None:
    """R2: the surplus goes, or the draft isn't ready; the audit has nothing to find either way."""
    event = draft(places=5)
    inventory.make_places(level=event.price_levels.get(), quantity=5)
    PriceLevel.objects.update(places=3)
    try:
        publish(event_id=event.pk)
    except (NotReady, inventory.TooManyPlaces):
        event.refresh_from_db()
        assert event.status == "draft"
    assert list(violations()) == []


def test_the_list_of_what_is_missing_is_what_refuses(noon: datetime) -> None:
    event = draft(
        starts_at=noon - timedelta(days=1), venue=VenueFactory(active=False, name="Old Hall", capacity=4), places=5
    )
    PriceLevel.objects.create(event=event, name="Balcony", order=1, places=3)
    assert missing(event, noon) == [
        "This event would have started already: give it a start in the future.",
        "Old Hall is no longer in use.",
        "Balcony has no price.",
        "Old Hall holds 4 people, and the price levels have 8 places.",
    ]
    with pytest.raises(NotReady, match="would have started already"):
        publish(event_id=event.pk)
    assert_still_a_draft(event)


def test_an_event_without_places_or_with_sales_that_ended_is_not_ready(noon: datetime) -> None:
    event = draft(places=0, sales_end=noon)
    assert missing(event, noon) == [
        "Sales would have ended already: let them end later.",
        "No price level has places: say how many.",
    ]
    assert missing(draft(), noon) == []


def test_what_would_help_keeps_nothing_from_being_published(noon: datetime) -> None:
    event = draft()
    assert len(advisable(event)) == 4
    assert publish(event_id=event.pk).status == "published"
