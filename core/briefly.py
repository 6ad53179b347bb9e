"""
Answers that may be a second old, kept per process: a thousand open pages then ask the database once.

For pages that are looked at, never for decisions.
"""

from collections.abc import Callable
from functools import wraps
from time import monotonic
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language

KEPT_FOR = 1.0  # seconds
MOST = 1_000
PAGES = 100
"""So many whole pages: some megabytes."""
BROWSERS_KEEP = 10  # seconds
_everything: list["Kept"] = []


class Kept[K, V]:
    """A question whose answers are kept: call it with the key, and with what is needed to ask but says no more."""

    def __init__(self, ask: Callable[..., V], most: int = MOST) -> None:
        self.ask = ask
        self.most = most
        self._answers: dict[K, tuple[float, V]] = {}
        _everything.append(self)

    def __call__(self, key: K, *needed: Any) -> V:
        kept = self._answers.get(key)
        if kept and monotonic() - kept[0] < KEPT_FOR:
            return kept[1]
        answer = self.ask(key, *needed)
        if len(self._answers) >= self.most:
            self._answers.clear()
        self._answers[key] = (monotonic(), answer)
        return answer

    def forget(self) -> None:
        """Drop all answers."""
        self._answers.clear()


def forget() -> None:
    """Drop all answers to all questions, so that the next look is fresh."""
    for kept in _everything:
        kept.forget()


type View = Callable[..., HttpResponse]
type Answer = tuple[int, bytes, dict[str, str]]


def public_page(view: View) -> View:
    """
    A page that says the same to everybody who asks for it in one language: rendered once a second.

    It must read nothing of the request but its address and whether htmx asks for a part. Browsers may
    keep it for some seconds.
    """

    def ask(
        key: object, request: HttpRequest, args: tuple, kwargs: dict[str, Any]
    ) -> tuple[int, bytes, dict[str, str]]:
        response = view(request, *args, **kwargs)
        return response.status_code, response.content, dict(response.headers)

    pages = Kept[object, Answer](ask, most=PAGES)

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        part = request.headers.get("HX-Target") if request.headers.get("HX-Request") else None
        key = (request.method, request.get_full_path(), get_language(), part)
        status, content, headers = pages(key, request, args, kwargs)
        response = HttpResponse(content, status=status, headers=headers)
        response["Cache-Control"] = f"public, max-age={BROWSERS_KEEP}"
        patch_vary_headers(response, ["Accept-Language", "Cookie", "HX-Request", "HX-Target"])
        return response

    return kept
