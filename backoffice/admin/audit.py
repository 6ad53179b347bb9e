"""Who did what, when, and what it was before."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Power
from backoffice.queries import audit
from core import dates
from core.admin import ReadOnly, RelatedFilter, TenantAdmin
from core.models import AuditEntry


class WithThings(ChangeList):
    """A page of entries with what they are about: one query for each kind of object."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = audit.with_things(self.result_list)


class Colleagues(RelatedFilter):
    """A filter by who works here; who left is found by the object."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = gettext_lazy("person")

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        organization = request.user.workplace.organization  # type: ignore[union-attr]
        people = User.objects.filter(memberships__organization=organization).order_by("email")
        return [(person.pk, person.email) for person in people]

    def has_output(self) -> bool:
        """Always: Django would pass over what was asked for when there is little to choose from."""
        return True


class Actions(admin.SimpleListFilter):
    """A filter by what happens here at all: the known actions, and no look at every row."""

    title = gettext_lazy("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name.replace(".", ": ").replace("_", " ")) for name in sorted(audit.SENTENCES)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditAdmin(ReadOnly, TenantAdmin):
    """The audit trail of the organization. Nobody changes it."""

    may_view = Power.SEE_AUDIT.permission
    list_display = ["when", "who", "what", "about"]
    list_display_links = ["when"]
    list_filter = [("at", admin.DateFieldListFilter), ("by", Colleagues), Actions]
    list_select_related = ["by", "organization"]
    ordering = ["-pk"]
    sortable_by = ()
    actions = None
    fields = ("when", "who", "what", "about", "action")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("by", "organization")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return WithThings

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> AuditEntry | None:
        """With what it is about."""
        entry = super().get_object(request, object_id, from_field)
        return audit.with_things([entry])[0] if entry else None

    @admin.display(description=gettext_lazy("when"))
    def when(self, entry: AuditEntry) -> str:
        return dates.in_zone(entry.at, entry.organization.time_zone if entry.organization else "UTC")

    @admin.display(description=gettext_lazy("who"))
    def who(self, entry: AuditEntry) -> str:
        return str(entry.by or "–")

    @admin.display(description=gettext_lazy("what happened"))
    def what(self, entry: AuditEntry) -> str:
        return audit.sentence(entry)

    @admin.display(description=gettext_lazy("about"))
    def about(self, entry: AuditEntry) -> str:
        named = f"{audit.kind(entry)}: {audit.name(entry)}"
        address = self._address(entry) if getattr(entry, "thing", None) else ""
        return format_html('<a href="{}">{}</a>', address, named) if address else named

    def _address(self, entry: AuditEntry) -> str:
        """Where the object is shown, if it is."""
        try:
            return reverse(f"admin:{entry.object_type.replace('.', '_')}_change", args=[entry.object_id])
        except NoReverseMatch:
            return ""
