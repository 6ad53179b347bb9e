"""
The frame of everything in the admin: it shows and changes the rows of one organization, by the role there.

It knows no domain. `request.user.workplace` says for whom the user works (accounts.models.User), and
`has_perm` what may be done there; each admin names the permission it asks for.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import ActionLocation, BaseModelAdmin, IncorrectLookupParameters
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, SuspiciousOperation
from django.core.paginator import Paginator
from django.db import DataError, connection, models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core import audit, clock, versions
from core.http import SeeOther
from core.refusals import Refusal
from core.search import words
from core.transactions import outermost

ROWS = 50
"""So many on a page."""
COUNTED = 5_000
"""So many rows of a list are counted and have a page, the first in its order: a count of a million takes longer than
the page. Whoever looks for another says more about it."""
ENTRIES = 200
"""So many entries of the audit trail on an object's page, the last ones."""


class Tenant(BaseModelAdmin):
    """
    What admins and their inlines share. An object of another organization isn't there: 404 (S9, S11).

    `may_view` and `may_change` are permissions; without `may_change` everything is read-only.
    """

    organization_path: ClassVar[str] = "organization"
    may_view: ClassVar[str]
    may_change: ClassVar[str | None] = None
    personal: ClassVar[frozenset[str]] = frozenset()
    """Fields whose values the audit trail doesn't keep: of them it says only that they changed."""

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """Return the rows of the organization that the user works for now."""
        return of_organization(super().get_queryset(request), self.organization_path, request)

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> models.QuerySet:
        """Offer, and accept, no other organization's rows (S11)."""
        model = db_field.remote_field.model
        related = self.admin_site._registry.get(model)
        if not isinstance(related, Tenant):
            raise ImproperlyConfigured(f"{model} needs a TenantAdmin, so that {db_field} can be scoped.")
        rows = model._default_manager.using(db)
        return of_organization(rows, related.organization_path, request).order_by(*related.get_ordering(request))

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return _has(request, self.may_view) or self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.may_change is not None and _has(request, self.may_change)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.has_change_permission(request, obj)


class TenantForm(forms.ModelForm):
    """A form that checks the constraints that name the organization too: else the database would, with a 500."""

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"organization"}  # type: ignore[misc]


class PagesOfTheFirst(Paginator):
    """Pages of the first COUNTED rows."""

    @cached_property
    def rows(self) -> int:
        """How many there are, or one more than are counted."""
        found: Any = self.object_list
        return found.order_by()[: COUNTED + 1].count()

    @property
    def count(self) -> int:
        return min(self.rows, COUNTED)

    @property
    def has_more(self) -> bool:
        """Whether there are rows beyond the last page."""
        return self.rows > COUNTED


