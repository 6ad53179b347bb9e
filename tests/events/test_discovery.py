"""Finding an event: held against a plain look at everything there is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Organization
from core import clock
from core.search import folded
from events.models import LAPSE_GRACE, Category, Event, EventSeat, Price, PriceLevel
from events.pricing import alone, alone_in_sql
from events.queries.availability import FEW
from events.queries.discovery import SORTS, Search, choices, found, span
from events.queries.listing import card, sale_state, season
from tests.conftest import NOON
from tests.factories import (
    CategoryFactory,
    EventFactory,
    OrganizationFactory,
    TicketTypeFactory,
    VenueFactory,
    event_on_sale,
)
from venues.models import Venue

pytestmark = pytest.mark.django_db

SPANS = ["today", "tomorrow", "weekend", "week", "next-week", "month"]
STATES = ["on-sale", "few", "sold-out", "not-yet", "cancelled"]
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Cairo"]
MOMENTS = [
    NOON,
    datetime(2026, 10, 24, 22, 30, tzinfo=UTC),  # Berlin's day of 25 hours has just begun
    datetime(2027, 3, 28, 0, 30, tzinfo=UTC),  # and here its day of 23
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),  # another year in Berlin, not yet in New York
]


def titles(events: Any) -> list[str]:
    return [event.title for event in events]


def search(now: datetime, **asked: Any) -> list[Event]:
    return list(found(season(now), Search(**asked), now, zones=choices(now).zones))


# --- A season at random ---------------------------------------------------------------------------


class Season:
    """Many events of every kind; what they are is drawn from a seed."""

    def __init__(self, seed: int, now: datetime) -> None:
        self.draw, self.now = Random(seed), now
        houses = [
            OrganizationFactory(fee_basis_points=share, fee_per_ticket=fixed, fee_per_booking=once)
            for share, fixed, once in ((500, 50, 0), (0, 0, 200), (333, 7, 0))
        ]
        self.venues = [
            VenueFactory(organization=self.draw.choice(houses), name=name, city=city, time_zone=zone)
            for name, city, zone in zip(
                ["Große Halle", "Théâtre", "Arena", "Loft", "Tides Hall", "Garden"],
                ["Köln", "Köln", "Tokyo", "Berlin", "Málaga", "Berlin"],
                ZONES,
                strict=True,
            )
        ]
        self.categories = [
            CategoryFactory(organization=house, name=name, slug=name.lower(), order=self.draw.randrange(3))
            for house in houses
            for name in ("Concerts", "Theatre")
        ]
        self.types = {house.pk: TicketTypeFactory.create_batch(3, organization=house) for house in houses}
        for _number in range(50):
            self.add_event()

    def moment(self) -> datetime:
        """Often at the edge of a day, or now."""
        if self.draw.random() < 0.1:
            return self.now
        zone = ZoneInfo(self.draw.choice(ZONES))
        day = self.now.astimezone(zone).date() + timedelta(
            days=self.draw.choice([-2, -1, 0, 0, 1, 1, 2, 3, 5, 8, 13, 34])
        )
        hour = self.draw.choice([time(), time(23, 59, 59, 999_999), time(2, 30), time(20), time(20)])
        return datetime.combine(day, hour, zone).astimezone(UTC)

    def add_event(self) -> None:
        draw = self.draw
        venue, starts_at = draw.choice(self.venues), self.moment()
        shelves = [shelf for shelf in self.categories if shelf.organization == venue.organization]
        status = draw.choice(["published"] * 8 + ["cancelled", "draft"])
        sales = sorted({self.moment(), self.moment()})
        sales_start = draw.choice([None, None, sales[0], self.now + timedelta(days=3)])
        sales_end = draw.choice([None, None, sales[-1]])
        if sales_start and sales_end and sales_end <= sales_start:
            sales_end = None
        event = EventFactory(
            venue=venue,
            category=draw.choice([None, *shelves]),
            title=draw.choice(["Tides", "Ebb", "Flow", "Springtide", "Moon"]),
            summary=draw.choice(["", "Für Chöre", "100% loud", "with_line", "A night of Tides"]),
            type=draw.choice(["concert", "theatre", "other"]),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=draw.choice([1, 3, 72])),
            sales_start=sales_start,
            sales_end=sales_end,
            currency=draw.choice(["EUR", "EUR", "USD", "JPY"]),
            fee_per_ticket=draw.choice([None, None, 0, 300]),
            fee_per_booking=draw.choice([None, None, 0, 250]),
            status=status,
            published_at=None if status == "draft" else self.now - timedelta(days=draw.randrange(3)),
        )
        if status == "cancelled" and draw.random() < 0.5:  # before it was ready
            Event.objects.filter(pk=event.pk).update(published_at=None)
            return
        for number in range(draw.choice([1, 1, 2])):
            level = PriceLevel.objects.create(event=event, name=f"Level {number}", order=number, places=0)
            for ticket_type in draw.sample(self.types[venue.organization_id], draw.choice([1, 2])):
                amount = draw.choice([0, 1, 999, 1_000, 1_001, 2_000, 123_456])
                Price.objects.create(price_level=level, ticket_type=ticket_type, amount=amount)
            self.add_places(level)

    def add_places(self, level: PriceLevel) -> None:
        free = {"status": "available"}
        gone: list[dict[str, Any]] = [
            {"status": "sold", "was_claimed": True},
            {"status": "blocked"},
            {"status": "available", "ownership": "not_owned"},
            {"status": "reserved", "was_claimed": True, "reserved_until": self.now},
            {"status": "reserved", "was_claimed": True, "reserved_until": self.now - LAPSE_GRACE},
        ]
        lapsed = self.now - LAPSE_GRACE - timedelta(microseconds=1)
        places = [free] * self.draw.choice([0, 0, 1, FEW, FEW + 1, FEW + 5])
        places += self.draw.choices(gone, k=3)
        places += [{"status": "reserved", "was_claimed": True, "reserved_until": lapsed}] * self.draw.choice([0, 0, 2])
        EventSeat.objects.bulk_create(EventSeat(event=level.event, price_level=level, **place) for place in places)

    # What a plain look says of them.

    def all(self) -> list["Known"]:
        return [Known(event, self.now) for event in Event.objects.select_related("venue", "organization", "category")]


@dataclass
class Known:
    """An event and all that a search may ask of it, without the database's help."""

    event: Event
    now: datetime

    def __post_init__(self) -> None:
        self.local = self.event.starts_at.astimezone(self.event.venue.zone)
        self.today = self.now.astimezone(self.event.venue.zone).date()
        amounts = Price.objects.filter(price_level__event=self.event).values_list("amount", flat=True)
        self.total = min((alone(self.event, amount).total for amount in amounts), default=None)
        places = list(EventSeat.objects.filter(event=self.event))
        free = sum(place.status == "available" and place.ownership == "owned" for place in places)
        lapsed = sum(place.status == "reserved" and place.reserved_until < self.now - LAPSE_GRACE for place in places)
        self.left = free + lapsed
        self.state = sale_state(self.event, self.now, is_sold_out=not self.left, is_few=self.left <= FEW).name

    @property
    def is_to_come(self) -> bool:
        return self.event.status in ("published", "cancelled") and self.event.ends_at > self.now

    def mentions(self, text: str) -> bool:
        category = self.event.category.name if self.event.category else ""
        venue = f"{self.event.venue.name} {self.event.venue.city}"
        searched = [folded(each) for each in (f"{self.event.title} {self.event.summary}", venue, category)]
        return all(any(word in each for each in searched) for word in folded(text).split()[:8])

    def fits(self, asked: Search) -> bool:
        event, day = self.event, self.local.date()
        return (
            self.is_to_come
            and self.mentions(asked.text)
            and (not asked.span or is_in_span(asked.span, day, self.today))
            and (bool(asked.span) or asked.first_day is None or asked.first_day <= day)
            and (bool(asked.span) or asked.last_day is None or day <= asked.last_day)
            and asked.city in ("", event.venue.city)
            and asked.venue in ("", event.venue.slug)
            and asked.category in ("", event.category.slug if event.category else None)
            and asked.type in ("", event.type)
            and (asked.most is None or (self.total is not None and self.total <= asked.most))
            and (not asked.most or event.currency == asked.currency)
            and (not asked.available or self.state in ("on-sale", "few"))
            and asked.state in ("", self.state)
        )


