"""
Answers that may be a second old, kept per process: a thousand open pages then ask the database once.

For pages that are looked at, never for decisions.
"""

from collections.abc import Callable, Iterable, Mapping
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
    """
    A question whose answers are kept: call it with the key, and with what is needed to ask but says no more.

    Some may be `times` as old as the others.
    """

    def __init__(self, ask: Callable[..., Any], most: int = MOST, times: int = 1) -> None:
        self.ask = ask
        self.most = most
        self.times = times
        self._answers: dict[K, tuple[float, V]] = {}
        _everything.append(self)

    def __call__(self, key: K, *needed: Any) -> V:
        kept = self._answers.get(key)
        if kept and self._is_fresh(kept[0]):
            return kept[1]
        answer = self.ask(key, *needed)
        self._keep({key: answer})
        return answer

    def _is_fresh(self, since: float) -> bool:
        return monotonic() - since < KEPT_FOR * self.times

    def _keep(self, answers: Mapping[K, V]) -> None:
        if len(self._answers) + len(answers) > self.most:
            self._answers.clear()
        self._answers |= {key: (monotonic(), answer) for key, answer in answers.items()}

    def forget(self) -> None:
        """Drop all answers."""
        self._answers.clear()


class KeptEach[K, V](Kept[K, V]):
    """Like Kept, for many keys in one question: `ask` is given those whose answers are missing, and returns them."""

    def of(self, keys: Iterable[K]) -> list[V]:
        """Return the answers in the order of the keys; a key without one is left out."""
        wanted = list(keys)
        known = {key: kept[1] for key in wanted if (kept := self._answers.get(key)) and self._is_fresh(kept[0])}
        if missing := [key for key in wanted if key not in known]:
            found: Mapping[K, V] = self.ask(missing)
            self._keep(found)
            known |= found
        return [known[key] for key in wanted if key in known]


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
