"""What became of two evenings of the demonstration: one is cancelled, and one has a new date."""

from datetime import datetime, timedelta

from accounts.models import User
from bookings.models import Batch
from bookings.services import batches, refunds
from core import clock
from events.models import Event
from events.services import changing

ILL = "Both dancers are ill. We are sorry, and look for another evening."
FILM = "The film hasn't arrived yet, so we show it a week later."


def change(event: Event, kind: str, now: datetime, *, by: User) -> None:
    """Cancel or move it, and let the worker do what follows."""
    with clock.at(now):
        batch = _begun(event, kind, by)
        while batches.work(batch_id=batch.pk):
            pass
        refunds.send_due()


def _begun(event: Event, kind: str, by: User) -> Batch:
    if kind == "cancelled":
        return batches.cancel_event(event_id=event.pk, reason="illness", note=ILL, by=by)
    times = changing.times_moved(event, event.starts_at + timedelta(days=7))
    return batches.move_event(event_id=event.pk, times=times, returnable_for=timedelta(days=14), note=FILM, by=by)
