"""What is missing around a purchase: room on the disk, the mail server, the cache."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import Client

from bookings.models import Booking
from bookings.queries.promises import violations
from bookings.services import housekeeping
from core import clock, retries
from core.models import AuditEntry
from tests.factories import event_on_sale, handed_over, settle
from tests.pages import DETAILS, page, plain_static, post_choice, text_of

__all__ = ["plain_static"]


class Down(BaseEmailBackend):
    """A mail server that isn't there."""

    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError


def rows() -> tuple[int, int]:
    return Booking.objects.count(), AuditEntry.objects.count()


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Few pages can be added to the file."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 4}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")


@pytest.fixture
def on_sale() -> Any:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its files elsewhere")
    return event_on_sale(levels={"Standing": 900}, max_per_booking=50)


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_a_friendly_503_with_nothing_half_done(on_sale: Any, full_disk: None) -> None:
    """R40: whoever finds no room is told to come again; what was accepted before is whole."""
    visitor = Client(raise_request_exception=False)
    answers = []
    while 503 not in answers and len(answers) < 200:
        before = rows()
        response = post_choice(visitor, on_sale)
        answers.append(response.status_code)
    assert set(answers) == {303, 503}
    assert response.headers["Retry-After"] == "5"
    assert "Nothing was lost" in text_of(response)
    assert rows() == before
    assert Booking.objects.count() == answers.count(303)
    assert list(violations()) == []
    assert visitor.get("/health/live").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")
    assert post_choice(visitor, on_sale).status_code == 303


@pytest.mark.django_db
def test_without_mail_and_cache_tickets_are_sold_and_the_mail_drains_afterwards(settings: Any, noon: object) -> None:
    """R43"""
    working = settings.MAILERS
    settings.MAILERS = {"default": {"BACKEND": f"{Down.__module__}.Down"}}
    event, visitor = event_on_sale(), Client()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE core_cache")
    visitor.get(event.get_absolute_url())
    visitor.get(post_choice(visitor, event)["Location"])
    booking = Booking.objects.get()
    assert visitor.post(page(booking, "details"), DETAILS).status_code == 303
    booking.refresh_from_db()
    assert settle(handed_over(booking)).status == "confirmed"
    housekeeping.tick()
    assert visitor.get(page(booking, "booking")).status_code == 200
    assert mail.outbox == []
    settings.MAILERS = working
    clock.advance(retries.backoff(1))
    assert housekeeping.tick().messages == 1
    (sent,) = mail.outbox
    assert sent.to == ["ada@example.com"]
    assert list(violations()) == []
