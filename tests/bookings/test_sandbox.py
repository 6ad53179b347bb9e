"""The sandbox provider: every button of its page, and what comes of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bookings import tasks
from bookings.gateways import Outcome, gateway, offered, sandbox
from bookings.models import Booking, Payment, Refund, SandboxCharge, SandboxCheckout
from bookings.queries.promises import violations
from bookings.services import payments
from core import clock
from notifications.models import Message
from tests.factories import OrganizationFactory, event_on_sale, handed_over, reserve

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(noon: datetime) -> Payment:
    return handed_over(reserve(event_on_sale()))


def press(payment: Payment, action: str) -> bool:
    return sandbox.press(SandboxCheckout.objects.get(key=payment.key), action)


def notifications() -> list[tuple[str, bool]]:
    """What the provider wants to say, in order, and whether only later."""
    rows = DBTaskResult.objects.filter(task_path="bookings.tasks.sandbox_notification").order_by("enqueued_at")
    later = timezone.now() + timedelta(seconds=5)
    return [
        (row.args_kwargs["args"][0]["outcome"], row.run_after.year < 9999 and row.run_after > later) for row in rows
    ]


def deliver() -> None:
    """Let the worker run what the provider has said."""
    rows = DBTaskResult.objects.filter(task_path="bookings.tasks.sandbox_notification").order_by("enqueued_at")
    for row in rows:
        tasks.sandbox_notification.call(*row.args_kwargs["args"])


BUTTONS: dict[str, tuple[bool, int, list[tuple[str, bool]], str]] = {
    # button: goes back at once, charges, notifications (outcome, later), what becomes of the booking
    "pay": (True, 1, [("succeeded", False)], "confirmed"),
    "decline": (True, 0, [("failed", False)], "pending"),
    "take_long": (True, 1, [("succeeded", True)], "confirmed"),
    "pay_twice": (True, 2, [("succeeded", False), ("succeeded", False)], "confirmed"),
    "notify_late": (False, 1, [("succeeded", True)], "confirmed"),
    "notify_never": (False, 1, [], "pending"),
    "notify_in_disorder": (
        True,
        1,
        [("failed", False), ("succeeded", False), ("pending", False), ("succeeded", False), ("failed", False)],
        "confirmed",
    ),
}


def test_every_button_is_told_here() -> None:
    assert set(BUTTONS) == set(sandbox.ACTIONS)


@pytest.mark.parametrize("action", BUTTONS)
def test_what_a_button_does_and_what_its_notifications_lead_to(payment: Payment, action: str) -> None:
    """R27, R31, R34: on the worst of days"""
    goes_back, charges, told, status = BUTTONS[action]
    assert press(payment, action) is goes_back
    assert SandboxCharge.objects.count() == charges
    assert notifications() == told
    deliver()
    deliver()
    booking = Booking.objects.get()
    assert booking.status == status
    assert Refund.objects.count() == max(0, charges - 1)
    assert Message.objects.filter(kind="booking-confirmed").count() == (status == "confirmed")
    assert list(violations()) == []


@pytest.mark.parametrize("action", set(BUTTONS) - {"decline"})
def test_pressing_again_takes_the_money_once(payment: Payment, action: str) -> None:
    for _again in range(3):
        press(payment, action)
    assert SandboxCharge.objects.count() == BUTTONS[action][1]


def test_money_that_takes_long_is_not_there_before_it_is(payment: Payment) -> None:
    """R35, U32"""
    press(payment, "take_long")
    way = gateway("sandbox")
    assert [news.outcome for news in way.look_up(payment)] == [Outcome.PENDING]
    clock.advance(sandbox.LONG)
    assert [news.outcome for news in way.look_up(payment)] == [Outcome.SUCCEEDED]


def test_the_books_tell_each_time_that_money_was_taken(payment: Payment) -> None:
    way = gateway("sandbox")
    assert [news.outcome for news in way.look_up(payment)] == [Outcome.PENDING]
    press(payment, "decline")
    (declined,) = way.look_up(payment)
    assert (declined.outcome, declined.failure) == (Outcome.FAILED, "The sandbox card was declined.")
    press(payment, "pay_twice")
    told = way.look_up(payment)
    assert [(news.outcome, news.amount, news.currency) for news in told] == [
        (Outcome.SUCCEEDED, payment.amount, "EUR")
    ] * 2
    assert len({news.reference for news in told}) == 2


@pytest.mark.parametrize("action", BUTTONS)
def test_a_page_that_was_left_open_too_long_takes_nothing(payment: Payment, action: str) -> None:
    clock.advance(timedelta(minutes=10))
    with pytest.raises(sandbox.CheckoutOver):
        press(payment, action)
    assert not SandboxCharge.objects.exists()
    assert notifications() == []


def test_a_declined_page_can_still_be_paid(payment: Payment) -> None:
    """U31"""
    press(payment, "decline")
    deliver()
    press(payment, "pay")
    payments.look_up(booking=payment.booking)
    assert Booking.objects.get().status == "confirmed"
    assert list(violations()) == []


def test_the_page_is_found_by_the_payments_key(payment: Payment) -> None:
    checkout = gateway("sandbox").open_checkout(payment, title="x", return_url="/elsewhere")
    assert (checkout.reference, checkout.url) == (payment.checkout_reference, payment.checkout_url)
    assert checkout.url == reverse("bookings:sandbox", args=[checkout.reference])
    assert SandboxCheckout.objects.count() == 1


def database_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next transaction can't begin; the one after it can."""
    begin = transaction.atomic

    def fails(*args: Any, **kwargs: Any) -> None:
        monkeypatch.setattr(transaction, "atomic", begin)
        raise OperationalError("the connection is gone")

    monkeypatch.setattr(transaction, "atomic", fails)


def test_a_notification_that_finds_us_busy_comes_again(payment: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    """R26, R41: as real providers repeat theirs"""
    press(payment, "pay")
    database_gone(monkeypatch)
    deliver()
    assert Booking.objects.get().status == "pending"
    deliver()
    assert Booking.objects.get().status == "confirmed"
    attempts = DBTaskResult.objects.filter(task_path="bookings.tasks.sandbox_notification").order_by("enqueued_at")
    assert [row.args_kwargs["args"][1:] for row in attempts] == [[], [2]]


def test_after_so_many_times_a_notification_is_an_error_that_people_see(
    payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    press(payment, "pay")
    (row,) = DBTaskResult.objects.filter(task_path="bookings.tasks.sandbox_notification")
    database_gone(monkeypatch)
    with pytest.raises(OperationalError):
        tasks.sandbox_notification.call(*row.args_kwargs["args"], attempt=tasks.PATIENCE)
    assert notifications() == [("succeeded", False)]


@pytest.mark.django_db
def test_the_house_offers_what_its_settings_say(settings: Any) -> None:
    house = OrganizationFactory()
    assert [way.name for way in offered(house)] == ["sandbox"]
    settings.PAYMENT_PROVIDERS = []
    assert offered(house) == []
