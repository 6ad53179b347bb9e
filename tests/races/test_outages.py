"""A database that goes away, takes no writes or lets nobody in, under a server that is asked all the time."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client as Visitor
from django.urls import reverse

from bookings.models import Booking
from core import codes
from events.models import Event
from tests.bench.load import Answer, Client, server
from tests.factories import customer, event_on_sale, price_of
from tests.races.harness import broken, this_database, until

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

FRIENDLY = "Nothing was lost"
HEALED_WITHIN = 30


class Crowd:
    """Customers who look around and reserve, over and over, some of them signed in; and what they were told."""

    def __init__(self, port: int, event: Event) -> None:
        self.port, self.event = port, event
        self.price = price_of(event).pk
        self.token = self.token_of(Client(port))
        self.answers: list[Answer] = []
        self.lost: list[str] = []
        self.over = threading.Event()
        sessions = [signed_in(), "", "", ""]
        self.threads = [threading.Thread(target=self.visit, args=[each], daemon=True) for each in sessions]

    def token_of(self, client: Client) -> tuple[str, str]:
        """What a form needs: the cookie and the field."""
        page = client.get(self.event.get_absolute_url()).body.decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found
        return client.cookies["csrftoken"], found[1]

    def visit(self, session: str) -> None:
        client = Client(self.port)
        client.cookies["csrftoken"] = self.token[0]
        while not self.over.is_set():
            if session:
                client.cookies[settings.SESSION_COOKIE_NAME] = session
            for ask in (self.reserve, self.look, self.look_at_own):
                try:
                    self.answers.append(ask(client))
                except OSError as error:
                    self.lost.append(repr(error))

    def look(self, client: Client) -> Answer:
        return client.get(self.event.get_absolute_url())

    def look_at_own(self, client: Client) -> Answer:
        return client.get(reverse("account"))

    def reserve(self, client: Client) -> Answer:
        body = f"csrfmiddlewaretoken={self.token[1]}&key={codes.secret()}&price_{self.price}=1"
        return client.post(f"{self.event.get_absolute_url()}reserve/", body)

    def statuses(self) -> set[int]:
        return {answer.status for answer in self.answers}

    def go_on(self, answers: int) -> list[Answer]:
        """Wait for so many more answers; return them."""
        before = len(self.answers)
        until(lambda: len(self.answers) >= before + answers)
        return self.answers[before:]

    def healed(self) -> float:
        """Wait until forty answers in a row are good; return how many seconds that took."""
        began = monotonic()
        until(lambda: all(each.status < 400 for each in self.go_on(40)))
        return monotonic() - began

    def promised(self) -> list[str]:
        """The secrets of the bookings that somebody was led to."""
        found = (re.search(r"/bookings/([\w-]{20,})/", each.header("Location")) for each in self.answers)
        return [each[1] for each in found if each]


def signed_in() -> str:
    visitor = Visitor()
    visitor.force_login(customer(email=f"{codes.secret()}@example.com".lower()))
    return visitor.cookies[settings.SESSION_COOKIE_NAME].value


@contextmanager
def crowd(**environment: str) -> Iterator[Crowd]:
    """Open a shop, and let a crowd come."""
    event = event_on_sale(levels={"Standing": 10_000}, venue__capacity=10_000)
    environment |= {"DATABASE_URL": this_database(), "PGAPPNAME": "shop"}
    with server(settings="tests.races.served", **environment) as port:
        people = Crowd(port, event)
        for thread in people.threads:
            thread.start()
        try:
            people.go_on(20)
            yield people
        finally:
            people.over.set()
            for thread in people.threads:
                thread.join(30)


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")
        cursor.execute(sql.format(database=connection.ops.quote_name(connection.settings_dict["NAME"])))


def cut() -> None:
    """Cut every connection of the shop."""
    execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'shop'"
    )


def unfriendly(answers: list[Answer]) -> list[tuple[int, str]]:
    """Answers that are neither good nor a 503 that says that nothing was lost, and when to come again."""
    return [
        (each.status, each.body[:300].decode())
        for each in answers
        if each.status >= 400
        and (each.status, each.header("Retry-After"), FRIENDLY in each.body.decode()) != (503, "5", True)
    ]


def kept(people: Crowd) -> bool:
    """Whether every booking that somebody was led to is there."""
    promised = people.promised()
    return bool(promised) and Booking.objects.filter(secret__in=promised).count() == len(set(promised))


def test_every_connection_cut_under_load_is_a_friendly_503_and_heals_by_itself() -> None:
    """R39, R14: again and again, until it has met customers in all kinds of moments."""
    with crowd() as people:
        for _cut in range(5):
            cut()
            people.go_on(10)
        until(lambda: cut() or 503 in Counter(each.status for each in people.go_on(5)))
        assert people.healed() < HEALED_WITHIN
    assert (unfriendly(people.answers), people.lost) == ([], [])
    assert kept(people)
    assert broken() == set()


def test_without_the_pages_for_faults_a_cut_is_a_server_error() -> None:
    """R39, R18: the twin."""
    with crowd(UNFRIENDLY="yes") as people:
        until(lambda: cut() or 500 in Counter(each.status for each in people.go_on(5)))
    assert unfriendly(people.answers) != []


@contextmanager
def trouble(begin: str, end: str) -> Iterator[None]:
    """Change the database, for all connections that are made from now on, and for none later."""
    execute(f"ALTER DATABASE {{database}} {begin}")
    try:
        cut()
        yield
    finally:
        execute(f"ALTER DATABASE {{database}} {end}")


READ_ONLY = ("SET default_transaction_read_only = on", "RESET default_transaction_read_only")
NOBODY_IN = ("CONNECTION LIMIT 1", "CONNECTION LIMIT -1")


@pytest.mark.parametrize("how", [READ_ONLY, NOBODY_IN], ids=["read-only", "exhausted"])
def test_a_database_in_trouble_is_a_friendly_503_with_nothing_half_done(how: tuple[str, str]) -> None:
    """R40: readiness false, liveness true; and healed afterwards without a restart."""
    with crowd() as people:
        with trouble(*how):
            until(lambda: 503 in {each.status for each in people.go_on(4)})
            before = Booking.objects.count()
            until(lambda: 503 in {each.status for each in people.go_on(4)})  # somebody tried to write meanwhile
            assert Booking.objects.count() == before
            machine = Client(people.port)
            assert (machine.get("/health/live").status, machine.get("/health/ready").status) == (200, 503)
        cut()  # who is connected since then, is so for reading only
        assert people.healed() < HEALED_WITHIN
        until(lambda: Client(people.port).get("/health/ready").status == 200)  # both processes have a connection again
    assert (unfriendly(people.answers), people.lost) == ([], [])
    assert kept(people)
    assert broken() == set()
