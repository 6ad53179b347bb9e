"""On which days something takes place again and again, and at which moments that is."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def weekly(first: date, last: date, weekdays: Collection[int], most: int) -> list[date]:
    """Return the days from first to last, both included, that are such weekdays (Monday is 0); no more than so many."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    found = (day for day in days if day.weekday() in weekdays)
    return [day for day, _number in zip(found, range(most), strict=False)]


def is_on_the_clock(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks there ever show this: in spring, an hour is passed over."""
    local = moment.replace(tzinfo=zone)
    return local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == moment.replace(tzinfo=None)


def from_here_on(dates: Iterable[tuple[datetime, int]], this: tuple[datetime, int]) -> list[int]:
    """Return of dates, each a start and a key, the keys of those that come no earlier than this one, in order."""
    return [key for start, key in sorted(dates) if (start, key) >= this]
