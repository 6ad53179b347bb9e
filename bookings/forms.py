"""What customers tell us."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.models import Ticket


class DetailsForm(forms.Form):
    """Whose booking it is."""

    name = forms.CharField(label=_("Name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("Your tickets are sent to this address."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.RegexField(
        r"\A[0-9+()/. -]*\Z",
        label=_("Phone (optional)"),
        max_length=40,
        required=False,
        error_messages={"invalid": _("Please use digits, spaces and + ( ) / . - only.")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )


class AgainForm(DetailsForm):
    """The same choice once more: the key that makes sending it twice harmless, and details if any were typed."""

    key = forms.RegexField(r"\A[A-Za-z0-9_-]{20,64}\Z", label=_("Form key"), widget=forms.HiddenInput)

    @property
    def details(self) -> dict[str, str] | None:
        """What was typed: nothing of it unless all of it is right, and None if nothing was."""
        if not any(self.data.get(name) for name in DetailsForm.base_fields):
            return None
        if self.errors:
            return {}
        return {name: self.cleaned_data[name] for name in DetailsForm.base_fields}


class FindForm(forms.Form):
    """What the customer of a lost link still knows."""

    code = forms.RegexField(
        r"(?i)\A\s*BK-[0-9]{8}-[2-9A-HJ-NP-Z]{6}\s*\Z",
        label=_("Booking code"),
        help_text=_("It looks like BK-20261121-7QK2MZ and stands in your mail."),
        error_messages={"invalid": _("A booking code looks like BK-20261121-7QK2MZ.")},
    )
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).strip().upper()


class DeleteAccountForm(forms.Form):
    """A moment to think, before what can't be undone."""

    sure = forms.BooleanField(
        label=_("Yes, delete my account for good"),
        error_messages={"required": _("Please tick this if you want your account deleted.")},
    )


class PassOnForm(forms.Form):
    """Who is to have a ticket."""

    name = forms.CharField(label=_("Their name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(
        label=_("Their e-mail"),
        max_length=254,
        help_text=_("The offer goes to this address. We use it for nothing else."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class HolderForm(forms.Form):
    """Whose name stands on a ticket."""

    name = forms.CharField(label=_("Name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))


class RefundRequestForm(forms.Form):
    """What a customer asks support for: which tickets, and why."""

    tickets = forms.MultipleChoiceField(
        label=_("Which tickets?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one ticket.")},
    )
    message = forms.CharField(
        label=_("What happened?"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Our staff read it. Please send no documents about your health."),
    )

    def __init__(self, *args: Any, tickets: list[Ticket], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(str(each.number), f"{each}: {each.event_seat.name}, {each.ticket_type.name}") for each in tickets]
        self.fields["tickets"].choices = names  # type: ignore[attr-defined]
        if len(names) == 1:
            self.fields["tickets"].initial = [names[0][0]]
