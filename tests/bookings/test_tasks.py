"""What the worker does with the tasks of a purchase."""

from datetime import datetime

import pytest
from django.core import mail
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from bookings.gateways import sandbox
from bookings.models import Booking, Refund, SandboxCheckout
from bookings.queries.promises import violations
from bookings.services import cancellations
from core import clock
from tests.factories import event_on_sale, handed_over, reserve


def work() -> None:
    """Run what there is to run, as `manage.py worker` does."""
    Worker(
        queue_names=["*"],
        excluded_queue_names=[],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="test",
    ).run()


@pytest.mark.django_db(transaction=True)
def test_the_worker_brings_a_purchase_to_its_tickets_and_a_cancellation_to_its_money(noon: datetime) -> None:
    """R31, R43: the return page is never visited."""
    payment = handed_over(reserve(event_on_sale()))
    sandbox.press(SandboxCheckout.objects.get(key=payment.key), "pay")
    work()
    booking = Booking.objects.get()
    assert booking.status == "confirmed"
    assert [each.subject for each in mail.outbox] == [f"Your tickets for {booking.event.title}"]
    cancellations.cancel(booking_id=booking.pk, reason="test")
    work()
    assert Refund.objects.get().status == "sent"
    assert len(mail.outbox) == 2
    assert not DBTaskResult.objects.exclude(status="SUCCESSFUL").exists()
    assert clock.now() == noon
    assert list(violations()) == []
