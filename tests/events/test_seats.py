"""Claiming seats: chosen ones, and the best available."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.models import Booking, Payment, Refund
from bookings.queries.promises import violations
from bookings.services import renewals, reservations
from core import clock, codes
from core.refusals import Refusal
from events.best_available import Together
from events.models import Event, EventSeat, Hold, NotOnSale, PriceLevel
from events.services import copying, inventory, plans
from tests.factories import (
    EventFactory,
    VenueFactory,
    handed_over,
    place_at,
    plan_of,
    price_of,
    reserve_seats,
    seated_event,
    settle,
)
from venues.models import Section

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


# --- Refusals, word for word ----------------------------------------------------------------------


def refused(kind: type[Refusal], act: Callable[[], object]) -> str:
    """What somebody is told, with nothing changed."""
    before = list(EventSeat.objects.order_by("pk").values())
    with pytest.raises(kind) as refusal:
        act()
    assert list(EventSeat.objects.order_by("pk").values()) == before
    assert list(violations()) == []
    return str(refusal.value)


def test_all_seats_that_are_taken_are_named(noon: datetime) -> None:
    """U15"""
    event = seated_event()
    reserve_seats(event, "Stalls B 3", "Stalls B 4")
    both = refused(inventory.SeatsTaken, lambda: reserve_seats(event, "Stalls B 3", "Stalls B 4"))
    assert both == "These seats aren't free any more: Stalls, row B, seat 3, Stalls, row B, seat 4."
    some = refused(inventory.SeatsTaken, lambda: reserve_seats(event, "Stalls B 3", "Stalls B 4", "Stalls B 5"))
    assert some == (
        "These seats aren't free any more: Stalls, row B, seat 3, Stalls, row B, seat 4."
        " Your other seats are still chosen."
    )


@pytest.mark.parametrize(
    "fields", [{"status": "blocked"}, {"ownership": "not_owned"}, {"ownership": "returned"}], ids=str
)
def test_what_is_blocked_or_not_ours_is_not_sold(noon: datetime, fields: dict[str, str]) -> None:
    event = seated_event({"Stalls": "s"})
    EventSeat.objects.update(**fields)
    text = "This seat isn't free any more: Stalls, row A, seat 1."
    assert refused(inventory.SeatsTaken, lambda: reserve_seats(event, "Stalls A 1")) == text
    assert refused(inventory.NotEnough, lambda: best(event, 1)) == "Stalls is sold out."


def test_a_seat_that_is_taken_is_told_before_a_gap_that_it_makes(noon: datetime) -> None:
    """U15: the choice was sound when it was made."""
    event = seated_event({"Stalls": "ssssss"}, avoids_single_gaps=True)
    reserve_seats(event, "Stalls A 3", channel="box_office")
    assert refused(inventory.SeatsTaken, lambda: reserve_seats(event, "Stalls A 2", "Stalls A 3")) == (
        "This seat isn't free any more: Stalls, row A, seat 3. Your other seats are still chosen."
    )


def test_seats_of_another_event_level_or_without_a_number_are_no_seats_of_this_price(noon: datetime) -> None:
    """S39, S41"""
    event = seated_event({"Stalls": "ss", "Balcony": "ss"}, {"Floor": 2})
    other = seated_event({"Stalls": "ss"})
    floor = EventSeat.objects.filter(event=event, seat=None).first()
    text = "One of the chosen seats isn't sold at this price any more. Please choose again."
    for place, level in (
        (place_at(other, "Stalls A 1"), "Stalls"),
        (place_at(event, "Balcony A 1"), "Stalls"),
        (floor, "Floor"),
    ):
        seats = {place.pk: price_of(event, level).pk}
        act = lambda seats=seats: reservations.reserve(event=event, quantities={}, seats=seats, key=codes.secret())  # noqa: E731
        assert refused(inventory.NoSuchSeat, act) == text
    unknown = {2**40: price_of(event, "Stalls").pk}
    act = lambda: reservations.reserve(event=event, quantities={}, seats=unknown, key=codes.secret())  # noqa: E731
    assert refused(inventory.NoSuchSeat, act) == text


def test_together_accessible_and_companions_are_refused_in_words(noon: datetime) -> None:
    event = seated_event({"Stalls": "ss_ss wcss"})
    assert refused(inventory.NotTogether, lambda: best(event, 3, together=Together.ROW)) == (
        "3 seats at Stalls can't be had so near to each other any more. Allow them to be apart."
    )
    assert refused(inventory.CompanionAlone, lambda: reserve_seats(event, "Stalls B 2")) == (
        "Stalls, row B, seat 2 is for who accompanies a person in a wheelchair: it's sold together with"
        " Stalls, row B, seat 1."
    )
    best(event, 2, accessible=True)
    assert refused(inventory.NoneAccessible, lambda: best(event, 2, accessible=True)) == (
        "No wheelchair place with enough seats beside it is left at Stalls."
    )


def test_a_cancelled_event_says_so_rather_than_that_a_seat_is_taken(noon: datetime) -> None:
    event = seated_event({"Stalls": "ss"})
    reserve_seats(event, "Stalls A 1")
    Event.objects.update(status=Event.Status.CANCELLED)  # since it was read
    assert refused(NotOnSale, lambda: reserve_seats(event, "Stalls A 1")) == "This event was cancelled."
    assert refused(NotOnSale, lambda: best(event, 2)) == "This event was cancelled."


# --- Wheelchairs ----------------------------------------------------------------------------------


def test_wheelchair_and_companions_places_are_kept_until_they_are_open_to_everybody(noon: datetime) -> None:
    """U17"""
    event = seated_event({"Stalls": "wc"}, accessible_until=noon + timedelta(days=1))
    assert refused(inventory.NotEnough, lambda: best(event, 1)) == "Stalls is sold out."
    assert refused(inventory.CompanionAlone, lambda: reserve_seats(event, "Stalls A 2"))
    clock.advance(timedelta(days=1) - timedelta(microseconds=1))
    assert refused(inventory.CompanionAlone, lambda: reserve_seats(event, "Stalls A 2"))
    clock.advance(timedelta(microseconds=1))
    assert names(reserve_seats(event, "Stalls A 2")) == ["Stalls A 2"]
    assert names(best(event, 1)) == ["Stalls A 1"]


def test_staff_sit_people_where_they_want(noon: datetime) -> None:
    """U17, U16: neither companions' places nor single gaps bind them."""
    event = seated_event({"Stalls": "wc sssss"})
    assert names(reserve_seats(event, "Stalls A 2", channel="box_office")) == ["Stalls A 2"]
    assert names(reserve_seats(event, "Stalls B 2", channel="box_office")) == ["Stalls B 2"]


