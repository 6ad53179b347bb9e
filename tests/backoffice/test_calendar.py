"""The calendar of the back office: drafts too, how full everything is, filters, and a list of what is to come."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organization
from core import clock
from events.models import Event
from events.services import holds
from tests.backoffice.desk import at_work
from tests.factories import (
    CategoryFactory,
    EventFactory,
    OrganizationFactory,
    VenueFactory,
    event_on_sale,
    paid,
    place_at,
    seated_event,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db

JUNE, LIST = "/admin/calendar/2026-06/", "/admin/calendar/list/2026-06/"
PART = {"HX-Request": "true", "HX-Target": "shown"}


def on_sale(title: str, starts_at: datetime, **how: Any) -> Event:
    return event_on_sale(title=title, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), **how)


@pytest.fixture
def house(noon: datetime) -> Organization:
    """A house with two venues, two shelves and an event of each status; and another house."""
    house = OrganizationFactory()
    hall, cellar = (VenueFactory(organization=house, name=name) for name in ("Great Hall", "Cellar"))
    opera, talks = (CategoryFactory(organization=house, name=name, slug=name.lower()) for name in ("Opera", "Talks"))
    day = datetime(2026, 6, 20, 18, tzinfo=UTC)
    on_sale("Aïda by night", day, venue=hall, category=opera, levels={"Standing": 4})
    gone = on_sale("Tosca", day + timedelta(days=1), venue=cellar, category=opera)
    Event.objects.filter(pk=gone.pk).update(status="cancelled")
    times = {"starts_at": day + timedelta(days=2), "ends_at": day + timedelta(days=2, hours=1)}
    EventFactory(title="On moss", venue=hall, category=talks, **times)
    EventFactory(title="Pattern", venue=hall, category=talks, is_template=True, **times)
    on_sale("Aïda elsewhere", day)
    return house


def titles(page: Any) -> list[str]:
    """What is shown, in order."""
    if "rows" in page.context:
        return [row.title for row in page.context["rows"]]
    return [each.event.title for day in page.context["days"] for each in day.events]


def ask(organization: Organization, **asked: str) -> dict[str, str]:
    """A question in which rows are called by their names."""
    rows = {"venue": organization.venues, "category": organization.categories}
    return {
        name: str(rows[name].get(name=value).pk) if name in rows and value else value for name, value in asked.items()
    }


@pytest.mark.parametrize("address", [JUNE, LIST])
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["Aïda by night", "Tosca", "On moss"]),
        ({"q": "NIGHT aida"}, ["Aïda by night"]),
        ({"venue": "Great Hall"}, ["Aïda by night", "On moss"]),
        ({"category": "Opera"}, ["Aïda by night", "Tosca"]),
        ({"status": "draft"}, ["On moss"]),
        ({"status": "published"}, ["Aïda by night"]),
        ({"status": "cancelled"}, ["Tosca"]),
        ({"venue": "Great Hall", "category": "Opera", "status": "cancelled"}, []),
    ],
)
def test_it_is_filtered_in_each_look(
    house: Organization, address: str, asked: dict[str, str], found: list[str]
) -> None:
    """S9: neither another house's events nor templates are among them."""
    client, _user = at_work("entry_manager", house)
    assert titles(client.get(address, ask(house, **asked))) == found


@pytest.mark.parametrize("wrong", [{"venue": "987654321"}, {"venue": "x"}, {"status": "sold"}, {"q": "x" * 101}])
def test_what_cannot_be_asked_for_is_said_and_filters_nothing(house: Organization, wrong: dict[str, str]) -> None:
    client, _user = at_work("entry_manager", house)
    page = client.get(JUNE, wrong)
    assert (page.status_code, list(page.context["form"].errors)) == (200, list(wrong))
    assert titles(page) == ["Aïda by night", "Tosca", "On moss"]
    assert page.context["chips"] == []


def test_another_houses_venue_is_like_none_at_all(house: Organization) -> None:
    """S9"""
    client, _user = at_work("entry_manager", house)
    theirs = Event.objects.get(title="Aïda elsewhere").venue
    mistakes = [client.get(JUNE, {"venue": key}).context["form"].errors for key in (theirs.pk, 987_654_321)]
    assert mistakes[0] == mistakes[1] != {}


def test_filters_stay_from_month_to_month_and_from_look_to_look(house: Organization) -> None:
    """What is asked for is in every address on the page, and what isn't is in none."""
    client, _user = at_work("entry_manager", house)
    asked = ask(house, category="Opera", q="aida", venue="", status="")
    query = f"?q=aida&amp;category={asked['category']}"
    page = client.get(JUNE, asked).content.decode()
    for where in ("2026-05", "2026-07", "2026-W23", "list/2026-06", "2026-06"):
        assert f'href="/admin/calendar/{where}/{query}"' in page
    part = client.get(JUNE, asked, headers=PART)
    assert part["HX-Push-Url"] == f"{JUNE}?q=aida&category={asked['category']}"


