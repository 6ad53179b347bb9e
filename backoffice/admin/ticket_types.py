"""Ticket types."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.roles import Power
from backoffice.admin.deleting import DeletedByService
from backoffice.admin.figures import WithFigures, per_row
from core import money
from core.admin import TenantForm
from core.forms import AmountField
from events.models import Price, TicketType
from events.services import catalogue
from reports.queries.revenue import By, revenue


class TicketTypeForm(TenantForm):
    """What a kind of ticket is called and costs."""

    class Meta:
        help_texts = {
            "is_free": _("Then it costs nothing, and no fee is added."),
            "order": _("The smallest stands first."),
            "active": _(
                "An inactive ticket type isn't offered for new price levels. Where it has a price already, it sells on."
            ),
        }

    def clean(self) -> dict[str, Any]:
        """Only what is free costs nothing, and what is free costs nothing."""
        cleaned = super().clean() or self.cleaned_data
        amount, is_free = cleaned.get("default_price"), cleaned.get("is_free")
        if amount and is_free:
            self.add_error("default_price", _("A free ticket type costs 0."))
        if amount == 0 and not is_free:
            self.add_error("default_price", _("Only a free ticket type costs nothing."))
        return cleaned


@admin.register(TicketType)
class TicketTypeAdmin(WithFigures, DeletedByService):
    """What kinds of tickets are sold."""

    may_view, may_change = Power.SEE_EVENTS.permission, Power.MANAGE_EVENTS.permission
    form = TicketTypeForm
    list_display = ["name", "price", "is_free", "active", "order", "events_count", "tickets_count"]
    list_filter = ["active", "is_free"]
    list_select_related = ["organization"]
    fields = ["name", "description", "default_price", "is_free", "order", "active"]
    search_fields = ["name", "description"]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Prices are typed in the organization's currency."""
        if db_field.name != "default_price":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        currency = request.user.workplace.organization.currency  # type: ignore[union-attr]
        help_text = _("In %(currency)s, before the service fee. Tax is contained.")
        return AmountField(currency=currency, label=_("Default price"), help_text=help_text % {"currency": currency})

    def add_figures(self, rows: Sequence[Any]) -> None:
        """How many events sell each type, and how many tickets of it are people's, as reports say."""
        prices = Price.objects.filter(ticket_type__in=[row.pk for row in rows]).order_by()
        used = prices.values_list("ticket_type").annotate(Count("price_level__event", distinct=True))
        events, tickets = per_row(rows, used), Counter[int]()
        for each in revenue({row.organization for row in rows}, By.TICKET_TYPE):  # a row for each currency
            tickets[each.key] += each.sums.held
        for row in rows:
            row.events_count, row.tickets_count = events[row.pk], tickets[row.pk]

    @admin.display(description=_("default price"), ordering="default_price")
    def price(self, ticket_type: TicketType) -> str:
        return money.formatted(ticket_type.default_price, ticket_type.organization.currency)

    @admin.display(description=_("events"))
    def events_count(self, ticket_type: Any) -> int:
        return ticket_type.events_count

    @admin.display(description=_("tickets sold"))
    def tickets_count(self, ticket_type: Any) -> int:
        return ticket_type.tickets_count

    def what_goes(self, obj: TicketType) -> dict[type[Model], int]:
        """With its prices, if nobody booked it."""
        return {TicketType: 1, Price: Price.objects.filter(ticket_type=obj).count()}

    def delete_by(self, obj: TicketType, by: Any) -> None:
        catalogue.delete_ticket_type(ticket_type_id=obj.pk, by=by)
