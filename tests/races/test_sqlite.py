"""The embedded database, which has one writer at a time."""

import json
from collections import Counter
from pathlib import Path

from tests.races.harness import GUARD, shop


def customers_at_once(tmp_path: Path, count: int, *how: str) -> tuple[dict[str, int], list[str]]:
    """What so many customers at once were told on a new SQLite file, and which promises are broken then."""
    with shop("writers", count, *how, database=f"sqlite:///{tmp_path / 'shop.sqlite3'}") as process:
        *told, verdict = map(json.loads, process.communicate(timeout=2 * GUARD)[0].splitlines())
    return dict(sum((Counter(each["told"]) for each in told), Counter())), verdict["broken"]


def test_fifty_customers_of_an_embedded_database_never_see_that_it_is_locked(tmp_path: Path) -> None:
    """R42: whole purchases, by threads of two processes."""
    assert customers_at_once(tmp_path, 50) == ({"Booking": 50}, [])


def test_transactions_that_turn_writer_too_late_are_shown_as_busy(tmp_path: Path) -> None:
    """R42, R18: the twin whose transactions don't queue when they begin."""
    told, broken = customers_at_once(tmp_path, 16, "late")
    assert told["Busy"] > 0
    assert broken == []


def test_customers_of_an_embedded_database_who_all_want_the_best_seats_get_two_each(tmp_path: Path) -> None:
    """R42, R16: as many seats as are wanted, and nobody is refused or told that we are busy."""
    assert customers_at_once(tmp_path, 20, "seats") == ({"Booking": 20}, [])
