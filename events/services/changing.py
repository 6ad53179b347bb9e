"""
What becomes of an event itself when it doesn't take place, or at another time. What becomes of its bookings is
theirs: `bookings.services.batches` begins both, in one transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import audit
from core.refusals import Refusal
from events.models import Event
from events.services import inventory
from events.services.copying import moments_moved


class CantChange(Refusal):
    """The event can't be cancelled or moved as it is; the message says why."""


class BadTimes(Refusal):
    """An event can't be at such times."""

    status = 422

    def __init__(self, field: str, message: Any) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Times:
    """When an event takes place and sells."""

    starts_at: datetime
    ends_at: datetime
    doors_at: datetime | None
    sales_end: datetime | None
    accessible_until: datetime | None


def times_of(event: Event) -> Times:
    """Return its times as they are."""
    return Times(event.starts_at, event.ends_at, event.doors_at, event.sales_end, event.accessible_until)


def times_moved(
    event: Event,
    starts_at: datetime,
    *,
    ends_at: datetime | None = None,
    doors_at: datetime | None = None,
    sales_end: datetime | None = None,
) -> Times:
    """Return its times with another start: what isn't said moves as far as that, by the clocks of the venue."""
    moved = moments_moved(event, starts_at)
    return Times(
        starts_at,
        ends_at or moved["ends_at"] or starts_at,
        doors_at or moved["doors_at"],
        sales_end or moved["sales_end"],
        moved["accessible_until"],
    )


def check_cancellable(event: Event) -> None:
    """Raise CantChange for a draft, which nobody knows of."""
    if event.status == Event.Status.DRAFT:
        raise CantChange(_("Nobody knows of a draft, so there is nothing to cancel: change it, or delete it."))


def check_movable(event: Event) -> None:
    """Raise CantChange unless it is published: a draft is changed in its form, and what is cancelled stays so."""
    if event.status == Event.Status.DRAFT:
        raise CantChange(_("Nobody knows of a draft, so there is nobody to tell: change its times in its form."))
    if event.status == Event.Status.CANCELLED:
        raise CantChange(_("This event was cancelled."))


def check_times(event: Event, times: Times, now: datetime) -> None:
    """Raise BadTimes, saying which and why, unless the event could be moved to them."""
    if times.starts_at == event.starts_at:
        raise BadTimes("starts_at", _("That is when it starts already."))
    if times.starts_at <= now:
        raise BadTimes("starts_at", _("Please choose a start in the future."))
    if times.ends_at <= times.starts_at:
        raise BadTimes("ends_at", _("An event ends after its start."))
    if times.doors_at and times.doors_at > times.starts_at:
        raise BadTimes("doors_at", _("Doors open before the start."))
    if times.sales_end and times.sales_end > times.ends_at:
        raise BadTimes("sales_end", _("Sales would go on after the event is over."))
    if times.sales_end and event.sales_start and times.sales_end <= event.sales_start:
        raise BadTimes("sales_end", _("Sales end after they start."))


def call_off(event: Event, *, note: str, reason: str, at: datetime, by: Any) -> None:
    """
    In the caller's transaction, with the event locked: it doesn't take place, and sells nothing from now on.

    Its free places are blocked, which waits for whoever is claiming some: who was faster is found afterwards.
    """
    event.status, event.change_note = Event.Status.CANCELLED, note
    event.save(update_fields=["status", "change_note", "changed_at"])
    blocked = inventory.block_free(event=event)
    audit.record("event.cancelled", event, at=at, by=by, reason=reason, places=blocked)


def move(event: Event, times: Times, *, note: str, returnable_until: datetime | None, at: datetime, by: Any) -> None:
    """In the caller's transaction, with the event locked: it takes place at another time."""
    before = event.starts_at
    event.moved_from, event.change_note, event.returnable_until = before, note, returnable_until
    for name in Times.__slots__:
        setattr(event, name, getattr(times, name))
    event.save(update_fields=["moved_from", "change_note", "returnable_until", *Times.__slots__, "changed_at"])
    local = [moment.astimezone(event.venue.zone) for moment in (before, times.starts_at)]
    moments = dict(zip(("before", "after"), (moment.isoformat(" ", "minutes") for moment in local), strict=True))
    audit.record("event.moved", event, at=at, by=by, **moments)
