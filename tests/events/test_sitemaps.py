"""What search engines find, and what they leave alone."""

from datetime import datetime, timedelta
from typing import Any
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from django.test import Client

from core import clock, codes
from events import sitemaps
from events.models import Event
from tests.factories import EventFactory, VenueFactory, event_on_sale

pytestmark = pytest.mark.django_db

SITEMAP, ROBOTS = "/sitemap.xml", "/robots.txt"
TAG = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.SITE_URL = "https://tickets.example"


def pages(client: Client, address: str = SITEMAP) -> dict[str, str | None]:
    """Path → lastmod."""
    root = ElementTree.fromstring(client.get(address).content)
    assert root.tag == f"{TAG}urlset"
    found = {url.findtext(f"{TAG}loc") or "": url.findtext(f"{TAG}lastmod") for url in root}
    assert {address.startswith("https://tickets.example/") for address in found} == {True}
    return {address.removeprefix("https://tickets.example"): changed for address, changed in found.items()}


def test_everything_public_is_found(client: Client, noon: datetime) -> None:
    venue = VenueFactory(slug="hall")
    EventFactory(venue=venue, slug="draft")
    event, cancelled = event_on_sale(venue=venue, slug="tides"), event_on_sale(venue=venue, slug="storm")
    Event.objects.filter(pk=cancelled.pk).update(status="cancelled")
    over = event_on_sale(venue=venue, slug="over", starts_at=noon + timedelta(minutes=1))
    VenueFactory(slug="closed", active=False)
    clock.advance(over.ends_at - noon)
    assert pages(client) == {
        "/": None,
        "/events/": None,
        "/calendar/": None,
        "/venues/hall/": None,
        "/events/tides/": event.changed_at.isoformat(),
        "/events/storm/": cancelled.changed_at.isoformat(),
    }


def test_the_addresses_of_events_lead_somewhere(client: Client, noon: datetime) -> None:
    event_on_sale()
    found = [path for path in pages(client) if path.startswith("/events/")]
    assert [client.get(path).status_code for path in found] == [200, 200]


def test_many_pages_are_several_files(
    client: Client, noon: datetime, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    venue = VenueFactory(slug="hall")
    events = [event_on_sale(venue=venue) for _number in range(4)]
    with django_assert_num_queries(2):
        whole = pages(client)
    monkeypatch.setattr(sitemaps, "PER_FILE", 3)
    with django_assert_num_queries(2):
        index = ElementTree.fromstring(client.get(SITEMAP).content)
    assert index.tag == f"{TAG}sitemapindex"
    files = [each.findtext(f"{TAG}loc") or "" for each in index]
    assert files == [f"https://tickets.example/sitemap-{number}.xml" for number in (1, 2, 3)]
    found = [pages(client, file.removeprefix("https://tickets.example")) for file in files]
    assert [len(each) for each in found] == [3, 3, 2]
    assert found[0] | found[1] | found[2] == whole
    assert events[-1].get_absolute_url() in found[2]


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "9" * 30, "9" * 5_000])
def test_there_are_no_more_files_than_the_index_names(client: Client, noon: datetime, number: str) -> None:
    """R50"""
    assert client.get("/sitemap-1.xml").status_code == 200
    assert client.get(f"/sitemap-{number}.xml").status_code == 404


def test_robots_find_the_sitemap_and_leave_bookings_alone(client: Client) -> None:
    """S18"""
    rules = RobotFileParser()
    rules.parse(client.get(ROBOTS).content.decode().splitlines())
    assert rules.site_maps() == ["https://tickets.example/sitemap.xml"]
    allowed = ["/", "/events/", "/events/tides/", "/venues/hall/", "/static/app.css", SITEMAP]
    private = [f"/{name}/{codes.secret()}/" for name in ("bookings", "payments", "sandbox")]
    assert [rules.can_fetch("*", path) for path in allowed] == [True] * 6
    assert [rules.can_fetch("*", path) for path in private] == [False] * 3


@pytest.mark.parametrize("address", [SITEMAP, "/sitemap-1.xml", ROBOTS])
def test_no_header_says_where_we_are(client: Client, noon: datetime, settings: Any, address: str) -> None:
    """S5, S48"""
    settings.ALLOWED_HOSTS = ["*"]
    event_on_sale()
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    assert b"evil" not in client.get(address, headers=headers).content


@pytest.mark.parametrize(
    ("address", "kind"), [(SITEMAP, "application/xml"), ("/sitemap-1.xml", "application/xml"), (ROBOTS, "text/plain")]
)
def test_they_may_be_kept_for_five_minutes(client: Client, noon: datetime, address: str, kind: str) -> None:
    response = client.get(address)
    assert response.headers["Content-Type"] == f"{kind}; charset=utf-8"
    assert {part.strip() for part in response.headers["Cache-Control"].split(",")} == {"public", "max-age=300"}


@pytest.mark.parametrize("address", [SITEMAP, "/sitemap-1.xml", ROBOTS])
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_they_are_for_reading(client: Client, noon: datetime, address: str, method: str) -> None:
    assert getattr(client, method)(address).status_code == 405
