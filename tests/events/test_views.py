"""Pages on which visitors find an event and choose."""

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organization
from core import briefly, clock
from events.models import Event, EventSeat
from events.queries.availability import recent_availability
from tests.factories import EventFactory, OrganizationFactory, VenueFactory, event_on_sale, paid, reserve
from tests.pages import hidden, text_of

pytestmark = pytest.mark.django_db

LIST = "/events/"


def left(event: Event, version: str = "", **sent: str) -> Any:
    address = reverse("events:availability", args=[event.slug])
    return Client().get(address, ({"v": version} if version else {}) | sent)


# --- The list -------------------------------------------------------------------------------------


def test_a_card_says_what_where_when_and_the_whole_price(client: Client, noon: datetime) -> None:
    """U2, U3, U27: 10.00 with 5 % and 0.50"""
    event_on_sale(
        title="Tides",
        starts_at=datetime(2026, 11, 28, 19, tzinfo=UTC),
        venue=VenueFactory(name="Hall", city="Hamburg"),
        levels={"Standing": 30},
        amounts={"Adult": 2_000, "Child": 1_000},
    )
    shown = text_of(client.get(LIST))
    for fact in ("Tides", "Sat, 28 Nov 2026, 20:00 (CET)", "Hall", "Hamburg", "from €11.00", "On sale"):
        assert fact in shown


def test_what_is_over_or_not_published_is_not_listed(client: Client, noon: datetime) -> None:
    """S41"""
    EventFactory(title="Secret draft")
    over = event_on_sale(title="Long ago", starts_at=noon + timedelta(minutes=1))
    event_on_sale(title="Still to come")
    clock.advance(over.ends_at - noon)
    shown = text_of(client.get(LIST))
    assert "Still to come" in shown
    assert "Secret draft" not in shown
    assert "Long ago" not in shown


@pytest.mark.parametrize(
    ("places", "taken", "text"), [(30, 0, "On sale"), (30, 10, "Few places left"), (10, 10, "Sold out")]
)
def test_a_card_tells_the_truth_about_what_is_left(
    client: Client, noon: datetime, places: int, taken: int, text: str
) -> None:
    """U2, U8"""
    event = event_on_sale(levels={"Standing": places})
    if taken:
        paid(event, taken)
    assert text in text_of(client.get(LIST))
    assert text in text_of(client.get(event.get_absolute_url()))


def test_lapsed_places_are_left(client: Client, noon: datetime) -> None:
    """R13"""
    event = event_on_sale(levels={"Standing": 2})
    reserve(event, 2)
    assert "Sold out" in text_of(client.get(LIST))
    clock.advance(timedelta(minutes=16))
    assert "Few places left" in text_of(client.get(LIST))


def test_an_empty_season_says_so(client: Client, noon: datetime) -> None:
    assert "Nothing is on sale" in text_of(client.get(LIST))


@pytest.mark.parametrize("number", ["2", "0", "-1", "x", "1e9", "２", "9" * 30, "\x00"])
def test_any_page_number_leads_to_a_page(client: Client, noon: datetime, number: str) -> None:
    """R50"""
    event_on_sale()
    assert client.get(LIST, {"page": number}).status_code == 200


# --- The event ------------------------------------------------------------------------------------


def test_an_event_shows_whole_prices_and_a_choice(client: Client, noon: datetime) -> None:
    """U27, U6"""
    event = event_on_sale(title="Tides", levels={"Standing": 60, "Balcony": 7}, description="**Loud**")
    response = client.get(event.get_absolute_url())
    shown = text_of(response)
    for fact in ("Tides", "Standing", "More than 50 left", "Balcony", "7 left", "€21.50", "€1.50"):
        assert fact in shown
    assert "<strong>Loud</strong>" in response.content.decode()
    assert response.content.count(b'name="key"') == 1


def test_each_look_at_an_event_has_a_key_of_its_own_and_is_in_no_cache(client: Client, noon: datetime) -> None:
    event = event_on_sale()
    first, second = client.get(event.get_absolute_url()), client.get(event.get_absolute_url())
    assert hidden(first, "key") != hidden(second, "key")
    assert "no-store" in first.headers["Cache-Control"]


