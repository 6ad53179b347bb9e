"""
The frame of every service that writes: the outermost transaction, repeated whole when the database
picked it as a deadlock's victim (R41), and a plain "busy" when that doesn't help.
"""

import random
import time
from collections.abc import Callable
from functools import wraps

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _

ATTEMPTS = 3
_AGAIN = {"40001", "40P01"}  # serialization_failure, deadlock_detected


class Busy(Exception):
    """We could not decide in time. Nothing was changed, and trying again is right: a 503, never "sold out"."""

    message = _("We are very busy right now. Nothing was lost: please try again in a moment.")


def outermost[**P, R](service: Callable[P, R]) -> Callable[P, R]:
    """
    Run the service in a transaction of its own that is committed when it returns.

    Raises Busy after three deadlocks or serialization failures, or when SQLite's one writer
    kept us waiting for its whole timeout.
    """

    @wraps(service)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic(durable=True):
                    return service(*args, **kwargs)
            except OperationalError as error:
                if _is_locked_sqlite(error):
                    raise Busy from error
                if _sqlstate(error) not in _AGAIN:
                    raise
                if attempt == ATTEMPTS:
                    raise Busy from error
                time.sleep(random.uniform(0.005, 0.03) * attempt)  # noqa: S311 - so that two victims don't meet again
        raise AssertionError("unreachable")

    return wrapper


def take_turns(what: str) -> None:
    """Let transactions that name the same thing go on one after the other, each when the one before has ended."""
    if connection.vendor != "postgresql":
        return  # there the whole transaction waited for its turn
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [what])


def _sqlstate(error: OperationalError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def _is_locked_sqlite(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
