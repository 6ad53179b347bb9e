"""The way back to a booking for who lost the link: it goes by mail, and the pages tell nothing."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bookings.forms import FindForm
from bookings.services import customers
from core import throttles
from core.http import SeeOther, client_address

HOUR = timedelta(hours=1)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Ask for code and e-mail; the answer is the same whether there is such a booking or not."""
    form = FindForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "bookings/find.html", {"form": form}, status=422 if form.is_bound else 200)
    throttles.hit("find-by-client", client_address(request), limit=20, per=HOUR)
    throttles.hit("find-by-code", form.cleaned_data["code"], limit=5, per=HOUR)
    customers.send_link(code=form.cleaned_data["code"], email=form.cleaned_data["email"])
    return SeeOther(reverse("bookings:find-sent"))


@never_cache
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """What happens next, for everybody alike."""
    return render(request, "bookings/find_sent.html")