def is_in_span(name: str, day: date, today: date) -> bool:
    """By the calendar's own weeks."""
    week, this_week = day.isocalendar()[:2], today.isocalendar()[:2]
    match name:
        case "today":
            return day == today
        case "tomorrow":
            return (day - today).days == 1
        case "weekend":
            return week == this_week and day >= today and day.isoweekday() in (5, 6, 7)
        case "week":
            return week == this_week and day >= today
        case "next-week":
            return week == (today + timedelta(days=7)).isocalendar()[:2]
        case "month":
            return (day.year, day.month) == (today.year, today.month) and day >= today
    raise ValueError(name)


ORDER: dict[str, Callable[[Known], Any]] = {
    "": lambda each: (each.event.starts_at, each.event.pk),
    "price": lambda each: (each.event.currency, each.total is None, each.total, each.event.starts_at, each.event.pk),
    "-price": lambda each: (
        each.event.currency,
        each.total is None,
        -(each.total or 0),
        each.event.starts_at,
        each.event.pk,
    ),
    "new": lambda each: (
        each.event.published_at is None,
        each.event.published_at and -each.event.published_at.timestamp(),
        -each.event.pk,
    ),
    "title": lambda each: (folded(f"{each.event.title} {each.event.summary}"), each.event.pk),
}


