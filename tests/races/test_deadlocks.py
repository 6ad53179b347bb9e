"""What the database gives up is done again, three times at most."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from core.transactions import outermost
from events.models import Event, EventSeat
from tests.factories import event_on_sale
from tests.races.harness import Halted, Started, answer, told, until, waiting_for_a_lock

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def lock(place_id: int, *, ask_again_after: str) -> None:
    """Wait for a place in portions of time; the server looks for a deadlock after a second of each portion."""
    while True:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [ask_again_after])
                EventSeat.objects.select_for_update().get(pk=place_id)
                return
        except OperationalError as error:
            if error.__cause__.sqlstate != "55P03":  # lock_not_available: the portion is over
                raise


class Crossing:
    """
    A service that is the victim of a deadlock in its first so many attempts.

    In each attempt it locks one place and then another one, which is held by somebody who wants the
    first. That one never waits for a second without a break, so that the server never picks them.
    """

    def __init__(self, event: Event, deadlocks: int) -> None:
        places = list(EventSeat.objects.filter(event=event).order_by("pk").values_list("pk", flat=True))
        self.pairs = list(zip(places[::2], places[1::2], strict=True))
        self.attempts = 0
        self.opponents = [
            Halted(lambda pair=pair: self.cross(*pair), before="FOR UPDATE", nth=2) for pair in self.pairs[:deadlocks]
        ]

    def __call__(self) -> str:
        mine, theirs = self.pairs[self.attempts]
        self.attempts += 1
        EventSeat.objects.filter(pk=mine).update(status="blocked")
        lock(theirs, ask_again_after="1300ms")
        return "done"

    def cross(self, mine: int, theirs: int) -> None:
        with transaction.atomic():
            lock(theirs, ask_again_after="0")
            lock(mine, ask_again_after="700ms")

    def run(self, service: Callable[[], str]) -> Any:
        """Let it meet its opponents; return what it returned or raised."""
        running = Started(service)
        for number, opponent in enumerate(self.opponents, start=1):
            until(lambda number=number: self.attempts == number and waiting_for_a_lock())
            assert opponent.go_on() is None
        return running.end()


def blocked() -> list[bool]:
    """Which places were written to in the end."""
    return [each.status == "blocked" for each in EventSeat.objects.order_by("pk")]


def test_the_victim_of_a_deadlock_is_done_again_as_a_whole() -> None:
    """R41"""
    crossing = Crossing(event_on_sale(levels={"Standing": 4}), deadlocks=1)
    assert crossing.run(outermost(crossing)) == "done"
    assert crossing.attempts == 2
    assert blocked() == [False, False, True, False]


def test_after_the_third_deadlock_the_answer_is_busy_and_nothing_is_done() -> None:
    """R41"""
    crossing = Crossing(event_on_sale(levels={"Standing": 6}), deadlocks=3)
    assert told([crossing.run(outermost(crossing))]) == {"Busy": 1}
    assert crossing.attempts == 3
    assert blocked() == [False] * 6


def test_a_transaction_that_is_tried_once_shows_the_deadlock() -> None:
    """R41, R18: the twin without another try."""
    crossing = Crossing(event_on_sale(levels={"Standing": 2}), deadlocks=1)
    assert told([crossing.run(transaction.atomic(crossing))]) == {"OperationalError": 1}


class Overtaken:
    """A service that sees one snapshot, and is overtaken by another's change in its first so many attempts."""

    def __init__(self, event: Event, times: int) -> None:
        self.place = EventSeat.objects.get(event=event)
        self.times = times
        self.attempts = 0

    def __call__(self) -> str:
        self.attempts += 1
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        mine = EventSeat.objects.filter(pk=self.place.pk)
        mine.get()
        if self.attempts <= self.times:
            Started(lambda: mine.all().update(was_claimed=True)).end()
        mine.update(status="blocked")
        return "done"


@pytest.mark.parametrize(("times", "kind", "attempts"), [(0, "str", 1), (1, "str", 2), (2, "str", 3), (3, "Busy", 3)])
def test_a_transaction_that_was_overtaken_is_done_again(times: int, kind: str, attempts: int) -> None:
    """R41: serialization failures."""
    overtaken = Overtaken(event_on_sale(levels={"Standing": 1}), times)
    assert told([answer(outermost(overtaken))]) == {kind: 1}
    assert overtaken.attempts == attempts
    overtaken.place.refresh_from_db()
    assert (overtaken.place.status == "blocked") == (kind == "str")


def test_other_faults_of_the_database_are_not_tried_again() -> None:
    """R41"""
    attempts = []
    place = EventSeat.objects.filter(event=event_on_sale(levels={"Standing": 1}))

    @outermost
    def impatient() -> None:
        attempts.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1ms'")
        place.update(status="blocked")

    with transaction.atomic():
        place.update(was_claimed=True)
        assert told([Started(impatient).end()]) == {"OperationalError": 1}
    assert len(attempts) == 1
