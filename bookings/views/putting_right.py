"""Who has a confirmed booking, and who has its link: what its customer puts right."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings.forms import DetailsForm
from bookings.models import Booking
from bookings.services import changes, customers
from bookings.views.pages import asker, find_booking
from core import throttles
from core.http import SeeOther
from core.refusals import Refusal

DAY = timedelta(days=1)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, secret: str) -> HttpResponse:
    """Show and change name, address and phone of a confirmed booking."""
    found = find_booking(request, secret)
    if found.status != Booking.Status.CONFIRMED:
        return SeeOther(found.get_absolute_url())
    known = {"name": found.customer_name, "email": found.email, "phone": found.phone}
    form = DetailsForm(request.POST if request.method == "POST" else None, initial=known)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        throttles.hit("contact-by-booking", str(found.pk), limit=10, per=DAY)
        try:
            return SeeOther(_changed(request, found, form).get_absolute_url())
        except (customers.OverLimit, changes.NotNow) as refusal:
            status = _refused(form, refusal)
    return render(request, "bookings/contact.html", {"booking": found, "form": form}, status=status)


def _changed(request: HttpRequest, found: Booking, form: DetailsForm) -> Booking:
    return changes.change_details(booking_id=found.pk, **form.cleaned_data, by=asker(request))


def _refused(form: DetailsForm, refusal: Refusal) -> int:
    form.add_error("email" if isinstance(refusal, customers.OverLimit) else None, str(refusal))
    return refusal.status


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Say what a new link means; make one, and mail it to the stored address."""
    found = find_booking(request, secret)
    if request.method != "POST":
        return render(request, "bookings/new_link.html", {"booking": found})
    throttles.hit("link-by-booking", str(found.pk), limit=5, per=DAY)
    return SeeOther(customers.renew_link(booking_id=found.pk, by=asker(request)).get_absolute_url())
