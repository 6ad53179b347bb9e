"""Which ways to pay this organization offers, in which order, and why some can't be."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Organization
from accounts.roles import Power
from backoffice.access import needs
from bookings import gateways
from bookings.gateways import Gateway
from bookings.gateways.health import left_alone
from bookings.services import offering
from core.http import SeeOther, absolute


class WaysForm(forms.Form):
    """A place in the order for each provider; an empty one isn't offered."""

    def __init__(self, *args: Any, ways: list[Gateway], chosen: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for way in ways:
            place = chosen.index(way.name) + 1 if way.name in chosen else None
            self.fields[way.name] = forms.IntegerField(
                label=gettext_lazy("Order"), min_value=1, max_value=99, required=False, initial=place
            )
            self.fields[way.name].widget.attrs["aria-labelledby"] = f"place way-{way.name}"

    def in_order(self) -> list[str]:
        """The providers that have a place, by it."""
        placed = {name: place for name, place in self.cleaned_data.items() if place}
        return sorted(placed, key=lambda name: placed[name])


@dataclass(frozen=True, slots=True)
class Row:
    """One provider: its place in the order, why it isn't offered, and where its messages are to be sent."""

    way: Gateway
    field: Any
    why_not: str
    silent: bool
    webhook: str


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_ORGANIZATION)
def ways_to_pay(request: HttpRequest) -> HttpResponse:
    """Show and choose them."""
    organization: Organization = request.user.workplace.organization  # type: ignore[union-attr]
    ways = gateways.installed()
    chosen = list(organization.offered_providers.values_list("provider", flat=True))
    form = WaysForm(request.POST if request.method == "POST" else None, ways=ways, chosen=chosen)
    if form.is_valid():
        offering.choose(organization_id=organization.pk, providers=form.in_order(), by=request.user)
        messages.success(request, _("Saved."))
        return SeeOther(reverse("admin:ways-to-pay"))
    context = {
        "title": _("Ways to pay"),
        "form": form,
        "rows": _rows(organization, ways, form),
        "offered": gateways.offered(organization),
        "all": not chosen,
    }
    page = admin.site.each_context(request) | context
    return render(request, "backoffice/ways_to_pay.html", page, status=422 if form.errors else 200)


def _rows(organization: Organization, ways: list[Gateway], form: WaysForm) -> list[Row]:
    away = left_alone()
    return [Row(way, form[way.name], way.why_not(organization), way.name in away, _webhook(way)) for way in ways]


def _webhook(way: Gateway) -> str:
    return absolute(reverse("bookings:webhook", args=[way.name])) if way.acted_on else ""
