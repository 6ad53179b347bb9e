"""Room for as many connections as there are racers."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.races.harness import AT_ONCE, Halted


@pytest.fixture(autouse=True)
def _room(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the pool grow for a race, and give the server its connections back afterwards."""
    if request.node.get_closest_marker("postgres") is None:
        yield
        return
    request.getfixturevalue("transactional_db")
    if connection.pool:
        connection.pool.resize(min_size=1, max_size=AT_ONCE + 4)
    yield
    while Halted.all:
        Halted.all.pop().go_on()  # a test that failed may have left it with its locks
    connection.close()
    connection.close_pool()
