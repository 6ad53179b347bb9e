"""What an account has of bookings, and its end. Only ever of who asks: no address here names anybody."""

from datetime import timedelta
from typing import Any, cast

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.services import people
from bookings.forms import DeleteAccountForm
from bookings.queries import mine as own
from bookings.queries import persons
from bookings.queries.mine import Shelf
from bookings.queries.moves import moves_of_person
from bookings.services import customers
from core import clock, throttles
from core.http import SeeOther

PER_PAGE = 20


@never_cache
@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """My bookings: one shelf of them, after those of my guest days have been put there."""
    person = cast("User", request.user)
    customers.claim_calmly(person)
    asked, now = request.GET.get("show", ""), clock.now()
    shelf = Shelf(asked) if asked in Shelf.values else Shelf.COMING
    context = {
        "shelf": shelf,
        "shelves": own.counts(person, now).items(),
        "page": Paginator(own.on_shelf(person, shelf, now), PER_PAGE).get_page(request.GET.get("page")),
        "now": now,
    }
    return render(request, "bookings/mine.html", context)


@never_cache
@require_safe
@login_required
def payments(request: HttpRequest) -> HttpResponse:
    """What was paid and paid back for my bookings."""
    return render(request, "bookings/payments.html", {"moves": moves_of_person(cast("User", request.user))})


@never_cache
@require_safe
@login_required
@reauthentication_required
def export(request: HttpRequest) -> HttpResponse:
    """All that is known of me as a file, for who has proved to be the account's owner just now."""
    person = cast("User", request.user)
    throttles.hit("export-by-person", str(person.pk), limit=10, per=timedelta(hours=1))
    told = persons.exported(persons.of_account(person), account=person)
    response = JsonResponse(told, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete(request: HttpRequest) -> HttpResponse:
    """Say what happens when an account is deleted, and do it for who has proved to be its owner just now."""
    try:
        return _delete(request)
    except ReauthenticationRequired:
        if request.method != "POST":
            raise
        # The library would keep this form and send it by itself after the next password, whenever that is.
        return SeeOther(reverse("delete-account"))


@reauthentication_required
def _delete(request: HttpRequest) -> HttpResponse:
    person = cast("User", request.user)
    form = DeleteAccountForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _explain(request, form, status=422 if form.is_bound else 200)
    try:
        customers.delete_account(user_id=person.pk, by=person)
    except people.LastAdmin as refusal:
        return _explain(request, form, status=refusal.status)
    logout(request)
    return SeeOther(reverse("account-deleted"))


def _explain(request: HttpRequest, form: DeleteAccountForm, *, status: int) -> HttpResponse:
    needed_by = people.only_admin_of(cast("User", request.user))
    context: dict[str, Any] = {"form": form, "refusal": people.LastAdmin(needed_by) if needed_by else None}
    return render(request, "account/delete.html", context, status=status)


@never_cache
@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    """Goodbye."""
    return render(request, "account/deleted.html")
