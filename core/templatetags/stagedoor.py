"""How values are written on pages and in mails."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils import formats
from django.utils.safestring import SafeString

from core import markdown as core_markdown
from core import money as core_money

register = template.Library()


@register.filter
def money(amount: int, currency: str) -> str:
    """`8400|money:"EUR"` is €84.00."""
    return core_money.formatted(amount, currency)


@register.filter
def in_zone(moment: datetime, zone: str) -> str:
    """Weekday, date and time where it happens, with the zone's label: Sat 28 Nov 2026, 20:00 (CET)."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{formats.date_format(local, 'D j M Y, H:i')} ({zone_label(local)})"


@register.filter
def time_in_zone(moment: datetime, zone: str) -> str:
    """The time alone, with the zone's label."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{formats.date_format(local, 'H:i')} ({zone_label(local)})"


def zone_label(local: datetime) -> str:
    """CET, or UTC+03 where the zone has no name of its own."""
    name = local.tzname() or ""
    return f"UTC{name}" if name.startswith(("+", "-")) else name


@register.filter
def markdown(source: str) -> SafeString:
    """Markdown as clean HTML."""
    return core_markdown.rendered(source)
