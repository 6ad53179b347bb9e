"""
A ticket changes hands: offered by who has it, answered by who gets the mail.

Who paid gives away from the booking's pages, who got a ticket from that ticket's own page. The link of a ticket that
was never passed on gives nothing away: it may have been printed or shown.
"""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from bookings.forms import HolderForm, PassOnForm
from bookings.models import Booking, Ticket, Transfer
from bookings.queries.policies import hours_before, policy_of
from bookings.services import changes, transfers
from bookings.views.pages import asker, find_booking, language_of
from core import clock, codes, throttles
from core.http import SeeOther, client_address
from core.refusals import Refusal

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _own_ticket(request: HttpRequest, secret: str, number: int) -> Ticket:
    """A ticket that who has the booking's link still has."""
    booking = find_booking(request, secret)
    ticket = booking.live_tickets().named().filter(number=number, holder_email="").first()
    if ticket is None:
        raise Http404(_("There is no such ticket."))
    ticket.booking = booking
    return ticket


def _received_ticket(request: HttpRequest, link: str) -> Ticket:
    """A ticket by its own link, if it was passed on to who has that; who tries many that aren't any is stopped."""
    rows = Ticket.objects.live().named().select_related("booking__event__venue", "booking__organization")
    ticket = rows.filter(link=link).exclude(holder_email="").first()
    if ticket is None:
        throttles.hit("booking-link", client_address(request), limit=20, per=timedelta(minutes=1))
        raise Http404(_("There is no such ticket."))
    return ticket


# --- Who gives ---------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pass_on(request: HttpRequest, secret: str, number: int) -> HttpResponse:
    """Ask who is to have one of a booking's tickets, and offer it by mail."""
    ticket = _own_ticket(request, secret, number)
    return _pass_on(request, ticket, back=ticket.booking.get_absolute_url())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pass_on_again(request: HttpRequest, link: str) -> HttpResponse:
    """The same for who got the ticket from somebody."""
    ticket = _received_ticket(request, link)
    return _pass_on(request, ticket, back=reverse("bookings:ticket", args=[link]))


def _pass_on(request: HttpRequest, ticket: Ticket, *, back: str) -> HttpResponse:
    form = PassOnForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _ask_for_whom(request, ticket, form, back, status=422 if form.is_bound else 200)
    booking = ticket.booking
    throttles.hit("offers-by-booking", str(booking.pk), limit=20 + 2 * booking.quantity, per=DAY)
    throttles.hit("offers-by-client", client_address(request), limit=30, per=HOUR)
    throttles.hit("offers-to-address", form.cleaned_data["email"].casefold(), limit=10, per=DAY)
    try:
        language = language_of()
        transfers.offer(ticket_id=ticket.pk, **form.cleaned_data, language=language, by=asker(request))
    except transfers.NotPassedOn as refusal:
        form.add_error(None, str(refusal))
        return _ask_for_whom(request, ticket, form, back, status=refusal.status)
    return SeeOther(back)


def _ask_for_whom(request: HttpRequest, ticket: Ticket, form: PassOnForm, back: str, *, status: int) -> HttpResponse:
    policy = policy_of(ticket.booking.event)
    context = _about(ticket) | holder_context(ticket)
    context |= {
        "form": form,
        "back": back,
        "until": hours_before(ticket.booking.event, policy.transfer_until_hours),
        "left": policy.transfers - transfers.times_passed_on(ticket),
    }
    return render(request, "bookings/pass_on.html", context, status=status)


@never_cache
@require_POST
def take_back(request: HttpRequest, secret: str, number: int) -> HttpResponse:
    """Take an offer back that nobody has accepted yet."""
    ticket = _own_ticket(request, secret, number)
    return _take_back(request, ticket, back=ticket.booking.get_absolute_url())


@never_cache
@require_POST
def take_back_again(request: HttpRequest, link: str) -> HttpResponse:
    """The same for who got the ticket from somebody."""
    ticket = _received_ticket(request, link)
    return _take_back(request, ticket, back=reverse("bookings:ticket", args=[link]))


