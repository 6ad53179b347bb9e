"""Customers: who has an account, and bookings here."""

from collections import defaultdict
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Power
from bookings.models import Booking
from core import dates, money
from core.admin import ReadOnly, TenantAdmin
from reports.queries.customers import spent_for

SHOWN = 100
"""So many bookings on a customer's page, the last ones."""


class WithFigures(ChangeList):
    """A page of customers with what they bought here, in a fixed number of questions."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = _with_figures(list(self.result_list), request.user.workplace.organization)  # type: ignore[union-attr]


@admin.register(User)
class CustomerAdmin(ReadOnly, TenantAdmin):
    """People with an account who have bookings here. Of other organizations they keep theirs to themselves."""

    organization_path = "bookings__organization"
    may_view = Power.SEE_BOOKINGS.permission
    change_form_template = "admin/bookings/customer.html"
    list_display = ["email", "name", "booked", "spent", "last"]
    search_fields = ["^email", "name"]
    search_help_text = gettext_lazy("Name, or the start of the e-mail.")
    ordering = ["-pk"]
    sortable_by = ["email", "name"]
    actions = None
    fields = ("email", "name", "phone", "language", "joined_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Each once, however many bookings: and only who has one here."""
        workplace = getattr(request.user, "workplace", None)
        if workplace is None:
            return User.objects.none()
        here = Booking.objects.filter(user=OuterRef("pk"), organization=workplace.organization)
        return User.objects.filter(Exists(here)).order_by(*self.ordering)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """To an organization the people with an account are its customers."""
        return super().changelist_view(request, {"title": gettext_lazy("Customers")} | (extra_context or {}))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return WithFigures

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **more: Any) -> Any:
        """With their bookings here."""
        if obj is not None:
            organization = request.user.workplace.organization  # type: ignore[union-attr]
            theirs = Booking.objects.filter(user=obj, organization=organization).select_related("event")
            (context["customer"],) = _with_figures([obj], organization)
            context["bookings"], context["zone"] = theirs.order_by("-pk")[:SHOWN], organization.time_zone
        return super().render_change_form(request, context, *args, obj=obj, **more)

    @admin.display(description=gettext_lazy("bookings"))
    def booked(self, person: Any) -> int:
        return person.booked

    @admin.display(description=gettext_lazy("spent"))
    def spent(self, person: Any) -> str:
        return person.spent

    @admin.display(description=gettext_lazy("last booking"))
    def last(self, person: Any) -> str:
        return person.last


def _with_figures(people: list[Any], organization: Any) -> list[Any]:
    """Give each their number of bookings, what they spent in each currency as reports say it, and their last time."""
    theirs = Booking.objects.filter(organization=organization, user__in=people).order_by()
    counted = theirs.values_list("user").annotate(count=Count("pk"), last=Max("reserved_at"))
    found = {user: (count, last) for user, count, last in counted}
    spent: dict[int, list[str]] = defaultdict(list)
    for (user, currency), amount in sorted(spent_for(theirs, "user").items()):
        if amount:
            spent[user].append(money.formatted(amount, currency))
    for person in people:
        person.booked, last = found.get(person.pk, (0, None))
        person.spent = ", ".join(spent[person.pk]) or "–"
        person.last = dates.in_zone(last, organization.time_zone) if last else "–"
    return people
