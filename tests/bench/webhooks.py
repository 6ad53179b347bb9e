"""What a provider's message costs: stored over HTTP, and acted on by the worker."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from stripe import WebhookSignature

from bookings.models import ProviderEvent
from bookings.services import provider_events
from core import codes
from tests import standin
from tests.bench.house import hot_event
from tests.bench.load import Client, rate, server
from tests.bench.report import Report
from tests.providers import StandIn, asked

SENDERS = 4
ACTED_ON = 40


def webhook(report: Report, seconds: float) -> None:
    """Stripe's messages, signed by its own package; the stand-in answers who asks for the truth."""
    report.title("Cost of a webhook")
    with _stripe() as (stripe, environment), override_settings(**environment):
        with server(**environment) as port:
            new, same = _message(), _message()
            first = Client(port)
            assert _post(first, same) == 200
            fresh = rate(lambda _number: _sender(port, _message), buyers=SENDERS, seconds=seconds)
            again = rate(lambda _number: _sender(port, lambda: same), buyers=SENDERS, seconds=seconds)
        report.line(f"messages stored a second, {SENDERS} senders", f"{fresh:,.0f}")
        report.line("the same message, once more", f"{again:,.0f}")
        with CaptureQueriesContext(connection) as captured:
            provider_events.receive(provider="stripe", body=new.encode(), headers={"Stripe-Signature": _signature(new)})
        report.line("statements of storing one", str(len(captured)))
        _act(report, stripe)


def _act(report: Report, stripe: StandIn) -> None:
    """Payments that are really there: asked for, settled, confirmed."""
    event, took = hot_event(200), []
    for _customer in range(ACTED_ON):
        stripe("pay", checkout=asked(event, "stripe").checkout_reference)
    for message in stripe.told("payment_intent.succeeded"):
        provider_events.receive(provider="stripe", body=message["body"].encode(), headers=message["headers"])
    waiting = ProviderEvent.objects.filter(kind="payment_intent.succeeded", payload__has_key="metadata")
    for pk in waiting.order_by("-pk").values_list("pk", flat=True)[:ACTED_ON]:
        began = time.perf_counter()
        assert provider_events.handle(pk)
        took.append(1_000 * (time.perf_counter() - began))
    report.line("one acted on, its provider asked and tickets made, p50", f"{statistics.median(took):,.0f} ms")


def _sender(port: int, message: Callable[[], str]) -> Callable[[], object]:
    client = Client(port)

    def send() -> None:
        status = _post(client, message())
        if status != 200:
            raise RuntimeError(f"answered {status}")

    return send


def _post(client: Client, message: str) -> int:
    return client.post("/webhooks/stripe/", message, f"Stripe-Signature: {_signature(message)}\r\n").status


def _message() -> str:
    """One that is about a payment of somebody else's."""
    thing = {"id": f"pi_{codes.secret()}", "object": "payment_intent", "amount": 2_000, "currency": "eur"}
    return json.dumps({"id": f"evt_{codes.secret()}", "type": "payment_intent.succeeded", "data": {"object": thing}})


def _signature(message: str) -> str:
    return WebhookSignature.generate_signature_header(message, standin.STRIPE_SECRET, int(time.time()))


@contextmanager
def _stripe() -> Iterator[tuple[StandIn, dict[str, str]]]:
    """The stand-in, and the settings of a house that uses it."""
    command = [sys.executable, "-m", "tests.standin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            address = process.stdout.readline().strip()
            environment = {"STRIPE_SECRET_KEY": standin.STRIPE_KEY, "STRIPE_WEBHOOK_SECRET": standin.STRIPE_SECRET}
            environment |= {"STRIPE_API": address, "STRIPE_PAGES": address}
            yield StandIn(address), environment
        finally:
            process.kill()
