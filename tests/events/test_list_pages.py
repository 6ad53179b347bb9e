"""Home, list, venues and venue: what stands there, what doesn't, and what it costs the database."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from core import clock
from events.models import Event
from events.views.listing import PER_PAGE
from tests.factories import CategoryFactory, EventFactory, OrganizationFactory, VenueFactory, event_on_sale, paid
from tests.pages import text_of
from venues.models import Venue

pytestmark = pytest.mark.django_db

LIST = "/events/"
HTMX = {"HX-Request": "true", "HX-Target": "results"}
BOOSTED = HTMX | {"HX-Boosted": "true"}


def shown_events(response: Any) -> list[str]:
    """The titles of the cards of a page, in order."""
    return [unescape(title) for title in re.findall(r"<h3><a [^>]*><bdi>(.*?)</bdi>", response.content.decode())]


def links(response: Any) -> set[str]:
    """Where a page leads to."""
    return {unescape(link) for link in re.findall(r'href="([^"]*)"', response.content.decode())}


def words_of(response: Any) -> str:
    return unescape(text_of(response))


@pytest.fixture
def evenings(noon: datetime) -> list[Event]:
    """Three evenings in two cities."""
    house = OrganizationFactory()
    halls = {city: VenueFactory(name=f"Hall of {city}", city=city, organization=house) for city in ("Köln", "Berlin")}
    return [
        event_on_sale(title=title, venue=halls[city], starts_at=noon + timedelta(days=day), levels={"Standing": 2})
        for day, (title, city) in enumerate([("Tides", "Köln"), ("Ebb", "Berlin"), ("Flow", "Köln")], start=1)
    ]


# --- The list, with and without htmx (U1) ---------------------------------------------------------

SEARCHES: list[tuple[str, list[str]]] = [
    ("", ["Tides", "Ebb", "Flow"]),
    ("?q=koln+flow", ["Flow"]),
    ("?city=K%C3%B6ln", ["Tides", "Flow"]),
    ("?when=tomorrow", ["Tides"]),
    ("?first=2026-06-03", ["Ebb", "Flow"]),
    ("?most=21.50", ["Tides", "Ebb", "Flow"]),
    ("?most=21.49", []),
    ("?most=0", []),
    ("?available=on", ["Ebb", "Flow"]),
    ("?state=sold-out", ["Tides"]),
    ("?sort=title", ["Ebb", "Flow", "Tides"]),
    ("?sort=new", ["Flow", "Ebb", "Tides"]),
    ("?city=K%C3%B6ln&available=on", ["Flow"]),
]


@pytest.mark.parametrize("headers", [{}, HTMX, BOOSTED], ids=["link", "htmx", "boosted"])
@pytest.mark.parametrize(("query", "titles"), SEARCHES)
def test_the_address_says_what_is_shown(
    client: Client, evenings: list[Event], query: str, titles: list[str], headers: dict[str, str]
) -> None:
    """U1: by a link or form, and by htmx alike"""
    paid(evenings[0], 2)
    response = client.get(f"{LIST}{query}", headers=headers)
    assert (response.status_code, shown_events(response)) == (200, titles)
    count = f"{len(titles)} event" if len(titles) == 1 else f"{len(titles)} events"
    assert count in text_of(response)


@pytest.mark.parametrize("query", [query for query, _titles in SEARCHES])
def test_htmx_gets_the_part_alone_and_its_address(client: Client, evenings: list[Event], query: str) -> None:
    """S10: which is in the page, sign for sign"""
    page, part = client.get(f"{LIST}{query}"), client.get(f"{LIST}{query}", headers=HTMX)
    html = part.content.decode().strip()
    assert html.startswith('<section id="results"')
    assert html in page.content.decode()
    assert "<form" not in html
    assert part.headers["HX-Push-Url"] == f"{LIST}{query}"
    assert "HX-Push-Url" not in page.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true"},
        {"HX-Target": "results"},
        {"HX-Request": "true", "HX-Target": "main"},
        {"HX-Request": "true", "HX-History-Restore-Request": "true"},
    ],
)
def test_who_does_not_ask_for_the_part_gets_the_page(
    client: Client, evenings: list[Event], headers: dict[str, str]
) -> None:
    response = client.get(LIST, headers=headers)
    assert response.content == client.get(LIST).content
    assert "HX-Push-Url" not in response.headers


@pytest.mark.parametrize(
    ("query", "pushed"),
    [
        ("?q=&when=&city=&sort=&currency=EUR&most=", LIST),
        ("?city=K%C3%B6ln&q=&page=1", f"{LIST}?city=K%C3%B6ln"),
        ("?page=99", LIST),
        ("?order_by=x&q=a%26b%23c", f"{LIST}?q=a%26b%23c"),
        ("?q=%0D%0AX-Evil:%20yes", f"{LIST}?q=X-Evil%3A+yes"),
        ("?city=//evil.example", f"{LIST}?city=%2F%2Fevil.example"),
    ],
)
def test_the_address_that_htmx_shows_is_short_and_ours(
    client: Client, evenings: list[Event], query: str, pushed: str
) -> None:
    """S45, U1: what a form sends empty is left out"""
    response = client.get(f"{LIST}{query}", headers=HTMX)
    assert response.headers["HX-Push-Url"] == pushed
    assert "X-Evil" not in response.headers


def test_a_part_with_a_fault_names_it(client: Client, evenings: list[Event]) -> None:
    """R50"""
    part = client.get(f"{LIST}?first=2026-02-30", headers=HTMX)
    assert part.status_code == 400
    assert "From : Enter a valid date." in words_of(part)
    assert part.headers["HX-Push-Url"] == LIST
    assert shown_events(part) == ["Tides", "Ebb", "Flow"]


def test_the_form_shows_what_was_asked_for(client: Client, evenings: list[Event]) -> None:
    query = "q=Tides&when=week&city=K%C3%B6ln&most=30&available=on&state=few&sort=title"
    html = client.get(f"{LIST}?{query}").content.decode()
    for part in (
        'name="q" value="Tides"',
        '<option value="week" selected>',
        '<option value="Köln" selected>',
        'name="most" value="30"',
        '<option value="few" selected>',
        '<option value="title" selected>',
    ):
        assert part in html
    assert re.search(r'<input[^>]*name="available"[^>]*checked', html)
    assert "<details open>" in html


# --- Chips and emptiness (U4) ---------------------------------------------------------------------


def test_each_filter_is_a_chip_that_leads_to_the_search_without_it(client: Client, evenings: list[Event]) -> None:
    response = client.get(f"{LIST}?city=K%C3%B6ln&q=Tides&sort=title")
    assert "Remove: “Tides” ✕ Remove: Köln ✕ Clear all" in words_of(response)
    assert {f"{LIST}?city=K%C3%B6ln&sort=title", f"{LIST}?q=Tides&sort=title", LIST} <= links(response)


def test_without_filters_there_is_nothing_to_clear(client: Client, evenings: list[Event]) -> None:
    for query in ("", "?sort=price", "?currency=EUR", "?page=1"):
        response = client.get(f"{LIST}{query}")
        assert b"Clear all" not in response.content
        assert b"Remove:" not in response.content


def test_an_empty_result_names_the_filters_and_offers_to_clear_them(client: Client, evenings: list[Event]) -> None:
    """U4"""
    response = client.get(f"{LIST}?city=Berlin&q=Tides&most=0")
    shown = words_of(response)
    for fact in (
        "0 events",
        "Nothing fits all of that",
        "without “Tides”",
        "without Berlin",
        "without Price up to €0.00",
        "Clear all filters",
    ):
        assert fact in shown
    assert {f"{LIST}?city=Berlin&most=0", f"{LIST}?q=Tides&most=0", f"{LIST}?q=Tides&city=Berlin", LIST} <= links(
        response
    )
    assert "Nothing is on sale at the moment" not in shown


def test_an_empty_season_has_no_filter_to_clear(client: Client, noon: datetime) -> None:
    shown = words_of(client.get(LIST))
    assert "Nothing is on sale at the moment" in shown
    assert "0 events" in shown
    assert "Clear all" not in shown


HOSTILE = "\"><script>alert(1)</script>'{{ 7*7 }}"


@pytest.mark.parametrize("name", ["q", "city", "venue", "category", "when", "most", "first", "state", "sort"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["link", "htmx"])
def test_what_is_asked_for_is_shown_and_never_run(
    client: Client, evenings: list[Event], name: str, headers: dict[str, str]
) -> None:
    """S29: in chips, addresses, fields and messages, of a full page and of an empty one"""
    html = client.get(LIST, {name: HOSTILE}, headers=headers).content.decode()
    assert "<script>alert" not in html
    assert '""><' not in html
    assert "49" not in re.findall(r"<bdi>(.*?)</bdi>", html)
    if name in ("q", "city", "venue", "category"):
        assert escape(HOSTILE) in html


@pytest.mark.parametrize("address", ["/", LIST, "/venues/", "/venues/hall/"])
def test_nothing_that_a_house_wrote_runs(client: Client, noon: datetime, address: str) -> None:
    """S29: titles, lines, names of houses, cities and shelves, also where they are chips and choices"""
    house = OrganizationFactory(name=HOSTILE)
    event_on_sale(
        title=HOSTILE,
        summary=HOSTILE,
        category=CategoryFactory(name=HOSTILE, organization=house),
        venue=VenueFactory(
            slug="hall",
            organization=house,
            name=HOSTILE,
            city=HOSTILE,
            address=HOSTILE,
            description=HOSTILE,
            directions=HOSTILE,
            access=HOSTILE,
            phone=HOSTILE[:40],
        ),
    )
    html = client.get(address).content.decode()
    assert "<script>alert" not in html
    assert "alert(1)" in html


def test_signs_and_directions_of_other_scripts_are_kept(client: Client, noon: datetime) -> None:
    """R50"""
    event_on_sale(title="أمسية موسيقية 🎭", venue__city="תל אביב")
    response = client.get(LIST, {"q": "أمسية", "city": "תל אביב"})
    assert shown_events(response) == ["أمسية موسيقية 🎭"]
    assert "<bdi>“أمسية”</bdi>" in response.content.decode()


# --- Pages ----------------------------------------------------------------------------------------


def many(number: int, **fields: Any) -> None:
    """Many cancelled events, which need no places."""
    house = OrganizationFactory()
    venue = VenueFactory(organization=house, city="Köln")
    for count in range(number):
        starts_at = clock.now() + timedelta(hours=count + 1)
        EventFactory(venue=venue, starts_at=starts_at, status="cancelled", **{"title": f"No {count:02}"} | fields)


def test_pages_keep_the_filters_and_follow_each_other(client: Client, noon: datetime) -> None:
    """U1"""
    many(2 * PER_PAGE + 1)
    pages = [client.get(f"{LIST}?city=K%C3%B6ln&sort=title&page={number}") for number in (1, 2, 3)]
    assert [title for page in pages for title in shown_events(page)] == [f"No {n:02}" for n in range(2 * PER_PAGE + 1)]
    for number, page in enumerate(pages, start=1):
        assert f"{2 * PER_PAGE + 1} events, page {number} of 3" in text_of(page)
    query = f"{LIST}?city=K%C3%B6ln&sort=title"
    turned = [
        {link for link in links(page) if link.startswith(LIST) and "sort=title" in link and "city=" in link}
        for page in pages
    ]
    assert turned == [{f"{query}&page=2"}, {query, f"{query}&page=3"}, {f"{query}&page=2"}]
    assert client.get(f"{query}&page=2", headers=BOOSTED).headers["HX-Push-Url"] == f"{query}&page=2"
    assert client.get(f"{query}&page=9", headers=BOOSTED).headers["HX-Push-Url"] == f"{query}&page=3"


@pytest.mark.parametrize(("number", "has_pages"), [(PER_PAGE, False), (PER_PAGE + 1, True)])
def test_what_fits_on_one_page_has_no_pages(client: Client, noon: datetime, number: int, has_pages: bool) -> None:
    many(number)
    response = client.get(LIST)
    assert len(shown_events(response)) == PER_PAGE
    assert (b'class="pages"' in response.content) == has_pages


def test_another_filter_begins_at_the_first_page(client: Client, noon: datetime) -> None:
    many(PER_PAGE + 1)
    response = client.get(f"{LIST}?city=K%C3%B6ln&q=no&page=2")
    assert {f"{LIST}?city=K%C3%B6ln", f"{LIST}?q=no"} <= links(response)


# --- The front page -------------------------------------------------------------------------------


def sections(response: Any) -> dict[str, list[str]]:
    """What the front page shows, by its sections of cards."""
    front = response.context["front"]
    return {name: [card.title for card in getattr(front, name)] for name in ("featured", "soon", "new")}


def test_the_front_page_shows_what_counts_first_and_nothing_twice(client: Client, noon: datetime) -> None:
    day = timedelta(days=1)
    for title, after, featured in (
        ("next week", 7 * day + timedelta(seconds=1), False),
        ("tonight", timedelta(hours=8), False),
        ("gala", 60 * day, True),
        ("gala tomorrow", day, True),
        ("in seven days, just", 7 * day - timedelta(seconds=1), False),
        ("far away", 90 * day, False),
    ):
        event_on_sale(title=title, starts_at=noon + after, featured=featured, levels={"Standing": 1})
        clock.advance(timedelta(microseconds=1))
    response = client.get("/")
    assert sections(response) == {
        "featured": ["gala tomorrow", "gala"],
        "soon": ["tonight", "in seven days, just"],
        "new": ["far away", "next week"],
    }
    assert shown_events(response) == [title for titles in sections(response).values() for title in titles]


def test_the_front_page_shows_a_choice_of_each(client: Client, noon: datetime) -> None:
    for featured, days, number in ((True, 40, 5), (False, 2, 8), (False, 30, 9)):
        for count in range(number):
            starts_at = noon + timedelta(days=days, minutes=count)
            event_on_sale(title=f"{featured} {days} {count}", featured=featured, starts_at=starts_at)
            clock.advance(timedelta(microseconds=1))
    assert sections(client.get("/")) == {
        "featured": [f"True 40 {count}" for count in range(3)],
        "soon": [f"False 2 {count}" for count in range(6)],
        "new": [f"False 30 {count}" for count in (8, 7, 6, 5, 4, 3)],
    }


def test_what_is_under_way_is_not_soon(client: Client, noon: datetime) -> None:
    event_on_sale(title="Tides", starts_at=noon + timedelta(hours=1))
    clock.advance(timedelta(hours=1))
    assert sections(client.get("/")) == {"featured": [], "soon": [], "new": ["Tides"]}


def test_the_front_page_leads_to_shelves_with_what_is_on_them(client: Client, evenings: list[Event]) -> None:
    """U1: and each leads to as much as it says"""
    shelf = CategoryFactory(name="Concerts", slug="concerts", organization=evenings[0].organization)
    CategoryFactory(name="Empty shelf")
    Event.objects.filter(title__in=["Tides", "Ebb"]).update(category=shelf)
    response = client.get("/")
    shown = words_of(response)
    for fact in ("Concerts 2", "Berlin 1", "Köln 2", "Hall of Berlin 1", "Hall of Köln 2"):
        assert fact in shown
    assert "Empty shelf" not in shown
    for address, count in ((f"{LIST}?category=concerts", 2), (f"{LIST}?city=K%C3%B6ln", 2), (f"{LIST}?city=Berlin", 1)):
        assert address in links(response)
        assert len(shown_events(client.get(address))) == count


def test_every_way_from_the_front_page_leads_somewhere(client: Client, evenings: list[Event]) -> None:
    Event.objects.update(featured=True, category=CategoryFactory())
    ours = {link.partition("#")[0] for link in links(client.get("/")) if link.startswith("/") and "static" not in link}
    assert {f"{LIST}?when=today", f"{LIST}?when=weekend&available=on", f"{LIST}?most=0", "/venues/"} <= ours
    assert "/account/" in ours  # which leads strangers on to sign in
    pages = {address: client.get(address, follow=True).status_code for address in ours}
    assert pages == dict.fromkeys(ours, 200)


def test_an_empty_house_has_a_front_page(client: Client, noon: datetime) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert "The stage is being set" in text_of(response)
    assert shown_events(response) == []


# --- Venues ---------------------------------------------------------------------------------------


def test_venues_stand_by_city_with_what_is_to_come(client: Client, evenings: list[Event]) -> None:
    VenueFactory(name="Closed house", city="Köln", active=False)
    VenueFactory(name="Idle house", city="Aachen")
    Event.objects.filter(title="Flow").update(status="draft")
    shown = words_of(client.get("/venues/"))
    order = ["Aachen", "Idle house", "Nothing planned", "Berlin", "Hall of Berlin", "1 event to come", "Köln"]
    assert re.search(".*".join(order), shown)
    assert re.search("Hall of Köln.* 1 event to come", shown)
    assert "Closed house" not in shown


def test_several_events_are_events(client: Client, evenings: list[Event]) -> None:
    assert "2 events to come" in words_of(client.get("/venues/"))


def test_a_site_without_venues_says_so(client: Client) -> None:
    assert "There is no venue yet." in words_of(client.get("/venues/"))


def test_a_venue_shows_its_own_events_and_its_house(client: Client, noon: datetime) -> None:
    venue = VenueFactory(
        name="Große Halle",
        city="Köln",
        capacity=1_234,
        description="**Built** in 1901.",
        directions="Tram 7",
        access="Ramp at the side",
        amenities=["bar", "lift"],
        latitude=50.94,
        longitude=6.95,
    )
    event_on_sale(title="Tides", venue=venue)
    event_on_sale(title="Elsewhere")
    response = client.get(f"/venues/{venue.slug}/")
    assert shown_events(response) == ["Tides"]
    shown = words_of(response)
    for fact in ("Große Halle", "1 Test Street, Köln", "Tram 7", "Ramp at the side", "bar", "lift", "1234 people"):
        assert fact in shown.replace(",234", "234")
    assert "<strong>Built</strong>" in response.content.decode()
    assert "https://www.openstreetmap.org/?mlat=50.94000&mlon=6.95000#map=17/50.94000/6.95000" in links(response)


def test_a_venue_leads_to_the_rest_of_what_it_has(client: Client, noon: datetime) -> None:
    many(25)
    venue = Venue.objects.get()
    response = client.get(f"/venues/{venue.slug}/")
    assert len(shown_events(response)) == 24
    assert "See all 25 events" in words_of(response)
    assert f"{LIST}?venue={venue.slug}" in links(response)


def test_an_idle_venue_leads_to_its_city(client: Client, noon: datetime) -> None:
    venue = VenueFactory(city="Köln & Deutz")
    response = client.get(f"/venues/{venue.slug}/")
    assert "Nothing is planned here at the moment." in words_of(response)
    assert f"{LIST}?city=K%C3%B6ln%20%26%20Deutz" in links(response)


def test_a_venue_out_of_use_keeps_its_page(client: Client, noon: datetime) -> None:
    """Its events may still be to come, and their pages lead there."""
    event = event_on_sale(title="Last night")
    Venue.objects.update(active=False)
    assert shown_events(client.get(f"/venues/{event.venue.slug}/")) == ["Last night"]


@pytest.mark.parametrize("slug", ["none", "x" * 500, "1", "hall-"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["link", "htmx"])
def test_a_venue_that_there_is_not_is_not_there(
    client: Client, noon: datetime, slug: str, headers: dict[str, str]
) -> None:
    """S10"""
    VenueFactory(slug="hall")
    assert client.get(f"/venues/{slug}/", headers=headers).status_code == 404


# --- What nobody may see, and what everybody must -------------------------------------------------

PAGES = ["/", LIST, f"{LIST}?q=secret", f"{LIST}?sort=new", f"{LIST}?venue=hall", "/venues/hall/"]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["link", "htmx"])
@pytest.mark.parametrize("address", PAGES)
def test_drafts_and_the_past_are_nowhere(client: Client, noon: datetime, address: str, headers: dict[str, str]) -> None:
    """S41, S10: neither as cards nor as shelves, choices or counts"""
    house = OrganizationFactory()
    hall = VenueFactory(name="Hall", slug="hall", organization=house)
    fields = {"title": "Secret title", "featured": True, "type": "opera", "summary": "Secret line"}
    shelf = CategoryFactory(name="Secret shelf", organization=house)
    elsewhere = VenueFactory(name="Secret hall", city="Secretville", organization=house)
    for venue in (hall, elsewhere):
        EventFactory(venue=venue, category=shelf, **fields)
        over = event_on_sale(venue=venue, category=shelf, starts_at=noon + timedelta(minutes=1), **fields)
    clock.advance(over.ends_at - noon)
    html = client.get(address, headers=headers).content.decode().replace("“secret”", "").replace("q=secret", "")
    assert "Secret" not in html
    assert "opera" not in html.lower()


@pytest.mark.parametrize("address", ["/", LIST, "/venues/hall/"])
def test_cards_say_when_where_how_much_and_whether(client: Client, noon: datetime, address: str) -> None:
    """U2, U3, U27: 10.00 with 5 % and 0.50, in the venue's time"""
    event_on_sale(
        title="Tides",
        summary="Loud and long",
        starts_at=datetime(2026, 11, 28, 11, tzinfo=UTC),
        venue=VenueFactory(name="Hall", slug="hall", city="Tokyo", time_zone="Asia/Tokyo"),
        levels={"Standing": 30},
        amounts={"Adult": 2_000, "Child": 1_000},
    )
    shown = text_of(client.get(address))
    card = "Sat, 28 Nov 2026, 20:00 (JST) Tides Loud and long Hall , Tokyo from €11.00 On sale"
    assert card in shown


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"amounts": {"Guest": 0, "Patron": 5_000}}, "Free entry On sale"),
        ({"levels": {"Standing": 20}}, "from €21.50 Few places left"),
        (
            {"sales_start": datetime(2026, 6, 2, 8, tzinfo=UTC)},
            "from €21.50 Opens Tue 2 Jun, 10:00 (CEST)",
        ),
        ({"sales_end": datetime(2026, 6, 1, 12, 5, tzinfo=UTC)}, "from €21.50 Sales for this event have ended."),
    ],
)
def test_a_card_tells_each_state_in_words(client: Client, noon: datetime, fields: dict[str, Any], text: str) -> None:
    """U2, U3, U8"""
    event_on_sale(**{"levels": {"Standing": 30}} | fields)
    if "sales_end" in fields:
        clock.advance(timedelta(minutes=5))
    assert text in words_of(client.get(LIST))


