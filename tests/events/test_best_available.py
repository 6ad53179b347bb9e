"""The best seats, held against a search through all possibilities, which shares no code with what it judges."""

from collections.abc import Iterable
from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from events.best_available import Best, Free, Step, Together, best, single_gaps, tidier

Seats = frozenset[Free]
MANY = settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


# --- All possibilities ----------------------------------------------------------------------------


def beside(one: Free, other: Free) -> bool:
    """Whether nobody and no aisle is between two seats."""
    return one[1:3] == other[1:3] and abs(one.position - other.position) == 1


def groups(seats: Iterable[Free]) -> list[list[Free]]:
    """Split seats into those that sit side by side."""
    found: list[list[Free]] = []
    for each in sorted(seats, key=lambda each: each[1:4]):
        if found and beside(found[-1][-1], each):
            found[-1].append(each)
        else:
            found.append([each])
    return found


def alone(seats: Iterable[Free]) -> set[Free]:
    """Seats without another one of these beside them."""
    return {group[0] for group in groups(seats) if len(group) == 1}


def value(seats: Iterable[Free]) -> int:
    return sum(each.quality for each in seats)


def is_in_two_rows(seats: Seats) -> bool:
    if len(groups(seats)) != 2:
        return False
    (front, back) = sorted(groups(seats), key=lambda group: group[0].row_order)
    return (
        front[0].section == back[0].section
        and front[0].row_order + 1 == back[0].row_order
        and min((a.x - b.x) ** 2 + (a.y - b.y) ** 2 for a in front for b in back) <= 150**2
    )


def smallest_group(seats: Seats) -> int:
    return min(map(len, groups(seats)))


def all_ways(free: set[Free], count: int, together: Together, avoid_gaps: bool) -> tuple[Step, list[Seats]] | None:
    """The first step that has an answer, and all answers that are as good as any."""
    ways = [frozenset(chosen) for chosen in combinations(sorted(free), count)]
    row = [chosen for chosen in ways if len(groups(chosen)) == 1]
    if avoid_gaps and (tidy := [chosen for chosen in row if not alone(free - chosen) - alone(free)]):
        return Step.TOGETHER, most_valued(tidy)
    if row:
        return Step.TOGETHER_LEAVING_A_GAP if avoid_gaps else Step.TOGETHER, most_valued(row)
    if together is Together.ROW:
        return None
    if two := [chosen for chosen in ways if is_in_two_rows(chosen)]:
        return Step.TWO_ROWS, most_valued([chosen for chosen in two if smallest_group(chosen) > 1] or two)
    if together is Together.SECTION:
        ways = [chosen for chosen in ways if len({each.section for each in chosen}) == 1]
    fewest = min((len(groups(chosen)) for chosen in ways), default=0)
    least = [chosen for chosen in ways if len(groups(chosen)) == fewest]
    return (Step.GROUPS, [way for way in least if smallest_group(way) > 1] or least) if least else None


def most_valued(ways: list[Seats]) -> list[Seats]:
    most = max(map(value, ways))
    return [chosen for chosen in ways if value(chosen) == most]


# --- Small houses ---------------------------------------------------------------------------------

ROWS = st.lists(st.sampled_from("fffff_xt"), min_size=1, max_size=8).map("".join)


@st.composite
def houses(draw: st.DrawFn) -> set[Free]:
    """
    At most three rows of two sections with at most twelve seats: f free, x taken, _ an aisle, t free but far behind.

    Rows begin where they like.
    """
    free: set[Free] = set()
    qualities = st.integers(0, draw(st.sampled_from([0, 2, 9])))
    for number, kinds in enumerate(draw(st.lists(ROWS, min_size=1, max_size=3))):
        section, row_order = draw(st.sampled_from([(1, number), (1, number), (2, number)]))
        begins = draw(st.sampled_from([0, 0, 120, 300]))
        for position, kind in enumerate(kinds, start=1):
            if kind in "ft" and len(free) < 12:
                y = 90 * number + (500 if kind == "t" else 0)
                place = 100 - len(free)
                free.add(Free(place, section, row_order, position, draw(qualities), begins + 50 * position, y))
    return free


WISHES = st.fixed_dictionaries({"together": st.sampled_from(Together), "avoid_gaps": st.booleans()})


def seats_of(answer: Best) -> Seats:
    return frozenset(each for group in answer.groups for each in group)


