"""How an organization sells, and how its staff must sign in."""

import re
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from backoffice.access import brought_second_factor
from core.admin import TenantForm
from core.forms import AmountField, PercentField


class OrganizationForm(TenantForm):
    """The settings of one organization. `request` is set by who makes the form's class."""

    request: HttpRequest

    fee_basis_points = PercentField(label=_("Service fee in percent"), help_text=_("Of each ticket's price."))
    tax_basis_points = PercentField(
        label=_("Tax contained, in percent"), help_text=_("Prices and fees are whole prices: so much of them is tax.")
    )

    class Meta:
        model = Organization
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields["time_zone"]
        zone.widget = forms.Select(choices=[(name, name) for name in _time_zones(self.instance.time_zone)])
        zone.help_text = _("For times that belong to no venue, and in lists of the back office.")
        self._explain_currency()
        self.fields["fee_per_ticket"] = AmountField(
            currency=self._currency(),
            label=_("Fee per ticket"),
            help_text=_("For each ticket that isn't free, besides the percentage, in the organization's currency."),
        )
        self.fields["fee_per_booking"] = AmountField(
            currency=self._currency(),
            label=_("Fee per booking"),
            help_text=_("Once for each booking that isn't free. “From” prices contain it: one ticket bought alone."),
        )

    def clean_iban(self) -> str:
        """Without blanks, and with the digits by which a slip of the finger is seen."""
        iban = "".join(self.cleaned_data["iban"].split()).upper()
        if iban and not _is_iban(iban):
            raise ValidationError(_("This is no IBAN: please compare it once more."))
        return iban

    def clean_second_factor_required(self) -> bool:
        """Nobody locks themselves out."""
        required = self.cleaned_data["second_factor_required"]
        if required and not self.initial.get("second_factor_required") and not brought_second_factor(self.request):
            raise ValidationError(
                _("First sign in with a second factor yourself: else this would lock you out. Nothing was changed.")
            )
        return required

    def _explain_currency(self) -> None:
        field = self.fields["currency"]
        if self.instance.pk and (self.instance.events.exists() or self.instance.ticket_types.exists()):
            field.disabled = True
            field.help_text = _("Fixed, since there are events or ticket types: their prices are amounts of it.")
        else:
            field.help_text = _("Three capital letters, as in EUR. Fixed from the first event or ticket type on.")

    def _currency(self) -> str:
        """In which the fee is typed: that of the form, if it is one."""
        typed = self.data.get(self.add_prefix("currency"), "") if self.is_bound else ""
        return self.instance.currency if self.fields["currency"].disabled else typed or self.instance.currency


def _is_iban(iban: str) -> bool:
    """By ISO 13616: moved to the end, its first four signs make the whole leave 1 when divided by 97."""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", iban):
        return False
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


@lru_cache(maxsize=8)
def _time_zones(besides: str) -> tuple[str, ...]:
    places = {name for name in available_timezones() if "/" in name and not name.startswith("Etc/")}
    return tuple(sorted(places | {"UTC", besides}))
