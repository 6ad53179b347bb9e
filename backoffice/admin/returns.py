"""The rules for giving tickets back, the money that goes back, and who asks for it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Power
from backoffice.forms.returns import PolicyForm, TierForm
from bookings import policies
from bookings.models import CancellationPolicy, CancellationTier, Refund, RefundRequest
from bookings.queries import returns as asked
from bookings.services import refunds
from core import clock, dates, money
from core.admin import ReadOnly, TenantAdmin, TenantInline
from core.refusals import Refusal
from core.transactions import Busy
from events.models import Event


class TierInline(TenantInline):
    """The steps in which less goes back."""

    model = CancellationTier
    form = TierForm
    may_view, may_change = Power.SEE_EVENTS.permission, Power.MANAGE_EVENTS.permission
    extra = 1
    verbose_name_plural = gettext_lazy("How much goes back, and until when")


@admin.register(CancellationPolicy)
class PolicyAdmin(TenantAdmin):
    """What customers may do with their tickets: the organization's are its admins', an event's its organizers'."""

    may_view, may_change = Power.SEE_EVENTS.permission, Power.MANAGE_EVENTS.permission
    form = PolicyForm
    inlines = [TierInline]
    list_display = ["of", "in_words"]
    list_select_related = ["event", "organization"]
    ordering = ["event__starts_at", "pk"]
    fieldsets = [
        (None, {"fields": ["event"]}),
        (
            gettext_lazy("Giving tickets back"),
            {
                "fields": ["cancel_until_hours", "single_tickets", "keeps_service_fee", "fee_per_ticket"],
                "description": gettext_lazy(
                    "Without steps below the whole price goes back. With some, the first whose time is reached counts,"
                    " and nothing goes back where none is."
                ),
            },
        ),
        (
            gettext_lazy("Passing on and exchanging"),
            {"fields": ["transfers", "transfer_until_hours", "exchange_until_hours"]},
        ),
    ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rules of the whole organization are settings of it."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or obj.event_id is not None or self._may_for_all(request))

    def _may_for_all(self, request: HttpRequest) -> bool:
        return request.user.has_perm(Power.MANAGE_ORGANIZATION.permission)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Rules stay whose they are."""
        return ["event"] if obj else []

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Events that are still to come: there may be thousands."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field and db_field.name == "event" and field.queryset is not None:
            field.queryset = field.queryset.filter(ends_at__gt=clock.now())
        return field

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The fee is typed in the currency of the event, or of the organization."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if "event" in form.base_fields:
            form.base_fields["event"].required = not self._may_for_all(request)
            form.base_fields["event"].help_text = (
                _("Empty: the rules of all events that have none of their own.") if self._may_for_all(request) else ""
            )
        return type(form.__name__, (form,), {"currency": self._currency(request, obj)})

    def _currency(self, request: HttpRequest, obj: Any) -> str:
        organization = request.user.workplace.organization  # type: ignore[union-attr]
        chosen = request.POST.get("event") or request.GET.get("event") or ""
        if obj is None and chosen.isascii() and chosen.isdecimal() and len(chosen) < 19:
            event = Event.objects.filter(organization=organization, pk=chosen).first()
            return event.currency if event else organization.currency
        return obj.event.currency if obj and obj.event else organization.currency

    @admin.display(description=gettext_lazy("rules of"))
    def of(self, policy: CancellationPolicy) -> str:
        return str(policy)

    @admin.display(description=gettext_lazy("in words"))
    def in_words(self, policy: CancellationPolicy) -> str:
        currency = policy.event.currency if policy.event else policy.organization.currency
        return " ".join(policies.in_words(asked.terms(policy), currency))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("tiers")


