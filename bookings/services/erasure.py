"""
A person's end in our books: names, addresses and what was written go, while ids, amounts and papers' numbers stay.

What is still to come is kept until it is over (an event, money on its way, an answer): without an address nobody could
be told of it. Erasing again later takes the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Organization
from bookings.models import (
    Booking,
    ProviderEvent,
    RefundRequest,
    StatementLine,
    Ticket,
    Transfer,
)
from bookings.queries.persons import ELSEWHERE, Traces, of_address, over
from core import audit, clock, codes
from core.transactions import outermost
from notifications import outbox
from notifications.models import Message


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased, and what is kept for now."""

    bookings: int
    kept: int


@outermost
def erase_address(*, organization_id: int, email: str, by: Any) -> Erased:
    """Erase in one organization who has this address, as far as nothing is to come. Harmless when repeated."""
    organization = Organization.objects.get(pk=organization_id)
    found, now = of_address(organization, email), clock.now()
    erase_elsewhere(found)
    count = erase(found, at=now, by=by)
    kept = of_address(organization, email).bookings.count()
    audit.record("person.erased", organization, at=now, by=by, bookings=count, kept=kept)
    return Erased(count, kept)


@outermost
def note_export(*, organization_id: int, bookings: int, by: Any) -> None:
    """Write down that staff took somebody's data out, and how much; not whose."""
    organization = Organization.objects.get(pk=organization_id)
    audit.record("person.exported", organization, at=clock.now(), by=by, bookings=bookings)


def erase(traces: Traces, *, at: datetime, by: Any = None) -> int:
    """Within the caller's transaction: erase what is over of these traces; return of how many bookings."""
    ids = list(over(traces.bookings, at).values_list("pk", flat=True))
    list(Booking.objects.locked().filter(pk__in=ids))
    bookings = list(over(Booking.objects.filter(pk__in=ids), at).order_by("pk"))  # as they are now
    received = list(traces.tickets.filter(_is_over("booking__event", at)).values_list("pk", flat=True))
    _forget_mail(traces.messages.filter(about_type=Booking._meta.label_lower), at)
    unanswered = Q(ended_at__isnull=False) | Q(accepted_at=None, expires_at__lte=at)
    traces.offers.filter(_is_over("ticket__booking__event", at) | unanswered).update(name="", email="")
    _forget_holders(Ticket.objects.filter(pk__in=received))
    for booking in bookings:
        _erase(booking, at=at, by=by)
    return len(bookings)


def erase_elsewhere(traces: Traces) -> None:
    """Within the caller's transaction, before anything is locked: erase what other apps keep by these addresses."""
    for each in ELSEWHERE.values():
        each.erase(traces.addresses, traces.organization)


def _is_over(event: str, at: datetime) -> Q:
    return Q(**{f"{event}__ends_at__lte": at})


def _erase(booking: Booking, *, at: datetime, by: Any) -> None:
    """Take from a locked booking all that says whose it was; its link is dead."""
    placeholder = Booking.erased_address(booking.pk) if booking.email else ""
    booking.customer_name = booking.phone = booking.client = ""
    booking.email = booking.email_key = placeholder
    booking.secret, booking.user = codes.secret(), None
    fields = ["customer_name", "phone", "client", "email", "email_key", "secret", "user"]
    booking.save(update_fields=fields)
    _forget_holders(booking.tickets.all())
    Transfer.objects.filter(ticket__booking=booking).update(name="", email="")
    RefundRequest.objects.filter(booking=booking).update(message="", reply="")
    StatementLine.objects.filter(payment__booking=booking).update(text="", payer="")
    ProviderEvent.objects.filter(payment__booking=booking).update(payload={})
    outbox.empty(Message.objects.filter(about_type=Booking._meta.label_lower, about_id=booking.pk))
    audit.record("booking.erased", booking, at=at, by=by)


def _forget_holders(tickets: Iterable[Ticket]) -> None:
    """Whose link it was, it isn't any more."""
    for ticket in tickets:
        if ticket.holder or ticket.holder_email:
            ticket.holder = ticket.holder_email = ""
            ticket.link = codes.secret()
            ticket.save(update_fields=["holder", "holder_email", "link"])


def _forget_mail(messages: QuerySet[Message], at: datetime) -> None:
    """What was mailed of bookings whose event is over; of others it may be needed."""
    past = Booking.objects.filter(event__ends_at__lte=at, pk__in=messages.values("about_id"))
    outbox.empty(messages.filter(about_id__in=list(past.values_list("pk", flat=True))))
