"""Bookings: what they are, and what staff do with them. Nothing here is typed: services write."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import ActionLocation
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from accounts.roles import Power
from backoffice import acts
from backoffice.queries.bookings import story
from backoffice.queries.finding import find
from backoffice.queries.listing import twins
from backoffice.views.acts import preview
from bookings.models import Booking
from core import clock, dates, money
from core.admin import ReadOnly, RelatedFilter, TenantAdmin
from events.models import Event

COMING = 30
"""So many events are offered as a filter; any other is chosen by its page or its address."""


class ComingEvents(RelatedFilter):
    """A filter by the events that are sold now, and by the one that was chosen: there may be thousands."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        organization = request.user.workplace.organization  # type: ignore[union-attr]
        events = Event.objects.filter(organization=organization).only("title", "starts_at")
        shown = list(events.filter(status=Event.Status.PUBLISHED).upcoming(clock.now())[:COMING])
        chosen = request.GET.get(self.lookup_kwarg, "")
        if chosen.isdecimal() and len(chosen) < 19 and int(chosen) not in {each.pk for each in shown}:
            shown += events.filter(pk=chosen)
        return [(each.pk, each.title) for each in shown]

    def has_output(self) -> bool:
        """Always: Django would pass over what was asked for when there is little to choose from."""
        return True


def _action(act: acts.Act) -> Callable[..., HttpResponse | None]:
    """Return the list's action that leads to the act's page, with what was ticked."""

    def led(model_admin: "BookingAdmin", request: HttpRequest, queryset: QuerySet[Booking]) -> HttpResponse | None:
        chosen = [str(pk) for pk in queryset.order_by("pk").values_list("pk", flat=True)[: acts.MOST + 1]]
        return preview(request, act, chosen)

    led.__name__ = act.name
    led.short_description = act.label  # type: ignore[attr-defined]
    return led


@admin.register(Booking)
class BookingAdmin(ReadOnly, TenantAdmin):
    """Who has which places, and the money for them."""

    may_view = Power.SEE_BOOKINGS.permission
    change_form_template = "admin/bookings/booking/change_form.html"
    list_display = ["code", "event", "customer", "quantity", "total_text", "state", "channel", "reserved"]
    list_filter = ["status", "channel", ("reserved_at", admin.DateFieldListFilter), ("event", ComingEvents)]
    list_select_related = ["event", "organization"]
    ordering = ["-pk"]  # the order of reservation, which has an index
    sortable_by = ["code"]
    search_fields = ["code"]
    search_help_text = gettext_lazy("Code or its end, ticket number, name, e-mail, phone, event, or a seat.")
    actions = [_action(act) for act in acts.ACTS.values()]
    fieldsets = [
        (None, {"fields": [("code", "state", "channel"), ("event", "quantity")]}),
        (gettext_lazy("Customer"), {"fields": [("customer_name", "email", "phone"), ("user", "language")]}),
        (
            gettext_lazy("Price"),
            {
                "fields": [("subtotal_text", "fee_text", "total_text", "tax_text")],
                "description": gettext_lazy("As agreed at reservation. Later prices don't change it."),
            },
        ),
        (
            gettext_lazy("Times"),
            {
                "fields": [
                    ("reserved", "until", "extensions"),
                    ("confirmed", "ended", "end_reason"),
                    ("replaces",),
                ]
            },
        ),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [str(name) for _title, options in self.fieldsets or [] for row in options["fields"] for name in row]

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """The acts for which the role has the power, and no others."""
        allowed = {act.name for act in acts.ACTS.values() if request.user.has_perm(act.power.permission)}
        found = ModelAdmin.get_actions(self, request, action_location=action_location)
        return {name: action for name, action in found.items() if name in allowed}

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """The same as on the page for finding, once: the list would look once to count and once more to show."""
        if not search_term.replace("\x00", "").strip():
            return queryset, False
        found = find(queryset, search_term, request.user.workplace.organization)  # type: ignore[union-attr]
        return queryset.filter(pk__in=found.ids), False

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **more: Any) -> Any:
        """The booking's story, and what can be done with it now."""
        if obj is not None:
            context |= {"story": story(obj), "acts": self._acts(request, obj)}
            context["twins"] = twins([obj]).get(obj.pk, [])
            context["may_act"] = request.user.has_perm(Power.MANAGE_BOOKINGS.permission)
        return super().render_change_form(request, context, *args, obj=obj, **more)

    def _acts(self, request: HttpRequest, booking: Booking) -> list[tuple[acts.Act, str]]:
        """Each act of the role with the reason why not, if there is one."""
        (found,) = acts.chosen([booking.pk], booking.organization)
        allowed = [act for act in acts.ACTS.values() if request.user.has_perm(act.power.permission)]
        now = clock.now()
        return [(act, act.why_not(found, now)) for act in allowed]

    @admin.display(description=gettext_lazy("customer"))
    def customer(self, booking: Booking) -> str:
        return booking.customer_name or booking.email or "–"

    @admin.display(description=gettext_lazy("total"))
    def total_text(self, booking: Booking) -> str:
        return booking.total_text

    @admin.display(description=gettext_lazy("prices"))
    def subtotal_text(self, booking: Booking) -> str:
        return _amount(booking, booking.subtotal)

    @admin.display(description=gettext_lazy("fees"))
    def fee_text(self, booking: Booking) -> str:
        return _amount(booking, booking.fee)

    @admin.display(description=gettext_lazy("tax contained"))
    def tax_text(self, booking: Booking) -> str:
        return _amount(booking, booking.tax)

    @admin.display(description=gettext_lazy("status"))
    def state(self, booking: Booking) -> str:
        return booking.get_status_display()

    @admin.display(description=gettext_lazy("reserved"), ordering="pk")
    def reserved(self, booking: Booking) -> str:
        return _moment(booking, booking.reserved_at)

    @admin.display(description=gettext_lazy("reserved until"))
    def until(self, booking: Booking) -> str:
        return _moment(booking, booking.reserved_until)

    @admin.display(description=gettext_lazy("confirmed"))
    def confirmed(self, booking: Booking) -> str:
        return _moment(booking, booking.confirmed_at)

    @admin.display(description=gettext_lazy("ended"))
    def ended(self, booking: Booking) -> str:
        return _moment(booking, booking.ended_at)


def _amount(booking: Booking, amount: int) -> str:
    return money.formatted(amount, booking.currency)


def _moment(booking: Booking, when: Any) -> str:
    return dates.in_zone(when, booking.organization.time_zone) if when else "–"
