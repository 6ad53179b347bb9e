"""What a visitor chooses."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.queries.offers import LevelOffer, PriceOffer

_DIGITS = re.compile(r"[0-9]{1,4}")  # no signs, no exponents, and no digits of other scripts, which int() would take


class QuantityField(forms.Field):
    """A whole number from 0, written in plain digits."""

    def to_python(self, value: Any) -> int:
        text = (value or "").strip()
        if not text:
            return 0
        if not _DIGITS.fullmatch(text):
            raise ValidationError(_("Please enter a whole number, such as 2."))
        return int(text)


class ChoiceForm(forms.Form):
    """How many tickets of which type at which price level, and the key that makes sending it twice harmless."""

    key = forms.RegexField(r"\A[A-Za-z0-9_-]{20,64}\Z")

    def __init__(self, event: Event, levels: Sequence[LevelOffer], data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.event = event
        self.sent = data or QueryDict()
        self.offers: dict[str, PriceOffer] = {offer.field: offer for level in levels for offer in level.prices}
        for name, offer in self.offers.items():
            label = f"{offer.price.price_level.name}, {offer.price.ticket_type.name}"
            attrs = {"min": 0, "max": event.max_per_booking, "inputmode": "numeric", "autocomplete": "off"}
            self.fields[name] = QuantityField(
                required=False, label=label, initial=0, widget=forms.NumberInput(attrs=attrs)
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in self.sent:
            if name.startswith("price_") and name not in self.offers:
                raise ValidationError(_("One of the chosen tickets isn't sold for this event. Please choose again."))
            if name in self.offers and len(self.sent.getlist(name)) > 1:
                self.add_error(name, _("This number was sent twice. Please enter it once."))
        if not self.errors and not any(self.quantities.values()):
            raise ValidationError(_("Please choose at least one ticket."))
        return cleaned

    @property
    def quantities(self) -> dict[int, int]:
        """The choice, by price id; only what is chosen."""
        chosen = {offer.price.pk: self.cleaned_data.get(name, 0) for name, offer in self.offers.items()}
        return {price_id: quantity for price_id, quantity in chosen.items() if quantity}
