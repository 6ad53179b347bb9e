"""What customers are told by mail: rendered when it happens, posted in the same transaction."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from bookings.models import Booking
from notifications import outbox


def confirmed(booking: Booking, *, at: datetime) -> None:
    """The tickets are theirs."""
    subject = _("Your tickets for %(title)s") % {"title": booking.event.title}
    _post("booking-confirmed", booking, subject, at=at)


def expired(booking: Booking, *, at: datetime) -> None:
    """The reservation ran out."""
    subject = _("Your reservation for %(title)s has ended") % {"title": booking.event.title}
    _post("booking-expired", booking, subject, at=at)


def cancelled(booking: Booking, *, at: datetime) -> None:
    """The booking was cancelled, and what happens to the money."""
    subject = _("Your booking for %(title)s was cancelled") % {"title": booking.event.title}
    _post("booking-cancelled", booking, subject, at=at)


def money_back(booking: Booking, *, reason: str, at: datetime) -> None:
    """Money came that we can't keep."""
    subject = _("We are returning your payment for %(title)s") % {"title": booking.event.title}
    _post("money-back", booking, subject, at=at, once=False, reason=reason)


def link(booking: Booking, *, at: datetime) -> None:
    """The way back to the booking, for who lost it."""
    subject = _("Your booking %(code)s") % {"code": booking.code}
    _post("booking-link", booking, subject, at=at, once=False)


def _post(kind: str, booking: Booking, subject: str, *, at: datetime, once: bool = True, reason: str = "") -> None:
    if not booking.email:
        return
    context = {
        "booking": booking,
        "event": booking.event,
        "organization": booking.organization,
        "tickets": booking.tickets.select_related("ticket_type", "event_seat__price_level").live().order_by("number"),
        "url": settings.SITE_URL + booking.get_absolute_url(),
        "reason": reason,
        "subject": subject,
    }
    outbox.post(
        kind=kind,
        about=booking,
        to=booking.email,
        subject=" ".join(subject.split()),  # a line break in a title must not end the header
        text=render_to_string(f"bookings/mail/{kind}.txt", context),
        html=render_to_string(f"bookings/mail/{kind}.html", context),
        at=at,
        once=once,
    )
