"""The purchase: choose → details → review and pay → confirmation. Who has the link may go on with it."""

import logging
from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import gateways
from bookings.forms import DetailsForm
from bookings.models import Booking, Payment
from bookings.services import customers, payments, reservations
from core import briefly, clock, throttles
from core.http import SeeOther, client_address
from core.refusals import Refusal
from events.forms import ChoiceForm
from events.models import Event
from events.views.detail import detail_context, public_event

logger = logging.getLogger(__name__)


@never_cache
@require_POST
def reserve(request: HttpRequest, slug: str) -> HttpResponse:
    """Reserve what was chosen on the event's page; a refusal is that page with the reason and the choice kept."""
    event = get_object_or_404(Event.objects.public().select_related("organization"), slug=slug)
    form = ChoiceForm(event, request.POST)
    status, problem = 422, ""
    if form.is_valid():
        try:
            booking = reservations.reserve(event=event, quantities=form.quantities, key=form.cleaned_data["key"])
            return SeeOther(reverse("bookings:details", args=[booking.secret]))
        except Refusal as refusal:
            status, problem = refusal.status, str(refusal)
            briefly.forget()  # the page that says "sold out" must not offer more
    context = detail_context(public_event(slug), request.POST, problem)
    return render(request, "events/detail.html", context, status=status)


@never_cache
@require_safe
def booking(request: HttpRequest, secret: str) -> HttpResponse:
    """The booking by its secret link: whatever step it is at."""
    found = booking_by_secret(request, secret)
    if found.status == Booking.Status.PENDING and _is_open(found):
        return redirect("bookings:review" if found.has_details else "bookings:details", found.secret)
    return render(request, "bookings/booking.html", _context(found))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest, secret: str) -> HttpResponse:
    """Ask whose booking it is."""
    found = booking_by_secret(request, secret)
    if not _is_open(found):
        return redirect(found)
    initial = {"name": found.customer_name, "email": found.email, "phone": found.phone}
    form = DetailsForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        form = DetailsForm(request.POST)
        status = 422
        if form.is_valid():
            try:
                found = customers.give_details(booking_id=found.pk, **form.cleaned_data)
                return SeeOther(reverse("bookings:review", args=[found.secret]))
            except customers.OverLimit as refusal:
                form.add_error("email", str(refusal))
    return render(request, "bookings/details.html", _context(found) | {"form": form}, status=status)


@never_cache
@require_safe
def review(request: HttpRequest, secret: str) -> HttpResponse:
    """Show everything once more, with the button that pays."""
    found = booking_by_secret(request, secret)
    if not _is_open(found):
        return redirect(found)
    if not found.has_details:
        return redirect("bookings:details", found.secret)
    failed = found.payments.order_by("-pk").values_list("failure", flat=True).first()
    context = _context(found) | {"providers": gateways.offered(), "declined": failed}
    return render(request, "bookings/review.html", context)


@never_cache
@require_POST
def pay(request: HttpRequest, secret: str) -> HttpResponse:
    """Go to the provider's page, or straight to the tickets if nothing is to be paid."""
    found = booking_by_secret(request, secret)
    if found.status == Booking.Status.CONFIRMED:
        return SeeOther(found.get_absolute_url())
    try:
        if found.is_free:
            payments.confirm_free(booking_id=found.pk)
            return SeeOther(found.get_absolute_url())
        return SeeOther(payments.hand_over(booking_id=found.pk, provider=request.POST.get("provider", "")))
    except payments.DetailsMissing:
        return SeeOther(reverse("bookings:details", args=[found.secret]))


@never_cache
@require_safe
def returned(request: HttpRequest, key: str) -> HttpResponse:
    """Where providers send customers back to: their booking, whatever its link is by now."""
    found = get_object_or_404(Payment.objects.select_related("booking"), key=key)
    return redirect("bookings:payment", found.booking.secret)


@never_cache
@require_safe
def payment(request: HttpRequest, secret: str) -> HttpResponse:
    """What came of paying: the tickets, the reason why not, or "still working on it"."""
    found = booking_by_secret(request, secret)
    try:
        payments.look_up(booking=found)
    except gateways.Unavailable:
        logger.warning("The payment provider did not answer for booking %s.", found.code)
    found.refresh_from_db()
    waiting = found.payments.filter(status="pending", expires_at__gt=clock.now() - payments.GRACE).exists()
    if found.status == Booking.Status.PENDING and waiting:
        return render(request, "bookings/processing.html", _context(found))
    if found.status == Booking.Status.PENDING and _is_open(found):
        return redirect("bookings:review", found.secret)
    return redirect(found)


@never_cache
@require_POST
def extend(request: HttpRequest, secret: str) -> HttpResponse:
    """Keep the places longer."""
    found = reservations.extend(booking_id=booking_by_secret(request, secret).pk)
    return SeeOther(found.get_absolute_url())


@never_cache
@require_POST
def give_up(request: HttpRequest, secret: str) -> HttpResponse:
    """Give the places back before paying."""
    found = reservations.give_up(booking_id=booking_by_secret(request, secret).pk)
    return SeeOther(found.get_absolute_url())


def booking_by_secret(request: HttpRequest, secret: str) -> Booking:
    """Find by the secret alone; who tries many that aren't any is stopped."""
    found = Booking.objects.select_related("event__venue", "organization").filter(secret=secret).first()
    if found is None:
        throttles.hit("booking-link", client_address(request), limit=20, per=timedelta(minutes=1))
        raise Http404(_("There is no such booking."))
    return found


def _is_open(found: Booking) -> bool:
    return found.status == Booking.Status.PENDING and clock.now() <= found.reserved_until


def _context(found: Booking) -> dict:
    tickets = found.live_tickets().select_related("ticket_type", "event_seat__price_level")
    return {
        "booking": found,
        "event": found.event,
        "tickets": tickets,
        "now": clock.now(),
        "can_extend": found.extensions < reservations.EXTENSIONS
        and found.reserved_until < found.reserved_at + reservations.LONGEST,
    }
