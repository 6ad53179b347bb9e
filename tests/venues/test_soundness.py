"""What keeps a plan from being published, what keeps it from being saved at all, and what is only advised."""

import time
from dataclasses import replace

import pytest

from tests.venues.layouts import SHAPE, layout, moved, row, seat, section, small, standing
from venues.layout import (
    CLOSEST,
    COMPANIONS_REACH,
    Layout,
    RowLayout,
    SeatLayout,
    SectionLayout,
    advice,
    contradictions,
    problems,
)


def told(found: list) -> list[str]:
    return [str(problem) for problem in found]


def test_a_sound_plan_has_neither_problems_nor_advice() -> None:
    assert (problems(small(), capacity=207), contradictions(small()), advice(small())) == ([], [], [])


CONTRADICTIONS: list[tuple[SectionLayout | list[SectionLayout], str]] = [
    (
        [section("A", row("A", 1)), moved(section("A", row("A", 1)), 500)],
        "A: Two sections have this name.",
    ),
    (section("S", row("A", 1), row("A", 2)), "S, row A: Two rows of this section have this name."),
    (
        section("S", row("A", 1, seat(2, number="1"))),
        "S, row A, seat 1: Two seats of this row have this number.",
    ),
    (section("S", row("A", 1, seat(2, position=1))), "S, row A: Two seats are at position 1."),
    ([standing("Floor", 0), section("S", row("A", 1))], "Floor: Say how many people may stand here."),
    (standing("Floor", 5, rows=(row("A", 1),)), "Floor: A section to stand in has no rows of seats."),
    (
        section("S", row("A", 1), capacity=5),
        "S: Only sections to stand in have a number of places of their own.",
    ),
    (
        section("S", row("A", 1, seat(2, type="companion"))),
        "S, row A, seat 2: Say which wheelchair place of this section it accompanies.",
    ),
    (
        section("S", row("A", 1, seat(2, type="companion", companion_of=("B", "1")))),
        "S, row A, seat 2: Say which wheelchair place of this section it accompanies.",
    ),
    (
        section("S", row("A", 1, seat(2, type="companion", companion_of=("A", "2")))),
        "S, row A, seat 2: Say which wheelchair place of this section it accompanies.",
    ),
    (
        section("S", row("A", seat(1, type="wheelchair"), seat(2, companion_of=("A", "1")))),
        "S, row A, seat 2: Only a companion's seat accompanies another.",
    ),
]


@pytest.mark.parametrize(("sections", "sentence"), CONTRADICTIONS)
def test_what_contradicts_itself_can_neither_be_saved_nor_published(
    sections: SectionLayout | list[SectionLayout], sentence: str
) -> None:
    plan = layout(*(sections if isinstance(sections, list) else [sections]))
    assert told(contradictions(plan)) == [sentence]
    assert told(problems(plan)) == [sentence]


def test_the_same_row_and_number_may_be_in_two_sections() -> None:
    assert problems(layout(section("A", row("A", 1)), moved(section("B", row("A", 1)), 500))) == []


def beside(distance_x: int, distance_y: int = 0) -> Layout:
    """A wheelchair place and its companion so far from it."""
    place = seat(1, x=500, y=500, type="wheelchair")
    companion = seat(2, x=500 + distance_x, y=500 + distance_y, type="companion", companion_of=("A", "1"))
    return layout(section("S", row("A", place, companion)))


def test_a_companion_sits_within_reach() -> None:
    """U17"""
    assert COMPANIONS_REACH == 150
    assert problems(beside(150)) == problems(beside(90, 120)) == []
    for far in (beside(151), beside(90, 121), beside(-151)):
        assert told(problems(far)) == ["S, row A, seat 2: It is more than 150 cm away from its wheelchair place."]
        assert contradictions(far) == []


def test_a_companion_accompanies_a_wheelchair_place() -> None:
    plan = layout(section("S", row("A", 1, seat(2, type="companion", companion_of=("A", "1")))))
    assert told(problems(plan)) == ["S, row A, seat 2: What it accompanies is no wheelchair place."]


