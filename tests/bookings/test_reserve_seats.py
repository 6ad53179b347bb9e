"""The form of chosen seats: whatever is sent, the answer is a booking or says what else there is."""

import re
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking
from bookings.queries.promises import violations
from bookings.services import reservations
from core import clock, codes
from events import choices
from events.models import Event, EventSeat, Price
from tests.factories import place_at, reserve_seats, seated_event
from tests.pages import post_choice, text_of

pytestmark = pytest.mark.django_db

TWO = {"Adult": 2_000, "Child": 1_000}


@pytest.fixture
def event(noon: datetime) -> Event:
    house = {"Stalls": "ssssss ssssss wcssss", "Circle": "sss"}
    return seated_event(house, {"Floor": 5}, amounts=TWO, avoids_single_gaps=False)


def seat(event: Event, name: str, ticket: str = "Adult") -> dict[str, Any]:
    """What the form says of a chosen seat."""
    place = place_at(event, name)
    return {f"seat_{place.pk}": Price.objects.get(price_level=place.price_level, ticket_type__name=ticket).pk}


def some(event: Event, level: str, count: int, ticket: str = "Adult") -> dict[str, Any]:
    price = Price.objects.get(price_level__event=event, price_level__name=level, ticket_type__name=ticket)
    return {f"price_{price.pk}": count}


def post(event: Event, data: dict[str, Any], client: Client | None = None) -> Any:
    return post_choice(client or Client(), event, {"key": codes.secret()} | data)


def words(response: Any) -> str:
    return unescape(text_of(response))


def chosen(response: Any) -> set[str]:
    """Which seats are still in the basket."""
    text = response.content.decode().partition('id="basket"')[2].partition("<template")[0]
    return set(re.findall(r'name="(seat_\d+)"', text))


def way(response: Any, text: str) -> str:
    """Where a link leads that offers something else."""
    found = re.search(rf'<a class="chip set" href="([^"]*)">{re.escape(text)}</a>', response.content.decode())
    assert found, words(response)
    return unescape(found[1])


def sitting(booking: Booking) -> list[tuple[str, str]]:
    tickets = booking.live_tickets().named().order_by("number")
    return [(ticket.event_seat.name, ticket.ticket_type.name) for ticket in tickets]


def test_chosen_seats_become_a_booking_each_at_its_price_with_standing_places_beside(event: Event) -> None:
    """U9, R10"""
    data = seat(event, "Stalls A 2", "Child") | seat(event, "Circle A 1") | some(event, "Floor", 2)
    response = post(event, data)
    booking = Booking.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/bookings/{booking.secret}/details/")
    assert sorted(sitting(booking)) == [
        ("Circle, row A, seat 1", "Adult"),
        ("Floor", "Adult"),
        ("Floor", "Adult"),
        ("Stalls, row A, seat 2", "Child"),
    ]
    assert booking.subtotal == 7_000
    assert list(violations()) == []


def test_the_same_form_ten_times_is_one_booking(event: Event) -> None:
    """R20"""
    data = seat(event, "Stalls A 2") | {"key": codes.secret()}
    assert {post(event, data)["Location"] for _press in range(10)} == {
        f"/bookings/{Booking.objects.get().secret}/details/"
    }


def test_the_best_are_taken_to_ones_taste_and_it_is_told_where_they_are(event: Event) -> None:
    """U16"""
    client = Client()
    response = post(event, some(event, "Stalls", 2) | {"together": "row"}, client)
    shown = words(client.get(response["Location"]))
    assert "Where you sit Stalls, row A, seats 3, 4 9.2 m from the stage, together" in shown.replace("\xa0", " ")
    section = EventSeat.objects.filter(event=event, section__name="Circle").values_list("section", flat=True).first()
    post(event, some(event, "Circle", 1) | {"section": section})
    assert sitting(Booking.objects.latest("pk"))[0][0].startswith("Circle")


