"""The purchase: choose → details → review and pay → confirmation. Who has the link may go on with it."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from bookings import gateways
from bookings.forms import DetailsForm
from bookings.models import Booking, Payment
from bookings.services import customers, payments, renewals, reservations
from bookings.views.pages import (
    ask_details,
    asker,
    booking_context,
    find_booking,
    is_open,
    known_details,
    over,
    remember,
    typed_details,
)
from core import clock
from core.http import SeeOther, wants_part
from events import choices

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def booking(request: HttpRequest, secret: str) -> HttpResponse:
    """The booking by its secret link: whatever step it is at."""
    found = find_booking(request, secret)
    if is_open(found):
        return redirect("bookings:review" if found.has_details else "bookings:details", found.secret)
    response = over(request, found)
    if found.status == Booking.Status.CONFIRMED:
        choices.forget(response, found.event)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest, secret: str) -> HttpResponse:
    """Ask whose booking it is; when it is too late for that, keep what was typed for another try."""
    found = find_booking(request, secret)
    if not is_open(found):
        return _too_late(request, found)
    if request.method != "POST":
        return ask_details(request, found, DetailsForm(initial=known_details(request, found)))
    form = DetailsForm(request.POST)
    if form.is_valid():
        try:
            named = customers.give_details(booking_id=found.pk, **form.cleaned_data, by=asker(request))
            return _named(found, named)
        except customers.OverLimit as refusal:
            form.add_error("email", str(refusal))
        except reservations.TooLate:
            return _too_late(request, find_booking(request, secret))
    return ask_details(request, found, form, status=422)


def _named(found: Booking, named: Booking) -> HttpResponse:
    response = SeeOther(reverse("bookings:review", args=[named.secret]))
    if named.secret != found.secret:
        found.secret = named.secret
        remember(response, found)
    return response


def _too_late(request: HttpRequest, found: Booking) -> HttpResponse:
    """A step of a booking that isn't open any more: its end, with another try if it wasn't paid."""
    return over(request, found, status=409) if renewals.can_be_had_again(found) else redirect(found)


@never_cache
@require_safe
def review(request: HttpRequest, secret: str) -> HttpResponse:
    """Show everything once more, with the button that pays."""
    found = find_booking(request, secret)
    if not is_open(found):
        return redirect(found)
    if not found.has_details:
        return redirect("bookings:details", found.secret)
    return _review(request, found)


def _review(request: HttpRequest, found: Booking, *, silent: str = "", status: int = 200) -> HttpResponse:
    """The page that pays; `silent` is the provider that didn't answer just now."""
    ways, last = payments.offered_for(found), found.payments.order_by("-pk").first()
    is_transfer = last and last.provider == Payment.ByHand.TRANSFER and last.status == Payment.Status.PENDING
    context = booking_context(found) | {
        "providers": ways,
        "preferred": next((way.name for way in ways if way.name != silent), ""),
        "declined": last.failure if last else "",
        "transfer": last if is_transfer else None,
        "silent": silent and gateways.gateway(silent).label,
    }
    return render(request, "bookings/review.html", context, status=status)


@never_cache
@require_POST
def pay(request: HttpRequest, secret: str) -> HttpResponse:
    """Go to the provider's page, or straight to the tickets if nothing is to be paid."""
    found = find_booking(request, secret)
    if found.status == Booking.Status.CONFIRMED:
        return SeeOther(found.get_absolute_url())
    provider = request.POST.get("provider", "")
    try:
        if found.is_free:
            payments.confirm_free(booking_id=found.pk, by=asker(request))
            return SeeOther(found.get_absolute_url())
        return SeeOther(payments.hand_over(booking_id=found.pk, provider=provider, by=asker(request)))
    except payments.DetailsMissing:
        return SeeOther(reverse("bookings:details", args=[found.secret]))
    except gateways.Unavailable as error:
        logger.warning("%s could not be asked to open a page for booking %s: %s", provider, found.code, error)
        return _review(request, find_booking(request, secret), silent=provider, status=503)


