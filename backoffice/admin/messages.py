"""What was mailed, and what could not be."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Power
from core import dates
from core.admin import ReadOnly, TenantAdmin
from core.transactions import Busy
from notifications import outbox
from notifications.models import Message

KINDS = [
    "booking-cancelled",
    "booking-confirmed",
    "booking-expired",
    "booking-link",
    "booking-tickets",
    "booking-to-pay",
    "booking-transfer",
    "event-cancelled",
    "event-moved",
    "money-back",
    "money-returned",
    "refund-declined",
    "tickets-returned",
]
"""What is mailed and not confidential."""


class Kinds(admin.SimpleListFilter):
    """A filter by what mails there are, without a look at every row."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, kind) for kind in KINDS]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Message)
class MessageAdmin(ReadOnly, TenantAdmin):
    """Mails to customers, the last ones first. Confidential ones (codes, links to new passwords) aren't here."""

    may_view = Power.SEE_BOOKINGS.permission
    list_display = ["subject", "kind", "to", "state", "attempts", "created", "sent"]
    list_filter = ["status", ("bounced_at", admin.EmptyFieldListFilter), Kinds]
    list_select_related = ["organization"]
    ordering = ["-pk"]
    sortable_by = ()
    search_fields = ["^to"]
    search_help_text = gettext_lazy("The start of the address.")
    actions = ["try_again"]
    fields = (
        "subject",
        "to",
        "kind",
        "status",
        "attempts",
        "failure",
        "created",
        "sent",
        "came_back",
        "preview",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(confidential=False).select_related("organization").defer("html")

    @admin.action(description=gettext_lazy("Try again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Send what had failed, or waits for its next attempt, now; say of each what came of it."""
        if not request.user.has_perm(Power.MANAGE_BOOKINGS.permission):
            self.message_user(request, _("Your role may not do that."), messages.ERROR)
            return
        for message in queryset.order_by("pk")[: self.list_per_page]:
            said, level = _tried(message, by=request.user)
            self.message_user(request, said, level)

    @admin.display(description=gettext_lazy("created"), ordering="pk")
    def created(self, message: Message) -> str:
        return _moment(message, message.created_at)

    @admin.display(description=gettext_lazy("sent"))
    def sent(self, message: Message) -> str:
        return _moment(message, message.sent_at)

    @admin.display(description=gettext_lazy("came back"))
    def came_back(self, message: Message) -> str:
        return _moment(message, message.bounced_at)

    @admin.display(description=gettext_lazy("status"))
    def state(self, message: Message) -> str:
        return _("came back") if message.bounced_at else message.get_status_display()

    @admin.display(description=gettext_lazy("text"))
    def preview(self, message: Message) -> str:
        """The part without markup: whatever stands in it is text here too."""
        return message.text or _("It isn't kept any more.")


def _tried(message: Message, *, by: Any) -> tuple[str, int]:
    values = {"subject": message.subject, "to": message.to}
    if message.status == Message.Status.SENT:
        return _("“%(subject)s” to %(to)s was sent already.") % values, messages.WARNING
    try:
        outbox.retry(message_id=message.pk, by=by)
    except Busy as busy:
        return f"{message.subject}: {busy.message}", messages.ERROR
    return _("“%(subject)s” to %(to)s is tried again.") % values, messages.SUCCESS


def _moment(message: Message, when: Any) -> str:
    zone = message.organization.time_zone if message.organization else "UTC"
    return dates.in_zone(when, zone) if when else "–"
