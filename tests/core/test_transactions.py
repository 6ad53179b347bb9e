"""The frame of every service that writes."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, OperationalError, transaction

from core.models import ThrottleWindow
from core.transactions import ATTEMPTS, Busy, outermost
from tests.conftest import NOON

pytestmark = pytest.mark.django_db


class DriverError(Exception):
    """What a database driver raises below Django's own error."""

    def __init__(self, sqlstate: str = "", sqlite_errorname: str = "") -> None:
        super().__init__(sqlstate or sqlite_errorname)
        if sqlstate:
            self.sqlstate = sqlstate
        if sqlite_errorname:
            self.sqlite_errorname = sqlite_errorname


def failing(times: int, cause: DriverError) -> tuple[Callable[[], str], list[int]]:
    """A service that writes a row and then fails so many times; and its calls."""
    calls: list[int] = []

    @outermost
    def service() -> str:
        calls.append(len(calls) + 1)
        ThrottleWindow.objects.create(scope="written", who=str(len(calls)), starts_at=NOON, count=1)
        if len(calls) <= times:
            raise OperationalError("the database said no") from cause
        return "done"

    return service, calls


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_a_deadlock_is_answered_by_the_whole_transaction_again(sqlstate: str) -> None:
    """R41"""
    service, calls = failing(2, DriverError(sqlstate))
    assert service() == "done"
    assert calls == [1, 2, 3]
    assert list(ThrottleWindow.objects.values_list("who", flat=True)) == ["3"]


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_after_three_times_it_is_busy_and_nothing_is_left(sqlstate: str) -> None:
    """R41"""
    service, calls = failing(99, DriverError(sqlstate))
    with pytest.raises(Busy):
        service()
    assert len(calls) == ATTEMPTS == 3
    assert not ThrottleWindow.objects.exists()


@pytest.mark.parametrize("name", ["SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED"])
def test_a_locked_sqlite_is_busy_at_once_since_it_has_waited_already(name: str) -> None:
    """R42"""
    service, calls = failing(1, DriverError(sqlite_errorname=name))
    with pytest.raises(Busy):
        service()
    assert calls == [1]
    assert not ThrottleWindow.objects.exists()


@pytest.mark.parametrize("cause", [DriverError("57P01"), DriverError("53300"), DriverError(), None])
def test_another_fault_of_the_database_is_not_repeated(cause: DriverError | None) -> None:
    service, calls = failing(1, cause)  # type: ignore[arg-type]
    with pytest.raises(OperationalError):
        service()
    assert calls == [1]
    assert not ThrottleWindow.objects.exists()


@pytest.mark.parametrize("error", [ZeroDivisionError, IntegrityError])
def test_any_other_error_undoes_all_and_goes_through(error: type[Exception]) -> None:
    @outermost
    def service() -> None:
        ThrottleWindow.objects.create(scope="written", who="x", starts_at=NOON, count=1)
        raise error

    with pytest.raises(error):
        service()
    assert not ThrottleWindow.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_service_is_outermost_or_refuses() -> None:
    """A commit inside somebody else's transaction would be none."""

    @outermost
    def service() -> None:
        raise AssertionError("must not run")

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        service()
