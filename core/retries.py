"""When to try again what failed outside: mail, refunds."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet

LEASE = timedelta(minutes=2)
"""For this long an attempt belongs to the worker that began it; after a crash another may begin."""

ATTEMPTS = 12
"""Then people have to look: with `backoff` that is after about eight hours."""


def backoff(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: half a minute, doubled up to an hour."""
    return min(timedelta(seconds=30) * 2 ** (attempts - 1), timedelta(hours=1))


def lease(row: QuerySet, now: datetime) -> bool:
    """Begin an attempt at a row, given as a queryset of it while it is due; return whether it is ours to make."""
    return bool(row.update(attempts=F("attempts") + 1, next_attempt_at=now + LEASE))


def put_off(row: Any, failure: str, now: datetime, *, failed: str) -> None:
    """Note on a locked row why an attempt failed and when the next is due; after ATTEMPTS its status is `failed`."""
    row.failure = failure
    row.next_attempt_at = now + backoff(row.attempts)
    if row.attempts >= ATTEMPTS:
        row.status = failed
    row.save(update_fields=["failure", "next_attempt_at", "status"])
