"""The outbox: what people are told, kept with what caused it until it is delivered."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Message(models.Model):
    """One mail to one address, rendered when its cause happened."""

    class Status(models.TextChoices):
        """How far it came."""

        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    organization = models.ForeignKey(
        "accounts.Organization",
        verbose_name=_("organization"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=40)
    about_type = models.CharField(_("about"), max_length=60)
    about_id = models.BigIntegerField(_("number"))
    once_key = models.CharField(max_length=80, null=True, unique=True)  # noqa: DJ001 - none: may be sent again
    message_id = models.CharField(_("message ID"), max_length=120, unique=True)
    to = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    html = models.TextField()
    attach = models.CharField(max_length=120, blank=True)  # the function that makes the attachments when it is sent
    confidential = models.BooleanField(_("confidential"), default=False)  # staff don't see it, nor we once it is sent
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    failure = models.CharField(_("what went wrong"), max_length=200, blank=True)
    bounced_at = models.DateTimeField(_("came back"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(status="queued"), name="messages_to_send"),
            models.Index(fields=["organization", "created_at"], condition=Q(status="failed"), name="failed_messages"),
            models.Index(fields=["about_type", "about_id"], name="messages_about_an_object"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | Q(status__in=["queued", "failed"], sent_at=None),
                name="a_sent_message_says_when",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.status})"
