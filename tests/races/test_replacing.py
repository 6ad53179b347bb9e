"""A new choice instead of an earlier one, while others choose, pay and end what they have."""

from datetime import datetime, timedelta

import pytest

from bookings.models import Booking
from bookings.services import reservations
from core import clock, codes
from core.models import AuditEntry
from events.models import Event, EventSeat, Price
from tests.factories import event_on_sale, handed_over, price_of, reserve, settle
from tests.races.harness import (
    AT_ONCE,
    Act,
    Halted,
    Started,
    broken,
    race,
    sqlstates,
    told,
    until,
    waiting_for_a_lock,
    without_row_locks,
)
from tests.races.test_reserving import BOOKING, free, nobody_passes_by

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WRITING_PLACES = 'UPDATE "events_eventseat"'


def chooser(earlier: Booking, quantity: int = 2, *, price: Price | None = None, key: str | None = None) -> Act:
    """A customer who has a reservation and chooses anew."""
    price = price or Price.objects.get(price_level__event=earlier.event_id)
    event = earlier.event

    def choose() -> Booking:
        return reservations.reserve(
            event=event, quantities={price.pk: quantity}, key=key or codes.secret(), replacing=earlier.pk
        )

    return choose


def full_house(customers: int) -> tuple[Event, list[Booking]]:
    """An event whose places are all reserved, two by each customer."""
    event = event_on_sale(levels={"Standing": 2 * customers})
    return event, [reserve(event, 2) for _customer in range(customers)]


def pending() -> list[int]:
    """The bookings that keep places."""
    return list(Booking.objects.filter(status="pending").values_list("pk", flat=True))


def test_in_a_full_house_everybody_can_choose_anew_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """R13, R17: nobody competes with an earlier choice of one's own, and nobody with another's."""
    hidden = sqlstates(monkeypatch)
    event, earlier = full_house(AT_ONCE)
    answers = race([chooser(each) for each in earlier])
    assert told(answers) == {"Booking": AT_ONCE}
    assert sorted(pending()) == sorted(each.pk for each in answers)
    assert (free(event), hidden) == (0, [])
    assert broken() == set()


def test_who_does_not_give_way_to_a_choice_of_ones_own_competes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """R18: the twin that only reserves."""
    monkeypatch.setattr(reservations, "_give_way", lambda wish: None)
    _event, earlier = full_house(4)
    assert told(race([chooser(each) for each in earlier])) == {"NotEnough": 4}


def test_ten_tabs_that_know_the_same_reservation_leave_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """R22: each takes the place of the one before, in a house that has room for one."""
    event, (earlier,) = full_house(1)
    answers = race([chooser(earlier)] * 10)
    assert told(answers) == {"Booking": 10}
    assert len(pending()) == 1
    assert {each.reserved_at for each in Booking.objects.all()} == {earlier.reserved_at}
    assert free(event) == 0
    assert broken() == set()


def test_tabs_that_do_not_lock_what_they_replace_leave_a_mess(monkeypatch: pytest.MonkeyPatch) -> None:
    """R18, R22: the twin without locks. Each gives the same places back, and the database refuses all but one."""
    without_row_locks(monkeypatch)
    _event, (earlier,) = full_house(1)
    answers = race([chooser(earlier)] * 10, meet_before=WRITING_PLACES)
    assert told(answers) == {"Booking": 1, "IntegrityError": 9}


def test_tabs_that_take_no_notice_of_each_other_keep_a_reservation_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """R18, R22: the twin that looks at the reservation it knows, and not at what took its place."""
    monkeypatch.setattr(reservations, "_replaced_by", lambda booking: None)
    earlier = reserve(event_on_sale(levels={"Standing": 20}))
    assert told(race([chooser(earlier)] * 10)) == {"Booking": 10}
    assert len(pending()) == 10


def test_one_form_ten_times_at_once_replaces_once() -> None:
    """R20: whether a click knows the earlier reservation or, as the later ones do, the new one."""
    event, (earlier,) = full_house(1)
    answers = race([chooser(earlier, key="one form")] * 10)
    (booking,) = Booking.objects.filter(status="pending")
    assert {each.pk for each in answers} == {booking.pk}
    assert told(race([chooser(booking, key="one form")] * 10)) == {"Booking": 10}
    assert pending() == [booking.pk]
    assert free(event) == 0
    assert broken() == set()