def test_a_cancelled_event_is_on_the_list_but_not_praised(client: Client, noon: datetime) -> None:
    """People hold its tickets and look for it."""
    event_on_sale(title="Tides", featured=True, starts_at=noon + timedelta(days=1))
    Event.objects.update(status="cancelled")
    assert sections(client.get("/")) == {"featured": [], "soon": [], "new": []}
    assert "Tides" in shown_events(client.get(LIST))
    assert "This event was cancelled." in words_of(client.get(LIST))


# --- What pages ask of the database ---------------------------------------------------------------


def queries_of(address: str, **headers: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert Client().get(address, headers=headers).status_code == 200
    return len(queries)


def add_events(number: int) -> None:
    """Of one house, every other one at the same hall, on shelves of their own; every page shows some."""
    hall = Venue.objects.filter(slug="hall").first() or VenueFactory(slug="hall", city="Köln")
    for count in range(number):
        other = {"organization": hall.organization, "city": "Köln", "time_zone": "Asia/Tokyo"}
        event_on_sale(
            title="Tides",
            venue=VenueFactory(**other) if count % 2 else hall,
            category=CategoryFactory(organization=hall.organization),
            starts_at=clock.now() + timedelta(days=1, minutes=count),
            featured=count % 3 == 0,
            levels={"Standing": 2, "Balcony": 1},
        )


@pytest.mark.parametrize(
    ("address", "headers", "most"),
    [
        ("/", {}, 6),
        (LIST, {}, 4),
        (LIST, HTMX, 4),
        (f"{LIST}?q=tides&when=week&city=K%C3%B6ln&most=1000&available=on&state=few&sort=-price", {}, 4),
        (f"{LIST}?sort=new", {}, 4),
        ("/venues/", {}, 2),
        ("/venues/hall/", {}, 5),
    ],
)
def test_a_page_of_many_asks_the_database_as_often_as_one_of_one(
    noon: datetime, address: str, headers: dict[str, str], most: int
) -> None:
    add_events(1)
    one = queries_of(address, **headers)
    add_events(49)
    assert queries_of(address, **headers) == one <= most
    assert Event.objects.count() == 50


@pytest.mark.parametrize("change", [lambda: None, lambda: Event.objects.update(status="cancelled")])
@pytest.mark.parametrize("number", [1, 6])
def test_an_event_page_asks_the_database_little(noon: datetime, number: int, change: Callable[[], Any]) -> None:
    """Also with others beside it, and a shelf and a house of its own"""
    add_events(number)
    change()
    assert queries_of(Event.objects.first().get_absolute_url()) <= 8
