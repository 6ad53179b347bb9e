"""Choosing seats: the plan's drawing, the states of seats, the list, and the choice in the address."""

import gzip
import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.services import reservations
from core import briefly, clock
from events.models import Event, EventSeat, Hold, Price
from events.queries.seats import nearest, places_at
from events.seating import OFFERED
from events.services import inventory, plans, publishing
from tests.factories import (
    EventFactory,
    TicketTypeFactory,
    VenueFactory,
    event_on_sale,
    place_at,
    plan_of,
    reserve_seats,
    seated_event,
)
from tests.pages import text_of
from tests.venues.test_drawing import outlined
from venues import drawing
from venues.models import SeatingPlan, Section
from venues.queries.seats import plan_seats

pytestmark = pytest.mark.django_db

TWO = {"Adult": 2_000, "Child": 1_000}


@pytest.fixture
def event(noon: datetime) -> Event:
    return seated_event(
        {"Stalls": "ssss_ss wcssss", "Circle": "ss"}, {"Floor": 5}, amounts=TWO, avoids_single_gaps=False
    )


def page_of(event: Event) -> str:
    return reverse("events:seats", args=[event.slug])


def words(response: Any) -> str:
    return unescape(text_of(response))


def states(event: Event, **sent: Any) -> Any:
    return Client().get(reverse("events:seat-states", args=[event.slug]), sent)


def letters(event: Event, **sent: Any) -> str:
    briefly.forget()
    return states(event, **sent).json()["states"]


def section_of(event: Event, name: str) -> Section:
    return Section.objects.get(plan=event.plan_id, name=name)


def seat(event: Event, name: str, ticket: str = "Adult") -> dict[str, int]:
    """What stands in an address for a seat."""
    place = place_at(event, name)
    return {f"seat_{place.pk}": Price.objects.get(price_level=place.price_level, ticket_type__name=ticket).pk}


def basket(response: Any) -> dict[str, str]:
    """What is chosen, by the names of fields."""
    text = response.content.decode().partition('id="basket"')[2].partition("<template")[0]
    chosen = re.findall(
        r'<select name="(seat_\d+)".*?<option value="(\d+)" data-amount="\d+" selected', text, re.DOTALL
    )
    return dict(chosen) | dict(re.findall(r'name="(seat_\d+)" value="(\d+)" data-amount', text))


def links(response: Any) -> list[str]:
    return [unescape(each) for each in re.findall(r'href="([^"]*)"', response.content.decode())]


# --- The drawing ----------------------------------------------------------------------------------


def drawn(plan_id: int, section_id: int | None = None, **headers: str) -> Any:
    name, args = ("section", [plan_id, section_id]) if section_id else ("seats", [plan_id])
    return Client().get(reverse(f"plans:{name}", args=args), headers=headers)


def test_a_drawing_is_kept_for_ever_and_packed_where_that_is_understood(event: Event) -> None:
    """U18"""
    packed = drawn(event.plan_id or 0, accept_encoding="br, gzip")
    plain = drawn(event.plan_id or 0)
    assert gzip.decompress(packed.content) == plain.content
    assert (packed["Content-Encoding"], "Content-Encoding" in plain) == ("gzip", False)
    for response in (packed, plain):
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response["Content-Type"] == "image/svg+xml"
        assert "Accept-Encoding" in response["Vary"]


def test_seats_are_drawn_in_the_order_of_their_states_each_type_in_its_shape(event: Event) -> None:
    """U12"""
    text = drawn(event.plan_id or 0, section_of(event, "Stalls").pk).content.decode()
    assert re.findall(r'data-row="(\w+)" data-numbers="([^"]*)"', text) == [("A", "1 2 3 4  5 6"), ("B", "1 2 3 4 5 6")]
    shapes = re.findall(r"<circle|<path class=\"(\w)\"", text)
    assert shapes == [""] * 6 + ["w", "c"] + [""] * 4


