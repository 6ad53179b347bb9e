"""Many want the same numbered seats, or the best; and the house changes meanwhile."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bookings.models import Booking, Payment, Ticket
from bookings.services import cancellations, reservations
from core import clock, codes, idempotency
from core.transactions import outermost
from events.best_available import Best, Step, Together
from events.models import Event, EventSeat, EventSeatQuerySet, Hold, Price, PriceLevel
from events.services import inventory, plans
from events.services.inventory import claiming, seating
from events.services.inventory.wishes import Wanted
from tests.factories import handed_over, place_at, plan_of, price_of, reserve_seats, seated_event, settle
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
from tests.races.test_reserving import CLAIMING, LOCKING, LOOKING, free, nobody_passes_by

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

PAIR = {"Stalls": "ss"}


def chooser(event: Event, *names: str, key: str | None = None, replacing: int | None = None) -> Act:
    """A client who wants these seats, and no others."""
    places = [place_at(event, name) for name in names]
    wanted = {place.pk: price_of(event, place.price_level.name).pk for place in places}
    return lambda: reservations.reserve(
        event=event, quantities={}, seats=wanted, key=key or codes.secret(), replacing=replacing
    )


def best_of(event: Event, count: int, level: str = "Stalls", *, replacing: int | None = None, **taste: Any) -> Act:
    """A client who wants the best seats of a level."""
    price = price_of(event, level).pk
    return lambda: reservations.reserve(
        event=event,
        quantities={price: count},
        taste=inventory.Taste(**taste),
        key=codes.secret(),
        replacing=replacing,
    )


def seats_of(booking: Booking) -> list[str]:
    """What a booking has, for short."""
    places = EventSeat.objects.filter(tickets__in=booking.live_tickets()).named().order_by("pk")
    return [f"{each.section.name} {each.seat.row} {each.seat.number}" for each in places if each.section and each.seat]


def sold_apart(answers: list[Any]) -> bool:
    """Whether no two bookings share a seat."""
    seats = [seat for each in answers if isinstance(each, Booking) for seat in seats_of(each)]
    return len(seats) == len(set(seats))


# --- Chosen seats ---------------------------------------------------------------------------------


def test_of_two_hundred_buyers_of_one_seat_one_gets_it_and_the_others_are_told_which_is_taken() -> None:
    """R15"""
    event = seated_event({"Stalls": "s"})
    answers = race([chooser(event, "Stalls A 1")] * 200)
    assert told(answers) == {"Booking": 1, "SeatsTaken": 199}
    refusals = {str(each) for each in answers if not isinstance(each, Booking)}
    assert refusals == {"This seat isn't free any more: Stalls, row A, seat 1."}
    assert Booking.objects.count() == Ticket.objects.count() == 1
    assert broken() == set()


def test_without_locks_the_database_alone_refuses_a_seat_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """R15, R18: the twin without locks."""
    without_row_locks(monkeypatch)
    event = seated_event({"Stalls": "s"})
    answers = race([chooser(event, "Stalls A 1")] * AT_ONCE, meet_before=CLAIMING)
    assert told(answers) == {"Booking": 1, "IntegrityError": AT_ONCE - 1}


def test_without_locks_and_constraint_a_seat_is_sold_to_all_and_the_checker_sees_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R15, R18: the twin without locks and without the constraint."""
    without_row_locks(monkeypatch)
    event = seated_event({"Stalls": "s"})
    with without_constraint(Ticket, "one_live_ticket_per_place"):
        assert told(race([chooser(event, "Stalls A 1")] * AT_ONCE, meet_before=CLAIMING)) == {"Booking": AT_ONCE}
        assert "R1" in broken()


