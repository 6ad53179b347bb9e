"""Claiming seats: chosen ones, and the best available."""

from datetime import datetime, timedelta

import pytest

from bookings.models import Booking
from bookings.services import reservations
from core import clock
from events.best_available import Together
from events.models import Event, EventSeat
from events.services import inventory
from tests.factories import place_at, price_of, reserve_seats, seated_event

pytestmark = pytest.mark.django_db


def names(booking: Booking) -> list[str]:
    tickets = booking.live_tickets().select_related(
        "event_seat__seat", "event_seat__section", "event_seat__price_level"
    )
    return [
        " ".join([each.event_seat.section.name, each.event_seat.seat.row, each.event_seat.seat.number])
        if each.event_seat.seat
        else each.event_seat.price_level.name
        for each in tickets
    ]


def best(event: Event, count: int, level: str = "Stalls", **taste: object) -> Booking:
    return reservations.reserve(
        event=event,
        quantities={price_of(event, level).pk: count},
        taste=inventory.Taste(**taste),
        key=f"{count}-{level}-{taste}-{Booking.objects.count()}".ljust(20, "x"),
    )


def test_chosen_seats_are_reserved_and_named(noon: datetime) -> None:
    event = seated_event()
    booking = reserve_seats(event, "Stalls B 3", "Stalls B 4")
    assert names(booking) == ["Stalls B 3", "Stalls B 4"]
    assert place_at(event, "Stalls B 3").name == "Stalls, row B, seat 3"
    assert booking.total == 2 * (2_000 + 150)
    assert EventSeat.objects.filter(event=event, status="reserved").count() == 2


def test_a_seat_that_is_taken_is_named_and_nothing_is_reserved(noon: datetime) -> None:
    """U15: the refusal names the seat, and says that the others are still chosen."""
    event = seated_event()
    reserve_seats(event, "Stalls B 3", "Stalls B 4")
    with pytest.raises(inventory.SeatsTaken) as refusal:
        reserve_seats(event, "Stalls B 4", "Stalls B 5", "Stalls B 6")
    assert str(refusal.value) == (
        "This seat isn't free any more: Stalls, row B, seat 4. Your other seats are still chosen."
    )
    assert refusal.value.place_ids == [place_at(event, "Stalls B 4").pk]
    assert EventSeat.objects.filter(event=event, status="reserved").count() == 2


def test_a_lapsed_reservation_does_not_keep_a_seat(noon: datetime) -> None:
    """R13: nobody has to run for a seat to come back."""
    event = seated_event()
    first = reserve_seats(event, "Stalls B 3", "Stalls B 4")
    clock.advance(timedelta(minutes=16))
    assert names(reserve_seats(event, "Stalls B 3", "Stalls B 4")) == ["Stalls B 3", "Stalls B 4"]
    first.refresh_from_db()
    assert first.status == "expired"


def test_the_best_are_together_in_front_and_in_the_middle(noon: datetime) -> None:
    event = seated_event()
    assert names(best(event, 2)) == ["Stalls A 3", "Stalls A 4"]
    # The middle of row B would leave a seat alone on each side.
    assert names(best(event, 4)) in ([f"Stalls B {n}" for n in (1, 2, 3, 4)], [f"Stalls B {n}" for n in (3, 4, 5, 6)])


def test_more_than_are_left_are_refused_by_name(noon: datetime) -> None:
    event = seated_event({"Stalls": "sss"})
    with pytest.raises(inventory.NotEnough, match="Only 3 places are left at Stalls"):
        best(event, 4)


def test_apart_only_if_they_may(noon: datetime) -> None:
    event = seated_event({"Stalls": "ss_ss"})
    with pytest.raises(inventory.NotTogether):
        best(event, 3, together=Together.ROW)
    assert names(best(event, 3)) == ["Stalls A 1", "Stalls A 2", "Stalls A 3"]


def test_a_single_gap_is_refused_where_there_is_another_way(noon: datetime) -> None:
    """U16: and the refusal says which way."""
    event = seated_event({"Stalls": "sssss"})
    with pytest.raises(inventory.SingleGap) as refusal:
        reserve_seats(event, "Stalls A 2", "Stalls A 3")
    assert str(refusal.value) == (
        "Stalls, row A, seat 1 would be left alone between others."
        " Please take Stalls, row A, seats 1, 2 instead, or that seat too."
    )


def test_a_companions_seat_goes_with_its_wheelchair_place(noon: datetime) -> None:
    """U17."""
    event = seated_event({"Stalls": "ssss wcss"})
    with pytest.raises(inventory.CompanionAlone):
        reserve_seats(event, "Stalls B 2")
    assert names(best(event, 2, accessible=True)) == ["Stalls B 1", "Stalls B 2"]


def test_mixed_houses_sell_both_in_one_booking(noon: datetime) -> None:
    event = seated_event({"Stalls": "ssss"}, {"Floor": 5})
    place = place_at(event, "Stalls A 1")
    booking = reservations.reserve(
        event=event,
        quantities={price_of(event, "Floor").pk: 2},
        seats={place.pk: price_of(event, "Stalls").pk},
        key="k" * 20,
    )
    assert names(booking) == ["Stalls A 1", "Floor", "Floor"]
