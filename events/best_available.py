"""
The best places for so many people, among those that are free.

A fixed cascade, each step only if the one before finds nothing: together in one row without leaving a single
seat between others; together in one row; in two rows one behind the other; in groups. Within a step the better
seats win (the sum of `venues.quality`), and among equals the seed decides, so the same house, wish and seed have
the same answer. Pure: a test holds it against a search through all possibilities.
"""

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from operator import itemgetter
from typing import NamedTuple

BEHIND = 150
"""Centimetres between two groups in neighbouring rows, at most, for people who want to be near each other."""
EQUALS = 500
"""Among so many equally good pairs of rows chance decides; a large house may have millions."""


class Free(NamedTuple):
    """A place that could be had."""

    place: int
    section: int
    row_order: int
    position: int
    quality: int
    x: int
    y: int


type Block = tuple[Free, ...]
"""Neighbours in one row, in their order."""


class Together(StrEnum):
    """How near to each other people want to sit, at least."""

    ROW = "row"
    SECTION = "section"
    ANYWHERE = "anywhere"


class Step(StrEnum):
    """Which step of the cascade found the places."""

    TOGETHER = "together"
    TOGETHER_LEAVING_A_GAP = "together_leaving_a_gap"
    TWO_ROWS = "two_rows"
    GROUPS = "groups"


@dataclass(frozen=True, slots=True)
class Best:
    """The places found, in groups of neighbours, and by which step."""

    step: Step
    groups: tuple[Block, ...]

    @property
    def places(self) -> list[int]:
        """Their ids."""
        return [each.place for group in self.groups for each in group]


def best(
    free: Iterable[Free],
    count: int,
    *,
    together: Together = Together.ANYWHERE,
    avoid_gaps: bool = True,
    seed: str = "",
    slack: int = 0,
) -> Best | None:
    """
    Return the best `count` of the free places, or None if they can't be had as near to each other as asked.

    Places whose quality is up to `slack` worse for each count as equally good: a crowd that wants the same ones
    spreads out.
    """
    chance = random.Random(seed)  # noqa: S311 - a fair choice among equals, and no secret
    for step, found in _cascade(list(_runs(free)), count, together, avoid_gaps, slack):
        if found:
            return Best(step, found[chance.randrange(len(found))])
    return None


def _cascade(
    runs: list[Block], count: int, together: Together, avoid_gaps: bool, slack: int
) -> Iterator[tuple[Step, list[tuple[Block, ...]]]]:
    """Yield each step with its best answers, all of them equally good."""
    if avoid_gaps:
        yield Step.TOGETHER, _best_windows(runs, count, leave_gaps=False, slack=slack)
    yield (Step.TOGETHER_LEAVING_A_GAP if avoid_gaps else Step.TOGETHER), _best_windows(runs, count, slack=slack)
    if together is not Together.ROW:
        yield Step.TWO_ROWS, _best_of(_two_rows(runs, count))
        yield Step.GROUPS, _best_of(_groups(runs, count, together))


def _best_windows(
    runs: Iterable[Block], count: int, *, leave_gaps: bool = True, slack: int = 0
) -> list[tuple[Block, ...]]:
    """Slide along each run; return the windows of the greatest quality, or up to so much less for each seat."""
    allowed, least = slack * count, 0
    rated = []
    for run in runs:
        for start, quality in _slide(run, count):
            if quality >= least and (leave_gaps or not leaves_single(len(run), start, count)):
                rated.append((quality, run, start))
                least = max(least, quality - allowed)
    return [(run[start : start + count],) for quality, run, start in rated if quality >= least]


def _slide(run: Block, count: int) -> Iterator[tuple[int, int]]:
    """Yield each start of a window in a run with the window's quality."""
    last = len(run) - count
    quality = sum(each.quality for each in run[:count])
    for start in range(last + 1):
        yield start, quality
        if start < last:
            quality += run[start + count].quality - run[start].quality


