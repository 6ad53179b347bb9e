"""When to try again what failed outside: mail, refunds."""

from datetime import timedelta

LEASE = timedelta(minutes=2)
"""For this long an attempt belongs to the worker that began it; after a crash another may begin."""

ATTEMPTS = 12
"""Then people have to look: with `backoff` that is after about eight hours."""


def backoff(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: half a minute, doubled up to an hour."""
    return min(timedelta(seconds=30) * 2 ** (attempts - 1), timedelta(hours=1))
