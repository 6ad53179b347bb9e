"""What went wrong or waits for somebody: people have to look."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from accounts.models import Organization
from bookings.models import Batch, BatchRow, Payment, Refund, RefundRequest
from notifications.models import Message

COUNTED_TO = 1_000
"""More than so many are just many."""
LATELY = timedelta(days=7)
LATE = timedelta(minutes=15)
"""Mail that waits for longer than this is stuck: the worker may have stopped."""
SHOWN = 5


@dataclass(frozen=True, slots=True)
class FailedPayment:
    """Money that a provider could not take."""

    booking: int
    code: str
    at: datetime
    amount: int
    currency: str
    failure: str


@dataclass(frozen=True, slots=True)
class Running:
    """A batch that the worker is at: of an event, or an act by its name."""

    batch: int
    event: str
    act: str
    done: int
    all: int


@dataclass(frozen=True, slots=True)
class Attention:
    """So many of each; COUNTED_TO + 1 means more."""

    refund_requests: int
    refunds_failed: int
    refunds_by_hand: int
    messages_failed: int
    messages_late: int
    payments_failed: int  # lately
    payments: tuple[FailedPayment, ...]  # the last of them
    batches: tuple[Running, ...]


def attention(organization: Organization, now: datetime) -> Attention:
    """Return what waits for people of an organization."""
    refunds = _refunds(organization)
    messages = Message.objects.filter(organization=organization, confidential=False).order_by()
    failed = Payment.objects.filter(
        booking__organization=organization, status=Payment.Status.FAILED, created_at__gte=now - LATELY
    ).order_by()
    return Attention(
        refund_requests=_up_to(
            RefundRequest.objects.filter(booking__organization=organization, status=RefundRequest.Status.OPEN)
        ),
        refunds_failed=refunds.get(Refund.Status.FAILED, 0),
        refunds_by_hand=refunds.get(Refund.Status.BY_HAND, 0),
        messages_failed=_up_to(messages.filter(status=Message.Status.FAILED)),
        messages_late=_up_to(messages.filter(status=Message.Status.QUEUED, created_at__lt=now - LATE)),
        payments_failed=_up_to(failed),
        payments=tuple(_last(failed)),
        batches=tuple(_running(organization)),
    )


def _up_to(rows: QuerySet) -> int:
    return rows.order_by()[: COUNTED_TO + 1].count()


def _refunds(organization: Organization) -> dict[str, int]:
    """Those that nothing but people can bring further, by status."""
    waiting = Refund.objects.filter(
        payment__booking__organization=organization, status__in=[Refund.Status.FAILED, Refund.Status.BY_HAND]
    )
    return dict(waiting.order_by().values_list("status").annotate(Count("pk")))


def _last(failed: QuerySet[Payment]) -> list[FailedPayment]:
    columns = ("booking_id", "booking__code", "created_at", "amount", "currency", "failure")
    return [FailedPayment(*row) for row in failed.order_by("-created_at", "-pk").values_list(*columns)[:SHOWN]]


def _running(organization: Organization) -> list[Running]:
    rows = Batch.objects.filter(organization=organization, finished_at=None).order_by("pk")[:SHOWN]
    running = {batch.pk: batch for batch in rows.select_related("event")}
    rows_of = BatchRow.objects.filter(batch__in=running).order_by().values_list("batch", "status")
    counted = {pk: dict[str, int]() for pk in running}
    for pk, status, count in rows_of.annotate(Count("pk")):
        counted[pk][status] = count
    return [_run(batch, counted[pk]) for pk, batch in running.items()]


def _run(batch: Batch, counted: dict[str, int]) -> Running:
    all_of_them = sum(counted.values())
    done = all_of_them - counted.get(BatchRow.Status.WAITING, 0)
    return Running(batch.pk, str(batch.event or ""), batch.facts.get("act", ""), done, all_of_them)
