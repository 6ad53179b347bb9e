"""The outbox: posted with its cause, delivered at least once, and mail that is down delays nothing but mail."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction
from django_tasks_db.models import DBTaskResult

from bookings.queries.promises import violations
from core import clock, retries
from notifications import outbox
from notifications.models import Message
from tests.factories import EventFactory, event_on_sale, paid

pytestmark = pytest.mark.django_db


class Down(BaseEmailBackend):
    """A mail server that doesn't answer."""

    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError("nobody is there for ada@example.com")


class Reentrant(BaseEmailBackend):
    """While it sends, another worker comes by."""

    seen: list[bool] = []

    def send_messages(self, email_messages: Any) -> int:
        self.seen.append(outbox.deliver(Message.objects.get().pk))
        return len(email_messages)


def backend(of: type[BaseEmailBackend]) -> dict[str, dict[str, str]]:
    return {"default": {"BACKEND": f"{of.__module__}.{of.__qualname__}"}}


def post(about: Any, at: datetime, **changes: Any) -> Message:
    fields = {"kind": "test", "to": "ada@example.com", "subject": "Hello", "text": "plain", "html": "<p>rich</p>"}
    with transaction.atomic():
        return outbox.post(about=about, at=at, **fields | changes)


def test_a_message_is_sent_as_text_and_html_and_only_once(noon: datetime) -> None:
    """U34"""
    event = EventFactory()
    message = post(event, noon)
    assert (message.organization, message.about_type, message.about_id) == (
        event.organization,
        "events.event",
        event.pk,
    )
    assert [outbox.deliver(message.pk), outbox.deliver(message.pk), outbox.deliver_due()] == [True, False, 0]
    (sent,) = mail.outbox
    assert (sent.subject, sent.body, sent.to) == ("Hello", "plain", ["ada@example.com"])
    assert [(each.content, each.mimetype) for each in sent.alternatives] == [("<p>rich</p>", "text/html")]
    assert sent.extra_headers == {"Message-ID": message.message_id}
    message.refresh_from_db()
    assert (message.status, message.sent_at, message.attempts, message.failure) == ("sent", noon, 1, "")


def test_a_message_without_html_has_no_empty_part(noon: datetime) -> None:
    """Mail programs would show the empty part, and nothing of the text."""
    outbox.deliver(post(EventFactory(), noon, html="").pk)
    (sent,) = mail.outbox
    assert (sent.body, sent.alternatives) == ("plain", [])


def test_a_message_and_its_task_are_of_the_transaction_of_their_cause(noon: datetime) -> None:
    """R11"""
    event = EventFactory()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.post(kind="k", about=event, to="a@b.example", subject="s", text="t", html="h", at=noon)
        raise ZeroDivisionError
    assert not Message.objects.exists()
    assert not DBTaskResult.objects.exists()
    message = post(event, noon)
    task = DBTaskResult.objects.get()
    assert (task.task_path, task.args_kwargs["args"]) == ("notifications.tasks.deliver_message", [message.pk])


def test_what_is_told_once_cannot_be_posted_twice(noon: datetime) -> None:
    """R12"""
    event, other = EventFactory(), EventFactory()
    post(event, noon)
    with pytest.raises(IntegrityError):
        post(event, noon)
    post(other, noon)
    post(event, noon, kind="another")
    post(event, noon, once=False)
    post(event, noon, once=False)
    assert Message.objects.count() == 5
    assert Message.objects.values("message_id").distinct().count() == 5


def test_mail_down_delays_only_the_mail(noon: datetime, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    """R43"""
    settings.MAILERS = backend(Down)
    booking = paid(event_on_sale())
    assert booking.status == "confirmed"
    assert outbox.deliver_due() == 0
    message = Message.objects.get()
    assert (message.status, message.attempts, message.sent_at) == ("queued", 1, None)
    assert message.next_attempt_at == noon + retries.backoff(1)
    assert message.failure.startswith("ConnectionRefusedError")
    assert "ConnectionRefusedError" in caplog.text
    assert "ada@example.com" not in caplog.text
    assert outbox.deliver_due() == 0
    assert mail.outbox == []
    assert list(violations()) == []


def test_the_mail_drains_when_it_is_back_with_the_same_message_id(noon: datetime, settings: Any) -> None:
    """R12, R43"""
    working = settings.MAILERS
    settings.MAILERS = backend(Down)
    messages = [post(EventFactory(), noon) for _number in range(3)]
    assert outbox.deliver_due() == 0
    settings.MAILERS = working
    assert outbox.deliver_due() == 0  # not due yet
    clock.advance(retries.backoff(1))
    assert outbox.deliver_due(limit=2) == 2
    assert outbox.deliver_due() == 1
    assert {each.extra_headers["Message-ID"] for each in mail.outbox} == {each.message_id for each in messages}
    assert set(Message.objects.values_list("status", "attempts", "failure")) == {("sent", 2, "")}


def test_a_repeat_after_a_crash_has_the_same_message_id(noon: datetime) -> None:
    """R12, R37: it was sent, and the worker died before it could write that down."""
    message = post(EventFactory(), noon)
    assert outbox.deliver(message.pk)
    Message.objects.update(status="queued", sent_at=None)
    assert not outbox.deliver(message.pk)  # the lease of the dead worker
    clock.advance(retries.LEASE)
    assert outbox.deliver_due() == 1
    assert [each.extra_headers["Message-ID"] for each in mail.outbox] == [message.message_id] * 2


def test_one_worker_at_a_time_sends_a_message(noon: datetime, settings: Any) -> None:
    """R37"""
    settings.MAILERS = backend(Reentrant)
    Reentrant.seen.clear()
    assert outbox.deliver(post(EventFactory(), noon).pk)
    assert Reentrant.seen == [False]


def test_people_have_to_look_after_twelve_attempts(noon: datetime, settings: Any) -> None:
    settings.MAILERS = backend(Down)
    message = post(EventFactory(), noon)
    for attempt in range(1, retries.ATTEMPTS + 1):
        message.refresh_from_db()
        assert (message.status, message.attempts) == ("queued", attempt - 1)
        outbox.deliver_due()
        clock.advance(retries.backoff(attempt))
    message.refresh_from_db()
    assert (message.status, message.attempts) == ("failed", retries.ATTEMPTS)
    assert not outbox.deliver(message.pk)


def test_a_message_that_is_not_due_waits(noon: datetime) -> None:
    message = post(EventFactory(), noon + timedelta(minutes=1))
    assert not outbox.deliver(message.pk)
    assert mail.outbox == []


def test_a_message_that_does_not_exist_is_no_error() -> None:
    assert not outbox.deliver(2**40)


def test_what_was_said_about_somebody_is_forgotten_and_nothing_else(noon: datetime) -> None:
    one, other = EventFactory(), EventFactory()
    for about in (one, other):
        post(about, noon)
    with transaction.atomic():
        outbox.forget(one)
    assert Message.objects.get().about_id == other.pk
