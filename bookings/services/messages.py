"""What customers are told by mail: rendered when it happens, in their language, and posted in the same transaction."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.models import Booking, Payment, Ticket
from notifications import outbox

TICKETS = "bookings.services.enclosures.tickets"
"""What is attached to the mails that bring tickets."""

CALENDAR = "bookings.services.enclosures.calendar"
"""What is attached to the mails that tell of another time, or of none."""


def confirmed(booking: Booking, *, at: datetime) -> None:
    """The tickets are theirs."""
    _post("booking-confirmed", booking, _("Your tickets for %(title)s"), at=at, attach=TICKETS)


def expired(booking: Booking, *, at: datetime) -> None:
    """The reservation ran out."""
    _post("booking-expired", booking, _("Your reservation for %(title)s has ended"), at=at)


def cancelled(booking: Booking, *, at: datetime) -> None:
    """The booking was cancelled, and what happens to the money."""
    _post("booking-cancelled", booking, _("Your booking for %(title)s was cancelled"), at=at)


def event_cancelled(booking: Booking, *, at: datetime) -> None:
    """The event doesn't take place, and all the money goes back."""
    _post("event-cancelled", booking, _("%(title)s was cancelled"), at=at, attach=CALENDAR)


def event_moved(booking: Booking, *, before: datetime, at: datetime) -> None:
    """The event takes place at another time than they booked for. It may be moved more than once."""
    facts = {"before": before, "return_url": settings.SITE_URL + reverse("bookings:give-back", args=[booking.secret])}
    _post("event-moved", booking, _("%(title)s has a new date"), at=at, once=False, attach=CALENDAR, **facts)


def returned(booking: Booking, *, tickets: list[Ticket], amount: int, reply: str = "", at: datetime) -> None:
    """These tickets were given back, so much money goes back, and the others stay. `reply` is what support says."""
    facts: dict[str, Any] = {"returned": tickets, "amount": amount, "reply": reply}
    _post("tickets-returned", booking, _("Tickets for %(title)s given back"), at=at, once=False, **facts)


def goodwill(booking: Booking, *, amount: int, at: datetime) -> None:
    """Money goes back, and all tickets stay."""
    _post("money-returned", booking, _("Money back for %(title)s"), at=at, once=False, amount=amount)


def refund_declined(booking: Booking, *, reply: str, at: datetime) -> None:
    """What they asked for isn't granted, and why."""
    _post("refund-declined", booking, _("Your refund request for %(title)s"), at=at, once=False, reply=reply)


def money_back(booking: Booking, *, reason: str, at: datetime) -> None:
    """Money came that we can't keep."""
    subject = _("We are returning your payment for %(title)s")
    _post("money-back", booking, subject, at=at, once=False, reason=reason)


def link(booking: Booking, *, at: datetime) -> None:
    """The way back to the booking, for who lost it."""
    _post("booking-link", booking, _("Your booking %(code)s"), at=at, once=False)


def to_pay(booking: Booking, *, at: datetime) -> None:
    """Places that were reserved for them at the box office, and the way to pay."""
    _post("booking-to-pay", booking, _("Please pay for %(title)s"), at=at)


def to_transfer(booking: Booking, payment: Payment, *, at: datetime) -> None:
    """Where to send the money, and until when."""
    subject = _("Please transfer the money for %(title)s")
    _post("booking-transfer", booking, subject, at=at, once=False, payment=payment)


def again(booking: Booking, *, at: datetime) -> None:
    """The tickets once more for who lost them, or the link of what isn't paid yet."""
    if booking.status == Booking.Status.CONFIRMED:
        _post("booking-tickets", booking, _("Your tickets for %(title)s"), at=at, once=False, attach=TICKETS)
    else:
        link(booking, at=at)


def _post(
    kind: str,
    booking: Booking,
    subject: str | Promise,
    *,
    at: datetime,
    once: bool = True,
    attach: str = "",
    **facts: Any,
) -> None:
    """Post to the booking's address, if there is one: at the box office nobody has to leave theirs."""
    if not booking.email or booking.is_erased:
        return
    with translation.override(booking.language):
        _post_translated(kind, booking, subject, facts, at=at, once=once, attach=attach)


def _post_translated(kind: str, booking: Booking, subject: str | Promise, facts: dict[str, Any], **how: Any) -> None:
    named = str(subject) % {"title": booking.event.title, "code": booking.code}
    context = {
        "booking": booking,
        "event": booking.event,
        "organization": booking.organization,
        "tickets": booking.tickets.named().live().order_by("number"),
        "url": settings.SITE_URL + booking.get_absolute_url(),
        "calendar": settings.SITE_URL + reverse("bookings:calendar", args=[booking.secret]),
        "subject": named,
        **facts,
    }
    outbox.post(
        kind=kind,
        about=booking,
        to=booking.email,
        subject=" ".join(named.split()),  # a line break in a title must not end the header
        text=render_to_string(f"bookings/mail/{kind}.txt", context),
        html=render_to_string(f"bookings/mail/{kind}.html", context),
        **how,
    )
