"""Where everything about somebody's account is found."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """The account's pages, and what is known of its owner."""
    return render(request, "account/overview.html")
