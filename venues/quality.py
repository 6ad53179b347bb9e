"""
How good a seat is, from 0 to 1,000, and why.

    quality = 500 × nearness + 300 × straightness + row, and half of that where the view is restricted

- nearness: 1 for the seat of the plan that is nearest to the focal point, 0 for the farthest, even in between.
  Distance is what people pay for, so it counts half.
- straightness: 1 on the centre line, 0 from 90° off it. The centre line leads from the focal point to the middle of
  all seats, in the nearest of eight directions, so that a place missing on one side doesn't bend it. A house around
  its focal point, such as a stadium, has none, and every seat there is straight.
- row: 200 in the first row of a section, 10 less in each one behind, nothing from the 21st: fewer heads in between.
  So the front of a balcony is better than the stalls' last row at the same distance.

Everything is computed in whole numbers, so that a plan has the same qualities wherever it is saved.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from venues.geometry import Point
from venues.layout import Layout

FOR_NEARNESS, FOR_STRAIGHTNESS, FOR_ROW, LESS_PER_ROW = 500, 300, 200, 10


class Placed(Protocol):
    """A seat as far as its quality is concerned: one of a layout, or a row of the database."""

    @property
    def x(self) -> int: ...
    @property
    def y(self) -> int: ...
    @property
    def type(self) -> str: ...


@dataclass(frozen=True, slots=True)
class House:
    """What a seat is measured by: `facing` leads from the focal point to the audience; None where it sits around."""

    focal: Point
    facing: int | None
    nearest: int = 0
    farthest: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """Why a seat is as good as it is: how far from the focal point, and how far off the centre line."""

    metres: float
    degrees: int


def house_of(layout: Layout) -> House:
    """Measure a whole plan."""
    spots = [(seat.x, seat.y) for _section, _row, seat in layout.seats()]
    distances = [_distance(layout.focal, spot) for spot in spots]
    return House(layout.focal, facing(layout.focal, spots), min(distances, default=0), max(distances, default=0))


def facing(focal: Point, spots: Iterable[Point]) -> int | None:
    """
    Return the direction from the focal point to the middle of the seats, a multiple of 45°; 0 is down the plan.

    None where the middle lies within an eighth of the house's length from the focal point: they sit around it.
    """
    xs, ys = zip(*spots, strict=True) if (spots := list(spots)) else ((), ())
    if not xs:
        return None
    across, along = sum(xs) - focal[0] * len(xs), sum(ys) - focal[1] * len(ys)
    length = max(max(xs) - min(xs), max(ys) - min(ys))
    if math.isqrt(across**2 + along**2) * 8 <= length * len(xs):
        return None
    return round(_direction(across, along) / 45) * 45 % 360


def quality(seat: Placed, row_order: int, house: House) -> int:
    """Return how good a seat in this row (0 is the first) of its section is, as the module says."""
    view = explained(seat, house)
    distance = min(max(_distance(house.focal, (seat.x, seat.y)), house.nearest), house.farthest)
    span = house.farthest - house.nearest
    nearness = FOR_NEARNESS * (house.farthest - distance) // span if span else FOR_NEARNESS
    straightness = FOR_STRAIGHTNESS * max(90 - view.degrees, 0) // 90
    whole = nearness + straightness + max(FOR_ROW - LESS_PER_ROW * row_order, 0)
    return whole // 2 if seat.type == "restricted" else whole


def explained(seat: Placed, house: House) -> View:
    """Return distance and angle, for a page that says "7.1 m from the stage"."""
    distance = _distance(house.focal, (seat.x, seat.y))
    return View(metres=round(distance / 100, 1), degrees=_degrees_off(seat, house))


def _degrees_off(seat: Placed, house: House) -> int:
    if house.facing is None:
        return 0
    turned = _direction(seat.x - house.focal[0], seat.y - house.focal[1]) - house.facing
    return abs((turned + 180) % 360 - 180)


def _direction(x: int, y: int) -> int:
    """Whole degrees clockwise from straight down the plan."""
    return round(math.degrees(math.atan2(-x, y)))


def _distance(a: Point, b: Point) -> int:
    return math.isqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2)