@given(free=houses(), count=st.integers(1, 5), wish=WISHES, seed=st.sampled_from(["", "a", "b", "c"]))
@MANY
def test_the_answer_is_one_of_the_best_of_the_first_step_that_has_any(
    free: set[Free], count: int, wish: dict, seed: str
) -> None:
    """U16: the step of the cascade, the best by quality, as few groups as can be, and nobody alone in vain."""
    expected = all_ways(free, count, **wish)
    answer = best(free, count, seed=seed, **wish)
    if expected is None or answer is None:
        assert (answer, expected) == (None, None)
        return
    assert answer.step == expected[0]
    assert seats_of(answer) in expected[1]
    assert len(answer.places) == len(set(answer.places)) == count
    assert sorted(map(len, answer.groups)) == sorted(map(len, groups(seats_of(answer))))
    assert all(beside(one, other) for group in answer.groups for one, other in pairwise(group))


@given(free=houses(), count=st.integers(1, 5), wish=WISHES, order=st.randoms(), seed=st.text(max_size=3))
@MANY
def test_the_same_house_wish_and_seed_have_the_same_answer(
    free: set[Free], count: int, wish: dict, order: object, seed: str
) -> None:
    shuffled = sorted(free)
    order.shuffle(shuffled)
    assert best(shuffled, count, seed=seed, **wish) == best(free, count, seed=seed, **wish)


@given(free=houses(), count=st.integers(1, 4), slack=st.integers(0, 9), seed=st.sampled_from("abcdef"))
@MANY
def test_slack_allows_for_so_much_less_and_no_more(free: set[Free], count: int, slack: int, seed: str) -> None:
    strict, loose = best(free, count), best(free, count, slack=slack, seed=seed)
    if strict is None or loose is None:
        assert strict == loose
        return
    assert loose.step == strict.step
    if strict.step in (Step.TOGETHER, Step.TOGETHER_LEAVING_A_GAP):
        assert value(seats_of(loose)) >= value(seats_of(strict)) - slack * count


def row_of(length: int, *, row_order: int = 0, quality: int = 7, first: int = 1) -> list[Free]:
    return [Free(first + at, 1, row_order, at + 1, quality, 50 * (at + 1), 90 * row_order) for at in range(length)]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_an_empty_house_has_no_answer(count: int) -> None:
    assert best([], count) is None


def test_one_seat_is_for_one(noon: object) -> None:
    (only,) = row_of(1)
    assert best([only], 1) == Best(Step.TOGETHER, ((only,),))
    assert best([only], 2) is None


@pytest.mark.parametrize("together", Together)
def test_more_people_than_seats_have_no_answer(together: Together) -> None:
    house = row_of(6) + row_of(5, row_order=1, first=20)
    assert best(house, 12, together=together) is None
    assert (best(house, 11, together=together) is None) == (together is Together.ROW)


def test_fewer_groups_come_before_better_seats() -> None:
    """Also where another section has better ones."""
    pairs = [each for each in row_of(5) if each.position != 3]
    scattered = [each._replace(section=2) for each in row_of(5, quality=99, first=50) if each.position % 2]
    answer = best(pairs + scattered, 3, together=Together.SECTION)
    assert answer is not None
    assert (answer.step, {each.section for group in answer.groups for each in group}) == (Step.GROUPS, {1})


def test_two_groups_are_near_each_other_up_to_a_metre_and_a_half() -> None:
    """Also where one row begins beside the other's end: 120 cm aside and 90 behind."""
    front = row_of(2)
    back = [each._replace(x=each.x + 170) for each in row_of(2, row_order=1, first=50)]
    farther = [each._replace(x=each.x + 1) for each in back]
    for behind, step in ((back, Step.TWO_ROWS), (farther, Step.GROUPS)):
        for rows in (front + behind, [each._replace(x=9_999 - each.x) for each in front + behind]):
            answer = best(rows, 4)
            assert answer is not None
            assert answer.step == step


def test_seeds_spread_buyers_over_all_equals() -> None:
    """A crowd doesn't all run for the same seats."""
    house = row_of(10)
    starts = {best(house, 2, avoid_gaps=False, seed=str(seed)).groups[0][0].position for seed in range(200)}
    assert starts == set(range(1, 10))


def test_without_slack_no_seed_takes_a_worse_seat() -> None:
    house = row_of(9, quality=5) + row_of(2, row_order=2, quality=6, first=50)
    assert {tuple(best(house, 2, seed=str(seed)).places) for seed in range(50)} == {(50, 51)}


