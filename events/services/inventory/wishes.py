"""What is asked of a claim, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from events.best_available import Best, Together
from events.models import PriceLevel


@dataclass(frozen=True, slots=True)
class Taste:
    """
    Which of the free seats somebody likes best.

    In this section only; how near together; a wheelchair place with companions' seats. `seed` decides among equals.
    """

    section: int | None = None
    together: Together = Together.ANYWHERE
    accessible: bool = False
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What is to be claimed: so many places of each price level, and chosen seats by place, each with its level's id.

    Of a level with numbered seats the best are taken, to the customer's taste.
    """

    levels: Mapping[PriceLevel, int] = field(default_factory=dict)
    seats: Mapping[int, int] = field(default_factory=dict)
    taste: Taste = field(default_factory=Taste)
    by_staff: bool = False
    """Staff sit people where they want: single gaps and kept wheelchair places don't bind them."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Places that are now reserved: those claimed by price level, the chosen seats, and until when."""

    place_ids: Mapping[int, list[int]]
    seats: list[int]
    best: Mapping[int, Best]
    at: datetime
    until: datetime
