"""
Charts: numbers in, geometry out. A template draws it, with the same numbers as a table beside it.

Across is measured in per cent of the width and down in pixels, so that a chart fills whatever room there is and its
letters keep their size. Values are whole numbers: of things, or of the smallest unit of a currency. None is a gap.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from babel.numbers import format_compact_currency, format_compact_decimal, format_decimal

from core import dates, money

HEIGHT = 200
TOP, BOTTOM = 10, 24
"""Room above for half a letter of the highest tick, and below for what stands under the chart."""
EDGE = 1.5
"""Per cent at both sides of a line, so that a point at the end is seen whole."""
BAR = 0.72
"""How much of the room for a bar it fills."""
LETTER = 7
"""So many pixels a letter is wide at most."""
WIDE, NARROW = 10, 4
TOLERANCE = 0.01
"""So many labels stand under a wide chart, and under one on a phone."""

type Say = Callable[[int], str]


class Scale(NamedTuple):
    """How an amount is written where there is room for it, and at a tick where there is little."""

    full: Say
    short: Say


def _counted(value: int) -> str:
    return str(format_decimal(value, locale=dates.babel_locale()))


def _compact(value: int) -> str:
    return str(format_compact_decimal(value, fraction_digits=1, locale=dates.babel_locale()))


COUNT = Scale(_counted, _compact)


def in_currency(currency: str) -> Scale:
    """Return how amounts of a currency are written."""

    def short(amount: int) -> str:
        main = money.to_decimal(amount, currency)
        if main != main.to_integral_value():
            return money.formatted(amount, currency)
        return str(format_compact_currency(main, currency, fraction_digits=1, locale=dates.babel_locale()))

    return Scale(lambda amount: money.formatted(amount, currency), short)


@dataclass(frozen=True, slots=True)
class Series:
    """One thing that is drawn, and what it is called."""

    name: str
    values: Sequence[int | None]


class Tick(NamedTuple):
    """A line across, at this height, and what stands at it."""

    value: int
    y: float
    text: str


class Label(NamedTuple):
    """What stands below; `is_extra` where only a wide chart has room."""

    x: float
    text: str
    anchor: str
    is_extra: bool


class Bar(NamedTuple):
    """A bar of the series of this number; `text` says in words what it shows."""

    series: int
    x: float
    y: float
    width: float
    height: float
    text: str


class Point(NamedTuple):
    """A point of a line."""

    x: float
    y: float


class Line(NamedTuple):
    """A line of the series of this number, without a gap."""

    series: int
    points: list[Point]

    @property
    def path(self) -> str:
        """The points as SVG wants them."""
        return " ".join(f"{point.x:g},{point.y:g}" for point in self.points)


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that a template draws."""

    title: str
    height: int
    axis: int  # how wide what stands at the ticks is, in pixels
    zero: float
    ticks: list[Tick]
    labels: list[Label]
    bars: list[Bar]
    lines: list[Line]
    names: list[str]
    head: str
    rows: list[tuple[str, list[str]]]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not (self.bars or self.lines)

    @property
    def ends(self) -> list[tuple[int, Point]]:
        """Where each line ends, which is now."""
        return [(line.series, line.points[-1]) for line in self.lines]


def ticks(lowest: int, highest: int, *, most: int = 5) -> list[int]:
    """Return round numbers, evenly apart, around zero and both values: at least two and at most `most` + 2."""
    low, high = min(lowest, 0), max(highest, 0)
    step = next(step for step in _steps() if (high - low) <= step * most)
    first, last = low // step, max(-(-high // step), 1 if low == 0 else 0)
    return [step * number for number in range(first, last + 1)]


def _steps() -> Iterator[int]:
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


