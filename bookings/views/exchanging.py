"""Exchanging tickets: which are given up is chosen here, what for on the event's own page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from bookings.models import Booking, Ticket
from bookings.queries.policies import hours_before, policy_of
from bookings.services import exchanges
from bookings.views.pages import find_booking
from core import clock, money
from core.http import SeeOther
from events import exchanging
from events.exchanging import Exchange


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: HttpRequest, secret: str) -> HttpResponse:
    """Ask which tickets are given up, and lead on to the event's page."""
    found, now = find_booking(request, secret), clock.now()
    policy = policy_of(found.event)
    why_not = exchanges.why_not(found, policy, now)
    tickets = [] if why_not else exchanges.exchangeable(found, now)
    numbers = request.POST.getlist("ticket")
    chosen = [ticket for ticket in tickets if str(ticket.number) in numbers]
    if chosen:
        return _lead_on(found, chosen)
    context = {
        "booking": found,
        "event": found.event,
        "tickets": tickets,
        "why_not": why_not,
        "until": hours_before(found.event, policy.exchange_until_hours or 0),
        "begun": exchanging.recall(request, found.event),
        "nothing_chosen": request.method == "POST",
    }
    return render(request, "bookings/exchange.html", context, status=422 if request.method == "POST" else 200)


def _lead_on(found: Booking, chosen: list[Ticket]) -> HttpResponse:
    event = found.event
    place = reverse("events:seats", args=[event.slug]) if event.plan_id else event.get_absolute_url()
    response = SeeOther(place)
    worth = money.formatted(sum(ticket.total for ticket in chosen), found.currency)
    address = reverse("bookings:exchange", args=[found.secret])
    exchanging.remember(response, event, Exchange(address, [ticket.number for ticket in chosen], worth))
    return response


@never_cache
@require_POST
def keep(request: HttpRequest, secret: str) -> HttpResponse:
    """Exchange nothing after all."""
    found = find_booking(request, secret)
    response = SeeOther(found.get_absolute_url())
    exchanging.forget(response, found.event)
    return response


def tickets_of(begun: Exchange | None) -> list[int]:
    """Return the ids of the tickets that a browser wants to exchange; none if their link was renewed since."""
    if begun is None:
        return []
    secret = begun.url.strip("/").split("/")[1]
    tickets = Ticket.objects.live().filter(booking__secret=secret, number__in=begun.numbers)
    return list(tickets.values_list("pk", flat=True))