def test_who_comes_along_sits_as_near_as_can_be(noon: datetime) -> None:
    """U17: companions first, then the nearest."""
    event = seated_event({"Stalls": "ssss wcss"})
    assert names(best(event, 4, accessible=True)) == ["Stalls B 1", "Stalls B 2", "Stalls A 1", "Stalls B 3"]


def test_an_event_may_allow_single_gaps(noon: datetime) -> None:
    """U16"""
    event = seated_event({"Stalls": "sssss"}, avoids_single_gaps=False)
    assert names(reserve_seats(event, "Stalls A 2", "Stalls A 3")) == ["Stalls A 2", "Stalls A 3"]


# --- Once more ------------------------------------------------------------------------------------


def late(noon: datetime, event: Event, *seats: str) -> Payment:
    """A payment for these seats whose booking nobody has ended, although its time is over."""
    payment = handed_over(reserve_seats(event, *seats))
    clock.advance(reservations.LONGEST)
    return payment


@pytest.mark.parametrize("ended", [True, False], ids=["expired", "lapsed"])
def test_late_money_gets_the_same_seats(noon: datetime, ended: bool) -> None:
    """R30"""
    event = seated_event()
    payment = late(noon, event, "Stalls C 5", "Stalls C 6")
    if ended:
        reservations.expire_due()
    booking = settle(payment)
    assert (booking.status, names(booking)) == ("confirmed", ["Stalls C 5", "Stalls C 6"])
    assert not Refund.objects.exists()
    assert list(violations()) == []


