"""Whoever guesses passwords at several servers at once has no more attempts than at one."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.accounts.people import code_in, is_in, last_mail, sign_in, somebody
from tests.pages import plain_static
from tests.races.harness import GUARD, shop

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

__all__ = ["plain_static"]

SERVERS = 4


@pytest.fixture(autouse=True)
def _nothing_counted() -> Iterator[None]:
    """The table of limits is no model's, so no test empties it by itself."""
    cache.clear()
    yield
    cache.clear()


def looked_at(what: str, each: int, *alone: str) -> int:
    """Guess at all servers at one moment; return at how many passwords they looked."""
    doors = [shop(what, each, each * server, *alone, module="tests.races.door") for server in range(SERVERS)]
    for door in doors:
        assert door.stdout is not None
        assert door.stdout.readline() == "ready\n"
    for door in doors:
        assert door.stdin is not None
        door.stdin.write("go\n")
        door.stdin.flush()
    return sum(int(door.communicate(timeout=GUARD)[0]) for door in doors)


def test_one_account_stands_five_guesses_over_all_servers_and_its_owner_gets_in_by_a_code() -> None:
    """S2"""
    somebody()
    assert 1 <= looked_at("person", 5) <= 5  # who waits too long for the others is turned away too
    owner = Client(REMOTE_ADDR="198.51.100.7")
    sign_in(owner)
    assert not is_in(owner)
    owner.post(reverse("account_request_login_code"), {"email": "ada@example.com"})
    owner.post(reverse("account_confirm_login_code"), {"code": code_in(last_mail("login-code"))})
    assert is_in(owner)


def test_one_address_has_ten_guesses_over_all_servers() -> None:
    """S2: two hundred, spread over as many accounts"""
    assert 1 <= looked_at("address", 50) <= 10


def test_servers_that_count_alone_look_at_more() -> None:
    """S2, R18: the twin whose servers keep their counts to themselves"""
    somebody()
    assert looked_at("person", 5, "alone") == 5 * SERVERS
    assert looked_at("address", 50, "alone") == 10 * SERVERS