def test_seats_asked_for_in_opposite_order_are_never_half_booked_nor_deadlocked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R17: a thousand times, and no deadlock is hidden by trying again."""
    hidden = sqlstates(monkeypatch)
    event = seated_event(PAIR)

    def client(*names: str) -> Act:
        buy = chooser(event, *names)
        return lambda: reservations.give_up(booking_id=buy().pk)

    answers = race([client("Stalls A 1", "Stalls A 2"), client("Stalls A 2", "Stalls A 1")] * 500)
    bought = sum(isinstance(each, Booking) for each in answers)
    assert told(answers) == {"Booking": bought, "SeatsTaken": 1_000 - bought}
    assert {each.tickets.count() for each in Booking.objects.all()} == {2}
    assert (free(event), hidden) == (2, [])
    assert broken() == set()


def test_seats_locked_in_the_order_in_which_they_are_asked_for_deadlock(monkeypatch: pytest.MonkeyPatch) -> None:
    """R17, R18: the twin that locks each seat by itself, as asked."""
    hidden = sqlstates(monkeypatch)
    in_order = claiming._lock_chosen

    def as_asked(event: Event, wanted: Wanted) -> None:
        for pk in wanted.seats:
            list(EventSeat.objects.filter(pk=pk).in_turn())
        in_order(event, wanted)

    monkeypatch.setattr(claiming, "_lock_chosen", as_asked)
    event = seated_event(PAIR)
    both = [chooser(event, "Stalls A 1", "Stalls A 2"), chooser(event, "Stalls A 2", "Stalls A 1")]
    assert told(race(both, meet_before=LOCKING, nth=2)) == {"Booking": 1, "SeatsTaken": 1}
    assert set(hidden) == {"40P01"}


def test_a_form_with_seats_sent_ten_times_at_once_leads_ten_times_to_one_booking() -> None:
    """R20"""
    event = seated_event()
    answers = race([chooser(event, "Stalls A 1", "Stalls A 2", key="one form")] * 10)
    assert told(answers) == {"Booking": 10}
    assert {each.pk for each in answers} == {Booking.objects.get().pk}
    assert free(event) == 16
    assert broken() == set()


def test_a_form_with_seats_that_nobody_remembers_competes_with_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """R20, R18: the twin that forgets."""
    monkeypatch.setattr(idempotency, "remember", lambda *call, result: None)
    answers = race([chooser(seated_event(), "Stalls A 1", "Stalls A 2", key="one form")] * 10)
    assert told(answers) == {"Booking": 1, "SeatsTaken": 9}


# --- The best available ---------------------------------------------------------------------------


def test_two_who_want_the_best_at_once_get_other_seats() -> None:
    """Both had chosen the same ones."""
    event = seated_event()
    answers = race([best_of(event, 2)] * 2, meet_before=LOOKING)
    assert told(answers) == {"Booking": 2}
    assert sold_apart(answers)
    assert broken() == set()


def test_who_does_not_look_again_at_the_best_is_sold_the_same_seats(monkeypatch: pytest.MonkeyPatch) -> None:
    """R18: the twin that takes its first look for the truth."""
    monkeypatch.setattr(seating, "lock_or_leave", lambda level, place_ids: set())
    event = seated_event()
    with without_constraint(Ticket, "one_live_ticket_per_place"):
        answers = race([best_of(event, 2)] * 2, meet_before=CLAIMING)
        assert told(answers) == {"Booking": 2}
        assert not sold_apart(answers)
        assert "R1" in broken()


def promised(monkeypatch: pytest.MonkeyPatch) -> dict[int, Best]:
    """What the cascade said of each place that was claimed, whoever claimed it."""
    found: dict[int, Best] = {}
    claim = inventory.claim

    def noted(**asked: Any) -> inventory.Claim:
        claimed = claim(**asked)
        found.update({place: best for best in claimed.best.values() for place in best.places})
        return claimed

    monkeypatch.setattr(inventory, "claim", noted)
    return found


def is_one_row_of_neighbours(booking: Booking) -> bool:
    seats = EventSeat.objects.filter(tickets__in=booking.live_tickets())
    at = sorted(seats.values_list("section", "seat__row_order", "seat__position"))
    return at == [(*at[0][:2], at[0][2] + number) for number in range(len(at))]


def test_a_whole_house_is_sold_to_a_crowd_that_wants_the_best_and_nobody_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R16: as many seats as are wanted; who was promised neighbours has them."""
    promises, hidden = promised(monkeypatch), sqlstates(monkeypatch)
    event = seated_event({"Stalls": " ".join(["ssssssssssss"] * 8)})
    answers = race([best_of(event, 2 + 2 * (number % 2), seed=str(number)) for number in range(AT_ONCE)])
    assert told(answers) == {"Booking": AT_ONCE}
    assert (free(event), sold_apart(answers), hidden) == (0, True, [])
    together = [each for each in answers if promises[each.tickets.first().event_seat_id].step != Step.GROUPS]
    together = [each for each in together if promises[each.tickets.first().event_seat_id].step != Step.TWO_ROWS]
    assert all(is_one_row_of_neighbours(each) for each in together)
    assert len(together) > AT_ONCE // 2
    assert broken() == set()