def block(rows: int, blocks: int, width: int, *, quality: bool) -> list[Free]:
    """A large house of rows of blocks, with aisles between them."""
    seats = blocks * width
    return [
        Free(row * seats + at, 1, row, column, (1_000 - row - abs(at - seats // 2)) * quality, 50 * column, 90 * row)
        for row in range(rows)
        for at in range(seats)
        for column in [at + at // width]
    ]


@pytest.mark.parametrize("quality", [True, False], ids=["graded", "all alike"])
@pytest.mark.parametrize(
    ("width", "count", "step"),
    [
        (100, 4, Step.TOGETHER),
        (5, 6, Step.TWO_ROWS),
        (9, 10, Step.TWO_ROWS),
        (3, 10, Step.GROUPS),
        (1, 10, Step.GROUPS),
    ],
)
def test_twenty_thousand_free_seats_have_an_answer_at_every_step(
    width: int, count: int, step: Step, quality: bool
) -> None:
    """No step looks at all pairs of a large house: this would not end."""
    house = block(200, 100 // width, width, quality=quality)
    assert len(house) >= 19_800
    answer = best(house, count)
    assert answer is not None
    assert (answer.step, len(set(answer.places))) == (step, count)


def test_where_no_two_rows_meet_nobody_looks_at_all_pairs() -> None:
    """Every other row is free at the other side only."""
    house = [each for each in block(400, 11, 9, quality=True) if (each.x < 2_000) == (each.row_order % 2 == 0)]
    far = [each for each in house if not 1_700 < each.x < 2_300]
    answer = best(far, 10)
    assert answer is not None
    assert (answer.step, sorted(map(len, answer.groups))) == (Step.GROUPS, [2, 8])


# --- Single gaps ----------------------------------------------------------------------------------


@st.composite
def choices(draw: st.DrawFn) -> tuple[set[int], set[int]]:
    """The free positions of a row, and which of them somebody chose."""
    free = draw(st.sets(st.integers(1, 12), min_size=1))
    return free, draw(st.sets(st.sampled_from(sorted(free)), min_size=1, max_size=5))


def left_alone(free: set[int], chosen: set[int]) -> set[int]:
    """Positions that lose their last free neighbour."""
    return {
        each for each in free - chosen if {each - 1, each + 1} & free and not {each - 1, each + 1} & (free - chosen)
    }


def moves(free: set[int], chosen: set[int]) -> dict[frozenset[int], int]:
    """Every way to move one group of a choice along the row, and by how much."""
    found: dict[frozenset[int], int] = {}
    for first in sorted(chosen):
        if first - 1 in chosen:
            continue
        group = {first}
        while max(group) + 1 in chosen:
            group.add(max(group) + 1)
        for by in range(-12, 13):
            moved = {each + by for each in group}
            if by and moved <= free - (chosen - group):
                way = frozenset(chosen - group | moved)
                found[way] = min(abs(by), found.get(way, 99))
    return found


@given(choices())
@MANY
def test_a_single_gap_is_a_seat_that_loses_its_last_free_neighbour(choice: tuple[set[int], set[int]]) -> None:
    assert single_gaps(*choice) == left_alone(*choice)


@given(choices())
@example(({1, 2, 3, 4, 5}, {2, 3}))
@MANY
def test_what_is_offered_instead_is_the_nearest_of_the_tidiest_moves(choice: tuple[set[int], set[int]]) -> None:
    """U16: a choice is refused only if there is a better way, and that way is named."""
    free, chosen = choice
    gaps = {way: len(left_alone(free, set(way))) for way in moves(free, chosen)}
    fewest = min(gaps.values(), default=99)
    instead = tidier(free, chosen)
    if fewest >= len(left_alone(free, chosen)):
        assert instead is None
        return
    tidiest = {way: by for way, by in moves(free, chosen).items() if gaps[way] == fewest}
    assert instead is not None
    assert tidiest[frozenset(instead)] == min(tidiest.values())


@given(choices())
@MANY
def test_who_takes_what_is_offered_is_not_sent_on_for_the_same_group(choice: tuple[set[int], set[int]]) -> None:
    """Following the advice never leaves more alone, and comes to an end."""
    free, chosen = choice
    assume(tidier(free, chosen))
    seen = [len(left_alone(free, chosen))]
    while instead := tidier(free, chosen):
        chosen = instead
        seen.append(len(left_alone(free, chosen)))
    assert seen == sorted(set(seen), reverse=True)
