"""Faults become pages: a refusal says why, a database that can't answer becomes a friendly 503."""

import logging
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from core.refusals import Refusal
from core.transactions import Busy
from core.views import busy, refused

logger = logging.getLogger(__name__)


class Faults:
    """Turns what views raise into pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        match error:
            case Refusal():
                return refused(request, error)
            case Busy():
                return busy(request)
            case OperationalError() | InterfaceError():
                logger.error("The database did not answer.", exc_info=error)
                return busy(request)
            case DatabaseError() if _is_read_only(error):
                logger.error("The database is read-only.", exc_info=error)
                return busy(request)
        return None


def _is_read_only(error: DatabaseError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) == "25006"
