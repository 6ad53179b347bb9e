"""
Plans as pictures: where every section lies, and where every seat.

The seats of a plan are SVG that whoever shows it colours: they stand in the order of `plan_seats`, so that what
changes can travel apart from it, as one letter for each. A published plan never changes, so it is drawn once.
"""

import gzip
import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from core.briefly import Kept
from venues.geometry import Point
from venues.models import Seat, SeatingPlan, Section
from venues.quality import facing
from venues.queries.seats import PLANS, PlanSeats, Spot, plan_seats

AT_ONCE = 2_500
"""Seats that are shown at once; of a larger house, a section's."""
DRAWINGS = 500
"""Drawings that a process keeps: the largest houses have some eighty sections of 20 KB."""
RADIUS = 20
BESIDE = 55
"""Centimetres from the last seat of a row to its name."""
ACCESSIBLE = {Seat.Type.WHEELCHAIR, Seat.Type.COMPANION}
SHAPES = {
    Seat.Type.VIP: ("v", "M0-25 25 0 0 25-25 0z"),
    Seat.Type.WHEELCHAIR: ("w", "M-20-20h40v40h-40z"),
    Seat.Type.COMPANION: ("c", "M0-24 23 17h-46z"),
    Seat.Type.RESTRICTED: ("r", "M-21-8h42a21 21 0 0 1-42 0z"),
}
"""Another shape for each type but the standard one, which is a circle: nobody has to tell colours apart (U12)."""


class Box(NamedTuple):
    """A rectangle on the plan."""

    x: int
    y: int
    width: int
    height: int

    @property
    def text(self) -> str:
        """As SVG writes it."""
        return " ".join(map(str, self))


@dataclass(frozen=True, slots=True)
class Outline:
    """A section as it lies in the house; its name is written around `middle`, in letters of this size."""

    pk: int
    name: str
    tier: str
    is_standing: bool
    seats: int
    capacity: int
    accessible: int
    box: Box
    path: str
    middle: Point
    letters: int


@dataclass(frozen=True, slots=True)
class Stage:
    """What everybody looks at; `turned` is its direction in degrees, None where the house sits around it."""

    focal: Point
    turned: int | None
    width: int
    depth: int

    @property
    def left(self) -> int:
        """Its corner, before it is turned around the focal point."""
        return self.focal[0] - self.width // 2

    @property
    def top(self) -> int:
        """Its corner, before it is turned around the focal point."""
        return self.focal[1] - self.depth

    @property
    def round(self) -> int:
        """How round its corners are."""
        return self.depth // 5

    @property
    def is_sideways(self) -> bool:
        """Whether its name is written upwards."""
        return self.turned in (90, 270)

    @property
    def middle(self) -> Point:
        """Where its name is written: behind the focal point, as seen from the seats."""
        if self.turned is None:
            return self.focal
        angle = math.radians(self.turned)
        back = self.depth // 2
        return round(self.focal[0] + back * math.sin(angle)), round(self.focal[1] - back * math.cos(angle))


@dataclass(frozen=True, slots=True)
class House:
    """A whole plan from above."""

    box: Box
    stage: Stage
    sections: Sequence[Outline]
    by_section: Mapping[int, Outline]
    seats: int
    types: Collection[str]
    """Of the seats that it has."""

    @property
    def is_small(self) -> bool:
        """Whether all of its seats are shown at once."""
        return self.seats <= AT_ONCE

    @property
    def letters(self) -> int:
        """The size of letters that can be read when all of it is shown."""
        return max(self.box.width, self.box.height) // 45

    @property
    def least_letters(self) -> int:
        """The size from which letters are worth drawing."""
        return self.letters // 3

    @property
    def weave(self) -> float:
        """How much larger the patterns of price levels are drawn, so that they can be told apart."""
        return round(max(self.box.width, self.box.height) / 1_600, 2)

    @property
    def has_accessible(self) -> bool:
        """Whether there are places for wheelchairs."""
        return Seat.Type.WHEELCHAIR in self.types


