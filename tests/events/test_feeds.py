"""News of the season for feed readers."""

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from core import clock
from events.models import Event
from tests.factories import CategoryFactory, EventFactory, OrganizationFactory, VenueFactory, event_on_sale

pytestmark = pytest.mark.django_db

FEED = "/events/feed.atom"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def feed(client: Client, **filters: str) -> ElementTree.Element:
    response = client.get(FEED, filters)
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)


def titles(client: Client, **filters: str) -> list[str | None]:
    return [each.text for each in feed(client, **filters).findall("a:entry/a:title", ATOM)]


def text(element: ElementTree.Element, path: str) -> str | None:
    return element.findtext(path, namespaces=ATOM)


def test_an_entry_says_what_is_new(client: Client, noon: datetime, settings: Any) -> None:
    settings.SITE_URL = "https://tickets.example"
    venue = VenueFactory(organization=OrganizationFactory(name="Pier"))
    event = event_on_sale(
        title="Tides & <b>more</b>", summary="Four <voices>", category=CategoryFactory(name="Concerts"), venue=venue
    )
    (entry,) = feed(client).findall("a:entry", ATOM)
    link, category = entry.find("a:link", ATOM), entry.find("a:category", ATOM)
    assert link is not None
    assert category is not None
    assert link.attrib == {"href": f"https://tickets.example/events/{event.slug}/", "rel": "alternate"}
    assert category.attrib == {"term": "Concerts"}
    assert text(entry, "a:title") == "Tides & <b>more</b>"
    assert text(entry, "a:author/a:name") == "Pier"
    assert (text(entry, "a:published"), text(entry, "a:updated")) == (
        "2026-06-01T12:00:00+00:00",
        event.changed_at.isoformat(),
    )


def test_a_summary_is_no_html(client: Client, noon: datetime) -> None:
    """S29: readers take it for HTML"""
    event_on_sale(summary="<script>alert(1)</script> & more")
    summary = feed(client).find("a:entry/a:summary", ATOM)
    assert summary is not None
    assert summary.attrib == {"type": "html"}
    assert summary.text == "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more"


def test_the_newest_stands_first_and_fifty_are_enough(
    client: Client, noon: datetime, django_assert_num_queries: Any
) -> None:
    event_on_sale(title="Event 0")
    with django_assert_num_queries(1):
        assert titles(client) == ["Event 0"]
    for number in range(1, 52):
        clock.advance(timedelta(minutes=1))
        event_on_sale(title=f"Event {number}", levels={"Standing": 1}, starts_at=noon + timedelta(days=60 - number))
    with django_assert_num_queries(1):
        assert titles(client) == [f"Event {number}" for number in range(51, 1, -1)]


def test_what_cannot_be_bought_is_no_news(client: Client, noon: datetime) -> None:
    """S41"""
    EventFactory(title="Draft", published_at=noon)
    over = event_on_sale(title="Over", starts_at=noon + timedelta(minutes=1))
    cancelled = event_on_sale(title="Cancelled")
    Event.objects.filter(pk=cancelled.pk).update(status="cancelled")
    event_on_sale(title="Still to come")
    clock.advance(over.ends_at - noon)
    assert titles(client) == ["Still to come"]


def test_a_feed_can_be_of_one_category_or_city(client: Client, noon: datetime) -> None:
    loud, calm = CategoryFactory(slug="loud"), CategoryFactory(slug="calm")
    event_on_sale(title="A", category=loud, venue=VenueFactory(city="Köln"))
    event_on_sale(title="B", category=calm, venue=VenueFactory(city="Köln"))
    event_on_sale(title="C", category=loud, venue=VenueFactory(city="Hamburg"))
    assert titles(client, category="loud") == ["C", "A"]
    assert titles(client, city="Köln") == ["B", "A"]
    assert titles(client, city="Köln", category="loud") == ["A"]


def test_a_feed_of_a_part_is_another_feed(client: Client, noon: datetime, settings: Any) -> None:
    settings.SITE_URL = "https://tickets.example"
    whole, part = feed(client), feed(client, city="Köln & more", other="x")
    assert text(whole, "a:id") == "https://tickets.example/events/feed.atom"
    assert text(part, "a:id") == "https://tickets.example/events/feed.atom?city=K%C3%B6ln+%26+more"
    (self_link,) = [each.get("href") for each in part.findall("a:link", ATOM) if each.get("rel") == "self"]
    assert self_link == text(part, "a:id")


@pytest.mark.parametrize("name", ["category", "city"])
@pytest.mark.parametrize("value", ["none", "\x00", "' OR 1=1", "x" * 5_000, "__class__", "%00", "\ud7ff", "<&\x0b>"])
def test_what_is_unknown_is_an_empty_feed(client: Client, noon: datetime, name: str, value: str) -> None:
    """R50, S33"""
    event_on_sale(category=CategoryFactory())
    assert titles(client, **{name: value}) == []


def test_signs_that_xml_does_not_know_break_no_feed(client: Client, noon: datetime) -> None:
    """S29"""
    hostile = "A\x0b\x1f\uffff]]><entry/>&amp;"
    event_on_sale(
        title=hostile,
        summary=hostile,
        category=CategoryFactory(name=hostile),
        venue=VenueFactory(organization=OrganizationFactory(name=hostile)),
    )
    assert titles(client) == ["A ]]><entry/>&amp;"]


def test_no_header_says_where_we_are(client: Client, noon: datetime, settings: Any) -> None:
    """S5, S48"""
    settings.ALLOWED_HOSTS = ["*"]
    event_on_sale()
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    response = client.get(FEED, headers=headers)
    assert b"evil" not in response.content
    root = ElementTree.fromstring(response.content)
    addresses = [each.get("href") or "" for each in root.iter("{http://www.w3.org/2005/Atom}link")]
    assert len(addresses) == 3
    assert {each.startswith(f"{settings.SITE_URL}/events/") for each in addresses} == {True}


def test_a_feed_may_be_kept_for_five_minutes(client: Client, noon: datetime) -> None:
    response = client.get(FEED)
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert {part.strip() for part in response.headers["Cache-Control"].split(",")} == {"public", "max-age=300"}


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_a_feed_is_for_reading(client: Client, noon: datetime, method: str) -> None:
    assert getattr(client, method)(FEED).status_code == 405


def test_a_new_date_is_news(client: Client, noon: datetime) -> None:
    """U39"""
    event = event_on_sale(summary="Four voices", starts_at=datetime(2026, 7, 1, 18, tzinfo=UTC))
    Event.objects.filter(pk=event.pk).update(moved_from=noon)
    summary = text(feed(client), "a:entry/a:summary")
    assert summary == "New date: Wed, 1 Jul 2026, 20:00 (CEST). Four voices"
