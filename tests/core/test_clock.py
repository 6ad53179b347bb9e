"""One clock, that tests can stop."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from core import clock


@pytest.mark.django_db
def test_the_time_is_in_utc_and_goes_on_within_a_transaction() -> None:
    """Deadlines are compared with the time after the lock, not with the transaction's beginning."""
    first, second = clock.now(), clock.now()
    assert first.utcoffset() == timedelta()
    assert first < second


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lives in our process")
def test_the_time_is_the_databases() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        before = cursor.fetchone()[0]
        told = clock.now()
        cursor.execute("SELECT clock_timestamp()")
        assert before <= told <= cursor.fetchone()[0]


def test_a_stopped_clock_stands_until_it_is_advanced(noon: datetime) -> None:
    assert clock.now() == clock.now() == noon
    clock.advance(timedelta(minutes=3))
    assert clock.now() == noon + timedelta(minutes=3)


@pytest.mark.django_db
def test_a_stopped_clock_goes_on_afterwards_even_after_an_error() -> None:
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(ZeroDivisionError), clock.at(moment):
        with clock.at(moment + timedelta(days=1)):
            assert clock.now().day == 2
        assert clock.now() == moment
        raise ZeroDivisionError
    assert clock.now().year > 2020


def test_only_a_stopped_clock_can_be_advanced() -> None:
    with pytest.raises(RuntimeError):
        clock.advance(timedelta(seconds=1))
