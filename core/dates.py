"""Dates and times as people of the active language write them, in the zone where things happen."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.units import format_unit
from django.utils.translation import get_language, to_locale

_LOCALES = {"en": "en_GB"}  # English here is for the whole world: the day before the month, 24 hours


def babel_locale() -> Locale:
    """Return the active language as Babel knows it."""
    language = to_locale(get_language() or "en")
    return Locale.parse(_LOCALES.get(language, language))


def day(when: date | datetime) -> str:
    """Sat, 28 Nov 2026."""
    return _written("yMMMEd", when)


def short_day(when: date | datetime) -> str:
    """Sat 28 Nov: where the year goes without saying."""
    return _written("MMMEd", when)


def brief_day(when: date | datetime) -> str:
    """28 Nov: where there is little room, and the year goes without saying."""
    return _written("MMMd", when)


def long_day(when: date | datetime) -> str:
    """Saturday, 28 November 2026."""
    return str(format_date(when, "full", locale=babel_locale()))


def weekday(when: date) -> str:
    """Sat: above a column of a calendar."""
    return str(format_date(when, "ccc", locale=babel_locale()))


def clock_time(when: datetime) -> str:
    """20:00."""
    return _written("Hm", when)


def in_zone(when: datetime, zone: str) -> str:
    """Sat, 28 Nov 2026, 20:00 (CET): weekday, date and time there, with the zone's label."""
    local = when.astimezone(ZoneInfo(zone))
    return f"{day(local)}, {clock_time(local)} ({zone_label(local)})"


def soon_in_zone(when: datetime, zone: str) -> str:
    """Sat 28 Nov, 20:00 (CET): for what is less than a year away."""
    local = when.astimezone(ZoneInfo(zone))
    return f"{short_day(local)}, {clock_time(local)} ({zone_label(local)})"


def length(time: timedelta) -> str:
    """2 hours 30 minutes."""
    hours, minutes = divmod(round(time.total_seconds() / 60), 60)
    parts = [(hours, "duration-hour"), (minutes, "duration-minute")]
    return " ".join(format_unit(count, unit, locale=babel_locale()) for count, unit in parts if count)


def zone_label(local: datetime) -> str:
    """CET, or UTC+03 where the zone has no name of its own."""
    name = local.tzname() or ""
    return f"UTC{name}" if name.startswith(("+", "-")) else name


def _written(skeleton: str, when: date | datetime) -> str:
    # Babel takes a moment's zone into account only if told; ours are local already.
    naive = when.replace(tzinfo=None) if isinstance(when, datetime) else datetime.combine(when, time())
    return str(format_skeleton(skeleton, naive, locale=babel_locale()))
