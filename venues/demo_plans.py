"""Three houses for the demonstration and for tests: a theatre, an arena and a stadium."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import cos, radians, sin

from venues.generator import Block, Form, Numbering, Pattern, generate
from venues.geometry import Point
from venues.layout import Layout, RowLayout, SeatLayout, SectionLayout
from venues.models import Seat

WHEELCHAIR, COMPANION, VIP, RESTRICTED = (
    Seat.Type.WHEELCHAIR.value,
    Seat.Type.COMPANION.value,
    Seat.Type.VIP.value,
    Seat.Type.RESTRICTED.value,
)


def theatre() -> Layout:
    """A house of about 1,200 seats: stalls, boxes at the sides, a circle and a balcony."""
    behind_the_stage = (2_600, -1_200)
    stalls = Pattern(
        origin=behind_the_stage, rows=14, form=Form.ROUND, radius=2_200, row_spacing=95, margin=40, first_row="A"
    )
    centre = generate(replace(stalls, sweep=26))
    left = generate(replace(stalls, sweep=15, towards=22))
    right = generate(replace(stalls, sweep=15, towards=338))
    upper = replace(stalls, aisle_width=120, numbering=Numbering.ODD_LEFT)
    circle = generate(replace(upper, rows=5, radius=3_900, sweep=54, aisles=(14, 48)))
    balcony = generate(replace(upper, rows=3, radius=4_700, sweep=52, aisles=(18, 55)))
    sections = [
        _section("Stalls left", "Stalls", _with_wheelchairs(left, [0, 3])),
        _section("Stalls centre", "Stalls", _with_type(centre, VIP, rows="DEF")),
        _section("Stalls right", "Stalls", _with_wheelchairs(right, [-6, -3])),
        *_boxes(behind_the_stage),
        _section("Circle", "Circle", _ends_restricted(circle, 2)),
        _section("Balcony", "Balcony", _ends_restricted(balcony, 3)),
    ]
    return Layout("Main stage", (2_600, 600), tuple(sections))


def arena() -> Layout:
    """A hall of about 12,000: two tiers around a floor for 2,000 standing, and the stage at one end."""
    bowl = Bowl((5_500, 6_600), 900, 2_400)
    open_end = (90, 180)  # nobody sits behind the stage
    lower = Tier("Lower tier", 101, 800, 16, (2, 4, 2))
    upper = Tier("Upper tier", 201, 2_450, 14, (2, 4, 3))
    floor = ((4_300, 5_000), (6_700, 5_000), (6_900, 5_200), (6_900, 9_100), (6_500, 9_500))
    mirrored = tuple((11_000 - x, y) for x, y in reversed(floor[1:]))
    standing = SectionLayout("Floor", "Floor", "standing", floor[1:] + mirrored, 2_000, ())
    seated = [section for tier in (lower, upper) for section in _around(bowl, tier, without=open_end)]
    return Layout("Concert", (5_500, 4_600), (standing, *seated))


def stadium() -> Layout:
    """A ground of some 60,000 seats: three tiers, eighty sections around the pitch."""
    bowl = Bowl((12_000, 10_500), 4_750, 2_900)
    tiers = [
        Tier("Lower tier", 101, 1_200, 24, (6, 3, 2)),
        Tier("Middle tier", 201, 3_450, 22, (6, 3, 2)),
        Tier("Upper tier", 301, 5_550, 14, (6, 3, 3)),
    ]
    sections = [section for tier in tiers for section in _around(bowl, tier)]
    return Layout("Football", bowl.centre, tuple(sections))


@dataclass(frozen=True, slots=True)
class Bowl:
    """A rectangle that tiers lie around, with round corners: its centre, half its width and half its height."""

    centre: Point
    width: int
    height: int

    def reach(self, towards: int) -> int:
        """How far it is from the centre to a side."""
        return self.width if towards % 180 else self.height

    def corner(self, towards: int) -> Point:
        """Where the side in this direction meets the next one, clockwise."""
        on_side = _moved(self.centre, towards, self.reach(towards))
        return _moved(on_side, towards + 90, self.reach(towards + 90))


@dataclass(frozen=True, slots=True)
class Tier:
    """Sections around a bowl: into how many parts a side's width, a side's height and a corner are cut."""

    name: str
    first: int
    radius: int
    rows: int
    parts: tuple[int, int, int]


def _around(bowl: Bowl, tier: Tier, *, without: Sequence[int] = ()) -> Iterator[SectionLayout]:
    """Go around clockwise from the side below; `without` the corners that begin at these sides, and the last one."""
    named = count(tier.first)
    for towards in (0, 90, 180, 270):
        patterns = [] if without and towards == without[-1] else list(_side(bowl, tier, towards))
        if towards not in without:
            patterns += _corner(bowl, tier, towards)
        for pattern in patterns:
            number = next(named)
            block = generate(pattern)
            if tier.first < 200 and number % 2:
                block = _with_wheelchairs(block, [0])
            yield _section(str(number), tier.name, block)


def _side(bowl: Bowl, tier: Tier, towards: int) -> Iterator[Pattern]:
    parts, half = (tier.parts[1], bowl.height) if towards % 180 else (tier.parts[0], bowl.width)
    width = 2 * half // parts
    first_row = _moved(bowl.centre, towards, bowl.reach(towards) + tier.radius)
    for part in range(parts):
        yield Pattern(
            origin=_moved(first_row, towards + 90, width * part + width // 2 - half),
            rows=tier.rows,
            seats=(width - 110) // 50,
            seat_spacing=50,
            row_spacing=80,
            towards=towards,
            margin=30,
        )


def _corner(bowl: Bowl, tier: Tier, towards: int) -> Iterator[Pattern]:
    parts = tier.parts[2]
    for part in range(parts):
        middle = 90 * (2 * part + 1) / (2 * parts)
        yield Pattern(
            origin=bowl.corner(towards),
            rows=tier.rows,
            form=Form.ROUND,
            radius=tier.radius,
            sweep=90 // parts - 3,
            seat_spacing=50,
            row_spacing=80,
            towards=towards + int(middle if middle < 45 else middle + 0.5),
            margin=30,
        )


def _boxes(origin: Point) -> Iterator[SectionLayout]:
    """Four on each side, the nearest to the stage with a restricted view."""
    for side, towards in (("left", 34), ("right", 326)):
        for number in range(1, 5):
            front = _moved(origin, towards, 2_150 + 310 * number)
            pattern = Pattern(origin=front, rows=2, seats=2, seat_spacing=70, towards=towards, margin=45)
            block = generate(replace(pattern, row_names="numbers", first_row="1"))
            block = _with_type(block, RESTRICTED, rows="12") if number == 1 else block
            yield _section(f"Box {number} {side}", "Boxes", block)


def _section(name: str, tier: str, block: Block) -> SectionLayout:
    return SectionLayout(name, tier, "seated", block.shape, 0, block.rows)


def _with_type(block: Block, kind: str, *, rows: str) -> Block:
    changed = (
        replace(row, seats=tuple(replace(seat, type=kind) for seat in row.seats)) if row.name in rows else row
        for row in block.rows
    )
    return replace(block, rows=tuple(changed))


def _ends_restricted(block: Block, seats: int) -> Block:
    """The outermost seats of every row see less."""

    def seen(row: RowLayout) -> RowLayout:
        last = len(row.seats) - seats
        changed = (
            seat if seats <= place < last else replace(seat, type=RESTRICTED) for place, seat in enumerate(row.seats)
        )
        return replace(row, seats=tuple(changed))

    return replace(block, rows=tuple(seen(row) for row in block.rows))


def _with_wheelchairs(block: Block, at: Sequence[int]) -> Block:
    """Of three seats of the last row from each place on, two make room for a wheelchair, and the third accompanies."""
    *rows, last = block.rows
    seats: list[SeatLayout | None] = list(last.seats)
    for place in at:
        first, second, third = last.seats[place], last.seats[place + 1], last.seats[place + 2]
        middle = (first.x + second.x) // 2, (first.y + second.y) // 2
        seats[place] = None
        seats[place + 1] = replace(second, x=middle[0], y=middle[1], type=WHEELCHAIR)
        seats[place + 2] = replace(third, type=COMPANION, companion_of=(last.name, second.number))
    kept = tuple(seat for seat in seats if seat)
    return replace(block, rows=(*rows, replace(last, seats=kept)))


def _moved(point: Point, towards: int, by: int) -> Point:
    turned = radians(towards)
    return round(point[0] - by * sin(turned)), round(point[1] + by * cos(turned))
