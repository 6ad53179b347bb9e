"""How often is too often. Counted in the database, so that several processes count together."""

import hashlib
import math
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils.translation import gettext_lazy as _

from core import clock
from core.models import ThrottleWindow
from core.refusals import Refusal


class TooMany(Refusal):
    """Asked too often; `retry_after` says in how many seconds it may be asked again."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(_("That was a bit too often. Please wait a moment and try again."))
        self.retry_after = retry_after


def hit(scope: str, who: str, *, limit: int, per: timedelta) -> None:
    """Count one more; raises TooMany past the limit of this window of time."""
    now = clock.now()
    with connection.cursor() as cursor:
        # One statement, so that no two processes read the same count; both databases speak it.
        cursor.execute(
            "INSERT INTO core_throttlewindow (scope, who, starts_at, count) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (scope, who, starts_at) DO UPDATE SET count = core_throttlewindow.count + 1"
            " RETURNING count",
            [scope, _digest(who), connection.ops.adapt_datetimefield_value(_window_start(now, per))],
        )
        (count,) = cursor.fetchone()
    if count > limit:
        raise TooMany(_seconds_left(now, per))


def forget_before(moment: datetime) -> int:
    """Delete the windows that no limit looks at any more; return how many."""
    return ThrottleWindow.objects.filter(starts_at__lt=moment).delete()[0]


def _digest(who: str) -> str:
    return hashlib.sha256(who.encode()).hexdigest()


def _window_start(now: datetime, per: timedelta) -> datetime:
    seconds = int(per.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def _seconds_left(now: datetime, per: timedelta) -> int:
    return max(1, math.ceil((_window_start(now, per) + per - now).total_seconds()))
