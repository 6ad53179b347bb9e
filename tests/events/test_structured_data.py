"""What search engines are told of an event and a venue."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.safestring import SafeString

from core import clock
from events.models import Event
from events.queries.availability import availability
from events.queries.listing import sale_state
from events.queries.offers import recent_event
from events.structured_data import event_data, venue_data
from tests.factories import CategoryFactory, OrganizationFactory, VenueFactory, event_on_sale, paid, price_of, reserve
from venues.models import Venue

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
SITE = "https://tickets.example"


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.SITE_URL = SITE


def script(event: Event, image_url: str = "") -> SafeString:
    """As the event's page would have it."""
    shown, left = recent_event(event.slug), availability(event.pk)
    state = sale_state(shown.event, clock.now(), is_sold_out=left.is_sold_out, is_few=left.is_few)
    return event_data(shown, state=state, left=left, image_url=image_url)


def told(event: Event, image_url: str = "") -> dict[str, Any]:
    return json.loads(script(event, image_url))["@graph"][0]


def test_an_event_is_told_whole(noon: datetime) -> None:
    """U6"""
    starts_at = datetime(2026, 11, 28, 19, tzinfo=UTC)
    venue = VenueFactory(
        organization=OrganizationFactory(name="Pier"),
        type="concert_hall",
        name="Hall",
        slug="hall",
        latitude=53.5,
        longitude=0,
    )
    event = event_on_sale(
        title="Tides & more",
        slug="tides",
        summary="Four voices",
        type="concert",
        category=CategoryFactory(name="Concerts", slug="concerts"),
        doors_at=starts_at - timedelta(hours=1),
        starts_at=starts_at,
        venue=venue,
        levels={"Stalls": 60},
        amounts={"Adult": 2_000},
    )
    assert json.loads(script(event, "/media/tides.jpg")) == {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "MusicEvent",
                "name": "Tides & more",
                "description": "Four voices",
                "url": f"{SITE}/events/tides/",
                "image": f"{SITE}/media/tides.jpg",
                "startDate": "2026-11-28T20:00:00+01:00",
                "endDate": "2026-11-28T23:00:00+01:00",
                "doorTime": "2026-11-28T19:00:00+01:00",
                "eventStatus": "https://schema.org/EventScheduled",
                "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
                "location": {
                    "@type": "MusicVenue",
                    "name": "Hall",
                    "url": f"{SITE}/venues/hall/",
                    "address": {
                        "@type": "PostalAddress",
                        "streetAddress": "1 Test Street",
                        "addressLocality": "Berlin",
                        "addressCountry": "DE",
                    },
                    "geo": {"@type": "GeoCoordinates", "latitude": 53.5, "longitude": 0},
                },
                "organizer": {"@type": "Organization", "name": "Pier"},
                "offers": [
                    {
                        "@type": "Offer",
                        "name": "Stalls, Adult",
                        "price": "21.50",
                        "priceCurrency": "EUR",
                        "availability": "https://schema.org/InStock",
                        "url": f"{SITE}/events/tides/",
                        "validFrom": "2026-06-01T14:00:00+02:00",
                    }
                ],
            },
            {
                "@type": "BreadcrumbList",
                "itemListElement": [
                    {"@type": "ListItem", "position": 1, "name": "Events", "item": f"{SITE}/events/"},
                    {
                        "@type": "ListItem",
                        "position": 2,
                        "name": "Concerts",
                        "item": f"{SITE}/events/?category=concerts",
                    },
                    {"@type": "ListItem", "position": 3, "name": "Tides & more", "item": f"{SITE}/events/tides/"},
                ],
            },
        ],
    }


def test_what_is_not_known_is_left_out(noon: datetime) -> None:
    facts = told(event_on_sale())
    assert not {"image", "doorTime", "description"} & set(facts)
    assert "geo" not in facts["location"]


@pytest.mark.parametrize("kind", Event.Type.values)
def test_every_type_has_a_name_that_schema_org_knows(noon: datetime, kind: str) -> None:
    known = "Event MusicEvent TheaterEvent DanceEvent ComedyEvent ScreeningEvent SportsEvent Festival".split()
    assert told(event_on_sale(type=kind))["@type"] in known


