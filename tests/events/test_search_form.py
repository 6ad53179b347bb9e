"""What a visitor asks the list for: read from an address, and written into one."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from events.forms.search import SearchForm
from events.models import Event
from events.queries.discovery import SORTS, Choices, Search, Shelf, choices
from tests.factories import CategoryFactory, OrganizationFactory, VenueFactory, event_on_sale
from tests.pages import text_of

LIST = "/events/"
OFFERED = Choices(
    cities=[Shelf("Berlin", "Berlin", 2), Shelf("Köln", "Köln", 1)],
    venues=[Shelf("hall", "Große Halle", 3)],
    categories=[Shelf("concerts", "Concerts", 3)],
    types=["concert"],
    currencies=["EUR", "JPY"],
    zones=["Europe/Berlin"],
)


def form(query: str, offered: Choices = OFFERED) -> SearchForm:
    asked = SearchForm(QueryDict(query), offered)
    asked.is_valid()
    return asked


# --- What is wrong (R50, S33) ---------------------------------------------------------------------

LONG = "x" * 10_000
WRONG = [
    ("most", "-1"),
    ("most", "1e9"),
    ("most", "NaN"),
    ("most", "sNaN"),
    ("most", "Infinity"),
    ("most", "-0.01"),
    ("most", "0.001"),
    ("most", "1e-999999"),
    ("most", "9" * 10_000),
    ("most", "x"),
    ("most", "1\x00"),
    ("q", LONG),
    ("q", "a\x00b"),
    ("when", "someday"),
    ("when", LONG),
    ("when", "\x00"),
    ("first", "9999-12-31"),
    ("first", "0001-01-01"),
    ("first", "1999-12-31"),
    ("first", "2026-02-30"),
    ("first", "01.06.2026"),
    ("first", "2026-06-01\x00"),
    ("last", "9999-12-31"),
    ("last", "2100-01-02"),
    ("last", LONG),
    ("city", LONG),
    ("city", "\x00"),
    ("venue", LONG),
    ("venue", "\x00"),
    ("category", LONG),
    ("category", "\x00"),
    ("type", LONG),
    ("type", "\x00"),
    ("currency", "EURO"),
    ("currency", "\x00"),
    ("state", "closed"),
    ("state", LONG),
    ("sort", "pk"),
    ("sort", "-starts_at"),
    ("sort", "?"),
    ("sort", "organization__fee_per_ticket"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "value"), WRONG)
def test_what_is_wrong_is_named_and_filters_nothing(client: Client, noon: datetime, name: str, value: str) -> None:
    """R50: never a server error, and what there is stays in sight"""
    event_on_sale(title="Tides")
    response = client.get(LIST, {name: value})
    assert response.status_code == 400
    assert set(response.context["form"].errors) == {name}
    assert str(response.context["form"].fields[name].label) in text_of(response)
    assert "Tides" in text_of(response)
    assert LONG not in response.context["after"] + response.context["before"]
    assert response.context["chips"] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=",
        "q=%20%20",
        "q=%00" * 0,
        "q=%F0%9F%8E%AD",
        "q=%E2%80%AE%D8%A3%D9%85%D8%B3%D9%8A%D8%A9",
        "q=%25%27%22%3B--",
        "most=%EF%BC%92",  # a digit of another script: for a filter as good as one of ours
        "most=0",
        "most=1000000",
        "most=0e999999",
        "most=1_0",
        "city=Nowhere",
        "city=berlin",
        "venue=none",
        "category=none",
        "type=none",
        "most=5&currency=ZZZ",
        "currency=eur&most=5",
        "currency=",
        "first=2000-01-01&last=2100-01-01",
        "available=on",
        "available=maybe",
        "available=" + LONG,
        "order_by=",
        "order_by=password",
        "user__password__startswith=a",
        "organization__fee_per_ticket__gt=0",
        "page=" + "9" * 10_000,
        "page=%00",
        "page=-1&page=2",
        "q=a&q=b&city=Berlin&city=K%C3%B6ln",
        "q=%FF%FE",
        "&&&==&=x&q",
        LONG,
    ],
)
def test_what_is_merely_strange_finds_something_or_nothing(client: Client, noon: datetime, query: str) -> None:
    """R50"""
    event_on_sale(title="Tides")
    response = client.get(f"{LIST}?{query}")
    assert (response.status_code, dict(response.context["form"].errors)) == (200, {})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "order_by=",
        "order_by=-title",
        "order_by=organization__fee_per_ticket",
        "user__password__startswith=a",
        "title__contains=Ebb",
        "status=draft",
        "organization_id=1",
        "ordering=?",
        "limit=1",
    ],
)
def test_fields_that_there_are_not_are_passed_over(client: Client, noon: datetime, query: str) -> None:
    """S33: neither filter nor order, nor do they wander through our links"""
    for title in ("Tides", "Ebb"):
        event_on_sale(title=title)
    plain, asked = client.get(LIST), client.get(f"{LIST}?{query}")
    assert asked.content == plain.content


@given(st.dictionaries(st.sampled_from([*SearchForm.base_fields, "page", "x"]), st.text(), max_size=4))
def test_whatever_is_sent_is_understood_or_named(sent: dict[str, str]) -> None:
    """R50"""
    data = QueryDict(mutable=True)
    data.update(sent)
    asked = SearchForm(data, OFFERED)
    assert asked.search().sort in SORTS
    assert set(asked.errors) <= set(sent)
    again = form(asked.query().removeprefix("?"))
    assert not again.errors
    assert again.search() == asked.search()
    assert again.query() == asked.query()
    assert len(asked.chips()) <= len(sent)


# --- What is understood ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "search"),
    [
        ("", Search(currency="EUR")),
        ("q=+Tides+", Search(text="Tides", currency="EUR")),
        ("when=weekend&sort=-price", Search(span="weekend", sort="-price", currency="EUR")),
        (
            "first=2026-06-01&last=2026-06-01",
            Search(first_day=date(2026, 6, 1), last_day=date(2026, 6, 1), currency="EUR"),
        ),
        ("when=today&first=2026-06-01", Search(first_day=date(2026, 6, 1), currency="EUR")),
        ("when=today&last=2026-06-01", Search(last_day=date(2026, 6, 1), currency="EUR")),
        ("when=today&first=x", Search(span="today", currency="EUR")),
        ("first=2026-06-02&last=2026-06-01", Search(first_day=date(2026, 6, 2), currency="EUR")),
        ("most=12.5", Search(most=1_250, currency="EUR")),
        ("most=12&currency=JPY", Search(most=12, currency="JPY")),
        ("most=12&currency=jpy", Search(most=12, currency="JPY")),
        ("most=12&currency=ZZZ", Search(most=1_200, currency="EUR")),
        ("most=12.5&currency=JPY", Search(currency="JPY")),
        ("most=0", Search(most=0, currency="EUR")),
        (
            "city=K%C3%B6ln&venue=hall&category=concerts&type=concert&available=on&state=few",
            Search(
                city="Köln",
                venue="hall",
                category="concerts",
                type="concert",
                available=True,
                state="few",
                currency="EUR",
            ),
        ),
        ("city=Berlin&city=K%C3%B6ln", Search(city="Köln", currency="EUR")),
        ("available=false", Search(currency="EUR")),
    ],
)
def test_an_address_is_read_as_a_search(query: str, search: Search) -> None:
    """U1: days of one's own win over "this weekend"; a price is one of the season's currencies"""
    assert form(query).search() == search


def test_without_a_season_a_price_is_still_a_price() -> None:
    nothing = Choices([], [], [], [], [], [])
    assert form("most=5", nothing).search() == Search(most=500, currency="EUR")


@pytest.mark.parametrize(("currencies", "is_hidden"), [([], True), (["EUR"], True), (["EUR", "JPY"], False)])
def test_who_has_no_choice_of_currencies_is_not_asked(currencies: list[str], is_hidden: bool) -> None:
    offered = Choices([], [], [], [], currencies, [])
    assert form("", offered)["currency"].is_hidden == is_hidden


# --- Addresses and chips --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("", ""),
        ("q=&when=&first=&last=&city=&venue=&category=&type=&most=&currency=EUR&state=&sort=", ""),
        ("currency=JPY", ""),
        ("currency=JPY&most=0", "?most=0&currency=JPY"),
        ("currency=EUR&most=x", ""),
        ("page=3&q=x", "?q=x"),
        ("x=y&csrfmiddlewaretoken=z&utm_source=s", ""),
        ("q=++caf%C3%A9++", "?q=caf%C3%A9"),
        ("q=a%26city%3DK%C3%B6ln", "?q=a%26city%3DK%C3%B6ln"),
        ("city=Berlin&city=K%C3%B6ln", "?city=K%C3%B6ln"),
        ("sort=price&city=Berlin&q=x", "?q=x&city=Berlin&sort=price"),
        ("when=today&first=2026-06-01", "?first=2026-06-01"),
        ("first=2026-06-02&last=2026-06-01", "?first=2026-06-02"),
        ("when=never&state=few", "?state=few"),
        ("available=on", "?available=on"),
        ("available=false", ""),
    ],
)
def test_a_search_has_one_address(query: str, canonical: str) -> None:
    """U1: as short as it can be, and without what was not understood"""
    asked = form(query)
    assert asked.query() == canonical
    assert form(canonical.removeprefix("?")).query() == canonical


@pytest.mark.parametrize(
    ("number", "address"), [(-1, "?q=x"), (0, "?q=x"), (1, "?q=x"), (2, "?q=x&page=2"), (30, "?q=x&page=30")]
)
def test_each_page_but_the_first_has_its_number(number: int, address: str) -> None:
    assert form("q=x&page=7").page(number) == address


EVERYTHING = (
    "q=Tides&first=2026-06-01&last=2026-06-30&city=K%C3%B6ln&venue=hall&category=concerts&type=concert"
    "&most=12.50&currency=EUR&available=on&state=few&sort=price"
)


def test_what_is_set_is_told_in_words() -> None:
    """U4"""
    assert [text for text, _query in form(EVERYTHING).chips()] == [
        "“Tides”",
        "From Mon, 1 Jun 2026",
        "Until Tue, 30 Jun 2026",
        "Köln",
        "Große Halle",
        "Concerts",
        "concert",
        "Price up to €12.50",
        "Only with places left",
        "Few places left",
    ]
    assert [text for text, _query in form("when=weekend").chips()] == ["This weekend"]


def test_what_is_unknown_is_told_as_it_was_sent() -> None:
    asked = form("city=Nowhere&venue=none&category=x&type=y&most=0&currency=jpy")
    assert [text for text, _query in asked.chips()] == ["Nowhere", "none", "x", "y", "Price up to ¥0"]


@pytest.mark.parametrize("query", ["sort=price", "currency=JPY", "page=2", "when=x", "most=x"])
def test_what_limits_nothing_has_no_chip(query: str) -> None:
    assert form(query).chips() == []


def test_taking_a_chip_away_takes_only_it_away() -> None:
    """U4; with the price goes its currency, which says nothing alone"""
    asked = form(EVERYTHING)
    before = parse_qs(EVERYTHING)
    names = ["q", "first", "last", "city", "venue", "category", "type", "most", "available", "state"]
    left = {}
    for name, (_text, query) in zip(names, asked.chips(), strict=True):
        left[name] = parse_qs(query.removeprefix("?"))
    gone = {name: {name} for name in names} | {"most": {"most", "currency"}}
    assert left == {name: {each: before[each] for each in before if each not in gone[name]} for name in names}


@pytest.mark.parametrize(
    ("query", "is_set"),
    [
        ("", False),
        ("q=x&when=today&city=Berlin&category=concerts&sort=price", False),
        ("currency=JPY", False),
        ("venue=hall", True),
        ("available=on", True),
        ("most=0", True),
        ("most=x", True),
        ("first=x", True),
        ("state=few", True),
        ("type=concert", True),
    ],
)
def test_what_hides_more_filters_shows_them_when_one_is_set_or_wrong(query: str, is_set: bool) -> None:
    assert form(query).more_is_set == is_set


@pytest.mark.django_db
def test_the_form_offers_what_the_season_has(client: Client, noon: datetime) -> None:
    """S41: and nothing of a draft"""
    house = OrganizationFactory()
    event_on_sale(
        venue=VenueFactory(name="Große Halle", slug="hall", city="Köln", organization=house),
        category=CategoryFactory(name="Concerts", slug="concerts", organization=house),
        type="concert",
    )
    draft = event_on_sale(venue__name="Secret", venue__city="Secretville", type="opera", currency="EUR")
    Event.objects.filter(pk=draft.pk).update(status="draft", starts_at=noon + timedelta(days=1))
    asked = SearchForm(QueryDict(), choices(noon))
    offered: dict[str, Any] = {
        name: [value for value, _text in asked.fields[name].widget.choices] for name in ("city", "venue", "category")
    }
    assert offered == {"city": ["", "Köln"], "venue": ["", "hall"], "category": ["", "concerts"]}
    assert [value for value, _text in asked.fields["type"].widget.choices] == ["", "concert"]
    assert b"Secret" not in client.get(LIST).content
