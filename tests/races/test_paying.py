"""One payment and many who speak of it; two payments and one place."""

from datetime import datetime

import pytest
from django.test import Client
from django_tasks_db.models import DBTaskResult

from bookings.models import Booking, Payment, ProviderEvent, Refund, SandboxCheckout, Ticket
from bookings.services import payments, reservations
from core import clock
from core.models import AuditEntry
from events.models import Event, EventSeat
from notifications.models import Message
from tests.factories import event_on_sale, handed_over, reserve, settle, with_details
from tests.pages import plain_static
from tests.providers import StandIn, _process, asked, deliver, standin, work
from tests.races.harness import (
    Act,
    broken,
    race,
    told,
    without_constraint,
    without_row_locks,
)

__all__ = ["_process", "plain_static", "standin"]
pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

TAKING = 'UPDATE "bookings_payment"'
ASKING = 'INSERT INTO "bookings_payment"'
CLAIMING = 'UPDATE "events_eventseat"'


def news(payment: Payment) -> Act:
    """The provider says that the money is there."""
    return lambda: settle(payment)


def hand_overs(booking: Booking) -> list[Act]:
    """Ten clicks on the button that pays."""
    return [lambda: payments.hand_over(booking_id=booking.pk, provider="sandbox")] * 10


def test_ten_clicks_on_pay_open_one_page_and_lead_to_it() -> None:
    """R20"""
    booking = with_details(reserve(event_on_sale()))
    answers = race(hand_overs(booking))
    assert set(answers) == {Payment.objects.get().checkout_url}
    assert SandboxCheckout.objects.get().key == Payment.objects.get().key
    assert AuditEntry.objects.filter(action="payment.asked").count() == 1
    assert broken() == set()


def test_without_locks_ten_clicks_on_pay_ask_ten_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """R20, R18: the twin without locks."""
    without_row_locks(monkeypatch)
    booking = with_details(reserve(event_on_sale()))
    answers = race(hand_overs(booking), meet_before=ASKING)
    assert len(set(answers)) == Payment.objects.count() == SandboxCheckout.objects.count() == 10


def effects(booking: Booking) -> dict[str, int]:
    """What a payment led to, counted."""
    steps = AuditEntry.objects.filter(object_type="bookings.booking", object_id=booking.pk)
    return {
        "taken": Payment.objects.filter(booking=booking, status="succeeded").count(),
        "given back": Refund.objects.filter(payment__booking=booking).count(),
        "confirmed": steps.filter(action="booking.confirmed").count(),
        "told": Message.objects.filter(about_id=booking.pk, kind="booking-confirmed").count(),
        "valid": booking.tickets.filter(status="valid").count(),
        "sold": EventSeat.objects.filter(event=booking.event_id, status="sold").count(),
    }


def test_news_told_twenty_times_at_once_has_one_effect() -> None:
    """R20, R26"""
    payment = handed_over(reserve(event_on_sale(), 2))
    answers = race([news(payment)] * 20)
    assert [each.status for each in answers] == ["confirmed"] * 20
    assert effects(payment.booking) == {
        "taken": 1,
        "given back": 0,
        "confirmed": 1,
        "told": 1,
        "valid": 2,
        "sold": 2,
    }
    assert broken() == set()


def test_one_message_delivered_twenty_times_at_once_is_stored_and_acted_on_once(standin: StandIn) -> None:
    """R26, R32: while the customer comes back ten times."""
    payment = asked(event_on_sale(), "stripe")
    standin("pay", checkout=payment.checkout_reference)
    message, back = standin.told()[-1], f"/payments/{payment.key}/"
    acts: list[Act] = [lambda: deliver(Client(), message).status_code] * 20
    acts += [lambda: Client().get(back, follow=True).status_code] * 10
    acts += [work] * 2
    answers = race(acts)
    assert answers[:30] == [200] * 30
    work()
    assert ProviderEvent.objects.get().status == "handled"
    assert DBTaskResult.objects.filter(task_path="bookings.tasks.handle_event").count() == 1
    assert effects(payment.booking) == {"taken": 1, "given back": 0, "confirmed": 1, "told": 1, "valid": 2, "sold": 2}
    assert broken() == set()


def test_without_locks_who_tells_the_same_news_sees_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """R20, R26, R18: the twin without locks. The last look at the places keeps one effect; the tellers see a fault."""
    without_row_locks(monkeypatch)
    payment = handed_over(reserve(event_on_sale(), 2))
    answers = race([news(payment)] * 20, meet_before=TAKING)
    assert told(answers) == {"Booking": 1, "RuntimeError": 19}


def lapsed_pair(event: Event) -> list[Payment]:
    """Two bookings of one place each, handed over and not paid in time, after which one place was sold."""
    asked = [handed_over(reserve(event, 1)) for _customer in range(2)]
    clock.advance(payments.LONGEST)
    settle(handed_over(reserve(event, 1)))
    return asked


def ends(pair: list[Payment]) -> list[tuple[str, str | None]]:
    """How each booking of a pair ended, and why its money went back."""
    return sorted(
        Booking.objects.filter(payments__in=pair).values_list("status", "payments__refunds__reason"),
    )


ONE_OF_BOTH = [("confirmed", None), ("expired", "too_late")]


def test_of_two_who_pay_late_for_one_place_one_gets_it_and_the_other_the_money(noon: datetime) -> None:
    """R19: fifteen pairs at once, whose bookings nobody has ended yet."""
    pairs = [lapsed_pair(event_on_sale(levels={"Standing": 2})) for _pair in range(15)]
    answers = race([news(payment) for pair in pairs for payment in pair])
    assert told(answers) == {"Booking": 30}
    assert [ends(pair) for pair in pairs] == [ONE_OF_BOTH] * 15
    assert broken() == set()


