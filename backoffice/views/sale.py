"""Selling at the box office and by phone."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organization
from accounts.roles import Power
from backoffice.access import needs
from backoffice.forms.sale import SaleForm
from bookings.models import Booking, Payment
from bookings.services import box_office, customers
from core import clock, codes
from core.http import SeeOther
from core.refusals import Refusal
from core.search import words
from events.models import Event, NotOnSale
from events.queries.availability import availability
from events.queries.discovery import sells
from events.queries.offers import LevelOffer, offers

EVENTS = 200
"""So many to choose from at once; more are found by their words."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SELL)
def sell(request: HttpRequest) -> HttpResponse:
    """Choose an event, say what and for whom, sell. A refusal is the same page with all that was typed."""
    if request.method == "POST":
        return _sold(request, _event(request))
    if "event" not in request.GET:
        return _choose(request)
    event = _event(request)
    try:
        event.check_on_sale(clock.now())
    except NotOnSale as why:
        return _choose(request, event=event, why=why)
    levels = offers(event)
    return _sale(request, event, levels, SaleForm(event, levels, how=request.GET.get("how", "")))


@never_cache
@require_safe
@needs(Power.SELL)
def total(request: HttpRequest) -> HttpResponse:
    """What a choice comes to, for the page that makes it."""
    event = _event(request)
    form = SaleForm(event, offers(event), request.GET)
    return render(request, "backoffice/sale.html#total", {"event": event, "form": form})


@never_cache
@require_safe
@needs(Power.SELL)
def sale(request: HttpRequest, code: str) -> HttpResponse:
    """What was sold, and what to do with it."""
    found = _booking(request, code)
    paid = found.payments.filter(status=Payment.Status.SUCCEEDED).order_by("pk")
    context = {
        "title": _("Sale %(code)s") % {"code": found.code},
        "paid": [(payment, _way(payment.provider)) for payment in paid],
    }
    return render(request, "backoffice/sale_done.html", _all(request) | _shown(found) | context)


@never_cache
@require_safe
@needs(Power.SELL)
def tickets(request: HttpRequest, code: str) -> HttpResponse:
    """The tickets of a sale, to be printed."""
    found = _booking(request, code)
    context = {"title": _("Tickets %(code)s") % {"code": found.code}}
    status = 200 if found.status == Booking.Status.CONFIRMED else 409
    return render(request, "backoffice/sale_tickets.html", _all(request) | _shown(found) | context, status=status)


@never_cache
@require_POST
@needs(Power.SELL)
def mail(request: HttpRequest, code: str) -> HttpResponse:
    """Mail the tickets of a sale once more."""
    found = _booking(request, code)
    try:
        customers.resend(booking_id=found.pk, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The mail is on its way to %(email)s.") % {"email": found.email})
    return SeeOther(reverse("admin:sale", args=[found.code]))


def _sold(request: HttpRequest, event: Event) -> HttpResponse:
    levels = offers(event)
    form = SaleForm(event, levels, request.POST)
    if "show_total" in request.POST:  # without JavaScript: nothing is wrong yet
        return _sale(request, event, levels, form, key=request.POST.get("key", ""), checked=False)
    if not form.is_valid():
        return _sale(request, event, levels, form, status=422)
    try:
        booking = _sell(request, form)
    except Refusal as refusal:
        form.refuse(refusal)
        return _sale(request, event, levels, form, status=refusal.status)
    return SeeOther(reverse("admin:sale", args=[booking.code]))


def _sell(request: HttpRequest, form: SaleForm) -> Booking:
    free = box_office.COMPLIMENTARY if not form.total else ""
    return box_office.sell(
        event=form.event,
        quantities=form.quantities,
        key=form.cleaned_data["key"],
        how=form.cleaned_data["how"] or free,
        customer=form.customer,
        language=form.cleaned_data["language"],
        by=request.user,
    )


def _choose(request: HttpRequest, **context: Any) -> HttpResponse:
    return render(request, "backoffice/sale.html", _all(request) | _choices(request) | context)


def _sale(
    request: HttpRequest,
    event: Event,
    levels: Sequence[LevelOffer],
    form: SaleForm,
    *,
    status: int = 200,
    key: str = "",
    checked: bool = True,
) -> HttpResponse:
    left = {each.level_id: each for each in availability(event.pk).levels}
    context = {
        "event": event,
        "form": form,
        "levels": [
            (level.level, left.get(level.level.pk), [(offer, form[offer.field]) for offer in level.prices])
            for level in levels
        ],
        "costs": any(offer.fare.total for offer in form.offers.values()),
        "checked": checked,
        "key": key or codes.secret(),
    }
    return render(request, "backoffice/sale.html", _all(request) | _choices(request) | context, status=status)


def _choices(request: HttpRequest) -> dict[str, Any]:
    """Return the events to choose from, soonest first."""
    asked = request.GET.get("q", "")
    rows = _events(request).filter(sells(clock.now())).order_by("starts_at", "pk")
    for word in words(asked):
        rows = rows.filter(search_text__contains=word)
    found = list(rows[: EVENTS + 1])
    return {
        "title": _("Sell"),
        "events": found[:EVENTS],
        "asked": asked,
        "searches": bool(asked) or len(found) > EVENTS,
        "more": len(found) > EVENTS,
    }


def _all(request: HttpRequest) -> dict[str, Any]:
    return admin.site.each_context(request)


def _shown(found: Booking) -> dict[str, Any]:
    tickets = found.live_tickets().named()
    return {"booking": found, "event": found.event, "tickets": tickets}


def _event(request: HttpRequest) -> Event:
    """Find the event that the address names; another organization's isn't there (S9)."""
    chosen = request.GET.get("event", "")
    number = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 else 0
    return get_object_or_404(_events(request), pk=number)


def _events(request: HttpRequest) -> QuerySet[Event]:
    return Event.objects.filter(organization=_house(request)).select_related("venue", "organization")


def _booking(request: HttpRequest, code: str) -> Booking:
    bookings = Booking.objects.filter(organization=_house(request))
    return get_object_or_404(bookings.select_related("event__venue", "event__organization", "organization"), code=code)


def _house(request: HttpRequest) -> Organization:
    return request.user.workplace.organization  # type: ignore[union-attr]


def _way(provider: str) -> str:
    """How something was paid, in words; a provider has a name of its own."""
    return str(dict(Payment.ByHand.choices).get(provider, provider))
