"""Messages in the admin."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.models import Booking
from core import clock
from core.models import AuditEntry
from notifications import outbox
from notifications.models import Message
from tests.backoffice.desk import at_work
from tests.factories import event_on_sale, paid
from tests.pages import text_of

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/notifications/message/"


@pytest.fixture
def booking(noon: datetime) -> Booking:
    return paid(event_on_sale(title="Evening"))


def desk(booking: Booking, role: str = "support") -> Client:
    return at_work(role, booking.organization)[0]


def page_of(message: Message) -> str:
    return f"{LIST}{message.pk}/change/"


def post(booking: Booking, **more: Any) -> Message:
    given = {"kind": "note", "to": booking.email, "subject": "A note", "text": "text", "html": "html"}
    return outbox.post(about=booking, at=clock.now(), once=False, **(given | more))


def test_messages_are_listed_and_filtered(booking: Booking) -> None:
    failed = post(booking)
    Message.objects.filter(pk=failed.pk).update(status="failed")
    client = desk(booking)
    assert "Your tickets for Evening booking-confirmed ada@example.com queued 0" in text_of(client.get(LIST))
    page = client.get(LIST, {"status__exact": "failed"})
    assert list(page.context["cl"].result_list) == [failed]
    assert list(client.get(LIST, {"kind": "note"}).context["cl"].result_list) == [failed]
    assert client.get(LIST, {"q": "ADA@ex"}).context["cl"].result_count == 2
    assert client.get(LIST, {"q": "example"}).context["cl"].result_count == 0


def test_a_confidential_message_is_nobodys_business(booking: Booking) -> None:
    message = post(booking, confidential=True)
    client = desk(booking, "admin")
    assert "A note" not in text_of(client.get(LIST))
    assert client.get(page_of(message)).status_code == 404
    client.post(LIST, {"action": "try_again", "_selected_action": message.pk})
    assert not AuditEntry.objects.filter(action="message.retried").exists()


def test_a_message_of_another_organization_is_not_there(booking: Booking) -> None:
    """S9, S11"""
    message, stranger = Message.objects.get(), desk(paid(event_on_sale()))
    Message.objects.update(status="failed")
    assert stranger.get(page_of(message)).status_code == 404
    stranger.post(LIST, {"action": "try_again", "_selected_action": message.pk})
    assert not AuditEntry.objects.filter(action="message.retried").exists()


def test_the_text_is_shown_as_text(booking: Booking) -> None:
    """S29"""
    message = post(booking, text="Hello <script>alert(1)</script>\nyou")
    html = desk(booking).get(page_of(message)).content.decode()
    assert "Hello &lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html


def test_what_failed_is_tried_again_with_a_result_for_each(booking: Booking) -> None:
    """U48"""
    confirmation, failed = Message.objects.get(), post(booking)
    Message.objects.filter(pk=confirmation.pk).update(status="sent", sent_at=clock.now())
    Message.objects.filter(pk=failed.pk).update(status="failed", attempts=12)
    client, clerk = at_work("support", booking.organization)
    data = {"action": "try_again", "_selected_action": [confirmation.pk, failed.pk]}
    text = text_of(client.post(LIST, data, follow=True))
    assert "“Your tickets for Evening” to ada@example.com was sent already." in text
    assert "“A note” to ada@example.com is tried again." in text
    entry = AuditEntry.objects.get(action="message.retried")
    assert (entry.object_id, entry.by) == (failed.pk, clerk)
    failed.refresh_from_db()
    assert (failed.status, failed.attempts) == ("queued", 0)


@pytest.mark.parametrize(("role", "status"), [("analyst", 403), ("entry_manager", 403), ("organizer", 200)])
def test_messages_are_for_who_may_see_bookings(booking: Booking, role: str, status: int) -> None:
    """S8"""
    assert desk(booking, role).get(LIST).status_code == status


def test_one_message_and_many_take_the_same_number_of_queries(booking: Booking) -> None:
    client = desk(booking)
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for _number in range(12):
        post(booking)
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)
    assert len(many) == len(few)


@pytest.mark.parametrize("lookup", ["text__contains", "html__startswith", "once_key__startswith", "to__startswith"])
def test_no_text_is_guessed_letter_by_letter(booking: Booking, lookup: str) -> None:
    """S33"""
    assert desk(booking).get(LIST, {lookup: "x"}).status_code in (302, 400)
