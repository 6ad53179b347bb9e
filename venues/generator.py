"""
Rows of seats from a few numbers: straight, curved around a point, or around it as far as they reach.

Directions are whole degrees: 0 leads down the plan, as a house lies in front of a stage at its top, 90 to the left,
180 up, 270 to the right. Left and right are those of people who sit there and look at the stage.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import asin, ceil, cos, degrees, pi, radians, sin

from django.utils.translation import gettext as _

from venues.geometry import Point, clipped, simplified
from venues.layout import CLOSEST, Faulty, Problem, RowLayout, SeatLayout
from venues.layout.reading import MOST_SEATS
from venues.models.plan import FARTHEST

MOST_ROWS = 200
MOST_PER_ROW = 2_000
MOST_AISLES = 20
LONGEST_NAME = 8
STEP = 4
"""Degrees from one corner of a curved outline to the next."""


class Form(StrEnum):
    """How rows lie."""

    STRAIGHT = "straight"
    CURVED = "curved"
    ROUND = "round"


class Names(StrEnum):
    """What rows are called."""

    LETTERS = "letters"
    NUMBERS = "numbers"


class Numbering(StrEnum):
    """How seats of a row are counted; the last two from the centre to both sides."""

    LEFT_TO_RIGHT = "left_to_right"
    RIGHT_TO_LEFT = "right_to_left"
    ODD_LEFT = "odd_left"
    ODD_RIGHT = "odd_right"


@dataclass(frozen=True, slots=True)
class Pattern:
    """
    What a block of rows is made from, in centimetres and degrees.

    `origin` is the middle of the first row, or the point that curved rows bend around, `radius` before the first of
    them. The first row has so many `seats` and each one behind it `growth` more; in the round a row has as many as
    fit into `sweep` degrees (360 is a whole ring), whatever these two say. `aisles` are told by how many seats of the
    first row are left of them; they lead straight through the rows behind it. Rows are called on from `first_row`,
    leaving out the letters `skipped`, and from the back where `from_the_back`.
    """

    origin: Point
    rows: int
    form: str = Form.STRAIGHT
    seats: int = 1
    growth: int = 0
    seat_spacing: int = 55
    row_spacing: int = 90
    towards: int = 0
    radius: int = 0
    sweep: int = 90
    aisles: tuple[int, ...] = ()
    aisle_width: int = 120
    row_names: str = Names.LETTERS
    first_row: str = "A"
    skipped: str = "IO"
    from_the_back: bool = False
    numbering: str = Numbering.LEFT_TO_RIGHT
    first_number: int = 1
    margin: int = 45

    def depth(self, row: int) -> int:
        """How far behind the origin a row lies."""
        return (0 if self.form == Form.STRAIGHT else self.radius) + row * self.row_spacing

    def blocks(self, row: int) -> list[int]:
        """How many seats a row has before, between and behind its aisles."""
        if self.form == Form.ROUND:
            return [int(width / self.angle(self.seat_spacing, row) + 1e-9) for width in self.widths(row)]
        more = row * self.growth
        aisles = [0, *(aisle + more // 2 for aisle in self.aisles), self.seats + more]
        return [right - left for left, right in pairwise(aisles)]

    def widths(self, row: int) -> list[float]:
        """How much of the sweep is for each block of seats, as the aisles divide the first row."""
        first = int(self.room(0) / self.angle(self.seat_spacing, 0) + 1e-9)
        bounds = [0, *self.aisles, max(first, 1)]
        return [self.room(row) * (right - left) / bounds[-1] for left, right in pairwise(bounds)]

    def room(self, row: int) -> float:
        """How much of the sweep is for seats."""
        return radians(self.sweep) - len(self.aisles) * self.angle(self.aisle_width, row)

    def count(self, row: int) -> int:
        """How many seats a row has."""
        return sum(self.blocks(row))

    def angle(self, length: int, row: int) -> float:
        """How much of a curved row lies between two points of it that are so far apart, in radians."""
        return 2 * asin(min(length / (2 * self.depth(row)), 1))


@dataclass(frozen=True, slots=True)
class Block:
    """Rows with the outline around them, ready for a section."""

    rows: tuple[RowLayout, ...]
    shape: tuple[Point, ...]


def generate(pattern: Pattern) -> Block:
    """Return the rows of a pattern, the same each time. Raises Faulty, whose problems lie `where` a field is wrong."""
    if faults := list(_faults(pattern)) or list(_late_faults(pattern)):
        raise Faulty(faults)
    lines = [_along(pattern, row) for row in range(pattern.rows)]
    names = row_names(pattern)
    rows = tuple(
        RowLayout(name, tuple(_seats(pattern, row, line)))
        for row, (name, line) in enumerate(zip(names, lines, strict=True))
    )
    if any(not (0 <= seat.x <= FARTHEST and 0 <= seat.y <= FARTHEST) for row in rows for seat in row.seats):
        raise Faulty([Problem("origin", _("Seats would lie outside of the plan: move the block."))])
    return Block(rows, _outline(pattern, lines))


def row_names(pattern: Pattern) -> list[str]:
    """Return what the rows are called, from the front."""
    if pattern.row_names == Names.NUMBERS:
        names = [str(int(pattern.first_row) + row) for row in range(pattern.rows)]
    else:
        letters = _letters(pattern)
        first = _place_of(pattern.first_row, letters)
        names = [_name_at(first + row, letters) for row in range(pattern.rows)]
    return names[::-1] if pattern.from_the_back else names


def numbers(count: int, numbering: str, first: int) -> list[int]:
    """Return what stands on the seats of a row, from left to right."""
    if numbering == Numbering.LEFT_TO_RIGHT:
        return list(range(first, first + count))
    if numbering == Numbering.RIGHT_TO_LEFT:
        return list(range(first + count - 1, first - 1, -1))
    odd, even = list(range(first, first + count, 2)), list(range(first + 1, first + count, 2))
    return odd[::-1] + even if numbering == Numbering.ODD_LEFT else even[::-1] + odd


def _seats(pattern: Pattern, row: int, line: list[float]) -> Iterator[SeatLayout]:
    counted = numbers(len(line), pattern.numbering, pattern.first_number)
    positions = (1 + seat for seat in _spread(pattern.blocks(row)))
    for along, number, position in zip(line, counted, positions, strict=True):
        x, y = _point(pattern, along, pattern.depth(row))
        yield SeatLayout(str(number), position, x, y)


def _spread(blocks: list[int]) -> Iterator[int]:
    """Count seats, skipping one for each aisle."""
    passed = 0
    for block in blocks:
        yield from range(passed, passed + block)
        passed += block + 1


def _along(pattern: Pattern, row: int) -> list[float]:
    """Return where in their row the seats are, right of its middle, in centimetres or, on a curve, in radians."""
    aisle, places, end = _aisle(pattern, row), [], 0.0
    for count, step in zip(pattern.blocks(row), _steps(pattern, row), strict=True):
        places += [end + (seat + 0.5) * step for seat in range(count)]
        end += count * step + aisle
    return [place - (end - aisle) / 2 for place in places]


def _steps(pattern: Pattern, row: int) -> list[float]:
    """Return the way from one seat to the next in each block; in the round, so that rows end in line."""
    if pattern.form == Form.ROUND:
        return [width / count for width, count in zip(pattern.widths(row), pattern.blocks(row), strict=True)]
    step = pattern.seat_spacing if pattern.form == Form.STRAIGHT else pattern.angle(pattern.seat_spacing, row)
    return [step] * (1 + len(pattern.aisles))


def _aisle(pattern: Pattern, row: int) -> float:
    return pattern.aisle_width if pattern.form == Form.STRAIGHT else pattern.angle(pattern.aisle_width, row)


def _point(pattern: Pattern, along: float, depth: float) -> Point:
    turned = radians(pattern.towards)
    x, y = pattern.origin
    if pattern.form == Form.STRAIGHT:
        return round(x + along * cos(turned) - depth * sin(turned)), round(
            y + along * sin(turned) + depth * cos(turned)
        )
    return round(x - depth * sin(turned - along)), round(y + depth * cos(turned - along))


def _outline(pattern: Pattern, lines: list[list[float]]) -> tuple[Point, ...]:
    """Go along the front, back beside the rows' right ends, along the back, and beside their left ends."""
    margins = [
        pattern.margin if pattern.form == Form.STRAIGHT else pattern.margin / pattern.depth(row)
        for row in range(len(lines))
    ]
    most = FARTHEST if pattern.form == Form.STRAIGHT else pi
    lefts = [max(line[0] - margin, -most) for line, margin in zip(lines, margins, strict=True)]
    rights = [min(line[-1] + margin, most) for line, margin in zip(lines, margins, strict=True)]
    depths = [pattern.depth(row) for row in range(len(lines))]
    front, back = depths[0] - min(pattern.margin, pattern.radius or FARTHEST), depths[-1] + pattern.margin
    around = [
        *((along, front) for along in _sampled(pattern, lefts[0], rights[0])),
        *zip(rights, depths, strict=True),
        *((along, back) for along in _sampled(pattern, rights[-1], lefts[-1])),
        *zip(lefts[::-1], depths[::-1], strict=True),
    ]
    return simplified(clipped(_point(pattern, along, depth)) for along, depth in around)


