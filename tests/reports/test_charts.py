"""Charts: whatever the numbers, what is drawn lies inside, in the order of the values, at round ticks."""

from itertools import pairwise
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from reports.charts import COUNT, HEIGHT, Chart, Series, bars, in_currency, lines, ticks

AMOUNTS = st.integers(-(10**12), 10**12)
VALUES = st.lists(AMOUNTS, max_size=40)
GAPPED = st.lists(AMOUNTS | st.none(), max_size=40)


def drawn(values: list, draw: Any = bars) -> Chart:
    """A chart of one series."""
    return draw("Sold", "Day", [str(number) for number in range(len(values))], [Series("Tickets", values)])


@given(AMOUNTS, AMOUNTS)
def test_ticks_are_round_evenly_apart_and_around_everything(one: int, other: int) -> None:
    found = ticks(min(one, other), max(one, other))
    (step,) = {after - before for before, after in pairwise(found)}
    assert str(step).rstrip("0") in ("1", "2", "5")
    assert 0 in found
    assert 2 <= len(found) <= 7
    assert found[0] <= min(one, other, 0)
    assert max(one, other, 0) <= found[-1]


def test_ticks_of_what_people_count() -> None:
    assert ticks(0, 0) == [0, 1]
    assert ticks(0, 1) == [0, 1]
    assert ticks(0, 4) == [0, 1, 2, 3, 4]
    assert ticks(3, 37) == [0, 10, 20, 30, 40]
    assert ticks(-30, 0) == [-30, -20, -10, 0]
    assert ticks(-1, 1_240) == [-500, 0, 500, 1_000, 1_500]


@given(GAPPED, GAPPED)
def test_bars_lie_inside(one: list, other: list) -> None:
    size = min(len(one), len(other))
    labels = [str(number) for number in range(size)]
    chart = bars("Sold", "Day", labels, [Series("Web", one[:size]), Series("Hall", other[:size])])
    for bar in chart.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= 100.001
        assert 0 <= bar.y <= bar.y + bar.height <= HEIGHT + 0.02
    assert all(0 <= tick.y <= HEIGHT for tick in chart.ticks)
    assert all(0 <= label.x <= 100 for label in chart.labels)


@given(VALUES)
def test_a_higher_value_is_drawn_higher(values: list) -> None:
    chart = drawn(values, lines)
    heights = [point.y for line in chart.lines for point in line.points]
    for (value, y), (next_value, next_y) in pairwise(sorted(zip(values, heights, strict=True))):
        assert y >= next_y if value < next_value else y == next_y or value == next_value
    across = [point.x for line in chart.lines for point in line.points]
    assert across == sorted(across)
    assert all(0 <= x <= 100 for x in across)
    assert all(0 <= y <= chart.height for y in heights)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40))
def test_bars_are_as_long_as_their_values(values: list) -> None:
    chart = drawn(values)
    most = max(values)
    for bar, value in zip(chart.bars, values, strict=True):
        longest = max(bar.height for bar in chart.bars)
        assert bar.height == pytest.approx(longest * value / most if most else 0, abs=0.03)


def test_negative_values_hang_below_zero() -> None:
    up, down = drawn([20, -10]).bars
    chart = drawn([20, -10])
    assert (up.y + up.height, down.y) == (pytest.approx(chart.zero), pytest.approx(chart.zero))
    assert up.height == pytest.approx(2 * down.height, abs=0.02)


def test_stacked_bars_lie_upon_one_another() -> None:
    below, above = bars("Sold", "Day", ["Mon"], [Series("Web", [2]), Series("Hall", [3])]).bars
    assert above.y + above.height == pytest.approx(below.y)
    assert (below.text, above.text) == ("Web, Mon: 2", "Hall, Mon: 3")


def test_a_gap_in_a_line_stays_a_gap() -> None:
    assert [len(line.points) for line in drawn([1, None, 2, 3, None], lines).lines] == [1, 2]


def test_a_line_goes_through_time() -> None:
    chart = lines("Sold", "Time", ["a", "b", "c"], [Series("Tickets", [1, 2, 3])], at=[0, 1, 10])
    first, second, third = chart.lines[0].points
    assert third.x - second.x == pytest.approx(9 * (second.x - first.x))


@pytest.mark.parametrize("draw", [bars, lines])
def test_nothing_one_and_zero(draw: Any) -> None:
    assert drawn([], draw).is_empty
    assert not drawn([0], draw).is_empty
    assert [tick.text for tick in drawn([0], draw).ticks] == ["0", "1"]
    assert [label.x for label in drawn([5], draw).labels] == [50]


def test_only_as_many_labels_as_there_is_room_for() -> None:
    chart = drawn(list(range(31)))
    assert len(chart.labels) <= 10
    assert len([label for label in chart.labels if not label.is_extra]) <= 4
    assert (chart.labels[0].text, chart.labels[0].is_extra) == ("30", False)


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=30, unique=True))
def test_labels_stand_apart_wherever_their_moments_are(days: list[int]) -> None:
    """Those that stand everywhere a quarter of the width, all a tenth."""
    at = [float(day) for day in sorted(days)]
    chart = lines("Sold", "Day", [f"{day:g}" for day in at], [Series("Web", [1] * len(at))], at=at)
    assert chart.labels[0].text == f"{at[-1]:g}"
    for labels, gap in ((chart.labels, 9.9), ([each for each in chart.labels if not each.is_extra], 24.9)):
        assert all(right.x - left.x >= gap for right, left in pairwise(labels))


def test_ticks_of_money_are_short_and_its_table_is_exact() -> None:
    chart = bars("Revenue", "Day", ["Mon"], [Series("Net", [123_456_78])], in_currency("EUR"))
    assert [tick.text for tick in chart.ticks] == ["€0", "€50K", "€100K", "€150K"]
    assert chart.rows == [("Mon", ["€123,456.78"])]
    assert in_currency("EUR").short(50) == "€0.50"
    assert COUNT.short(1_500) == "1.5K"


def test_it_is_drawn_with_its_numbers_as_a_table_and_without_styles() -> None:
    """A strict policy for styles, and people who see no picture."""
    chart = bars("Sold <by> day", "Day", ["Mon", "Tue"], [Series("Web", [1, 2]), Series("Hall", [3, None])])
    page = render_to_string("backoffice/_chart.html", {"chart": chart, "name": "sold"})
    assert 'role="img"' in page
    assert "<title>Sold &lt;by&gt; day</title>" in page
    assert "style" not in page
    assert page.count("<td") == 4
    assert page.count("<g>") == 3
    assert 'fill="url(#sold-1)"' in page
    empty = render_to_string("backoffice/_chart.html", {"chart": drawn([]), "name": "sold"})
    assert "Nothing to draw yet." in empty
    assert "<svg" not in empty
