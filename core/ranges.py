"""Many keys in few characters, for the audit trail and for forms: 12-40,51."""

from collections.abc import Iterable, Iterator
from itertools import islice

MOST = 200_000
"""More keys than any house has places; who sends more means no good."""


def compact(keys: Iterable[int]) -> str:
    """Return the keys in order, runs of them as first and last."""
    parts: list[list[int]] = []
    for key in sorted(set(keys)):
        if parts and key == parts[-1][1] + 1:
            parts[-1][1] = key
        else:
            parts.append([key, key])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def expanded(text: str) -> list[int]:
    """Return the keys that `compact` wrote so, in order. Raises ValueError for anything else, and for too many."""
    runs = list(_runs(text))
    if sum(last - first + 1 for first, last in runs) > MOST:
        raise ValueError("too many keys")
    return sorted({key for first, last in runs for key in range(first, last + 1)})


def holds(text: str, key: int) -> bool:
    """Whether a key is among those of a text that `compact` wrote."""
    return any(first <= key <= last for first, last in _runs(text))


def _runs(text: str) -> Iterator[tuple[int, int]]:
    for part in islice(text.split(","), MOST) if text else ():
        first, dash, last = part.partition("-")
        if not all(each.isascii() and each.isdecimal() and len(each) < 19 for each in (first, last if dash else "0")):
            raise ValueError("not a list of keys")
        run = (int(first), int(last) if dash else int(first))
        if run[1] < run[0]:
            raise ValueError("a run ends before it begins")
        yield run
