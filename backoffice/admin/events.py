"""Events: what is on, with all its levels and prices on one page."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.db.models import Model, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.roles import Power
from backoffice.admin.deleting import DeletedByService
from backoffice.admin.figures import WithFigures
from backoffice.admin.levels import LevelInline, RowRefused, currency_of, is_settled
from bookings.models import Booking
from core import clock, dates, money
from core.admin import RelatedFilter, TenantForm
from core.forms import AmountField, LocalDateTimeInput
from core.templatetags.stagedoor import number
from events.models import Event, EventPicture, EventSeat, Hold, PriceLevel
from events.services import catalogue
from reports.queries.facts import Sums
from reports.queries.revenue import of_events
from venues.models import Venue

FEES = ("fee_per_ticket", "fee_per_booking")
MOMENTS = ["starts_at", "ends_at", "doors_at", "sales_start", "sales_end"]


class EventForm(TenantForm):
    """An event, with sentences where the database would only refuse."""

    @cached_property
    def changed_data(self) -> list[str]:
        """What was typed anew. Browsers end lines in their own way, which changes nothing."""
        return [name for name in super().changed_data if not self._reads_the_same(name)]

    def _reads_the_same(self, name: str) -> bool:
        before, typed = self.get_initial_for_field(self.fields[name], name), self[name].data
        both = isinstance(before, str) and isinstance(typed, str)
        return both and before.splitlines() == typed.splitlines()

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        """Times come in their order."""
        cleaned = super().clean() or self.cleaned_data
        said = [cleaned.get(name) if name in self.fields else getattr(self.instance, name) for name in MOMENTS]
        starts, ends, doors, sales_start, sales_end = said
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("An event ends after its start."))
        if starts and doors and doors > starts:
            self.add_error("doors_at", _("Doors open before the start."))
        if sales_start and sales_end and sales_end <= sales_start:
            self.add_error("sales_end", _("Sales end after they start."))
        return cleaned


class TimeFilter(admin.SimpleListFilter):
    """Coming or past."""

    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("coming", _("coming")), ("past", _("past"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        now = clock.now()
        wanted = {"coming": Q(ends_at__gt=now), "past": Q(ends_at__lte=now)}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(wanted)


class KindFilter(admin.SimpleListFilter):
    """Events; templates only when they are asked for."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("templates", _("templates"))]

    def choices(self, changelist: Any) -> Any:
        """Without a choice it isn't everything."""
        first, *others = super().choices(changelist)
        return [{**first, "display": _("events")}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        return queryset.filter(is_template=self.value() == "templates")


@admin.register(Event)
class EventAdmin(WithFigures, DeletedByService):
    """What is on, what it costs and how it sells. Its times are those of its venue."""

    may_view, may_change = Power.SEE_EVENTS.permission, Power.MANAGE_EVENTS.permission
    add_page = "admin:set-up"
    form = EventForm
    inlines = [LevelInline]
    list_display = ["title", "when", "venue", "status", "bookings_count", "sold", "revenue"]
    list_filter = ["status", TimeFilter, KindFilter, ("venue", RelatedFilter), ("category", RelatedFilter), "type"]
    list_select_related = ["venue", "organization"]
    date_hierarchy = "starts_at"
    search_fields = ["search_text"]
    ordering = ["-starts_at", "-pk"]
    prepopulated_fields = {"slug": ["title"]}
    formfield_overrides = {
        models.DateTimeField: {"form_class": forms.DateTimeField, "widget": LocalDateTimeInput},
    }
    readonly_fields = ["state", "zone"]

    # --- The list ---------------------------------------------------------------------------------

    def get_list_display(self, request: HttpRequest) -> Any:
        """Revenue is for who may see it."""
        hidden = set() if request.user.has_perm(Power.SEE_REVENUE.permission) else {"revenue"}
        return [name for name in self.list_display if name not in hidden]

    def add_figures(self, rows: Sequence[Any]) -> None:
        """How much is sold of each event, and for how much, as reports say it."""
        keys = [row.pk for row in rows]
        by_event = of_events(rows[0].organization, Event.objects.filter(pk__in=keys)) if rows else {}
        levels = PriceLevel.objects.filter(event__in=keys).order_by().values_list("event")
        planned = dict(levels.annotate(Sum("places")))
        for row in rows:
            row.sums = by_event.get(row.pk, Sums())
            row.planned = planned.get(row.pk, 0)

    @admin.display(description=_("when"), ordering="starts_at")
    def when(self, event: Event) -> str:
        return dates.in_zone(event.starts_at, event.venue.time_zone)

    @admin.display(description=_("bookings"))
    def bookings_count(self, event: Any) -> int:
        return event.sums.bookings - event.sums.cancelled

    @admin.display(description=_("sold"))
    def sold(self, event: Any) -> str | SafeString:
        """312 of 420, and as a bar."""
        if not event.planned:
            return "–"
        sold, planned = event.sums.held, event.planned
        words = gettext("%(sold)s of %(planned)s") % {"sold": number(sold), "planned": number(planned)}
        return format_html('{} <progress max="{}" value="{}" aria-hidden="true"></progress>', words, planned, sold)

    @admin.display(description=_("revenue"))
    def revenue(self, event: Any) -> str:
        return money.formatted(event.sums.net, event.currency)

    # --- The form ---------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """What a visitor asks, in that order."""
        texts = ["title", "slug", ("category", "type"), "summary", "description", "featured"]
        return [
            (_("What"), {"fields": ["state", *texts]}),
            (
                _("Where and when"),
                {
                    "fields": ["venue", "zone", ("starts_at", "ends_at", "doors_at")],
                    "description": BOOKED if _is_booked(obj) else "",
                },
            ),
            (
                _("Prices"),
                {"fields": [("currency", *FEES)], "description": SETTLED if is_settled(obj) else ""},
            ),  # the levels with their prices come here: templates/admin/events/event/change_form.html
            (_("Selling"), {"fields": [("sales_start", "sales_end"), ("max_per_booking", "max_per_customer")]}),
            (_("Seats"), {"fields": ["avoids_single_gaps", "accessible_until"], "description": SEATS}),
            (_("Rules"), {"fields": ["minimum_age", "entry_rules", "refund_rules"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """
        Once it is published, somebody may buy: it stays where it is, and in its currency. A plan is its venue's.
        Once somebody has booked, nobody moves it without telling them: that is a page of its own.
        """
        settled = ["venue", "currency"] if is_settled(obj) else ["venue"] if obj and obj.plan_id else []
        return [*self.readonly_fields, *settled, *(["starts_at"] if _is_booked(obj) else [])]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Links that people have stay true."""
        return self.prepopulated_fields if obj is None else {}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        organization = request.user.workplace.organization  # type: ignore[union-attr]
        return {"currency": organization.currency, **super().get_changeform_initial_data(request)}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Fees are typed in the currency of the event."""
        form = super().get_form(request, obj, change=change, **kwargs)
        for name in FEES:
            if name in form.base_fields:
                form.base_fields[name] = AmountField(
                    currency=currency_of(request, obj),
                    required=False,
                    label=form.base_fields[name].label,
                    help_text=FEE % {"currency": currency_of(request, obj)},
                )
        return form

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Say what follows from a field."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name in HELP:
            field.help_text = HELP[db_field.name]
        if field and db_field.name == "slug":
            field.label = _("Web address")
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = False  # not in passing
        return field

    @admin.display(description=_("status"))
    def state(self, event: Event) -> str | SafeString:
        """The status, and how it changes."""
        if event.pk is None:
            return gettext("A draft: nobody sees it until you publish it.")
        if event.is_template:
            return gettext("Template: it is never published. “New event from it” at the top makes one like it.")
        if event.status == Event.Status.DRAFT:
            return gettext("Draft: nobody sees it. “Publish” at the top shows what is missing and puts it on sale.")
        if event.status == Event.Status.CANCELLED:
            said = gettext("Cancelled: it sells nothing, and who had tickets still sees it.")
            return _with_last_batch(said, event)
        when = dates.in_zone(event.published_at, event.venue.time_zone)  # type: ignore[arg-type]
        said = gettext("Published on %(when)s. Changes show at once.") % {"when": when}
        return _with_last_batch(said, event) if event.is_moved else said

    @admin.display(description=_("time zone"))
    def zone(self, event: Event) -> str:
        """In which zone times are meant."""
        if event.venue_id is None:
            return gettext("Times are those of the venue that you choose.")
        label = dates.zone_label((event.starts_at or clock.now()).astimezone(event.venue.zone))
        facts = {"city": event.venue.city, "zone": label}
        return gettext("Times are those of %(city)s (%(zone)s).") % facts

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """In the venue's time zone; what a service refuses at the last moment is said in the form."""
        object_id = kwargs.get("object_id") or next(iter(args), None)
        with timezone.override(self.zone_for(request, object_id)):
            try:
                return super().changeform_view(request, *args, **kwargs)
            except RowRefused as refused:
                request.row_refused = refused  # type: ignore[attr-defined]
                return super().changeform_view(request, *args, **kwargs)

    def zone_for(self, request: HttpRequest, object_id: Any) -> ZoneInfo:
        """The venue's that was chosen in the form, or else the event's, or else the organization's."""
        organization = request.user.workplace.organization  # type: ignore[union-attr]
        event = self.get_object(request, object_id) if object_id else None
        chosen = request.POST.get("venue", "")
        if chosen.isdecimal() and len(chosen) < 19 and not is_settled(event):
            venue = Venue.objects.filter(organization=organization, pk=chosen).first()
            if venue:
                return venue.zone
        return event.venue.zone if event else ZoneInfo(organization.time_zone)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """The services record what became of price levels."""
        return super().construct_change_message(request, form, [], add)

    def view_on_site(self, obj: Event) -> str | None:  # type: ignore[override]
        """Drafts have no page."""
        return None if obj.status == Event.Status.DRAFT else obj.get_absolute_url()

    # --- Deleting ---------------------------------------------------------------------------------

    def what_goes(self, obj: Event) -> dict[type[Model], int]:
        """With all that it has, if nobody booked it."""
        return {
            Event: 1,
            PriceLevel: PriceLevel.objects.filter(event=obj).count(),
            EventSeat: EventSeat.objects.filter(event=obj).count(),
            Hold: Hold.objects.filter(event=obj).count(),
            EventPicture: EventPicture.objects.filter(event=obj).count(),
        }

    def delete_by(self, obj: Event, by: Any) -> None:
        catalogue.delete_event(event_id=obj.pk, by=by)


def _is_booked(event: Event | None) -> bool:
    """Whether somebody has places."""
    return event is not None and Booking.objects.held().filter(event=event).exists()


def _with_last_batch(said: str, event: Event) -> str | SafeString:
    """And the way to what became of its bookings, if it was done through our pages."""
    last = event.batches.order_by("-pk").first()
    if last is None:
        return said
    link = reverse("admin:batch", args=[last.pk])
    return format_html('{} <a href="{}">{}</a>', said, link, gettext("What became of its bookings"))


SETTLED = _(
    "Since the event was published, its venue and currency stay as they are: people may have booked. "
    "Prices and places can still change below; tickets that are sold keep their price."
)
BOOKED = _("People have booked: “Move” at the top gives it another start, and tells them.")
FEE = _("In %(currency)s. Empty: the organization's own fee. For an event in another currency, say it here.")
SEATS = _("For events with a seating plan, which is chosen under “Seating” at the top.")
HELP = {
    "slug": _("The end of the page's address. Whoever has the link needs it to stay."),
    "description": _("Markdown: **bold**, *italic*, lists with -, links as [text](https://…)."),
    "currency": _("Three capital letters, as in EUR."),
    "sales_start": _("Empty: at once."),
    "sales_end": _("Empty: when the event starts."),
}
