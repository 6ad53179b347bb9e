"""The seats of a plan, in order, and kept by each process: a published plan never changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.briefly import Kept
from venues.models import Seat

PLANS = 16
"""So many plans are kept by a process; the largest takes some 30 MB."""


class Spot(NamedTuple):
    """A seat: where it is, how good it is, and what stands on it. Centimetres."""

    pk: int
    section: int
    row_order: int
    position: int
    quality: int
    x: int
    y: int
    type: str
    companion_of: int | None
    row: str
    number: str


@dataclass(frozen=True, slots=True)
class PlanSeats:
    """All seats of a plan, row by row from the front and along each row."""

    spots: Sequence[Spot]
    by_seat: Mapping[int, Spot]
    rows: Mapping[tuple[int, int], Sequence[Spot]]
    """By section and the row's order."""
    companions: Mapping[int, Sequence[int]]
    """Of each wheelchair place that has some, their seats in order."""


def _plan_seats(plan_id: int) -> PlanSeats:
    rows = Seat.objects.filter(section__plan=plan_id).order_by("section__order", "section", "row_order", "position")
    spots = [Spot(*row) for row in rows.values_list(*Spot._fields)]
    by_row: dict[tuple[int, int], list[Spot]] = {}
    companions: dict[int, list[int]] = {}
    for spot in spots:
        by_row.setdefault((spot.section, spot.row_order), []).append(spot)
        if spot.companion_of is not None:
            companions.setdefault(spot.companion_of, []).append(spot.pk)
    return PlanSeats(spots, {spot.pk: spot for spot in spots}, by_row, companions)


plan_seats = Kept[int, PlanSeats](_plan_seats, most=PLANS, times=3_600)
"""The seats of a published plan, by its id."""
