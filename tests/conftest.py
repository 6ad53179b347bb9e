"""What every test starts from."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from core import clock
from events.queries import availability

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """No answer of one test is another's."""
    availability.forget()
    yield
    availability.forget()


@pytest.fixture
def noon() -> Iterator[datetime]:
    """Stop the clock at noon of a June day; `clock.advance` moves it."""
    with clock.at(NOON):
        yield NOON
