"""The stand-in of Stripe and PayPal for tests: started once, forgotten after each test."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from bookings.gateways import paypal
from bookings.models import Payment, ProviderEvent
from bookings.services import payments, provider_events
from tests import standin as books
from tests.factories import reserve, with_details


class StandIn:
    """Speaks to its process."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __call__(self, name: str, **sent: Any) -> Any:
        """Do what CONTROLS says."""
        request = Request(f"{self.address}/control/{name}", json.dumps(sent).encode())
        with urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def told(self, *kinds: str, age: float = 0) -> list[dict[str, Any]]:
        """The messages that wait to be delivered, of these kinds or all."""
        return [each for each in self("messages", age=age) if not kinds or each["kind"] in kinds]

    def asked(self, path: str) -> int:
        """How often something was asked for."""
        return sum(each.endswith(path) for each in self("asked"))


@pytest.fixture(scope="session")
def _process() -> Iterator[StandIn]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.standin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        yield StandIn(process.stdout.readline().strip())
        process.kill()


@pytest.fixture
def standin(_process: StandIn, settings: Any) -> StandIn:
    """Both providers, set up here and without any history."""
    _process("reset")
    paypal._tokens.clear()
    settings.PAYMENT_PROVIDERS = ["sandbox", "stripe", "paypal", "transfer"]
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = books.STRIPE_KEY, books.STRIPE_SECRET
    settings.PAYPAL_CLIENT_ID, settings.PAYPAL_CLIENT_SECRET = books.PAYPAL_ID, books.PAYPAL_SECRET
    settings.PAYPAL_WEBHOOK_ID = books.PAYPAL_WEBHOOK
    for name in ("STRIPE_API", "STRIPE_PAGES", "PAYPAL_API", "PAYPAL_PAGES"):
        setattr(settings, name, _process.address)
    return _process


def asked(event: Any, provider: str, quantity: int = 2) -> Payment:
    """Reserve, give details, and hand over to a provider."""
    booking = with_details(reserve(event, quantity))
    payments.hand_over(booking_id=booking.pk, provider=provider)
    return booking.payments.latest("pk")


def deliver(client: Client, message: dict[str, Any], **changed: Any) -> HttpResponse:
    """Post a message as its provider would."""
    address = reverse("bookings:webhook", args=[changed.pop("provider", message["provider"])])
    body, headers = changed.pop("body", message["body"]), changed.pop("headers", message["headers"])
    return client.post(address, data=body, content_type="application/json", headers=headers)


def work() -> int:
    """Let the worker act on what came."""
    return sum(provider_events.handle(pk) for pk in ProviderEvent.objects.order_by("pk").values_list("pk", flat=True))