def test_thirty_who_want_the_best_three_together_are_refused_only_when_no_row_has_three() -> None:
    """R16: a refusal is true at the end."""
    event = seated_event({"Stalls": " ".join(["ssss_ssss"] * 5)}, avoids_single_gaps=False)
    answers = race([best_of(event, 3, together=Together.ROW)] * 30)
    assert told(answers) == {"Booking": 10, "NotTogether": 20}
    assert all(is_one_row_of_neighbours(each) for each in answers if isinstance(each, Booking))
    assert broken() == set()


def last_pair(event: Event) -> tuple[Halted, Act]:
    """Somebody who has the last two seats locked, and will be refused for want of a place to stand; and another."""
    prices = {price_of(event, "Stalls").pk: 2, price_of(event, "Floor").pk: 1}
    looks = Halted(
        lambda: reservations.reserve(event=event, quantities=prices, key=codes.secret()), before=LOOKING, nth=2
    )
    return looks, best_of(event, 2)


def sold_out_floor() -> Event:
    event = seated_event(PAIR, {"Floor": 1})
    reservations.reserve(event=event, quantities={price_of(event, "Floor").pk: 1}, key=codes.secret())
    return event


def test_who_wants_the_last_seats_waits_for_who_looks_in_vain() -> None:
    """R16: nobody is refused because of seats that are locked and then let go."""
    event = sold_out_floor()
    looks_in_vain, buy = last_pair(event)
    waits = Started(buy)
    until(waiting_for_a_lock)
    answers = [looks_in_vain.go_on(), waits.end()]
    assert told(answers) == {"NotEnough": 1, "Booking": 1}
    assert broken() == set()


def test_who_does_not_wait_for_the_last_seats_is_turned_away_although_they_stay_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R16, R18: the twin that looks again and again."""
    monkeypatch.setattr(seating, "wait_for", lambda place_ids: None)
    event = sold_out_floor()
    looks_in_vain, buy = last_pair(event)
    assert told([answer(buy), looks_in_vain.go_on()]) == {"Busy": 1, "NotEnough": 1}
    assert free(event) == 2


def crossing() -> tuple[Event, Callable[[], list[Any]]]:
    """One has a seat at Stalls and wants the best at Balcony; another has that one and wants the seat at Stalls."""
    event = seated_event({"Balcony": "s", "Stalls": "s"})
    balcony, stalls = (price_of(event, level).pk for level in ("Balcony", "Stalls"))
    mixed = {place_at(event, "Stalls A 1").pk: stalls}

    def cross() -> list[Any]:
        has_stalls = Halted(
            lambda: reservations.reserve(event=event, quantities={balcony: 1}, seats=mixed, key=codes.secret()),
            before=LOOKING,
        )
        has_balcony = Started(chooser(event, "Balcony A 1", "Stalls A 1"))
        until(waiting_for_a_lock)
        return [has_stalls.go_on(), has_balcony.end()]

    return event, cross


def test_nobody_who_waits_for_the_best_holds_what_another_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """R17: chosen seats and the best of another level, in one booking."""
    hidden = sqlstates(monkeypatch)
    nobody_passes_by(monkeypatch)
    event, cross = crossing()
    assert told(cross()) == {"SeatsTaken": 1, "Booking": 1}
    assert (free(event), hidden) == (0, [])
    assert broken() == set()


def test_who_holds_seats_while_waiting_for_the_best_deadlocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """R17, R18: the twin that doesn't let go before it waits."""
    hidden = sqlstates(monkeypatch)
    nobody_passes_by(monkeypatch)
    keeping = SimpleNamespace(savepoint_create=lambda: None, savepoint_commit=id, savepoint_rollback=id)
    monkeypatch.setattr(claiming, "transaction", keeping)
    _event, cross = crossing()
    assert told(cross()) == {"SeatsTaken": 1, "Booking": 1}
    assert set(hidden) == {"40P01"}


