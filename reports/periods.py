"""The days that people ask about, by the clocks of an organization."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

EARLIEST, LATEST = date(1970, 1, 1), date(2200, 1, 1)
"""Nobody sells before or after, and clocks are known."""


class Preset(models.TextChoices):
    """Days that are asked about often."""

    TODAY = "today", _("today")
    WEEK = "7-days", _("last 7 days")
    MONTH_OF_DAYS = "30-days", _("last 30 days")
    MONTH = "month", _("this month")
    LAST_MONTH = "last-month", _("last month")
    QUARTER = "quarter", _("this quarter")
    YEAR = "year", _("this year")
    EVER = "ever", _("all")
    OWN = "own", _("from … to …")


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day, both included; none means without an end."""

    first: date | None
    last: date | None

    def hold(self, day: date) -> bool:
        """Whether a day is one of them."""
        return (self.first or date.min) <= day <= (self.last or date.max)

    def widened(self, by: timedelta) -> "Days":
        """Return them with some more before and after."""
        return Days(self.first and self.first - by, self.last and self.last + by)

    @property
    def before(self) -> "Days | None":
        """As many days, right before; months, quarters and years by the calendar."""
        if self.first is None or self.last is None:
            return None
        end = self.first - timedelta(days=1)
        if self.first.day == 1 and (self.last + timedelta(days=1)).day == 1:
            months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
            return Days(_months_before(self.first, months), end)
        return Days(end - (self.last - self.first), end)


def days(preset: Preset, today: date) -> Days:
    """Return the days of a preset; those of a month, quarter or year to its end, so that they can be compared."""
    month = today.replace(day=1)
    match preset:
        case Preset.TODAY:
            return Days(today, today)
        case Preset.WEEK:
            return Days(today - timedelta(days=6), today)
        case Preset.MONTH_OF_DAYS:
            return Days(today - timedelta(days=29), today)
        case Preset.MONTH:
            return Days(month, _last_of(month, 1))
        case Preset.LAST_MONTH:
            return Days(_months_before(month, 1), month - timedelta(days=1))
        case Preset.QUARTER:
            first = _months_before(month, (today.month - 1) % 3)
            return Days(first, _last_of(first, 3))
        case Preset.YEAR:
            return Days(today.replace(day=1, month=1), today.replace(day=31, month=12))
    return Days(None, None)


def _months_before(month: date, count: int) -> date:
    years, months = divmod(month.year * 12 + month.month - 1 - count, 12)
    return date(years, months + 1, 1)


def _last_of(month: date, count: int) -> date:
    return _months_before(month, -count) - timedelta(days=1)