def leaves_single(length: int, start: int, count: int) -> bool:
    """Whether taking `count` seats from `start` on leaves one alone, of a run of free neighbours of this length."""
    return start == 1 or length - start - count == 1


def _best_of(found: Sequence[tuple[Block, ...]]) -> list[tuple[Block, ...]]:
    most = max(map(_quality, found), default=0)
    return [groups for groups in found if _quality(groups) == most]


def _quality(groups: tuple[Block, ...]) -> int:
    return sum(each.quality for group in groups for each in group)


def _runs(free: Iterable[Free]) -> Iterator[Block]:
    """Yield the free seats in runs of neighbours, front to back and along each row."""
    ordered = sorted(free, key=itemgetter(1, 2, 3))  # section, row and position: three times as fast as by name
    run: list[Free] = []
    for each in ordered:
        if run and not _neighbours(run[-1], each):
            yield tuple(run)
            run = []
        run.append(each)
    if run:
        yield tuple(run)


def _neighbours(one: Free, next_one: Free) -> bool:
    return (
        one.section == next_one.section
        and one.row_order == next_one.row_order
        and one.position + 1 == next_one.position
    )


class Framed(NamedTuple):
    """A run with the frame around it."""

    run: Block
    left: int
    right: int
    top: int
    bottom: int

    @classmethod
    def of(cls, run: Block) -> "Framed":
        xs, ys = [each.x for each in run], [each.y for each in run]
        return cls(run, min(xs), max(xs), min(ys), max(ys))

    def may_meet(self, other: "Framed") -> bool:
        """Whether a seat of one can be near a seat of the other at all."""
        return (
            self.left - BEHIND <= other.right
            and other.left - BEHIND <= self.right
            and self.top - BEHIND <= other.bottom
            and other.top - BEHIND <= self.bottom
        )


def _two_rows(runs: list[Block], count: int) -> list[tuple[Block, ...]]:
    """Two groups, one behind the other; nobody alone if that can be had."""
    rows: dict[tuple[int, int], list[Framed]] = {}
    for run in runs:
        rows.setdefault((run[0].section, run[0].row_order), []).append(Framed.of(run))
    pairs = [
        (front.run, back.run)
        for (section, row_order), fronts in rows.items()
        for front, back in product(fronts, rows.get((section, row_order + 1), []))
        if len(front.run) + len(back.run) >= count and front.may_meet(back)
    ]
    sociable = _best_pairs(pairs, count, range(2, count - 1))
    return sociable or _best_pairs(pairs, count, {1, count - 1} - {0})


def _best_pairs(pairs: list[tuple[Block, Block]], count: int, front_sizes: Collection[int]) -> list[tuple[Block, ...]]:
    """Of two groups in runs of neighbouring rows the best: first where most can be hoped for, until it is surpassed."""
    rated = _Rated()
    hopes = [
        (fronts[0][0] + backs[0][0], fronts, backs)
        for front, back in pairs
        for size in front_sizes
        if (fronts := rated.windows(front, size)) and (backs := rated.windows(back, count - size))
    ]
    most, found = 0, list[tuple[Block, ...]]()
    for hope, fronts, backs in sorted(hopes, key=lambda each: -each[0]):
        if hope < most or len(found) >= EQUALS:
            break
        for quality, pair in _near_pairs(fronts, backs, most):
            if quality > most:
                most, found = quality, []
            found.append(pair)
    return found


type Rated = list[tuple[int, Block]]
"""Windows with their quality, the best first."""


class _Rated(dict[tuple[int, int], Rated]):
    """The windows of runs, rated once, by the run's first place and by size."""

    def windows(self, run: Block, size: int) -> Rated:
        key = (run[0].place, size)
        if key not in self:
            found = [(quality, run[start : start + size]) for start, quality in _slide(run, size)]
            self[key] = sorted(found, key=lambda each: -each[0])
        return self[key]