def expired_pair() -> list[Payment]:
    """Like a lapsed pair, and both bookings are ended."""
    pair = lapsed_pair(event_on_sale(levels={"Standing": 2}))
    reservations.expire_due()
    return pair


def test_of_two_whose_bookings_have_ended_one_gets_the_place_and_the_other_the_money(noon: datetime) -> None:
    """R19: fifteen pairs at once, whose bookings were ended before."""
    pairs = [expired_pair() for _pair in range(15)]
    answers = race([news(payment) for pair in pairs for payment in pair])
    assert told(answers) == {"Booking": 30}
    assert [ends(pair) for pair in pairs] == [ONE_OF_BOTH] * 15
    assert broken() == set()


def test_without_locks_late_money_is_neither_kept_nor_given_back(
    noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R19, R18: the twin without locks. The place is sold once, but one customer's money is forgotten."""
    without_row_locks(monkeypatch)
    pair = expired_pair()
    answers = race([news(payment) for payment in pair], meet_before=CLAIMING)
    assert told(answers) == {"Booking": 1, "IntegrityError": 1}
    assert ends(pair) == [("confirmed", None), ("expired", None)]


def test_without_locks_and_constraint_late_money_buys_one_place_twice(
    noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R19, R18: the twin without locks and without the constraint."""
    without_row_locks(monkeypatch)
    with without_constraint(Ticket, "one_live_ticket_per_place"):
        pair = expired_pair()
        race([news(payment) for payment in pair], meet_before=CLAIMING)
        assert ends(pair) == [("confirmed", None)] * 2
        assert "R1" in broken()


# --- By hand ---------------------------------------------------------------------------------------


def by_hand(booking: Booking, how: str = "cash") -> Act:
    """Staff mark a booking as paid."""
    return lambda: payments.record_by_hand(booking_id=booking.pk, how=how, by=None)


def test_of_ten_who_mark_a_booking_as_paid_one_does() -> None:
    """R34, R3"""
    booking = with_details(reserve(event_on_sale(), 2))
    answers = race([by_hand(booking, how) for how in ("cash", "card") * 5])
    assert told(answers) == {"Booking": 1, "PaidAlready": 9}
    assert effects(booking) == {"taken": 1, "given back": 0, "confirmed": 1, "told": 1, "valid": 2, "sold": 2}
    assert broken() == set()


def of_nobody() -> Booking:
    """A reservation at the box office: no message about it would show a second confirmation to the database."""
    event = event_on_sale()
    quantities = {event.price_levels.get().prices.get().pk: 2}
    return reservations.reserve(event=event, quantities=quantities, key="nobody", channel="box_office")


def test_without_locks_ten_who_mark_a_booking_as_paid_take_the_money_ten_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """R34, R18: the twin without locks."""
    without_row_locks(monkeypatch)
    booking = of_nobody()
    answers = race([by_hand(booking)] * 10, meet_before=CLAIMING)
    assert told(answers) == {"Booking": 10}
    assert effects(booking)["taken"] == 10
    assert {"R3", "R7"} <= broken()


def late_and_expired() -> Booking:
    """A reservation that ran out, with room for it once more and for another besides."""
    booking = with_details(reserve(event_on_sale(), 2))
    clock.advance(payments.LONGEST)
    reservations.expire_due()
    return booking


def test_of_ten_who_mark_an_expired_booking_as_paid_one_does(noon: datetime) -> None:
    """R30, R34"""
    booking = late_and_expired()
    answers = race([by_hand(booking)] * 10)
    assert told(answers) == {"Booking": 1, "PaidAlready": 9}
    assert effects(booking) == {"taken": 1, "given back": 0, "confirmed": 1, "told": 1, "valid": 2, "sold": 2}
    assert broken() == set()


@pytest.mark.parametrize("expired", [True, False])
def test_staff_and_a_provider_who_take_the_money_at_once_keep_one_of_both(noon: datetime, expired: bool) -> None:
    """R34, R3: fifteen bookings at once. Who came second is refused, or given back."""
    asked = [handed_over(reserve(event_on_sale(), 2)) for _booking in range(15)]
    if expired:
        clock.advance(payments.LONGEST)
        reservations.expire_due()
    acts = [act for payment in asked for act in (news(payment), by_hand(payment.booking))]
    answers = race(acts)
    refused = sum(isinstance(each, payments.PaidAlready) for each in answers)
    assert set(told(answers)) <= {"Booking", "PaidAlready"}
    for payment in asked:
        found = effects(payment.booking)
        assert (found["confirmed"], found["told"], found["valid"], found["sold"]) == (1, 1, 2, 2)
        assert found["taken"] - found["given back"] == 1
    assert Refund.objects.filter(reason="duplicate").count() == Refund.objects.count() == 15 - refused
    assert broken() == set()


def test_without_locks_staff_and_a_provider_both_keep_the_money(monkeypatch: pytest.MonkeyPatch) -> None:
    """R34, R18: the twin without locks."""
    without_row_locks(monkeypatch)
    booking = of_nobody()
    payments.hand_over(booking_id=booking.pk, provider="sandbox")
    race([news(booking.payments.get()), by_hand(booking)], meet_before=CLAIMING)
    found = effects(booking)
    assert (found["taken"], found["given back"], found["confirmed"]) == (2, 0, 2)
    assert {"R3", "R7"} <= broken()