@pytest.mark.parametrize("taken", ["one of them", "both", "blocked", "held", "not ours"])
def test_late_money_for_seats_that_are_gone_goes_back_whole(noon: datetime, taken: str) -> None:
    """R30: never one seat of two, never others, although the house is empty."""
    event = seated_event()
    payment = late(noon, event, "Stalls C 5", "Stalls C 6")
    reservations.expire_due()
    one = [place_at(event, "Stalls C 5").pk]
    if taken == "blocked":
        inventory.block(place_ids=one)
    elif taken == "held":
        inventory.hold(place_ids=one, hold=hold_of(event))
    elif taken == "not ours":
        inventory.disown(place_ids=one)
    else:
        reserve_seats(event, *["Stalls C 5", "Stalls C 6"][: 1 if taken == "one of them" else 2], channel="box_office")
    booking = settle(payment)
    assert (booking.status, names(booking)) == ("expired", [])
    assert list(Refund.objects.values_list("amount", "reason")) == [(booking.total, "too_late")]
    assert list(violations()) == []


def test_late_money_finds_its_seats_in_another_version_and_at_another_level(noon: datetime) -> None:
    """R30, R23"""
    event = seated_event({"Stalls": "ss ss"})
    payment = late(noon, event, "Stalls B 1", "Stalls B 2")
    reservations.expire_due()
    plans.move(event_id=event.pk, plan_id=plan_of(event.venue, {"Stalls": "ss ss ss"}).pk)
    dear = PriceLevel.objects.create(event=event, name="Dear", places=0)
    inventory.paint(level=dear, place_ids=[place_at(event, "Stalls B 1").pk])
    booking = settle(payment)
    assert (booking.status, names(booking)) == ("confirmed", ["Stalls B 1", "Stalls B 2"])
    assert booking.total == payment.amount
    assert list(violations()) == []


def test_again_is_the_same_seats(noon: datetime) -> None:
    """U22"""
    event = seated_event()
    ended = reserve_seats(event, "Stalls C 5", "Stalls C 6")
    clock.advance(timedelta(minutes=16))
    again = renewals.reserve_again(booking_id=ended.pk, key="k" * 20).booking
    assert (again.status, names(again)) == ("pending", ["Stalls C 5", "Stalls C 6"])


def test_again_is_refused_by_name_when_somebody_has_one_of_the_seats(noon: datetime) -> None:
    """U22, U15"""
    event = seated_event()
    ended = reserve_seats(event, "Stalls C 5", "Stalls C 6")
    clock.advance(timedelta(minutes=16))
    reserve_seats(event, "Stalls C 6")
    again = lambda: renewals.reserve_again(booking_id=ended.pk, key="k" * 20)  # noqa: E731
    assert refused(inventory.SeatsTaken, again) == (
        "This seat isn't free any more: Stalls, row C, seat 6. Your other seats are still chosen."
    )


def test_another_choice_may_share_seats_with_the_earlier_one(noon: datetime) -> None:
    event = seated_event({"Stalls": "sss"})
    earlier = reserve_seats(event, "Stalls A 1", "Stalls A 2", channel="box_office")
    anew = reserve_seats(event, "Stalls A 2", "Stalls A 3", replacing=earlier.pk)
    earlier.refresh_from_db()
    assert (names(anew), earlier.status, anew.replaces) == (["Stalls A 2", "Stalls A 3"], "cancelled", earlier)
    assert EventSeat.objects.free().count() == 1
    assert list(violations()) == []


def test_a_refused_choice_leaves_the_earlier_one(noon: datetime) -> None:
    event = seated_event()
    reserve_seats(event, "Stalls B 1")
    earlier = reserve_seats(event, "Stalls A 1", "Stalls A 2")
    refused(inventory.SeatsTaken, lambda: reserve_seats(event, "Stalls A 1", "Stalls B 1", replacing=earlier.pk))
    assert names(earlier) == ["Stalls A 1", "Stalls A 2"]