def bars(title: str, head: str, labels: Sequence[str], series: Sequence[Series], scale: Scale = COUNT) -> Chart:
    """
    Return a bar for each label, of one series, or of several on top of one another; what is negative hangs below zero.

    `head` says what the labels are.
    """
    stacks = [_stack([each.values[number] or 0 for each in series]) for number in range(len(labels))]
    ends = [end for stack in stacks for pair in stack for end in pair]
    height = _Height.around(ends)
    room = 100 / max(len(labels), 1)
    drawn = [
        Bar(
            series=of,
            x=number * room + room * (1 - BAR) / 2,
            y=height.of(max(pair)),
            width=room * BAR,
            height=height.of(min(pair)) - height.of(max(pair)),
            text=_told(labels[number], series, of, pair[1] - pair[0], scale),
        )
        for number, stack in enumerate(stacks)
        for of, pair in enumerate(stack)
        if series[of].values[number] is not None
    ]
    across = [(number + 0.5) * room for number in range(len(labels))]
    return _chart(title, head, labels, series, scale, height, across, drawn=drawn)


def _stack(values: Sequence[int]) -> list[tuple[int, int]]:
    """Where each begins and ends: the positive upon one another, the negative below one another."""
    above = below = 0
    found = []
    for value in values:
        if value >= 0:
            found.append((above, above + value))
            above += value
        else:
            found.append((below, below + value))
            below += value
    return found


def lines(
    title: str,
    head: str,
    labels: Sequence[str],
    series: Sequence[Series],
    scale: Scale = COUNT,
    at: Sequence[float] | None = None,
) -> Chart:
    """Return a line for each series; `at` says where each label is, such as at a time, else they are evenly apart."""
    across = _across(at if at is not None else range(len(labels)))
    height = _Height.around([value for each in series for value in each.values if value is not None])
    found = [
        Line(number, [Point(across[index], height.of(value)) for index, value in run])
        for number, each in enumerate(series)
        for run in _runs(each.values)
    ]
    return _chart(title, head, labels, series, scale, height, across, found=found)


def _across(at: Sequence[float]) -> list[float]:
    if not at:
        return []
    first, span = at[0], at[-1] - at[0]
    return [EDGE + (100 - 2 * EDGE) * (each - first) / span if span else 50.0 for each in at]


def _runs(values: Sequence[int | None]) -> Iterator[list[tuple[int, int]]]:
    """What follows one another without a gap."""
    run: list[tuple[int, int]] = []
    for index, value in enumerate(values):
        if value is not None:
            run.append((index, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


@dataclass(frozen=True, slots=True)
class _Height:
    """Where a value is drawn."""

    ticks: list[int]
    top: int
    height: int

    @classmethod
    def around(cls, values: Sequence[int]) -> "_Height":
        """All of these values, and zero."""
        return cls(ticks(min(values, default=0), max(values, default=0)), TOP, HEIGHT - BOTTOM - TOP)

    def of(self, value: int) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return round(self.top + self.height * (high - value) / (high - low), 2)


def _chart(
    title: str,
    head: str,
    labels: Sequence[str],
    series: Sequence[Series],
    scale: Scale,
    height: _Height,
    across: Sequence[float],
    *,
    drawn: Sequence[Bar] = (),
    found: Sequence[Line] = (),
) -> Chart:
    marks = [Tick(value, height.of(value), scale.short(value)) for value in height.ticks]
    said = [[scale.full(value) if value is not None else "–" for value in each.values] for each in series]
    return Chart(
        title=title,
        height=HEIGHT,
        axis=8 + LETTER * max(len(tick.text) for tick in marks),
        zero=height.of(0),
        ticks=marks,
        labels=list(_labels(labels, across)),
        bars=list(drawn),
        lines=list(found),
        names=[each.name for each in series],
        head=head,
        rows=[(label, [texts[number] for texts in said]) for number, label in enumerate(labels)],
    )


def _labels(labels: Sequence[str], across: Sequence[float]) -> Iterator[Label]:
    """As many as there is room for, the last one always; what is extra has none on a small screen."""
    last = last_everywhere = float("inf")
    for x, text in sorted(zip(across, labels, strict=True), reverse=True):
        if last - x < 100 / WIDE - TOLERANCE:
            continue
        last, is_extra = x, last_everywhere - x < 100 / NARROW - TOLERANCE
        last_everywhere = last_everywhere if is_extra else x
        anchor = "start" if x < 8 else "end" if x > 92 else "middle"
        yield Label(round(x, 2), text, anchor, is_extra)


def _told(label: str, series: Sequence[Series], of: int, value: int, scale: Scale) -> str:
    name = f"{series[of].name}, " if len(series) > 1 else ""
    return f"{name}{label}: {scale.full(value)}"
