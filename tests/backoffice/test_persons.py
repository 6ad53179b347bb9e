"""What staff do on request of somebody with an address: look, export, erase."""

from datetime import datetime, timedelta

import pytest

from bookings.models import Booking
from core import clock
from core.models import AuditEntry
from tests.backoffice.desk import at_work
from tests.factories import event_on_sale, paid
from tests.pages import text_of

pytestmark = pytest.mark.django_db

PAGE, EXPORT, ERASE = "/admin/people/", "/admin/people/export/", "/admin/people/erase/"
ADA = {"email": "ada@example.com"}


@pytest.fixture
def booking(noon: datetime) -> Booking:
    return paid(event_on_sale())


def test_an_address_is_looked_up_and_what_would_stay_is_named(booking: Booking) -> None:
    """S52"""
    client, _chief = at_work("admin", booking.organization)
    text = text_of(client.post(PAGE, ADA))
    assert "Bookings: 1" in text
    assert "These stay until they are over (the event, money on its way, an open question)." in text
    assert booking.code in text
    assert "Nothing." in text_of(client.post(PAGE, {"email": "nobody@example.com"}))
    assert "Enter a valid email address" in text_of(client.post(PAGE, {"email": "ada"}))


def test_it_is_exported_and_that_is_written_down(booking: Booking) -> None:
    """S51, S52"""
    client, chief = at_work("admin", booking.organization)
    response = client.post(EXPORT, ADA)
    assert [each["code"] for each in response.json()["bookings"]] == [booking.code]
    entry = AuditEntry.objects.get(action="person.exported")
    assert (entry.by, entry.facts, entry.organization) == (chief, {"bookings": 1}, booking.organization)
    assert client.post(EXPORT, {"email": ""}).status_code == 422


def test_it_is_erased_once_the_address_is_typed(booking: Booking) -> None:
    """S52"""
    client, _chief = at_work("admin", booking.organization)
    clock.advance(timedelta(days=40))
    for typed in ("", "eve@example.com"):
        response = client.post(ERASE, ADA | {"typed": typed})
        assert response.status_code == 422
        assert "Bookings: 1" in text_of(response)
    booking.refresh_from_db()
    assert booking.email == "ada@example.com"
    response = client.post(ERASE, ADA | {"typed": " Ada@example.com"}, follow=True)
    assert "Erased. Bookings: 1; kept for now: 0." in text_of(response)
    booking.refresh_from_db()
    assert booking.is_erased
    assert client.post(ERASE, {}).status_code == 422


def test_another_house_finds_and_erases_nothing(booking: Booking) -> None:
    """S8"""
    client, _chief = at_work("admin")
    clock.advance(timedelta(days=40))
    assert "Nothing." in text_of(client.post(PAGE, ADA))
    assert client.post(EXPORT, ADA).json()["bookings"] == []
    client.post(ERASE, ADA | {"typed": ADA["email"]})
    booking.refresh_from_db()
    assert booking.email == "ada@example.com"