def test_a_draft_is_drawn_for_nobody(noon: datetime) -> None:
    plan = plan_of(VenueFactory(), {"Stalls": "ss"})
    section = plan.sections.get()
    assert [drawn(plan.pk).status_code, drawn(plan.pk, section.pk).status_code] == [200, 200]
    briefly.forget()
    SeatingPlan.objects.update(status="draft")
    assert [drawn(plan.pk).status_code, drawn(plan.pk, section.pk).status_code] == [404, 404]
    briefly.forget()
    SeatingPlan.objects.update(status="retired")
    assert drawn(plan.pk).status_code == 200


def test_a_section_is_drawn_in_its_own_plan_only(event: Event) -> None:
    other = plan_of(event.venue, {"Stalls": "s"}, name="Other")
    floor = section_of(event, "Floor")
    for plan, section in [(other.pk, section_of(event, "Stalls").pk), (event.plan_id, floor.pk), (999_999, None)]:
        assert drawn(plan or 0, section).status_code == 404


def test_a_large_house_is_drawn_by_sections(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "AT_ONCE", 10)
    assert drawn(event.plan_id or 0).status_code == 404
    assert drawn(event.plan_id or 0, section_of(event, "Stalls").pk).status_code == 200
    assert states(event, section=section_of(event, "Circle").pk).json()["states"] == "bb"