def test_some_choose_their_seats_while_others_want_the_best() -> None:
    """Whoever wants the best gets some, as there are enough for everybody; whoever doesn't is told what is taken."""
    event = seated_event({"Stalls": " ".join(["ssssssss"] * 8)}, avoids_single_gaps=False)
    pairs = [(f"Stalls {row} {number}", f"Stalls {row} {number + 1}") for row in "ABCD" for number in (1, 3, 5, 7)]
    answers = race([act for pair in pairs for act in (chooser(event, *pair), best_of(event, 2))])
    assert told(answers[1::2]) == {"Booking": 16}
    assert set(told(answers[::2])) <= {"Booking", "SeatsTaken"}
    assert sold_apart(answers)
    taken = {place for each in answers if isinstance(each, inventory.SeatsTaken) for place in each.place_ids}
    assert EventSeat.objects.filter(pk__in=taken).exclude(status="reserved").count() == 0
    assert broken() == set()


def test_chosen_seats_and_the_best_of_the_same_level_are_never_the_same() -> None:
    """In one booking."""
    event = seated_event({"Stalls": "ssss"})
    price = price_of(event, "Stalls").pk
    chosen = {place_at(event, f"Stalls A {number}").pk: price for number in (1, 2)}
    booking = reservations.reserve(event=event, quantities={price: 2}, seats=chosen, key=codes.secret())
    assert len(set(seats_of(booking))) == 4


# --- Time is over ---------------------------------------------------------------------------------


