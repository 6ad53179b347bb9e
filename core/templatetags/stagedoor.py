"""How values are written on pages and in mails."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from django import template
from django.utils.safestring import SafeString

from core import dates
from core import markdown as core_markdown
from core import money as core_money

register = template.Library()


@register.filter
def money(amount: int, currency: str) -> str:
    """`8400|money:"EUR"` is €84.00."""
    return core_money.formatted(amount, currency)


@register.filter
def number(value: int) -> str:
    """1,800, or 1.800 where people write it so."""
    return format_decimal(value, locale=dates.babel_locale())


@register.filter
def in_zone(moment: datetime, zone: str) -> str:
    """Weekday, date and time where it happens, with the zone's label: Sat, 28 Nov 2026, 20:00 (CET)."""
    return dates.in_zone(moment, zone)


@register.filter
def day(when: date) -> str:
    """A day: Sat, 28 Nov 2026."""
    return dates.day(when)


@register.filter
def day_in_zone(moment: datetime, zone: str) -> str:
    """Saturday 28 November 2026."""
    return dates.long_day(moment.astimezone(ZoneInfo(zone)))


@register.filter
def time_in_zone(moment: datetime, zone: str) -> str:
    """The time alone, with the zone's label."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{dates.clock_time(local)} ({dates.zone_label(local)})"


@register.filter
def markdown(source: str) -> SafeString:
    """Markdown as clean HTML."""
    return core_markdown.rendered(source)