def test_the_rules_are_told_before_anything_can_be_chosen(client: Client, noon: datetime) -> None:
    """U7: age, getting in, access and giving back; an event's own words instead of the house's"""
    house = OrganizationFactory(entry_rules="House: bags stay outside.", refund_rules="House: until two days before.")
    venue = VenueFactory(organization=house, access="A lift to every row.")
    event = event_on_sale(venue=venue, minimum_age=16, entry_rules="Tonight: no umbrellas.")
    html = client.get(event.get_absolute_url()).content.decode()
    places = [
        html.index(fact)
        for fact in ("From 16 years", "Tonight: no umbrellas.", "A lift to every row.", "House: until two days before.")
    ]
    assert max(places) < html.index("<form")
    assert "House: bags stay outside." not in html


def test_where_no_rules_are_written_the_page_leads_to_those_that_hold(client: Client, noon: datetime) -> None:
    """U7"""
    event = event_on_sale()
    Organization.objects.update(support_email="help@example.com")
    shown = text_of(client.get(event.get_absolute_url()))
    assert "For all ages" in shown
    assert "What goes back, and until when" in shown
    rules = unescape(text_of(client.get(f"{event.get_absolute_url()}giving-back/")))
    assert "Tickets can't be given back without asking." in rules
    assert "help@example.com" in rules


