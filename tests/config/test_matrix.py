"""Every address, asked by everybody, in every way."""

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from tests.backoffice.shelves import SHELVES, registered, unlisted
from tests.config import matrix
from tests.config.matrix import WHO, Answers, Entry, World, answer, nothing

OWN_BOOKS = re.compile(r'"?(django_session|core_throttlewindow|core_cache|usersessions_usersession)"?\b')
"""What we note of a request whatever it asks for."""
SAME_FOR_ALL = ("admin:jsi18n", "admin:login")
"""Not public, and yet without anything private: Django's words for its scripts, and the way to the door."""

FEW = (matrix.ANONYMOUS, matrix.A, "analyst X", "admin X", "admin Y")
"""Enough to see whether nothing is told apart from what is somebody else's."""


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """Each refusal would be a line of the log with where it came from, and there are thousands."""
    logging.disable(logging.WARNING)
    yield matrix.build()
    logging.disable(logging.NOTSET)


@contextmanager
def undone() -> Iterator[list[str]]:
    """Yield what is written meanwhile, and take it back."""
    written: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")) and not OWN_BOOKS.search(sql):
            written.append(sql[:120])
        return execute(sql, params, many, context)

    before = transaction.savepoint_create()
    try:
        with connection.execute_wrapper(watch):
            yield written
    finally:
        transaction.savepoint_rollback(before)


def compare(
    world: World,
    entry: Entry,
    method: str,
    address: str,
    expected: Answers,
    who_asks: Iterable[str] = WHO,
    **headers: str,
) -> list[str]:
    """Ask as everybody; return what differs and for whom, and each write that came with a refusal or with a GET."""
    found: dict[str, list[str]] = defaultdict(list)
    data = entry.data(world) if method == "POST" and entry.data else None
    for who in who_asks:
        with undone() as written:
            said = answer(world.ask(who, method, address, data, **headers))
        if said != expected[who]:
            found[f"{said}, not {expected[who]}"].append(who)
        if written and (is_refusal(said) or (method == "GET" and not entry.writes)):
            found[f"{said}, and yet {written[0]}"].append(who)
    return [f"{entry.name} {method}: {what} for {', '.join(them)}" for what, them in found.items()]


def is_refusal(said: matrix.Answer) -> bool:
    return isinstance(said, str) or said >= 400


def test_every_address_has_an_entry_and_every_entry_an_address() -> None:
    """S8"""
    listed = Counter(entry.name for entry in matrix.table())
    assert {name for name, times in listed.items() if times > 1} == set()
    assert set(matrix.patterns()) == set(listed)


def test_every_model_in_the_admin_has_its_rights_written_down() -> None:
    """S8"""
    assert unlisted() == set()
    assert set(SHELVES) == set(registered())


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain", "htmx"])
def test_everybody_gets_what_the_table_says(world: World, headers: dict[str, str]) -> None:
    """S8, S9, S10, S14"""
    found = []
    for entry in matrix.table():
        expected = entry.htmx if headers and entry.htmx else entry.get
        found += compare(world, entry, "GET", entry.address(world), expected, **headers)
    assert not found, "\n".join(found)


def test_everybody_may_send_what_the_table_says_and_a_refusal_changes_nothing(world: World) -> None:
    """S8, S9, S14"""
    found = []
    for entry in matrix.table():
        found += compare(world, entry, "POST", entry.address(world), entry.post)
    assert not found, "\n".join(found)


def test_what_is_another_houses_and_what_is_not_at_all_are_the_same(world: World) -> None:
    """S9, S11"""
    found = []
    for entry in matrix.table():
        if address := entry.nowhere(world):
            found += compare(world, entry, "GET", address, nothing(entry.get), FEW)
            found += compare(world, entry, "POST", address, entry.lost or nothing(entry.post), FEW)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("origin", ["", "https://elsewhere.example"], ids=["no token", "from elsewhere"])
def test_a_form_that_is_not_ours_is_refused_everywhere(world: World, origin: str) -> None:
    """S15"""
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    token = {"csrfmiddlewaretoken": "t" * 32} if origin else {}
    found = []
    ours = [entry for entry in matrix.table() if entry.name != "bookings:webhook"]  # its senders sign instead
    for entry, who in product(ours, (matrix.ANONYMOUS, matrix.A, "admin X")):
        world.client = strict
        world.cookies = {settings.CSRF_COOKIE_NAME: "t" * 32} if origin else {}
        sent = (entry.data(world) if entry.data else {}) | token
        with undone() as written:
            said = world.ask(who, "POST", entry.address(world), sent, **({"Origin": origin} if origin else {}))
        if said.status_code != 403 or written:
            found.append(f"{entry.name} {who}: {said.status_code} {written}")
    assert not found, "\n".join(found)


def test_what_is_private_is_in_no_cache(world: World) -> None:
    """S50"""
    found = []
    for entry, who in product(matrix.table(), (matrix.ANONYMOUS, matrix.A, "admin X")):
        with undone():
            response = world.ask(who, "GET", entry.address(world))
        kept = response.headers.get("Cache-Control", "")
        if "no-store" not in kept and entry not in matrix.PUBLIC and entry.name not in SAME_FOR_ALL:
            found.append(f"{entry.name} {who}: {response.status_code} {kept}")
    assert not found, "\n".join(found)


def test_these_checks_would_see_a_fault(world: World) -> None:
    """A wrong answer, a write under cover of a refusal, and a write by GET."""
    wrong = matrix.Entry("events:list", matrix.everybody(404), matrix.everybody(405))
    assert compare(world, wrong, "GET", "/events/", wrong.get) == [
        f"events:list GET: 200, not 404 for {', '.join(WHO)}"
    ]
    with undone() as written:
        world.x.save()
    assert any("accounts_organization" in each for each in written)
    silent = matrix.Entry("ready", matrix.everybody(200), matrix.everybody(405))
    assert "and yet UPDATE" in compare(world, silent, "GET", "/health/ready", silent.get)[0]