def _near_pairs(fronts: Rated, backs: Rated, least: int) -> Iterator[tuple[int, tuple[Block, ...]]]:
    """Yield pairs that are near each other, but none worse than one before or than `least`."""
    for front_quality, front in fronts:
        if front_quality + backs[0][0] < least:
            return
        for back_quality, back in backs:
            quality = front_quality + back_quality
            if quality < least:
                break
            if _are_near(front, back):
                least = quality
                yield quality, (front, back)


def _are_near(front: Block, back: Block) -> bool:
    return any((a.x - b.x) ** 2 + (a.y - b.y) ** 2 <= BEHIND**2 for a in front for b in back)


def _groups(runs: list[Block], count: int, together: Together) -> list[tuple[Block, ...]]:
    """As few groups as can be, the largest first; in one section if that is asked for."""
    if together is Together.ANYWHERE:
        houses = [runs]
    else:
        sections: dict[int, list[Block]] = {}
        for run in runs:
            sections.setdefault(run[0].section, []).append(run)
        houses = list(sections.values())
    found = [groups for house in houses if (groups := _fewest(house, count))]
    fewest = min(map(len, found), default=0)
    return [groups for groups in found if len(groups) == fewest]


def _fewest(runs: list[Block], count: int) -> tuple[Block, ...] | None:
    """
    Take whole runs, the longest first, until the rest fits into one.

    No other choice needs fewer groups; nobody is left to sit alone where the group before can spare one.
    """
    if sum(map(len, runs)) < count:
        return None
    left = sorted(runs, key=lambda run: (-len(run), -_quality((run,)) // len(run), run))
    groups: list[Block] = []
    while count:
        size = min(count, len(left[0]))
        if count - size == 1 and size > 2 and len(left) > 1 and len(left[1]) > 1:
            size -= 1
        run = max((run for run in left if len(run) >= size), key=lambda run: _quality((_best_window(run, size),)))
        groups.append(_best_window(run, size))
        left.remove(run)
        count -= size
    return tuple(groups)


def _best_window(run: Block, size: int) -> Block:
    return _best_windows([run], size)[0][0]


def single_gaps(free: Iterable[int], chosen: Iterable[int]) -> set[int]:
    """
    Return which free positions of a row would be left alone between others by this choice, and weren't before.

    Positions count along the row and skip one where an aisle is, so a seat at an aisle has a neighbour at most.
    """
    before = set(free)
    after = before - set(chosen)
    touched = {position + side for position in chosen for side in (-1, 1)}
    alone = {each for each in after if each - 1 not in after and each + 1 not in after}
    return {each for each in alone & touched if each - 1 in before or each + 1 in before}


def tidier(free: Iterable[int], chosen: Iterable[int]) -> set[int] | None:
    """
    Return positions for the same people, one of their groups moved along the row, that leave fewer seats alone.

    The nearest of the best; None if no such move helps, or nothing is left alone. This is what makes the rule for
    single gaps fair: who has no better way to sit in the row may leave one (U16).
    """
    before, taken = set(free), set(chosen)
    fewest = len(single_gaps(before, taken))
    answer, distance = None, 0
    for group in _groups_in(taken):
        others = taken - set(group)
        for shift in sorted(range(min(before) - group[-1], max(before) - group[0] + 1), key=abs):
            moved = {position + shift for position in group}
            if moved <= before - others:
                gaps = len(single_gaps(before, others | moved))
                if gaps < fewest or (answer is not None and gaps == fewest and abs(shift) < distance):
                    answer, fewest, distance = others | moved, gaps, abs(shift)
    return answer


def _groups_in(positions: Iterable[int]) -> list[list[int]]:
    """Return the groups of neighbours among these positions of a row."""
    groups: list[list[int]] = []
    for position in sorted(positions):
        if groups and groups[-1][-1] + 1 == position:
            groups[-1].append(position)
        else:
            groups.append([position])
    return groups
