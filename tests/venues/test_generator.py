"""Rows from a few numbers: shapes, aisles, names, numbers, outlines, and what is refused."""

from dataclasses import replace
from itertools import pairwise
from math import atan2, degrees, dist, hypot

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.venues.layouts import layout
from venues.generator import Block, Form, Numbering, Pattern, generate, numbers, row_names
from venues.geometry import contains
from venues.layout import Faulty, SectionLayout, advice, problems
from venues.models.plan import validate_shape

STRAIGHT = Pattern(origin=(1_000, 500), rows=3, seats=4, seat_spacing=50, row_spacing=100)
CURVED = replace(STRAIGHT, form=Form.CURVED, origin=(5_000, 1_000), radius=1_000)
ROUND = replace(CURVED, form=Form.ROUND, sweep=90)


def spots(block: Block) -> list[list[tuple[int, int]]]:
    return [[(seat.x, seat.y) for seat in row.seats] for row in block.rows]


def section(block: Block) -> SectionLayout:
    return SectionLayout("S", "", "seated", block.shape, 0, block.rows)


def polar(pattern: Pattern, spot: tuple[int, int]) -> tuple[float, float]:
    """How far from the point that rows bend around, and how many degrees to the right of straight down."""
    x, y = spot[0] - pattern.origin[0], spot[1] - pattern.origin[1]
    return hypot(x, y), degrees(atan2(x, y))


def faulty_fields(pattern: Pattern) -> list[str]:
    with pytest.raises(Faulty) as caught:
        generate(pattern)
    return [problem.where for problem in caught.value.problems]


def test_straight_rows_lie_behind_each_other() -> None:
    block = generate(STRAIGHT)
    assert spots(block) == [[(925, y), (975, y), (1_025, y), (1_075, y)] for y in (500, 600, 700)]
    assert [row.name for row in block.rows] == ["A", "B", "C"]
    assert [[(seat.number, seat.position) for seat in row.seats] for row in block.rows] == [
        [("1", 1), ("2", 2), ("3", 3), ("4", 4)]
    ] * 3
    assert block.shape == ((880, 455), (1_120, 455), (1_120, 745), (880, 745))


@pytest.mark.parametrize(
    ("towards", "first", "last"),
    [
        (0, (925, 500), (1_075, 700)),
        (90, (1_000, 425), (800, 575)),
        (180, (1_075, 500), (925, 300)),
        (270, (1_000, 575), (1_200, 425)),
    ],
)
def test_a_block_may_lie_in_any_direction_and_left_is_left_of_who_sits_there(
    towards: int, first: tuple[int, int], last: tuple[int, int]
) -> None:
    found = spots(generate(replace(STRAIGHT, towards=towards)))
    assert (found[0][0], found[-1][-1]) == (first, last)


def test_rows_may_grow_and_shrink() -> None:
    for growth, counts in ((2, [4, 6, 8]), (1, [4, 5, 6]), (-1, [4, 3, 2])):
        block = generate(replace(STRAIGHT, growth=growth))
        assert [len(row.seats) for row in block.rows] == counts
        assert all(sum(seat.x for seat in row.seats) == 1_000 * len(row.seats) for row in block.rows)


def test_an_aisle_skips_a_position_and_leads_straight_back() -> None:
    block = generate(replace(STRAIGHT, seats=6, growth=2, aisles=(2, 4), aisle_width=100))
    assert spots(block)[0] == [(775, 500), (825, 500), (975, 500), (1_025, 500), (1_175, 500), (1_225, 500)]
    assert [[seat.position for seat in row.seats] for row in block.rows] == [
        [1, 2, 4, 5, 7, 8],
        [1, 2, 3, 5, 6, 8, 9, 10],
        [1, 2, 3, 4, 6, 7, 9, 10, 11, 12],
    ]
    middles = [[seat.x for seat in row.seats if seat.x in (975, 1_025)] for row in block.rows]
    assert middles == [[975, 1_025]] * 3


def test_curved_rows_bend_around_a_point() -> None:
    block = generate(replace(CURVED, seats=9, growth=2))
    for row, line in enumerate(spots(block)):
        places = [polar(CURVED, spot) for spot in line]
        assert [round(radius / 10) for radius, _angle in places] == [100 + 10 * row] * (9 + 2 * row)
        assert sum(angle for _radius, angle in places) == pytest.approx(0, abs=0.5)
        assert [round(dist(a, b)) for a, b in pairwise(line)] == pytest.approx([50] * (8 + 2 * row), abs=1)


