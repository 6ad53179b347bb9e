"""The houses of the demonstration can be published as they are, and look as houses do."""

from collections import Counter
from collections.abc import Callable
from itertools import combinations

import pytest

from venues.demo_plans import arena, stadium, theatre
from venues.geometry import contains
from venues.layout import Layout, advice, document, parse, problems
from venues.models.plan import validate_shape


@pytest.mark.parametrize(
    ("plan", "seats", "standing", "sections"),
    [(theatre, 1_248, 0, 13), (arena, 9_523, 2_000, 31), (stadium, 60_215, 0, 82)],
)
def test_a_house_is_as_large_as_it_says(plan: Callable[[], Layout], seats: int, standing: int, sections: int) -> None:
    made = plan()
    assert (sum(1 for _seat in made.seats()), made.places, len(made.sections)) == (seats, seats + standing, sections)


@pytest.mark.parametrize("plan", [theatre, arena, stadium])
def test_a_house_has_neither_problems_nor_advice_and_is_the_same_each_time(plan: Callable[[], Layout]) -> None:
    made = plan()
    assert (problems(made), advice(made)) == ([], [])
    assert parse(document(made)) == made == plan()
    for section in made.sections:
        validate_shape([list(corner) for corner in section.shape])


@pytest.mark.parametrize("plan", [theatre, arena, stadium])
def test_no_section_reaches_into_another(plan: Callable[[], Layout]) -> None:
    for a, b in combinations(plan().sections, 2):
        assert not any(contains(a.shape, corner) for corner in b.shape), (a.name, b.name)
        assert not any(contains(b.shape, corner) for corner in a.shape), (a.name, b.name)


@pytest.mark.parametrize("plan", [theatre, arena, stadium])
def test_a_house_is_the_same_on_both_sides(plan: Callable[[], Layout]) -> None:
    made = plan()
    seats = Counter((seat.x > made.focal[0]) - (seat.x < made.focal[0]) for _section, _row, seat in made.seats())
    assert abs(seats[1] - seats[-1]) <= 2


def test_a_theatre_has_seats_of_every_type() -> None:
    """U17"""
    types = Counter(seat.type for _section, _row, seat in theatre().seats())
    assert types == {"standard": types["standard"], "vip": 63, "wheelchair": 4, "companion": 4, "restricted": 46}
    assert {section.tier for section in theatre().sections} == {"Stalls", "Boxes", "Circle", "Balcony"}
