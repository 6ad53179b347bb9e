"""The words that plans are told in, away from the database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.refusals import Refusal

type Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SeatLayout:
    """One numbered seat; `companion_of` is the row and number of a wheelchair place in the same section."""

    number: str
    position: int
    x: int
    y: int
    type: str = "standard"
    companion_of: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class RowLayout:
    """Seats that stand in one line; their neighbours are those whose positions differ by one."""

    name: str
    seats: tuple[SeatLayout, ...]


@dataclass(frozen=True, slots=True)
class SectionLayout:
    """Rows from the front to the back, or an area for so many standing people."""

    name: str
    tier: str
    kind: str
    shape: tuple[Point, ...]
    capacity: int
    rows: tuple[RowLayout, ...]

    @property
    def places(self) -> int:
        """How many people it is for."""
        return self.capacity + sum(len(row.seats) for row in self.rows)

    def seats(self) -> Iterator[tuple[RowLayout, SeatLayout]]:
        """Every seat with its row, from the front."""
        return ((row, seat) for row in self.rows for seat in row.seats)


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole plan. The order of sections and rows is theirs."""

    name: str
    focal: Point
    sections: tuple[SectionLayout, ...]

    @property
    def places(self) -> int:
        """How many people it is for."""
        return sum(section.places for section in self.sections)

    def seats(self) -> Iterator[tuple[SectionLayout, RowLayout, SeatLayout]]:
        """Every seat with its section and row."""
        return ((section, row, seat) for section in self.sections for row, seat in section.seats())


class Spot(NamedTuple):
    """A part of a plan, to be told to people: the whole of it, a section, a row, or a seat."""

    section: str = ""
    row: str = ""
    seat: str = ""

    def __str__(self) -> str:
        facts = self._asdict()
        if self.seat:
            return _("%(section)s, row %(row)s, seat %(seat)s") % facts
        if self.row:
            return _("%(section)s, row %(row)s") % facts
        return self.section or _("The plan")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a plan, in a sentence, and where it is."""

    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


class Faulty(Refusal):
    """A plan, or the file or form it came in, that can't be taken as it is."""

    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(_told(self.problems))


def _told(problems: list[Problem]) -> str:
    first, more = str(problems[0]), len(problems) - 1
    if not more:
        return first
    sentence = ngettext("%(first)s (and %(more)s more problem)", "%(first)s (and %(more)s more problems)", more)
    return sentence % {"first": first, "more": more}
