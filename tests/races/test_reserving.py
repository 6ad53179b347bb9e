"""Many want what few can have."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from bookings.models import Booking, Ticket
from bookings.services import reservations
from core import clock, codes, idempotency
from events.models import Event, EventSeat, EventSeatQuerySet, Price
from events.services.inventory import claiming
from tests.factories import event_on_sale, price_of, reserve, with_details
from tests.races.harness import (
    AT_ONCE,
    Act,
    Halted,
    Started,
    answer,
    broken,
    race,
    sqlstates,
    told,
    until,
    waiting_for_a_lock,
    without_constraint,
    without_row_locks,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

LOCKING = 'FOR NO KEY UPDATE OF "events_eventseat"'
LOOKING = LOCKING + " SKIP LOCKED"
BOOKING = 'INSERT INTO "bookings_booking"'
CLAIMING = 'UPDATE "events_eventseat"'


def buyers(event: Event, *quantities: int) -> list[Act]:
    """One client for each quantity, each with a form of its own."""
    price = Price.objects.get(price_level__event=event)

    def buyer(quantity: int) -> Act:
        return lambda: reserve(event, quantity, price=price)

    return [buyer(quantity) for quantity in quantities]


def buyer_of(event: Event, choice: dict[int, int]) -> Act:
    """A client with a choice."""
    return lambda: reservations.reserve(event=event, quantities=choice, key=codes.secret())


def free(event: Event) -> int:
    """How many places are left."""
    return EventSeat.objects.filter(event=event).free().count()


def test_of_two_hundred_buyers_of_one_place_one_gets_it_and_the_others_are_told_so() -> None:
    """R15"""
    event = event_on_sale(levels={"Standing": 1})
    answers = race(buyers(event, *[1] * 200))
    assert told(answers) == {"Booking": 1, "NotEnough": 199}
    assert Booking.objects.count() == Ticket.objects.count() == 1
    assert broken() == set()


def test_without_locks_the_database_alone_refuses_and_buyers_see_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """R15, R18: the twin without locks. One place is still sold once, but the other answers are faults."""
    without_row_locks(monkeypatch)
    event = event_on_sale(levels={"Standing": 1})
    answers = race(buyers(event, *[1] * AT_ONCE), meet_before=CLAIMING)
    assert told(answers) == {"Booking": 1, "IntegrityError": AT_ONCE - 1}
    assert {each.__cause__.diag.constraint_name for each in answers if not isinstance(each, Booking)} == {
        "one_live_ticket_per_place"
    }


def test_without_locks_and_constraint_a_place_is_sold_to_all_and_the_checker_sees_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R15, R18: the twin without locks and without the constraint."""
    without_row_locks(monkeypatch)
    event = event_on_sale(levels={"Standing": 1})
    with without_constraint(Ticket, "one_live_ticket_per_place"):
        answers = race(buyers(event, *[1] * AT_ONCE), meet_before=CLAIMING)
        assert told(answers) == {"Booking": AT_ONCE}
        assert "R1" in broken()


def test_five_hundred_buyers_share_the_last_ten_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """R16"""
    event = event_on_sale(levels={"Standing": 10})
    wanted = [1 + number * 7 % 4 for number in range(500)]
    answers = race(buyers(event, *wanted))
    sold = [(each.quantity, each.live_tickets().count()) for each in answers if isinstance(each, Booking)]
    refused = [quantity for quantity, each in zip(wanted, answers, strict=True) if not isinstance(each, Booking)]
    assert told(answers) == {"Booking": len(sold), "NotEnough": len(refused)}
    assert all(booked == tickets for booked, tickets in sold)
    assert sum(booked for booked, _tickets in sold) == 10 - free(event)
    assert min(refused) > free(event)
    assert broken() == set()


def test_without_locks_and_constraint_more_is_sold_than_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """R16, R18: the twin without locks and without the constraint."""
    without_row_locks(monkeypatch)
    event = event_on_sale(levels={"Standing": 10})
    with without_constraint(Ticket, "one_live_ticket_per_place"):
        answers = race(buyers(event, *[4] * AT_ONCE), meet_before=CLAIMING)
        assert sum(each.quantity for each in answers) == 4 * AT_ONCE > 10
        assert "R1" in broken()


def one_of_each(event: Event) -> Act:
    """A client who wants one place of each price level."""
    prices = Price.objects.filter(price_level__event=event).values_list("pk", flat=True)
    return buyer_of(event, dict.fromkeys(prices, 1))


def one_of(event: Event, level: str = "Standing") -> Act:
    """A client who wants one place of a price level."""
    price = price_of(event, level)
    return lambda: reserve(event, 1, price=price)


