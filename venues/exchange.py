"""
Plans as files: JSON is the document of `venues.layout`, CSV a table with a line for each section and each seat.

A line of CSV without row and number tells of its section, or, where its kind is `plan`, of the plan itself: its name
is the section's column, its focal point x and y. Both may be missing: a section is then known from its seats,
with an outline drawn around them, and people look at the middle of the plan's upper edge.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from core.cells import meant, neutral
from venues.geometry import Point, hull
from venues.layout import Faulty, Layout, Problem, RowLayout, SeatLayout, SectionLayout, Spot, document, parse, problems
from venues.layout.reading import MOST_POSITION, MOST_ROWS, MOST_SECTIONS, MOST_STANDING, Reader, longest
from venues.models import Seat, SeatingPlan, Section
from venues.models.plan import FARTHEST

MOST_BYTES = 16_000_000
MARGIN = 60
"""Centimetres around the seats of a section whose outline a file doesn't tell."""

COLUMNS = (
    "section",
    "tier",
    "kind",
    "capacity",
    "row",
    "number",
    "position",
    "x",
    "y",
    "type",
    "companion_of_row",
    "companion_of_number",
    "outline",
)
NEEDED = {"section", "row", "number", "position", "x", "y"}
PLAN = "plan"

type Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds, and what keeps it from being published, by line where there are lines."""

    layout: Layout
    problems: list[Problem]


def read(data: bytes, *, name: str = "", capacity: int | None = None) -> Read:
    """
    Read a file, JSON or CSV, as what it looks like; nothing is saved. `name` counts more than the file's own.

    Raises Faulty when it can't be read as a plan at all, with everything that is wrong with its form.
    """
    if len(data) > MOST_BYTES:
        raise _faulty(_("It is larger than %(most)s MB.") % {"most": MOST_BYTES // 1_000_000})
    text = _decoded(data)
    if text.lstrip().startswith(("{", "[")):
        layout = parse(_named(_loaded(text), name))
        return Read(layout, problems(layout, capacity=capacity))
    table = _Table(name)
    layout = table.layout(text)
    return Read(layout, table.with_lines(problems(layout, capacity=capacity)))


def to_json(layout: Layout) -> bytes:
    """Return the file that `read` reads as this layout."""
    return json.dumps(document(layout), ensure_ascii=False, separators=(",", ":")).encode()


def to_csv(layout: Layout) -> bytes:
    """Return the table that `read` reads as this layout; with the mark by which spreadsheets know UTF-8."""
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, COLUMNS, restval="")
    writer.writeheader()
    for line in _lines(layout):
        writer.writerow({column: neutral(str(value)) for column, value in line.items()})
    return table.getvalue().encode("utf-8-sig")


def _lines(layout: Layout) -> Iterator[dict[str, str | int]]:
    yield {"section": layout.name, "kind": PLAN, "x": layout.focal[0], "y": layout.focal[1]}
    for section in layout.sections:
        shared = {"section": section.name, "tier": section.tier, "kind": section.kind}
        outline = " ".join(f"{x},{y}" for x, y in section.shape)
        yield {**shared, "capacity": section.capacity, "outline": outline}
        for row, seat in section.seats():
            yield {**shared, "row": row.name, **_seat_cells(seat)}


def _seat_cells(seat: SeatLayout) -> dict[str, str | int]:
    row, number = seat.companion_of or ("", "")
    return {
        "number": seat.number,
        "position": seat.position,
        "x": seat.x,
        "y": seat.y,
        "type": seat.type,
        "companion_of_row": row,
        "companion_of_number": number,
    }


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _faulty(_("This is not UTF-8: save the file as UTF-8."), str(_Line(line))) from error


def _loaded(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        sentence = _("From column %(column)s on, this is not JSON.") % {"column": error.colno}
        raise _faulty(sentence, str(_Line(error.lineno))) from error
    except (ValueError, RecursionError) as error:
        raise _faulty(_("It has a number that is too long, or is nested too deeply.")) from error


def _named(given: object, name: str) -> object:
    return {**given, "name": name} if name and isinstance(given, dict) else given


def _faulty(sentence: str, where: str = "") -> Faulty:
    return Faulty([Problem(where or _("The file"), sentence)])


class _Line(int):
    """A line of a file, to be told to people."""

    def __str__(self) -> str:
        return _("Line %(line)s") % {"line": int(self)}


@dataclass(slots=True)
class _Part:
    """A section as far as it was read."""

    line: _Line
    tier: str | None = None
    kind: str | None = None
    capacity: int | None = None
    shape: tuple[Point, ...] | None = None
    rows: dict[str, list[SeatLayout]] = field(default_factory=dict)


class _Table:
    """Reads a table line by line, as the reader of documents does: on after a fault, to tell of all at once."""

    def __init__(self, name: str) -> None:
        self.reader = Reader()
        self.name = name
        self.focal: Point | None = None
        self.parts: dict[str, _Part] = {}
        self.lines: dict[Spot, _Line] = {}

    def layout(self, text: str) -> Layout:
        for line, cells in self.records(text):
            self.take(line, cells)
        name = self.reader.text(_("The plan"), _("The name"), self.name, longest(SeatingPlan, "name"))
        sections = [self.section(called, part) for called, part in self.parts.items()]
        if len(self.parts) > MOST_SECTIONS:
            self.reader.fault(_("The plan"), _("It has at most %(most)s sections.") % {"most": MOST_SECTIONS})
        self.reader.refuse()
        return Layout(name, self.focal or _upper_middle(sections), tuple(sections))

    def with_lines(self, problems: list[Problem]) -> list[Problem]:
        """Say of each problem on which line its section, row or seat is."""
        lines = {str(spot): f"{line} ({spot})" for spot, line in self.lines.items()} if problems else {}
        return [replace(problem, where=lines.get(problem.where, problem.where)) for problem in problems]

    def records(self, text: str) -> Iterator[tuple[_Line, Cells]]:
        head = text.partition("\n")[0]
        table = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in head else ",", strict=True)
        try:
            columns = self.columns(next(table, []))
            for cells in table:
                line = _Line(table.line_num)
                if len(cells) > len(columns):
                    self.reader.fault(line, _("It has more cells than there are columns."))
                elif any(cells):
                    yield line, {column: meant(cell).strip() for column, cell in zip(columns, cells, strict=False)}
        except csv.Error as error:
            raise _faulty(
                _("This can't be read as CSV, perhaps for a quote too many."), str(_Line(table.line_num))
            ) from error

    def columns(self, head: list[str]) -> list[str]:
        columns = [column.strip().lower() for column in head]
        if not set(columns) <= set(COLUMNS) or not set(columns) >= NEEDED or len(set(columns)) < len(columns):
            facts = {"known": ", ".join(COLUMNS), "needed": ", ".join(sorted(NEEDED))}
            sentence = _("The first line names the columns: %(known)s. At least these are needed: %(needed)s.")
            raise _faulty(sentence % facts, str(_Line(1)))
        return columns

    def take(self, line: _Line, cells: Cells) -> None:
        if cells.get("kind") == PLAN:
            self.name = self.name or cells.get("section", "")
            self.focal = self.whole(line, cells, "x", FARTHEST), self.whole(line, cells, "y", FARTHEST)
            return
        section = self.reader.text(line, "section", cells.get("section", ""), longest(Section, "name"))
        part = self.parts.setdefault(section, _Part(line))
        self.lines.setdefault(Spot(section), line)
        self.describe(line, part, cells)
        if cells.get("row") or cells.get("number"):
            self.seat(line, section, part, cells)

    def describe(self, line: _Line, part: _Part, cells: Cells) -> None:
        """Take what the line says of its section, which must be what earlier ones said."""
        if tier := cells.get("tier"):
            self.agree(line, part, "tier", self.reader.text(line, "tier", tier, longest(Section, "tier")))
        if kind := cells.get("kind"):
            self.agree(line, part, "kind", self.reader.choice(line, "kind", kind, Section.Kind.values))
        if cells.get("capacity"):
            self.agree(line, part, "capacity", self.whole(line, cells, "capacity", MOST_STANDING))
        if outline := cells.get("outline"):
            corners = [[_number(value) for value in corner.split(",")] for corner in outline.split()]
            self.agree(line, part, "shape", self.reader.shape(line, corners))

    def agree(self, line: _Line, part: _Part, key: str, value: object) -> None:
        if getattr(part, key) is None:
            setattr(part, key, value)
        elif getattr(part, key) != value:
            self.reader.fault(line, _("The section's %(key)s is another than on a line before.") % {"key": key})

    def seat(self, line: _Line, section: str, part: _Part, cells: Cells) -> None:
        row = self.reader.text(line, "row", cells.get("row", ""), longest(Seat, "row"))
        seat = SeatLayout(
            number=self.reader.text(line, "number", cells.get("number", ""), longest(Seat, "number")),
            position=self.whole(line, cells, "position", MOST_POSITION),
            x=self.whole(line, cells, "x", FARTHEST),
            y=self.whole(line, cells, "y", FARTHEST),
            type=self.reader.choice(line, "type", cells.get("type") or "standard", Seat.Type.values),
            companion_of=self.accompanied(line, cells),
        )
        self.reader.count(1)
        self.lines[Spot(section, row, seat.number)] = line
        self.lines.setdefault(Spot(section, row), line)
        part.rows.setdefault(row, []).append(seat)

    def accompanied(self, line: _Line, cells: Cells) -> tuple[str, str] | None:
        row, number = cells.get("companion_of_row"), cells.get("companion_of_number")
        if not row and not number:
            return None
        return (
            self.reader.text(line, "companion_of_row", row or "", longest(Seat, "row")),
            self.reader.text(line, "companion_of_number", number or "", longest(Seat, "number")),
        )

    def whole(self, line: _Line, cells: Cells, column: str, most: int) -> int:
        return self.reader.whole(line, column, _number(cells.get(column, "")), most)

    def section(self, name: str, part: _Part) -> SectionLayout:
        """Put together what its lines said."""
        spots = [(seat.x, seat.y) for seats in part.rows.values() for seat in seats]
        if part.shape is None and not spots:
            self.reader.fault(part.line, _("A section without seats needs an outline."))
        if len(part.rows) > MOST_ROWS:
            self.reader.fault(part.line, _("A section has at most %(most)s rows.") % {"most": MOST_ROWS})
        return SectionLayout(
            name=name,
            tier=part.tier or "",
            kind=part.kind or Section.Kind.SEATED.value,
            shape=part.shape or hull(spots, margin=MARGIN),
            capacity=part.capacity or 0,
            rows=tuple(RowLayout(row, tuple(seats)) for row, seats in part.rows.items()),
        )


def _number(cell: str) -> object:
    """Return what stands in a cell as a number if it is one, and as it is otherwise, for the reader to refuse."""
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 10 else cell


def _upper_middle(sections: Iterable[SectionLayout]) -> Point:
    corners = [corner for section in sections for corner in section.shape]
    left, right = (edge(x for x, _y in corners) for edge in (min, max)) if corners else (0, 0)
    return (left + right) // 2, min((y for _x, y in corners), default=0)
