"""The organization's settings, and the memberships, which are changed on the team's page."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.middleware import ORGANIZATION
from accounts.models import Membership, Organization
from accounts.roles import Power
from backoffice.forms.organization import OrganizationForm
from core.admin import TenantAdmin


@admin.register(Membership)
class MembershipAdmin(TenantAdmin):
    """Who works here, to search and filter. Adding, changing and removing lead to the team's page, which has rules."""

    may_view = may_change = Power.MANAGE_PEOPLE.permission
    list_display = ["person", "name", "role", "since"]
    list_filter = ["role"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__name"]
    ordering = ["user__email"]
    actions = None

    @admin.display(description=gettext_lazy("e-mail"), ordering="user__email")
    def person(self, membership: Membership) -> str:
        """The address."""
        return membership.user.email

    @admin.display(description=gettext_lazy("name"), ordering="user__name")
    def name(self, membership: Membership) -> str:
        """The name."""
        return membership.user.name

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """To the form that does it."""
        if object_id is None:
            self._check(request)
            return redirect("admin:team")
        return redirect("admin:team-member", self._found(request, object_id).pk)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """To the page that asks first."""
        return redirect("admin:team-remove", self._found(request, object_id).pk)

    def _found(self, request: HttpRequest, object_id: str) -> Membership:
        self._check(request)
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return found

    def _check(self, request: HttpRequest) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied


@admin.register(Organization)
class OrganizationAdmin(TenantAdmin):
    """The settings of the organization that one works for. Site administrators add others."""

    form = OrganizationForm
    organization_path = "pk"
    may_view = may_change = Power.MANAGE_ORGANIZATION.permission
    personal = frozenset({"support_email", "support_phone"})

    def get_fieldsets(self, request: HttpRequest, obj: Organization | None = None) -> Any:
        named = (
            ["name", "support_email", "support_phone"] if obj else ["name", "slug", "support_email", "support_phone"]
        )
        return [
            (None, {"fields": named}),
            (gettext_lazy("Rules"), {"fields": ["entry_rules", "refund_rules"]}),
            (
                gettext_lazy("Money"),
                {
                    "fields": [
                        "currency",
                        "fee_basis_points",
                        "fee_per_ticket",
                        "fee_per_booking",
                        "tax_basis_points",
                    ]
                },
            ),
            (
                gettext_lazy("Bank transfers"),
                {"fields": ["account_holder", "iban"], "description": _TRANSFERS},
            ),
            (gettext_lazy("Receipts"), {"fields": ["postal_address", "tax_number"], "description": _RECEIPTS}),
            (gettext_lazy("Time"), {"fields": ["time_zone"]}),
            (gettext_lazy("Security"), {"fields": ["second_factor_required"], "description": _SECOND_FACTOR}),
        ]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj else {"slug": ["name"]}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A form that knows whose session it is."""
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"request": request})

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or self.has_add_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one to see: that of the session."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        own = request.user.workplace.organization  # type: ignore[union-attr]
        return redirect("admin:accounts_organization_change", own.pk)

    def response_add(self, request: HttpRequest, obj: Organization, post_url_continue: Any = None) -> HttpResponse:
        """Work for the new one from now on; the first thing it needs is people."""
        request.session[ORGANIZATION] = obj.pk
        messages.success(request, _("%(name)s is there. Invite its first admin.") % {"name": obj})
        return redirect("admin:team")


_RECEIPTS = gettext_lazy("Customers get receipts and credit notes as PDF: tax law says what has to stand on them.")
_TRANSFERS = gettext_lazy(
    "Where the money goes. With both, customers can be offered to pay by transfer, which is chosen under “Ways to pay”."
)
_SECOND_FACTOR = gettext_lazy(
    "When this is on, everybody who works here must bring a passkey, or a code from an authenticator app besides the"
    " password. Who has neither is led to set one up at their next click, and sees nothing of the back office before."
)
