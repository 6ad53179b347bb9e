"""Which plan an event has, the map and list of its seats, what is done with them, and one seat's life."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from bookings.services import cancellations, payments
from core import clock
from core.ranges import compact
from events.models import Event, EventSeat, Hold
from events.queries.selections import chosen
from events.services import holds, seats
from tests.backoffice.desk import at_work
from tests.factories import (
    EventFactory,
    place_at,
    plan_of,
    price_of,
    reserve_seats,
    seated_event,
    with_details,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def page(name: str, event: Event, *more: Any) -> str:
    return reverse(f"admin:{name}", args=[event.pk, *more])


@pytest.fixture
def house(noon: datetime) -> Event:
    return seated_event({"Stalls": "ssss ssss", "Balcony": "ssss"}, {"Floor": 5}, title="Gala")


@pytest.fixture
def desk(house: Event) -> Client:
    return at_work("organizer", house.organization)[0]


def row(event: Event, letter: str = "A", section: str = "Stalls") -> list[int]:
    places = EventSeat.objects.filter(event=event, section__name=section, seat__row=letter)
    return list(places.order_by("seat__position").values_list("pk", flat=True))


def act(client: Client, event: Event, name: str, places: list[int], **more: Any) -> HttpResponse:
    return client.post(page("seat-act", event), {"act": name, "places": compact(places), **more})


# --- The plan ------------------------------------------------------------------------------------------


def test_a_draft_gets_a_plan_of_its_venue_and_may_lose_it(noon: datetime) -> None:
    event = EventFactory()
    plan = plan_of(event.venue, {"Stalls": "ssss"})
    plan_of(EventFactory().venue, {"Elsewhere": "ss"}, name="Another house")
    client, _user = at_work("organizer", event.organization)
    shown = text_of(client.get(page("seating", event)))
    assert "Main (1): 4 seats" in shown
    assert "Another house" not in shown
    done = client.post(page("seating", event), {"act": "use", "plan": plan.pk}, follow=True)
    assert "The event has the plan Main (1) now." in text_of(done)
    assert "Main (1), with 4 places." in text_of(done)
    client.post(page("seating", event), {"act": "drop"})
    event.refresh_from_db()
    assert (event.plan, event.places.count()) == (None, 0)


@pytest.mark.parametrize("plan", ["", "0", "x", "9" * 30, "²", "-1"])
def test_a_plan_that_is_none_is_refused_in_words(noon: datetime, plan: str) -> None:
    """R50"""
    event = EventFactory()
    client, _user = at_work("organizer", event.organization)
    done = client.post(page("seating", event), {"act": "use", "plan": plan}, follow=True)
    assert "Please choose a published plan" in text_of(done)


def test_what_a_newer_version_changes_is_shown_first(house: Event, desk: Client) -> None:
    """R23: and the seats that stand in its way are named."""
    newer = plan_of(house.venue, {"Stalls": "ssss sss", "Balcony": "ssssss"}, {"Floor": 8})
    shown = text_of(desk.get(page("seating", house), {"to": newer.pk}))
    assert "2 seats are new." in shown
    assert "1 seat is gone." in shown
    assert "Floor: 8 standing places instead of 5." in shown
    holds.create(event_id=house.pk, place_ids=[place_at(house, "Stalls B 4").pk], kind="press")
    shown = text_of(desk.get(page("seating", house), {"to": newer.pk}))
    assert "Stalls, row B, seat 4" in shown
    assert "Move the event" not in shown
    refused = desk.post(page("seating", house), {"act": "move", "plan": newer.pk}, follow=True)
    assert "The new plan lacks a seat that is held" in text_of(refused)
    holds.release(hold_id=Hold.objects.get().pk)
    done = desk.post(page("seating", house), {"act": "move", "plan": newer.pk}, follow=True)
    assert "The event moved to Main (2)." in text_of(done)
    assert house.places.count() == 7 + 6 + 8


def test_a_version_that_is_none_of_this_plan_is_not_there(house: Event, desk: Client) -> None:
    other = plan_of(house.venue, {"Stalls": "ss"}, name="Small")
    for to in (other.pk, house.plan_id, 987_654_321, "x"):
        assert desk.get(page("seating", house), {"to": to}).status_code == 404


# --- The map -------------------------------------------------------------------------------------------


def test_the_map_tells_of_every_seat_its_level_and_what_keeps_it(house: Event, desk: Client) -> None:
    """U12: a letter for each, in the order in which the plan is drawn."""
    reserve_seats(house, "Stalls A 1", "Stalls A 2")
    holds.create(event_id=house.pk, place_ids=row(house)[2:3], kind="press")
    seats.block(event_id=house.pk, place_ids=row(house)[3:])
    seats.disown(event_id=house.pk, place_ids=row(house, "B")[:1])
    seats.paint(event_id=house.pk, place_ids=row(house, "B")[1:2], level_id=house.price_levels.get(name="Balcony").pk)
    shown = desk.get(page("seat-map", house))
    names = json.loads(shown.context["names"])
    told = desk.get(page("seat-states", house)).json()
    classes = [names.get(letter, ord(letter) - ord("a")) for letter in told["states"]]
    assert classes == [
        "reserved lv-0",
        "reserved lv-0",
        "held lv-0",
        "blocked lv-0",
        "foreign lv-0",
        1,
        0,
        0,
        1,
        1,
        1,
        1,
    ]
    keys = [first + ordinal for first, count in told["places"] for ordinal in range(count)]
    assert keys == [*row(house), *row(house, "B"), *row(house, "A", "Balcony")]
    assert desk.get(page("seat-states", house), {"v": told["version"]}).status_code == 204


def test_one_section_alone_is_told_too(house: Event, desk: Client) -> None:
    balcony = place_at(house, "Balcony A 1").section_id
    assert len(desk.get(page("seat-states", house), {"section": balcony}).json()["states"]) == 4
    shown = desk.get(page("seat-map", house), {"section": balcony, "view": "list"})
    assert (shown.status_code, shown["Location"]) == (302, f"{page('seats', house)}?section={balcony}")
    other = place_at(seated_event({"Stalls": "ss"}), "Stalls A 1").section_id
    for section in (other, "x", 987_654_321, house.plan.sections.get(name="Floor").pk):
        for name in ("seat-map", "seat-states"):
            assert desk.get(page(name, house), {"section": section}).status_code == 404


def test_an_event_without_a_plan_has_no_map_and_no_list(noon: datetime) -> None:
    event = EventFactory()
    client, _user = at_work("organizer", event.organization)
    for name in ("seat-map", "seat-states", "seats", "allocations", "ownership"):
        assert client.get(page(name, event)).status_code == 404
    assert client.get(page("holds", event)).status_code == 200


# --- The list, without JavaScript ------------------------------------------------------------------------


def test_sections_rows_and_seats_are_chosen_in_the_list(house: Event, desk: Client) -> None:
    """U9, U43"""
    holds.create(event_id=house.pk, place_ids=row(house)[:1], kind="press", reason="Radio")
    overview = text_of(desk.get(page("seats", house)))
    assert "7 available, 1 held" in overview
    section = place_at(house, "Stalls A 1").section_id
    shown = desk.get(page("seats", house), {"section": section})
    assert "1 held, Stalls, press: Radio" in text_of(shown)
    assert f'value="{section}-1"' in shown.content.decode()
    told = desk.post(
        page("seat-act", house), {"act": "look", "row": f"{section}-1", "place": row(house)[0], "section": ""}
    )
    assert told.status_code == 422  # an empty section is none
    told = desk.post(page("seat-act", house), {"act": "look", "row": f"{section}-1", "place": row(house)[0]})
    assert "5 places chosen" in text_of(told)
    assert "available: 4" in text_of(told)
    assert "Stalls, row A, seat 1 : held, Stalls, press: Radio" in text_of(told)


def test_a_large_section_shows_its_rows_and_the_seats_of_one(
    noon: datetime, django_assert_max_num_queries: Any
) -> None:
    event = seated_event({"Stalls": " ".join(["s" * 45] * 10)})
    client, _user = at_work("organizer", event.organization)
    section = place_at(event, "Stalls A 1").section_id
    shown = client.get(page("seats", event), {"section": section}).content.decode()
    assert shown.count('name="row"') == 10
    assert 'name="place"' not in shown
    with django_assert_max_num_queries(25):
        shown = client.get(page("seats", event), {"section": section, "row": "3"}).content.decode()
    assert shown.count('name="place"') == 45


def test_the_list_asks_as_often_for_one_row_as_for_many(noon: datetime, django_assert_num_queries: Any) -> None:
    counts = []
    for rows in ("ss", " ".join(["ssss"] * 12)):
        event = seated_event({"Stalls": rows})
        client, _user = at_work("organizer", event.organization)
        reserve_seats(event, "Stalls A 1", "Stalls A 2")
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(page("seats", event), {"section": place_at(event, "Stalls A 1").section_id})
        counts.append(len(asked))
    assert counts[0] == counts[1]


# --- Acts ------------------------------------------------------------------------------------------------


def test_an_act_is_told_first_then_done_and_undone(house: Event, desk: Client) -> None:
    """U48, S14: looking changes nothing."""
    reserve_seats(house, "Stalls A 1", "Stalls A 2")
    preview = act(desk, house, "block", row(house))
    assert "2 places would change." in text_of(preview)
    assert "2 places: reserved" in text_of(preview)
    assert "Stalls, row A, seat 1; Stalls, row A, seat 2" in text_of(preview)
    assert place_at(house, "Stalls A 3").status == "available"
    done = act(desk, house, "block", row(house), confirmed="yes")
    assert "Done for 2 places." in text_of(done)
    assert done["HX-Trigger"] == "seats-changed"
    assert place_at(house, "Stalls A 3").status == "blocked"
    assert done.context["undo"] == ("unblock", {})
    undone = act(desk, house, "unblock", row(house)[2:], confirmed="yes")
    assert "Done for 2 places." in text_of(undone)
    assert place_at(house, "Stalls A 3").status == "available"


def test_seats_are_painted_and_painted_back(house: Event, desk: Client) -> None:
    balcony, stalls = (house.price_levels.get(name=name).pk for name in ("Balcony", "Stalls"))
    assert act(desk, house, "paint", row(house), confirmed="yes").status_code == 422  # as which level?
    done = act(desk, house, "paint", row(house), level=balcony, confirmed="yes")
    assert done.context["undo"] == ("paint", {"level": stalls})
    assert house.price_levels.get(pk=balcony).places == 8
    act(desk, house, "paint", row(house), level=stalls, confirmed="yes")
    assert house.price_levels.get(pk=balcony).places == 4


def test_a_refusal_is_said_beside_what_was_typed(house: Event, desk: Client) -> None:
    stalls = house.price_levels.get(name="Stalls").pk
    standing = list(EventSeat.objects.filter(event=house, seat=None).values_list("pk", flat=True))
    refused = act(desk, house, "paint", standing, level=stalls, confirmed="yes")
    assert refused.status_code == 422
    assert "Seats and standing places can" in str(refused.context["refusal"])


def test_places_are_held_by_the_clocks_of_the_venue_and_released(house: Event, desk: Client) -> None:
    done = act(desk, house, "hold", row(house), kind="artist", reason="Band", until="2026-06-20T20:00", confirmed="yes")
    assert "Done for 4 places." in text_of(done)
    hold = Hold.objects.get()
    assert (str(hold), hold.until.isoformat()) == ("artist: Band", "2026-06-20T18:00:00+00:00")
    assert done.context["undo"] == ("release", {})
    act(desk, house, "release", row(house)[:2], confirmed="yes")
    assert hold.places.count() == 2
    late = act(desk, house, "hold", row(house, "B"), kind="artist", until="2020-01-01T00:00", confirmed="yes")
    assert late.status_code == 422
    assert "A hold ends in the future" in text_of(late)


def test_places_are_ours_at_a_cost_or_not(house: Event, desk: Client) -> None:
    act(desk, house, "disown", row(house), confirmed="yes")
    assert place_at(house, "Stalls A 1").ownership == "not_owned"
    done = act(desk, house, "own", row(house), cost="12.50", confirmed="yes")
    assert done.context["undo"] is None  # what they cost before isn't known any more
    assert (place_at(house, "Stalls A 1").ownership, place_at(house, "Stalls A 1").cost) == ("owned", 1_250)
    for wrong in ("-1", "NaN", "1e99", "1.005", "x"):
        assert act(desk, house, "own", row(house), cost=wrong, confirmed="yes").status_code == 422


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"places": ""},
        {"places": "x"},
        {"places": "1-999999999"},
        {"places": "5-1"},
        {"place": "0"},
        {"place": "٢"},
        {"place": "-1"},
        {"place": ["1", "9" * 30]},
        {"row": "1"},
        {"row": "1-2-3"},
        {"section": "\x00"},
        {"places": "987654321"},
    ],
)
def test_a_choice_that_cannot_be_read_is_refused_in_words(house: Event, desk: Client, sent: dict[str, Any]) -> None:
    """R50"""
    for name in ("look", "block"):
        answer = desk.post(page("seat-act", house), {"act": name, "confirmed": "yes", **sent})
        assert answer.status_code == 422
        assert answer.context["refusal"]
    assert set(EventSeat.objects.values_list("status", flat=True)) == {"available"}


def test_seats_of_another_event_are_refused(house: Event, desk: Client) -> None:
    """S9, S13: also in one choice with own ones, and as a section or row."""
    other = seated_event({"Stalls": "ssss"}, venue=house.venue, organization=house.organization)
    assert act(desk, house, "block", [*row(house), *row(other)], confirmed="yes").status_code == 422
    section = place_at(other, "Stalls A 1").section_id
    for sent in ({"section": section}, {"row": f"{section}-0"}):
        answer = desk.post(page("seat-act", house), {"act": "block", "confirmed": "yes", **sent})
        assert answer.status_code == 422
    assert set(EventSeat.objects.values_list("status", flat=True)) == {"available"}


def test_an_act_that_is_none_is_not_there(house: Event, desk: Client) -> None:
    assert act(desk, house, "sell", row(house)).status_code == 404


@pytest.mark.parametrize("role", ["support", "analyst", "entry_manager"])
def test_who_may_not_manage_events_looks_and_changes_nothing(house: Event, role: str) -> None:
    """S8"""
    client, _user = at_work(role, house.organization)
    looked = act(client, house, "look", row(house))
    assert looked.status_code == 200
    assert "Block" not in text_of(looked)
    assert act(client, house, "block", row(house), confirmed="yes").status_code == 403
    assert act(client, house, "block", row(house)).status_code == 403
    assert place_at(house, "Stalls A 1").status == "available"


def test_bookings_are_named_to_who_may_see_them_alone(house: Event) -> None:
    booking = reserve_seats(house, "Stalls A 1", "Stalls A 2")
    pages = {"look": (), "life": (row(house)[0],)}
    for role, sees in (("support", True), ("analyst", False)):
        client, _user = at_work(role, house.organization)
        shown = [act(client, house, "look", row(house)), client.get(page("seat-life", house, *pages["life"]))]
        shown.append(client.get(page("seats", house), {"section": place_at(house, "Stalls A 1").section_id}))
        assert [booking.code in text_of(each) for each in shown] == [sees] * 3


def test_a_part_for_htmx_is_the_panel_alone(house: Event, desk: Client) -> None:
    """S10"""
    part = desk.post(
        page("seat-act", house), {"act": "look", "places": compact(row(house))}, headers={"HX-Request": "true"}
    )
    assert part.content.decode().strip().startswith('<section id="panel"')
    client, _user = at_work("admin")
    foreign = client.post(
        page("seat-act", house), {"act": "look", "places": compact(row(house))}, headers={"HX-Request": "true"}
    )
    assert foreign.status_code == 404


def test_a_whole_house_is_chosen_and_done_in_few_questions(
    house: Event, desk: Client, django_assert_max_num_queries: Any
) -> None:
    sections = list(house.plan.sections.values_list("pk", flat=True))
    everything = chosen(house, sections=sections)
    with django_assert_max_num_queries(40):
        done = desk.post(page("seat-act", house), {"act": "block", "section": sections, "confirmed": "yes"})
    assert done.context["report"].changed == everything


# --- One seat's life -----------------------------------------------------------------------------------


def test_one_seats_whole_life_is_told_in_order(house: Event, desk: Client) -> None:
    """Made, ours, painted, held, released, reserved, sold, cancelled."""
    user = at_work("organizer", house.organization)[1]
    first = row(house)
    step = timedelta(minutes=1)
    clock.advance(step)
    seats.own(event_id=house.pk, place_ids=first, cost=1_200, by=user)
    clock.advance(step)
    seats.paint(event_id=house.pk, place_ids=first, level_id=house.price_levels.get(name="Balcony").pk, by=user)
    clock.advance(step)
    seats.block(event_id=house.pk, place_ids=row(house, "B"), by=user)  # not this seat's
    holds.create(event_id=house.pk, place_ids=first, kind="press", reason="Radio", until=clock.now() + step, by=user)
    clock.advance(step)
    holds.release_due()
    clock.advance(step)
    booking = with_details(reserve_seats(house, "Stalls A 1", "Stalls A 2", price=price_of(house, "Balcony")))
    clock.advance(step)
    payments.record_by_hand(booking_id=booking.pk, how="cash", by=user)
    clock.advance(step)
    cancellations.cancel(booking_id=booking.pk, reason="test", by=user)
    shown = desk.get(page("seat-life", house, first[0]))
    assert [moment.what for moment in shown.context["moments"]] == [
        "Made.",
        "Ours to sell. Cost: €12.00.",
        "Painted as Balcony.",
        "Held for press: Radio.",
        "Released from the hold for press: Radio. Its time was over.",
        "Reserved: Standard, €21.50.",
        "Sold.",
        "Cancelled: given back.",
    ]
    assert booking.code in text_of(shown)


def test_another_events_seat_has_no_life_here(house: Event, desk: Client) -> None:
    """S9"""
    other = seated_event({"Stalls": "ss"}, venue=house.venue, organization=house.organization)
    assert desk.get(page("seat-life", house, row(other)[0])).status_code == 404
    assert desk.get(page("seat-life", house, 987_654_321)).status_code == 404


def test_the_list_of_places_names_seats_and_leads_to_their_lives(house: Event, desk: Client) -> None:
    hold = holds.create(event_id=house.pk, place_ids=row(house)[:1], kind="press", reason="Radio").hold
    shown = desk.get(reverse("admin:events_eventseat_changelist"), {"event": house.pk})
    assert "Stalls, row A, seat 1" in text_of(shown)
    html = shown.content.decode()
    assert page("seat-life", house, row(house)[0]) in html
    assert page("hold", house, hold.pk) in html


def test_places_are_not_counted_by_hand_where_they_are_painted(house: Event, desk: Client) -> None:
    """S13: what the form sends for them is ignored."""
    from tests.backoffice.desk import fields_of

    address = reverse("admin:events_event_change", args=[house.pk])
    shown = desk.get(address)
    assert "Seat map" in text_of(shown)
    fields = fields_of(shown) | {"price_levels-0-places": "99", "price_levels-0-colour": "6"}
    assert desk.post(address, fields).status_code == 302
    level = house.price_levels.order_by("order").first()
    assert (level.places, level.colour) == (8, 6)