def test_a_large_house_tells_what_is_left_of_its_sections(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """U8: exactly where little is left, and nothing new while there is plenty."""
    monkeypatch.setattr(drawing, "AT_ONCE", 10)
    stalls, circle, floor = (section_of(event, name).pk for name in ("Stalls", "Circle", "Floor"))
    first = states(event).json()
    assert first["sections"] == {
        str(stalls): ["Stalls, 12 left, from €11.00", False, "12 left"],
        str(circle): ["Circle, 2 left, from €11.00", False, "2 left"],
        str(floor): ["Floor, 5 left, from €11.00", False, "5 left"],
    }
    assert states(event, v=first["version"]).status_code == 204
    reserve_seats(event, "Circle A 1", "Circle A 2")
    briefly.forget()
    assert states(event, v=first["version"]).json()["sections"][str(circle)] == ["Circle, sold out", True, ""]


def test_a_sale_where_plenty_is_left_is_no_news_to_the_whole_house(
    noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "AT_ONCE", 10)
    event = seated_event({"Stalls": "s" * 53})
    first = states(event).json()
    assert [label for label, _gone, _few in first["sections"].values()] == ["Stalls, More than 50 left, from €21.50"]
    reserve_seats(event, "Stalls A 1", "Stalls A 2")
    briefly.forget()
    assert states(event, v=first["version"]).status_code == 204


# --- States ---------------------------------------------------------------------------------------


def test_every_seat_has_a_letter_and_a_place(event: Event) -> None:
    answer = states(event).json()
    spots = plan_seats(event.plan_id or 0).spots
    ids = [first + ordinal for first, count in answer["places"] for ordinal in range(count)]
    assert answer["states"] == "a" * 12 + "b" * 2
    assert ids == [EventSeat.objects.get(event=event, seat=spot.pk).pk for spot in spots]


def test_a_seat_without_a_place_keeps_the_others_where_they_are(event: Event) -> None:
    EventSeat.objects.filter(pk=place_at(event, "Stalls A 2").pk).delete()
    answer = states(event).json()
    assert answer["states"][:4] == "a_aa"
    assert [first + ordinal for first, count in answer["places"] for ordinal in range(count)][1] == 0


def test_an_event_that_moves_to_another_version_of_its_plan_is_news(event: Event) -> None:
    """R23"""
    before = states(event).json()
    newer = plan_of(event.venue, {"Stalls": "ssss_ss wcssss", "Circle": "ss"}, {"Floor": 5})
    plans.move(event_id=event.pk, plan_id=newer.pk)
    briefly.forget()
    after = states(event, v=before["version"]).json()
    assert (before["plan"], after["plan"]) == (event.plan_id, newer.pk)
    assert (after["states"], after["places"]) == (before["states"], before["places"])


def test_held_blocked_and_foreign_seats_are_not_for_sale_and_lapsed_ones_are_free(event: Event) -> None:
    """R13, U12"""
    places = {name: place_at(event, f"Stalls A {name}").pk for name in "123456"}
    inventory.block(place_ids=[places["1"]])
    press = Hold.objects.create(event=event, kind=Hold.Kind.PRESS, created_at=clock.now())
    inventory.hold(place_ids=[places["2"]], hold=press)
    EventSeat.objects.filter(pk=places["3"]).update(ownership="not_owned")
    reserve_seats(event, "Stalls A 4")
    assert letters(event)[:6] == "--_.aa"
    clock.advance(reservations.RESERVED_FOR + timedelta(seconds=6))
    assert letters(event)[:6] == "--_aaa"


def test_no_news_is_no_answer(event: Event) -> None:
    version = states(event).json()["version"]
    assert states(event, v=version).status_code == 204
    reserve_seats(event, "Stalls A 1")
    briefly.forget()
    news = states(event, v=version)
    assert news.json()["states"][0] == "."
    newer = news.json()["version"]
    assert newer != version
    assert states(event, v=newer).status_code == 204
    older = f"{int(newer.partition('-')[0]) + 10**9}-{'0' * 16}"
    assert states(event, v=older).status_code == 204  # a process with an older snapshot flips no page back


@pytest.mark.parametrize("version", ["", "x", "1-", "-", "9" * 30 + "-a", "\x00", "１-a"])
def test_a_version_that_is_none_of_ours_is_answered_whole(event: Event, version: str) -> None:
    """R50"""
    assert states(event, v=version).status_code == 200


@pytest.mark.parametrize("section", ["0", "-1", "x", "1e3", "٣", "9" * 40, "\x00", "999999"])
def test_a_section_that_is_not_there_is_not_found(event: Event, section: str) -> None:
    """R50"""
    assert states(event, section=section).status_code == 404
    assert Client().get(page_of(event), {"section": section}).status_code == 404


def test_a_thousand_open_pages_ask_the_database_once_a_second(
    event: Event, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    """U18"""
    monkeypatch.setattr(briefly, "KEPT_FOR", 60)
    states(event)
    with django_assert_num_queries(0):
        for _page in range(20):
            states(event)


# --- The page -------------------------------------------------------------------------------------


def test_an_event_without_seats_has_no_such_page(client: Client) -> None:
    event = event_on_sale()
    assert client.get(page_of(event)).status_code == 404
    assert states(event).status_code == 404


def test_only_the_list_reads_every_seat_with_the_page(event: Event, client: Client) -> None:
    """The plan of a section asks for its seats by itself: its page costs no more than that of the whole house."""

    def cost(**sent: object) -> int:
        briefly.forget()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(event), sent).status_code == 200
        return len(captured)

    section = section_of(event, "Stalls").pk
    assert cost(section=section) == cost()
    assert cost(section=section, view="list") > cost()


def test_the_page_is_of_an_event_that_sells(client: Client, event: Event) -> None:
    """S41"""
    Event.objects.update(sales_start=clock.now() + timedelta(days=1))
    briefly.forget()
    response = client.get(page_of(event))
    assert (response.status_code, response["Location"]) == (302, event.get_absolute_url())


def test_the_overview_names_every_section_with_what_is_left_and_from_how_much(client: Client, event: Event) -> None:
    """U8, U27: 10.00 with 5 % and 0.50"""
    reserve_seats(event, "Circle A 1", "Circle A 2")
    briefly.forget()
    text = client.get(page_of(event)).content.decode()
    named = [unescape(each) for each in re.findall(r'<a [^>]*data-section[^>]*aria-label="([^"]*)"', text)]
    assert named == ["Stalls, 12 left, from €11.00", "Circle, sold out", "Floor, 5 left, from €11.00"]


def test_the_list_leads_from_sections_over_rows_to_seats(client: Client, event: Event) -> None:
    """U9"""
    reserve_seats(event, "Stalls A 2")
    briefly.forget()
    sections = client.get(page_of(event), {"view": "list"})
    assert "Stalls 11 free, from €11.00" in words(sections)
    stalls = section_of(event, "Stalls").pk
    assert f"{page_of(event)}?view=list&section={stalls}#ways" in links(sections)
    rows = client.get(page_of(event), {"view": "list", "section": stalls})
    assert "Row A 5 free" in words(rows)
    seats = client.get(page_of(event), {"view": "list", "section": stalls, "row": 0})
    shown = words(seats)
    assert "Seat 1 Stalls, €11.00–€21.50" in shown
    assert "✕ Seat 2 not free" in shown
    boxes = re.findall(r'<input type="checkbox" name="(seat_\d+)"', seats.content.decode())
    assert boxes == [f"seat_{place_at(event, f'Stalls A {number}').pk}" for number in "13456"]


def test_only_places_for_wheelchairs_and_companions_can_be_shown(client: Client, event: Event) -> None:
    """U17"""
    stalls = section_of(event, "Stalls").pk
    sections = words(client.get(page_of(event), {"view": "list", "accessible": 1}))
    assert "Stalls 12 free" in sections
    assert "Circle 2 free" not in sections
    rows = client.get(page_of(event), {"view": "list", "section": stalls, "accessible": 1})
    assert "Row B 2 free" in words(rows)
    assert "Row A" not in words(rows)
    seats = words(client.get(page_of(event), {"view": "list", "section": stalls, "row": 1, "accessible": 1}))
    assert "Seat 1 wheelchair place" in seats
    assert "Seat 2 companion" in seats
    assert "Seat 3" not in seats


def test_a_choice_travels_in_the_address(client: Client, event: Event) -> None:
    """U9, U26"""
    first, second = seat(event, "Stalls A 1", "Child"), seat(event, "Circle A 2")
    response = client.get(page_of(event), first | second)
    chosen = basket(response)
    assert chosen == {name: str(price) for name, price in (first | second).items()}
    for left in (first, second):  # each can be taken out of the choice
        assert f"{page_of(event)}?{urlencode(left)}#basket" in links(response)


def test_a_row_is_chosen_from_without_losing_the_rest(client: Client, event: Event) -> None:
    """U43"""
    kept, here = seat(event, "Circle A 2"), seat(event, "Stalls A 1")
    stalls = section_of(event, "Stalls").pk
    response = client.get(page_of(event), kept | here | {"view": "list", "section": stalls, "row": 0})
    form = response.content.decode().partition("data-row")[2].partition("</form>")[0]
    assert re.findall(r'type="hidden" name="(seat_\d+)" value="(\d+)"', form) == [
        (name, str(price)) for name, price in kept.items()
    ]
    assert re.findall(r'name="(seat_\d+)"[^>]* checked', form) == list(here)


def test_a_seat_that_is_gone_is_named_with_the_nearest_and_the_rest_stays(client: Client, event: Event) -> None:
    """U15"""
    gone, kept = seat(event, "Stalls A 2"), seat(event, "Circle A 1")
    reserve_seats(event, "Stalls A 2")
    response = client.get(page_of(event), gone | kept)
    assert list(basket(response)) == list(kept)
    shown = words(response)
    assert "Stalls, row A, seat 2 isn't free any more." in shown
    offered = re.findall(r"Take (.*?) instead", shown)
    assert offered == ["Stalls, row A, seat 3", "Stalls, row A, seat 1", "Stalls, row A, seat 4"]
    way = next(link for link in links(response) if next(iter(seat(event, "Stalls A 3"))) in link)
    assert set(basket(client.get(way))) == {*kept, *seat(event, "Stalls A 3")}


def test_a_wheelchair_place_is_offered_for_no_other_seat(client: Client, event: Event) -> None:
    """U17"""
    gone = seat(event, "Stalls B 3")
    reserve_seats(event, "Stalls B 3")
    offered = re.findall(r"Take (.*?) instead", words(client.get(page_of(event), gone)))
    assert len(offered) == OFFERED
    assert not {"Stalls, row B, seat 1", "Stalls, row B, seat 2"} & set(offered)


@pytest.mark.parametrize("name", ["seat_0", "seat_-1", "seat_x", "seat_", "seat_1e3", "seat_٣", "seat_" + "9" * 40])
@pytest.mark.parametrize("value", ["1", "", "x", "-1", "9" * 40, "\x00"])
def test_an_address_that_cannot_be_read_chooses_nothing(client: Client, event: Event, name: str, value: str) -> None:
    """R50"""
    assert basket(client.get(page_of(event), {name: value})) == {}


def test_seats_of_another_event_are_not_chosen_and_a_foreign_price_becomes_the_seats_own(
    client: Client, event: Event
) -> None:
    """S39"""
    other = seated_event()
    foreign = seat(other, "Stalls A 1", "Standard")
    mine = seat(event, "Stalls A 1")
    assert basket(client.get(page_of(event), foreign)) == {}
    name = next(iter(mine))
    assert basket(client.get(page_of(event), {name: next(iter(foreign.values()))})) == {name: str(mine[name])}


def test_a_hundred_seats_at_most_are_read_from_an_address(client: Client, event: Event) -> None:
    """R50"""
    many = {f"seat_{number}": 1 for number in range(1, 400)}
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page_of(event), many).status_code == 200
    assert max(len(each["sql"]) for each in asked) < 10_000