def expected(everything: list[Known], asked: Search) -> list[Event]:
    return [each.event for each in sorted(filter(lambda each: each.fits(asked), everything), key=ORDER[asked.sort])]


def some_search(draw: Random, now: datetime) -> Search:
    """Few things at once, so that some events fit."""
    day = now.date()
    first, last = sorted(day + timedelta(days=draw.choice([-1, 0, 0, 1, 2, 5, 8, 40])) for _end in range(2))
    anything: dict[str, list[Any]] = {
        "text": ["tides", "TIDES köln", "théâtre", "100%", "_", "halle tides", "nowhere", "fur choré", "%", "\\"],
        "first_day": [first],
        "last_day": [last],
        "span": SPANS,
        "city": ["Köln", "Berlin", "Tokyo", "koln", "Nowhere"],
        "venue": [*Venue.objects.values_list("slug", flat=True)[:3], "none"],
        "category": ["concerts", "theatre", "none"],
        "type": ["concert", "other", "opera"],
        "most": [0, 0, 1, 1_099, 1_100, 2_400, 10**10],
        "available": [True],
        "state": STATES,
    }
    chosen = draw.sample(sorted(anything), draw.choice([0, 1, 1, 2, 3]))
    values = {name: draw.choice(anything[name]) for name in chosen}
    return Search(**values, currency=draw.choice(["EUR", "USD", "JPY"]), sort=draw.choice(list(SORTS)))


@pytest.fixture(params=enumerate(MOMENTS), ids=["june", "autumn", "spring", "new-year"])
def a_season(request: pytest.FixtureRequest) -> Iterator[Season]:
    seed, now = request.param
    with clock.at(now):
        yield Season(seed, now)


def test_whatever_is_asked_for_is_found_and_nothing_else(a_season: Season) -> None:
    """U1, S41: every filter and order, alone and together"""
    everything, zones = a_season.all(), choices(a_season.now).zones
    sizes = []
    for _search in range(150):
        asked = some_search(a_season.draw, a_season.now)
        result = list(found(season(a_season.now), asked, a_season.now, zones=zones))
        assert result == expected(everything, asked), asked
        sizes.append(len(result))
    assert 0 in sizes
    assert sum(0 < size < max(sizes) for size in sizes) > 40, "a comparison of nothing with nothing shows nothing"


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_is_of_everything(a_season: Season, sort: str) -> None:
    """U1: what has no price, or was never announced, comes last on every database"""
    everything = a_season.all()
    assert search(a_season.now, sort=sort) == expected(everything, Search(sort=sort))
    assert len(search(a_season.now, sort=sort)) == sum(each.is_to_come for each in everything)


def test_each_event_is_in_the_state_that_its_card_says(a_season: Season) -> None:
    """U2, U8: and in no other; what is closed has no filter"""
    cards = {each.pk: card(each, a_season.now).state.name for each in season(a_season.now)}
    by_filter = {each.pk: state for state in STATES for each in search(a_season.now, state=state)}
    assert by_filter == {pk: state for pk, state in cards.items() if state != "closed"}
    assert sum(len(search(a_season.now, state=state)) for state in STATES) == len(by_filter)
    assert {each.pk for each in search(a_season.now, available=True)} == {
        pk for pk, state in cards.items() if state in ("on-sale", "few")
    }
    assert set(cards.values()) >= {"on-sale", "few", "sold-out", "not-yet", "cancelled", "closed"}


