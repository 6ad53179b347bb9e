"""Mail that came back, and mail that a server refuses for good."""

import smtplib
from datetime import datetime
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core.models import AuditEntry
from notifications import bounces, outbox
from notifications.models import Message
from tests.factories import EventFactory

REPORT = """\
From: MAILER-DAEMON@mail.example
To: boxoffice@stagedoor.example
Message-ID: <of-the-report@mail.example>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; ada@example.com
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <ada@example.com>: no such
 mailbox

--x
Content-Type: {returned}

Subject: Your tickets
Message-ID: {message_id}

--x--
"""


def sent(noon: datetime) -> Message:
    about = EventFactory()
    message = outbox.post(
        kind="test", about=about, to="ada@example.com", subject="Hello", text="plain", html="", at=noon
    )
    outbox.deliver(message.pk)
    return message


def report(message: Message, action: str = "failed", returned: str = "text/rfc822-headers") -> bytes:
    return REPORT.format(action=action, returned=returned, message_id=message.message_id).encode()


def piped(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> str:
    out = StringIO()
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(raw)))
    call_command("bounce", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_a_report_marks_the_message_that_it_is_about(
    noon: datetime, returned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message, other = sent(noon), sent(noon)
    for _again in range(2):
        assert piped(report(message, returned=returned), monkeypatch) == f"Message {message.pk} came back.\n"
    message.refresh_from_db()
    other.refresh_from_db()
    failure = "5.1.1 smtp; 550 5.1.1 <ada@example.com>: no such mailbox"
    assert (message.status, message.bounced_at, message.failure) == ("sent", noon, failure)
    assert (other.bounced_at, other.failure) == (None, "")
    assert AuditEntry.objects.filter(action="message.bounced").count() == 1


@pytest.mark.django_db
def test_what_is_late_or_about_none_of_ours_marks_nothing(noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    message = sent(noon)
    unknown = Message(message_id="<of-the-report@mail.example>")
    for raw in (report(message, action="delayed"), report(unknown), b"", b"Hello\n\nThank you!", b"\xff\x00"):
        assert piped(raw, monkeypatch) == "This is about no message of ours.\n"
    message.refresh_from_db()
    assert message.bounced_at is None


@given(st.binary(max_size=400), st.integers(0, len(REPORT)))
def test_no_report_crashes_us(noise: bytes, at: int) -> None:
    raw = REPORT.encode()
    bounces.read(raw[:at] + noise + raw[at:])


class Refusing(BaseEmailBackend):
    """A mail server that has made up its mind."""

    error: Exception

    def send_messages(self, email_messages: Any) -> int:
        raise self.error


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (smtplib.SMTPRecipientsRefused({"ada@example.com": (550, b"no such mailbox")}), "failed"),
        (smtplib.SMTPRecipientsRefused({"ada@example.com": (450, b"try again later")}), "queued"),
        (smtplib.SMTPDataError(552, b"too large"), "failed"),
        (smtplib.SMTPDataError(451, b"later"), "queued"),
        (smtplib.SMTPAuthenticationError(535, b"who are you?"), "queued"),
    ],
)
def test_a_refusal_for_good_ends_the_attempts(
    noon: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, status: str
) -> None:
    settings.MAILERS = {"default": {"BACKEND": f"{__name__}.Refusing"}}
    monkeypatch.setattr(Refusing, "error", error, raising=False)
    message = sent(noon)
    message.refresh_from_db()
    assert (message.status, message.attempts) == (status, 1)
    assert str(type(error).__name__) in message.failure
    assert timezone.is_aware(message.next_attempt_at)
