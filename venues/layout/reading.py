"""
Documents of plans, as the editor and JSON files have them:

    {"name": "Main hall", "focal": [x, y], "sections": [
        {"name": "Stalls", "tier": "", "kind": "seated", "shape": [[x, y], …], "capacity": 0, "rows": [
            {"row": "A", "seats": [[number, position, x, y, type, [row, number] | null], …]}]}]}

`tier`, `kind`, `capacity`, `rows`, and of a seat the type and what follows may be left out. They come from browsers
and files, so nothing of them is believed.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeGuard, cast

from django.db.models import CharField, Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from venues.layout.plain import Faulty, Layout, Point, Problem, RowLayout, SeatLayout, SectionLayout, Spot
from venues.models.plan import FARTHEST, Seat, SeatingPlan, Section

MOST_SEATS = 100_000
MOST_SECTIONS = 1_000
MOST_ROWS = 1_000
MOST_CORNERS = 500
MOST_POSITION = 32_767
MOST_STANDING = 1_000_000
MOST_PROBLEMS = 100
"""Nobody reads more, and a hostile document has as many as it likes."""

_LEFT_OUT = ["standard", None]
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def longest(model: type[Model], field: str) -> int:
    """Return how many characters the database has for a text."""
    return cast(CharField, model._meta.get_field(field)).max_length or 0


TYPES = tuple(Seat.Type.values)
LONGEST_NUMBER = longest(Seat, "number")
NUMBER, POSITION, TYPE = gettext_lazy("The number"), gettext_lazy("The position"), gettext_lazy("The type")
"""Read for every seat, so they are looked up when there is something to say."""


def parse(document: object) -> Layout:
    """
    Return the plan that a document tells of; raises Faulty with everything that is wrong with its form.

    Whether the plan makes sense is another question: see `problems`.
    """
    reader = Reader()
    layout = reader.layout(document)
    reader.refuse()
    return layout


def document(layout: Layout) -> dict[str, Any]:
    """Return what `parse` reads as this layout, made of what JSON knows."""
    sections = [_section_document(section) for section in layout.sections]
    return {"name": layout.name, "focal": list(layout.focal), "sections": sections}


def _section_document(section: SectionLayout) -> dict[str, Any]:
    return {
        "name": section.name,
        "tier": section.tier,
        "kind": section.kind,
        "shape": [list(corner) for corner in section.shape],
        "capacity": section.capacity,
        "rows": [{"row": row.name, "seats": [_seat_document(seat) for seat in row.seats]} for row in section.rows],
    }


def _seat_document(seat: SeatLayout) -> list[Any]:
    told = [seat.number, seat.position, seat.x, seat.y]
    if seat.companion_of:
        return [*told, seat.type, list(seat.companion_of)]
    return told if seat.type == Seat.Type.STANDARD else [*told, seat.type]


class Reader:
    """
    Reads on after a fault, so that people learn of all at once; what it returns then is thrown away.

    `where` is what people are told, when it comes to that.
    """

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self.seats = 0

    def fault(self, where: object, text: str) -> None:
        self.found.append(Problem(str(where), text))
        if len(self.found) >= MOST_PROBLEMS:
            self.refuse()

    def refuse(self) -> None:
        if self.found:
            raise Faulty(self.found)

    def count(self, seats: int) -> None:
        self.seats += seats
        if self.seats > MOST_SEATS:
            self.fault(Spot(), _("A plan has at most %(most)s seats.") % {"most": MOST_SEATS})
            self.refuse()

    def layout(self, given: object) -> Layout:
        where = Spot()
        plan = self.mapping(where, given, {"name", "focal", "sections"})
        if plan is None:
            raise Faulty(self.found)
        return Layout(
            name=self.text(where, _("The name"), plan.get("name"), longest(SeatingPlan, "name")),
            focal=self.point(where, _("The focal point"), plan.get("focal")),
            sections=tuple(self.sections(plan.get("sections"))),
        )

    def sections(self, given: object) -> Iterator[SectionLayout]:
        sections = self.entries(Spot(), "sections", given, MOST_SECTIONS)
        for count, section in enumerate(sections, 1):
            where = Spot(_("Section %(count)s") % {"count": count})
            told = self.mapping(where, section, {"name", "tier", "kind", "shape", "capacity", "rows"})
            if told is not None:
                yield self.section(where, told)

    def section(self, where: Spot, told: dict[str, Any]) -> SectionLayout:
        name = self.text(where, _("The name"), told.get("name"), longest(Section, "name"))
        where = Spot(name) if name else where
        tier = self.text(where, _("The level of the house"), told.get("tier", ""), longest(Section, "tier"), True)
        return SectionLayout(
            name=name,
            tier=tier,
            kind=self.choice(where, _("The kind"), told.get("kind", "seated"), Section.Kind.values),
            shape=self.shape(where, told.get("shape")),
            capacity=self.whole(where, _("The number of standing places"), told.get("capacity", 0), MOST_STANDING),
            rows=tuple(self.rows(where, told.get("rows", []))),
        )

    def shape(self, where: object, given: object) -> tuple[Point, ...]:
        corners = self.entries(where, "shape", given, MOST_CORNERS)
        if isinstance(given, list) and len(given) < 3:
            self.fault(where, _("An outline has three corners or more."))
        return tuple(self.point(where, _("Every corner of the outline"), corner) for corner in corners)

    def rows(self, where: Spot, given: object) -> Iterator[RowLayout]:
        for count, row in enumerate(self.entries(where, "rows", given, MOST_ROWS), 1):
            spot = Spot(where.section, str(count))
            told = self.mapping(spot, row, {"row", "seats"})
            if told is None:
                continue
            name = self.text(spot, _("The name of the row"), told.get("row"), longest(Seat, "row"))
            spot = Spot(where.section, name or str(count))
            yield RowLayout(name, tuple(self.row_of_seats(spot, told.get("seats"))))

    def row_of_seats(self, where: Spot, given: object) -> Iterator[SeatLayout]:
        seats = self.entries(where, "seats", given, MOST_SEATS)
        self.count(len(seats))
        return (self.seat(where, count, seat) for count, seat in enumerate(seats, 1))

    def seat(self, row: Spot, count: int, given: object) -> SeatLayout:
        where = Spot(row.section, row.row, f"#{count}")
        if not isinstance(given, list) or not 4 <= len(given) <= 6:
            self.fault(
                where, _("A seat is a list of its number, position, x and y, and, if need be, type and companion.")
            )
            return SeatLayout("", 0, 0, 0)
        number, position, x, y, kind, companion_of = given + _LEFT_OUT[len(given) - 4 :]
        number = self.text(where, NUMBER, number, LONGEST_NUMBER)
        where = Spot(row.section, row.row, number) if number else where
        return SeatLayout(
            number=number,
            position=self.whole(where, POSITION, position, MOST_POSITION),
            x=self.whole(where, "x", x, FARTHEST),
            y=self.whole(where, "y", y, FARTHEST),
            type=self.choice(where, TYPE, kind, TYPES),
            companion_of=None if companion_of is None else self.accompanied(where, companion_of),
        )

    def accompanied(self, where: Spot, given: object) -> tuple[str, str]:
        if not isinstance(given, list) or len(given) != 2:
            self.fault(where, _("A companion names row and number of its wheelchair place."))
            return "", ""
        row = self.text(where, _("The wheelchair place's row"), given[0], longest(Seat, "row"))
        return row, self.text(where, _("The wheelchair place's number"), given[1], longest(Seat, "number"))

    def mapping(self, where: object, given: object, known: set[str]) -> dict[str, Any] | None:
        if not isinstance(given, dict):
            self.fault(where, _("Here an object is expected, with %(known)s.") % {"known": _listed(known)})
            return None
        if set(given) - known:
            facts = {"unknown": _listed(given.keys() - known), "known": _listed(known)}
            self.fault(where, _("%(unknown)s is unknown here; what is known: %(known)s.") % facts)
        return given

    def entries(self, where: object, key: str, given: object, most: int) -> list[Any]:
        if not isinstance(given, list):
            self.fault(where, _("%(key)s is a list.") % {"key": key})
            return []
        if len(given) > most:
            self.fault(where, _("%(key)s has at most %(most)s entries.") % {"key": key, "most": most})
            return []
        return given

    def point(self, where: object, what: str | Promise, given: object) -> Point:
        if not isinstance(given, list) or len(given) != 2 or not all(_is_whole(value, FARTHEST) for value in given):
            facts = {"what": what, "most": FARTHEST}
            self.fault(where, _("%(what)s is [x, y] in whole centimetres from 0 to %(most)s.") % facts)
            return 0, 0
        return given[0], given[1]

    def whole(self, where: object, what: str | Promise, given: object, most: int) -> int:
        if _is_whole(given, most):
            return given
        self.fault(where, _("%(what)s is a whole number from 0 to %(most)s.") % {"what": what, "most": most})
        return 0

    def choice(self, where: object, what: str | Promise, given: object, known: Iterable[str]) -> str:
        if isinstance(given, str) and given in known:
            return given
        self.fault(where, _("%(what)s is one of these: %(known)s.") % {"what": what, "known": ", ".join(known)})
        return ""

    def text(self, where: object, what: str | Promise, given: object, most: int, blank: bool = False) -> str:
        fault = _text_fault(given, most, blank)
        if fault:
            self.fault(where, fault % {"what": what, "most": most})
            return ""
        return str(given).strip()


def _text_fault(given: object, most: int, blank: bool) -> str:
    if given is None:
        return _("%(what)s is missing.")
    if not isinstance(given, str):
        return _("%(what)s is a text in quotes.")
    if _UNWRITABLE.search(given):
        return _("%(what)s contains a sign that can't be written, such as a line break.")
    if len(given.strip()) > most:
        return _("%(what)s has at most %(most)s characters.")
    return "" if blank or given.strip() else _("%(what)s is missing.")


def _is_whole(given: object, most: int) -> TypeGuard[int]:
    return type(given) is int and 0 <= given <= most  # True is an int too, but not this type


def _listed(keys: Iterable[object]) -> str:
    """Whatever they are, and however many."""
    return ", ".join(sorted(ascii(key)[1:-1][:40] for key in keys)[:10])
