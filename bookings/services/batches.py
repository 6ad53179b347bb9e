"""
What is done to many bookings, one after the other by the worker: to all of an event when it is cancelled, or moved,
or to those that staff chose.

It begins with one transaction that changes the event, if there is one, and writes down the bookings. Then each is
dealt with in a transaction of its own, together with what came of it: so whoever is killed, and however many work at
once, each is dealt with once. Before an event's is over, bookings that slipped in meanwhile are looked for.
"""

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError
from django.db.models import Exists, OuterRef
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bookings.models import Batch, BatchRow, Booking, Refund
from bookings.services import cancellations, messages, notices
from core import audit, clock, idempotency
from core.refusals import Refusal
from core.transactions import Busy, outermost
from events.models import Event
from events.services import changing, inventory
from events.services.changing import Times

logger = logging.getLogger(__name__)

CHUNK = 25
"""So many bookings in one task; then others get their turn."""

ROUNDS = 3
"""So often what failed is tried by itself; then people have to look."""


class StillChanging(Refusal):
    """What was begun before isn't over."""

    def __init__(self) -> None:
        super().__init__(_("An earlier change of this event is still being carried out. Please wait until it is over."))


@outermost
def cancel_event(*, event_id: int, reason: str, note: str = "", by: Any = None) -> Batch:
    """
    Cancel an event: nothing is sold from now on, and all its bookings are going to end with all their money back.

    `reason` is for colleagues, `note` for everybody. Harmless when repeated. Raises CantChange, StillChanging.
    """
    event = Event.objects.locked().select_related("organization").get(pk=event_id)
    changing.check_cancellable(event)
    if event.status == Event.Status.CANCELLED and (begun := _latest(event, Batch.Kind.CANCEL_EVENT)):
        return begun
    now = clock.now()
    batch = _begin(event, Batch.Kind.CANCEL_EVENT, {"reason": reason, "note": note}, at=now, by=by)
    changing.call_off(event, note=note, reason=reason, at=now, by=by)
    return _with_rows(batch)


@outermost
def move_event(
    *, event_id: int, times: Times, returnable_for: timedelta | None, note: str = "", by: Any = None
) -> Batch:
    """
    Move an event to other times, and tell everybody who has places. Those can return tickets for all their money
    until `returnable_for` is over, or the event starts.

    Raises CantChange, BadTimes, StillChanging.
    """
    event = Event.objects.locked().select_related("organization", "venue").get(pk=event_id)
    now = clock.now()
    changing.check_movable(event)
    changing.check_times(event, times, now)
    until = min(now + returnable_for, times.starts_at) if returnable_for else None
    facts = {"before": event.starts_at.isoformat(), "after": times.starts_at.isoformat(), "note": note}
    batch = _begin(event, Batch.Kind.MOVE_EVENT, facts, at=now, by=by)
    changing.move(event, times, note=note, returnable_until=until, at=now, by=by)
    return _with_rows(batch)


@outermost
def act(
    *, organization_id: int, name: str, booking_ids: Collection[int], data: dict[str, Any], key: str, by: Any
) -> Batch:
    """
    Let the worker do what `DOING` has for acts, called `name`, to these bookings. `data` is what it needs to know.

    The same key makes one batch, however often and however parallel it comes. Raises KeyReused when it said
    something else before.
    """
    said = {"act": name, "bookings": sorted(booking_ids), "data": data}
    if idempotency.remember("act on bookings", f"{organization_id}:{key}", said, result=key) is not None:
        return Batch.objects.get(organization=organization_id, kind=Batch.Kind.ACT, facts__key=key)
    facts = {"act": name, "data": data, "key": key, "language": get_language()}
    batch = Batch.objects.create(
        organization_id=organization_id, kind=Batch.Kind.ACT, facts=facts, by=by, created_at=clock.now()
    )
    own = Booking.objects.filter(organization=organization_id, pk__in=booking_ids).order_by("pk")
    rows = (BatchRow(batch=batch, booking_id=pk) for pk in own.values_list("pk", flat=True))
    BatchRow.objects.bulk_create(rows, batch_size=1_000)
    return _enqueued(batch)


def _latest(event: Event, kind: str) -> Batch | None:
    return Batch.objects.filter(event=event, kind=kind).order_by("-pk").first()


def _begin(event: Event, kind: str, facts: dict[str, Any], *, at: datetime, by: Any) -> Batch:
    if Batch.objects.filter(event=event, finished_at=None).exists():
        raise StillChanging
    return Batch.objects.create(
        organization_id=event.organization_id, kind=kind, event=event, facts=facts, by=by, created_at=at
    )


def _with_rows(batch: Batch) -> Batch:
    _add_rows(batch)
    return _enqueued(batch)


def _enqueued(batch: Batch) -> Batch:
    from bookings.tasks import carry_on  # noqa: PLC0415 - the task calls back into this module

    carry_on.enqueue(batch.pk)
    return batch


def _add_rows(batch: Batch) -> int:
    """Write down the event's bookings that have places and aren't yet; who booked after a move knew of it."""
    if not batch.event_id:
        return 0  # those that were chosen, and no others
    known = BatchRow.objects.filter(batch=batch, booking=OuterRef("pk"))
    found = Booking.objects.held().filter(event=batch.event_id).exclude(Exists(known))
    if batch.kind == Batch.Kind.MOVE_EVENT:
        found = found.filter(reserved_at__lte=batch.created_at)
    ids = found.order_by("pk").values_list("pk", flat=True)
    rows = (BatchRow(batch=batch, booking_id=pk) for pk in ids.iterator(chunk_size=2_000))
    return len(BatchRow.objects.bulk_create(rows, batch_size=1_000))