@admin.register(Refund)
class RefundAdmin(ReadOnly, TenantAdmin):
    """Money on its way back, the last first; what failed is tried again here, or was paid back by hand."""

    organization_path = "payment__booking__organization"
    may_view = Power.SEE_BOOKINGS.permission
    list_display = ["created", "booking", "amount_text", "reason", "status", "way", "attempts", "failure"]
    list_filter = ["status", "reason"]
    list_select_related = ["payment__booking__organization", "payment__source"]
    ordering = ["-pk"]
    sortable_by = ()
    search_fields = ["payment__booking__code"]
    search_help_text = gettext_lazy("A booking's code.")
    actions = ["try_again", "was_paid_back"]
    fields = ("booking", "amount_text", "reason", "status", "way", "attempts", "failure", "reference", "created")
    readonly_fields = fields

    @admin.action(description=gettext_lazy("Try again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        """Order what failed once more; any other is left alone."""
        self._each(request, queryset, Refund.Status.FAILED, refunds.retry, gettext_lazy("is tried again"))

    @admin.action(description=gettext_lazy("Was paid back by hand"))
    def was_paid_back(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        """Record what staff paid back: of money taken by hand, or that a provider could not give back."""
        self._each(request, queryset, None, refunds.paid_back, gettext_lazy("is recorded as paid back by hand"))

    def _each(self, request: HttpRequest, queryset: QuerySet[Refund], only: Any, act: Any, done: Any) -> None:
        if not request.user.has_perm(Power.MANAGE_BOOKINGS.permission):
            self.message_user(request, _("Your role may not do that."), messages.ERROR)
            return
        for refund in queryset.order_by("pk")[: self.list_per_page]:
            name = f"{refund.payment.booking}, {self.amount_text(refund)}"
            if only and refund.status != only:
                self.message_user(request, f"{name}: {refund.get_status_display()}", messages.WARNING)
                continue
            try:
                act(refund_id=refund.pk, by=request.user)
            except (Refusal, Busy) as why:
                self.message_user(request, f"{name}: {why.message}", messages.ERROR)
            else:
                self.message_user(request, f"{name}: {done}", messages.SUCCESS)

    @admin.display(description=gettext_lazy("created"), ordering="pk")
    def created(self, refund: Refund) -> str:
        return dates.in_zone(refund.created_at, refund.payment.booking.organization.time_zone)

    @admin.display(description=gettext_lazy("booking"))
    def booking(self, refund: Refund) -> str:
        return refund.payment.booking.code

    @admin.display(description=gettext_lazy("amount"))
    def amount_text(self, refund: Refund) -> str:
        return money.formatted(refund.amount, refund.payment.currency)

    @admin.display(description=gettext_lazy("paid by"))
    def way(self, refund: Refund) -> str:
        return refund.payment.origin.way


@admin.register(RefundRequest)
class RefundRequestAdmin(ReadOnly, TenantAdmin):
    """Who asks for money back although no rule grants it; the page of each leads to the one that answers."""

    organization_path = "booking__organization"
    may_view = Power.SEE_BOOKINGS.permission
    list_display = ["asked", "booking", "event", "status", "granted", "answer"]
    list_filter = ["status"]
    list_select_related = ["booking__organization", "booking__event"]
    ordering = ["-pk"]
    sortable_by = ()
    search_fields = ["booking__code"]
    search_help_text = gettext_lazy("A booking's code.")
    actions = None
    fields = ("booking", "event", "asked", "message", "status", "granted", "reply", "answer")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("answer"))
    def answer(self, request: RefundRequest) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:refund-request", args=[request.pk]), _("Look, and answer")
        )

    @admin.display(description=gettext_lazy("asked"), ordering="pk")
    def asked(self, request: RefundRequest) -> str:
        return dates.in_zone(request.created_at, request.booking.organization.time_zone)

    @admin.display(description=gettext_lazy("event"))
    def event(self, request: RefundRequest) -> str:
        return request.booking.event.title

    @admin.display(description=gettext_lazy("granted"))
    def granted(self, request: RefundRequest) -> str:
        return "–" if request.amount is None else money.formatted(request.amount, request.booking.currency)