def test_who_asks_while_another_looks_in_vain_gets_the_place() -> None:
    """R16: nobody is refused because of a place that is locked and then let go."""
    event = event_on_sale(levels={"Front": 1, "Standing": 1})
    one_of(event)()
    looks_in_vain = Halted(one_of_each(event), before=LOOKING, nth=2)
    asks = Started(one_of(event, "Front"))
    until(waiting_for_a_lock)
    answers = [looks_in_vain.go_on(), asks.end()]
    assert told(answers) == {"NotEnough": 1, "Booking": 1}
    assert broken() == set()


def test_who_only_passes_by_what_is_locked_is_refused_a_place_that_stays_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """R16, R18: the twin that never waits."""
    in_turn = EventSeatQuerySet.in_turn
    monkeypatch.setattr(EventSeatQuerySet, "in_turn", lambda places, **_options: in_turn(places, skip_locked=True))
    event = event_on_sale(levels={"Front": 1, "Standing": 1})
    one_of(event)()
    looks_in_vain = Halted(one_of_each(event), before=LOOKING, nth=2)
    asks = answer(one_of(event, "Front"))
    assert "Booking" not in told([looks_in_vain.go_on(), asks])
    assert free(event) == 1


def test_a_place_given_back_while_a_buyer_waits_for_another_is_sold_to_that_buyer() -> None:
    """R16: a refusal is true at the moment when it is said."""
    event = event_on_sale(levels={"Standing": 2})
    first = one_of(event)()
    second = Halted(one_of(event), before=BOOKING)
    third = Started(one_of(event))
    until(waiting_for_a_lock)
    reservations.give_up(booking_id=first.pk)
    answers = [second.go_on(), third.end()]
    assert told(answers) == {"Booking": 2}
    assert free(event) == 0


def test_a_lapsed_place_that_another_buyer_frees_is_no_reason_to_refuse(noon: datetime) -> None:
    """R13: who looks for free places, and then for lapsed ones, doesn't overlook what went from one to the other."""
    event = event_on_sale(levels={"Standing": 2})
    reserve(event, 2)
    clock.advance(timedelta(minutes=16))
    overlooks = Halted(one_of(event), before='"reserved_until" <')
    assert answer(one_of(event)).status == "pending"
    assert overlooks.go_on().status == "pending"
    assert free(event) == 0


