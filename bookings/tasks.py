"""Work of the worker."""

from datetime import timedelta
from typing import Any

from django.db import OperationalError
from django.tasks import task
from django.utils import timezone

from bookings.gateways import News, Outcome
from bookings.services import batches, payments, provider_events, reconciliation, refunds
from core.transactions import Busy

PATIENCE = 20
"""How often the sandbox repeats a notification that was not accepted, as real providers do for days."""


@task()
def send_refund(refund_id: int) -> None:
    """Order a refund as soon as its cause is committed; `tick` orders what this missed."""
    refunds.send(refund_id)


@task()
def carry_on(batch_id: int) -> None:
    """Go on with what is done to many bookings; the rest is another task, so that others get their turn."""
    if batches.work(batch_id=batch_id):
        carry_on.enqueue(batch_id)


@task()
def handle_event(event_id: int) -> None:
    """Act on a provider's message as soon as it is stored; `tick` acts on what this missed."""
    provider_events.handle(event_id)


@task()
def reconcile() -> None:
    """Compare the providers' truth with ours; `tick` asks for it every now and then."""
    reconciliation.reconcile(limit=reconciliation.AT_A_TIME)


@task()
def sandbox_notification(news: dict[str, Any], attempt: int = 1) -> None:
    """Tell the shop what the sandbox provider wants to tell it; again later when it was busy."""
    told = News(**{**news, "outcome": Outcome(news["outcome"])})
    try:
        payments.settle(provider="sandbox", news=told)
    except (Busy, OperationalError):
        if attempt >= PATIENCE:
            raise
        again = sandbox_notification.using(run_after=timezone.now() + timedelta(seconds=5))
        again.enqueue(news, attempt + 1)