def _take_back(request: HttpRequest, ticket: Ticket, *, back: str) -> HttpResponse:
    offered = transfers.open_offers([ticket], clock.now()).get(ticket.pk)
    if offered is None:
        raise transfers.GoneAlready
    transfers.withdraw(transfer_id=offered.pk, by=asker(request))
    return SeeOther(back)


# --- Whose name stands on it -------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def holder(request: HttpRequest, secret: str, number: int) -> HttpResponse:
    """Put a name on one of a booking's tickets."""
    ticket = _own_ticket(request, secret, number)
    return _name(request, ticket, back=ticket.booking.get_absolute_url())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_name(request: HttpRequest, link: str) -> HttpResponse:
    """The same for who got the ticket from somebody."""
    ticket = _received_ticket(request, link)
    return _name(request, ticket, back=reverse("bookings:ticket", args=[link]))


def _name(request: HttpRequest, ticket: Ticket, *, back: str) -> HttpResponse:
    initial = {"name": ticket.holder or ticket.booking.customer_name}
    form, status = HolderForm(request.POST if request.method == "POST" else None, initial=initial), 200
    if form.is_valid():
        try:
            changes.name_holder(ticket_id=ticket.pk, name=form.cleaned_data["name"], by=asker(request))
            return SeeOther(back)
        except changes.NotNow as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
    elif form.is_bound:
        status = 422
    return render(request, "bookings/holder.html", _about(ticket) | {"form": form, "back": back}, status=status)


# --- Who gets ----------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def transfer(request: HttpRequest, secret: str) -> HttpResponse:
    """Say which ticket is offered by whom, and let it be accepted by one button."""
    throttles.hit("transfer-by-client", client_address(request), limit=60, per=HOUR)
    try:
        found = transfers.find(secret)
        form = HolderForm(request.POST if request.method == "POST" else None, initial={"name": found.name})
        if not form.is_valid():
            return _offered(request, found, secret, form, status=422 if form.is_bound else 200)
        name, language = form.cleaned_data["name"], language_of()
        ticket = transfers.accept(secret=secret, name=name, language=language, by=asker(request))
        return SeeOther(reverse("bookings:ticket", args=[ticket.link]))
    except transfers.NotPassedOn as refusal:
        form.add_error(None, str(refusal))
        return _offered(request, found, secret, form, status=refusal.status)
    except transfers.OfferOver as over:
        return _over(request, secret, over)


@never_cache
@require_POST
@sensitive_variables("secret")
def decline(request: HttpRequest, secret: str) -> HttpResponse:
    """Say no; who offered it is told."""
    throttles.hit("transfer-by-client", client_address(request), limit=60, per=HOUR)
    try:
        transfers.decline(secret=secret, by=asker(request))
    except transfers.OfferOver as over:
        return _over(request, secret, over)
    return render(request, "bookings/offer_over.html", {"declined": True})


def _offered(request: HttpRequest, found: Transfer, secret: str, form: HolderForm, *, status: int) -> HttpResponse:
    ticket = Ticket.objects.named().get(pk=found.ticket_id)
    ticket.booking = booking = found.ticket.booking
    facts = {"transfer": found, "secret": secret, "form": form, "giver": transfers.giver_of(booking, ticket)}
    return render(request, "bookings/offered.html", _about(ticket) | facts, status=status)


def _over(request: HttpRequest, secret: str, refusal: Refusal) -> HttpResponse:
    """The same words for all; only that there never was such a link may be seen from its status."""
    status = refusal.status if Transfer.objects.filter(digest=codes.digest(secret)).exists() else 404
    return render(request, "bookings/offer_over.html", {"refusal": refusal}, status=status)


def holder_context(ticket: Ticket) -> dict[str, Any]:
    """Return what `_received_acts.html` needs, for the page of a ticket that was passed on."""
    policy, now = policy_of(ticket.booking.event), clock.now()
    offered = transfers.open_offers([ticket], now).get(ticket.pk)
    return {"offered": offered, "why_not": transfers.why_not(ticket, policy, now)}


def _about(ticket: Ticket) -> dict[str, Any]:
    booking: Booking = ticket.booking
    return {"ticket": ticket, "booking": booking, "event": booking.event}