@never_cache
@require_safe
def returned(request: HttpRequest, key: str) -> HttpResponse:
    """
    Where providers send customers back to: their booking, whatever its link is by now.

    Who comes back without having paid (`back`) chooses again how to pay, and reads what the provider says of it.
    """
    found = get_object_or_404(Payment.objects.select_related("booking"), key=key)
    if "back" not in request.GET:
        return redirect("bookings:payment", found.booking.secret)
    _look_up(found.booking)
    return redirect("bookings:booking", found.booking.secret)


@never_cache
@require_safe
def transfer(request: HttpRequest, key: str) -> HttpResponse:
    """Where to send the money, how much, and what to write: until it is there or the time is over."""
    asked = get_object_or_404(Payment.objects.select_related("booking"), key=key, provider="transfer")
    found = find_booking(request, asked.booking.secret)
    if not is_open(found) or asked.status != Payment.Status.PENDING:
        return redirect(found)
    return render(request, "bookings/bank_transfer.html", booking_context(found) | {"payment": asked})


def _look_up(found: Booking) -> None:
    try:
        payments.look_up(booking=found)
    except gateways.Unavailable as error:
        logger.warning("The payment provider did not answer for booking %s: %s", found.code, error)


@never_cache
@require_safe
def payment(request: HttpRequest, secret: str) -> HttpResponse:
    """
    What came of paying: the tickets, the reason why not, or "still working on it". HTMX, which asks from that last
    page again and again, is told nothing until there is something to go to.
    """
    found = find_booking(request, secret)
    _look_up(found)
    found.refresh_from_db()
    asked = found.payments.filter(status="pending", expires_at__gt=clock.now() - payments.GRACE)
    if found.status == Booking.Status.PENDING and (waiting := asked.order_by("-pk").first()):
        if waiting.provider == Payment.ByHand.TRANSFER:
            return _led_to(request, reverse("bookings:bank-transfer", args=[waiting.key]))
        if wants_part(request):
            return HttpResponse(status=204)
        return render(request, "bookings/processing.html", booking_context(found))
    address = reverse("bookings:review", args=[found.secret]) if is_open(found) else found.get_absolute_url()
    return _led_to(request, address)


def _led_to(request: HttpRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if wants_part(request) else redirect(address)


@never_cache
@require_POST
def extend(request: HttpRequest, secret: str) -> HttpResponse:
    """Keep the places longer; what was typed into the form around the button comes back as it was."""
    found = find_booking(request, secret)
    typed = {} if wants_part(request) else typed_details(request)
    try:
        extended = reservations.extend(booking_id=found.pk, by=asker(request))
    except reservations.TooLate as refusal:
        if not typed:
            raise
        return _not_extended(request, find_booking(request, secret), refusal)
    found.reserved_until, found.extensions = extended.reserved_until, extended.extensions
    response: HttpResponse = SeeOther(found.get_absolute_url())
    if wants_part(request):
        response = render(request, "bookings/_timer.html", booking_context(found))
    elif typed:
        response = ask_details(request, found, DetailsForm(initial=typed))
    remember(response, found)
    return response


def _not_extended(request: HttpRequest, found: Booking, refusal: reservations.TooLate) -> HttpResponse:
    if not is_open(found):
        return _too_late(request, found)
    form = DetailsForm(request.POST)
    form.add_error(None, str(refusal))
    return ask_details(request, found, form, status=refusal.status)


@never_cache
@require_POST
def give_up(request: HttpRequest, secret: str) -> HttpResponse:
    """Give the places back before paying."""
    found = find_booking(request, secret)
    reservations.give_up(booking_id=found.pk, by=asker(request))
    response = SeeOther(found.get_absolute_url())
    choices.forget(response, found.event)
    return response