def _sampled(pattern: Pattern, begin: float, end: float) -> list[float]:
    parts = 1 if pattern.form == Form.STRAIGHT else ceil(degrees(abs(end - begin)) / STEP)
    return [begin + (end - begin) * part / parts for part in range(parts + 1)]


def _letters(pattern: Pattern) -> str:
    return "".join(letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter not in pattern.skipped.upper())


def _place_of(name: str, letters: str) -> int:
    """A is 0, Z is 25, AA is 26, where no letter is left out."""
    place = 0
    for letter in name:
        place = place * len(letters) + letters.index(letter) + 1
    return place - 1


def _name_at(place: int, letters: str) -> str:
    name = ""
    while place >= 0:
        place, letter = divmod(place, len(letters))
        name, place = letters[letter] + name, place - 1
    return name


def _faults(pattern: Pattern) -> Iterator[Problem]:
    """What a field says that it can't."""
    choices = {"form": Form, "row_names": Names, "numbering": Numbering}
    for field, known in choices.items():
        if getattr(pattern, field) not in list(known):
            yield Problem(field, _("Choose one of these: %(known)s.") % {"known": ", ".join(known)})
    for field, (least, most) in _limits(pattern).items():
        value = getattr(pattern, field)
        if type(value) is not int or not least <= value <= most:
            facts = {"least": least, "most": most}
            yield Problem(field, _("Give a whole number from %(least)s to %(most)s.") % facts)
    if not all(type(value) is int and abs(value) <= FARTHEST for value in pattern.origin):
        yield Problem("origin", _("Give whole numbers up to %(most)s.") % {"most": FARTHEST})
    if not all(type(aisle) is int for aisle in pattern.aisles) or len(pattern.aisles) > MOST_AISLES:
        yield Problem("aisles", _("Give at most %(most)s whole numbers.") % {"most": MOST_AISLES})


