"""What a change of an event means for its bookings: before it is made, while it is carried out, and afterwards."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Sum

from bookings.models import Batch, BatchRow, Booking, Payment, Refund, Ticket
from events.models import Event


@dataclass(frozen=True, slots=True)
class Reach:
    """
    Whom a change of an event concerns. `unpaid` of the bookings wait for their payment, `mails` have an address.

    `by_provider` and `by_hand` are money that was paid and hasn't gone back, in the event's currency.
    """

    bookings: int
    unpaid: int
    tickets: int
    mails: int
    by_provider: Mapping[str, int]
    by_hand: int

    @property
    def money(self) -> int:
        """All that would go back."""
        return sum(self.by_provider.values()) + self.by_hand

    @property
    def without_mail(self) -> int:
        """Who can't be told by mail."""
        return self.bookings - self.mails


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is. `refunds` has amounts by what became of them, for one that ends bookings."""

    waiting: int
    done: int
    failed: int
    is_over: bool
    refunds: Mapping[str, int]

    @property
    def all(self) -> int:
        """How many bookings in all."""
        return self.waiting + self.done + self.failed

    @property
    def dealt_with(self) -> int:
        """How many had their turn."""
        return self.done + self.failed

    @property
    def version(self) -> str:
        """Another one whenever the page would say something else."""
        money = ".".join(f"{status}{amount}" for status, amount in sorted(self.refunds.items()))
        return f"{self.waiting}-{self.done}-{self.failed}-{'over' if self.is_over else 'on'}-{money}"


def reach(event: Event) -> Reach:
    """Return whom cancelling or moving an event would concern."""
    held = Booking.objects.held().filter(event=event)
    counted = held.aggregate(
        bookings=Count("pk"),
        unpaid=Count("pk", filter=Q(status=Booking.Status.PENDING)),
        mails=Count("pk", filter=~Q(email="")),
    )
    left = _left(held)
    by_hand = sum(left.pop(way, 0) for way in Payment.ByHand.values)
    tickets = Ticket.objects.live().filter(booking__in=held).count()
    return Reach(**counted, tickets=tickets, by_provider=dict(left), by_hand=by_hand)


def _left(bookings: QuerySet[Booking]) -> Counter[str]:
    """What was paid for bookings and hasn't gone back, by whom it was paid with."""
    paid = Payment.objects.filter(booking__in=bookings, status=Payment.Status.SUCCEEDED, kept_aside=False)
    paid = paid.exclude(provider=Payment.ByHand.COMPLIMENTARY)
    moved = paid.filter(source__isnull=False).select_related("source__source__source").prefetch_related("refunds")
    left: Counter[str] = Counter()
    for payment in moved:
        left[payment.origin.provider] += payment.left
    asked = paid.filter(source=None)
    for provider, amount in asked.order_by().values_list("provider").annotate(Sum("amount")):
        left[provider] += amount
    back = Refund.objects.filter(payment__in=asked).order_by()
    for provider, amount in back.values_list("payment__provider").annotate(Sum("amount")):
        left[provider] -= amount
    return +left


def progress(batch: Batch) -> Progress:
    """Return how far a batch is, in at most two queries."""
    by_status = dict(batch.rows.order_by().values_list("status").annotate(Count("pk")))
    refunds: dict[str, int] = {}
    if batch.kind == Batch.Kind.CANCEL_EVENT:
        queued = Refund.objects.filter(
            payment__booking__event=batch.event_id, reason=Refund.Reason.EVENT_CANCELLED
        ).order_by()
        refunds = dict(queued.values_list("status").annotate(Sum("amount")))
    return Progress(
        waiting=by_status.get(BatchRow.Status.WAITING, 0),
        done=by_status.get(BatchRow.Status.DONE, 0),
        failed=by_status.get(BatchRow.Status.FAILED, 0),
        is_over=batch.finished_at is not None,
        refunds=refunds,
    )


def returns_in_full(booking: Booking, now: datetime) -> bool:
    """
    Whether its tickets can be returned for everything that was paid for them, whatever the rules of cancelling say:
    its event was moved since it was booked, and there is still time for that (U39).

    For who tells what goes back for a ticket, before any policy is looked at.
    """
    event = booking.event
    if not event.is_moved or event.returnable_until is None or now > event.returnable_until:
        return False
    moves = BatchRow.objects.filter(batch__event=event, batch__kind=Batch.Kind.MOVE_EVENT)
    return moves.filter(booking=booking).exists()
