"""Money that comes when the time is over: tickets or the money back, never both, never neither (R30)."""

from datetime import datetime, timedelta

import pytest

from bookings.models import Booking, Payment, Refund
from bookings.queries.promises import violations
from bookings.services import cancellations, reservations
from core import clock
from core.models import AuditEntry
from events.models import Event, EventSeat
from notifications.models import Message
from tests.factories import event_on_sale, handed_over, paid, reserve, settle, with_details

pytestmark = pytest.mark.django_db

LATE = timedelta(minutes=16)


def late_payment(event: Event, *, quantity: int = 2, expired: bool = True) -> Payment:
    """A payment whose booking has run out, and was ended by a worker or not."""
    payment = handed_over(reserve(event, quantity))
    clock.advance(LATE)
    if expired:
        reservations.expire(booking_id=payment.booking_id)
    return payment


def kinds() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize("expired", [True, False])
def test_late_money_gets_new_tickets_while_places_are_free(noon: datetime, expired: bool) -> None:
    payment = late_payment(event_on_sale(levels={"Standing": 2}), expired=expired)
    booking = settle(payment)
    assert (booking.status, booking.confirmed_at, booking.ended_at, booking.end_reason) == (
        "confirmed",
        clock.now(),
        None,
        "",
    )
    assert list(booking.tickets.order_by("number").values_list("number", "status", "price", "fee", "tax")) == [
        (1, "void", 2_000, 150, 343),
        (2, "void", 2_000, 150, 343),
        (3, "valid", 2_000, 150, 343),
        (4, "valid", 2_000, 150, 343),
    ]
    assert booking.tickets.values("secret").distinct().count() == 4
    assert EventSeat.objects.filter(status="sold").count() == 2
    assert AuditEntry.objects.get(action="booking.confirmed").facts == {"late": True}
    assert not Refund.objects.exists()
    assert kinds() == (["booking-expired"] if expired else []) + ["booking-confirmed"]
    assert list(violations()) == []


def test_money_after_the_deadline_and_within_the_grace_is_late_but_still_gets_tickets(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 2})
    payment = handed_over(reserve(event, 2))
    clock.advance(timedelta(minutes=15, milliseconds=1))
    assert settle(payment).status == "confirmed"
    assert AuditEntry.objects.filter(action="booking.expired").count() == 1
    assert list(violations()) == []


def test_money_at_the_very_deadline_is_in_time(noon: datetime) -> None:
    payment = handed_over(reserve(event_on_sale()))
    clock.advance(timedelta(minutes=15))
    booking = settle(payment)
    assert booking.status == "confirmed"
    assert booking.tickets.count() == 2
    assert not AuditEntry.objects.filter(action="booking.expired").exists()


def test_late_money_for_places_that_are_gone_goes_back(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 2})
    payment = late_payment(event)
    other = paid(event, 1)
    booking = settle(payment)
    settle(payment)
    assert (booking.status, other.status) == ("expired", "confirmed")
    refund = Refund.objects.get()
    assert (refund.payment, refund.reason, refund.amount, refund.status) == (
        payment,
        "too_late",
        booking.total,
        "queued",
    )
    assert not booking.tickets.exclude(status="void").exists()
    assert EventSeat.objects.filter(status="available").count() == 1
    assert kinds() == ["booking-expired", "booking-confirmed", "money-back"]
    assert "the places were sold meanwhile" in Message.objects.get(kind="money-back").text
    assert list(violations()) == []


def test_late_money_has_no_claim_to_blocked_places(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 2})
    payment = late_payment(event)
    EventSeat.objects.update(status="blocked")
    assert settle(payment).status == "expired"
    assert Refund.objects.get().reason == "too_late"
    assert set(EventSeat.objects.values_list("status", flat=True)) == {"blocked"}


def test_late_money_takes_the_places_of_who_is_later_still(noon: datetime) -> None:
    """R13, R19: a lapsed booking stands in nobody's way."""
    event = event_on_sale(levels={"Standing": 2})
    payment = late_payment(event)
    other = handed_over(reserve(event, 2))
    clock.advance(LATE)
    assert settle(payment).status == "confirmed"
    assert settle(other).status == "expired"
    assert Refund.objects.get().payment == other
    assert list(violations()) == []


@pytest.mark.parametrize("fate", ["cancelled", "over", "draft"])
def test_late_money_for_an_event_that_does_not_take_place_goes_back(noon: datetime, fate: str) -> None:
    event = event_on_sale(levels={"Standing": 5})
    payment = late_payment(event)
    if fate == "over":
        clock.advance(event.ends_at - clock.now())
    else:
        Event.objects.update(status=fate)
    assert settle(payment).status == "expired"
    assert Refund.objects.get().reason == "too_late"
    assert EventSeat.objects.filter(status="available").count() == 5
    assert list(violations()) == []


def test_late_money_is_taken_while_the_event_runs_though_sales_have_ended(noon: datetime) -> None:
    event = event_on_sale(starts_at=noon + timedelta(minutes=5))
    assert settle(late_payment(event)).status == "confirmed"


@pytest.mark.parametrize("how", ["given up", "cancelled"])
def test_money_for_a_cancelled_booking_goes_back(noon: datetime, how: str) -> None:
    event = event_on_sale(levels={"Standing": 5})
    payment = handed_over(reserve(event))
    if how == "given up":
        reservations.give_up(booking_id=payment.booking_id)
    else:
        cancellations.cancel(booking_id=payment.booking_id, reason="test")
    assert settle(payment).status == "cancelled"
    assert Refund.objects.get().reason == "cancelled"
    assert EventSeat.objects.filter(status="available").count() == 5
    assert kinds()[-1] == "money-back"
    assert list(violations()) == []


def test_late_money_never_goes_past_a_persons_limit(noon: datetime) -> None:
    """R9"""
    event = event_on_sale(levels={"Standing": 9}, max_per_customer=2)
    payment = late_payment(event)
    settle(handed_over(with_details(reserve(event, 2))))
    assert settle(payment).status == "expired"
    assert Refund.objects.get().reason == "too_late"
    assert list(violations()) == []


def test_late_money_gets_places_of_the_same_level_at_the_price_of_then(noon: datetime) -> None:
    """R10"""
    event = event_on_sale(levels={"Standing": 4, "Balcony": 4}, amounts={"Adult": 2_000})
    level = event.price_levels.get(name="Balcony")
    payment = handed_over(reserve(event, 2, price=level.prices.get()))
    clock.advance(LATE)
    reservations.expire_due()
    level.prices.update(amount=9_999)
    booking = settle(payment)
    live = booking.live_tickets().values_list("event_seat__price_level__name", "price")
    assert list(live) == [("Balcony", 2_000)] * 2
    assert list(violations()) == []


def test_late_money_that_came_twice_goes_back_once(noon: datetime) -> None:
    """R34"""
    payment = late_payment(event_on_sale())
    settle(payment, reference="one")
    settle(payment, reference="two")
    assert Booking.objects.get().status == "confirmed"
    assert Refund.objects.get().reason == "duplicate"
    assert list(violations()) == []


def test_a_booking_confirmed_late_can_be_cancelled_like_any_other(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 2})
    booking = settle(late_payment(event))
    cancellations.cancel(booking_id=booking.pk, reason="test")
    assert EventSeat.objects.filter(status="available").count() == 2
    assert Refund.objects.get().amount == booking.total
    assert list(violations()) == []
