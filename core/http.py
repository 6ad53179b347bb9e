"""What our views need of HTTP beyond Django's own."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """After a POST: look there, with GET."""

    status_code = 303


def absolute(path: str) -> str:
    """Return the address for use outside of our pages: it never begins with what a Host header says (S5)."""
    return settings.SITE_URL + path


def wants_part(request: HttpRequest) -> bool:
    """Whether HTMX asks for a part of a page, and not for a whole one on a browser's behalf. Grants nothing (S10)."""
    headers = request.headers
    whole = "HX-Boosted" in headers or "HX-History-Restore-Request" in headers
    return "HX-Request" in headers and not whole


def wants_only(request: HttpRequest, element: str) -> bool:
    """
    Whether HTMX is going to put the answer in the place of this element, also for a link that it follows on a
    browser's behalf. By both headers, as what is kept of a page tells them apart by both. Grants nothing (S10).
    """
    return bool(request.headers.get("HX-Request")) and request.headers.get("HX-Target") == element


def client_address(request: HttpRequest) -> str:
    """
    Return whose request it is. Forwarded addresses are believed only from the proxy that we are told
    of, and of them only the last, which that proxy saw itself.
    """
    if settings.BEHIND_PROXY:
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return request.META["REMOTE_ADDR"]


def keep_language(response: HttpResponse, code: str) -> None:
    """Let the browser ask for this language from now on."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
