"""Days that a calendar shows together: a month, a week or one day, and how addresses call them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from babel import Locale
from babel.dates import format_interval, format_skeleton

from core import dates

FIRST_YEAR, LAST_YEAR = 1970, 2100
"""Other years have no calendar: who follows "next" for ever comes to an end."""

PATTERN = r"[0-9]{4}-(?:W[0-9]{2}|[0-9]{2}(?:-[0-9]{2})?)"
DAY = timedelta(days=1)

type Kind = Literal["month", "week", "day"]


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included. Weeks are those of ISO 8601, which begin on Monday."""

    kind: Kind
    first: date
    last: date

    def __str__(self) -> str:
        """What addresses call it: 2026-12, 2026-W49 or 2026-12-24."""
        match self.kind:
            case "month":
                return f"{self.first:%Y-%m}"
            case "week":
                year, week, _day = self.first.isocalendar()
                return f"{year:04}-W{week:02}"
            case "day":
                return self.first.isoformat()

    @property
    def days(self) -> list[date]:
        """All of them."""
        return list(_days(self.first, self.last))

    def holds(self, day: date) -> bool:
        """Whether a day is one of them."""
        return self.first <= day <= self.last

    @property
    def before(self) -> "Period | None":
        """The one before, if there is a calendar of it."""
        return self._beside(self.first - DAY)

    @property
    def after(self) -> "Period | None":
        """The next one, if there is a calendar of it."""
        return self._beside(self.last + DAY)

    @property
    def name(self) -> str:
        """What people call it: December 2026, 30 November – 6 December 2026, Thursday, 24 December 2026."""
        locale = dates.babel_locale()
        match self.kind:
            case "month":
                return str(format_skeleton("yMMMM", self.first, locale=locale))
            case "week":
                return str(format_interval(self.first, self.last, "yMMMd", locale=locale))
            case "day":
                return dates.long_day(self.first)

    def grid(self) -> list[date]:
        """Return the days of the whole weeks in which it lies; those of a month begin as people's weeks do."""
        early = (self.first.weekday() - first_weekday()) % 7 if self.kind == "month" else 0
        start = self.first - timedelta(days=early)
        weeks = -(-((self.last - start).days + 1) // 7)
        return list(_days(start, start + timedelta(days=7 * weeks - 1)))

    def _beside(self, day: date) -> "Period | None":
        return of(self.kind, day) if FIRST_YEAR <= day.year <= LAST_YEAR else None


def of(kind: Kind, day: date) -> Period:
    """Return the month, week or day in which a day lies."""
    match kind:
        case "month":
            first = day.replace(day=1)
            return Period(kind, first, (first + timedelta(days=31)).replace(day=1) - DAY)
        case "week":
            first = day - timedelta(days=day.weekday())
            return Period(kind, first, first + timedelta(days=6))
        case "day":
            return Period(kind, day, day)


def read(text: str) -> Period:
    """Return what an address means. Raises ValueError for what is no period, and for years without a calendar."""
    if not re.fullmatch(PATTERN, text) or not FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
        raise ValueError(text)
    if "W" in text:
        return of("week", date.fromisocalendar(int(text[:4]), int(text[6:]), 1))
    return of("month", date.fromisoformat(f"{text}-01")) if len(text) == 7 else of("day", date.fromisoformat(text))


def first_weekday(locale: Locale | None = None) -> int:
    """Return the day with which people's weeks begin: 0 for Monday."""
    return int((locale or dates.babel_locale()).first_week_day)


class PeriodConverter:
    """A period in an address; what is none has no page."""

    regex = PATTERN

    def to_python(self, value: str) -> Period:
        return read(value)

    def to_url(self, value: Period | str) -> str:
        return str(value)


class MonthConverter(PeriodConverter):
    """A month in an address."""

    regex = "[0-9]{4}-[0-9]{2}"


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += DAY