def test_levels_exchanged_by_everybody_at_once_leave_everybody_with_one_choice() -> None:
    """R17: each gives places of one level back and asks for those of another, five times over, and sees no fault."""
    event = event_on_sale(levels={"Front": AT_ONCE + 4, "Standing": AT_ONCE + 4})
    prices = [price_of(event, "Front"), price_of(event, "Standing")]

    def customer(number: int) -> Act:
        def choose_on_and_on() -> Booking:
            booking = reserve(event, 1 + number % 2, price=prices[number % 2])
            for turn in range(1, 6):
                booking = chooser(booking, 1 + turn % 2, price=prices[(number + turn) % 2])()
            return booking

        return choose_on_and_on

    answers = race([customer(number) for number in range(AT_ONCE)])
    assert set(told(answers)) <= {"Booking", "NotEnough", "Busy"}
    assert len(pending()) == AT_ONCE
    assert broken() == set()


def test_a_choice_waits_for_anothers_with_its_own_in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """R16: and its refusal, which is true, gives everything back."""
    nobody_passes_by(monkeypatch)
    event = event_on_sale(levels={"Standing": 3})
    earlier = reserve(event, 2)
    other = Halted(lambda: reserve(event, 1), before=BOOKING)
    anew = Started(chooser(earlier, 3))
    until(waiting_for_a_lock)
    assert told([other.go_on(), anew.end()]) == {"Booking": 1, "NotEnough": 1}
    earlier.refresh_from_db()
    assert (earlier.status, earlier.live_tickets().count(), anew.answer.left) == ("pending", 2, 2)
    assert not AuditEntry.objects.filter(action="booking.cancelled").exists()
    assert broken() == set()


def test_others_lapsed_places_make_room_for_new_choices(noon: datetime) -> None:
    """R13: the lapsed are ended in transactions of their own, and nobody's open reservation with them."""
    event = event_on_sale(levels={"Standing": 16})
    lapsed = [reserve(event, 2) for _customer in range(4)]
    clock.advance(timedelta(minutes=16))
    earlier = [reserve(event, 2) for _customer in range(4)]
    answers = race([chooser(each, 4) for each in earlier])
    assert told(answers) == {"Booking": 4}
    assert {each.status for each in Booking.objects.filter(pk__in=[each.pk for each in lapsed])} == {"expired"}
    assert sorted(pending()) == sorted(each.pk for each in answers)
    assert broken() == set()


def test_choosing_anew_and_paying_at_once_leaves_tickets_or_the_money_back() -> None:
    """R30: whichever comes first, sixteen times."""
    asked = [handed_over(reserve(event_on_sale(levels={"Standing": 4}))) for _booking in range(16)]
    answers = race([act for each in asked for act in (chooser(each.booking), lambda each=each: settle(each))])
    assert told(answers) == {"Booking": 32}
    outcomes = {
        (*Booking.objects.values_list("status", "payments__refunds__reason").get(pk=each.booking_id), new.replaces_id)
        for each, new in zip(asked, answers[::2], strict=True)
    }
    assert {outcome[:2] for outcome in outcomes} <= {("confirmed", None), ("cancelled", "cancelled")}
    assert all((status == "cancelled") == bool(replaced) for status, _reason, replaced in outcomes)
    assert broken() == set()


def test_without_locks_money_confirms_what_was_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """R18, R30: the twin without locks: one place is the payer's and the next chooser's."""
    without_row_locks(monkeypatch)
    asked = handed_over(reserve(event_on_sale(levels={"Standing": 2})))
    too_late = Halted(lambda: settle(asked), before='UPDATE "bookings_payment"')
    assert chooser(asked.booking)().status == "pending"
    too_late.go_on()
    assert broken() >= {"R7"}


def test_choosing_anew_while_the_earlier_choice_is_expired_replaces_it_once(noon: datetime) -> None:
    """R24: against the worker that ends it, sixteen times."""
    _event, earlier = full_house(16)
    clock.advance(timedelta(minutes=16))
    expiring = [lambda each=each: reservations.expire(booking_id=each.pk) for each in earlier]
    answers = race([act for pair in zip(map(chooser, earlier), expiring, strict=True) for act in pair])
    assert told(answers) == {"Booking": 32}
    assert {each.status for each in Booking.objects.filter(pk__in=[each.pk for each in earlier])} == {"expired"}
    assert {each.reserved_until for each in answers[::2]} == {clock.now() + reservations.RESERVED_FOR}
    assert EventSeat.objects.filter(status="reserved").count() == 32
    assert broken() == set()
