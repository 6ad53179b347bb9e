"""What the database refuses, whoever asks."""

from datetime import datetime
from typing import Any

import pytest

from notifications.models import Message
from tests.constraints import refused_by

pytestmark = pytest.mark.django_db


def message(noon: datetime, **fields: Any) -> Message:
    row: dict[str, Any] = {
        "kind": "test",
        "about_type": "events.event",
        "about_id": 1,
        "message_id": "<1@stagedoor.example>",
        "to": "ada@example.com",
        "next_attempt_at": noon,
        "created_at": noon,
    }
    return Message.objects.create(**row | fields)


@pytest.mark.parametrize("status", ["queued", "failed"])
def test_what_was_not_sent_has_no_time_of_sending(noon: datetime, status: str) -> None:
    with refused_by("a_sent_message_says_when"):
        message(noon, status=status, sent_at=noon)


@pytest.mark.parametrize("status", ["sent", "lost"])
def test_a_sent_message_says_when_and_a_status_is_known(noon: datetime, status: str) -> None:
    with refused_by("a_sent_message_says_when"):
        message(noon, status=status)


def test_what_is_to_be_sent_once_is_there_once(noon: datetime) -> None:
    """R12"""
    message(noon, once_key="test:events.event:1")
    with refused_by("once_key", "once_key"):
        message(noon, once_key="test:events.event:1", message_id="<2@stagedoor.example>")


def test_a_message_id_is_unique(noon: datetime) -> None:
    message(noon)
    with refused_by("message_id", "message_id"):
        message(noon)


def test_what_may_be_sent_again_has_no_key(noon: datetime) -> None:
    message(noon)
    message(noon, message_id="<2@stagedoor.example>")
    assert Message.objects.count() == 2