def test_a_wheelchair_place_comes_with_its_companion(event: Event) -> None:
    """U17"""
    post(event, some(event, "Stalls", 2) | {"accessible": "on"})
    assert [name for name, _ticket in sitting(Booking.objects.get())] == [
        "Stalls, row C, seat 1",
        "Stalls, row C, seat 2",
    ]


def test_a_seat_taken_meanwhile_is_named_and_the_rest_is_kept_with_what_is_near(event: Event) -> None:
    """U15, R15"""
    reserve_seats(event, "Stalls A 2")
    kept = seat(event, "Circle A 1") | some(event, "Floor", 1)
    response = post(event, seat(event, "Stalls A 2", "Child") | kept)
    assert response.status_code == 409
    assert "This seat isn't free any more: Stalls, row A, seat 2. Your other seats are still chosen." in words(response)
    assert chosen(response) == set(seat(event, "Circle A 1"))
    offer = way(response, "Take Stalls, row A, seat 3 instead")
    again = Client().get(offer)
    assert chosen(again) == {*seat(event, "Circle A 1"), *seat(event, "Stalls A 3")}
    assert f"{next(iter(seat(event, 'Stalls A 3')))}={next(iter(seat(event, 'Stalls A 3', 'Child').values()))}" in offer
    assert f"{next(iter(some(event, 'Floor', 1)))}=1" in offer
    assert Booking.objects.count() == 1


def test_a_choice_that_leaves_a_seat_alone_is_offered_the_seats_that_do_not(event: Event) -> None:
    """U16"""
    Event.objects.update(avoids_single_gaps=True)
    response = post(event, seat(event, "Stalls A 2", "Child") | seat(event, "Stalls A 3", "Adult"))
    assert response.status_code == 422
    assert "Stalls, row A, seat 1 would be left alone between others." in words(response)
    offer = way(response, "Take the seats that leave none alone")
    tidy = Client().get(offer)
    assert chosen(tidy) == {*seat(event, "Stalls A 1"), *seat(event, "Stalls A 2")}
    child, adult = (next(iter(seat(event, "Stalls A 1", ticket).values())) for ticket in ("Child", "Adult"))
    assert sorted(re.findall(r"seat_\d+=(\d+)", offer)) == sorted([str(child), str(adult)])
    form = dict(re.findall(r"(seat_\d+)=(\d+)", offer))
    assert post(event, form).status_code == 303


def test_a_companions_seat_alone_is_offered_its_wheelchair_place(event: Event) -> None:
    """U17"""
    response = post(event, seat(event, "Stalls C 2"))
    assert response.status_code == 422
    both = Client().get(way(response, "Add the wheelchair place"))
    assert chosen(both) == {*seat(event, "Stalls C 1"), *seat(event, "Stalls C 2")}
    reserve_seats(event, "Stalls C 1")
    assert "Add the wheelchair place" not in words(post(event, seat(event, "Stalls C 2")))


def test_who_cannot_sit_together_is_offered_to_sit_apart(event: Event) -> None:
    """U16"""
    for row in "ABC":
        reserve_seats(event, f"Stalls {row} 3", f"Stalls {row} 4")
    response = post(event, some(event, "Stalls", 3) | {"together": "row"})
    assert response.status_code == 409
    text = response.content.decode()
    assert [value for value in ("section", "anywhere") if f'name="together" value="{value}"' in text] == [
        "section",
        "anywhere",
    ]
    sent = text.partition('<button type="submit" name="together"')[0].rpartition("<form")[2]
    data = dict(re.findall(r'type="hidden" name="((?:price|key|section)[^"]*)" value="([^"]*)"', sent))
    assert post(event, data | {"together": "anywhere"}).status_code == 303


def test_a_new_choice_takes_the_place_of_the_earlier_one_and_may_keep_its_seats(client: Client, event: Event) -> None:
    """R22"""
    both = seat(event, "Stalls A 2") | seat(event, "Stalls A 3")
    post(event, both, client)
    shown = client.get(reverse("events:seats", args=[event.slug]))
    assert chosen(shown) == set(both)
    assert post(event, seat(event, "Stalls A 3") | seat(event, "Stalls A 4"), client).status_code == 303
    first, second = Booking.objects.order_by("pk")
    assert (first.status, second.status) == ("cancelled", "pending")
    assert [name for name, _ticket in sitting(second)] == ["Stalls, row A, seat 3", "Stalls, row A, seat 4"]


