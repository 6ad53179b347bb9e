"""
Messages leave through here: posted in the transaction that causes them, delivered later by the worker.

The row is the truth. A delivery leases it, sends, and records; after a crash in between it is sent
again with the same Message-ID (R12), and mail that is down delays nothing but the mail (R43).
"""

import logging
import smtplib
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models
from django.utils.module_loading import import_string

from core import audit, clock, codes, retries
from core.transactions import outermost
from notifications.models import Message

logger = logging.getLogger(__name__)

WITH_ATTACHMENTS = 3
"""So many attempts insist on the attachments."""

LARGEST = 6_000_000
"""Bytes of attachments: on their way they grow by a third, and many mail servers take ten million."""

type Attachment = tuple[str, bytes, str]


def post(
    *,
    kind: str,
    about: models.Model,
    to: str,
    subject: str,
    text: str,
    html: str,
    at: datetime,
    once: bool = True,
    confidential: bool = False,
    attach: str = "",
) -> Message:
    """
    Queue a message. With `once`, the database accepts only one of this kind about this object; what a
    `confidential` one said (a code to sign in, a link to a new password) is forgotten when it is sent.

    `attach` is the dotted path of a function that takes the message and returns what is attached, as
    (file name, content, type). It is called when the message is sent, with no lock held.
    """
    from notifications.tasks import deliver_message  # noqa: PLC0415 - the task calls back into this module

    about_type = about._meta.label_lower
    message = Message.objects.create(
        organization_id=getattr(about, "organization_id", None),
        kind=kind,
        about_type=about_type,
        about_id=about.pk,
        once_key=f"{kind}:{about_type}:{about.pk}" if once else None,
        message_id=f"<{codes.secret()}@{urlsplit(settings.SITE_URL).hostname}>",
        to=to,
        subject=subject,
        text=text,
        html=html,
        confidential=confidential,
        attach=attach,
        next_attempt_at=at,
        created_at=at,
    )
    deliver_message.enqueue(message.pk)
    return message


def deliver(message_id: int) -> bool:
    """Send one message if it is due and nobody else is at it; return whether it was sent."""
    if not _lease(message_id=message_id):
        return False
    message = Message.objects.get(pk=message_id)
    try:
        _send(message)
    except Exception as error:  # noqa: BLE001 - whatever mail does to us, the row remembers and is tried again
        logger.warning("Message %s could not be sent: %s", message.pk, type(error).__name__)
        failure = f"{type(error).__name__}: {error}"[:200]
        _record_failure(message_id=message_id, failure=failure, for_good=_is_for_good(error))
        return False
    _record_success(message_id=message_id)
    return True


def deliver_due(limit: int = 500) -> int:
    """Send what is due; return how many were sent. What a lost task left behind is found here."""
    due = Message.objects.filter(status=Message.Status.QUEUED, next_attempt_at__lte=clock.now())
    return sum(deliver(pk) for pk in due.order_by("next_attempt_at").values_list("pk", flat=True)[:limit])


@outermost
def retry(*, message_id: int, by: Any = None) -> Message:
    """Send what had failed, or waits for its next attempt, now. Harmless when repeated or sent meanwhile."""
    from notifications.tasks import deliver_message  # noqa: PLC0415 - the task calls back into this module

    message = Message.objects.select_for_update(no_key=True).get(pk=message_id)
    if message.status != Message.Status.SENT:
        now = clock.now()
        message.status, message.attempts, message.next_attempt_at = Message.Status.QUEUED, 0, now
        message.save(update_fields=["status", "attempts", "next_attempt_at"])
        audit.record("message.retried", message, at=now, by=by, kind=message.kind)
        deliver_message.enqueue(message.pk)
    return message


def forget(about: models.Model) -> None:
    """Delete what was said about something or somebody, sent or not, within the caller's transaction."""
    Message.objects.filter(about_type=about._meta.label_lower, about_id=about.pk).delete()


def empty(messages: models.QuerySet[Message]) -> int:
    """
    Take from messages to whom they went and what they said, within the caller's transaction; that there were such
    stays. What waits is not sent any more. Returns how many.
    """
    messages.filter(status=Message.Status.QUEUED).update(status=Message.Status.FAILED)
    return messages.update(to="", text="", html="", failure="")


BODIES_KEPT = timedelta(days=90)
"""Long enough to answer who says that they never got it."""


def forget_bodies(limit: int = 1_000) -> int:
    """Delete what old messages said; that they were sent, to whom and about what, stays. Returns how many."""
    old = Message.objects.filter(created_at__lt=clock.now() - BODIES_KEPT).exclude(status=Message.Status.QUEUED)
    ids = list(old.exclude(text="", html="").order_by("pk").values_list("pk", flat=True)[:limit])
    return Message.objects.filter(pk__in=ids).update(text="", html="")


@outermost
def _lease(*, message_id: int) -> bool:
    now = clock.now()
    due = Message.objects.filter(pk=message_id, status=Message.Status.QUEUED, next_attempt_at__lte=now)
    return retries.lease(due, now)


def _send(message: Message) -> None:
    mail = EmailMultiAlternatives(
        message.subject,
        message.text,
        settings.MAIL_FROM,
        [message.to],
        headers={"Message-ID": message.message_id},
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for attachment in _attachments(message):
        mail.attach(*attachment)
    mail.send()


def _attachments(message: Message) -> list[Attachment]:
    """
    Make what is attached, whatever fits into LARGEST. A fault here is a failed attempt, but only the first
    few times: rather than not at all, the message goes without.
    """
    if not message.attach:
        return []
    try:
        made: list[Attachment] = import_string(message.attach)(message)
    except Exception:  # whatever it is, the mail is worth more than what comes with it
        if message.attempts <= WITH_ATTACHMENTS:
            raise
        logger.exception("Message %s goes without its attachments.", message.pk)
        return []
    room, taken = LARGEST, []
    for attachment in made:
        size = len(attachment[1])
        if size > room:
            logger.error("Message %s goes without %s: it would be too large.", message.pk, attachment[0])
            continue
        room -= size
        taken.append(attachment)
    return taken


def _is_for_good(error: Exception) -> bool:
    """Whether the mail server said that this message will never be taken: then nobody has to try again."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return all(code >= 500 for code, _said in error.recipients.values())
        case smtplib.SMTPDataError():
            return error.smtp_code >= 500
    return False


@outermost
def _record_success(*, message_id: int) -> None:
    sent = Message.objects.filter(pk=message_id, status=Message.Status.QUEUED)
    sent.filter(confidential=True).update(text="", html="")
    sent.update(status=Message.Status.SENT, sent_at=clock.now(), failure="")


@outermost
def _record_failure(*, message_id: int, failure: str, for_good: bool = False) -> None:
    message = Message.objects.select_for_update(no_key=True).get(pk=message_id)
    if message.status != Message.Status.QUEUED:
        return  # another worker was faster while this one hung
    if for_good:
        message.status, message.failure = Message.Status.FAILED, failure
        message.save(update_fields=["status", "failure"])
    else:
        retries.put_off(message, failure, clock.now(), failed=Message.Status.FAILED)
