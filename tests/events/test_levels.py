"""Price levels and their prices, as steps of a larger change."""

from datetime import datetime

import pytest
from django.db import transaction

from bookings.queries.promises import violations
from core.models import AuditEntry
from events.models import Event, Price, PriceLevel
from events.services import levels
from events.services.inventory import TooManyPlaces
from tests.factories import EventFactory, TicketTypeFactory, UserFactory, VenueFactory, event_on_sale, paid, reserve

pytestmark = pytest.mark.django_db


def facts(event: Event) -> list[tuple[str, object]]:
    return [(entry.action, entry.facts) for entry in AuditEntry.objects.filter(action__startswith="event.level_")]


def test_a_level_of_a_draft_is_a_plan(noon: datetime) -> None:
    event, user = EventFactory(), UserFactory()
    adult = TicketTypeFactory(organization=event.organization, name="Adult")
    child = TicketTypeFactory(organization=event.organization, name="Child")
    level = levels.add(
        event=event, name="Stalls", order=None, places=5_000, amounts={adult.pk: 900, child.pk: None}, by=user
    )
    second = levels.add(event=event, name="Balcony", order=None, places=5, amounts={}, by=user)
    assert (level.places, level.order, second.order, event.places.count()) == (5_000, 0, 1, 0)
    assert list(Price.objects.values_list("price_level", "ticket_type", "amount")) == [(level.pk, adult.pk, 900)]
    assert facts(event) == [
        ("event.level_added", {"level": "Stalls", "places": 5_000, "prices": {"Adult": 900}}),
        ("event.level_added", {"level": "Balcony", "places": 5, "prices": {}}),
    ]
    assert set(AuditEntry.objects.values_list("by", flat=True)) == {user.pk}


def test_a_level_of_a_published_event_sells_at_once(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 10})
    level = levels.add(event=event, name="Stalls", order=3, places=4, amounts={})
    assert (level.places, level.order, event.places.filter(price_level=level).count()) == (4, 3, 4)
    assert list(violations()) == []


def test_a_full_house_takes_no_more(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 10}, venue=VenueFactory(capacity=10))
    with pytest.raises(TooManyPlaces), transaction.atomic():
        levels.add(event=event, name="Stalls", order=None, places=1, amounts={})
    assert event.price_levels.count() == 1
    assert facts(event) == []


def test_nothing_changed_is_nothing_recorded(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 10})
    level, price = event.price_levels.get(), Price.objects.get()
    history = PriceLevel.history.count()
    levels.change(level=level, name="Standing", order=0, places=10, amounts={price.ticket_type_id: 2_000})
    assert facts(event) == []
    assert PriceLevel.history.count() == history


def test_a_price_changes_for_the_future_and_tickets_keep_theirs(noon: datetime) -> None:
    """S51"""
    event = event_on_sale(levels={"Standing": 10})
    booking = paid(event, 2)
    level, price = event.price_levels.get(), Price.objects.get()
    levels.change(level=level, name="Floor", order=2, places=12, amounts={price.ticket_type_id: 2_500})
    level.refresh_from_db()
    assert (level.name, level.order, level.places, event.places.count()) == ("Floor", 2, 12, 12)
    assert set(booking.tickets.values_list("price", flat=True)) == {2_000}
    changed = {"name": ["Standing", "Floor"], "order": [0, 2], "places": [10, 12]}
    prices = {"prices": {"Standard": [2_000, 2_500]}}
    assert facts(event) == [("event.level_changed", {"level": "Floor", **changed, **prices})]
    assert Price.history.filter(amount=2_500, history_type="~").exists()
    assert list(violations()) == []


def test_without_a_price_a_type_only_stops_selling(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 10})
    booking = paid(event, 2)
    type_id = Price.objects.get().ticket_type_id
    levels.change(level=event.price_levels.get(), name="Standing", order=0, places=10, amounts={type_id: None})
    assert not Price.objects.exists()
    assert booking.tickets.live().count() == 2
    assert list(violations()) == []


def test_sold_places_cant_vanish(noon: datetime) -> None:
    """R23"""
    event = event_on_sale(levels={"Standing": 10})
    paid(event, 2)
    level = event.price_levels.get()
    with pytest.raises(TooManyPlaces), transaction.atomic():
        levels.change(level=level, name="Standing", order=0, places=1, amounts={})
    assert event.places.count() == 10
    levels.change(level=level, name="Standing", order=0, places=2, amounts={})
    assert event.places.count() == 2
    assert list(violations()) == []


def test_a_level_whose_places_were_on_tickets_stays(noon: datetime) -> None:
    """R23"""
    event = event_on_sale(levels={"Standing": 10, "Balcony": 5})
    reserve(event, 1, price=Price.objects.get(price_level__name="Standing"))
    with pytest.raises(levels.InUse), transaction.atomic():
        levels.remove(level=event.price_levels.get(name="Standing"))
    assert event.places.count() == 15
    levels.remove(level=event.price_levels.get(name="Balcony"))
    assert (event.price_levels.count(), event.places.count()) == (1, 10)
    assert facts(event) == [("event.level_removed", {"level": "Balcony", "places": 5})]


def test_the_last_level_of_an_event_on_sale_stays_and_that_of_a_draft_goes(noon: datetime) -> None:
    event, draft = event_on_sale(), EventFactory()
    with pytest.raises(levels.InUse), transaction.atomic():
        levels.remove(level=event.price_levels.get())
    assert event.places.count() == 10
    levels.remove(level=PriceLevel.objects.create(event=draft, name="Stalls", places=3))
    assert not draft.price_levels.exists()