@pytest.mark.parametrize(("dx", "dy"), [(35, 0), (0, 35), (-35, 0), (0, -35), (21, 28), (-21, -28)])
def test_seats_may_be_as_close_as_35_cm_and_no_closer(dx: int, dy: int) -> None:
    assert CLOSEST == 35
    nearer = [(abs(step) - 1) * (1 if step > 0 else -1) if step else 0 for step in (dx, dy)]
    for (x, y), sentences in (
        ((dx, dy), []),
        (nearer, ["S, row A, seat 2: It is closer than 35 cm to another seat: S, row A, seat 1."]),
    ):
        plan = layout(section("S", row("A", seat(1, x=490, y=490), seat(2, x=490 + x, y=490 + y))))
        assert told(problems(plan)) == sentences
        assert contradictions(plan) == []


def test_seats_of_two_sections_overlap_too() -> None:
    plan = layout(section("A", row("A", 1)), section("B", row("A", seat(1, x=60))))
    assert told(problems(plan)) == ["B, row A, seat 1: It is closer than 35 cm to another seat: A, row A, seat 1."]


def test_overlaps_are_those_that_comparing_every_pair_finds() -> None:
    """The grid neither misses nor invents any, wherever the seats lie on it."""
    spots = [(x * 29 % 251, x * 53 % 241) for x in range(60)]
    found = set()
    kept: list[tuple[int, int]] = []
    for number, (x, y) in enumerate(spots):
        if any((x - a) ** 2 + (y - b) ** 2 < 35**2 for a, b in kept):
            found.add(str(number))
        else:
            kept.append((x, y))
    seats = (seat(number, x=x, y=y) for number, (x, y) in enumerate(spots))
    plan = layout(section("S", row("A", *seats)))
    assert {problem.where.removeprefix("S, row A, seat ") for problem in problems(plan)} == found
    assert len(found) > 20


def test_an_empty_plan_has_nothing_to_publish() -> None:
    for plan in (layout(), layout(section("S"))):
        assert told(problems(plan)) == ["The plan: It has no places yet."]


def test_a_plan_has_no_more_places_than_the_venue_holds() -> None:
    assert small().places == 207
    assert problems(small(), capacity=207) == problems(small()) == []
    assert told(problems(small(), capacity=206)) == ["The plan: It has 207 places, and the venue holds 206 people."]


def test_an_odd_plan_is_published_with_advice() -> None:
    outside = section("Low", row("A", seat(1, y=1_001), seat(2, y=1_001)))
    one = section("One", row("A", 1, seat(2, x=1_001)))
    plan = layout(outside, section("None"), one)
    assert told(advice(plan)) == [
        "Low, row A, seat 1: 2 seats lie outside of the section's outline, the first of them here.",
        "None: It has no seats.",
        "One, row A, seat 2: 1 seat lies outside of the section's outline.",
        "The plan: It has no wheelchair place.",
    ]
    assert problems(plan) == []


def test_a_seat_on_the_outline_is_in_it() -> None:
    corner = seat(1, x=0, y=0, type="wheelchair")
    assert advice(layout(section("S", row("A", corner, seat(2, x=1_000), seat(3, x=0))))) == []


def piled(count: int) -> Layout:
    """So many seats in one spot."""
    seats = tuple(SeatLayout(str(number), number, 500, 500) for number in range(count))
    return layout(section("S", RowLayout("A", seats)))


def test_nobody_is_told_more_than_a_hundred_problems() -> None:
    assert len(problems(piled(500))) == 100
    twice = replace(piled(500).sections[0].rows[0], seats=(seat(1),) * 2)
    rows = tuple(replace(twice, name=str(number)) for number in range(500))
    assert len(contradictions(layout(section("S", *rows)))) == 100


def test_sixty_thousand_seats_are_checked_within_five_seconds() -> None:
    """Also where they all lie in one spot, which would be two milliard pairs."""
    rows = (RowLayout(str(r), tuple(SeatLayout(str(n), n, 40 * n, 80 * r) for n in range(600))) for r in range(100))
    apart = layout(section("S", *rows, shape=SHAPE))
    for plan, count in ((apart, 0), (piled(60_000), 100)):
        began = time.perf_counter()
        assert len(problems(plan)) == count
        assert time.perf_counter() - began < 5
