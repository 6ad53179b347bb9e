"""How often is too often."""

from datetime import datetime, timedelta

import pytest

from core import clock, throttles
from core.models import ThrottleWindow

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def hit(times: int = 1, who: str = "192.0.2.7", scope: str = "find") -> None:
    for _time in range(times):
        throttles.hit(scope, who, limit=3, per=MINUTE)


def test_the_limit_is_allowed_and_one_more_is_not(noon: datetime) -> None:
    clock.advance(timedelta(seconds=18))
    hit(3)
    with pytest.raises(throttles.TooMany) as caught:
        hit()
    assert (caught.value.status, caught.value.retry_after) == (429, 42)


def test_the_wait_is_never_shown_as_nothing(noon: datetime) -> None:
    clock.advance(timedelta(seconds=59, milliseconds=999))
    hit(3)
    with pytest.raises(throttles.TooMany) as caught:
        hit()
    assert caught.value.retry_after == 1


def test_the_next_window_begins_at_nothing(noon: datetime) -> None:
    hit(3)
    clock.advance(MINUTE)
    hit(3)
    with pytest.raises(throttles.TooMany):
        hit()


def test_people_and_acts_are_counted_apart(noon: datetime) -> None:
    hit(3)
    hit(3, who="192.0.2.8")
    hit(3, scope="pay")
    assert ThrottleWindow.objects.count() == 3


def test_nobodys_address_is_kept(noon: datetime) -> None:
    hit()
    window = ThrottleWindow.objects.get()
    assert (window.scope, window.count, window.starts_at) == ("find", 1, noon)
    assert "192.0.2" not in window.who
    assert len(window.who) == 64


def test_old_windows_are_forgotten_and_the_present_one_is_not(noon: datetime) -> None:
    hit(3)
    clock.advance(MINUTE)
    hit(2)
    assert throttles.forget_before(noon + MINUTE) == 1
    assert ThrottleWindow.objects.get().count == 2