def _house(plan_id: int) -> House:
    plan = SeatingPlan.objects.get(pk=plan_id)
    seats = plan_seats(plan_id)
    counts = Counter(spot.section for spot in seats.spots)
    accessible = Counter(spot.section for spot in seats.spots if spot.type in ACCESSIBLE)
    sections = [_outline(each, counts[each.pk], accessible[each.pk]) for each in plan.sections.all()]
    stage = _stage(plan, seats, sections)
    boxes = [section.box for section in sections] + [_around([_moved_box(stage)])]
    box = _around(boxes, margin=max(_around(boxes)[2:]) // 60)
    types = {spot.type for spot in seats.spots}
    return House(box, stage, sections, {section.pk: section for section in sections}, len(seats.spots), types)


house = Kept[int, House](_house, most=PLANS, times=3_600)
"""A published plan from above, by its id."""


def _outline(section: Section, seats: int, accessible: int) -> Outline:
    corners = [(x, y) for x, y in section.shape]
    box = _box(corners)
    middle = _centroid(corners)
    letters = min(box.height // 3, 3 * box.width // (2 * len(section.name) + 2))
    return Outline(
        section.pk,
        section.name,
        section.tier,
        section.kind == Section.Kind.STANDING,
        seats,
        section.capacity,
        accessible,
        box,
        _path(corners),
        middle,
        letters,
    )


def _stage(plan: SeatingPlan, seats: PlanSeats, sections: Iterable[Outline]) -> Stage:
    focal = (plan.focal_x, plan.focal_y)
    whole = _around([section.box for section in sections])
    size = max(whole.width, whole.height)
    return Stage(focal, facing(focal, ((spot.x, spot.y) for spot in seats.spots)), size // 4, size // 14)


def _moved_box(stage: Stage) -> Box:
    """Room for the stage, whichever way it is turned."""
    (x, y), half = stage.middle, stage.depth // 2 if stage.turned in (0, 180) else stage.width // 2
    wide = stage.depth // 2 if stage.turned in (90, 270) else stage.width // 2
    return Box(x - wide, y - half, 2 * wide, 2 * half)


def _path(corners: Sequence[Point]) -> str:
    """An outline in steps from corner to corner, which are shorter to write than places."""
    steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(corners)]
    return f"M{corners[0][0]} {corners[0][1]}l{' '.join(steps)}z".replace(" -", "-")


def _centroid(corners: Sequence[Point]) -> Point:
    """The middle of an area."""
    twice, x, y = 0, 0, 0
    for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
        cross = a[0] * b[1] - b[0] * a[1]
        twice, x, y = twice + cross, x + (a[0] + b[0]) * cross, y + (a[1] + b[1]) * cross
    if not twice:
        return corners[0]
    return round(x / (3 * twice)), round(y / (3 * twice))


def _box(points: Iterable[Point], *, margin: int = 0) -> Box:
    xs, ys = zip(*points, strict=True)
    left, top = min(xs) - margin, min(ys) - margin
    return Box(left, top, max(xs) + margin - left, max(ys) + margin - top)


def _around(boxes: Iterable[Box], *, margin: int = 0) -> Box:
    corners = [corner for x, y, width, height in boxes for corner in ((x, y), (x + width, y + height))]
    return _box(corners or [(0, 0), (1_000, 1_000)], margin=margin)


def _drawing(key: tuple[int, int | None]) -> bytes:
    plan_id, section_id = key
    return gzip.compress("".join(_svg(plan_seats(plan_id), section_id)).encode(), mtime=0)


drawing = Kept[tuple[int, int | None], bytes](_drawing, most=DRAWINGS, times=3_600)
"""The seats of a published plan's section, or of all of them, as SVG that is packed with gzip."""


def _svg(plan: PlanSeats, section_id: int | None) -> Iterator[str]:
    spots = [spot for spot in plan.spots if section_id in (None, spot.section)]
    box = _box([(spot.x, spot.y) for spot in spots], margin=2 * BESIDE)
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box.text}">'
    for section, group in groupby(spots, lambda spot: spot.section):
        yield from _section_svg(section, list(group))
    yield "</svg>"


def _section_svg(section_id: int, spots: Sequence[Spot]) -> Iterator[str]:
    """Places within a section are written from its corner: most of them have three digits then."""
    x, y = min(spot.x for spot in spots), min(spot.y for spot in spots)
    yield f'<g data-section="{section_id}" transform="translate({x} {y})">'
    for _order, row in groupby(spots, lambda spot: spot.row_order):
        seats = [spot._replace(x=spot.x - x, y=spot.y - y) for spot in row]
        yield f"<g data-row={quoteattr(seats[0].row)} data-numbers={quoteattr(_numbers(seats))}>"
        yield from (_seat_svg(spot) for spot in seats)
        yield from _row_names(seats)
        yield "</g>"
    yield "</g>"


def _numbers(seats: Sequence[Spot]) -> str:
    """What stands on the seats of a row, with one more space where an aisle parts neighbours."""
    words, last = [], seats[0].position - 1
    for spot in seats:
        words += [""] * (spot.position > last + 1) + [spot.number.replace(" ", "\N{NO-BREAK SPACE}")]
        last = spot.position
    return " ".join(words)


def _seat_svg(spot: Spot) -> str:
    if shape := SHAPES.get(Seat.Type(spot.type)):
        return f'<path class="{shape[0]}" transform="translate({spot.x} {spot.y})" d="{shape[1]}"/>'
    return f'<circle cx="{spot.x}" cy="{spot.y}" r="{RADIUS}"/>'


def _row_names(seats: Sequence[Spot]) -> Iterator[str]:
    """The row's name before its first seat and behind its last one, on the way along the row."""
    if len(seats) == 1:
        ends = [(seats[0].x - BESIDE, seats[0].y)]
    else:
        ends = [_beyond(seats[1], seats[0]), _beyond(seats[-2], seats[-1])]
    name = quoteattr(seats[0].row)[1:-1]
    for x, y in ends:
        yield f'<text x="{x}" y="{y}">{name}</text>'


def _beyond(a: Spot, b: Spot) -> Point:
    length = max(math.hypot(b.x - a.x, b.y - a.y), 1)
    return round(b.x + BESIDE * (b.x - a.x) / length), round(b.y + BESIDE * (b.y - a.y) / length)
