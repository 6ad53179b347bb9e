"""Ending bookings on purpose."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from bookings.models import Booking, Refund
from bookings.queries.promises import violations
from bookings.services import cancellations, customers, payments, reservations
from core import clock
from core.models import AuditEntry
from events.models import EventSeat
from notifications.models import Message
from tests.factories import UserFactory, event_on_sale, handed_over, news_of, paid, reserve, with_details

pytestmark = pytest.mark.django_db


def cancel(booking: Booking) -> Booking:
    return cancellations.cancel(booking_id=booking.pk, reason="asked for by the customer")


def test_cancelling_gives_places_and_money_back_once(noon: datetime) -> None:
    """R25"""
    booking = paid(event_on_sale(levels={"Standing": 3}), 2)
    for _again in range(3):
        cancelled = cancel(booking)
    assert (cancelled.status, cancelled.ended_at, cancelled.end_reason) == (
        "cancelled",
        noon,
        "asked for by the customer",
    )
    assert cancelled.confirmed_at == noon
    assert set(booking.tickets.values_list("status", "voided_at")) == {("void", noon)}
    assert EventSeat.objects.filter(status="available").count() == 3
    assert Refund.objects.get().amount == booking.total
    assert AuditEntry.objects.filter(action="booking.cancelled").count() == 1
    assert Message.objects.filter(kind="booking-cancelled").count() == 1
    assert list(violations()) == []


def test_a_repeat_leaves_those_alone_who_have_the_places_now(noon: datetime) -> None:
    """R25"""
    event = event_on_sale(levels={"Standing": 2})
    first = paid(event, 2)
    cancel(first)
    second = paid(event, 2)
    cancel(first)
    assert EventSeat.objects.filter(status="sold").count() == 2
    second.refresh_from_db()
    assert second.status == "confirmed"
    assert list(violations()) == []


def test_a_pending_booking_is_cancelled_without_a_refund(noon: datetime) -> None:
    booking = with_details(reserve(event_on_sale()))
    assert cancel(booking).status == "cancelled"
    assert not Refund.objects.exists()
    assert not EventSeat.objects.exclude(status="available").exists()
    assert list(violations()) == []


def test_a_free_booking_is_cancelled_without_a_refund(noon: datetime) -> None:
    booking = with_details(reserve(event_on_sale(amounts={"Entry": 0})))
    payments.confirm_free(booking_id=booking.pk)
    assert cancel(booking).status == "cancelled"
    assert not Refund.objects.exists()
    assert list(violations()) == []


def test_what_has_ended_otherwise_stays_as_it_is(noon: datetime) -> None:
    booking = with_details(reserve(event_on_sale()))
    clock.advance(timedelta(minutes=16))
    reservations.expire(booking_id=booking.pk)
    assert cancel(booking).status == "expired"
    assert not AuditEntry.objects.filter(action="booking.cancelled").exists()
    assert list(violations()) == []


def test_the_trail_says_who_cancelled_and_why(noon: datetime) -> None:
    """S51"""
    user, booking = UserFactory(), paid(event_on_sale())
    cancellations.cancel(booking_id=booking.pk, reason="illness", by=user)
    entry = AuditEntry.objects.get(action="booking.cancelled")
    assert (entry.by, entry.facts, entry.object_id, entry.organization) == (
        user,
        {"reason": "illness"},
        booking.pk,
        booking.organization,
    )


# --- All of it or nothing (R11) -------------------------------------------------------------------


def in_the_way(booking: Booking, kind: str) -> None:
    """Occupy the message's key, so that posting it fails at the very end of the service."""
    Message.objects.create(
        kind="other",
        about_type="x",
        about_id=1,
        once_key=f"{kind}:bookings.booking:{booking.pk}",
        message_id=f"<{kind}>",
        to="a@b.example",
        next_attempt_at=clock.now(),
        created_at=clock.now(),
    )


def everything() -> list[list[dict]]:
    models = (Booking, EventSeat, AuditEntry, Message, Refund)
    rows = [list(model.objects.order_by("pk").values()) for model in models]
    return [*rows, list(Booking.tickets.rel.related_model.objects.order_by("pk").values())]


def test_a_cancellation_whose_message_fails_did_not_happen(noon: datetime) -> None:
    """R11"""
    booking = paid(event_on_sale())
    in_the_way(booking, "booking-cancelled")
    before = everything()
    with pytest.raises(IntegrityError):
        cancel(booking)
    assert everything() == before


def test_an_expiry_whose_message_fails_did_not_happen(noon: datetime) -> None:
    """R11"""
    booking = with_details(reserve(event_on_sale()))
    in_the_way(booking, "booking-expired")
    before = everything()
    clock.advance(timedelta(minutes=16))
    with pytest.raises(IntegrityError):
        reservations.expire(booking_id=booking.pk)
    assert everything() == before


def test_a_payment_whose_message_fails_did_not_happen_and_may_be_told_again(noon: datetime) -> None:
    """R11, R14"""
    payment = handed_over(reserve(event_on_sale()))
    in_the_way(payment.booking, "booking-confirmed")
    before = everything()
    with pytest.raises(IntegrityError):
        payments.settle(provider="sandbox", news=news_of(payment))
    payment.refresh_from_db()
    assert (everything(), payment.status) == (before, "pending")
    Message.objects.all().delete()
    payments.settle(provider="sandbox", news=news_of(payment))
    assert Booking.objects.get().status == "confirmed"
    assert list(violations()) == []


def test_a_reservation_that_fails_late_leaves_nothing(noon: datetime) -> None:
    """R11: on another thread of events, the actor of the audit row is nobody that exists."""
    event = event_on_sale()
    before = everything()
    with pytest.raises(ValueError, match="must be a"):
        customers_that_do_not_exist(event)
    assert everything() == before


def customers_that_do_not_exist(event: object) -> None:
    price = event.price_levels.get().prices.get()  # type: ignore[attr-defined]
    reservations.reserve(event=event, quantities={price.pk: 1}, key="k" * 24, by="nobody")


def test_details_over_the_limit_change_nothing(noon: datetime) -> None:
    """R11"""
    event = event_on_sale(max_per_customer=2)
    with_details(reserve(event, 2))
    booking = reserve(event, 2)
    before = everything()
    with pytest.raises(customers.OverLimit):
        with_details(booking)
    assert everything() == before
