"""Rows that every domain needs: the audit trail, calls that happen once, throttle windows."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """
    One thing that happened to one object: append-only, and without personal data.

    Of a personal field only its name is kept; `facts` holds amounts, states, reasons and counts.
    """

    at = models.DateTimeField(_("when"))
    action = models.CharField(_("action"), max_length=60)
    object_type = models.CharField(_("what"), max_length=60)
    object_id = models.BigIntegerField(_("number"))
    facts = models.JSONField(_("facts"), default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    organization = models.ForeignKey(
        "accounts.Organization",
        verbose_name=_("organization"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_of_an_object")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action} {self.object_type} {self.object_id}"


class IdempotentCall(models.Model):
    """A call that must not happen twice, remembered by its key: what was asked, and what came of it."""

    scope = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    result = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="a_call_happens_once"),
            models.CheckConstraint(condition=~models.Q(result=""), name="a_call_leads_somewhere"),
        ]
        indexes = [models.Index(fields=["created_at"], name="calls_by_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class ThrottleWindow(models.Model):
    """How often somebody did something in one window of time. `who` is a digest, never an address."""

    scope = models.CharField(max_length=40)
    who = models.CharField(max_length=64)
    starts_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "who", "starts_at"], name="one_row_per_throttle_window")
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.starts_at:%H:%M} {self.count}"
