"""The places of an event, to look at."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.backoffice.desk import at_work
from tests.factories import EventFactory, OrganizationFactory, VenueFactory, event_on_sale, paid, price_of, reserve
from tests.pages import text_of

pytestmark = pytest.mark.django_db

LIST = "/admin/events/eventseat/"


def test_an_event_is_chosen_first(noon: datetime) -> None:
    """S11"""
    house = OrganizationFactory()
    EventFactory(venue=VenueFactory(organization=house), title="Café")
    EventFactory(title="Another house's")
    client, _user = at_work("entry_manager", house)
    for address in (LIST, f"{LIST}?q=CAFE"):
        page = text_of(client.get(address))
        assert "Café" in page
        assert "Another house" not in page
    assert "No event has a name like that." in text_of(client.get(f"{LIST}?q=opera"))


def test_what_became_of_each_place(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 3, "Balcony": 2})
    booking = reserve(event, 2, price=price_of(event))
    client, _user = at_work("support", event.organization)
    page = client.get(f"{LIST}?event={event.pk}")
    rows = [(row.price_level.name, row.status, row.held_by) for row in page.context["cl"].result_list]
    taken = [("Standing", "reserved", booking)] * 2
    assert rows == [*taken, ("Standing", "available", None), *[("Balcony", "available", None)] * 2]
    assert booking.code in text_of(page)
    assert "(CEST)" in text_of(page)


def test_filters_are_those_of_the_event(noon: datetime) -> None:
    event, other = event_on_sale(levels={"Standing": 3, "Balcony": 2}), event_on_sale(levels={"Elsewhere": 4})
    reserve(event, 2, price=price_of(event))
    client, _user = at_work("support", event.organization)

    def found(query: str) -> int:
        page = client.get(f"{LIST}?event={event.pk}&{query}")
        assert "Elsewhere" not in page.content.decode()
        return len(page.context["cl"].result_list)

    balcony = event.price_levels.get(name="Balcony")
    assert found(f"level={balcony.pk}") == 2
    assert found("status__exact=reserved") == 2
    assert found(f"level={other.price_levels.get().pk}") == 5  # not a level of this event: passed over


def test_bookings_are_for_who_may_see_them(noon: datetime) -> None:
    event = event_on_sale()
    booking = paid(event)
    for role, seen in (("support", True), ("entry_manager", False), ("analyst", False)):
        client, _user = at_work(role, event.organization)
        assert (booking.code in client.get(f"{LIST}?event={event.pk}").content.decode()) is seen


def test_fifty_places_take_as_many_queries_as_one(noon: datetime) -> None:
    house = OrganizationFactory()
    small = event_on_sale(levels={"Standing": 1}, venue=VenueFactory(organization=house))
    large = event_on_sale(levels={"Standing": 80}, venue=VenueFactory(organization=house), max_per_booking=60)
    for event, quantity in ((small, 1), (large, 50)):
        reserve(event, quantity, price=price_of(event))
    client, _user = at_work("support", house)

    def asked(event: object) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{LIST}?event={event.pk}").status_code == 200  # type: ignore[attr-defined]
        return len(queries)

    asked(small)
    assert asked(large) == asked(small)


def test_another_houses_places_arent_there_and_nobody_types_here(noon: datetime) -> None:
    """S8, S11"""
    event, foreign = event_on_sale(), event_on_sale()
    client, _user = at_work("admin", event.organization)
    assert client.get(f"{LIST}?event={foreign.pk}").status_code == 404
    assert client.get(f"{LIST}?event=x").status_code == 404
    assert client.get(f"{LIST}{foreign.places.first().pk}/change/").status_code == 404
    own = event.places.first()
    page = client.get(f"{LIST}{own.pk}/change/")
    assert page.status_code == 200
    assert 'name="status"' not in page.content.decode()
    assert client.post(f"{LIST}{own.pk}/change/", {"status": "sold"}).status_code == 403
    assert client.post(f"{LIST}{own.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    own.refresh_from_db()
    assert own.status == "available"


def test_autocomplete_offers_nothing_of_another_house(noon: datetime) -> None:
    """S11"""
    event, _foreign = event_on_sale(), event_on_sale()
    client, _user = at_work("admin", event.organization)
    answer = client.get("/admin/autocomplete/?app_label=events&model_name=event&field_name=venue&term=Venue")
    assert [each["id"] for each in answer.json()["results"]] == [str(event.venue_id)]
