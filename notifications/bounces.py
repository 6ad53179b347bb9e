"""
Mail that came back: a mail server's report (RFC 3464) tells which message of ours, and why.

A report can come from anybody, so it only ever marks a message; and what can't be read is none of ours.
"""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import compat32

from core import audit, clock
from core.text import one_line
from core.transactions import outermost
from notifications.models import Message


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says of a message that won't be delivered."""

    message_id: str
    failure: str


def noted(raw: bytes) -> Message | None:
    """Mark the message that a report is about as come back; None if it is no such report or about none of ours."""
    report = read(raw)
    return _note(report=report) if report else None


def read(raw: bytes) -> Report | None:
    """Return what a report says; None for any other mail, and for one that only says "later"."""
    mail = message_from_bytes(raw, policy=compat32)
    failure = next((said for part in mail.walk() if (said := _failure(part))), "")
    message_id = next((found for part in mail.walk() if (found := _message_id(part, mail))), "")
    return Report(message_id, failure) if failure and message_id else None


@outermost
def _note(*, report: Report) -> Message | None:
    message = Message.objects.select_for_update(no_key=True).filter(message_id=report.message_id).first()
    if message and message.bounced_at is None:
        message.bounced_at, message.failure = clock.now(), report.failure
        message.save(update_fields=["bounced_at", "failure"])
        audit.record("message.bounced", message, at=message.bounced_at, kind=message.kind)
    return message


def _failure(part: Mail) -> str:
    """Why one recipient's copy failed for good, in the server's words."""
    if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
        return ""
    for recipient in part.get_payload():
        if isinstance(recipient, Mail) and str(recipient.get("Action", "")).strip().lower() == "failed":
            said = [str(recipient.get(name, "")) for name in ("Status", "Diagnostic-Code")]
            return one_line(" ".join(said))[:200] or "failed"
    return ""


def _message_id(part: Mail, report: Mail) -> str:
    """The ID of what came back: the report carries it, whole or its head alone."""
    if part is report:
        return ""  # that is the report's own
    if part.get_content_type() == "text/rfc822-headers":
        payload = part.get_payload(decode=True)
        part = message_from_bytes(payload if isinstance(payload, bytes) else b"", policy=compat32)
    return str(part.get("Message-ID", "")).strip()