def test_the_price_that_is_sorted_by_is_the_one_that_is_shown(a_season: Season) -> None:
    """U27"""
    rows = search(a_season.now, sort="price")
    assert [row.from_total for row in rows] == [card(row, a_season.now).from_total for row in rows]
    totals = {each.event.pk: each.total for each in a_season.all()}
    assert {row.pk: row.from_total for row in rows} == {row.pk: totals[row.pk] for row in rows}


def test_a_shelf_counts_what_it_leads_to(a_season: Season) -> None:
    """And what it does not count it does not show."""
    now = a_season.now
    offered = choices(now)
    coming = [each.event for each in a_season.all() if each.is_to_come]
    for name, shelves in {
        "city": offered.cities,
        "venue": offered.venues,
        "category": offered.categories,
    }.items():
        counts = {shelf.value: shelf.count for shelf in shelves}
        assert len(counts) == len(shelves)
        assert counts == {value: len(search(now, **{name: value})) for value in counts}
    assert sum(shelf.count for shelf in offered.cities) == sum(shelf.count for shelf in offered.venues) == len(coming)
    assert sum(shelf.count for shelf in offered.categories) == sum(bool(event.category) for event in coming)
    assert offered.types == tuple(sorted({event.type for event in coming}))
    assert set(offered.zones) == {event.venue.time_zone for event in coming}
    counted = {code: sum(event.currency == code for event in coming) for code in offered.currencies}
    assert counted == dict(sorted(counted.items(), key=lambda item: -item[1]))
    assert set(counted) == {event.currency for event in coming}


def test_the_plain_look_would_see_a_fault(a_season: Season) -> None:
    """A filter that is passed over anywhere is noticed."""
    everything = a_season.all()
    probes = {
        "text": "tides",
        "span": "week",
        "first_day": a_season.now.date() + timedelta(days=2),
        "last_day": a_season.now.date() + timedelta(days=2),
        "city": "Berlin",
        "venue": a_season.venues[0].slug,
        "category": "concerts",
        "type": "concert",
        "available": True,
        "state": "few",
    }
    assert {field.name for field in fields(Search)} - set(probes) == {"most", "currency", "sort"}
    for name, value in probes.items():
        assert expected(everything, Search(**{name: value})) != expected(everything, Search())
    cheap = Search(most=1_100, currency="EUR")
    assert expected(everything, cheap) != expected(everything, replace(cheap, currency="USD"))
    assert expected(everything, cheap) != expected(everything, Search())


# --- Words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("gezeiten", ["Gezeiten"]),
        ("GEZEITEN köln", ["Gezeiten"]),
        ("koln halle", ["Gezeiten"]),
        ("gezeiten oper", []),
        ("theatre", ["Ebbe"]),
        ("ebb", ["Ebbe"]),
        ("e", ["Gezeiten", "Ebbe"]),
        ("%", ["Ebbe"]),
        ("100%", ["Ebbe"]),
        ("_", []),
        ("\\", []),
        ("'; DROP TABLE events_event; --", []),
        (" ".join("e" * 8) + " zzz", ["Gezeiten", "Ebbe"]),
        ("secret", []),
    ],
)
def test_words_are_found_wherever_a_card_shows_them(noon: datetime, text: str, result: list[str]) -> None:
    """U1: in title, line, house, city and shelf; signs of the database's own are only signs"""
    first = EventFactory(
        title="Gezeiten",
        description="Secret",
        venue__name="Große Halle",
        venue__city="Köln",
        status="published",
        published_at=noon,
    )
    EventFactory(
        title="Ebbe",
        summary="100% Theatre",
        starts_at=first.starts_at + timedelta(days=1),
        status="published",
        published_at=noon,
    )
    assert titles(search(noon, text=text)) == result


# --- Days (R45) -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SPANS)
def test_a_span_is_what_the_calendar_says_on_every_day_of_four_years(name: str) -> None:
    """Every weekday on every day of a month, a leap day among them"""
    for number in range(1_461):
        today = date(2026, 1, 1) + timedelta(days=number)
        first, last = span(name, today)
        days = {today + timedelta(days=distance) for distance in range(-8, 40)}
        assert {day for day in days if is_in_span(name, day, today)} == {day for day in days if first <= day <= last}
        assert first <= last


def test_a_span_that_there_is_not_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="someday"):
        span("someday", NOON.date())