def lapsed_house(customers: int) -> Event:
    """A house of which every seat belongs to a reservation whose time is over, and that nobody has ended."""
    event = seated_event({"Stalls": " ".join(["ssssssss"] * (customers // 2))}, avoids_single_gaps=False)
    for _customer in range(customers):
        best_of(event, 4)()
    clock.advance(timedelta(minutes=16))
    return event


def test_lapsed_seats_are_sold_to_as_many_who_want_the_best_with_no_worker_running(noon: datetime) -> None:
    """R13: and nobody is told that we are busy."""
    event = lapsed_house(AT_ONCE // 2)
    answers = race([best_of(event, 2)] * AT_ONCE)
    assert told(answers) == {"Booking": AT_ONCE}
    assert sold_apart(answers)
    assert broken() == set()


def test_who_overlooks_lapsed_seats_refuses_what_could_be_sold(noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R13, R18: the twin that sees no lapsed seats."""
    event = lapsed_house(2)
    monkeypatch.setattr(EventSeatQuerySet, "lapsed", lambda places, now: places.none())
    assert told(race([best_of(event, 2)] * 4)) == {"NotEnough": 4}


def test_of_many_who_choose_a_lapsed_seat_one_gets_it(noon: datetime) -> None:
    """R13, R15"""
    event = seated_event({"Stalls": "s"})
    first = chooser(event, "Stalls A 1")()
    clock.advance(timedelta(minutes=16))
    answers = race([chooser(event, "Stalls A 1")] * AT_ONCE)
    assert told(answers) == {"Booking": 1, "SeatsTaken": AT_ONCE - 1}
    first.refresh_from_db()
    assert first.status == "expired"
    assert broken() == set()


def expired_pair() -> list[Payment]:
    """Two who had the same seat one after the other, and were both too slow."""
    event = seated_event({"Stalls": "s"})
    pair = []
    for _customer in range(2):
        pair.append(handed_over(reserve_seats(event, "Stalls A 1")))
        clock.advance(reservations.LONGEST)
    reservations.expire_due()
    return pair


def news(payment: Payment) -> Act:
    return lambda: settle(payment)


def ends(pair: list[Payment]) -> list[tuple[str, str | None]]:
    rows = Payment.objects.filter(pk__in=[each.pk for each in pair])
    return sorted(rows.values_list("booking__status", "refunds__reason"), key=str)


def test_of_two_who_pay_late_for_one_seat_one_gets_it_and_the_other_the_money(noon: datetime) -> None:
    """R19: ten pairs at once."""
    pairs = [expired_pair() for _pair in range(10)]
    assert told(race([news(payment) for pair in pairs for payment in pair])) == {"Booking": 20}
    assert [ends(pair) for pair in pairs] == [[("confirmed", None), ("expired", "too_late")]] * 10
    assert broken() == set()


def test_without_locks_late_money_for_a_seat_is_neither_kept_nor_given_back(
    noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R19, R18: the twin without locks."""
    without_row_locks(monkeypatch)
    pair = expired_pair()
    assert told(race([news(payment) for payment in pair], meet_before=CLAIMING)) == {"Booking": 1, "IntegrityError": 1}
    assert ends(pair) == [("confirmed", None), ("expired", None)]


def test_a_seat_cancelled_ten_times_at_once_comes_back_once() -> None:
    """R25: and whoever has it next keeps it."""
    event = seated_event({"Stalls": "s"})
    booking = settle(handed_over(reserve_seats(event, "Stalls A 1")))
    cancel = [lambda: cancellations.cancel(booking_id=booking.pk, reason="as they wish")] * 10
    answers = race([*cancel, *[chooser(event, "Stalls A 1")] * 10])
    assert told(answers[:10]) == {"Booking": 10}
    assert set(told(answers[10:])) <= {"Booking", "SeatsTaken"}
    assert sum(isinstance(each, Booking) for each in answers[10:]) == 1 - free(event)
    assert broken() == set()


def test_without_locks_a_seat_given_back_twice_is_taken_from_who_has_it_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """R25, R18: the twin without locks: the checker sees it."""
    without_row_locks(monkeypatch)
    event = seated_event({"Stalls": "s"})
    booking = reserve_seats(event, "Stalls A 1")

    def cancel() -> Booking:
        return cancellations.cancel(booking_id=booking.pk, reason="as they wish")

    again = Halted(cancel, before='UPDATE "events_eventseat"')
    cancel()
    chooser(event, "Stalls A 1")()
    again.go_on()
    assert broken() == {"R4", "R7"}


# --- Another choice -------------------------------------------------------------------------------


def test_ten_tabs_that_choose_other_seats_leave_one_reservation() -> None:
    """R22: each takes the place of the one before."""
    event = seated_event({"Stalls": "ssssssssss"}, avoids_single_gaps=False)
    earlier = reserve_seats(event, "Stalls A 1")
    answers = race([chooser(event, f"Stalls A {number}", replacing=earlier.pk) for number in range(1, 11)])
    assert told(answers) == {"Booking": 10}
    (left,) = Booking.objects.filter(status="pending")
    assert (len(seats_of(left)), free(event)) == (1, 9)
    assert broken() == set()


def test_tabs_that_take_no_notice_of_each_other_keep_a_seat_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """R22, R18: the twin that looks at the reservation it knows."""
    monkeypatch.setattr(reservations, "_replaced_by", lambda booking: None)
    event = seated_event({"Stalls": "ssssssssss"}, avoids_single_gaps=False)
    earlier = reserve_seats(event, "Stalls A 1")
    race([chooser(event, f"Stalls A {number}", replacing=earlier.pk) for number in range(2, 11)])
    assert free(event) == 1


def test_in_a_full_house_everybody_can_choose_the_best_anew_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """R13, R17: nobody competes with an earlier choice of one's own."""
    hidden = sqlstates(monkeypatch)
    event = seated_event({"Stalls": " ".join(["ssssssss"] * 8)}, avoids_single_gaps=False)
    earlier = [best_of(event, 2)() for _customer in range(AT_ONCE)]
    answers = race([best_of(event, 2, replacing=each.pk) for each in earlier])
    assert told(answers) == {"Booking": AT_ONCE}
    assert (free(event), sold_apart(answers), hidden) == (0, True, [])
    assert broken() == set()


# --- The house changes meanwhile ------------------------------------------------------------------


def hold_of(event: Event) -> Hold:
    return Hold.objects.create(event=event, kind="press", created_at=clock.now())


def changes(event: Event, place_ids: Collection[int]) -> dict[str, Act]:
    """What staff do to these places."""
    hold, level = hold_of(event), PriceLevel.objects.create(event=event, name="Dear", places=0, numbered=True)
    return {
        "hold": lambda: outermost(inventory.hold)(place_ids=place_ids, hold=hold),
        "block": lambda: outermost(inventory.block)(place_ids=place_ids),
        "disown": lambda: outermost(inventory.disown)(place_ids=place_ids),
        "paint": lambda: outermost(inventory.paint)(level=level, place_ids=place_ids),
    }


CHANGES = ["hold", "block", "disown", "paint"]


@pytest.mark.parametrize("change", CHANGES)
def test_staff_who_change_seats_that_are_being_bought_change_none_of_them(change: str) -> None:
    """R23: they wait for the buyer, look again, and say which they changed."""
    event = seated_event(PAIR)
    places = list(EventSeat.objects.filter(event=event).order_by("pk").values_list("pk", flat=True))
    buyer = Halted(chooser(event, "Stalls A 1", "Stalls A 2"), before='INSERT INTO "bookings_booking"')
    staff = Started(changes(event, places)[change])
    until(waiting_for_a_lock)
    assert told([buyer.go_on()]) == {"Booking": 1}
    assert staff.end() == []
    assert broken() == set()


@pytest.mark.parametrize("change", ["hold", "block", "disown"])
def test_staff_who_do_not_look_again_meet_the_databases_refusal(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """R23, R18: the twin without locks."""
    without_row_locks(monkeypatch)
    event = seated_event(PAIR)
    places = list(EventSeat.objects.filter(event=event).order_by("pk").values_list("pk", flat=True))
    staff = Halted(changes(event, places)[change], before=CLAIMING)
    chooser(event, "Stalls A 1", "Stalls A 2")()
    assert told([staff.go_on()]) == {"IntegrityError": 1}


def test_staff_who_do_not_look_again_paint_what_was_bought(monkeypatch: pytest.MonkeyPatch) -> None:
    """R23, R18: the twin without locks."""
    without_row_locks(monkeypatch)
    event = seated_event(PAIR)
    places = list(EventSeat.objects.filter(event=event).order_by("pk").values_list("pk", flat=True))
    staff = Halted(changes(event, places)["paint"], before=CLAIMING)
    booking = chooser(event, "Stalls A 1", "Stalls A 2")()
    assert staff.go_on() == places
    assert levels_of(booking) == {"Dear"}


@pytest.mark.parametrize("change", CHANGES)
def test_seats_that_staff_have_changed_are_refused_to_who_chose_them_before(change: str) -> None:
    """R23: the buyer has waited, and looks again."""
    event = seated_event(PAIR)
    places = list(EventSeat.objects.filter(event=event).order_by("pk").values_list("pk", flat=True))
    staff = Halted(changes(event, places)[change], before=CLAIMING)
    buyer = Started(chooser(event, "Stalls A 1", "Stalls A 2"))
    until(waiting_for_a_lock)
    assert len(staff.go_on()) == 2
    assert told([buyer.end()]) == {"NoSuchSeat" if change == "paint" else "SeatsTaken": 1}
    assert not Booking.objects.exists()
    assert broken() == set()


def levels_of(booking: Booking) -> set[str]:
    return set(booking.live_tickets().values_list("event_seat__price_level__name", flat=True))


def painted_meanwhile() -> Any:
    """Somebody wants the best at Stalls; before these are locked they are painted into another level."""
    event = seated_event({"Stalls": "ss ss"})
    buyer = Halted(best_of(event, 2), before=LOOKING)
    best = [place_at(event, name).pk for name in ("Stalls A 1", "Stalls A 2")]
    changes(event, best)["paint"]()
    return buyer.go_on()


def test_the_best_are_of_the_level_that_was_paid_for_although_staff_paint_meanwhile() -> None:
    """R23"""
    booking = painted_meanwhile()
    assert levels_of(booking) == {"Stalls"}
    assert seats_of(booking) == ["Stalls B 1", "Stalls B 2"]


def test_who_does_not_look_again_at_the_level_sells_it_at_another_price(monkeypatch: pytest.MonkeyPatch) -> None:
    """R23, R18: the twin that looks whether the seats are free, and no more."""

    def at_any_level(level: PriceLevel, place_ids: Collection[int]) -> set[int]:
        free = EventSeat.objects.filter(pk__in=place_ids).free().locked(skip_locked=True)
        return set(place_ids) - set(free.values_list("pk", flat=True))

    monkeypatch.setattr(seating, "lock_or_leave", at_any_level)
    assert levels_of(painted_meanwhile()) == {"Dear"}


def smaller(event: Event) -> Act:
    """Staff move the event to a version of its plan that has only the first row."""
    version = plan_of(event.venue, {"Stalls": "ss"})
    return lambda: plans.move(event_id=event.pk, plan_id=version.pk)


def test_a_seat_that_is_being_bought_does_not_vanish_with_a_version_of_the_plan() -> None:
    """R23: who moves the event waits for the buyer, looks again, and is told which seat."""
    event = seated_event({"Stalls": "ss ss"})
    buyer = Halted(chooser(event, "Stalls B 1", "Stalls B 2"), before='INSERT INTO "bookings_booking"')
    staff = Started(smaller(event))
    until(waiting_for_a_lock)
    booking, refusal = buyer.go_on(), staff.end()
    assert told([booking, refusal]) == {"Booking": 1, "SeatsInUse": 1}
    assert "Stalls, row B, seat 1, Stalls, row B, seat 2" in str(refusal)
    assert seats_of(booking) == ["Stalls B 1", "Stalls B 2"]
    assert broken() == set()


def test_who_moves_an_event_without_locks_meets_the_databases_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """R23, R18: the twin that looks at what is in use, and removes the rest without locks."""
    without_row_locks(monkeypatch)
    event = seated_event({"Stalls": "ss ss"})
    staff = Halted(smaller(event), before="DELETE")
    chooser(event, "Stalls B 1", "Stalls B 2")()
    assert told([staff.go_on()]) == {"IntegrityError": 1}


@pytest.mark.parametrize("how", ["chosen", "best"])
def test_who_buys_while_the_event_moves_to_another_version_gets_seats_of_that(how: str) -> None:
    """R23: the event was read before, and its plan is another one now."""
    event = seated_event({"Stalls": "ss ss"})
    buy = chooser(event, "Stalls A 1", "Stalls A 2") if how == "chosen" else best_of(event, 2)
    staff = Halted(smaller(event), before='UPDATE "events_event"')
    buyer = Started(buy)
    until(waiting_for_a_lock) if how == "chosen" else None
    staff.go_on()
    assert seats_of(buyer.end()) == ["Stalls A 1", "Stalls A 2"]
    assert broken() == set()


def test_a_crowd_buys_while_staff_change_the_house() -> None:
    """R23: chosen seats, the best, holds, blocks, paint and a new version, all at once."""
    event = seated_event({"Stalls": " ".join(["ssssssss"] * 10)}, avoids_single_gaps=False)
    version = plan_of(event.venue, {"Stalls": " ".join(["ssssssss"] * 12)})
    price, cheap = Price.objects.get(price_level__event=event), cheap_level(event)
    places = list(EventSeat.objects.filter(event=event).order_by("pk").values_list("pk", flat=True))
    hold = hold_of(event)
    staff: list[Act] = [
        lambda: outermost(inventory.hold)(place_ids=places[:6], hold=hold),
        lambda: outermost(inventory.release_hold)(hold=hold),
        lambda: outermost(inventory.block)(place_ids=places[4:10]),
        lambda: outermost(inventory.unblock)(place_ids=places[4:10]),
        lambda: outermost(inventory.paint)(level=cheap, place_ids=places[8:16]),
        lambda: plans.move(event_id=event.pk, plan_id=version.pk),
    ]
    chosen = [{places[2 * number]: price.pk, places[2 * number + 1]: price.pk} for number in range(13)]
    buyers: list[Act] = [
        lambda seats=seats: reservations.reserve(event=event, quantities={}, seats=seats, key=codes.secret())
        for seats in chosen
    ]
    answers = race([*buyers, *staff, *[best_of(event, 2)] * 13])
    assert set(told(answers)) <= {"Booking", "SeatsTaken", "NoSuchSeat", "list", "Event"}
    assert told(answers[-13:]) == {"Booking": 13}
    assert sold_apart(answers)
    assert broken() == set()


def cheap_level(event: Event) -> PriceLevel:
    level = PriceLevel.objects.create(event=event, name="Cheap", places=0, numbered=True)
    Price.objects.create(price_level=level, ticket_type=price_of(event, "Stalls").ticket_type, amount=900)
    return level


def test_it_is_late_money_that_looks_again(noon: datetime) -> None:
    """R30: a seat that was blocked meanwhile isn't sold to who pays too late."""
    event = seated_event({"Stalls": "s"})
    payment = handed_over(reserve_seats(event, "Stalls A 1"))
    clock.advance(reservations.LONGEST)
    reservations.expire_due()
    staff = Halted(changes(event, [place_at(event, "Stalls A 1").pk])["block"], before=CLAIMING)
    pays = Started(news(payment))
    until(waiting_for_a_lock)
    assert len(staff.go_on()) == 1
    assert pays.end().status == "expired"
    assert ends([payment]) == [("expired", "too_late")]
    assert broken() == set()
