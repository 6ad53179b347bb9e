"""What staff decide when they take tickets back, give money back, or answer who asks for it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bookings.models import Booking, CancellationPolicy, CancellationTier, Refund, Ticket
from core import money
from core.admin import TenantForm
from core.forms import AmountField, PercentField

WHY = [
    (each.value, each.label)
    for each in (Refund.Reason.CUSTOMER, Refund.Reason.DUPLICATE, Refund.Reason.FRAUD, Refund.Reason.OTHER)
]


class MoneyForm(forms.Form):
    """So much money goes back, and why."""

    why = forms.ChoiceField(label=_("Reason"), choices=WHY)
    reason = forms.CharField(label=_("In words"), max_length=60, help_text=_("For colleagues. No names."))

    def __init__(self, *args: Any, booking: Booking, left: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = {"amount": money.formatted(left, booking.currency)}
        self.fields["amount"] = AmountField(
            currency=booking.currency,
            label=_("Amount that goes back (%(currency)s)") % {"currency": booking.currency},
            help_text=_("At most %(amount)s: so much was paid and hasn't gone back.") % most,
        )
        self.order_fields(["tickets", "amount", "why", "reason", "reply"])


class TakeBackForm(MoneyForm):
    """Which tickets, and an amount instead of that of the rules, if another one is wanted."""

    tickets = forms.MultipleChoiceField(label=_("Tickets"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, booking: Booking, left: int, rows: list[tuple[Ticket, str]], **kwargs: Any) -> None:
        super().__init__(*args, booking=booking, left=left, **kwargs)
        names = [(str(ticket.pk), f"{ticket}: {ticket.event_seat.name}, {said}") for ticket, said in rows]
        self.fields["tickets"].choices = names  # type: ignore[attr-defined]


class AnswerForm(MoneyForm):
    """What support says to who asked."""

    reply = forms.CharField(
        label=_("Reply"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text=_("It is mailed as it is. Who is told no should be told why."),
    )
    answer = forms.ChoiceField(label=_("Answer"), choices=[("grant", _("Grant")), ("decline", _("Decline"))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["why"], self.fields["reason"]
        self.order_fields(["answer", "amount", "reply"])

    def clean(self) -> dict[str, Any]:
        """No is said with a reason."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("answer") == "decline" and not cleaned.get("reply"):
            self.add_error("reply", _("Please say why not."))
        return cleaned


class PolicyForm(TenantForm):
    """Rules in hours, percent and money. `currency` is set by who makes the form's class."""

    currency = "EUR"

    class Meta:
        model = CancellationPolicy
        fields = [
            "event",
            "cancel_until_hours",
            "single_tickets",
            "keeps_service_fee",
            "fee_per_ticket",
            "transfers",
            "transfer_until_hours",
            "exchange_until_hours",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "fee_per_ticket" in self.fields:
            label = _("Fee for each ticket given back (%(currency)s)") % {"currency": self.currency}
            self.fields["fee_per_ticket"] = AmountField(
                currency=self.currency, label=label, help_text=_("Never more than what would go back."), initial=0
            )

    def clean_event(self) -> Any:
        """An event has one set of rules, and so has an organization."""
        event = self.cleaned_data["event"]
        others = CancellationPolicy.objects.exclude(pk=self.instance.pk)
        if event is None and others.filter(organization=self.instance.organization_id, event=None).exists():
            raise ValidationError(_("The organization has its rules already: change those, or choose an event."))
        return event


class TierForm(forms.ModelForm):
    """So much goes back so long before."""

    basis_points = PercentField(label=_("goes back, in percent"))

    class Meta:
        model = CancellationTier
        fields = ["hours_before", "basis_points"]