def work(*, batch_id: int, most: int = CHUNK) -> int:
    """
    Go on with a batch: deal with some of its bookings, or end it. Returns with how many.

    One that can't be dealt with doesn't keep the others; it is tried again ROUNDS times, and then waits for people.
    """
    waiting = BatchRow.objects.filter(batch=batch_id, status=BatchRow.Status.WAITING).order_by("pk")
    done = 0
    for pk in waiting.values_list("pk", flat=True)[:most]:
        try:
            done += _deal_calmly(pk)
        except Busy:
            return done  # `tick` goes on
    if not waiting.exists():
        _end(batch_id=batch_id)
    return done


def work_due() -> int:
    """Go on with every batch that isn't over; return with how many bookings. What a lost task left is found here."""
    return sum(work(batch_id=pk) for pk in Batch.objects.filter(finished_at=None).values_list("pk", flat=True))


def _deal_calmly(row_id: int) -> bool:
    try:
        return _deal(row_id=row_id)
    except (Busy, OperationalError):
        raise
    except Exception as error:  # whatever is wrong with this one, the others have to be dealt with
        logger.exception("Row %s of a batch could not be dealt with.", row_id)
        _note_failure(row_id=row_id, failure=str(error) if isinstance(error, Refusal) else type(error).__name__)
        return False


@outermost
def _deal(*, row_id: int) -> bool:
    """Deal with one booking, unless somebody else is at it or has been; with it is written what came of it."""
    rows = BatchRow.objects.filter(pk=row_id, status=BatchRow.Status.WAITING)
    rows = rows.select_related("batch__by", "batch__organization")
    row = rows.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    if row is None:
        return False
    said = DOING[row.batch.kind](row)
    row.status, row.result, row.done_at = BatchRow.Status.DONE, (said or "")[:200], clock.now()
    row.save(update_fields=["status", "result", "done_at"])
    return True


def _cancel(row: BatchRow) -> None:
    why, by = Refund.Reason.EVENT_CANCELLED, row.batch.by
    cancellations.end_with_money_back(booking_id=row.booking_id, reason=Booking.EVENT_CANCELLED, why=why, by=by)


def _tell(row: BatchRow) -> None:
    """Only who still has places wants to know."""
    bookings = Booking.objects.locked().select_related("event__venue", "organization")
    booking = bookings.held().filter(pk=row.booking_id).first()
    if booking:
        before = datetime.fromisoformat(row.batch.facts["before"])
        now = clock.now()
        messages.event_moved(booking, before=before, at=now)
        notices.tell_holders_of_move(booking, before=before, at=now)


DOING: dict[str, Callable[[BatchRow], str | None]] = {Batch.Kind.CANCEL_EVENT: _cancel, Batch.Kind.MOVE_EVENT: _tell}
"""
What is done to a booking, within the transaction of its row, by kind of batch; it may return why nothing had to be.
Whoever stands above this app adds what it does (`backoffice.apps`).
"""


@outermost
def _note_failure(*, row_id: int, failure: str) -> None:
    waiting = BatchRow.objects.filter(pk=row_id, status=BatchRow.Status.WAITING)
    waiting.update(status=BatchRow.Status.FAILED, result=failure[:200], done_at=clock.now())


@outermost
def _end(*, batch_id: int) -> None:
    """
    End a batch when nothing is left to do: no booking slipped in, and what failed was tried often enough.

    Places that came free meanwhile are blocked first, so that no booking can slip in afterwards.
    """
    batch = _locked(batch_id)
    if batch.finished_at:
        return
    if batch.event and batch.kind == Batch.Kind.CANCEL_EVENT:
        inventory.block_free(event=batch.event)
    if _add_rows(batch) or batch.rows.filter(status=BatchRow.Status.WAITING).exists() or _another_round(batch):
        return
    batch.finished_at = clock.now()
    batch.save(update_fields=["finished_at"])


def _another_round(batch: Batch) -> bool:
    """Let what failed wait again, unless that was done often enough; return whether there is any."""
    rounds = batch.facts.get("rounds", 1)
    if rounds >= ROUNDS or not _let_wait(batch):
        return False
    batch.facts["rounds"] = rounds + 1
    batch.save(update_fields=["facts"])
    return True


def _let_wait(batch: Batch) -> int:
    return batch.rows.filter(status=BatchRow.Status.FAILED).update(status=BatchRow.Status.WAITING, done_at=None)


@outermost
def try_again(*, batch_id: int, by: Any = None) -> int:
    """Try what failed once more; return how many. Raises StillChanging when another batch of the event is open."""
    from bookings.tasks import carry_on  # noqa: PLC0415 - the task calls back into this module

    batch = _locked(batch_id)
    others = Batch.objects.filter(event=batch.event_id, finished_at=None).exclude(pk=batch.pk)
    if batch.event_id and others.exists():
        raise StillChanging
    if failed := _let_wait(batch):
        batch.finished_at, batch.facts["rounds"] = None, 1
        batch.save(update_fields=["finished_at", "facts"])
        audit.record("event.batch_retried", batch.event or batch, at=clock.now(), by=by, bookings=failed)
        carry_on.enqueue(batch.pk)
    return failed


def _locked(batch_id: int) -> Batch:
    """Lock the event, if it is of one, then the batch."""
    event = Event.objects.locked().filter(pk=Batch.objects.values_list("event").get(pk=batch_id)[0]).first()
    batch = Batch.objects.select_for_update(no_key=True).get(pk=batch_id)
    batch.event = event
    return batch
