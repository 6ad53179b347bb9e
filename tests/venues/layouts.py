"""Small plans, and strategies for any plan."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from venues.layout import Layout, RowLayout, SeatLayout, SectionLayout

SHAPE = ((0, 0), (1_000, 0), (1_000, 1_000), (0, 1_000))


def row(name: str, *seats: SeatLayout | int, y: int = 100) -> RowLayout:
    """Return a row: a number stands for the seat of this number, half a metre from the next."""
    made = (seat(each, y=y) if isinstance(each, int) else each for each in seats)
    return RowLayout(name, tuple(made))


def seat(number: int, /, *, y: int = 100, **fields: Any) -> SeatLayout:
    """Return the seat of this number, as `row` places it."""
    return SeatLayout(**({"number": str(number), "position": number, "x": 50 * number, "y": y} | fields))


def section(name: str = "Stalls", *rows: RowLayout, **fields: Any) -> SectionLayout:
    """Return a seated section, ten metres square in the corner of the plan."""
    return SectionLayout(
        **({"name": name, "tier": "", "kind": "seated", "shape": SHAPE, "capacity": 0, "rows": rows} | fields)
    )


def standing(name: str = "Floor", capacity: int = 200, **fields: Any) -> SectionLayout:
    """Return an area for so many people."""
    return section(name, kind="standing", capacity=capacity, **fields)


def layout(*sections: SectionLayout, name: str = "Hall", focal: tuple[int, int] = (500, 0)) -> Layout:
    """Return a plan of these sections."""
    return Layout(name, focal, sections)


def small() -> Layout:
    """Two rows with an aisle, a wheelchair place with its companion, and a floor."""
    wheelchair, companion = seat(4, type="wheelchair", y=200), seat(5, type="companion", companion_of=("B", "4"), y=200)
    rows = (
        row("A", 1, 2, seat(3, position=4, x=250)),
        row("B", 1, seat(2, type="vip", y=200), wheelchair, companion, y=200),
    )
    return layout(section("Stalls", *rows, tier="Ground floor"), standing())


def moved(section: SectionLayout, by: int) -> SectionLayout:
    """Return the section so much further down."""
    rows = tuple(replace(row, seats=tuple(replace(seat, y=seat.y + by) for seat in row.seats)) for row in section.rows)
    return replace(section, rows=rows, shape=tuple((x, y + by) for x, y in section.shape))


unwritable = {"categories": ("Cs", "Cc", "Zl", "Zp"), "exclude_characters": "\ufffe\uffff"}


def names(longest: int) -> st.SearchStrategy[str]:
    """Return what people may call things, emoji, right-to-left and formulas included."""
    signs = st.characters(exclude_categories=unwritable["categories"], exclude_characters="\ufffe\uffff")
    formulas = st.sampled_from(["=1+1", "+1", "-A", "@x", "'=1", "''-1", "'x", '"', ";", "a,b", "🎭", "שלום", "A|1"])
    return st.one_of(formulas, st.text(signs, min_size=1, max_size=longest)).map(str.strip).filter(bool)


points = st.tuples(st.integers(0, 100_000), st.integers(0, 100_000))


@st.composite
def seats(draw: st.DrawFn) -> SeatLayout:
    """Return any seat, except that its position and companion make sense."""
    x, y = draw(points)
    kind = draw(st.sampled_from(["standard", "vip", "wheelchair", "restricted"]))
    return SeatLayout(draw(names(8)), 0, x, y, kind)


@st.composite
def sections(draw: st.DrawFn, name: str) -> SectionLayout:
    """Return a section that can be stored."""
    shape = tuple(draw(st.lists(points, min_size=3, max_size=6)))
    tier = draw(st.just("") | names(40))
    if draw(st.booleans()):
        return SectionLayout(name, tier, "standing", shape, draw(st.integers(1, 1_000_000)), ())
    rows = []
    for called in draw(st.lists(names(8), max_size=3, unique=True)):
        found = draw(st.lists(seats(), min_size=1, max_size=4, unique_by=lambda seat: seat.number))
        placed = tuple(replace(seat, position=2 * place) for place, seat in enumerate(found))
        beside = replace(placed[0], position=2 * len(placed), type="companion", companion_of=(called, placed[0].number))
        taken = {seat.number for seat in placed}
        number = draw(names(8).filter(lambda number, taken=taken: number not in taken))
        rows.append(RowLayout(called, (*placed, replace(beside, number=number)) if draw(st.booleans()) else placed))
    return SectionLayout(name, tier, "seated", shape, 0, tuple(rows))


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    """Return a plan that can be stored, though not published perhaps."""
    called = draw(st.lists(names(40), max_size=3, unique=True))
    return Layout(draw(names(80)), draw(points), tuple(draw(sections(name)) for name in called))
