"""
Real races: threads with connections of their own that begin at one moment, and processes that can be
killed or frozen. A twin takes a protection away and makes the dangerous moment wide, so that its fault
is certain. GUARD is no measure of anything: it ends a test that would hang.
"""

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, ClassVar
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, models
from django.db.models import F, QuerySet

from bookings.models import Booking, Ticket
from bookings.queries.promises import violations
from core import transactions
from events.models import EventSeat

AT_ONCE = 32
GUARD = 60

type Act = Callable[[], Any]


class Meeting:
    """Where all racers wait for each other, once: each right before its nth statement that holds `text`."""

    def __init__(self, racers: int, text: str, nth: int) -> None:
        self.barrier = threading.Barrier(racers, timeout=GUARD / 2)
        self.text, self.nth = text, nth
        self.mine = threading.local()

    def __call__(self, execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        if self.text and self.text in sql:
            self.mine.seen = getattr(self.mine, "seen", 0) + 1
            if self.mine.seen == self.nth:
                self.barrier.wait()
        return execute(sql, params, many, context)


def race(acts: Sequence[Act], *, meet_before: str = "", nth: int = 1) -> list[Any]:
    """
    Do all acts, AT_ONCE of them at a time; return what each one returned or raised, in their order.

    With `meet_before`, all racers are at their nth such statement before any of them executes it.
    """
    racers = min(len(acts), AT_ONCE)
    start = threading.Barrier(racers, timeout=GUARD / 2)
    meeting = Meeting(racers, meet_before, nth)
    waiting: SimpleQueue[tuple[int, Act]] = SimpleQueue()
    for numbered in enumerate(acts):
        waiting.put(numbered)
    answers: list[Any] = [None] * len(acts)

    def run() -> None:
        try:
            connection.ensure_connection()
            start.wait()
            with connection.execute_wrapper(meeting):
                while True:
                    number, act = waiting.get_nowait()
                    answers[number] = answer(act)
        except Empty:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run, daemon=True) for _racer in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(GUARD)
        assert not thread.is_alive(), "a racer hangs"
    return answers


def answer(act: Act) -> Any:
    """Return what an act returns or raises."""
    try:
        return act()
    except Exception as error:  # noqa: BLE001 - whatever it is, the test judges it
        return error


def told(answers: Sequence[Any]) -> dict[str, int]:
    """How often each kind of answer was given."""
    return dict(Counter(type(each).__name__ for each in answers))


class Started:
    """An act in a thread of its own."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self.answer: Any = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        try:
            self.answer = answer(self.act)
        finally:
            connection.close()

    def end(self) -> Any:
        """Wait for it; return what it returned or raised."""
        self.thread.join(GUARD)
        assert not self.thread.is_alive(), "the act hangs"
        return self.answer


class Halted(Started):
    """An act that stands still, as if its machine had, right before its nth statement that holds `before`."""

    all: ClassVar[list["Halted"]] = []

    def __init__(self, act: Act, *, before: str, nth: int = 1) -> None:
        self.text, self.to_come = before, nth
        self.arrived, self.may_go = threading.Event(), threading.Event()
        self.all.append(self)
        super().__init__(act)
        assert self.arrived.wait(GUARD), f"never came to {before}"
        assert self.to_come == 0, f"ended before {before}: {self.answer!r}"

    def run(self) -> None:
        try:
            with connection.execute_wrapper(self.halt):
                super().run()
        finally:
            self.arrived.set()

    def halt(self, execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        if self.text in sql:
            self.to_come -= 1
            if self.to_come == 0:
                self.arrived.set()
                self.may_go.wait(GUARD)
        return execute(sql, params, many, context)

    def go_on(self) -> Any:
        """Let it; return what it returned or raised."""
        self.may_go.set()
        return self.end()


def until(condition: Callable[[], Any]) -> None:
    """Wait for what must come to pass."""
    deadline = monotonic() + GUARD
    while not condition():
        assert monotonic() < deadline, "it never came to pass"
        threading.Event().wait(0.005)


def waiting_for_a_lock() -> int:
    """How many connections to this database wait for another's lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
        )
        return cursor.fetchone()[0]


def broken() -> set[str]:
    """The cases of the promises that the checker finds broken."""
    return {promise.case for promise, _row in violations()}


def lapse(*bookings: Booking) -> None:
    """Let the time of these reservations have run out a minute ago: all their times move back."""
    for booking in bookings:
        booking.refresh_from_db()
        back = timedelta(minutes=61) + (booking.reserved_until - booking.reserved_at)
        EventSeat.objects.filter(tickets__booking=booking, status="reserved").update(
            reserved_until=booking.reserved_until - back
        )
        Booking.objects.filter(pk=booking.pk).update(
            reserved_at=F("reserved_at") - back, reserved_until=F("reserved_until") - back
        )
        booking.refresh_from_db()


def without_row_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A twin: nobody locks the rows it has looked at."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows.all())


@contextmanager
def without_constraint(model: type[models.Model], name: str) -> Iterator[None]:
    """A twin: the database doesn't keep this promise. The tickets go before it is made to keep it again."""
    (constraint,) = (each for each in model._meta.constraints if each.name == name)
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, constraint)
    try:
        yield
    finally:
        Ticket.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(model, constraint)


def sqlstates(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The database's reasons for failing a transaction of ours, those that were hidden by trying again too."""
    seen: list[str | None] = []
    look = transactions._sqlstate

    def noted(error: Any) -> str | None:
        seen.append(look(error))
        return seen[-1]

    monkeypatch.setattr(transactions, "_sqlstate", noted)
    return seen


def shop(*arguments: object, database: str = "", module: str = "tests.races.shop") -> subprocess.Popen[str]:
    """Start `tests.races.shop`, or another, as a process of its own, by default on this test's database."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database or this_database(), "DATABASE_POOL_SIZE": "0", "PGAPPNAME": "shop"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def no_shop_is_connected() -> bool:
    """Whether the server has noticed the end of every process that was killed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'shop')"
        )
        return cursor.fetchone()[0]


def this_database() -> str:
    at = connection.settings_dict
    who = f"{quote(at['USER'], safe='')}:{quote(at['PASSWORD'], safe='')}"
    return f"postgres://{who}@{at['HOST'] or 'localhost'}:{at['PORT'] or 5432}/{at['NAME']}"