def test_a_row_in_the_round_has_as_many_seats_as_fit() -> None:
    block = generate(ROUND)
    assert [len(row.seats) for row in block.rows] == [31, 34, 37]  # a quarter of 2 pi r, divided by 50
    for row in spots(block):
        ends = [polar(ROUND, spot)[1] for spot in (row[0], row[-1])]
        step = 90 / len(row)
        assert ends == pytest.approx([-45 + step / 2, 45 - step / 2], abs=0.1)  # so all rows end in line


def test_a_whole_ring_closes() -> None:
    block = generate(replace(ROUND, origin=(5_000, 5_000), sweep=360, rows=2))
    for row in spots(block):
        steps = [dist(a, b) for a, b in zip(row, [*row[1:], row[0]], strict=True)]
        assert 49 <= min(steps) <= max(steps) < 52.5
    centre, front, behind = (5_000, 5_000), (5_000, 5_900), (5_000, 6_200)
    assert [contains(block.shape, spot) for spot in (centre, front, behind)] == [False] * 3
    assert [problem.text for problem in advice(layout(section(block)))] == ["It has no wheelchair place."]


def test_aisles_of_a_ring_lead_away_from_its_centre() -> None:
    block = generate(replace(ROUND, rows=8, aisles=(9, 17)))
    for row in block.rows:
        line = [(seat.position, polar(ROUND, (seat.x, seat.y))[1]) for seat in row.seats]
        gaps = [(a[1] + b[1]) / 2 for a, b in pairwise(line) if b[0] - a[0] == 2]
        assert gaps == pytest.approx([-15, 15], abs=0.8)


