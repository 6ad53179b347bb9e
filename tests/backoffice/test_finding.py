"""Finding bookings: by one box, by filters, page by page, and what is taken along."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.queries import finding, listing
from bookings.models import Booking, Payment, Ticket
from bookings.services import cancellations, reservations
from core import clock
from core.search import folded
from core.tables import CHUNK
from events.models import Event
from tests.backoffice.desk import at_work
from tests.factories import (
    event_on_sale,
    handed_over,
    paid,
    price_of,
    reserve,
    reserve_seats,
    seated_event,
    settle,
    with_details,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db

FIND, EXPORT, LIST = "/admin/find/", "/admin/find/export/", "/admin/bookings/booking/"
BERLIN = ZoneInfo("Europe/Berlin")


def known_as(booking: Booking, **facts: Any) -> Booking:
    """Say whose booking it is, around its services."""
    booking = Booking.objects.get(pk=booking.pk)
    for name, value in facts.items():
        setattr(booking, name, value)
    booking.email_key = booking.email.casefold()
    booking.save()
    return booking


@pytest.fixture
def world(noon: datetime) -> dict[str, Booking]:
    """A small house: a seated and a standing event, bookings of every status, some of one person."""
    sections = {"Stalls": "ssss ssss", "Circle": "ssss"}
    opera = seated_event(sections, title="Tosca", amounts={"Standard": 4_000}, avoids_single_gaps=False)
    house = opera.organization
    dance = event_on_sale(
        title="Night of Dance", venue=opera.venue, levels={"Floor": 90}, amounts={"Standard": 1_500, "Child": 700}
    )
    other = event_on_sale(
        title="Été",
        venue__organization=house,
        currency="CHF",
        levels={"Floor": 50},
        fee_per_ticket=0,
        fee_per_booking=0,
    )
    made = {
        "ada": known_as(settle(handed_over(reserve_seats(opera, "Stalls A 3", "Stalls A 4"))), phone="+49 30 1234567")
    }
    clock.advance(timedelta(minutes=5))
    made["adas second"] = with_details(reserve_seats(opera, "Circle A 3"), "ada@example.com")
    clock.advance(timedelta(hours=11))  # after midnight in Berlin
    zoe = with_details(reserve(dance, 3, price=price_of(dance, "Floor", "Child")), "zoe@example.org")
    made["zoe"] = known_as(zoe, customer_name="Zoë Möller-Tosca")
    made["nobody"] = reserve(dance, 1, price=price_of(dance, "Floor"))
    made["swiss"] = with_details(reserve(other, 5), "urs@example.ch")
    made["cancelled"] = with_details(reserve_seats(opera, "Stalls B 3"), "bo@example.com")
    cancellations.cancel(booking_id=made["cancelled"].pk, reason="test")
    made["moved in"] = known_as(with_details(reserve(dance, 1, price=price_of(dance, "Floor"))), external_code="OLD-7")
    paid(event_on_sale(title="Tosca", levels={"Floor": 5}))  # another house's
    return {name: Booking.objects.select_related("event__venue").get(pk=each.pk) for name, each in made.items()}


@pytest.fixture
def client(world: dict[str, Booking]) -> Client:
    return at_work("support", world["ada"].organization)[0]


def names(world: dict[str, Booking], client: Client, **asked: Any) -> set[str]:
    """Which of them the page shows."""
    page = client.get(FIND, asked, headers={"HX-Request": "true"})
    assert page.status_code == 200, page
    shown = {row.booking.pk for row in page.context["rows"]}
    assert shown == set(page.context["found"].ids)
    return {name for name, booking in world.items() if booking.pk in shown} | {
        "another's" for pk in shown - {booking.pk for booking in world.values()}
    }


# --- One box ----------------------------------------------------------------------------------------


def test_one_box_understands_what_people_have_at_hand(world: dict[str, Booking], client: Client) -> None:
    """U47"""
    ada = world["ada"]
    expected: dict[str, set[str]] = {
        "": set(world),
        ada.code: {"ada"},
        ada.code.lower(): {"ada"},
        f" {ada.code[-6:].lower()} ": {"ada"},
        f"{ada.code}-02": {"ada"},
        f"{ada.code}-03": set(),
        "OLD-7": {"moved in"},
        "ZOE@example.org": {"zoe"},
        "zoe@ex": {"zoe"},
        "moller zoe": {"zoe"},
        "zoe": {"zoe"},
        "+49 30 1234567": {"ada"},
        "301234567": set(),
        "1234567": {"ada"},
        "Tosca": {"zoe"},  # whose name it is, before what the event is called
        "night of": {"zoe", "nobody", "moved in"},
        "ete": {"swiss"},
        "bo tosca": {"cancelled"},  # one word is the customer's, the other the event's
        "Stalls, row A, seat 3": {"ada"},
        "row A seat 3": {"ada", "adas second"},
        "Reihe A Platz 4": {"ada"},
        "Circle A 3": {"adas second"},
        "stalls b 3": {"cancelled"},
        "a 4": {"ada"},
        "nobody at all": set(),
        "%": set(),
        "_da": set(),
        "\x00": set(world),
    }
    assert {term: names(world, client, q=term) for term in expected} == expected


def test_the_admins_list_finds_the_same(world: dict[str, Booking], client: Client) -> None:
    for term in ("zoe", "Circle A 3", "night of", f"{world['ada'].code}-02", "nobody at all"):
        listed = client.get(LIST, {"q": term}).context["cl"].result_list
        assert {row.pk for row in listed} == {world[name].pk for name in names(world, client, q=term)}


def test_a_whole_code_or_ticket_number_leads_straight_to_its_booking(world: dict[str, Booking], client: Client) -> None:
    code = world["ada"].code
    there = f"{LIST}{world['ada'].pk}/change/"
    for term in (code, code.lower(), f"{code}-01"):
        assert client.get(FIND, {"q": term, "status": ""}).headers["Location"] == there
    for asked in ({"q": code[-6:]}, {"q": "zoe"}, {"q": code, "status": "confirmed"}, {"q": f"{code[:-1]}?"}):
        assert client.get(FIND, asked).status_code == 200


def test_a_booking_of_another_organization_is_not_there(world: dict[str, Booking], client: Client) -> None:
    """S9, S11"""
    theirs = Booking.objects.exclude(organization=world["ada"].organization).get()
    ticket = theirs.tickets.get(number=1)
    asked: list[dict[str, Any]] = [
        {"q": theirs.code},
        {"q": str(ticket)},
        {"code": theirs.code},
        {"ticket": str(ticket)},
        {"event": theirs.event_id},
        {"venue": theirs.event.venue_id},
        {"ticket_type": ticket.ticket_type_id},
    ]
    for each in asked:
        page = client.get(FIND, each)
        assert theirs.pk not in page.context["found"].ids
        assert f"/{theirs.pk}/change/" not in page.content.decode()
        assert theirs.code.encode() not in b"".join(client.get(EXPORT, each))  # type: ignore[arg-type]


# --- Filters, held against a search through all -------------------------------------------------------

type Test = Callable[[Booking, Any], bool]


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _local(booking: Booking) -> date:
    return booking.reserved_at.astimezone(BERLIN).date()


def _sold(booking: Booking) -> date | None:
    return booking.confirmed_at and booking.confirmed_at.astimezone(BERLIN).date()


def _sits(booking: Booking, said: str) -> bool:
    section, row, number = said.rsplit(" ", 2)
    seats = booking.tickets.filter(event_seat__seat__row=row, event_seat__seat__number=number)
    return seats.filter(event_seat__section__name=section).exists()


BY_HAND: dict[str, tuple[Test, list[str]]] = {
    "title": (lambda booking, said: folded(said) in folded(booking.event.title), ["tosca", "ETE", "n"]),
    "customer": (lambda booking, said: folded(said) in booking.search_text, ["ada", "möller", "xyz"]),
    "email": (lambda booking, said: booking.email_key.startswith(said.casefold()), ["ada@example.com", "Zoe@", "x"]),
    "seat": (_sits, ["Stalls A 3", "Circle A 3", "Circle A 4"]),
    "status": (lambda booking, said: booking.status == said, ["pending", "confirmed", "cancelled", "expired"]),
    "channel": (lambda booking, said: booking.channel == said, ["web", "box_office"]),
    "reserved_from": (lambda booking, said: _local(booking) >= _day(said), ["2026-06-01", "2026-06-02"]),
    "reserved_to": (lambda booking, said: _local(booking) <= _day(said), ["2026-06-01", "2026-05-31"]),
    "sold_from": (lambda booking, said: (_sold(booking) or date.min) >= _day(said), ["2026-06-01", "2026-06-02"]),
    "sold_to": (lambda booking, said: (_sold(booking) or date.max) <= _day(said), ["2026-06-01", "2026-05-31"]),
    "currency": (lambda booking, said: booking.currency == said, ["EUR", "CHF"]),
    "amount_from": (lambda booking, said: booking.total >= 100 * float(said), ["0", "43", "85.00"]),
    "amount_to": (lambda booking, said: booking.total <= 100 * float(said), ["43", "30.5", "1000"]),
}


@given(st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, (_test, values) in BY_HAND.items()}))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_filters_together_find_what_a_search_through_all_finds(
    world: dict[str, Booking], client: Client, asked: dict[str, str]
) -> None:
    """U47"""
    if {"amount_from", "amount_to"} & set(asked) and "currency" not in asked:
        asked = asked | {"currency": "EUR"}  # amounts of two currencies are never compared
    is_backwards = asked.get("amount_from", "0") == "85.00" and asked.get("amount_to") in ("43", "30.5")
    is_backwards |= any(asked.get(f"{what}_from", "") > asked.get(f"{what}_to", "9") for what in ("reserved", "sold"))
    is_backwards |= asked.get("amount_from") == "43" and asked.get("amount_to") == "30.5"
    if not is_backwards:
        expected = {name for name, each in world.items() if all(BY_HAND[by][0](each, it) for by, it in asked.items())}
        assert names(world, client, **asked) == expected


def test_events_venues_and_ticket_types_are_filters_too(world: dict[str, Booking], client: Client) -> None:
    swiss, zoe = world["swiss"], world["zoe"]
    child = Ticket.objects.filter(booking=zoe).first()
    assert child
    assert names(world, client, event=swiss.event_id) == {"swiss"}
    assert names(world, client, venue=swiss.event.venue_id) == {"swiss"}
    assert names(world, client, venue=zoe.event.venue_id) == set(world) - {"swiss"}
    assert names(world, client, ticket_type=child.ticket_type_id) == {"zoe"}
    assert names(world, client, ticket=f"{zoe.code}-02".lower()) == {"zoe"}
    assert names(world, client, code=zoe.code[-6:]) == {"zoe"}
    assert names(world, client, code=zoe.code[:11], q="zoe") == {"zoe"}
    assert names(world, client, event=zoe.event_id, q="zoe") == {"zoe"}
    assert names(world, client, event=swiss.event_id, q="zoe") == set()


@pytest.mark.parametrize(
    "asked",
    [
        {"order_by": "secret"},
        {"secret__startswith": "a"},
        {"user__password__startswith": "x"},
        {"tickets__secret": "x"},
        {"organization": "1"},
        {"o": "-1"},
    ],
)
def test_what_is_no_filter_filters_nothing(world: dict[str, Booking], client: Client, asked: dict[str, str]) -> None:
    """S33"""
    assert names(world, client, **asked) == set(world)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("reserved_from", "yesterday", "Enter a valid date."),
        ("reserved_to", "0001-01-01", "Ensure this value is greater than or equal to 1970-01-01."),
        ("amount_from", "much", "Enter a number."),
        ("amount_from", "1e99", "Ensure this value is less than or equal to"),
        ("amount_to", "1.005", "EUR has 2 decimals."),
        ("ticket", "BK-1", "number is written like BK-"),
        ("seat", "somewhere nice", "A seat is written like"),
        ("event", "99999999999999999999", "Select a valid choice."),
        ("event", "\x00", "Null characters are not allowed."),
        ("status", "gone", "Select a valid choice."),
        ("q", "x" * 200, "Ensure this value has at most 150 characters"),
        ("customer", "\x00", "Null characters are not allowed."),
    ],
)
def test_a_bad_value_is_told_at_its_field_and_the_others_count(
    world: dict[str, Booking], client: Client, name: str, value: str, said: str
) -> None:
    """S33"""
    page = client.get(FIND, {name: value, "email": "zoe@example.org"})
    assert page.status_code == 200
    assert [row.booking.pk for row in page.context["rows"]] == [world["zoe"].pk]
    assert said in str(page.context["form"].errors[name])
    assert escape(said) in page.content.decode() or said in text_of(page)
    part = client.get(FIND, {name: value, "email": "zoe@example.org"}, headers={"HX-Request": "true"})
    assert f'id="id_{name}_errors" hx-swap-oob="true"' in part.content.decode()


def test_backwards_days_are_told(world: dict[str, Booking], client: Client) -> None:
    page = client.get(FIND, {"reserved_from": "2026-06-02", "reserved_to": "2026-06-01"})
    assert page.context["form"].errors == {"reserved_to": ["This is before the beginning."]}


def test_while_somebody_types_the_address_says_what_is_shown(world: dict[str, Booking], client: Client) -> None:
    page = client.get(FIND, {"q": "zoë m", "status": "", "event": ""}, headers={"HX-Request": "true"})
    assert page.headers["HX-Push-Url"] == f"{FIND}?q=zo%C3%AB+m"
    assert "<html" not in page.content.decode()
    assert client.get(FIND, headers={"HX-Request": "true"}).headers["HX-Push-Url"] == FIND


# --- Pages and questions ------------------------------------------------------------------------------


def test_a_page_takes_as_many_queries_however_many_it_shows(world: dict[str, Booking], client: Client) -> None:
    """U47"""

    def asked(**what: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(FIND, what).status_code == 200
        return len(queries)

    asked()
    few, event = asked(), world["zoe"].event
    for number in range(60):
        with_details(reserve(event, 1, price=price_of(event, "Floor")), f"person{number}@example.com")
    assert (asked(), asked(page=2)) == (few, few)
    assert few < 20


def test_no_more_than_a_thousand_are_counted(
    world: dict[str, Booking], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST", 3)
    monkeypatch.setattr("backoffice.views.finding.ROWS", 2)
    newest = list(Booking.objects.filter(organization=world["ada"].organization).order_by("-reserved_at", "-pk"))
    shown = []
    for page in (1, 2, 3, "x", "-1", "99999999"):
        answer = client.get(FIND, {"page": page})
        shown.append([row.booking.pk for row in answer.context["rows"]])
        assert "More than 3 bookings" in text_of(answer)
    first, second = [each.pk for each in newest[:2]], [newest[2].pk]
    assert shown == [first, second, second, first, first, first]
    assert "3 bookings" not in text_of(client.get(FIND, {"q": "zoe"}))


# --- Possible duplicates ------------------------------------------------------------------------------


def test_who_books_the_same_event_twice_within_half_an_hour_is_flagged(
    world: dict[str, Booking], client: Client
) -> None:
    ada, second = world["ada"], world["adas second"]
    rows = {row.booking.pk: row.twins for row in client.get(FIND).context["rows"]}
    assert {pk: [each.pk for each in twins] for pk, twins in rows.items() if twins} == {
        ada.pk: [second.pk],
        second.pk: [ada.pk],
    }
    page = text_of(client.get(f"{LIST}{ada.pk}/change/"))
    assert f"Possible duplicate : {second.code}" in page or f"Possible duplicate: {second.code}" in page


@pytest.mark.parametrize(("minutes", "is_flagged"), [(30, True), (31, False)])
def test_what_is_further_apart_is_no_duplicate(noon: datetime, minutes: int, is_flagged: bool) -> None:
    event = event_on_sale()
    first = with_details(reserve(event, 1))
    clock.advance(timedelta(minutes=minutes))
    second = with_details(reserve(event, 1))
    Booking.objects.filter(pk=first.pk).update(status="pending", ended_at=None)
    assert bool(listing.twins([Booking.objects.get(pk=second.pk)])) is is_flagged


def test_what_has_ended_or_is_another_persons_or_events_is_no_duplicate(noon: datetime) -> None:
    event = event_on_sale()
    other = event_on_sale(venue=event.venue, title="Another")
    booking = with_details(reserve(event, 1))
    reservations.give_up(booking_id=with_details(reserve(event, 1)).pk)
    with_details(reserve(event, 1), "grace@example.com")
    with_details(reserve(other, 1))
    reserve(event, 1)
    assert listing.twins(list(Booking.objects.all())) == {}
    assert listing.twins([booking]) == {}


# --- Taking along -------------------------------------------------------------------------------------


def exported(client: Client, **asked: Any) -> list[list[str]]:
    answer = client.get(EXPORT, asked)
    assert answer.status_code == 200
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.reader(io.StringIO(text, newline="")))


def test_an_export_is_what_the_screen_shows_in_its_order(world: dict[str, Booking], client: Client) -> None:
    """U50"""
    for asked in ({}, {"q": "night of"}, {"status": "pending"}, {"amount_from": "43", "currency": "EUR"}, {"q": "-"}):
        shown = [row.booking.code for row in client.get(FIND, asked).context["rows"]]
        assert [line[0] for line in exported(client, **asked)[1:]] == shown


@pytest.mark.parametrize("asked", [{"event": "999999"}, {"reserved_from": "2026-02-31"}, {"status": "lost"}])
def test_an_export_is_never_of_more_than_was_meant(
    world: dict[str, Booking], client: Client, asked: dict[str, str]
) -> None:
    """U50: a filter that makes no sense is told, and neither a file nor acts for all are offered."""
    answer = client.get(EXPORT, asked)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, list(asked))
    page = client.get(FIND, asked).content.decode()
    assert EXPORT not in page
    assert 'name="all"' not in page


def test_an_export_goes_on_where_the_screen_stops(
    world: dict[str, Booking], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """U50"""
    monkeypatch.setattr(finding, "MOST", 2)
    assert len(exported(client)) == 1 + len(world)


def test_an_export_says_amounts_as_numbers_and_times_with_their_offset(
    world: dict[str, Booking], client: Client
) -> None:
    """S31"""
    booking = known_as(world["ada"], customer_name="=HYPERLINK(1)", phone="+49 30 1234567")
    header, line = exported(client, q=booking.code)
    said = dict(zip(header, line, strict=True))
    assert {name: said[name] for name in ("Code", "Customer", "Phone", "Total", "Currency", "Tickets", "Reserved")} == {
        "Code": booking.code,
        "Customer": "'=HYPERLINK(1)",
        "Phone": "'+49 30 1234567",
        "Total": "85.00",
        "Currency": "EUR",
        "Tickets": "2",
        "Reserved": "2026-06-01 14:00:00+02:00",
    }


def test_an_export_takes_as_many_queries_however_long_it_is(world: dict[str, Booking], client: Client) -> None:
    exported(client)
    with CaptureQueriesContext(connection) as few:
        exported(client)
    event = world["zoe"].event
    booked = reserve(event, 1, price=price_of(event, "Floor"))
    for number in range(CHUNK + 10):
        booked.pk, booked.code, booked.secret = None, f"BK-20260601-X{number:05}", f"secret-{number}"
        booked.save(force_insert=True)
    with CaptureQueriesContext(connection) as many:
        assert len(exported(client)) > CHUNK
    assert len(many) == len(few)


# --- The search that every page has ---------------------------------------------------------------------


@pytest.mark.parametrize(("role", "is_there"), [("support", True), ("analyst", False), ("entry_manager", False)])
def test_every_page_has_a_search_for_who_may_see_bookings(noon: datetime, role: str, is_there: bool) -> None:
    """S8"""
    client, _user = at_work(role)
    html = client.get("/admin/").content.decode()
    assert ('id="header-search"' in html) is is_there
    assert client.get(FIND).status_code == (200 if is_there else 403)


def test_looking_changes_nothing(world: dict[str, Booking], client: Client) -> None:
    """S14"""
    kept = (Booking, Payment, Ticket, Event)
    before = [list(model._default_manager.order_by("pk").values()) for model in kept]
    client.get(FIND, {"q": "zoe"})
    exported(client)
    assert [list(model._default_manager.order_by("pk").values()) for model in kept] == before


def test_a_name_is_text_and_no_markup(world: dict[str, Booking], client: Client) -> None:
    """S29"""
    known_as(world["zoe"], customer_name="<script>alert(1)</script>")
    html = client.get(FIND, {"q": '"><script>alert(2)'}).content.decode() + client.get(FIND).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_days_are_those_of_the_organization(noon: datetime, client: Client, world: dict[str, Booking]) -> None:
    """What was reserved at 22:30 UTC in June is of the next day in Berlin."""
    booking = known_as(world["zoe"], reserved_at=datetime(2026, 6, 1, 22, 30, tzinfo=UTC))
    found = {day: booking.pk in client.get(FIND, {"reserved_from": day, "reserved_to": day}).context["found"].ids
             for day in ("2026-06-01", "2026-06-02")}  # fmt: skip
    assert found == {"2026-06-01": False, "2026-06-02": True}
