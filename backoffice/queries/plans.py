"""Seating plans as pictures."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from math import hypot

from venues.layout import Layout, RowLayout, SectionLayout
from venues.models import Seat

ROOM = 150
"""Centimetres around the drawing."""
TOO_MANY = 4_000
"""With more seats than these, a section's name stands in its middle."""

type Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SectionPicture:
    """A section, with one path for all seats of a type, and where its name stands."""

    section: SectionLayout
    corners: str
    seats: dict[str, str]
    name_at: Point
    counts: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole plan: SVG's view box, the size of letters, the focal point, and the sections."""

    box: str
    font: int
    focal: Point
    sections: list[SectionPicture]


def picture(layout: Layout) -> Picture:
    """Return what is drawn of a plan. Seats are parts of a path, so that a stadium is a megabyte and no more."""
    points = [layout.focal, *(corner for section in layout.sections for corner in section.shape)]
    points += [(seat.x, seat.y) for _section, _row, seat in layout.seats()]
    left, top = min(x for x, _y in points) - ROOM, min(y for _x, y in points) - ROOM
    width, height = max(x for x, _y in points) + ROOM - left, max(y for _x, y in points) + ROOM - top
    font, is_crowded = max(width, height) // 80, layout.places > TOO_MANY
    sections = [_section(section, font, is_crowded) for section in layout.sections]
    return Picture(f"{left} {top} {width} {height}", font, layout.focal, sections)


def _section(section: SectionLayout, font: int, is_crowded: bool) -> SectionPicture:
    drawn: defaultdict[str, list[str]] = defaultdict(list)
    for _row, seat in section.seats():
        drawn[seat.type].append(_seat(seat.type, seat.x, seat.y))
    labels = dict(Seat.Type.choices)
    counts = Counter(seat.type for _row, seat in section.seats())
    return SectionPicture(
        section=section,
        corners=" ".join(f"{x},{y}" for x, y in section.shape),
        seats={kind: "".join(parts) for kind, parts in drawn.items()},
        name_at=_middle(section) if is_crowded or not section.rows else _in_front(section, font),
        counts=[(str(labels[kind]), count) for kind, count in counts.most_common()],
    )


def _seat(kind: str, x: int, y: int) -> str:
    """The same shapes as in the editor: see static/js/plan/drawing.js."""
    if kind == Seat.Type.VIP:
        return f"M{x} {y - 25}l25 25-25 25-25-25z"
    if kind == Seat.Type.WHEELCHAIR:
        return f"M{x - 21} {y - 21}h42v42h-42z"
    if kind == Seat.Type.COMPANION:
        return f"M{x - 9} {y - 21}h18q12 0 12 12v18q0 12-12 12h-18q-12 0-12-12v-18q0-12 12-12z"
    if kind == Seat.Type.RESTRICTED:
        return f"M{x - 21} {y}a21 21 0 1 0 42 0a21 21 0 1 0-42 0"
    return f"M{x} {y}h0"


def _middle(section: SectionLayout) -> Point:
    across, down = [x for x, _y in section.shape], [y for _x, y in section.shape]
    return (min(across) + max(across)) // 2, (min(down) + max(down)) // 2


def _in_front(section: SectionLayout, font: int) -> Point:
    """Before the first row, unless it faces a side: then above all of it."""
    (x, y), (bx, by) = _middle_of_row(section.rows[0]), _middle_of_row(section.rows[-1])
    far = hypot(x - bx, y - by)
    dx, dy = ((x - bx) / far, (y - by) / far) if far else (0, -1)
    if abs(dx) > abs(dy):
        return _middle(section)[0], min(y for _x, y in section.shape)
    away = 30 + font * (0.6 + 0.29 * len(section.name) * abs(dx))  # the more it is turned, the farther away
    return round(x + dx * away), round(y + dy * away)


def _middle_of_row(row: RowLayout) -> tuple[float, float]:
    one, other = row.seats[(len(row.seats) - 1) // 2], row.seats[len(row.seats) // 2]
    return (one.x + other.x) / 2, (one.y + other.y) / 2
