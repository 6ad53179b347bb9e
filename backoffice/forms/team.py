"""What admins say about people."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role


class RoleForm(forms.Form):
    """Another role for somebody."""

    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, capfirst(role.label)) for role in Role])

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class InviteForm(forms.Form):
    """A role for an address, each role with what it may do."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, _described(role)) for role in Role]  # type: ignore[attr-defined]

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


def _described(role: Role) -> str | Promise:
    return format_html("<strong>{}</strong>: {}", capfirst(role.label), role.duty)
