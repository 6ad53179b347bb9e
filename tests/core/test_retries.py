"""When what failed outside is tried again."""

from datetime import timedelta

from core.retries import ATTEMPTS, backoff


def test_the_wait_doubles_from_half_a_minute_up_to_an_hour() -> None:
    seconds = [backoff(attempt).total_seconds() for attempt in range(1, ATTEMPTS + 1)]
    assert seconds == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600, 3600]


def test_a_person_is_asked_within_a_working_day() -> None:
    assert sum((backoff(attempt) for attempt in range(1, ATTEMPTS)), timedelta()) < timedelta(hours=8)
