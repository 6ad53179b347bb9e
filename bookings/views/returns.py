"""Give tickets back, see first what goes back for them, or ask where no rule allows it."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import policies
from bookings.forms import RefundRequestForm
from bookings.models import Booking, Ticket
from bookings.queries import returns as asked
from bookings.services import refund_requests, returns
from bookings.views.pages import asker, find_booking
from core import clock, throttles
from core.http import SeeOther, wants_part
from core.refusals import Refusal
from events.models import Event


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request: HttpRequest, secret: str) -> HttpResponse:
    """Choose tickets, see what goes back for them and why, and give them back."""
    found = find_booking(request, secret)
    if found.status != Booking.Status.CONFIRMED:
        return redirect(found)
    if request.method != "POST":
        context = _context(found, request.GET.getlist("ticket"))
        part = "#offer" if wants_part(request) else ""
        return render(request, f"bookings/give_back.html{part}", context)
    numbers = request.POST.getlist("ticket")
    seen = request.POST.get("seen", "")
    ids = [ticket.pk for ticket in asked.numbered(found.tickets.all(), numbers)]
    try:
        amount = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 15 else -1
        returns.return_tickets(booking_id=found.pk, ticket_ids=ids, seen=amount, by=asker(request))
    except Refusal as refusal:
        found = find_booking(request, secret)
        context = _context(found, numbers) | {"problem": refusal}
        return render(request, "bookings/give_back.html", context, status=refusal.status)
    return SeeOther(f"{found.get_absolute_url()}#given-back")


def _context(found: Booking, numbers: list[str]) -> dict[str, Any]:
    """Return the tickets with what goes back for each alone, and for those that are chosen together."""
    now = clock.now()
    own = list(asked.own(found).named())
    singly = asked.terms_of(found.event).single_tickets
    chosen = asked.numbered(asked.own(found).named(), numbers) if singly else own
    why_not = asked.why_not(found, now)
    each = asked.offer_for(found, own, now)
    return {
        "booking": found,
        "event": found.event,
        "rows": [(row.ticket, row.amount, row.ticket in chosen) for row in each.rows],
        "single_tickets": singly,
        "chosen": chosen,
        "offer": asked.offer_for(found, chosen, now) if chosen and not why_not else None,
        "why_not": why_not,
        "kept": len(own) - len(chosen),
        "refund_request": asked.latest_request(found),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_refund(request: HttpRequest, secret: str) -> HttpResponse:
    """Ask support to take tickets back."""
    found = find_booking(request, secret)
    if found.status != Booking.Status.CONFIRMED:
        return redirect(found)
    tickets = list(asked.own(found).named())
    form = RefundRequestForm(request.POST if request.method == "POST" else None, tickets=tickets)
    if form.is_valid():
        throttles.hit("refund-request", found.code, limit=5, per=timedelta(hours=1))
        try:
            refund_requests.ask(
                booking_id=found.pk,
                ticket_ids=_ids(tickets, form.cleaned_data["tickets"]),
                message=form.cleaned_data["message"],
                by=asker(request),
            )
            return SeeOther(f"{found.get_absolute_url()}#refund-request")
        except refund_requests.CannotAsk as refusal:
            form.add_error(None, str(refusal))
    context = {"booking": found, "event": found.event, "form": form, "tickets": tickets}
    return render(request, "bookings/ask_refund.html", context, status=422 if form.is_bound else 200)


def _ids(tickets: list[Ticket], numbers: list[str]) -> list[int]:
    return [ticket.pk for ticket in tickets if str(ticket.number) in numbers]


@never_cache
@require_POST
def withdraw_request(request: HttpRequest, secret: str) -> HttpResponse:
    """Take back what was asked for."""
    found = find_booking(request, secret)
    refund_requests.withdraw(booking_id=found.pk, by=asker(request))
    return SeeOther(f"{found.get_absolute_url()}#refund-request")


@require_safe
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """What the rules of an event say about giving tickets back, before anybody chooses (U7)."""
    events = Event.objects.public().select_related("organization", "venue")
    event = get_object_or_404(events, slug=slug)
    context = {"event": event, "rules": policies.in_words(asked.terms_of(event), event.currency)}
    part = "#rules" if wants_part(request) else ""
    return render(request, f"bookings/rules.html{part}", context)
