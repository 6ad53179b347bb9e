"""A backup that is taken while the house sells, and what comes of it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from bookings.models import Booking, Ticket
from tests.factories import event_on_sale
from tests.races.harness import GUARD, no_shop_is_connected, shop, this_database, until

RESTORED = "restored"


def manage(*command: str, database: str) -> tuple[int, str]:
    """Run a command of `manage.py` on another database; return its exit status and what it says."""
    ended = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database},
        capture_output=True,
        text=True,
        timeout=2 * GUARD,
    )
    return ended.returncode, ended.stdout


def run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=GUARD, capture_output=True)


@contextmanager
def busy_house() -> Iterator[None]:
    """Four customers buy and cancel meanwhile, before as well as afterwards."""
    event = event_on_sale(levels={"Standing": 900})
    with shop("load", event.pk, 4) as process:
        try:
            more()
            yield
            more()
        finally:
            process.communicate(timeout=GUARD)
    until(no_shop_is_connected)


def more() -> None:
    """Wait until so many more bookings have been made."""
    wanted = Booking.objects.count() + 10
    until(lambda: Booking.objects.count() >= wanted)


@pytest.fixture
def restored() -> Iterator[str]:
    """An empty database beside this test's."""
    name = f"{connection.settings_dict['NAME']}_{RESTORED}"
    quoted = connection.ops.quote_name(name)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {quoted}")
        cursor.execute(f"CREATE DATABASE {quoted} TEMPLATE template0")
    yield f"{this_database()}_{RESTORED}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {quoted} WITH (FORCE)")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_backup_taken_while_the_house_sells_keeps_every_promise(restored: str, tmp_path: Path) -> None:
    """R47"""
    dump = str(tmp_path / "all")
    with busy_house():
        run("pg_dump", "--format=custom", f"--file={dump}", this_database())
    run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={restored}", dump)
    status, said = manage("audit", database=restored)
    assert (status, "all kept" in said) == (0, True), said


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_backup_of_one_table_after_the_other_is_seen_to_be_torn(restored: str, tmp_path: Path) -> None:
    """R47, R18: the twin that is no snapshot: the tickets are of a moment before."""
    table = Ticket._meta.db_table
    tickets, rest = str(tmp_path / "tickets"), str(tmp_path / "rest")
    with busy_house():
        run("pg_dump", "--format=custom", "--data-only", f"--table={table}", f"--file={tickets}", this_database())
        more()
        run("pg_dump", "--format=custom", f"--exclude-table-data={table}", f"--file={rest}", this_database())
    run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={restored}", rest)
    run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={restored}", tickets)
    status, said = manage("audit", database=restored)
    assert (status, "R4 " in said) == (1, True), said


def bookings_in(file: Path) -> int:
    """How many bookings a file holds; none as long as there is no table for them."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", timeout=GUARD, uri=True)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'bookings_booking'").fetchone():
            return 0
        return database.execute("SELECT count(*) FROM bookings_booking").fetchone()[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="begins with this test's own database")
def test_a_backup_of_an_embedded_database_taken_while_it_sells_keeps_every_promise(tmp_path: Path) -> None:
    """R47: with the database's own way of copying, as `sqlite3 … .backup` does it."""
    live, copy = tmp_path / "live.sqlite3", tmp_path / "copy.sqlite3"
    with closing(sqlite3.connect(live)) as empty:
        connection.connection.backup(empty)  # this test's own, with every table
    with shop("writers", 60, database=f"sqlite:///{live}") as process:
        try:
            until(lambda: bookings_in(live) >= 10)
            with closing(sqlite3.connect(live, timeout=GUARD)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target, pages=20)
            process.communicate(timeout=2 * GUARD)
        finally:
            process.kill()
    assert 10 <= bookings_in(copy) < bookings_in(live)
    status, said = manage("audit", database=f"sqlite:///{copy}")
    assert (status, "all kept" in said) == (0, True), said
