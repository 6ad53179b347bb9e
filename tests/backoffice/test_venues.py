"""Venues in the back office."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from events.models import Event, EventSeat
from tests.backoffice.desk import at_work, fields_of
from tests.factories import EventFactory, OrganizationFactory, VenueFactory, event_on_sale, reserve
from tests.pages import text_of
from venues.models import Venue

pytestmark = pytest.mark.django_db

LIST = "/admin/venues/venue/"
NEW = {
    "name": "Café Müller",
    "slug": "cafe-muller",
    "capacity": "80",
    "address": "1 Street",
    "city": "Essen",
    "country": "de",
}


def test_a_new_venue_is_the_houses_with_its_time_zone(noon: datetime) -> None:
    """S13, S51"""
    house = OrganizationFactory(time_zone="Europe/Madrid")
    client, user = at_work("organizer", house)
    fields = fields_of(client.get(LIST + "add/")) | NEW | {"amenities": ["bar", "lift"]}
    page = client.post(LIST + "add/", fields | {"organization": OrganizationFactory().pk})
    assert page.status_code == 302, page.context["errors"]
    venue = Venue.objects.get()
    assert (venue.organization, venue.time_zone, venue.country) == (house, "Europe/Madrid", "DE")
    assert venue.amenities == ["bar", "lift"]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.organization) == ("venue.created", user, house)


def test_old_and_new_values_are_in_the_audit_trail(noon: datetime) -> None:
    """S51"""
    venue = VenueFactory(amenities=["bar"])
    client, _user = at_work("organizer", venue.organization)
    address = f"{LIST}{venue.pk}/change/"
    unchanged = fields_of(client.get(address))
    assert client.post(address, unchanged).status_code == 302
    assert not AuditEntry.objects.exists()
    assert client.post(address, unchanged | {"capacity": "900", "amenities": ["bar", "wifi"]}).status_code == 302
    facts = {"capacity": [1000, 900], "amenities": [["bar"], ["bar", "wifi"]]}
    assert AuditEntry.objects.get().facts == {"called": str(venue), "changed": facts}


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("slug", "taken", "already exists"),
        ("name", "Taken", "already exists"),
        ("capacity", "0", "room for somebody"),
        ("country", "Germany", "at most 2 characters"),
        ("time_zone", "Mars/Olympus", "no time zone"),
        ("latitude", "52", "both, latitude and longitude"),
        ("latitude", "99", "less than or equal to 90"),
        ("amenities", "sauna", "sauna is not one of the available choices"),
        ("website", "javascript:alert(1)", "Enter a valid URL"),
    ],
)
def test_what_cant_be_is_said_and_no_fault(noon: datetime, field: str, typed: str, sentence: str) -> None:
    house = OrganizationFactory()
    VenueFactory(organization=house, name="Taken")
    VenueFactory(slug="taken")  # another house's: addresses are everybody's
    client, _user = at_work("organizer", house)
    page = client.post(LIST + "add/", fields_of(client.get(LIST + "add/")) | NEW | {field: typed})
    assert page.status_code == 200
    assert sentence in str(page.context["errors"])
    assert Venue.objects.count() == 2


def test_a_house_cant_become_smaller_than_what_is_sold_there(noon: datetime) -> None:
    """R23"""
    event = event_on_sale(title="Full house", levels={"Standing": 300, "Balcony": 100})
    EventFactory(venue=event.venue)
    client, _user = at_work("organizer", event.organization)
    address = f"{LIST}{event.venue_id}/change/"
    fields = fields_of(client.get(address))
    page = client.post(address, fields | {"capacity": "399"})
    assert "Full house has 400 places already" in str(page.context["errors"])
    assert client.post(address, fields | {"capacity": "400"}).status_code == 302
    assert Venue.objects.get().capacity == 400


def test_the_list_counts_coming_events_in_as_many_queries_for_fifty_as_for_one(noon: datetime) -> None:
    house = OrganizationFactory()
    event_on_sale(venue=VenueFactory(organization=house, name="Café", city="Bonn"))
    client, _user = at_work("organizer", house)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        return len(queries)

    asked()
    one = asked()
    for _number in range(49):
        EventFactory(venue=VenueFactory(organization=house))
    assert asked() == one
    page = client.get(f"{LIST}?q=CAFE+bonn")
    assert [(venue.name, venue.coming) for venue in page.context["cl"].result_list] == [("Café", 1)]
    assert client.get(f"{LIST}?city=Bonn&active__exact=1&type__exact=other").status_code == 200


def test_deleting_counts_first_and_loads_no_place(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 500})
    event_on_sale(venue=event.venue, levels={"Standing": 300})
    client, user = at_work("organizer", event.organization)
    address = f"{LIST}{event.venue_id}/delete/"
    page = text_of(client.get(address))
    assert "Events: 2" in page
    assert "Places: 800" in page
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert [model.objects.count() for model in (Venue, Event, EventSeat)] == [0, 0, 0]
    assert AuditEntry.objects.get(action="venue.deleted").by == user


@pytest.mark.django_db(transaction=True)  # foreign keys are checked at the commit
def test_a_venue_with_bookings_stays_whole_and_the_page_says_why(noon: datetime) -> None:
    """R23"""
    event = event_on_sale()
    other = event_on_sale(venue=event.venue)
    reserve(event)
    client, _user = at_work("organizer", event.organization)
    page = client.post(f"{LIST}{event.venue_id}/delete/", {"post": "yes"}, follow=True)
    assert "Make it inactive instead." in text_of(page)
    assert set(Event.objects.all()) == {event, other}
    assert EventSeat.objects.count() == 20


def test_another_houses_venue_isnt_there(noon: datetime) -> None:
    """S8, S11"""
    foreign = VenueFactory()
    client, _user = at_work("admin")
    for page in ("change", "delete", "history"):
        assert client.get(f"{LIST}{foreign.pk}/{page}/").status_code == 404
        if page != "history":
            assert client.post(f"{LIST}{foreign.pk}/{page}/", {"post": "yes", "name": "Mine"}).status_code == 404
    assert not client.get(LIST).context["cl"].result_list
    assert Venue.objects.get().name == foreign.name


@pytest.mark.parametrize("role", ["support", "analyst", "entry_manager"])
def test_who_may_only_look_changes_nothing(noon: datetime, role: str) -> None:
    """S8"""
    venue = VenueFactory()
    client, _user = at_work(role, venue.organization)
    assert client.get(f"{LIST}{venue.pk}/change/").status_code == 200
    assert client.post(f"{LIST}{venue.pk}/change/", {"name": "Mine"}).status_code == 403
    assert client.post(f"{LIST}{venue.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{LIST}add/", NEW).status_code == 403
    assert Venue.objects.get().name == venue.name