@pytest.mark.parametrize(
    ("numbering", "first", "five", "four"),
    [
        (Numbering.LEFT_TO_RIGHT, 1, [1, 2, 3, 4, 5], [1, 2, 3, 4]),
        (Numbering.LEFT_TO_RIGHT, 101, [101, 102, 103, 104, 105], [101, 102, 103, 104]),
        (Numbering.RIGHT_TO_LEFT, 1, [5, 4, 3, 2, 1], [4, 3, 2, 1]),
        (Numbering.ODD_LEFT, 1, [5, 3, 1, 2, 4], [3, 1, 2, 4]),
        (Numbering.ODD_RIGHT, 1, [4, 2, 1, 3, 5], [4, 2, 1, 3]),
        (Numbering.ODD_LEFT, 11, [15, 13, 11, 12, 14], [13, 11, 12, 14]),
    ],
)
def test_seats_are_counted_in_four_ways(numbering: str, first: int, five: list[int], four: list[int]) -> None:
    assert [numbers(count, numbering, first) for count in (5, 4)] == [five, four]
    block = generate(replace(STRAIGHT, rows=1, seats=5, numbering=numbering, first_number=first))
    assert [seat.number for seat in block.rows[0].seats] == [str(number) for number in five]


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, ["A", "B", "C", "D"]),
        ({"first_row": "G"}, ["G", "H", "J", "K"]),
        ({"first_row": "N"}, ["N", "P", "Q", "R"]),
        ({"first_row": "N", "skipped": ""}, ["N", "O", "P", "Q"]),
        ({"first_row": "A", "skipped": "bc"}, ["A", "D", "E", "F"]),
        ({"first_row": "Y"}, ["Y", "Z", "AA", "AB"]),
        ({"first_row": "AY"}, ["AY", "AZ", "BA", "BB"]),
        ({"first_row": "ZZ"}, ["ZZ", "AAA", "AAB", "AAC"]),
        ({"from_the_back": True}, ["D", "C", "B", "A"]),
        ({"row_names": "numbers", "first_row": "9"}, ["9", "10", "11", "12"]),
        ({"row_names": "numbers", "first_row": "0", "from_the_back": True}, ["3", "2", "1", "0"]),
    ],
)
def test_rows_are_called_by_letters_or_numbers(changes: dict, names: list[str]) -> None:
    assert row_names(replace(STRAIGHT, rows=4, **changes)) == names


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rows": 0}, "rows"),
        ({"rows": 10**9}, "rows"),
        ({"rows": 1.5}, "rows"),
        ({"rows": float("nan")}, "rows"),
        ({"rows": True}, "rows"),
        ({"seats": 0}, "seats"),
        ({"seats": 2_001}, "seats"),
        ({"growth": -2}, "growth"),
        ({"growth": 51}, "growth"),
        ({"seats": 1_950, "growth": 50}, "growth"),
        ({"seat_spacing": 35}, "seat_spacing"),
        ({"row_spacing": "90"}, "row_spacing"),
        ({"towards": 360}, "towards"),
        ({"towards": -1}, "towards"),
        ({"form": "spiral"}, "form"),
        ({"row_names": "planets"}, "row_names"),
        ({"numbering": "random"}, "numbering"),
        ({"first_number": -1}, "first_number"),
        ({"first_number": 2, "numbering": "odd_left"}, "first_number"),
        ({"first_row": ""}, "first_row"),
        ({"first_row": "I"}, "first_row"),
        ({"first_row": "a"}, "first_row"),
        ({"first_row": "Ä"}, "first_row"),
        ({"first_row": "1"}, "first_row"),
        ({"first_row": "AAAAA"}, "first_row"),
        ({"first_row": "A", "row_names": "numbers"}, "first_row"),
        ({"first_row": "２", "row_names": "numbers"}, "first_row"),
        ({"first_row": "99999", "row_names": "numbers"}, "first_row"),
        ({"skipped": "ABCDEFGHIJKLMNOPQRSTUVWXY"}, "skipped"),
        ({"aisles": (0,)}, "aisles"),
        ({"aisles": (4,)}, "aisles"),
        ({"aisles": (2, 2)}, "aisles"),
        ({"aisles": (3, 1)}, "aisles"),
        ({"aisles": (1,), "growth": -1}, "aisles"),
        ({"aisles": (1.5,)}, "aisles"),
        ({"aisles": tuple(range(1, 22)), "seats": 100}, "aisles"),
        ({"aisle_width": -1}, "aisle_width"),
        ({"margin": -1}, "margin"),
        ({"origin": (50, 500)}, "origin"),
        ({"origin": (1_000, 99_900)}, "origin"),
        ({"origin": (float("inf"), 0)}, "origin"),
        ({"form": Form.CURVED}, "radius"),
        ({"form": Form.ROUND, "radius": 0}, "radius"),
        ({"form": Form.ROUND, "radius": 1_000, "sweep": 361}, "sweep"),
        ({"form": Form.ROUND, "radius": 1_000, "sweep": 1}, "sweep"),
        ({"form": Form.CURVED, "radius": 1_000, "seats": 126}, "seats"),
        ({"form": Form.ROUND, "radius": 1_000, "origin": (5_000, 1_000), "aisles": (31,)}, "aisles"),
    ],
)
def test_a_pattern_that_makes_no_rows_names_its_field(changes: dict, field: str) -> None:
    """R50"""
    assert faulty_fields(replace(STRAIGHT, **changes)) == [field]


def test_what_nearly_failed_is_made() -> None:
    for pattern in (
        replace(STRAIGHT, growth=-1),
        replace(STRAIGHT, aisles=(1, 2, 3)),
        replace(CURVED, origin=(5_000, 5_000), seats=125, rows=1),
        replace(ROUND, origin=(5_000, 5_000), sweep=360, rows=1),
        replace(STRAIGHT, first_row="AAAA", skipped="CDEFGHIJKLMNOPQRSTUVWXYZ"),
    ):
        assert problems(layout(section(generate(pattern)))) == []


patterns = st.builds(
    Pattern,
    origin=st.just((50_000, 50_000)),
    rows=st.integers(1, 12),
    form=st.sampled_from(list(Form)),
    seats=st.integers(4, 40),
    growth=st.integers(0, 3),
    seat_spacing=st.integers(45, 80),
    row_spacing=st.integers(60, 120),
    towards=st.integers(0, 359),
    radius=st.integers(1_500, 5_000),
    sweep=st.integers(30, 360),
    aisles=st.sampled_from([(), (2,), (1, 3)]),
    row_names=st.just("letters"),
    from_the_back=st.booleans(),
    numbering=st.sampled_from(list(Numbering)),
)


@settings(deadline=None, max_examples=50)
@given(patterns)
def test_what_comes_out_can_be_published_as_it_is(pattern: Pattern) -> None:
    block = generate(pattern)
    assert generate(pattern) == block
    plan = layout(section(block))
    assert problems(plan) == []
    assert [problem.text for problem in advice(plan)] == ["It has no wheelchair place."]  # so no seat is outside
    validate_shape([list(corner) for corner in block.shape])
