"""Seating plans as pictures."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from venues.layout import Layout, SectionLayout

ROOM = 150
"""Centimetres around the drawing."""


@dataclass(frozen=True, slots=True)
class SectionPicture:
    """A section, with the dots of its seats by their type."""

    section: SectionLayout
    corners: str
    seats: list[tuple[str, str]]
    x: int
    y: int

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many seats of each type."""
        return [(kind, dots.count("M")) for kind, dots in self.seats]


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole plan: SVG's view box, the focal point, and the sections."""

    box: str
    size: int
    focal: tuple[int, int]
    sections: list[SectionPicture]


def picture(layout: Layout) -> Picture:
    """Return what is drawn of a plan. A seat is a dot of a path, so that a stadium is some hundred kilobytes."""
    points = [layout.focal, *(corner for section in layout.sections for corner in section.shape)]
    points += [(seat.x, seat.y) for _section, _row, seat in layout.seats()]
    left, top = min(x for x, _y in points) - ROOM, min(y for _x, y in points) - ROOM
    width, height = max(x for x, _y in points) + ROOM - left, max(y for _x, y in points) + ROOM - top
    sections = [_section(section) for section in layout.sections]
    return Picture(f"{left} {top} {width} {height}", max(width, height), layout.focal, sections)


def _section(section: SectionLayout) -> SectionPicture:
    dots: defaultdict[str, list[str]] = defaultdict(list)
    for _row, seat in section.seats():
        dots[seat.type].append(f"M{seat.x} {seat.y}h0")
    x, y = _middle(section.shape)
    corners = " ".join(f"{x},{y}" for x, y in section.shape)
    return SectionPicture(section, corners, [(kind, "".join(each)) for kind, each in dots.items()], x, y)


def _middle(points: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Return where a section's name is written: in the middle of its upper edge."""
    known = list(points)
    return (min(x for x, _y in known) + max(x for x, _y in known)) // 2, min(y for _x, y in known)