def test_lapsed_places_are_sold_to_as_many_buyers_at_once_with_no_worker_running(noon: datetime) -> None:
    """R13"""
    event = event_on_sale(levels={"Standing": AT_ONCE})
    lapsed = [reserve(event, 2) for _booking in range(AT_ONCE // 2)]
    clock.advance(timedelta(minutes=16))
    answers = race(buyers(event, *[1] * AT_ONCE))
    assert told(answers) == {"Booking": AT_ONCE}
    assert set(Booking.objects.filter(pk__in=[each.pk for each in lapsed]).values_list("status", flat=True)) == {
        "expired"
    }
    assert broken() == set()


def test_who_overlooks_lapsed_places_refuses_what_could_be_sold(
    noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R13, R18: the twin that leaves lapsed reservations to a worker."""
    event = event_on_sale(levels={"Standing": AT_ONCE})
    race(buyers(event, *[2] * (AT_ONCE // 2)))
    clock.advance(timedelta(minutes=16))
    monkeypatch.setattr(EventSeatQuerySet, "lapsed", lambda places, now: places.none())
    assert told(race(buyers(event, *[1] * AT_ONCE))) == {"NotEnough": AT_ONCE}


def seen_and_kept(answers: list[Booking]) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    """The bookings that clients were shown, and those that the database has."""
    seen = {(each.code, each.quantity) for each in answers if isinstance(each, Booking)}
    return seen, set(Booking.objects.values_list("code", "quantity"))


def test_every_booking_that_a_client_saw_is_in_the_database_and_no_other() -> None:
    """R14"""
    event = event_on_sale(levels={"Standing": 40})
    seen, kept = seen_and_kept(race(buyers(event, *[1 + number % 3 for number in range(64)])))
    assert seen == kept != set()


def test_a_booking_that_is_shown_before_it_is_kept_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """R14, R18: the twin that answers first and loses the transaction then."""

    def shown_and_lost(**asked: Any) -> Booking:
        with transaction.atomic():
            booking = reserve_for_good(**asked)
            transaction.set_rollback(True)
            return booking

    reserve_for_good = reservations._reserve.__wrapped__
    monkeypatch.setattr(reservations, "_reserve", shown_and_lost)
    event = event_on_sale(levels={"Standing": 40})
    seen, kept = seen_and_kept(race(buyers(event, *[1] * 8)))
    assert (len(seen), len(kept)) == (8, 0)


def opposite_orders() -> tuple[Event, list[dict[int, int]]]:
    """Two levels of one place, and two choices of both in opposite order."""
    event = event_on_sale(levels={"Front": 1, "Standing": 1})
    front, standing = price_of(event, "Front").pk, price_of(event, "Standing").pk
    return event, [{front: 1, standing: 1}, {standing: 1, front: 1}]


def nobody_passes_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody wait for what is locked from the start: only so could two lock each other out."""
    passing_by = reservations._reserve
    monkeypatch.setattr(reservations, "_reserve", lambda **asked: passing_by(**asked | {"wait": True}))


def test_places_asked_for_in_opposite_order_are_never_half_booked_nor_deadlocked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R17: a thousand times, and no deadlock is hidden by trying again."""
    hidden = sqlstates(monkeypatch)
    nobody_passes_by(monkeypatch)
    event, choices = opposite_orders()

    def client(choice: dict[int, int]) -> Act:
        buy = buyer_of(event, choice)
        return lambda: reservations.give_up(booking_id=buy().pk)

    answers = race([client(choice) for choice in choices * 500])
    bought = sum(isinstance(each, Booking) for each in answers)
    assert told(answers) == {"Booking": bought, "NotEnough": 1_000 - bought}
    assert {each.tickets.count() for each in Booking.objects.all()} == {2}
    assert free(event) == 2
    assert hidden == []
    assert broken() == set()


def test_without_an_order_of_locks_opposite_orders_deadlock(monkeypatch: pytest.MonkeyPatch) -> None:
    """R17, R18: the twin that locks in the order in which it was asked."""
    hidden = sqlstates(monkeypatch)
    nobody_passes_by(monkeypatch)
    monkeypatch.setattr(claiming, "sorted", lambda levels, key: list(levels), raising=False)
    event, choices = opposite_orders()
    answers = race([buyer_of(event, choice) for choice in choices], meet_before=LOCKING, nth=2)
    assert told(answers) == {"Booking": 1, "NotEnough": 1}
    assert set(hidden) == {"40P01"}


def test_a_form_sent_ten_times_at_once_leads_ten_times_to_one_booking() -> None:
    """R20"""
    event = event_on_sale(levels={"Standing": 10})
    answers = race([lambda: reserve(event, 2, key="one form")] * 10)
    assert told(answers) == {"Booking": 10}
    assert {each.pk for each in answers} == {Booking.objects.get().pk}
    assert free(event) == 8
    assert broken() == set()


def test_forms_that_nobody_remembers_lead_to_a_booking_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """R20, R18: the twin that forgets."""
    monkeypatch.setattr(idempotency, "remember", lambda *call, result: None)
    event = event_on_sale(levels={"Standing": 20})
    answers = race([lambda: reserve(event, 2, key="one form")] * 10)
    assert len({each.pk for each in answers}) == Booking.objects.count() == 10


def two_bodies(event: Event) -> list[Act]:
    """Ten requests with one key: five want one place, five want two."""
    return [lambda: reserve(event, 1, key="one form"), lambda: reserve(event, 2, key="one form")] * 5


def test_of_two_choices_under_one_key_one_is_booked_and_the_other_refused() -> None:
    """R21"""
    event = event_on_sale(levels={"Standing": 10})
    answers = race(two_bodies(event))
    booking = Booking.objects.get()
    same, other = answers[booking.quantity - 1 :: 2], answers[2 - booking.quantity :: 2]
    assert ({each.pk for each in same}, told(other)) == ({booking.pk}, {"KeyReused": 5})
    assert free(event) == 10 - booking.quantity
    assert broken() == set()


def test_keys_that_are_not_bound_to_a_body_answer_with_another_booking(monkeypatch: pytest.MonkeyPatch) -> None:
    """R21, R18: the twin that looks at the key alone."""
    remember = idempotency.remember
    monkeypatch.setattr(
        idempotency, "remember", lambda scope, key, body, result: remember(scope, key, None, result=result)
    )
    answers = race(two_bodies(event_on_sale(levels={"Standing": 10})))
    wrong = [each for number, each in enumerate(answers) if each.quantity != 1 + number % 2]
    assert len(wrong) == 5


def limited_people(event: Event) -> list[Act]:
    """Ten reservations of one person, who was here before, and whose details are given at once."""
    reservations.give_up(booking_id=with_details(reserve(event, 1)).pk)
    reserved = [reserve(event, 2) for _booking in range(10)]
    return [lambda booking=booking: with_details(booking) for booking in reserved]


def test_ten_forms_of_one_person_at_once_keep_to_the_limit_per_person() -> None:
    """R9"""
    event = event_on_sale(levels={"Standing": 20}, max_per_customer=4)
    assert told(race(limited_people(event))) == {"Booking": 2, "OverLimit": 8}
    assert broken() == set()


def test_without_a_row_to_lock_a_person_exceeds_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """R9, R18: the twin without locks."""
    without_row_locks(monkeypatch)
    event = event_on_sale(levels={"Standing": 20}, max_per_customer=4)
    assert told(race(limited_people(event), meet_before='UPDATE "bookings_booking"')) == {"Booking": 10}
    assert broken() == {"R9"}
