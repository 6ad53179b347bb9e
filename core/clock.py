"""
The one clock. Deadlines compare with the database's time, so that a host with a wrong clock
releases nothing; on SQLite, which lives in our process, that is the host's.

Ask it in a statement of its own after the lock: a statement's time is when it began to wait.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import connection

_set_to: datetime | None = None


def now() -> datetime:
    """Return the present moment, in UTC."""
    if _set_to is not None:
        return _set_to
    if connection.vendor != "postgresql":
        return datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stop the clock at a moment, for tests and for the demonstration's past seasons."""
    global _set_to
    before, _set_to = _set_to, moment
    try:
        yield
    finally:
        _set_to = before


def advance(by: timedelta) -> None:
    """Move a stopped clock forward."""
    global _set_to
    if _set_to is None:
        raise RuntimeError("Only a clock stopped with clock.at() can be advanced.")
    _set_to += by
