"""
Answers that may be a second old, kept per process: a thousand open pages then ask the database once.

For pages that are looked at, never for decisions.
"""

from collections.abc import Callable
from time import monotonic

KEPT_FOR = 1.0  # seconds
MOST = 1_000
_everything: list["Kept"] = []


class Kept[K, V]:
    """A question whose answers are kept: call it with the key."""

    def __init__(self, ask: Callable[[K], V]) -> None:
        self.ask = ask
        self._answers: dict[K, tuple[float, V]] = {}
        _everything.append(self)

    def __call__(self, key: K) -> V:
        kept = self._answers.get(key)
        if kept and monotonic() - kept[0] < KEPT_FOR:
            return kept[1]
        answer = self.ask(key)
        if len(self._answers) >= MOST:
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