class TenantAdmin(Tenant, admin.ModelAdmin):
    """An admin of one organization's rows, whose changes are in the audit trail with old and new values (S51)."""

    form = TenantForm
    list_per_page = ROWS
    list_max_show_all = ROWS
    paginator = PagesOfTheFirst
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count the table once for each choice
    save_on_top = False
    actions_on_bottom = False
    view_on_site = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """
        Find it; while it is changed, locked, so that what its form doesn't show stays as others leave it.

        A service that publishes it in the meantime would be undone by the old status that we read before.
        """
        found = super().get_object(request, object_id, from_field)
        if found is not None and request.method == "POST" and connection.in_atomic_block:
            list(self.model._base_manager.select_for_update(no_key=True).filter(pk=found.pk).values_list("pk"))
            found = super().get_object(request, object_id, from_field)
        return found

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the page offers as a filter: no guessing of secrets, letter by letter or by halves (S33)."""
        offered = [each[0] if isinstance(each, tuple) else each for each in self.get_list_filter(request)]
        if lookup in {getattr(each, "parameter_name", None) for each in offered}:
            return True  # a filter of our own reads it, and no query does
        names = [name for name in [*offered, self.date_hierarchy] if isinstance(name, str)]
        return any(_LOOKUP.fullmatch(lookup.removeprefix(name)) for name in names if lookup.startswith(name))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """A list is called by what is in it. A ticked row that is no number was ticked by nobody: 400."""
        if not all(_NUMBER.fullmatch(each) for each in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise SuspiciousOperation("no row of a list")
        own = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, own | (extra_context or {}))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """What a filter is asked for and no column can hold (a year of thirty digits, a NUL) is said to be invalid."""
        try:
            return super().get_changelist_instance(request)
        except (DataError, OverflowError, ValueError) as error:
            if not request.GET:
                raise
            raise IncorrectLookupParameters from error

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet, search_term: str
    ) -> tuple[models.QuerySet, bool]:
        """What is kept folded is searched folded: "CAFE" finds the Café."""
        if list(self.get_search_fields(request)) == ["search_text"]:
            search_term = " ".join(words(search_term))
        return super().get_search_results(request, queryset, search_term.replace("\x00", " "))

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """Without Django's deletion of many at once, which asks no service and records nothing."""
        actions = super().get_actions(request, action_location=action_location)
        actions.pop("delete_selected", None)
        return actions

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A new object is the active organization's, whatever the form says (S13)."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None and any(field.name == "organization" for field in self.model._meta.fields):
            organization = request.user.workplace.organization  # type: ignore[union-attr]

            class Own(form):  # type: ignore[misc, valid-type]
                def __init__(self, *args: Any, **kwargs: Any) -> None:
                    kwargs["instance"] = kwargs.get("instance") or self._meta.model(organization=organization)
                    super().__init__(*args, **kwargs)

            return Own
        return form

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Like Django's, in a transaction that is repeated when the database says so, and drawn before it ends."""
        if request.method not in ("GET", "HEAD"):
            return self._written(request, *args, **kwargs)
        return _drawn(self._changeform_view(request, *_changeform_arguments(*args, **kwargs)))  # type: ignore[attr-defined]

    @outermost
    def _written(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _drawn(self._changeform_view(request, *_changeform_arguments(*args, **kwargs)))  # type: ignore[attr-defined]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """A page is called by its object; what can be done there comes after it."""
        if context.get("subtitle"):
            context["title"], context["subtitle"] = context["subtitle"], context["title"]
        return super().render_change_form(request, context, *args, **kwargs)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Like Django's, but the service that deletes opens its own transaction, and may refuse."""
        try:
            return _drawn(self._delete_view(request, object_id, extra_context))  # type: ignore[attr-defined]
        except Refusal as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return SeeOther(request.get_full_path())

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404(_("There is nothing at this address."))

    # --- The audit trail, instead of Django's own log -------------------------------------------------

    def construct_change_message(  # type: ignore[override]
        self, request: HttpRequest, form: forms.ModelForm, formsets: Iterable[Any], add: bool = False
    ) -> dict[str, Any]:
        """Return the facts of the audit entry: old and new values, of the object and of what it holds."""
        facts: dict[str, Any] = {"changed": changes(form, self.personal)} if not add else {}
        for formset in formsets:
            personal: frozenset[str] = getattr(formset, "personal", frozenset())
            name = formset.model._meta.model_name
            if formset.new_objects:
                facts[f"added_{name}"] = [str(each) for each in formset.new_objects]
            changed = [row for row in formset.initial_forms if row.instance.pk and row.has_changed()]
            if changed:
                facts[f"changed_{name}"] = {str(row.instance): changes(row, personal) for row in changed}
            if formset.deleted_objects:
                facts[f"deleted_{name}"] = [str(each) for each in formset.deleted_objects]
        return {key: value for key, value in facts.items() if value}

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> None:  # type: ignore[override]
        self._record("created", request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> None:  # type: ignore[override]
        if message:
            self._record("changed", request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        """Whoever deletes records it: the services do."""

    def _record(self, verb: str, request: HttpRequest, obj: models.Model, facts: dict[str, Any]) -> None:
        action = f"{self.opts.model_name}.{verb}"
        audit.record(action, obj, at=clock.now(), by=request.user, called=str(obj), **facts)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What happened to the object, from the audit trail; and what it was before, where versions are kept."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404(_("There is nothing at this address."))
        zone = request.user.workplace.organization.time_zone  # type: ignore[union-attr]
        # Of a customer, who is of no organization, other houses tell their own and the account nobody.
        entries = of_organization(audit.about(obj), "organization", request).select_related("by").reverse()[:ENTRIES]
        for entry in entries:
            entry.thing = obj  # whose currency amounts are in
        context = {
            **self.admin_site.each_context(request),
            "title": _("What happened to %(name)s") % {"name": obj},
            "entries": entries,
            "versions": versions.of(obj, zone),
            "zone": zone,
            "object": obj,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/object_history.html", context)


class TenantInline(Tenant, admin.TabularInline):
    """Rows of an object that was found already: the object's organization is theirs."""

    extra = 0
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return admin.TabularInline.get_queryset(self, request)


class ReadOnly(Tenant):
    """What is shown and never typed: a service writes it."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class RelatedFilter(admin.RelatedFieldListFilter):
    """A filter by related rows of the organization alone."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        return [(row.pk, str(row)) for row in model_admin.get_field_queryset(None, field, request)]


_NUMBER = re.compile(r"[0-9]{1,18}")
_LOOKUP = re.compile(r"(__id|__pk)?(__(exact|isnull|in|gte|gt|lte|lt|year|month|day))?")
"""What may follow the name of a filter; further along a relation there might be secrets."""


def of_organization(rows: models.QuerySet, path: str, request: HttpRequest) -> models.QuerySet:
    """Return the rows whose `path` leads to the organization that the user works for now; none for nobody."""
    workplace = getattr(request.user, "workplace", None)
    if workplace is None:
        return rows.none()
    return rows.filter(**{path: workplace.organization.pk})  # by number: the path of an organization is its own pk


def changes(form: forms.BaseForm, personal: Iterable[str]) -> dict[str, Any]:
    """Return old and new value of each field that was changed, fit for JSON; of personal ones only that they were."""
    found: dict[str, Any] = {}
    for name in form.changed_data:
        if name in form.fields and name not in ("id", "DELETE"):
            before = form.get_initial_for_field(form.fields[name], name)
            found[name] = None if name in personal else [_plain(before), _plain(form.cleaned_data.get(name))]
    return found


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case models.Model():
            return str(value)
        case list() | tuple() | set() | models.QuerySet():
            return [_plain(each) for each in value]
    return str(value)


def _has(request: HttpRequest, permission: str) -> bool:
    return bool(getattr(request.user, "workplace", None)) and request.user.has_perm(permission)


def _changeform_arguments(object_id: Any = None, form_url: str = "", extra_context: Any = None) -> Sequence[Any]:
    return object_id, form_url, extra_context


def _drawn(response: HttpResponse) -> HttpResponse:
    """Draw a page while what it reads (the active time zone, the transaction) is still so."""
    if isinstance(response, TemplateResponse):
        response.render()
    return response