@pytest.mark.parametrize("kind", Venue.Type.values)
def test_every_venue_has_a_type_that_schema_org_knows(kind: str) -> None:
    known = "EventVenue PerformingArtsTheater MusicVenue StadiumOrArena NightClub MovieTheater".split()
    assert json.loads(venue_data(VenueFactory(type=kind)))["@graph"][0]["@type"] in known


@pytest.mark.parametrize(
    ("starts_at", "shown"),
    [
        (datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN), "2026-10-25T02:30:00+02:00"),
        (datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN), "2026-10-25T02:30:00+01:00"),
        (datetime(2027, 3, 28, 2, 30, tzinfo=BERLIN), "2027-03-28T03:30:00+02:00"),
    ],
)
def test_an_hour_that_exists_twice_is_told_apart(noon: datetime, starts_at: datetime, shown: str) -> None:
    """R45"""
    event = event_on_sale(starts_at=starts_at.astimezone(UTC))
    assert told(event)["startDate"] == shown
    assert datetime.fromisoformat(told(event)["startDate"]) == event.starts_at


# --- Offers ---------------------------------------------------------------------------------------


def offers(event: Event) -> list[tuple[str, str, str]]:
    """Name, price and availability."""
    return [
        (each["name"], each["price"], each["availability"].removeprefix("https://schema.org/"))
        for each in told(event).get("offers", [])
    ]


def test_offers_are_whole_prices_and_what_is_left(noon: datetime) -> None:
    """U3, U8, U27"""
    event = event_on_sale(levels={"Stalls": 60, "Balcony": 20, "Box": 1}, amounts={"Adult": 1_990, "Guest": 0})
    reserve(event, 1, price=price_of(event, "Box", "Adult"))
    assert offers(event) == [
        ("Stalls, Adult", "21.40", "InStock"),
        ("Stalls, Guest", "0.00", "InStock"),
        ("Balcony, Adult", "21.40", "LimitedAvailability"),
        ("Balcony, Guest", "0.00", "LimitedAvailability"),
        ("Box, Adult", "21.40", "SoldOut"),
        ("Box, Guest", "0.00", "SoldOut"),
    ]


@pytest.mark.parametrize(
    ("currency", "price"), [("JPY", "2000"), ("EUR", "20.00"), ("KWD", "2.000"), ("CLF", "0.2000")]
)
def test_a_price_has_the_decimals_of_its_currency(noon: datetime, currency: str, price: str) -> None:
    house = OrganizationFactory(currency=currency, fee_basis_points=0, fee_per_ticket=0)
    event = event_on_sale(currency=currency, venue=VenueFactory(organization=house))
    assert [(each["price"], each["priceCurrency"]) for each in told(event)["offers"]] == [(price, currency)]


def test_before_sales_open_it_is_said_from_when(noon: datetime) -> None:
    event = event_on_sale(sales_start=noon + timedelta(days=1), levels={"Standing": 60})
    (offer,) = told(event)["offers"]
    assert (offer["availability"], offer["validFrom"]) == (
        "https://schema.org/PreOrder",
        "2026-06-02T14:00:00+02:00",
    )


def test_what_is_sold_out_is_said_to_be(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 2})
    paid(event, 2)
    assert [availability for _name, _price, availability in offers(event)] == ["SoldOut"]


@pytest.mark.parametrize("fields", [{"status": "cancelled"}, {"sales_end": datetime(2026, 6, 1, 12, tzinfo=UTC)}])
def test_what_is_not_sold_is_not_offered(noon: datetime, fields: dict[str, Any]) -> None:
    """S41"""
    event = event_on_sale()
    Event.objects.update(**fields)
    status = "EventCancelled" if "status" in fields else "EventScheduled"
    assert told(event)["eventStatus"] == f"https://schema.org/{status}"
    assert "offers" not in told(event)


