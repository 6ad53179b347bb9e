"""The sandbox provider's hosted page: stands for another company's site."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings.gateways import sandbox
from bookings.models import SandboxCheckout
from core.http import SeeOther


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hosted_page(request: HttpRequest, reference: str) -> HttpResponse:
    """Offer the buttons, and do what the pressed one says."""
    if "sandbox" not in settings.PAYMENT_PROVIDERS:
        raise Http404
    checkout = get_object_or_404(SandboxCheckout, reference=reference)
    context = {"checkout": checkout, "is_paid": checkout.charges.exists()}
    if request.method != "POST":
        return render(request, "bookings/sandbox.html", context)
    action = request.POST.get("action", "")
    if action not in sandbox.ACTIONS:
        return HttpResponseBadRequest("unknown action")
    if sandbox.press(checkout, action):
        return SeeOther(urlsplit(checkout.return_url).path)  # we are the shop: whatever host it was opened by
    return render(request, "bookings/sandbox.html", context | {"is_paid": True, "stays": True})
