"""On which days something recurs, and which dates come from here on, against counting through all."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from events import recurring

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(DAYS, DAYS, st.sets(st.integers(0, 6)), st.integers(0, 60))
@example(date(2026, 3, 23), date(2026, 3, 30), {6}, 60)
def test_every_week_is_every_such_day_and_no_other(first: date, last: date, weekdays: set[int], most: int) -> None:
    year = [date(2026, 1, 1) + timedelta(days=number) for number in range(730)]
    wanted = [day for day in year if first <= day <= last and day.isoweekday() - 1 in weekdays]
    assert recurring.weekly(first, last, weekdays, most) == wanted[:most]


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)))
@example(datetime(2026, 3, 29, 2, 30))
@example(datetime(2026, 10, 25, 2, 30))
def test_clocks_show_every_time_but_those_they_pass_over(local: datetime) -> None:
    gaps = {date(2026, 3, 29), date(2027, 3, 28)}
    assert recurring.is_on_the_clock(local, BERLIN) == (local.date() not in gaps or local.hour != 2)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=12), st.data())
def test_from_here_on_is_this_and_what_comes_later_across_summer_time(days: list[int], data: st.DataObject) -> None:
    """At 20:00 on any days of a year; two at the same time come in the order in which they were made."""
    first = datetime.combine(date(2026, 1, 1), time(20), BERLIN)
    dates = [((first + timedelta(days=day)).astimezone(UTC), key) for key, day in enumerate(days)]
    this = data.draw(st.sampled_from(dates))
    found = recurring.from_here_on(dates, this)
    earlier = {key for start, key in dates if start < this[0] or (start == this[0] and key < this[1])}
    assert set(found) == {key for _start, key in dates} - earlier
    assert [dates[key][0] for key in found] == sorted(dates[key][0] for key in found)
    assert found[0] == this[1]
