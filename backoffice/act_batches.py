"""An act for many bookings: given to the worker, which deals with each in a transaction of its own."""

from typing import Any

from django.db import transaction
from django.utils import translation

from accounts.models import Organization
from backoffice.acts import ACTS, Act, chosen
from bookings.models import Batch, BatchRow, Booking
from bookings.services import batches
from core import clock
from core.refusals import Refusal


def begin(
    act: Act, bookings: list[Booking], *, organization: Organization, data: dict[str, Any], key: str, by: Any
) -> Batch:
    """Give it to the worker; once, however often the same form is sent. Raises KeyReused."""
    ids = [booking.pk for booking in bookings]
    return batches.act(organization_id=organization.pk, name=act.name, booking_ids=ids, data=data, key=key, by=by)


def deal(row: BatchRow) -> str:
    """Do it for one booking, or return why it makes no sense for it any more: that is no failure."""
    facts = row.batch.facts
    with translation.override(facts["language"]):
        act = ACTS[facts["act"]]
        (booking,) = chosen([row.booking_id], row.batch.organization)
        return act.why_not(booking, clock.now()) or _done(act, booking, by=row.batch.by, data=facts["data"])


def _done(act: Act, booking: Booking, *, by: Any, data: dict[str, Any]) -> str:
    try:
        with transaction.atomic():
            act.step(booking, by=by, **data)
    except Refusal as refusal:
        return str(refusal)
    return ""