def at(zone: str, *moment: int, **fold: int) -> datetime:
    return datetime(*moment, tzinfo=ZoneInfo(zone), **fold).astimezone(UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("zone", "day", "before", "first", "last", "after"),
    [
        ("Europe/Berlin", date(2026, 6, 1), (5, 31), (6, 1), (6, 1), (6, 2)),
        ("Europe/Berlin", date(2026, 10, 25), (10, 24), (10, 25), (10, 25), (10, 26)),  # 25 hours
        ("Europe/Berlin", date(2027, 3, 28), (3, 27), (3, 28), (3, 28), (3, 29)),  # 23 hours
        ("Asia/Tokyo", date(2026, 6, 2), (6, 1), (6, 2), (6, 2), (6, 3)),
        ("Pacific/Kiritimati", date(2026, 6, 2), (6, 1), (6, 2), (6, 2), (6, 3)),
        ("Africa/Cairo", date(2026, 10, 29), (10, 28), (10, 29), (10, 29), (10, 30)),  # its last hour comes twice
    ],
)
def test_a_day_is_from_midnight_to_midnight_of_its_venue(
    noon: datetime,
    zone: str,
    day: date,
    before: tuple[int, int],
    first: tuple[int, int],
    last: tuple[int, int],
    after: tuple[int, int],
) -> None:
    """R45"""
    venue = VenueFactory(time_zone=zone)
    for title, (month, number), clock_time in (
        ("before", before, (23, 59, 59, 999_999)),
        ("first", first, (0, 0)),
        ("last", last, (23, 59, 59, 999_999)),
        ("after", after, (0, 0)),
    ):
        EventFactory(
            venue=venue,
            title=title,
            starts_at=at(zone, day.year, month, number, *clock_time, fold=int(title == "last")),
            status="cancelled",
        )
    earlier = at(zone, day.year, day.month, day.day) - timedelta(days=10)
    with clock.at(earlier):
        assert titles(search(earlier, first_day=day, last_day=day)) == ["first", "last"]
        assert titles(search(earlier, first_day=day)) == ["first", "last", "after"]
        assert titles(search(earlier, last_day=day)) == ["before", "first", "last"]
    moment = at(zone, day.year, day.month, day.day)
    with clock.at(moment):
        assert titles(search(moment, span="today")) == ["first", "last"]


def test_a_day_whose_midnight_does_not_exist_begins_an_hour_later(noon: datetime) -> None:
    """R45: on 24 April 2026 Cairo goes from 23:59 to 01:00"""
    venue = VenueFactory(time_zone="Africa/Cairo")
    start = datetime(2026, 4, 23, 22, tzinfo=UTC)
    for title, moment in (("before", start - timedelta(microseconds=1)), ("first", start)):
        EventFactory(venue=venue, title=title, starts_at=moment, status="cancelled")
    now = start - timedelta(days=3)
    assert titles(search(now, first_day=date(2026, 4, 24), last_day=date(2026, 4, 24))) == ["first"]
    assert titles(search(now, last_day=date(2026, 4, 23))) == ["before"]


def test_an_hour_that_exists_twice_is_of_one_day(noon: datetime) -> None:
    """R45"""
    venue = VenueFactory(time_zone="Europe/Berlin")
    for title, fold in (("summer", 0), ("winter", 1)):
        moment = at("Europe/Berlin", 2026, 10, 25, 2, 30, fold=fold)
        EventFactory(venue=venue, title=title, starts_at=moment, status="cancelled")
    day = date(2026, 10, 25)
    assert titles(search(noon, first_day=day, last_day=day)) == ["summer", "winter"]


@pytest.mark.parametrize(
    ("hour", "zone", "name"),
    [(12, "Asia/Tokyo", "today"), (16, "Asia/Tokyo", "tomorrow"), (2, "America/New_York", "today")],
)
def test_today_is_that_of_the_venue(noon: datetime, hour: int, zone: str, name: str) -> None:
    """Once it is tomorrow in Tokyo, tonight's show there is over for "today", whatever Berlin's clocks say."""
    now = datetime(2026, 6, 1, hour, tzinfo=UTC)
    today = now.astimezone(ZoneInfo(zone)).date()
    wanted = today + timedelta(days=name == "tomorrow")
    for distance in (-1, 0, 1, 2):
        starts_at = datetime.combine(wanted + timedelta(days=distance), time(12), ZoneInfo(zone))
        EventFactory(
            venue__time_zone=zone,
            title=str(distance),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(days=9),
            status="cancelled",
        )
    assert titles(search(now, span=name)) == ["0"]


