"""
Whether a provider answers: after some failures in a row it is left alone for a while, and others are offered.

When the while is over, one call is let through to try it, and the others wait for what comes of that.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import F

from bookings.models import ProviderHealth
from core import clock
from core.transactions import outermost

logger = logging.getLogger(__name__)

ENOUGH = 3
"""So many failures in a row, and it is left alone."""
PAUSE = timedelta(minutes=1)


class Unavailable(Exception):
    """The provider did not answer, or not in a way that we understand: whatever was asked may have happened."""


class Unclear(Unavailable):
    """It answered, but no to this one question, or nothing that we understand: no reason to ask it nothing else."""


class LeftAlone(Unavailable):
    """It hasn't answered lately, so it wasn't asked."""


def left_alone() -> set[str]:
    """Return the providers that aren't asked at the moment."""
    away = ProviderHealth.objects.filter(failures__gte=ENOUGH, left_alone_until__gt=clock.now())
    return set(away.values_list("provider", flat=True))


@contextmanager
def watched(provider: str) -> Iterator[None]:
    """Around each call of a provider, outside of transactions: remember whether it answered. Raises LeftAlone."""
    failures = ProviderHealth.objects.filter(provider=provider).values_list("failures", flat=True).first() or 0
    if failures >= ENOUGH and not _may_try(provider=provider):
        raise LeftAlone(provider)
    try:
        yield
    except Unclear:
        if failures:
            _answered(provider=provider)
        raise
    except Unavailable:
        _failed(provider=provider)
        raise
    if failures:
        _answered(provider=provider)


@outermost
def _may_try(*, provider: str) -> bool:
    """Whether the pause is over, for the first who asks; the others wait another one."""
    now = clock.now()
    due = ProviderHealth.objects.filter(provider=provider, failures__gte=ENOUGH, left_alone_until__lte=now)
    return bool(due.update(left_alone_until=now + PAUSE))


@outermost
def _failed(*, provider: str) -> None:
    ProviderHealth.objects.get_or_create(provider=provider)
    row = ProviderHealth.objects.filter(provider=provider)
    until = clock.now() + PAUSE
    row.update(failures=F("failures") + 1, left_alone_until=until)
    if row.filter(failures=ENOUGH).exists():
        logger.error("The provider %s does not answer: it is left alone until %s.", provider, until)


@outermost
def _answered(*, provider: str) -> None:
    ProviderHealth.objects.filter(provider=provider).update(failures=0, left_alone_until=None)
