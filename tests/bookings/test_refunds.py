"""Money on its way back."""

from datetime import datetime, timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from bookings import gateways
from bookings.gateways import sandbox
from bookings.models import Booking, Refund, SandboxCharge, SandboxCheckout, SandboxRefund
from bookings.queries.promises import violations
from bookings.services import cancellations, payments, refunds
from core import clock, retries
from core.models import AuditEntry
from events.models import Event
from tests.factories import event_on_sale, handed_over, paid, reserve

pytestmark = pytest.mark.django_db


class Down(sandbox.SandboxGateway):
    """A provider that doesn't answer."""

    def refund(self, refund: Refund) -> str:
        raise gateways.Unavailable("timed out")


class Reentrant(sandbox.SandboxGateway):
    """While the order is given, another worker comes by."""

    seen: list[bool] = []

    def refund(self, refund: Refund) -> str:
        self.seen.append(refunds.send(refund.pk))
        return super().refund(refund)


@pytest.fixture
def provider_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gateways._GATEWAYS, "sandbox", f"{Down.__module__}.Down")


def really_paid(event: Event, action: str = "pay") -> Booking:
    """Paid on the sandbox's page, so that its books know of the money."""
    payment = handed_over(reserve(event))
    sandbox.press(SandboxCheckout.objects.get(key=payment.key), action)
    payments.look_up(booking=payment.booking)
    return Booking.objects.get(pk=payment.booking_id)


@pytest.fixture
def refund(noon: datetime) -> Refund:
    cancellations.cancel(booking_id=really_paid(event_on_sale()).pk, reason="test")
    return Refund.objects.get()


def test_a_refund_is_queued_with_its_cause(refund: Refund, noon: datetime) -> None:
    """R11"""
    assert (refund.status, refund.reason, refund.attempts) == ("queued", "cancelled", 0)
    assert refund.amount == refund.payment.amount
    entry = AuditEntry.objects.get(action="refund.queued")
    assert entry.facts == {"payment": refund.payment_id, "amount": refund.amount, "reason": "cancelled"}
    tasks = DBTaskResult.objects.filter(task_path="bookings.tasks.send_refund")
    assert [task.args_kwargs["args"] for task in tasks] == [[refund.pk]]


def test_a_refund_is_sent_once(refund: Refund) -> None:
    """R37"""
    assert [refunds.send(refund.pk), refunds.send(refund.pk), refunds.send_due()] == [True, False, 0]
    refund.refresh_from_db()
    back = SandboxRefund.objects.get()
    assert (refund.status, refund.reference, refund.failure) == ("sent", back.reference, "")
    assert (back.charge, back.key, back.amount) == (SandboxCharge.objects.get(), refund.key, refund.amount)
    assert AuditEntry.objects.filter(action="refund.sent").count() == 1
    assert list(violations()) == []


def test_what_a_provider_did_not_take_is_ordered_again_later(
    refund: Refund, noon: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(gateways._GATEWAYS, "sandbox", f"{Down.__module__}.Down")
        assert refunds.send_due() == 0
    refund.refresh_from_db()
    assert (refund.status, refund.attempts, refund.reference) == ("queued", 1, None)
    assert (refund.failure, refund.next_attempt_at) == ("Unavailable: timed out", noon + retries.backoff(1))
    assert f"Refund {refund.pk} could not be sent: Unavailable" in caplog.text
    assert refunds.send_due() == 0
    clock.advance(retries.backoff(1))
    assert refunds.send_due() == 1
    refund.refresh_from_db()
    assert (refund.status, refund.attempts, refund.failure) == ("sent", 2, "")


@pytest.mark.usefixtures("provider_is_down")
def test_people_have_to_look_after_twelve_attempts(refund: Refund) -> None:
    for attempt in range(1, retries.ATTEMPTS + 1):
        refund.refresh_from_db()
        assert (refund.status, refund.attempts) == ("queued", attempt - 1)
        assert not refunds.send(refund.pk)
        clock.advance(retries.backoff(attempt))
    refund.refresh_from_db()
    assert (refund.status, refund.attempts, refund.failure) == ("failed", 12, "Unavailable: timed out")
    assert AuditEntry.objects.filter(action="refund.failed").count() == 1
    assert refunds.send_due() == 0
    assert list(violations()) == []


def test_one_worker_at_a_time_orders_a_refund(refund: Refund, monkeypatch: pytest.MonkeyPatch) -> None:
    Reentrant.seen.clear()
    monkeypatch.setitem(gateways._GATEWAYS, "sandbox", f"{Reentrant.__module__}.Reentrant")
    assert refunds.send(refund.pk)
    assert Reentrant.seen == [False]
    assert AuditEntry.objects.filter(action="refund.sent").count() == 1


def test_after_a_crash_the_same_order_is_given_with_the_same_key(refund: Refund) -> None:
    """R37: the provider took it, and the worker died before it could write that down."""
    refunds.send(refund.pk)
    Refund.objects.update(status="queued", reference=None)
    assert not refunds.send(refund.pk)  # the lease of the dead worker
    clock.advance(retries.LEASE)
    assert refunds.send_due() == 1
    assert SandboxRefund.objects.get().key == refund.key
    refund.refresh_from_db()
    assert refund.status == "sent"


def test_a_provider_that_was_switched_off_is_waited_for(refund: Refund, settings: object) -> None:
    settings.PAYMENT_PROVIDERS = []  # type: ignore[attr-defined]
    assert not refunds.send(refund.pk)
    refund.refresh_from_db()
    assert (refund.status, refund.failure[:10]) == ("queued", "NotOffered")


def test_no_more_than_so_many_are_ordered_at_once(noon: datetime) -> None:
    event = event_on_sale()
    for _number in range(3):
        cancellations.cancel(booking_id=really_paid(event).pk, reason="test")
    assert refunds.send_due(limit=2) == 2
    assert refunds.send_due() == 1


def test_a_refund_that_does_not_exist_is_no_error() -> None:
    assert not refunds.send(2**40)


def test_a_refund_is_of_the_whole_payment_and_of_no_other(noon: datetime) -> None:
    """R8, S44"""
    event = event_on_sale()
    booking, other = really_paid(event, "pay_twice"), paid(event)
    assert {refund.reason for refund in Refund.objects.all()} == {"duplicate"}
    cancellations.cancel(booking_id=booking.pk, reason="test")
    cancellations.cancel(booking_id=booking.pk, reason="test")
    amounts = Refund.objects.order_by("pk").values_list("payment__booking", "amount", "reason")
    assert list(amounts) == [(booking.pk, booking.total, "duplicate"), (booking.pk, booking.total, "cancelled")]
    assert refunds.send_due() == 2
    assert not other.payments.filter(refunds__isnull=False).exists()
    assert SandboxRefund.objects.count() == 2
    assert list(violations()) == []


def test_waiting_longer_than_the_lease_gives_no_second_refund(refund: Refund) -> None:
    refunds.send(refund.pk)
    clock.advance(timedelta(days=1))
    assert refunds.send_due() == 0
