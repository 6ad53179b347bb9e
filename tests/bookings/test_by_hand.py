"""Money that staff take, and give back, by hand."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from bookings.models import Booking, Payment, Refund
from bookings.queries.promises import violations
from bookings.services import cancellations, payments, refunds, reservations
from core import clock
from core.models import AuditEntry
from events.models import Event, EventSeat
from notifications.models import Message
from tests.factories import customer, event_on_sale, handed_over, member, paid, price_of, reserve, settle, with_details

pytestmark = pytest.mark.django_db

LATE = timedelta(minutes=16)
MONEY = ["cash", "card", "transfer"]


@pytest.fixture
def event(noon: datetime) -> Event:
    return event_on_sale(levels={"Standing": 4})


@pytest.fixture
def clerk(event: Event) -> User:
    return member("support", event.organization)


def mark_paid(booking: Booking, how: str = "cash", by: Any = None, **more: Any) -> Booking:
    return payments.record_by_hand(booking_id=booking.pk, how=how, by=by, **more)


def at_the_box_office(event: Event, quantity: int = 2) -> Booking:
    """A reservation of somebody who told no name."""
    price = price_of(event)
    return reservations.reserve(
        event=event, quantities={price.pk: quantity}, key="box-office", channel=Booking.Channel.BOX_OFFICE
    )


def state() -> list[Any]:
    """Everything that a refusal must leave as it is."""
    kept = (Booking, Payment, Refund, EventSeat, Message, AuditEntry, DBTaskResult)
    return [list(model._default_manager.order_by("pk").values()) for model in kept]


@pytest.mark.parametrize("how", [*MONEY, "complimentary"])
def test_a_booking_marked_as_paid_is_confirmed(event: Event, clerk: User, noon: datetime, how: str) -> None:
    """R3, R4, S51"""
    booking = mark_paid(with_details(reserve(event)), how, clerk, note="till 2")
    payment = booking.payments.get()
    assert (booking.status, booking.confirmed_at) == ("confirmed", noon)
    assert (payment.provider, payment.amount, payment.currency) == (how, booking.total, "EUR")
    assert (payment.status, payment.succeeded_at, payment.checkout_reference) == ("succeeded", noon, None)
    assert payment.reference is not None
    assert payment.reference.startswith("by-hand-")
    assert set(booking.tickets.values_list("status", flat=True)) == {"valid"}
    entry = AuditEntry.objects.get(action="payment.by_hand")
    assert entry.facts == {"payment": payment.pk, "how": how, "amount": booking.total, "note": "till 2"}
    assert AuditEntry.objects.get(action="booking.confirmed").by == entry.by == clerk
    assert Message.objects.get().kind == "booking-confirmed"
    assert list(violations()) == []


def test_two_payments_by_hand_have_two_references(event: Event) -> None:
    """R6"""
    for email in ("ada@example.com", "bob@example.com"):
        mark_paid(with_details(reserve(event), email))
    assert Payment.objects.values("reference").distinct().count() == 2


def test_who_stays_unknown_at_the_box_office_pays_all_the_same(event: Event) -> None:
    booking = mark_paid(at_the_box_office(event))
    assert (booking.status, booking.email) == ("confirmed", "")
    assert not Message.objects.exists()
    assert list(violations()) == []


def test_a_booking_of_nobody_is_not_marked_as_paid(event: Event) -> None:
    booking = reserve(event)
    before = state()
    with pytest.raises(payments.DetailsMissing):
        mark_paid(booking)
    assert state() == before


def test_what_costs_nothing_is_confirmed_without_a_payment(noon: datetime, clerk: User) -> None:
    booking = with_details(reserve(event_on_sale(amounts={"Guest": 0})))
    assert mark_paid(booking, by=clerk).status == mark_paid(booking, by=clerk).status == "confirmed"
    assert not Payment.objects.exists()
    assert AuditEntry.objects.get(action="booking.confirmed").by == clerk
    assert list(violations()) == []


@pytest.mark.parametrize("by_hand_before", [True, False])
def test_what_is_paid_is_not_paid_again(event: Event, by_hand_before: bool) -> None:
    """R34: a second press of the button takes no second payment, and tells so."""
    booking = mark_paid(with_details(reserve(event))) if by_hand_before else paid(event)
    before = state()
    with pytest.raises(payments.PaidAlready, match="paid already"):
        mark_paid(booking, "card")
    assert state() == before


def test_a_cancelled_booking_is_not_marked_as_paid(event: Event) -> None:
    booking = cancellations.cancel(booking_id=with_details(reserve(event)).pk, reason="test")
    before = state()
    with pytest.raises(reservations.TooLate, match="was cancelled"):
        mark_paid(booking)
    assert state() == before


def test_how_it_was_paid_is_one_of_four(event: Event) -> None:
    """S13"""
    booking = with_details(reserve(event))
    with pytest.raises(ValueError, match="sandbox"):
        mark_paid(booking, "sandbox")
    assert not Payment.objects.exists()


# --- Too late -------------------------------------------------------------------------------------


@pytest.mark.parametrize("expired", [True, False])
def test_money_for_a_reservation_that_ran_out_gets_places_again(event: Event, clerk: User, expired: bool) -> None:
    """R30"""
    booking = with_details(reserve(event))
    clock.advance(LATE)
    if expired:
        reservations.expire(booking_id=booking.pk)
    booking = mark_paid(booking, by=clerk)
    assert booking.status == "confirmed"
    assert booking.tickets.filter(status="valid").count() == booking.tickets.filter(status="void").count() == 2
    entry = AuditEntry.objects.get(action="booking.confirmed")
    assert (entry.facts, entry.by) == ({"late": True}, clerk)
    assert list(violations()) == []


def test_somebody_unknown_gets_places_again_too(noon: datetime) -> None:
    """Who stays unknown has no limit of their own, and is nobody else who stayed unknown."""
    event = event_on_sale(levels={"Standing": 9}, max_per_customer=2)
    booking = at_the_box_office(event)
    clock.advance(LATE)
    other = reserve(event, 2)
    assert mark_paid(booking).status == "confirmed"
    assert Booking.objects.get(pk=other.pk).status == "pending"
    assert list(violations()) == []


@pytest.mark.parametrize("expired", [True, False])
def test_no_money_is_taken_for_places_that_are_gone(event: Event, expired: bool) -> None:
    """R30: refused, and nothing is written."""
    booking = with_details(reserve(event, 3))
    clock.advance(LATE)
    if expired:
        reservations.expire(booking_id=booking.pk)
    settle(handed_over(with_details(reserve(event, 2), "bob@example.com")))
    before = state()
    with pytest.raises(payments.PlacesGone, match="can't be had again"):
        mark_paid(booking)
    assert state() == before
    assert list(violations()) == []


def test_places_that_others_let_lapse_are_had_again(event: Event) -> None:
    """R13"""
    booking = with_details(reserve(event, 4))
    clock.advance(LATE)
    with_details(reserve(event, 4), "bob@example.com")
    clock.advance(LATE)
    assert mark_paid(booking).status == "confirmed"
    assert list(violations()) == []


def test_money_is_not_taken_past_a_persons_limit(noon: datetime) -> None:
    """R9"""
    event = event_on_sale(levels={"Standing": 9}, max_per_customer=2)
    booking = with_details(reserve(event))
    clock.advance(LATE)
    settle(handed_over(with_details(reserve(event))))
    with pytest.raises(payments.PlacesGone):
        mark_paid(booking)
    assert list(violations()) == []


# --- Together with a provider ---------------------------------------------------------------------


def test_what_is_paid_online_after_all_goes_back(event: Event) -> None:
    """R34: the customer had the provider's page open."""
    payment = handed_over(reserve(event))
    mark_paid(payment.booking)
    assert settle(payment).status == "confirmed"
    refund = Refund.objects.get()
    assert (refund.payment, refund.reason, refund.status) == (payment, "duplicate", "queued")
    assert list(violations()) == []


