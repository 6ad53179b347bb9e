"""Whose data is asked for, and a moment to think before it is gone."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class AddressForm(forms.Form):
    """By which address somebody is known."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))


class EraseForm(AddressForm):
    """The same address once more, typed."""

    typed = forms.CharField(
        label=_("Type the address to erase it"), max_length=254, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("typed", "").strip().lower() != cleaned.get("email", "").lower():
            self.add_error("typed", _("This isn't the address that was looked up."))
        return cleaned
