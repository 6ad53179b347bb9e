"""The tables change while the version before sells on (R48)."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from core import online
from core.search import folded
from tests.races.harness import GUARD, Started, until

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

STATE = [
    ("bookings", "0007_tickets_have_links"),
    ("events", "0007_moving_what_was_said"),
    ("notifications", "0003_money_and_tickets"),
]
SOLD_TO = {"status": "confirmed", "customer_name": "Zoë Łukasz", "email": "zoe@example.com"}
WRITTEN = re.compile(r'"?\b(bookings_booking|bookings_ticket|bookings_payment|events_event(?:seat)?|\w+_message)\b"?')
STEPS = re.compile("CREATE (UNIQUE )?INDEX CONCURRENTLY|ALTER TABLE")
LAST = "no_more_of_a_ticket_is_taken_back_than_it_cost"
"""The promise after which words are filled in once more."""
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


@pytest.fixture(scope="module")
def _built(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database as the version before had it."""
    name = f"{connection.settings_dict['NAME']}_before"
    with django_db_blocker.unblock():
        _do(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
        with _connected(name):
            MigrationExecutor(connections["default"]).migrate(STATE)
        yield name
        _do(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def old(_built: str) -> Iterator[str]:
    """A copy of it."""
    name = f"{_built}_now"
    _do(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" TEMPLATE "{_built}"')
    yield name
    _do(f'DROP DATABASE "{name}" WITH (FORCE)')


def _do(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def _connected(name: str) -> Iterator[Any]:
    """In this thread every query goes to that database."""
    usual = connections["default"]
    options = {key: value for key, value in usual.settings_dict["OPTIONS"].items() if key != "pool"}
    here = connections["default"] = type(usual)(usual.settings_dict | {"NAME": name, "OPTIONS": options}, "default")
    try:
        yield here
    finally:
        here.close()
        connections["default"] = usual


def _asked(name: str, question: str) -> list[tuple[Any, ...]]:
    with _connected(name) as here, here.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall()


class Sellers:
    """The version before: its models, and threads that sell with them, over and over."""

    def __init__(self, database: str, sellers: int = 3) -> None:
        self.database = database
        self.models = MigrationLoader(None).project_state(STATE).apps
        with _connected(database):
            self.event, self.level, self.ticket_type = self._offer()
        self.numbers, self.over = count(1), threading.Event()
        self.sold = [0] * sellers
        self.pids: set[int] = set()
        self.started = [Started(lambda number=number: self._sell_on(number)) for number in range(sellers)]

    def _of(self, app: str, name: str) -> Any:
        return self.models.get_model(app, name).objects

    def _offer(self) -> tuple[Any, Any, Any]:
        house = self._of("accounts", "Organization").create(name="House", slug="house")
        venue = self._of("venues", "Venue").create(
            organization=house, name="Hall", slug="hall", city="Bern", country="CH", time_zone="UTC", capacity=9_999
        )
        event = self._of("events", "Event").create(
            organization=house,
            venue=venue,
            title="A play",
            slug="a-play",
            starts_at=NOON,
            ends_at=LATER,
            currency="EUR",
        )
        level = self._of("events", "PriceLevel").create(event=event, name="Standing", places=9_999)
        ticket_type = self._of("events", "TicketType").create(organization=house, name="Standard", default_price=5)
        return event, level, ticket_type

    def _sell_on(self, number: int) -> None:
        with _connected(self.database) as here:
            here.ensure_connection()
            self.pids.add(here.connection.info.backend_pid)
            while not self.over.is_set():
                self._sell(next(self.numbers))
                self.sold[number] += 1

    def _sell(self, number: int) -> None:
        """Each statement commits by itself, as those of many customers do; pages read tables in an order of theirs."""
        amounts = {"currency": "EUR", "subtotal": 5, "fee": 0, "tax": 0, "total": 5}
        booking = self._of("bookings", "Booking").create(
            organization_id=self.event.organization_id,
            event=self.event,
            code=f"BK-{number}",
            quantity=1,
            reserved_at=NOON,
            reserved_until=LATER,
            **amounts,
        )
        place = self._of("events", "EventSeat").create(
            event=self.event, price_level=self.level, status="sold", was_claimed=True
        )
        ticket = self._of("bookings", "Ticket").create(
            booking=booking, number=1, ticket_type=self.ticket_type, event_seat=place, price=5, fee=0, tax=0
        )
        self._of("bookings", "Ticket").select_related("booking__event").get(pk=ticket.pk)
        self._of("bookings", "Payment").create(
            booking=booking,
            provider="sandbox",
            key=f"key-{number}",
            amount=5,
            currency="EUR",
            created_at=NOON,
            expires_at=LATER,
        )
        self._of("bookings", "Booking").filter(pk=booking.pk).update(confirmed_at=NOON, **SOLD_TO)
        self._of("events", "Event").filter(pk=self.event.pk).update(summary=f"{number} sold")
        self._of("notifications", "Message").create(
            organization_id=self.event.organization_id,
            kind="booking-confirmed",
            about_type="bookings.booking",
            about_id=booking.pk,
            message_id=f"<{number}@example.com>",
            to="zoe@example.com",
            next_attempt_at=LATER,
            created_at=NOON,
        )

    def go_on(self) -> None:
        """Wait until each has sold twice more: the second was begun meanwhile."""
        before = list(self.sold)
        until(lambda: self.went_on(before) or any(each.answer for each in self.started))
        assert [each.answer for each in self.started] == [None] * len(self.started)

    def went_on(self, before: list[int]) -> bool:
        return all(now >= then + 2 for now, then in zip(self.sold, before, strict=True))

    def stop(self) -> list[Any]:
        """Return what went wrong."""
        self.over.set()
        return [answer for each in self.started if (answer := each.end()) is not None]


class InTheWay:
    """Somebody who has written to the table of a step and doesn't end; `meanwhile` says what is to happen then."""

    def __init__(self, database: str, meanwhile: Callable[[int, str], None]) -> None:
        self.database, self.meanwhile = database, meanwhile
        self.seen: list[str] = []

    def migrate(self) -> Any:
        """Migrate in a thread; return what that raised."""

        def run() -> None:
            with _connected(self.database) as here, here.execute_wrapper(self):
                executor = MigrationExecutor(here)
                executor.migrate(executor.loader.graph.leaf_nodes())

        return Started(run).end()

    def __call__(self, execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        table = WRITTEN.search(sql) if STEPS.match(sql) else None
        if table is None or sql in self.seen or self._is_locked(table[1]):
            return execute(sql, params, many, context)
        self.seen.append(sql)
        pid, ended = context["connection"].connection.info.backend_pid, threading.Event()
        with _writing(self.database, table[1]) as stop:
            helper = Started(lambda: self._let(pid, sql, ended, stop))
            try:
                return execute(sql, params, many, context)
            finally:
                ended.set()
                assert helper.end() is None

    def _is_locked(self, table: str) -> bool:
        """By an earlier statement of the same step."""
        modes = "('AccessExclusiveLock', 'ShareRowExclusiveLock')"
        question = f"SELECT FROM pg_locks WHERE relation = '{table}'::regclass AND granted AND mode IN {modes}"
        return bool(_asked(self.database, question))

    def _let(self, pid: int, sql: str, ended: threading.Event, stop: Callable[[], None]) -> None:
        try:
            until(lambda: ended.is_set() or _wait(pid))
            self.meanwhile(pid, sql)
        finally:
            stop()


@contextmanager
def _writing(database: str, table: str) -> Iterator[Callable[[], None]]:
    """A transaction that has written to the table; yield what ends it."""
    at = connection.settings_dict
    address = {"host": at["HOST"], "port": at["PORT"], "user": at["USER"], "password": at["PASSWORD"]}
    with psycopg.connect(dbname=database, **address) as other:
        other.execute(f'LOCK TABLE "{table}" IN ROW EXCLUSIVE MODE')
        yield other.rollback


def _wait(*pids: int) -> bool:
    """Whether all of these wait for somebody's lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM unnest(%s) AS pid WHERE pg_blocking_pids(pid) <> '{}'", [list(pids)])
        return cursor.fetchone()[0] == len(pids)


def _promises(name: str) -> tuple[set[str], set[str]]:
    """What the tables do not, or not yet, promise: constraints and indexes."""
    constraints = _asked(name, "SELECT conname FROM pg_constraint WHERE NOT convalidated")
    indexes = _asked(name, "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
    return {name for (name,) in constraints}, {name for (name,) in indexes}


def test_the_version_before_sells_on_while_its_tables_change(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside each step somebody writes for as long as it takes all others to sell; and no statement fails."""
    monkeypatch.setattr(online, "MOMENT", timedelta(milliseconds=50))
    monkeypatch.setattr(online, "PAUSE", timedelta(milliseconds=50))
    sellers = Sellers(old)
    sellers.go_on()
    sold = "SELECT id, code, customer_name, email, {} FROM bookings_booking WHERE status = 'confirmed'"
    before: set[int] = set()

    def sell_on(_pid: int, sql: str) -> None:
        sellers.go_on()
        if sql.endswith(f'VALIDATE CONSTRAINT "{LAST}"'):
            before.update(pk for pk, *_rest in _asked(old, sold.format("1")))

    steps = InTheWay(old, sell_on)
    assert steps.migrate() is None
    assert sellers.stop() == []
    assert {found[1] for sql in steps.seen if (found := WRITTEN.search(sql))} == {
        "bookings_booking",
        "bookings_ticket",
        "bookings_payment",
        "events_event",
        "events_eventseat",
        "notifications_message",
    }
    assert _promises(old) == (set(), set())
    rows = _asked(old, sold.format("search_text"))
    found = {pk for pk, code, name, email, text in rows if text == folded(f"{code} {name} {email}")}
    assert found >= before > set()
    assert {text for pk, *_rest, text in rows if pk not in found} <= {""}  # which housekeeping looks for


def test_an_index_in_a_transaction_would_have_stopped_all_sales(old: str) -> None:
    """The twin."""
    sellers = Sellers(old)
    sellers.go_on()
    with _writing(old, "bookings_booking") as stop:
        making = Started(lambda: _make_index(old))
        until(lambda: _wait(*sellers.pids))
        stop()
    assert making.end() is None
    assert sellers.stop() == []


def _make_index(database: str) -> None:
    with _connected(database) as here, here.cursor() as cursor:
        cursor.execute("CREATE INDEX twin ON bookings_booking (reserved_at)")


def test_a_migration_that_was_interrupted_is_started_again(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of a table's new columns, and in an index, which stays behind and is of no use."""
    monkeypatch.setattr(online, "MOMENT", timedelta(seconds=GUARD))
    assert Sellers(old, 1).stop() == []
    for place, left in (
        ('ALTER TABLE "bookings_ticket" ADD COLUMN "credited_tax"', set()),
        ('CREATE INDEX CONCURRENTLY "bookings_by_sale"', {"bookings_by_sale"}),
        ('CREATE UNIQUE INDEX CONCURRENTLY "a_booking_is_brought_in_once"', {"a_booking_is_brought_in_once"}),
    ):

        def interrupt(pid: int, sql: str, place: str = place) -> None:
            if sql.startswith(place):
                _do(f"SELECT pg_cancel_backend({pid})")

        assert isinstance(InTheWay(old, interrupt).migrate(), DatabaseError)
        assert _promises(old) == (set(), left)
    assert InTheWay(old, lambda _pid, _sql: None).migrate() is None
    assert _promises(old) == (set(), set())