def test_a_page_that_is_kept_is_filled_in_for_each_visitor(
    client: Client, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S15, R20: what is drawn once a second holds nobody's token and nobody's key."""
    monkeypatch.setattr(briefly, "KEPT_FOR", 1_000)
    event = event_on_sale()
    first, second = client.get(event.get_absolute_url()), Client().get(event.get_absolute_url())
    for name in ("key", "csrfmiddlewaretoken"):
        assert hidden(first, name) != hidden(second, name)
    assert first.cookies["csrftoken"].value != second.cookies["csrftoken"].value
    for value in (hidden(first, "key"), hidden(first, "csrfmiddlewaretoken")):
        assert first.content.count(value.encode()) == 1


def test_nothing_that_people_wrote_runs(client: Client, noon: datetime) -> None:
    """S29"""
    hostile = "<script>alert(1)</script>"
    event = event_on_sale(
        title=hostile,
        description=hostile,
        levels={hostile: 5},
        amounts={hostile: 2_000},
        venue=VenueFactory(name=hostile, city=hostile, address=hostile),
    )
    for address in (LIST, event.get_absolute_url()):
        assert b"<script>alert" not in client.get(address).content


@pytest.mark.parametrize("levels", [1, 12])
def test_an_event_page_asks_the_database_little(client: Client, noon: datetime, levels: int) -> None:
    event = event_on_sale(levels={f"Level {number}": 3 for number in range(levels)})
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(event.get_absolute_url())
    assert len(queries) <= 8


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
@pytest.mark.parametrize("name", ["detail", "availability"])
def test_a_draft_is_not_there_however_it_is_asked_for(
    client: Client, noon: datetime, name: str, headers: dict[str, str]
) -> None:
    """S10, S41"""
    address = reverse(f"events:{name}", args=[EventFactory().slug])
    response = client.get(address, headers=headers)
    assert response.status_code == 404
    assert response.content == client.get(address.replace("event-", "none-"), headers=headers).content


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": "cancelled"}, "cancelled"),
        ({"sales_start": timedelta(days=1)}, "not-yet"),
        ({"sales_end": timedelta()}, "closed"),
    ],
)
def test_what_does_not_sell_says_why_and_offers_no_form(
    client: Client, noon: datetime, fields: dict[str, Any], state: str
) -> None:
    event = event_on_sale()
    Event.objects.update(
        **{name: noon + value if isinstance(value, timedelta) else value for name, value in fields.items()}
    )
    response = client.get(event.get_absolute_url())
    assert response.status_code == 200
    assert b"<form" not in response.content
    assert response.context["state"].name == state
    assert str(response.context["state"].text) in response.content.decode().replace("&#x27;", "'")


def test_what_is_sold_out_says_so_and_offers_no_form(client: Client, noon: datetime) -> None:
    """U5"""
    event = event_on_sale(levels={"Standing": 2})
    paid(event, 2)
    response = client.get(event.get_absolute_url())
    assert response.context["state"].name == "sold-out"
    assert "Every place is taken at the moment." in text_of(response)
    assert b"<form" not in response.content


# --- What is left, asked again and again ----------------------------------------------------------


def test_a_page_that_knows_it_already_gets_nothing(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 5})
    version = recent_availability(event.pk).version
    response = left(event, version)
    assert (response.status_code, response.content) == (204, b"")
    assert "no-store" in response.headers["Cache-Control"]


def test_a_page_that_does_not_know_it_gets_the_news(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 5})
    seen = recent_availability(event.pk)
    paid(event, 2)
    briefly.forget()
    response = left(event, seen.version)
    assert response.status_code == 200
    assert "3 left" in text_of(response)
    assert "<html" not in response.content.decode()
    assert 'hx-swap-oob="true"' in response.content.decode()


def test_an_older_snapshot_never_flips_a_newer_page_back(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 5})
    old = recent_availability(event.pk)
    future = int(old.version.partition("-")[0]) + 1_000_000
    assert left(event, f"{future}-0000000000000000").status_code == 204
    assert left(event, f"{future - 2_000_000}-0000000000000000").status_code == 200


def test_the_answer_is_kept_for_a_moment_and_then_asked_for_again(
    noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = event_on_sale(levels={"Standing": 5})
    passed = [100.0]
    monkeypatch.setattr(briefly, "monotonic", lambda: passed[0])
    monkeypatch.setattr(briefly, "KEPT_FOR", 1.0)
    assert recent_availability(event.pk).levels[0].count == 5
    EventSeat.objects.update(status="blocked")
    assert recent_availability(event.pk).levels[0].count == 5
    passed[0] += 1.0
    assert recent_availability(event.pk).is_sold_out


def put_into(event: Event, state: str) -> None:
    """Make an event of two places be in a state."""
    now = clock.now()
    match state:
        case "on-sale":
            EventSeat.objects.bulk_create(
                EventSeat(event=event, price_level=event.price_levels.get()) for _place in range(20)
            )
        case "sold-out":
            paid(event, 2)
        case "not-yet":
            Event.objects.filter(pk=event.pk).update(sales_start=now + timedelta(hours=1))
        case "closed":
            Event.objects.filter(pk=event.pk).update(sales_end=now)
        case "cancelled":
            Event.objects.filter(pk=event.pk).update(status="cancelled")
    briefly.forget()


@pytest.mark.parametrize("now", ["on-sale", "few", "sold-out", "not-yet", "closed", "cancelled"])
@pytest.mark.parametrize("seen", ["on-sale", "few", "sold-out", "not-yet", "closed", "cancelled"])
def test_a_page_that_turned_into_another_is_loaded_anew_but_a_choice_outlives_the_last_place(
    noon: datetime, seen: str, now: str
) -> None:
    """U5: whether the form comes or goes; who chooses while it sells out keeps what was chosen"""
    event = event_on_sale(levels={"Standing": 2})
    put_into(event, now)
    version = recent_availability(event.pk).version
    response = left(event, version, state=seen)
    selling = ("on-sale", "few")
    if seen == now:
        expected: tuple[int, str | None] = (204, None)
    elif seen in selling and now in (*selling, "sold-out"):
        expected = (200, None)
    else:
        expected = (204, "true")
    assert (response.status_code, response.headers.get("HX-Refresh")) == expected
    assert bool(response.content) == (expected[0] == 200)


@pytest.mark.parametrize("state", ["", "x", "\x00", "x" * 5_000, "ON-SALE"])
def test_a_state_that_is_none_never_loads_the_page_anew(noon: datetime, state: str) -> None:
    """R50: else a page could go round in circles"""
    response = left(event_on_sale(), "", state=state)
    assert (response.status_code, response.headers.get("HX-Refresh")) == (200, None)


@pytest.mark.parametrize("version", ["", "x", "-", "1", "１２-x", "1-" + "x" * 5_000, "\x00", "-1-x"])
def test_a_version_that_is_none_gets_the_news(noon: datetime, version: str) -> None:
    """R50"""
    assert left(event_on_sale(), version).status_code == 200


def test_a_version_of_ten_thousand_digits_is_no_server_error(noon: datetime) -> None:
    """R50"""
    assert left(event_on_sale(), "9" * 10_000 + "-x").status_code in (200, 204, 400)


@pytest.mark.parametrize(
    ("places", "text"), [(0, "Sold out"), (1, "1 left"), (50, "50 left"), (51, "More than 50 left")]
)
def test_what_is_left_is_exact_up_to_fifty(noon: datetime, places: int, text: str) -> None:
    event = event_on_sale(levels={"Standing": max(places, 1)})
    if places == 0:
        reserve(event, 1)
    assert text in text_of(left(event))


@pytest.mark.parametrize("name", ["list", "detail", "availability"])
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_pages_that_show_are_for_reading(client: Client, noon: datetime, name: str, method: str) -> None:
    args = [] if name == "list" else [event_on_sale().slug]
    assert getattr(client, method)(reverse(f"events:{name}", args=args)).status_code == 405
