"""What has to be done every few seconds, and may be done by several workers at once."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bookings.models import Booking
from bookings.services import (
    batches,
    customers,
    documents,
    hoarding,
    provider_events,
    reconciliation,
    refunds,
    reservations,
)
from core import clock, throttles
from core.models import IdempotentCall
from core.transactions import outermost
from events.services import holds
from notifications import outbox

STUCK_AFTER = timedelta(minutes=10)
"""No task of ours takes this long: its worker was killed."""

CALLS_KEPT = timedelta(days=7)
TASKS_KEPT = timedelta(days=7)
WORDED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Done:
    """How much there was to do."""

    expired: int
    holds: int
    batches: int
    refunds: int
    numbered: int
    events: int
    messages: int
    requeued: int
    worded: int
    forgotten: int


def tick() -> Done:
    """
    End what lapsed, go on with batches, send what is due, act on what providers told us, number papers, requeue tasks
    of killed workers, forget what is old; now and then let the worker compare payments with what the providers say.
    """
    from bookings.tasks import reconcile  # noqa: PLC0415 - the module of tasks knows services, and no service it

    if reconciliation.is_due():
        reconcile.enqueue()
    return Done(
        expired=reservations.expire_due(),
        holds=holds.release_due(),
        batches=batches.work_due(),
        refunds=refunds.send_due(),
        numbered=documents.number_due(),
        events=provider_events.handle_due(),
        messages=outbox.deliver_due(),
        requeued=_requeue_stuck(),
        worded=_fill_in_words(),
        forgotten=_forget_old(),
    )


def _requeue_stuck() -> int:
    # The task backend stamps its rows with the host's clock, so they are compared with that.
    stuck = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, started_at__lt=timezone.now() - STUCK_AFTER)
    return stuck.update(status=TaskResultStatus.READY)


@outermost
def _fill_in_words() -> int:
    """The version before knew of no `search_text`, and wrote on while this one was installed (R48)."""
    without = Booking.objects.filter(search_text="").exclude(status=Booking.Status.PENDING)
    found = list(without.order_by("pk").select_for_update(no_key=True, skip_locked=True)[:WORDED_AT_ONCE])
    for booking in found:
        booking.search_text = booking.text_to_search()
    return Booking.objects.bulk_update(found, ["search_text"])


def _forget_old() -> int:
    now = clock.now()
    calls, _rows = IdempotentCall.objects.filter(created_at__lt=now - CALLS_KEPT).delete()
    tasks, _rows = DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - TASKS_KEPT).delete()
    # Sessions end by the host's clock too.
    sessions, _rows = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return (
        calls
        + tasks
        + sessions
        + throttles.forget_before(now - timedelta(days=1))
        + hoarding.forget_clients()
        + outbox.forget_bodies()
        + customers.forget_quotas()
    )