def test_it_asks_the_database_nothing(noon: datetime, django_assert_num_queries: Any) -> None:
    event = event_on_sale(levels={"Stalls": 2, "Balcony": 2}, category=CategoryFactory())
    shown, left = recent_event(event.slug), availability(event.pk)
    state = sale_state(shown.event, noon, is_sold_out=False, is_few=False)
    with django_assert_num_queries(0):
        event_data(shown, state=state, left=left)
        venue_data(shown.event.venue)


# --- Inside a page --------------------------------------------------------------------------------

HOSTILE = [
    "</script><script>alert(1)</script>",
    "</ScRiPt >",
    "<!--<script>",
    "]]>&lt;/script&gt;",
    '"}],"x":[{"',
    "a\u2028\u2029\x0bb",
    "{{ settings.SECRET_KEY }}",
    "{event.__class__}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_people_wrote_ends_the_script(noon: datetime, text: str) -> None:
    """S29, S32"""
    venue = VenueFactory(name=text, city=text, address=text, organization=OrganizationFactory(name=text))
    event = event_on_sale(
        title=text,
        summary=text,
        category=CategoryFactory(name=text),
        levels={text: 5},
        amounts={text: 2_000},
        venue=venue,
    )
    written = script(event, text)
    assert not set("<>&\u2028\u2029\x0b\n") & set(written)
    assert written.__html__() == written
    assert json.loads(written)["@graph"][0]["name"] == " ".join(text.split())
    Venue.objects.update(description=text, phone=text[:40], website=text)
    assert not set("<>&\u2028\u2029\x0b\n") & set(venue_data(Venue.objects.get(), text))


def test_markdown_is_told_as_text_and_shortened(noon: datetime) -> None:
    event = event_on_sale(description="**Loud** &\n\n" + "x" * 1_000)
    description = told(event)["description"]
    assert description.startswith("Loud & xxx")
    assert (len(description), description[-1]) == (500, "…")


# --- The venue ------------------------------------------------------------------------------------


def test_a_venue_is_told_whole() -> None:
    venue = VenueFactory(
        type="theatre",
        name="Hall",
        slug="hall",
        description="An *old* house",
        phone="+49 30 1",
        website="https://hall.example",
        amenities=["wifi", "bar"],
        latitude=52.5,
        longitude=13.4,
    )
    place, trail = json.loads(venue_data(venue, "https://cdn.example/hall.jpg"))["@graph"]
    assert place == {
        "@type": "PerformingArtsTheater",
        "name": "Hall",
        "url": f"{SITE}/venues/hall/",
        "address": {
            "@type": "PostalAddress",
            "streetAddress": "1 Test Street",
            "addressLocality": "Berlin",
            "addressCountry": "DE",
        },
        "geo": {"@type": "GeoCoordinates", "latitude": 52.5, "longitude": 13.4},
        "description": "An old house",
        "image": "https://cdn.example/hall.jpg",
        "telephone": "+49 30 1",
        "sameAs": "https://hall.example",
        "maximumAttendeeCapacity": 1000,
        "amenityFeature": [
            {"@type": "LocationFeatureSpecification", "name": "bar", "value": True},
            {"@type": "LocationFeatureSpecification", "name": "Wi-Fi", "value": True},
        ],
    }
    assert [step["item"] for step in trail["itemListElement"]] == [f"{SITE}/events/", f"{SITE}/venues/hall/"]


def test_a_new_date_is_told_with_the_old_one(noon: datetime) -> None:
    """U39"""
    event = event_on_sale()
    assert told(event)["eventStatus"] == "https://schema.org/EventScheduled"
    Event.objects.update(moved_from=datetime(2026, 6, 20, 18, tzinfo=UTC), slug="moved")
    moved = told(Event.objects.get())
    assert moved["eventStatus"] == "https://schema.org/EventRescheduled"
    assert moved["previousStartDate"] == "2026-06-20T20:00:00+02:00"
    Event.objects.update(status="cancelled", slug="off")
    assert told(Event.objects.get())["eventStatus"] == "https://schema.org/EventCancelled"
