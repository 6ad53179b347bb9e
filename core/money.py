"""
Money: integer minor units beside an ISO 4217 currency; Decimal only at the edges.

Every amount in the database is an integer of the currency's smallest unit (cents, yen, fils).
All rounding happens in `divided`, half away from zero, as invoices are rounded.
"""

from copy import copy
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import get_currency_symbol
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

# ISO 4217, table A.1: currencies whose minor unit is not a hundredth.
_EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}

validate_currency = RegexValidator(r"\A[A-Z]{3}\Z", _("A currency is three capital letters, as in EUR."))


def exponent(currency: str) -> int:
    """Return how many decimals the currency has: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _EXPONENTS.get(currency, 2)


def divided(numerator: int, denominator: int) -> int:
    """Return the quotient rounded half away from zero. The one place where money is rounded."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def share(amount: int, basis_points: int) -> int:
    """Return so many hundredths of a percent of the amount."""
    return divided(amount * basis_points, 10_000)


def contained_tax(gross: int, basis_points: int) -> int:
    """Return the tax that a gross amount contains: gross × rate ÷ (1 + rate)."""
    return divided(gross * basis_points, 10_000 + basis_points)


def to_decimal(amount: int, currency: str) -> Decimal:
    """Return minor units as the currency's main unit: 8400 EUR → 84.00."""
    return Decimal(amount).scaleb(-exponent(currency))


def from_decimal(value: Decimal, currency: str) -> int:
    """Return minor units; raises ValidationError for a fraction of the smallest unit."""
    scaled = value.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise ValidationError(
            _("%(currency)s has %(digits)s decimals."),
            params={"currency": currency, "digits": exponent(currency)},
        )
    return int(scaled)


def sign(currency: str) -> str:
    """Return what stands for a currency among others, such as € or MX$; its code if nothing does."""
    return get_currency_symbol(currency, "en")


def formatted(amount: int, currency: str) -> str:
    """Return the amount as people of the active language write it: €84.00."""
    return _formatted(amount, currency, to_locale(get_language() or "en"))


@lru_cache(maxsize=4096)  # a season has few distinct prices, and Babel parses its pattern each time
def _formatted(amount: int, currency: str, locale: str) -> str:
    rules = Locale.parse(locale)
    pattern = copy(rules.currency_formats["standard"])
    # Babel's own digits are those of daily use (CLDR), which drop minor units of some currencies.
    pattern.frac_prec = (exponent(currency), exponent(currency))
    return pattern.apply(to_decimal(amount, currency), rules, currency=currency, currency_digits=False)