def test_each_filter_is_taken_off_by_itself_or_with_all_others(house: Organization) -> None:
    client, _user = at_work("entry_manager", house)
    asked = ask(house, status="draft", venue="Great Hall")
    page = client.get(LIST, asked)
    assert [text for text, _query in page.context["chips"]] == ["Great Hall, Berlin", "Draft"]
    html = page.content.decode()
    assert f'href="{LIST}?status=draft"' in html
    assert f'href="{LIST}?venue={asked["venue"]}"' in html
    assert "Clear all" in text_of(page)
    assert "Clear all" not in text_of(client.get(LIST))


@pytest.mark.parametrize("address", [JUNE, LIST, "/admin/calendar/2026-06-20/"])
def test_it_says_when_filters_hide_all_there_is(house: Organization, address: str) -> None:
    client, _user = at_work("entry_manager", house)
    hidden = {JUNE: 3, LIST: 3}.get(address, 1)
    page = client.get(address, {"q": "hamlet"})
    said = text_of(page)
    assert (f"{hidden} event" in said, "filters hide" in said) == (True, True)
    assert f'<a class="button" href="{address}">Clear all filters</a>' in page.content.decode()


def test_it_does_not_blame_filters_for_an_empty_month(house: Organization) -> None:
    client, _user = at_work("entry_manager", house)
    assert "with or without these filters" in text_of(client.get("/admin/calendar/2027-06/", {"q": "hamlet"}))
    assert "Nothing is on in this time" in text_of(client.get("/admin/calendar/2027-06/"))
    assert "filters hide" not in text_of(client.get("/admin/calendar/list/2027-06/", {"q": "hamlet"}))


def test_the_list_says_what_is_to_come_with_status_and_sales(house: Organization) -> None:
    """U46: times are those of the venue."""
    play = Event.objects.get(title="Aïda by night")
    paid(play)
    tokyo = VenueFactory(organization=house, name="Tokyo", time_zone="Asia/Tokyo")
    on_sale("Far away", datetime(2026, 7, 1, 10, tzinfo=UTC), venue=tokyo)
    client, _user = at_work("entry_manager", house)
    page = client.get(LIST)
    said = [(row.when, row.venue, row.said, row.places.sold, row.places.all) for row in page.context["rows"]]
    assert said == [
        ("Sat, 20 Jun 2026, 20:00 (CEST)", "Great Hall", "published", 2, 4),
        ("Sun, 21 Jun 2026, 20:00 (CEST)", "Cellar", "cancelled", 0, 10),
        ("Mon, 22 Jun 2026, 20:00 (CEST)", "Great Hall", "draft", 0, 0),
        ("Wed, 1 Jul 2026, 19:00 (JST)", "Tokyo", "published", 0, 10),
    ]
    assert "2 of 4" in text_of(page)
    assert titles(client.get("/admin/calendar/list/2026-W26/")) == ["On moss", "Far away"]


def test_a_list_begins_with_the_first_of_its_days_or_with_today(house: Organization, noon: datetime) -> None:
    """By the clocks of each venue: what ended there a minute before the day isn't in it."""
    hall = house.venues.get(name="Great Hall")
    midnight = datetime(2026, 5, 31, 22, tzinfo=UTC)  # in Berlin
    for title, hours in {"Before": -24 * 30, "Ended": -2, "Into the night": -1}.items():
        made = on_sale(title, noon + timedelta(days=1), venue=hall)
        starts = midnight + timedelta(hours=hours)
        Event.objects.filter(pk=made.pk).update(starts_at=starts, ends_at=starts + timedelta(hours=2))
    client, _user = at_work("entry_manager", house)
    assert titles(client.get(LIST))[:2] == ["Into the night", "Aïda by night"]
    assert titles(client.get("/admin/calendar/list/2026-05/"))[:3] == ["Before", "Ended", "Into the night"]
    assert client.get(LIST).context["title"] == "From Monday, 1 June 2026 on"
    assert client.get("/admin/calendar/list/2026-07/").context["title"] == "From Wednesday, 1 July 2026 on"


