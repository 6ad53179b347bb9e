"""What is known of somebody with an address, on that person's request: shown, exported, erased."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Organization
from accounts.roles import Power
from backoffice.access import needs
from backoffice.forms.persons import AddressForm, EraseForm
from backoffice.services.imports import persons as lines
from bookings.queries import persons
from bookings.services import erasure
from core import clock, throttles
from core.http import SeeOther

HOUR = timedelta(hours=1)


@needs(Power.MANAGE_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest) -> HttpResponse:
    """Look an address up, and say how much there is and what would stay for now. It stands in no page's address."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, form, status=422 if form.is_bound else 200)
    throttles.hit("looked-up-by-staff", str(request.user.pk), limit=120, per=HOUR)
    return _page(request, form, email=form.cleaned_data["email"])


@needs(Power.MANAGE_PEOPLE)
@never_cache
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """All of it as a file, for the person."""
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    organization = _organization(request)
    told = persons.exported(persons.of_address(organization, form.cleaned_data["email"]))
    erasure.note_export(organization_id=organization.pk, bookings=len(told["bookings"]), by=request.user)
    response = JsonResponse(told, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="data.json"'
    return response


@needs(Power.MANAGE_PEOPLE)
@never_cache
@require_POST
def erase(request: HttpRequest) -> HttpResponse:
    """Erase what is over, after the address was typed once more."""
    form = EraseForm(request.POST)
    if not form.is_valid():
        looked_up = AddressForm(request.POST)
        email = looked_up.cleaned_data["email"] if looked_up.is_valid() else ""
        return _page(request, looked_up, email=email, erase_form=form, status=422)
    done = erasure.erase_address(
        organization_id=_organization(request).pk, email=form.cleaned_data["email"], by=request.user
    )
    facts = {"bookings": done.bookings, "kept": done.kept}
    messages.success(request, _("Erased. Bookings: %(bookings)s; kept for now: %(kept)s.") % facts)
    return SeeOther(reverse("admin:person"))


def _organization(request: HttpRequest) -> Organization:
    return request.user.workplace.organization  # type: ignore[union-attr]


def _page(
    request: HttpRequest, form: AddressForm, *, email: str = "", erase_form: EraseForm | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = admin.site.each_context(request) | {"title": _("Somebody's data"), "form": form}
    if email:
        traces, now = persons.of_address(_organization(request), email), clock.now()
        over = persons.over(traces.bookings, now)
        context |= {
            "email": email,
            "traces": traces,
            "lines": traces.elsewhere()[lines.NAME],
            "over": over.count(),
            "kept": traces.bookings.exclude(pk__in=over.values("pk")).select_related("event").order_by("pk")[:50],
            "erase_form": erase_form or EraseForm(initial={"email": email}),
        }
    return render(request, "backoffice/person.html", context, status=status)
