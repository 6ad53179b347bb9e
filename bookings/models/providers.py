"""What payment providers tell us, how they are, and who offers which."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from bookings.models.money import Payment


class OfferedProvider(models.Model):
    """That an organization's customers may pay with a provider. One that chose none offers all that are set up."""

    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.CASCADE, related_name="offered_providers"
    )
    provider = models.CharField(_("provider"), max_length=20)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("way to pay")
        verbose_name_plural = _("ways to pay")
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["organization", "provider"], name="a_provider_is_offered_once")]

    def __str__(self) -> str:
        return self.provider


class ProviderEvent(models.Model):
    """One thing that a provider told us by itself: stored once before it is acted on, also when we don't know it."""

    class Status(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("waiting")
        HANDLED = "handled", _("handled")
        IGNORED = "ignored", _("of no consequence")
        UNKNOWN = "unknown", _("unknown")
        FAILED = "failed", _("failed")

    provider = models.CharField(_("provider"), max_length=20)
    event_id = models.CharField(_("event"), max_length=120)
    kind = models.CharField(_("kind"), max_length=80)
    payload = models.JSONField(_("content"))
    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), null=True, blank=True, on_delete=models.PROTECT, related_name="events"
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    failure = models.CharField(_("what went wrong"), max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    received_at = models.DateTimeField(_("received"))
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)

    class Meta:
        verbose_name = _("provider's message")
        verbose_name_plural = _("providers' messages")
        indexes = [models.Index(fields=["next_attempt_at"], condition=Q(status="waiting"), name="events_to_handle")]
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="a_providers_event_is_stored_once")
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind} ({self.status})"


class ProviderHealth(models.Model):
    """How often in a row a provider didn't answer, and until when it is left alone for that."""

    provider = models.CharField(max_length=20, unique=True)
    failures = models.PositiveSmallIntegerField(default=0)
    left_alone_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.provider


class StatementLine(models.Model):
    """Money on the bank account, as a line of a statement says: what it pays, if we know."""

    class Status(models.TextChoices):
        """What became of it."""

        OPEN = "open", _("to be matched")
        MATCHED = "matched", _("matched")
        SET_ASIDE = "set_aside", _("not ours")

    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.PROTECT, related_name="statement_lines"
    )
    fingerprint = models.CharField(max_length=64)  # of the line: a statement may be imported again
    booked_on = models.DateField(_("date"))
    amount = models.PositiveBigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    text = models.CharField(_("text"), max_length=300, blank=True)
    payer = models.CharField(_("payer"), max_length=150, blank=True)
    payment = models.OneToOneField(
        Payment, verbose_name=_("payment"), null=True, blank=True, on_delete=models.PROTECT, related_name="line"
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    imported_at = models.DateTimeField(_("imported"))
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("statement line")
        verbose_name_plural = _("statement lines")
        constraints = [
            models.UniqueConstraint(fields=["organization", "fingerprint"], name="a_statement_line_is_imported_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_statement_line_is_of_something"),
            models.CheckConstraint(
                condition=Q(status="matched", payment__isnull=False)
                | Q(status__in=["open", "set_aside"], payment=None),
                name="a_matched_line_has_its_payment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booked_on} {self.amount} {self.currency}"
