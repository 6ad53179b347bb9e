"""A server that is stopped while somebody waits for its answer (R48)."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import transaction

from bookings.models import Booking
from core import codes
from events.models import Event, EventSeat
from tests.bench.load import Client
from tests.factories import event_on_sale, price_of
from tests.races.harness import Started, this_database, until, waiting_for_a_lock

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@contextmanager
def served() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Stagedoor as its users start it, and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {"DATABASE_URL": this_database(), "DJANGO_SETTINGS_MODULE": "tests.races.served"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "1"],
        cwd=settings.BASE_DIR,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        until(lambda: is_open(port))
        yield process, port
    finally:
        process.terminate()
        process.wait(timeout=60)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def reserve(port: int, event: Event) -> Started:
    """Let a customer reserve over HTTP."""
    client = Client(port)
    page = client.get(event.get_absolute_url()).body.decode()
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    body = f"csrfmiddlewaretoken={token}&key={codes.secret()}&price_{price_of(event).pk}=2"
    return Started(lambda: client.post(f"{event.get_absolute_url()}reserve/", body))


def test_whoever_waits_for_an_answer_gets_it_although_the_server_is_stopped() -> None:
    """R48: SIGTERM closes the door, and ends nothing that has begun."""
    event = event_on_sale()
    with served() as (server, port):
        other = Client(port)
        other.get(event.get_absolute_url())
        with transaction.atomic():
            list(EventSeat.objects.filter(event=event).order_by("pk").select_for_update())
            waiting = reserve(port, event)
            until(lambda: waiting_for_a_lock() == 1)
            server.send_signal(signal.SIGTERM)
            until(lambda: other.get(event.get_absolute_url()).header("Connection") == "close")
            assert set(other.statuses) == {200}
            assert server.poll() is None
        assert waiting.end().status == 303
        assert server.wait(timeout=60) == 0
    assert Booking.objects.get().quantity == 2