def test_the_best_seats_that_one_has_stand_in_the_choice(client: Client, event: Event) -> None:
    """U26"""
    post(event, some(event, "Stalls", 2) | some(event, "Floor", 1), client)
    shown = client.get(reverse("events:seats", args=[event.slug]))
    assert chosen(shown) == {*seat(event, "Stalls A 3"), *seat(event, "Stalls A 4")}
    assert re.search(rf'name="{next(iter(some(event, "Floor", 1)))}" value="1"', shown.content.decode())


def test_anothers_seats_are_not_ones_own(client: Client, event: Event) -> None:
    """S9"""
    post(event, seat(event, "Stalls A 2"), client)
    other = Client()
    other.cookies[choices.COOKIE] = client.cookies[choices.COOKIE].value + "x"
    response = post(event, seat(event, "Stalls A 2"), other)
    assert (response.status_code, chosen(response)) == (409, set())


HOSTILE: list[tuple[str, Any]] = [
    ("seat_{free}", "0"),
    ("seat_{free}", "-1"),
    ("seat_{free}", "1.5"),
    ("seat_{free}", "１"),
    ("seat_{free}", "1e3"),
    ("seat_{free}", "\x00"),
    ("seat_{free}", "9" * 10_000),
    ("seat_{free}", "999999"),
    ("seat_0", "1"),
    ("seat_-1", "1"),
    ("seat_x", "1"),
    ("seat_" + "9" * 30, "1"),
    ("seat_٣", "1"),
    ("seat_999999", "{price}"),
    ("section", "x"),
    ("section", "999999"),
    ("together", "on my lap"),
]


@pytest.mark.parametrize(("name", "value"), HOSTILE, ids=lambda each: ascii(each)[:24])
def test_what_cannot_be_read_is_refused_and_reserves_nothing(event: Event, name: str, value: str) -> None:
    """R50"""
    free, price = next(iter(seat(event, "Stalls A 1").items()))
    sent = {name.format(free=free[5:]): value.format(price=price)}
    response = post(event, some(event, "Floor", 1) | sent)
    assert response.status_code == 422
    assert not Booking.objects.exists()
    assert "Please look at this again" in words(response)


def test_a_seat_sent_twice_or_too_many_of_them_are_refused(event: Event) -> None:
    """R50"""
    name, price = next(iter(seat(event, "Stalls A 1").items()))
    assert post(event, {name: [price, price]}).status_code == 422
    assert post(event, {f"seat_{number}": price for number in range(1, 150)}).status_code == 422
    assert not Booking.objects.exists()


def test_a_price_of_another_level_or_event_buys_no_seat(event: Event) -> None:
    """S39"""
    name = next(iter(seat(event, "Stalls A 1")))
    cheap = next(iter(seat(event, "Circle A 1", "Child").values()))
    foreign = Price.objects.get(price_level__event=seated_event(), ticket_type__name="Standard").pk
    assert [post(event, {name: price}).status_code for price in (cheap, foreign)] == [422, 422]
    assert not Booking.objects.exists()


def test_more_than_one_booking_may_have_are_refused_with_the_choice_kept(event: Event) -> None:
    """R9"""
    Event.objects.update(max_per_booking=2)
    three = seat(event, "Stalls A 1") | seat(event, "Stalls A 2") | seat(event, "Stalls A 3")
    response = post(event, three)
    assert (response.status_code, chosen(response)) == (422, set(three))


def test_after_the_time_is_over_the_seats_are_free_for_the_next(event: Event, noon: datetime) -> None:
    """R13"""
    post(event, seat(event, "Stalls A 2"))
    clock.advance(reservations.RESERVED_FOR + reservations.LAPSE_GRACE * 2)
    assert post(event, seat(event, "Stalls A 2")).status_code == 303
