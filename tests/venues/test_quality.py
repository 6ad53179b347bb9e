"""How good a seat is, and why."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.venues.layouts import layout, row, seat, section
from venues.demo_plans import arena, stadium, theatre
from venues.layout import SeatLayout
from venues.quality import House, View, explained, facing, house_of, quality

HOUSE = House(focal=(1_000, 0), facing=0, nearest=500, farthest=2_500)


def at(x: int, y: int, kind: str = "standard") -> SeatLayout:
    return SeatLayout("1", 1, x, y, kind)


@pytest.mark.parametrize(
    ("spot", "row_order", "expected"),
    [
        ((1_000, 500), 0, 500 + 300 + 200),  # the nearest, straight in front, in the first row
        ((1_000, 1_500), 0, 250 + 300 + 200),  # halfway back
        ((1_000, 2_500), 0, 0 + 300 + 200),  # the front of the balcony
        ((1_000, 1_500), 7, 250 + 300 + 130),
        ((1_000, 1_500), 20, 250 + 300),
        ((1_000, 1_500), 90, 250 + 300),  # no row takes away what it can't give
        ((500, 500), 0, 448 + 150 + 200),  # 45° off
        ((1_500, 500), 0, 448 + 150 + 200),  # as good as its mirror image
        ((500, 0), 0, 500 + 0 + 200),  # beside the stage
        ((1_000, -500), 0, 500 + 0 + 200),  # behind it
        ((1_000, 0), 0, 500 + 300 + 200),  # nearer than the nearest that was measured
        ((1_000, 9_000), 30, 300),  # farther than the farthest
    ],
)
def test_quality_is_nearness_straightness_and_row(spot: tuple[int, int], row_order: int, expected: int) -> None:
    assert quality(at(*spot), row_order, HOUSE) == expected


def test_a_restricted_view_is_worth_half() -> None:
    assert quality(at(1_000, 1_500, "restricted"), 1, HOUSE) == quality(at(1_000, 1_500), 1, HOUSE) // 2 == 370


@settings(deadline=None)
@given(st.integers(0, 100_000), st.integers(0, 100_000), st.integers(0, 32_000), st.sampled_from(["vip", "restricted"]))
def test_every_quality_is_one_that_the_database_takes(x: int, y: int, row_order: int, kind: str) -> None:
    for house in (HOUSE, replace(HOUSE, facing=None), House((0, 0), None)):
        assert 0 <= quality(at(x, y, kind), row_order, house) <= 1_000


@pytest.mark.parametrize(
    ("spot", "view"),
    [
        ((1_000, 710), View(7.1, 0)),
        ((500, 500), View(7.1, 45)),
        ((1_500, 500), View(7.1, 45)),
        ((1_000, -500), View(5.0, 180)),
        ((1_500, 0), View(5.0, 90)),
    ],
)
def test_a_view_is_told_in_metres_and_degrees(spot: tuple[int, int], view: View) -> None:
    assert explained(at(*spot), HOUSE) == view


@pytest.mark.parametrize(
    ("middle", "expected"),
    [
        ((0, 9), 0),
        ((-9, 9), 45),
        ((-9, 0), 90),
        ((-9, -9), 135),
        ((0, -9), 180),
        ((9, -9), 225),
        ((9, 0), 270),
        ((9, 9), 315),
    ],
)
def test_the_centre_line_leads_to_the_middle_of_the_audience(middle: tuple[int, int], expected: int) -> None:
    x, y = (1_000 + 100 * step for step in middle)
    spots = [(x + dx, y + dy) for dx in (-200, 200) for dy in (-200, 200)]
    assert facing((1_000, 1_000), spots) == expected
    assert facing((1_000, 1_000), [*spots, (x + 150, y)]) == expected  # a seat more on one side bends nothing


def test_a_house_around_its_focal_point_has_no_centre_line() -> None:
    spots = [(x, y) for x in (0, 2_000) for y in (0, 2_000)]
    assert facing((1_000, 1_000), spots) is None
    assert facing((1_000, 749), spots) == 0  # an eighth of its length away
    assert facing((1_000, 750), spots) is None
    assert facing((1_000, 1_000), []) is None


def test_a_house_is_measured_by_its_seats() -> None:
    plan = layout(section("S", row("A", seat(1, x=1_000, y=300), seat(2, x=1_000, y=700))), focal=(1_000, 0))
    assert house_of(plan) == House((1_000, 0), 0, 300, 700)
    assert house_of(layout()) == House((500, 0), None, 0, 0)


def test_the_demonstrations_houses_face_where_people_sit() -> None:
    assert [house_of(plan()).facing for plan in (theatre, arena, stadium)] == [0, 0, None]


def test_a_theatres_best_seats_are_in_the_middle_of_the_front() -> None:
    plan = theatre()
    house = house_of(plan)
    of = {
        (section.name, row.name, seat.number): quality(seat, order, house)
        for section in plan.sections
        for order, row in enumerate(section.rows)
        for seat in row.seats
    }
    best = max(of, key=lambda name: of[name])
    worst = min(of, key=lambda name: of[name])
    assert (best[:2], worst[0]) == (("Stalls centre", "A"), "Balcony")
    assert of["Circle", "A", "1"] > of["Stalls centre", "P", "15"]
