"""Our addresses, and some at which everything goes wrong in its own way."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as ours
from core.refusals import Refusal
from core.throttles import TooMany
from core.transactions import Busy

__all__ = ["handler400", "handler403", "handler404", "handler500"]


class ReadOnly(Exception):
    """What the driver says of a database that takes no writes."""

    sqlstate = "25006"


def _read_only() -> DatabaseError:
    error = DatabaseError("cannot execute INSERT in a read-only transaction")
    error.__cause__ = ReadOnly()
    return error


FAULTS: dict[str, Callable[[], Exception]] = {
    "bad": lambda: BadRequest("nonsense"),
    "forbidden": lambda: PermissionDenied("no"),
    "refused": lambda: Refusal("Not with <b>us</b>."),
    "too-often": lambda: TooMany(42),
    "busy": lambda: Busy(),
    "database-down": lambda: OperationalError("connection refused"),
    "connection-lost": lambda: InterfaceError("connection already closed"),
    "read-only": _read_only,
    "other-database-error": lambda: DatabaseError("something else"),
    "bug": lambda: ZeroDivisionError("ours: /bookings/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/"),
}


def _failing(fault: Callable[[], Exception]) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        raise fault()

    return view


urlpatterns = [
    *(path(f"fault/{name}/", _failing(fault)) for name, fault in FAULTS.items()),
    path("bookings/<slug:secret>/bug/", _failing(FAULTS["bug"])),
    *ours,
]
