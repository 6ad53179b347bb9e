"""The page of one ticket, by its own link: who has it may show it at the door, and sees nothing of the booking."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bookings import qr, wallets
from bookings.calendars import ticket_entry
from bookings.models import Ticket
from bookings.papers import tickets as ticket_papers
from bookings.queries.ticket_codes import said
from bookings.services import ticket_keys
from bookings.ticket_codes import signed
from bookings.views.papers import pdf_response
from bookings.views.passing_on import holder_context
from core import throttles
from core.calendars import file_response
from core.http import client_address
from events.models import Event


def find_ticket(request: HttpRequest, link: str) -> Ticket:
    """Find by the link alone; who tries many that aren't any is stopped."""
    found = Ticket.objects.select_related(*ticket_papers.ALL_OF_IT).filter(link=link).first()
    if found is None:
        throttles.hit("booking-link", client_address(request), limit=20, per=timedelta(minutes=1))
        raise Http404(_("There is no such ticket."))
    return found


def is_shown(ticket: Ticket) -> bool:
    """Whether it has a code to show: it opens a door or did, and there will be one."""
    opens = ticket.status in (Ticket.Status.VALID, Ticket.Status.USED)
    return opens and ticket.booking.event.status != Event.Status.CANCELLED


def _find_shown(request: HttpRequest, link: str) -> Ticket:
    found = find_ticket(request, link)
    if not is_shown(found):
        raise Http404
    return found


@never_cache
@require_safe
def ticket(request: HttpRequest, link: str) -> HttpResponse:
    """The ticket as it is shown at the door; of a void one only why it is void."""
    found = find_ticket(request, link)
    event = found.booking.event
    context: dict[str, Any] = {"ticket": found, "booking": found.booking, "event": event, "says": said(found)}
    if is_shown(found):
        code = signed(found, ticket_keys.signing())
        picture = qr.svg(code, label=_("QR code of ticket %(ticket)s") % {"ticket": found})
        context |= {"code": code, "picture": mark_safe(picture), "wallets": wallets.offered()}  # noqa: S308 - ours
    if found.is_passed_on and found.status != Ticket.Status.VOID:
        context |= holder_context(found)
    return render(request, "bookings/ticket.html", context)


@never_cache
@require_safe
def ticket_pdf(request: HttpRequest, link: str) -> HttpResponse:
    """The ticket to print."""
    found = _find_shown(request, link)
    return pdf_response(ticket_papers.pdf([found], key=ticket_keys.signing()), f"{found}.pdf")


@never_cache
@require_safe
def ticket_calendar(request: HttpRequest, link: str) -> HttpResponse:
    """The ticket for its holder's calendar; of one that became void, what takes it out again."""
    found = find_ticket(request, link)
    if found.status == Ticket.Status.RESERVED or found.booking.confirmed_at is None:
        raise Http404
    return file_response(ticket_entry(found), f"{found}.ics")


@never_cache
@require_safe
def ticket_wallet(request: HttpRequest, link: str, wallet: str) -> HttpResponse:
    """The ticket as a pass for a telephone, where that is offered."""
    maker = wallets.offered().get(wallet)
    if maker is None:
        raise Http404
    found = _find_shown(request, link)
    return maker.response(found, signed(found, ticket_keys.signing()))
