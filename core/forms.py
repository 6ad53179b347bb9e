"""Form fields that every app may need."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext

from core.money import exponent, from_decimal, to_decimal

MOST = 2_147_483_647
"""What a column of amounts can hold."""


class FilterForm(forms.Form):
    """
    What a list is filtered by, read from its address and written into it again.

    What is wrong is said beside its field and filters nothing.
    """

    no_filters: tuple[str, ...] = ()
    """Fields that say how, and not what."""

    def query(self, *, without: str = "", **changed: str) -> str:
        """The address of what is asked for, as short as it can be; without one field, or with others changed."""
        kept = QueryDict(mutable=True)
        for name, value in self._sent(without).items():
            kept[name] = value
        for name, value in changed.items():
            kept[name] = value
        return f"?{kept.urlencode()}" if kept else ""

    def page(self, number: int) -> str:
        """The address of one page of what is found."""
        return self.query(page=str(number)) if number > 1 else self.query()

    def chips(self) -> list[tuple[str, str]]:
        """What is set, each in words and with the address of the search without it."""
        return [(text, self.query(without=name)) for name, text in self.filters().items()]

    def filters(self) -> dict[str, str]:
        """What is asked for, by field, in words."""
        given = self.given().items()
        return {name: self.chip(name, value) for name, value in given if name not in self.no_filters}

    def given(self) -> dict[str, Any]:
        """What was understood; a price of nothing is a price."""
        self.is_valid()
        return {
            name: value for name, value in self.cleaned_data.items() if value not in (None, "") and value is not False
        }

    def chip(self, name: str, value: Any) -> str:
        """What a field asks for, in words."""
        return gettext("“%(text)s”") % {"text": value} if name == "q" else str(value)

    def _sent(self, without: str) -> dict[str, str]:
        """What was understood, as it was sent (a blank ticks a box too)."""
        given = self.given().keys() - {without}
        return {name: self.data.get(name, "").strip() or "on" for name in self.fields if name in given}


class AmountField(forms.DecimalField):
    """An amount as people type it, in a currency's main unit, and as we keep it: 84.00 EUR is 8400."""

    def __init__(self, *, currency: str, smallest: int = 0, **kwargs: Any) -> None:
        self.currency = currency
        limits = {"min_value": to_decimal(smallest, currency), "max_value": to_decimal(MOST, currency)}
        super().__init__(**{**limits, **kwargs})

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """The arrows of the field count in the smallest unit."""
        step = str(Decimal(1).scaleb(-exponent(self.currency)))
        return {**super().widget_attrs(widget), "step": step, "inputmode": "decimal"}

    def prepare_value(self, value: Any) -> Any:
        """Show minor units in the main one, and what was typed as it was typed."""
        return to_decimal(value, self.currency) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        """Return minor units, or None for an empty field that may be empty."""
        typed = super().clean(value)
        return None if typed is None else from_decimal(typed, self.currency)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another amount was typed: 84 is 84.00."""
        if self.disabled:
            return False
        try:
            return self.clean(data) != initial
        except forms.ValidationError:
            return True


class PercentField(forms.DecimalField):
    """A percentage from 0 to 100 as people type it, and as we keep it: 2.5 is 250 hundredths of a percent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": 100, "max_digits": 5, "decimal_places": 2, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """Show hundredths of a percent as a percentage, and what was typed as it was typed."""
        return Decimal(value) / 100 if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        """Return hundredths of a percent, or None for an empty field that may be empty."""
        typed = super().clean(value)
        return None if typed is None else int(typed * 100)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another percentage was typed: 2.5 is 2.50."""
        return super().has_changed(self.prepare_value(initial), data)


class LocalDateTimeInput(forms.DateTimeInput):
    """A browser's own field for date and time, in the time zone that is active."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")

    def format_value(self, value: Any) -> str | None:
        """Without the seconds, which nobody types."""
        return value.strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else super().format_value(value)
