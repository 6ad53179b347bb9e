"""What payment providers told us, and what became of it."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organization
from accounts.roles import Power
from bookings.models import ProviderEvent
from bookings.services import provider_events
from core import dates
from core.admin import ReadOnly, TenantAdmin


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnly, TenantAdmin):
    """
    The last ones first. What is about no payment of anybody's belongs to no organization: it is shown where there is
    but one, and else to site administrators.
    """

    organization_path = "payment__booking__organization"
    may_view = Power.SEE_BOOKINGS.permission
    list_display = ["kind", "provider", "booking", "status", "attempts", "received"]
    list_filter = ["status", "provider"]
    list_select_related = ["payment__booking__organization"]
    ordering = ["-pk"]
    sortable_by = ()
    search_fields = ["=event_id"]
    search_help_text = gettext_lazy("The provider's name of the message.")
    actions = ["try_again"]
    fields = (
        "kind",
        "provider",
        "event_id",
        "booking",
        "status",
        "attempts",
        "failure",
        "received",
        "handled",
        "content",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Those about payments of the organization, and perhaps those about nobody's."""
        workplace = getattr(request.user, "workplace", None)
        rows = admin.ModelAdmin.get_queryset(self, request)
        if workplace is None:
            return rows.none()
        shown = Q(payment__booking__organization=workplace.organization.pk)
        if request.user.is_superuser or Organization.objects.count() == 1:
            shown |= Q(payment=None)
        return rows.filter(shown)

    @admin.action(description=gettext_lazy("Try again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[ProviderEvent]) -> None:
        """Let the worker act once more on what failed, or on what nobody knew what to do with."""
        if not request.user.has_perm(Power.MANAGE_BOOKINGS.permission):
            self.message_user(request, _("Your role may not do that."), messages.ERROR)
            return
        chosen = list(queryset.order_by("pk").values_list("pk", flat=True)[: self.list_per_page])
        again = sum(provider_events.retry(event_id=pk) for pk in chosen)
        counts = {"again": again, "chosen": len(chosen)}
        self.message_user(request, _("%(again)s of %(chosen)s are tried again.") % counts, messages.SUCCESS)

    @admin.display(description=gettext_lazy("booking"))
    def booking(self, event: ProviderEvent) -> str:
        return event.payment.booking.code if event.payment else "–"

    @admin.display(description=gettext_lazy("received"), ordering="pk")
    def received(self, event: ProviderEvent) -> str:
        return _moment(event, event.received_at)

    @admin.display(description=gettext_lazy("handled"))
    def handled(self, event: ProviderEvent) -> str:
        return _moment(event, event.handled_at)

    @admin.display(description=gettext_lazy("content"))
    def content(self, event: ProviderEvent) -> str:
        """What we keep of it: nothing personal."""
        return json.dumps(event.payload, ensure_ascii=False, indent=1)


def _moment(event: ProviderEvent, when: Any) -> str:
    zone = event.payment.booking.organization.time_zone if event.payment else "UTC"
    return dates.in_zone(when, zone) if when else "–"
