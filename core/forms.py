"""Form fields that every app may need."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms

from core.money import exponent, from_decimal, to_decimal

MOST = 2_147_483_647
"""What a column of amounts can hold."""


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
