"""
Faults become pages: a refusal says why, a database that can't answer becomes a friendly 503. And every
page says what Django has no setting for: who may load it, and what a browser need never ask for here.
"""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.cache import add_never_cache_headers, has_vary_header

from core.refusals import Refusal
from core.transactions import Busy
from core.views import busy, not_allowed, refused

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


class NotAllowed:
    """Says in words that an address is a button's: Django's own answer is an empty page. The innermost of all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            return not_allowed(request, response["Allow"])
        return response


class Walls:
    """
    Keeps other sites from loading our answers and our pages from powers they don't use; a view may say otherwise.

    And what depends on a cookie is in no cache (S50): the sign-in library leaves that to browsers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        if has_vary_header(response, "Cookie") and "Cache-Control" not in response.headers:
            add_never_cache_headers(response)
        return response


def _is_read_only(error: DatabaseError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) == "25006"
