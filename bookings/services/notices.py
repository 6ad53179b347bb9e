"""
What people are told by mail of tickets that change hands and of bookings that change addresses.

Rendered when it happens, in the reader's language, and posted in the same transaction. Each goes to one reader, who
needn't be the booking's customer: so none names the booking's link unless it is for that person.
"""

from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.models import Booking, Ticket, Transfer
from core.http import absolute
from notifications import outbox


def ticket_offered(booking: Booking, transfer: Transfer, secret: str, *, giver: str, at: datetime) -> None:
    """Somebody wants to give them a ticket: the link that accepts it, which nobody else gets to see."""
    url = absolute(reverse("bookings:transfer", args=[secret]))
    _post(
        "ticket-offered",
        booking,
        _("A ticket for %(title)s is waiting for you"),
        to=transfer.email,
        language=transfer.language,
        at=at,
        confidential=True,
        name=transfer.name,
        giver=giver,
        transfer=transfer,
        url=url,
    )


def ticket_received(booking: Booking, ticket: Ticket, *, language: str, at: datetime) -> None:
    """The ticket is theirs now, and this is where it is found."""
    url = absolute(reverse("bookings:ticket", args=[ticket.link]))
    facts: dict[str, Any] = {"name": ticket.holder, "ticket": ticket, "url": url}
    subject = _("Your ticket for %(title)s")
    attach = "bookings.services.enclosures.received"
    _post("ticket-received", booking, subject, to=ticket.holder_email, language=language, at=at, attach=attach, **facts)


def ticket_passed_on(booking: Booking, ticket: Ticket, *, to: str, at: datetime) -> None:
    """What they gave away is another's now, and their old code opens nothing."""
    subject = _("Your ticket for %(title)s was passed on")
    _post("ticket-passed-on", booking, subject, to=to, language=booking.language, at=at, ticket=ticket)


def offer_declined(booking: Booking, transfer: Transfer, *, to: str, at: datetime) -> None:
    """The ticket that they wanted to give away stays theirs."""
    subject = _("Your ticket for %(title)s stays yours")
    _post("ticket-declined", booking, subject, to=to, language=booking.language, at=at, transfer=transfer)


def tell_holders_of_end(booking: Booking, *, at: datetime) -> None:
    """Who got tickets of a booking that end at this moment: they aren't valid any more, whoever gets the money."""
    subject = _("Your ticket for %(title)s isn't valid any more")
    ended = booking.tickets.named().filter(voided_at=at, void_reason=Ticket.VoidReason.CANCELLED)
    for ticket in ended.exclude(holder_email=""):
        facts: dict[str, Any] = {"name": ticket.holder, "ticket": ticket}
        _post("ticket-over", booking, subject, to=ticket.holder_email, language=booking.language, at=at, **facts)


def tell_holders_of_move(booking: Booking, *, before: datetime, at: datetime) -> None:
    """Who got tickets of a booking: the event takes place at another time, and they stay valid."""
    subject = _("%(title)s has a new date")
    for ticket in booking.live_tickets().named().exclude(holder_email=""):
        url = absolute(reverse("bookings:ticket", args=[ticket.link]))
        facts: dict[str, Any] = {"name": ticket.holder, "ticket": ticket, "before": before, "url": url}
        _post("ticket-moved", booking, subject, to=ticket.holder_email, language=booking.language, at=at, **facts)


def address_changed(booking: Booking, *, to: str, at: datetime) -> None:
    """What concerns a booking goes to another address from now on, and the link that they had opens nothing."""
    subject = _("Another address for your booking %(code)s")
    _post("address-changed", booking, subject, to=to, language=booking.language, at=at, code=booking.code)


def _post(
    kind: str,
    booking: Booking,
    subject: str | Promise,
    *,
    to: str,
    language: str,
    at: datetime,
    confidential: bool = False,
    attach: str = "",
    **facts: Any,
) -> None:
    """Post to whoever it is for, if there is an address: at the box office nobody has to leave theirs."""
    if not to:
        return
    with translation.override(language):
        named = str(subject) % {"title": booking.event.title, "code": booking.code}
        context = {"event": booking.event, "organization": booking.organization, "subject": named} | facts
        outbox.post(
            kind=kind,
            about=booking,
            to=to,
            subject=" ".join(named.split()),  # a line break in a title must not end the header
            text=render_to_string(f"bookings/mail/{kind}.txt", context),
            html=render_to_string(f"bookings/mail/{kind}.html", context),
            at=at,
            once=False,
            confidential=confidential,
            attach=attach,
        )
