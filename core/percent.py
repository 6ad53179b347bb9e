"""Percentages in forms: people write 2.5, rows keep 250 hundredths of a percent."""

from decimal import Decimal
from typing import Any

from django import forms


class PercentField(forms.DecimalField):
    """A percentage from 0 to 100, to the hundredth, whose value is in basis points."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": 100, "max_digits": 5, "decimal_places": 2} | options)

    def prepare_value(self, value: Any) -> Any:
        """Show basis points as a percentage; what was typed stays as typed."""
        return Decimal(value) / 100 if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Return basis points."""
        percent = super().clean(value)
        return None if percent is None else int(percent * 100)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)
