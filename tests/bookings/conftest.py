"""Pages are tested without collectstatic, and what stands beside a season beside a short one."""

import pytest

from bookings import demo, demo_sales, demo_seats
from tests.pages import plain_static
from venues.generator import Pattern, generate
from venues.layout import Layout, SectionLayout

__all__ = ["plain_static"]


def small_plan() -> Layout:
    """Two tiers of forty seats."""
    blocks = {tier: generate(Pattern(origin=(2_000, y), rows=4, seats=10)) for tier, y in SMALL_TIERS.items()}
    sections = (SectionLayout(name, name, "seated", block.shape, 0, block.rows) for name, block in blocks.items())
    return Layout("Main stage", (2_000, 500), tuple(sections))


SMALL_TIERS = {"Stalls": 1_000, "Balcony": 2_000}


@pytest.fixture
def short_season(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demonstration with its people and one event: the whole season has tests of its own."""
    monkeypatch.setattr(demo, "EVENTS", demo.EVENTS[2:3])
    monkeypatch.setattr(demo, "TOUR_EVENTS", [])
    monkeypatch.setattr(demo_seats, "PLANS", dict.fromkeys(demo_seats.PLANS, small_plan))
    monkeypatch.setattr(demo_sales, "OWN", [])
    monkeypatch.setattr(demo_sales, "AT_THE_COUNTER", [])