def test_a_hold_is_sold_by_staff_seat_by_seat(noon: datetime) -> None:
    event = seated_event({"Stalls": "sss"})
    hold = hold_of(event)
    inventory.hold(place_ids=EventSeat.objects.values_list("pk", flat=True), hold=hold)
    assert refused(inventory.SeatsTaken, lambda: reserve_seats(event, "Stalls A 2"))
    booking = reserve_seats(event, "Stalls A 2", hold=hold, channel="box_office")
    assert names(booking) == ["Stalls A 2"]
    assert list(EventSeat.objects.order_by("pk").values_list("status", flat=True)) == ["held", "reserved", "held"]
    assert list(violations()) == []


# --- Both in one booking --------------------------------------------------------------------------


def test_chosen_seats_and_the_best_of_their_level_are_never_the_same(noon: datetime) -> None:
    event = seated_event({"Stalls": "ssss"})
    price = price_of(event, "Stalls").pk
    chosen = {place_at(event, f"Stalls A {number}").pk: price for number in (1, 2)}
    booking = reservations.reserve(event=event, quantities={price: 2}, seats=chosen, key="k" * 20)
    assert sorted(names(booking)) == [f"Stalls A {number}" for number in (1, 2, 3, 4)]
    more = lambda: reservations.reserve(event=event, quantities={price: 1}, key="l" * 20)  # noqa: E731
    assert refused(inventory.NotEnough, more) == "Stalls is sold out."


def test_the_best_of_a_section_are_of_that_section(noon: datetime) -> None:
    event = seated_event({"Left": "ss", "Right": "ss"})
    left, right = PriceLevel.objects.get(event=event, name="Left"), Section.objects.get(name="Right")
    inventory.paint(level=left, place_ids=EventSeat.objects.filter(section=right).values_list("pk", flat=True))
    assert names(best(event, 2, "Left", section=right.pk)) == ["Right A 1", "Right A 2"]


def test_the_best_of_a_section_are_refused_by_its_name(noon: datetime) -> None:
    """More may be left of the level elsewhere, and of other levels here."""
    event = seated_event({"Stalls left": "ss_s", "Circle": "ssss"})
    left = Section.objects.get(name="Stalls left").pk
    ask = lambda count, **taste: lambda: best(event, count, "Stalls left", section=left, **taste)  # noqa: E731
    assert refused(inventory.NotTogether, ask(3, together=Together.ROW)) == (
        "3 seats in Stalls left can't be had so near to each other any more. Allow them to be apart."
    )
    assert refused(inventory.NotEnough, ask(4)) == "Only 3 places are left in Stalls left."
    ask(2)()
    assert refused(inventory.NotEnough, ask(2)) == "Only 1 place is left in Stalls left."
    ask(1)()
    assert refused(inventory.NotEnough, ask(1)) == "Nothing at Stalls left is left in Stalls left."
    elsewhere = lambda: best(event, 1, "Circle", section=left)  # noqa: E731
    assert refused(inventory.NotEnough, elsewhere) == "Nothing at Circle is left in Stalls left."


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


@pytest.mark.parametrize("short", ["Stalls", "Floor"])
def test_a_booking_of_both_kinds_is_all_or_nothing(noon: datetime, short: str) -> None:
    event = seated_event({"Stalls": "ss"}, {"Floor": 2})
    wanted = {price_of(event, level).pk: 3 if level == short else 1 for level in ("Stalls", "Floor")}
    act = lambda: reservations.reserve(event=event, quantities=wanted, key="k" * 20)  # noqa: E731
    assert refused(inventory.NotEnough, act) == f"Only 2 places are left at {short}."