def test_no_provider_is_asked_about_money_by_hand(event: Event) -> None:
    """R31"""
    booking = mark_paid(with_details(reserve(event)))
    payments.look_up(booking=booking)
    assert list(violations()) == []


def test_who_was_refunded_for_being_late_may_pay_by_hand(event: Event) -> None:
    payment = handed_over(reserve(event, 3))
    clock.advance(LATE)
    other = settle(handed_over(with_details(reserve(event, 2), "bob@example.com")))
    assert settle(payment).status == "expired"
    cancellations.cancel(booking_id=other.pk, reason="test")
    assert mark_paid(payment.booking).status == "confirmed"
    assert list(violations()) == []


# --- The way back ---------------------------------------------------------------------------------


@pytest.mark.parametrize("how", MONEY)
def test_what_was_taken_by_hand_waits_to_be_paid_back_by_hand(event: Event, clerk: User, how: str) -> None:
    """R8: no provider is asked to, and no task tries."""
    booking = mark_paid(with_details(reserve(event)), how)
    cancellations.cancel(booking_id=booking.pk, reason="test", by=clerk)
    refund = Refund.objects.get()
    assert (refund.status, refund.amount, refund.reason) == ("by_hand", booking.total, "cancelled")
    assert not DBTaskResult.objects.filter(task_path="bookings.tasks.send_refund").exists()
    assert AuditEntry.objects.get(action="refund.by_hand").facts == {
        "payment": refund.payment_id,
        "amount": booking.total,
        "reason": "cancelled",
    }
    clock.advance(timedelta(days=1))
    assert (refunds.send_due(), refunds.send(refund.pk)) == (0, False)
    assert list(violations()) == []


def test_of_a_present_nothing_goes_back(event: Event) -> None:
    """R3"""
    booking = mark_paid(with_details(reserve(event)), "complimentary")
    cancellations.cancel(booking_id=booking.pk, reason="test")
    assert not Refund.objects.exists()
    assert EventSeat.objects.filter(status="available").count() == 4
    assert list(violations()) == []


def test_what_was_paid_back_is_told_once(event: Event, clerk: User) -> None:
    booking = mark_paid(with_details(reserve(event)))
    cancellations.cancel(booking_id=booking.pk, reason="test")
    refund = Refund.objects.get()
    first = refunds.paid_back(refund_id=refund.pk, by=clerk, note="till 2")
    again = refunds.paid_back(refund_id=refund.pk, by=customer(), note="till 3")
    assert (first.status, first.reference) == (again.status, again.reference) == ("sent", first.reference)
    entry = AuditEntry.objects.get(action="refund.paid_back")
    assert (entry.by, entry.facts["note"], entry.facts["amount"]) == (clerk, "till 2", booking.total)
    assert list(violations()) == []


def test_what_a_provider_gives_back_is_not_paid_back_by_hand(event: Event, clerk: User) -> None:
    """R8"""
    cancellations.cancel(booking_id=paid(event).pk, reason="test")
    with pytest.raises(refunds.NotByHand):
        refunds.paid_back(refund_id=Refund.objects.get().pk, by=clerk)
    assert Refund.objects.get().status == "queued"
    assert not AuditEntry.objects.filter(action="refund.paid_back").exists()