@pytest.mark.parametrize("view", ["map", "list", "best"])
def test_a_page_asks_the_same_of_a_small_house_and_a_large_one(client: Client, noon: datetime, view: str) -> None:
    """U18"""
    small = seated_event({"Stalls": "ss"})
    large = seated_event({f"Section {number}": " ".join(["s" * 20] * 5) for number in range(6)})
    counts = []
    for event in (small, large):
        section = Section.objects.filter(plan=event.plan_id).first()
        assert section
        briefly.forget()
        with CaptureQueriesContext(connection) as asked:
            client.get(page_of(event), {"view": view, "section": section.pk, "row": 0})
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_overview_of_a_stadium_is_a_small_page(
    client: Client, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """U18, U41"""
    monkeypatch.setattr(drawing, "AT_ONCE", 1)
    event = EventFactory(venue__capacity=100_000)
    TicketTypeFactory(organization=event.organization)
    plans.use(event_id=event.pk, plan_id=outlined("stadium", event.venue).pk)
    publishing.publish(event_id=event.pk)
    page = client.get(page_of(event)).content
    assert page.count(b"data-section") > 80
    assert len(gzip.compress(page)) < 40_000
    assert len(page) < 160_000  # with the digits of ids, which grow


def test_of_a_row_only_that_row_is_sent(client: Client, noon: datetime) -> None:
    """U18"""
    event = seated_event({"Stalls": " ".join(["s" * 30] * 8)})
    sent = {"view": "list", "section": section_of(event, "Stalls").pk, "row": 3}
    assert client.get(page_of(event), sent).content.decode().count('type="checkbox"') == 30


def test_the_events_page_leads_to_its_seats(client: Client, event: Event) -> None:
    assert page_of(event) in links(client.get(event.get_absolute_url()))
    assert page_of(event_on_sale()) not in links(client.get(event_on_sale().get_absolute_url()))


# --- What is nearest ------------------------------------------------------------------------------


def test_the_nearest_are_nearest_and_of_equals_the_better_comes_first(event: Event) -> None:
    """U15"""
    ids = list(EventSeat.objects.filter(event=event, section__name="Stalls").values_list("pk", flat=True))
    places = places_at(event.pk, event.plan_id or 0, ids)
    middle = next(place for place in places if (place.spot.row, place.spot.number) == ("A", "3"))
    others = [place for place in places if place != middle]
    found = [(each.spot.row, each.spot.number) for each in nearest(middle.spot, others, 3)]
    assert found == [("A", "4"), ("A", "2"), ("B", "3")]
    assert nearest(middle.spot, [], 3) == []
