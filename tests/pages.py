"""What tests of pages share: files without collectstatic, and a purchase as a browser makes it."""

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from bookings.models import Booking
from core import codes
from events.models import Event, Price

DETAILS = {"name": "Ada Example", "email": "ada@example.com", "phone": ""}


@pytest.fixture(autouse=True)
def plain_static(settings: Any) -> None:
    """Nobody has to run collectstatic for a test."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


def choice(event: Event, quantity: Any = 2, **fields: Any) -> dict[str, Any]:
    """What the event's form sends."""
    price = Price.objects.get(price_level__event=event)
    return {"key": codes.secret(), f"price_{price.pk}": quantity} | fields


def post_choice(client: Client, event: Event, data: Any = None, **extra: Any) -> HttpResponse:
    """Send the event's form."""
    return client.post(reverse("bookings:reserve", args=[event.slug]), choice(event) if data is None else data, **extra)


def page(booking: Booking, name: str) -> str:
    """The address of one of a booking's pages."""
    return reverse(f"bookings:{name}", args=[booking.secret])


def text_of(response: HttpResponse) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def hidden(response: HttpResponse, name: str) -> str:
    """The value of a hidden field of the page's form."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]+)"', response.content.decode())
    assert found, f"no hidden field {name}"
    return found[1]
