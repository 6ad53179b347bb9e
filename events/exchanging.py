"""
What a visitor wants to exchange at an event, remembered by the visitor's browser until the new places are reserved.

The cookie is signed, goes to the event's own addresses alone, and is read by no script. This app only shows it: whose
tickets they are, and whether they may go, is found out by who reserves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from events.models import Event

COOKIE = "exchange" if settings.TRIAL else "__Secure-exchange"
KEPT = timedelta(hours=1)
_SALT = "events.exchanging"


@dataclass(frozen=True, slots=True)
class Exchange:
    """The address of the page on which it was begun, the tickets' numbers, and what they are worth, as text."""

    url: str
    numbers: Sequence[int]
    worth: str


def remember(response: HttpResponse, event: Event, exchange: Exchange) -> None:
    """Let the browser keep it for an hour."""
    value = signing.dumps([event.pk, exchange.url, list(exchange.numbers), exchange.worth], salt=_SALT)
    response.set_cookie(
        COOKIE,
        value,
        max_age=KEPT,
        path=event.get_absolute_url(),
        secure=not settings.TRIAL,
        httponly=True,
        samesite="Lax",
    )


def recall(request: HttpRequest, event: Event) -> Exchange | None:
    """Return what this browser wants to exchange at this event; None for what is old, foreign or not from us."""
    try:
        event_id, url, numbers, worth = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=KEPT)
    except signing.BadSignature:
        return None
    return Exchange(url, numbers, worth) if event_id == event.pk else None


def forget(response: HttpResponse, event: Event) -> None:
    """Let the browser drop it."""
    response.delete_cookie(COOKIE, path=event.get_absolute_url(), samesite="Lax")