def statements(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def test_a_claim_of_many_seats_takes_as_many_statements_as_of_one(noon: datetime) -> None:
    event, long = seated_event({"Stalls": "s"}), seated_event({"Stalls": "ssssssss"})
    eight = [f"Stalls A {number}" for number in range(1, 9)]

    def chosen(event: Event, *wanted: str) -> int:
        seats = {place_at(event, name).pk: price_of(event, "Stalls").pk for name in wanted}
        key = codes.secret()
        return statements(lambda: reservations.reserve(event=event, quantities={}, seats=seats, key=key))

    assert chosen(event, "Stalls A 1") == chosen(long, *eight)
    one, many = seated_event({"Stalls": "s"}), seated_event({"Stalls": "ssssssss"})
    assert statements(lambda: best(one, 1)) == statements(lambda: best(many, 8))


# --- The plan of an event -------------------------------------------------------------------------


def hold_of(event: Event) -> Hold:
    return Hold.objects.create(event=event, kind="press", created_at=clock.now())


def places(event: Event) -> list[tuple]:
    """All that is said of each place, seat by seat."""
    rows = EventSeat.objects.filter(event=event).order_by("section__order", "seat__row_order", "seat__position", "pk")
    fields = ("section__name", "seat__row", "seat__number", "price_level__name", "status", "ownership", "cost")
    return list(rows.values_list(*fields))


def test_a_copy_has_the_seats_with_their_levels_blocks_and_costs_and_without_what_was_sold(noon: datetime) -> None:
    event = seated_event({"Stalls": "sssss"}, {"Floor": 2})
    dear = PriceLevel.objects.create(event=event, name="Dear", places=0)
    inventory.paint(level=dear, place_ids=[place_at(event, "Stalls A 5").pk])
    inventory.block(place_ids=[place_at(event, "Stalls A 4").pk])
    inventory.hold(place_ids=[place_at(event, "Stalls A 3").pk], hold=hold_of(event))
    inventory.own(place_ids=[place_at(event, "Stalls A 1").pk], cost=700)
    inventory.disown(place_ids=[place_at(event, "Stalls A 5").pk])
    reserve_seats(event, "Stalls A 1", "Stalls A 2")
    made = copying.copy(event_id=event.pk, title="Again", starts_at=event.starts_at + timedelta(days=1))
    assert places(made) == [
        ("Stalls", "A", "1", "Stalls", "available", "owned", 700),
        ("Stalls", "A", "2", "Stalls", "available", "owned", None),
        ("Stalls", "A", "3", "Stalls", "available", "owned", None),
        ("Stalls", "A", "4", "Stalls", "blocked", "owned", None),
        ("Stalls", "A", "5", "Dear", "available", "not_owned", None),
        ("Floor", None, None, "Floor", "available", "owned", None),
        ("Floor", None, None, "Floor", "available", "owned", None),
    ]
    assert made.plan_id == event.plan_id
    assert not EventSeat.objects.filter(event=made, was_claimed=True).exists()
    levels = PriceLevel.objects.filter(event=made).values_list("name", "places", "numbered")
    assert set(levels) == {("Stalls", 4, True), ("Dear", 1, True), ("Floor", 2, False)}
    assert list(violations()) == []


def moved(event: Event, sections: dict[str, str], standing: dict[str, int] | None = None) -> Event:
    version = plan_of(event.venue, sections, standing)
    return plans.move(event_id=event.pk, plan_id=version.pk)


def test_an_event_moves_to_another_version_with_all_that_was_sold_held_and_blocked(noon: datetime) -> None:
    """R23"""
    event = seated_event({"Stalls": "ssss"}, {"Floor": 3})
    booking = reserve_seats(event, "Stalls A 1", "Stalls A 2")
    inventory.block(place_ids=[place_at(event, "Stalls A 3").pk])
    inventory.hold(place_ids=[place_at(event, "Stalls A 4").pk], hold=hold_of(event))
    event = moved(event, {"Stalls": "ssssss s", "Balcony": "s"}, {"Floor": 2})
    assert [row[:5] for row in places(event)] == [
        ("Stalls", "A", "1", "Stalls", "reserved"),
        ("Stalls", "A", "2", "Stalls", "reserved"),
        ("Stalls", "A", "3", "Stalls", "blocked"),
        ("Stalls", "A", "4", "Stalls", "held"),
        ("Stalls", "A", "5", "Stalls", "available"),
        ("Stalls", "A", "6", "Stalls", "available"),
        ("Stalls", "B", "1", "Stalls", "available"),
        ("Balcony", "A", "1", "Stalls", "available"),
        ("Floor", None, None, "Floor", "available"),
        ("Floor", None, None, "Floor", "available"),
    ]
    assert names(booking) == ["Stalls A 1", "Stalls A 2"]
    assert set(EventSeat.objects.values_list("section__plan", flat=True)) == {event.plan_id}
    assert set(EventSeat.objects.exclude(seat=None).values_list("seat__section__plan", flat=True)) == {event.plan_id}
    assert list(violations()) == []


@pytest.mark.parametrize("why", ["reserved", "sold", "was sold", "held"])
def test_a_version_that_lacks_a_seat_in_use_is_refused_and_names_it(noon: datetime, why: str) -> None:
    """R23"""
    event = seated_event({"Stalls": "ss ss"})
    if why == "held":
        inventory.hold(place_ids=[place_at(event, "Stalls B 1").pk], hold=hold_of(event))
    else:
        booking = reserve_seats(event, "Stalls B 1", channel="box_office")
    if why == "sold":
        settle(handed_over(booking))
    if why == "was sold":
        reservations.give_up(booking_id=booking.pk)
    text = "The new plan lacks a seat that is held, or is or was on a ticket: Stalls, row B, seat 1."
    assert refused(inventory.SeatsInUse, lambda: moved(event, {"Stalls": "ss"})) == text
    event.refresh_from_db()
    assert event.plan.version == 1


def test_more_than_ten_seats_in_use_are_counted(noon: datetime) -> None:
    """R23"""
    event = seated_event({"Stalls": "s ssssssssssss"})
    inventory.hold(place_ids=EventSeat.objects.values_list("pk", flat=True), hold=hold_of(event))
    text = refused(inventory.SeatsInUse, lambda: moved(event, {"Stalls": "s"}))
    listed = ", ".join(f"Stalls, row B, seat {number}" for number in range(1, 11))
    assert text == f"The new plan lacks 12 seats that are held, or are or were on tickets: {listed} …."


def test_a_standing_section_that_a_version_lacks_ends_unless_somebody_stands_there(noon: datetime) -> None:
    """R23"""
    event = seated_event({"Stalls": "ss"}, {"Floor": 2})
    reservations.reserve(event=event, quantities={price_of(event, "Floor").pk: 1}, key="k" * 20)
    text = "The new plan lacks a seat that is held, or is or was on a ticket: Floor (standing)."
    assert refused(inventory.SeatsInUse, lambda: moved(event, {"Stalls": "ss"})) == text
    other = seated_event({"Stalls": "ss"}, {"Floor": 2})
    assert [row[0] for row in places(moved(other, {"Stalls": "ss"}))] == ["Stalls", "Stalls"]
    assert list(violations()) == []


def test_a_section_to_stand_in_that_gets_seats_is_another_level(noon: datetime) -> None:
    """R23: no level has both."""
    event = moved(seated_event({"Stalls": "ss"}, {"Floor": 2}), {"Stalls": "ss", "Floor": "s"})
    assert [row[:4] for row in places(event)] == [
        ("Stalls", "A", "1", "Stalls"),
        ("Stalls", "A", "2", "Stalls"),
        ("Floor", "A", "1", "Stalls"),
    ]
    standing = moved(seated_event({"Floor": "ss"}), {}, {"Floor": 2})
    assert [row[:4] for row in places(standing)] == [("Floor", None, None, "Floor, standing")] * 2
    assert list(violations()) == []


def test_an_event_that_moved_after_it_was_read_sells_seats_of_its_new_version(noon: datetime) -> None:
    """R23: whoever has the old page."""
    event = seated_event({"Stalls": "ssss"})
    moved(event, {"Stalls": "ssss s"})
    assert names(reserve_seats(event, "Stalls A 1", "Stalls A 2")) == ["Stalls A 1", "Stalls A 2"]
    stale = Event.objects.get(pk=event.pk)
    moved(event, {"Stalls": "ssss ss"})
    assert names(best(stale, 2)) == ["Stalls A 3", "Stalls A 4"]


def test_a_version_larger_than_the_venue_is_refused(noon: datetime) -> None:
    event = seated_event({"Stalls": "ss"}, venue=VenueFactory(capacity=3, name="Hall"))
    text = refused(inventory.TooManyPlaces, lambda: moved(event, {"Stalls": "ssss"}))
    assert text == "Hall holds 3 people, and the new plan has 4 places."


def test_a_draft_gives_its_plan_back_with_places_and_holds(noon: datetime) -> None:
    event = EventFactory()
    plans.use(event_id=event.pk, plan_id=plan_of(event.venue, {"Stalls": "ss"}, {"Floor": 2}).pk)
    inventory.hold(place_ids=EventSeat.objects.values_list("pk", flat=True), hold=hold_of(event))
    event = plans.drop(event_id=event.pk)
    assert (event.plan, EventSeat.objects.count(), Hold.objects.count()) == (None, 0, 0)
    assert set(event.price_levels.values_list("places", "numbered")) == {(0, False)}


def test_a_plan_whose_places_were_on_tickets_stays(noon: datetime) -> None:
    """R23"""
    event = seated_event({"Stalls": "ss"})
    reserve_seats(event, "Stalls A 1")
    text = refused(inventory.TooManyPlaces, lambda: inventory.unseat(event=event))
    assert text == "Places of this event are or were on tickets, so its plan has to stay."


def test_paint_moves_what_nobody_has_and_counts(noon: datetime) -> None:
    event = seated_event({"Stalls": "sssss"})
    reserve_seats(event, "Stalls A 1")
    inventory.block(place_ids=[place_at(event, "Stalls A 2").pk])
    inventory.hold(place_ids=[place_at(event, "Stalls A 3").pk], hold=hold_of(event))
    dear = PriceLevel.objects.create(event=event, name="Dear", places=0)
    other = place_at(seated_event({"Stalls": "s"}), "Stalls A 1")
    everything = [*EventSeat.objects.filter(event=event).order_by("pk").values_list("pk", flat=True), other.pk]
    assert inventory.paint(level=dear, place_ids=everything) == everything[1:5]
    assert inventory.paint(level=dear, place_ids=everything) == []
    levels = PriceLevel.objects.filter(event=event).values_list("name", "places", "numbered")
    assert list(levels) == [("Stalls", 1, True), ("Dear", 4, True)]
    assert [row[3:5] for row in places(event)] == [
        ("Stalls", "reserved"),
        ("Dear", "blocked"),
        ("Dear", "held"),
        ("Dear", "available"),
        ("Dear", "available"),
    ]
    assert list(violations()) == []


def test_seats_and_standing_places_share_no_level(noon: datetime) -> None:
    event = seated_event({"Stalls": "ss"}, {"Floor": 2})
    stalls, floor = (PriceLevel.objects.get(event=event, name=name) for name in ("Stalls", "Floor"))
    standing = list(EventSeat.objects.filter(seat=None).order_by("pk").values_list("pk", flat=True))
    seats = list(EventSeat.objects.exclude(seat=None).order_by("pk").values_list("pk", flat=True))
    text = "Seats and standing places can't share a price level: {} has the other kind."
    assert refused(inventory.Mixed, lambda: inventory.paint(level=stalls, place_ids=standing)) == text.format("Stalls")
    assert refused(inventory.Mixed, lambda: inventory.paint(level=floor, place_ids=seats)) == text.format("Floor")
    new = PriceLevel.objects.create(event=event, name="New", places=0)
    both = seats[:1] + standing[:1]
    assert refused(inventory.Mixed, lambda: inventory.paint(level=new, place_ids=both)) == text.format("New")
    assert inventory.paint(level=new, place_ids=standing) == standing
    assert inventory.paint(level=floor, place_ids=seats) == seats
