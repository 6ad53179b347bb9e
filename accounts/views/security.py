"""What the sign-in library has no page for."""

from allauth.account.views import logout
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

EVERYTHING = '"cache", "cookies", "storage"'
"""What a browser forgets at sign-out: pages, the language, and choices, whose cookies hold addresses of bookings."""


@never_cache
@require_safe
@login_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """Why the back office is closed for this session, and what opens it."""
    has_code = get_adapter().is_mfa_enabled(request.user, [Authenticator.Type.TOTP])
    has_passkey = get_adapter().is_mfa_enabled(request.user, [Authenticator.Type.WEBAUTHN])
    workplace = getattr(request.user, "workplace", None)
    context = {"has_code": has_code, "has_passkey": has_passkey, "workplace": workplace, "next": reverse("admin:index")}
    return render(request, "account/second_factor.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ask, and on POST end the session and let the browser forget what it has of it (S14, S17)."""
    was_here = request.user.is_authenticated
    response: HttpResponse = logout(request)
    if was_here and request.method == "POST":
        response["Clear-Site-Data"] = EVERYTHING
    return response


@never_cache
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    """Say that it is so. Who came back in the meantime sees the account."""
    if request.user.is_authenticated:
        return redirect("account")
    return render(request, "account/signed_out.html")
