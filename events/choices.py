"""
What a visitor chose at an event, remembered by the visitor's browser: shown again on the event's page, and
replaced by the next choice instead of competing with it.

The cookie is signed, goes to the event's own addresses alone, and is read by no script.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from events.models import Event

COOKIE = "choice" if settings.TRIAL else "__Secure-choice"
KEPT = timedelta(hours=1)
LONGEST = 3_000  # characters; browsers keep no more than 4,096 of a cookie
_SALT = "events.choices"


@dataclass(frozen=True, slots=True)
class Choice:
    """How many at each price (by its id), seats (price by place), and the booking's address and deadline."""

    quantities: Mapping[int, int]
    url: str
    until: datetime
    seats: Mapping[int, int] = field(default_factory=dict)


def remember(
    response: HttpResponse,
    event: Event,
    *,
    quantities: Mapping[int, int],
    url: str,
    until: datetime,
    seats: Mapping[int, int] | None = None,
) -> None:
    """Let the browser keep a choice for an hour; one that is too long for a cookie is not kept."""
    many, few = ({str(pk): n for pk, n in chosen.items()} for chosen in (quantities, seats or {}))
    value = signing.dumps([event.pk, many, url, until.timestamp(), few], salt=_SALT)
    if len(value) > LONGEST:
        return
    response.set_cookie(
        COOKIE,
        value,
        max_age=KEPT,
        path=event.get_absolute_url(),
        secure=not settings.TRIAL,
        httponly=True,
        samesite="Lax",
    )


def recall(request: HttpRequest, event: Event) -> Choice | None:
    """Return what this browser chose at this event; None for what is old, foreign or not from us."""
    value = request.COOKIES.get(COOKIE, "")
    if not value or len(value) > LONGEST:
        return None
    try:
        event_id, quantities, url, until, *more = signing.loads(value, salt=_SALT, max_age=KEPT)
    except signing.BadSignature:
        return None
    if event_id != event.pk:
        return None
    many, few = ({int(pk): n for pk, n in chosen.items()} for chosen in (quantities, more[0] if more else {}))
    return Choice(many, url, datetime.fromtimestamp(until, UTC), few)


def forget(response: HttpResponse, event: Event) -> None:
    """Let the browser drop the choice."""
    response.delete_cookie(COOKIE, path=event.get_absolute_url(), samesite="Lax")
