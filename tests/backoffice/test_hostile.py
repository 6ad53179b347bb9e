"""What nobody types by accident is answered, and fails nowhere (S33)."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Event
from tests.backoffice.desk import at_work, fields_of
from tests.factories import event_on_sale

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "9" * 5_000
INVALID = 302  # to the list without it, with the word


@pytest.fixture
def event(noon: datetime) -> Event:
    return event_on_sale()


@pytest.fixture
def client(event: Event) -> Client:
    return at_work("admin", event.organization)[0]


@pytest.mark.parametrize("shelf", ["bookings_booking", "events_event", "core_auditentry"])
@pytest.mark.parametrize("value", ["9" * 30, "99999", LONG, "-1", "\x00"])
def test_a_year_that_no_calendar_has(client: Client, shelf: str, value: str) -> None:
    name = {"bookings_booking": "reserved_at", "events_event": "starts_at", "core_auditentry": "at"}[shelf]
    response = client.get(reverse(f"admin:{shelf}_changelist"), {f"{name}__year": value})
    assert response.status_code == INVALID


@pytest.mark.parametrize("shelf", ["bookings_booking", "events_event", "notifications_message"])
def test_a_filter_with_what_no_text_holds(client: Client, shelf: str) -> None:
    response = client.get(reverse(f"admin:{shelf}_changelist"), {"status__exact": "\x00"})
    assert response.status_code in (200, INVALID)  # SQLite would find none


@pytest.mark.parametrize(("shelf", "status"), [("bookings_booking", INVALID), ("events_eventseat", 404)])
def test_an_event_with_a_number_longer_than_any(client: Client, shelf: str, status: int) -> None:
    name = "event__id__exact" if shelf == "bookings_booking" else "event"
    assert client.get(reverse(f"admin:{shelf}_changelist"), {name: LONG}).status_code == status


@pytest.mark.parametrize("row", ["\x00", "²", LONG, "1 or 1=1", ""])
@pytest.mark.parametrize(("shelf", "action"), [("notifications_message", "try_again"), ("bookings_booking", "resend")])
def test_a_ticked_row_that_is_no_number(client: Client, shelf: str, action: str, row: str) -> None:
    response = client.post(reverse(f"admin:{shelf}_changelist"), {"action": action, "_selected_action": [row]})
    assert response.status_code == 400


def test_a_venue_with_a_number_longer_than_any(client: Client) -> None:
    address = reverse("admin:events_event_add")
    response = client.post(address, fields_of(client.get(address)) | {"venue": LONG})
    assert response.status_code == 200
    assert "venue" in response.context["adminform"].form.errors


@pytest.mark.parametrize(("model", "field"), [("event", "venue"), ("booking", "user")])
def test_a_search_with_what_no_text_holds(client: Client, model: str, field: str) -> None:
    app = {"event": "events", "booking": "bookings"}[model]
    asked = {"app_label": app, "model_name": model, "field_name": field, "term": "\x00"}
    assert client.get(reverse("admin:autocomplete"), asked).status_code == 200
    assert client.get(reverse("admin:sell"), {"q": "\x00"}).status_code == 200