def _limits(pattern: Pattern) -> dict[str, tuple[int, int]]:
    bent = pattern.form in (Form.CURVED, Form.ROUND)
    return {
        "rows": (1, MOST_ROWS),
        "seats": (1, MOST_PER_ROW),
        "growth": (-50, 50),
        "seat_spacing": (CLOSEST + 1, 1_000),
        "row_spacing": (CLOSEST + 1, 2_000),
        "towards": (0, 359),
        "radius": (CLOSEST if bent else 0, FARTHEST),
        "sweep": (1, 360),
        "aisle_width": (0, 2_000),
        "first_number": (0, 9_999),
        "margin": (0, 1_000),
    }


def _late_faults(pattern: Pattern) -> Iterator[Problem]:
    """What fields say together that they can't."""
    blocks = [pattern.blocks(row) for row in range(pattern.rows)]
    counts = [sum(row) for row in blocks]
    if min(counts) < 1 or max(counts) > MOST_PER_ROW or sum(counts) > MOST_SEATS:
        sentence = _("Every row needs a seat, and has at most %(most)s.") % {"most": MOST_PER_ROW}
        yield Problem(_field_of_counts(pattern), sentence)
    elif min(min(row) for row in blocks) < 1:
        sentence = _("Aisles are told from left to right, each with a seat on both sides in every row.")
        yield Problem("aisles", sentence)
    elif pattern.form == Form.CURVED and any(_reach(pattern, row) > 2 * pi for row in range(pattern.rows)):
        yield Problem("seats", _("So many seats don't fit around the point: take fewer, or a larger radius."))
    yield from _faults_of_names(pattern)
    counts_from_centre = pattern.numbering in (Numbering.ODD_LEFT, Numbering.ODD_RIGHT)
    if counts_from_centre and pattern.first_number % 2 == 0:
        yield Problem("first_number", _("Where odd numbers are on one side, the first number is odd."))


def _field_of_counts(pattern: Pattern) -> str:
    return "sweep" if pattern.form == Form.ROUND else "growth" if pattern.growth else "seats"


def _reach(pattern: Pattern, row: int) -> float:
    return pattern.count(row) * _steps(pattern, row)[0] + len(pattern.aisles) * _aisle(pattern, row)


def _faults_of_names(pattern: Pattern) -> Iterator[Problem]:
    first, letters = pattern.first_row, _letters(pattern)
    if pattern.row_names == Names.NUMBERS:
        is_known = first.isascii() and first.isdigit() and len(first) < LONGEST_NAME - 3
    else:
        is_known = bool(first) and set(first) <= set(letters) and len(first) < LONGEST_NAME - 3
    if len(letters) < 2:
        yield Problem("skipped", _("Leave at least two letters."))
    elif not is_known:
        yield Problem("first_row", _("Begin with a number, or with capital letters that are not left out."))