def test_a_long_list_comes_in_pages(house: Organization, noon: datetime) -> None:
    hall = house.venues.get(name="Great Hall")
    for number in range(51):
        starts = noon + timedelta(days=60 + number)
        EventFactory(title=f"Night {number}", venue=hall, starts_at=starts, ends_at=starts + timedelta(hours=1))
    client, _user = at_work("entry_manager", house)
    first, second = client.get(LIST, {"q": "night"}), client.get(LIST, {"q": "night", "page": "2"})
    assert (len(titles(first)), titles(second)) == (50, ["Night 49", "Night 50"])
    assert f'href="{LIST}?q=night&amp;page=2"' in first.content.decode()
    assert f'rel="prev" href="{LIST}?q=night"' in second.content.decode()
    assert titles(client.get(LIST, {"page": "many"})) == titles(client.get(LIST))
    part = client.get(LIST, {"q": "night", "page": "2"}, headers=PART)
    assert part["HX-Push-Url"] == f"{LIST}?q=night&page=2"


@pytest.mark.parametrize("address", [JUNE, LIST, "/admin/calendar/2026-W26/"])
@pytest.mark.parametrize("asked", [{}, {"q": "night", "status": "published", "category": "Opera"}])
def test_one_event_is_asked_for_as_often_as_many(
    house: Organization, noon: datetime, address: str, asked: dict[str, str]
) -> None:
    client, _user = at_work("organizer", house)
    query = ask(house, **asked)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    others = Event.objects.exclude(title="Aïda by night")
    others.update(starts_at=long_ago, ends_at=long_ago + timedelta(hours=1))
    event = Event.objects.get(title="Aïda by night")
    day = datetime(2026, 6, 24, 18, tzinfo=UTC)
    Event.objects.filter(pk=event.pk).update(starts_at=day, ends_at=day + timedelta(hours=2))

    def questions() -> int:
        with CaptureQueriesContext(connection) as caught:
            page = client.get(address, query)
        assert page.context["count"]
        return len(caught)

    questions()
    few = questions()
    for number in range(9):
        venue = VenueFactory(organization=house)
        paid(on_sale(f"Night {number}", day, venue=venue, category=event.category))
    assert questions() == few


def test_staff_see_drafts_and_how_full_it_is_of_their_house_alone(noon: datetime) -> None:
    """S8, S9: templates are nothing that takes place."""
    soon = datetime(2026, 6, 20, 18, tzinfo=UTC)
    play = on_sale("A play", soon, levels={"Standing": 4})
    paid(play)
    EventFactory(title="A draft", venue=play.venue, starts_at=soon, ends_at=soon + timedelta(hours=1))
    EventFactory(title="A template", venue=play.venue, is_template=True, starts_at=soon, ends_at=soon + timedelta(1))
    on_sale("Another house", soon)
    client, _user = at_work("entry_manager", play.organization)
    page = client.get(reverse("admin:calendar-period", args=["2026-06"]))
    events = {each.event.title: each.event for day in page.context["days"] for each in day.events}
    assert set(events) == {"A play", "A draft"}
    assert (events["A play"].places.sold, events["A play"].places.all) == (2, 4)
    asked = {"venue": VenueFactory(organization=play.organization).pk}
    assert client.get(reverse("admin:calendar"), asked).context["count"] == 0
    assert client.get(reverse("admin:calendar"), {"venue": 10**9}).status_code == 200
    assert "Add event on" not in page.content.decode()
    assert clock.now() == noon


def test_a_day_of_the_calendar_begins_an_event_on_it(noon: datetime) -> None:
    client, _user = at_work("organizer")
    page = client.get(reverse("admin:calendar-period", args=["2026-06"])).content.decode()
    assert page.count("/admin/events/set-up/?day=2026-06-") == 30
    form = client.get(reverse("admin:set-up"), {"day": "2026-06-20"}).content.decode()
    assert 'value="2026-06-20T20:00"' in form
    assert client.get(reverse("admin:set-up"), {"day": "0001-01-01"}).status_code == 200


def test_staff_are_told_what_is_not_for_sale(noon: datetime) -> None:
    play = seated_event({"Stalls": "ssss"}, starts_at=noon + timedelta(days=3))
    holds.create(event_id=play.pk, place_ids=[place_at(play, "Stalls A 1").pk], kind="press")
    client, _user = at_work("entry_manager", play.organization)
    page = client.get(reverse("admin:calendar-period", args=["2026-06"]))
    assert "0 of 4 · 1 not for sale" in text_of(page)


def test_for_htmx_the_part_comes_alone_and_a_page_brought_back_is_whole(house: Organization) -> None:
    client, _user = at_work("entry_manager", house)
    restored = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    part, boosted, whole = (
        client.get(LIST, headers=headers).content.decode()
        for headers in (PART, PART | {"HX-Boosted": "true"}, restored)
    )
    assert part == boosted
    assert '<section id="shown"' in part
    assert "<title>From Monday, 1 June 2026 on" in part
    assert ("<html" in part, "<html" in whole) == (False, True)