def test_a_season_of_no_zones_has_no_days(noon: datetime) -> None:
    EventFactory(status="cancelled")
    assert list(found(season(noon), Search(span="month"), noon, zones=[])) == []


# --- Prices ---------------------------------------------------------------------------------------

AMOUNTS = st.one_of(st.integers(0, 2**31 - 1), st.integers(0, 30_000))
OWN = st.one_of(st.none(), AMOUNTS)
no_new_database = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def event_with_a_fee(noon: datetime) -> Event:
    level = PriceLevel.objects.create(event=EventFactory(organization=OrganizationFactory()), name="Standing", places=1)
    ticket_type = TicketTypeFactory(organization=level.event.organization)
    Price.objects.create(price_level=level, ticket_type=ticket_type, amount=1)
    return level.event


def total_in_the_database(amount: int) -> int:
    Price.objects.update(amount=amount)
    return Price.objects.annotate(total=alone_in_sql("price_level__event__")).get().total


@no_new_database
@given(AMOUNTS, st.integers(0, 10_000), AMOUNTS, OWN, AMOUNTS, OWN)
def test_the_database_computes_the_same_fare(
    event_with_a_fee: Event, price: int, share: int, fixed: int, own: int | None, once: int, own_once: int | None
) -> None:
    """U27: also where the product is more than 32 bits hold"""
    Organization.objects.update(fee_basis_points=share, fee_per_ticket=fixed, fee_per_booking=once)
    Event.objects.update(fee_per_ticket=own, fee_per_booking=own_once)
    event = Event.objects.select_related("organization").get()
    assert total_in_the_database(price) == alone(event, price).total


@pytest.mark.parametrize(
    ("price", "share", "total"),
    [(0, 10_000, 0), (1, 5_000, 2 + 50), (1, 4_999, 1 + 50), (10, 500, 11 + 50), (2**31 - 1, 10_000, 2**32 - 2 + 50)],
)
def test_half_a_cent_goes_up_in_the_database_too(event_with_a_fee: Event, price: int, share: int, total: int) -> None:
    Organization.objects.update(fee_basis_points=share)
    assert total_in_the_database(price) == total


def test_what_has_no_price_costs_neither_nothing_nor_something(noon: datetime) -> None:
    EventFactory(status="cancelled")
    assert card(season(noon).get(), noon).from_total is None
    assert search(noon, most=0) == []
    assert search(noon, most=10**10, currency="EUR") == []


def test_a_price_is_one_of_its_currency_and_nothing_is_nothing_anywhere(noon: datetime) -> None:
    """U1"""
    amounts = {"EUR": {"A": 1_000}, "JPY": {"B": 900}, "USD": {"C": 0, "D": 5_000}}
    for currency, prices in amounts.items():
        house = OrganizationFactory(currency=currency, fee_basis_points=0, fee_per_ticket=0)
        event_on_sale(title=currency, currency=currency, venue__organization=house, amounts=prices)
    assert titles(search(noon, most=1_000, currency="EUR")) == ["EUR"]
    assert titles(search(noon, most=999, currency="EUR")) == []
    assert titles(search(noon, most=1_000, currency="USD")) == ["USD"]
    assert titles(search(noon, most=0, currency="EUR")) == ["USD"]


# --- What can be asked for ------------------------------------------------------------------------


def test_a_shelf_that_houses_share_stands_once(noon: datetime) -> None:
    """Each may call it something else and put it elsewhere; first is first."""
    for order, name in ((2, "Konzerte"), (1, "Concerts"), (1, "Concerts")):
        shelf = CategoryFactory(slug="concerts", name=name, order=order)
        EventFactory(category=shelf, organization=shelf.organization, status="cancelled")
    EventFactory(status="cancelled", category=None)
    assert [(each.value, each.name, each.count) for each in choices(noon).categories] == [("concerts", "Concerts", 3)]
    assert Category.objects.count() == 3


def test_an_empty_season_offers_nothing(noon: datetime) -> None:
    """S41: nor does a draft, nor what is over"""
    EventFactory()
    EventFactory(status="cancelled", starts_at=noon - timedelta(hours=1), ends_at=noon)
    offered = choices(noon)
    assert not any(getattr(offered, field.name) for field in fields(offered))
