"""Integer minor units inside, Decimal at the edges."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core import money


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("EUR", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("IQD", 3), ("TND", 3), ("CLF", 4)],
)
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, digits: int) -> None:
    assert money.exponent(currency) == digits


@pytest.mark.parametrize(
    ("numerator", "denominator", "quotient"),
    [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (-4, 3, -1), (5, 3, 2), (0, 7, 0), (1, 2, 1), (-1, 2, -1), (3, 2, 2)],
)
def test_money_is_rounded_half_away_from_zero(numerator: int, denominator: int, quotient: int) -> None:
    """S44: half a cent."""
    assert money.divided(numerator, denominator) == quotient


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6))
def test_rounding_is_symmetric_and_never_off_by_more_than_half(numerator: int, denominator: int) -> None:
    quotient = money.divided(numerator, denominator)
    assert money.divided(-numerator, denominator) == -quotient
    assert 2 * abs(quotient * denominator - numerator) <= denominator


@pytest.mark.parametrize(("amount", "basis_points", "part"), [(2_000, 250, 50), (1_010, 250, 25), (99, 10_000, 99)])
def test_a_share_is_so_many_hundredths_of_a_percent(amount: int, basis_points: int, part: int) -> None:
    assert money.share(amount, basis_points) == part


@pytest.mark.parametrize(
    ("gross", "basis_points", "tax"),
    [(11_900, 1_900, 1_900), (10_700, 700, 700), (2_150, 1_900, 343), (100, 0, 0), (0, 1_900, 0), (200, 10_000, 100)],
)
def test_tax_is_contained_in_the_gross_amount(gross: int, basis_points: int, tax: int) -> None:
    assert money.contained_tax(gross, basis_points) == tax


@pytest.mark.parametrize(
    ("amount", "currency", "decimal"),
    [(8_400, "EUR", "84.00"), (8_400, "JPY", "8400"), (8_400, "KWD", "8.400"), (-5, "EUR", "-0.05")],
)
def test_minor_units_become_decimals_and_come_back(amount: int, currency: str, decimal: str) -> None:
    value = money.to_decimal(amount, currency)
    assert str(value) == decimal
    assert money.from_decimal(value, currency) == amount


@pytest.mark.parametrize(("value", "currency"), [("0.001", "EUR"), ("0.5", "JPY"), ("1.0001", "KWD")])
def test_a_fraction_of_the_smallest_unit_is_refused(value: str, currency: str) -> None:
    with pytest.raises(ValidationError):
        money.from_decimal(Decimal(value), currency)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (8_400, "EUR", "€84.00"),
        (123_456_789, "EUR", "€1,234,567.89"),
        (1_100, "JPY", "¥1,100"),
        (1_500, "KWD", "KWD1.500"),
        (250_000, "IQD", "IQD250.000"),
        (-5, "USD", "-$0.05"),
        (0, "GBP", "£0.00"),
    ],
)
def test_money_is_written_with_all_minor_units_of_its_currency(amount: int, currency: str, text: str) -> None:
    assert money.formatted(amount, currency) == text


@pytest.mark.parametrize("currency", ["eur", "EURO", "E1R", "", "EUR\n", "ＥＵＲ"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(ValidationError):
        money.validate_currency(currency)
