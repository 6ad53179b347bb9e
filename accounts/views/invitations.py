"""The page behind the link of an invitation. It tells nobody whether an address has an account."""

from datetime import timedelta

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.middleware import ORGANIZATION
from accounts.models import Invitation
from accounts.roles import Role
from accounts.services import team
from core import codes, throttles
from core.http import SeeOther, client_address
from core.refusals import Refusal

HOUR = timedelta(hours=1)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Say who invites whom to what, and let the invited join by one button."""
    throttles.hit("invitation-by-client", client_address(request), limit=60, per=HOUR)
    try:
        found = team.find(secret)
        if request.method != "POST":
            return _page(request, found)
        return _accepted(request, secret) if request.user.is_authenticated else redirect_to_login(request.path)
    except team.InvitationOver as over:
        # The same words for all; only that there never was such a link may be seen from its status.
        status = over.status if Invitation.objects.filter(digest=codes.digest(secret)).exists() else 404
        return render(request, "account/invitation_over.html", {"refusal": over}, status=status)
    except (team.AnotherAddress, team.LastAdmin) as refusal:
        return _page(request, found, refusal)


def _accepted(request: HttpRequest, secret: str) -> HttpResponse:
    membership = team.accept(secret=secret, user_id=request.user.pk)  # type: ignore[arg-type]
    request.session[ORGANIZATION] = membership.organization_id
    return SeeOther(reverse("admin:index"))


def _page(request: HttpRequest, found: Invitation, refusal: Refusal | None = None) -> HttpResponse:
    context = {
        "invitation": found,
        "role": Role(found.role),
        "is_theirs": request.user.is_authenticated and team.owns(request.user, found.email),
        "refusal": refusal,
        "here": request.path,
    }
    return render(request, "account/invitation.html", context, status=refusal.status if refusal else 200)
