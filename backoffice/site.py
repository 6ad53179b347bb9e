"""The admin as a place: who may enter, and by which door."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.views.security import sign_out
from backoffice.access import brought_second_factor
from backoffice.cards import cards, first_steps
from core.admin import Tenant

ADD_ORGANIZATION = "admin:accounts_organization_add"
ALWAYS_OPEN = {"admin:logout", "admin:switch", "admin:jsi18n"}


class BackOffice(AdminSite):
    """For who works for an organization, with a second factor where that asks for one."""

    site_title = _("Stagedoor back office")
    site_header = _("Stagedoor back office")
    index_title = _("Back office")
    enable_nav_sidebar = False
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether this person may be here at all. A site administrator may before there is any organization."""
        return bool(getattr(request.user, "is_staff", False))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Strangers sign in, customers are told that it's not for them, and staff bring their second factor (S6)."""
        guarded = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return self._led_elsewhere(request) or guarded(request, *args, **kwargs)

        inner.csrf_exempt = getattr(guarded, "csrf_exempt", False)  # type: ignore[attr-defined]
        return inner

    def _led_elsewhere(self, request: HttpRequest) -> HttpResponse | None:
        """Where staff must go first, if they must; signing out and working for somebody else need nothing."""
        if not self.has_permission(request) or _view_name(request) in ALWAYS_OPEN:
            return None
        if request.user.workplace is None:  # type: ignore[union-attr]
            return _to_the_first_organization(request)
        return redirect("second-factor") if lacks_second_factor(request) else None

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take only what is scoped to an organization: libraries would show theirs, with secrets, to everybody here."""
        if admin_class is not None and issubclass(admin_class, Tenant):
            super().register(model_or_iterable, admin_class, **options)

    def get_urls(self) -> list[Any]:
        """Our pages, and Django's without its way from any number to an address, which for a booking is its secret."""
        from backoffice.urls import pages  # noqa: PLC0415 - they need the admin of events, which registers itself here

        unwanted = {"view_on_site", "password_change", "password_change_done"}
        own = [path(str(page.pattern), self.admin_view(page.callback), name=page.name) for page in pages]
        return own + [each for each in super().get_urls() if getattr(each, "name", None) not in unwanted]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Where one may go, and in a new house, what to do first."""
        own = {"cards": cards(request), "first_steps": first_steps(request)}
        return super().index(request, own | (extra_context or {}))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The same way out as for everybody."""
        return sign_out(request)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The same door as for everybody."""
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether the organization asks for a second factor that this session didn't bring."""
    organization = request.user.workplace.organization  # type: ignore[union-attr]
    return organization.second_factor_required and not brought_second_factor(request)


def _to_the_first_organization(request: HttpRequest) -> HttpResponse | None:
    if _view_name(request) == ADD_ORGANIZATION:
        return None
    messages.info(request, _("There is no organization yet. Add the first one: everything here belongs to one."))
    return redirect(ADD_ORGANIZATION)


def _view_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""
