"""What customers may do with what they bought, and what they asked for."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Organization
from bookings.models.booking import Booking, Ticket
from core import codes
from events.models import Event


class CancellationPolicy(models.Model):
    """
    What customers may do with their tickets by themselves: an organization's rules, or an event's own.

    Hours count back from the event's start; none means never. Amounts are in the smallest unit of the event's
    currency (for an organization's rules: of the organization's, and events in another currency need their own).
    """

    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.CASCADE, related_name="policies"
    )
    event = models.OneToOneField(
        Event, verbose_name=_("event"), null=True, blank=True, on_delete=models.CASCADE, related_name="policy"
    )
    cancel_until_hours = models.PositiveIntegerField(
        _("tickets may be given back until"),
        null=True,
        blank=True,
        help_text=_("Hours before the start. Empty: customers can only ask."),
    )
    single_tickets = models.BooleanField(_("also single tickets of a booking"), default=True)
    keeps_service_fee = models.BooleanField(_("service fees are kept"), default=True)
    fee_per_ticket = models.PositiveIntegerField(
        _("fee for each ticket given back"), default=0, help_text=_("In the currency's smallest unit.")
    )
    transfers = models.PositiveSmallIntegerField(
        _("how often a ticket may be passed on"), default=3, help_text=_("0: never.")
    )
    transfer_until_hours = models.PositiveIntegerField(
        _("tickets may be passed on until"), default=0, help_text=_("Hours before the start.")
    )
    exchange_until_hours = models.PositiveIntegerField(
        _("tickets may be exchanged until"), null=True, blank=True, help_text=_("Hours before the start. Empty: never.")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("cancellation policy")
        verbose_name_plural = _("cancellation policies")
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(event=None), name="one_policy_for_an_organization"
            )
        ]

    def __str__(self) -> str:
        return str(self.event or self.organization)


class CancellationTier(models.Model):
    """So much of a price goes back when a ticket is given back at least so many hours before the start."""

    policy = models.ForeignKey(
        CancellationPolicy, verbose_name=_("policy"), on_delete=models.CASCADE, related_name="tiers"
    )
    hours_before = models.PositiveIntegerField(_("hours before the start, at least"))
    basis_points = models.PositiveIntegerField(
        _("share that goes back"), help_text=_("In hundredths of a percent: 5000 is half.")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ["-hours_before"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "hours_before"], name="one_tier_per_time"),
            models.CheckConstraint(condition=Q(basis_points__lte=10_000), name="no_more_than_all_goes_back"),
        ]

    def __str__(self) -> str:
        return f"{self.hours_before} h: {self.basis_points / 100:g} %"


class Transfer(models.Model):
    """
    A ticket offered to somebody else by mail. The link's secret is in the mail alone: the row has its digest.

    Open until it is accepted, declined, withdrawn or over. Accepting ends the ticket and makes one that follows it.
    """

    ticket = models.ForeignKey(Ticket, verbose_name=_("ticket"), on_delete=models.PROTECT, related_name="transfers")
    name = models.CharField(_("name"), max_length=150, blank=True)
    email = models.EmailField(_("e-mail"))
    digest = models.CharField(max_length=64, unique=True)
    language = models.CharField(max_length=10, default="en")
    created_at = models.DateTimeField(_("offered"))
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    ended_at = models.DateTimeField(_("declined or withdrawn"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(accepted_at=None, ended_at=None), name="one_open_transfer_per_ticket"
            ),
            models.CheckConstraint(condition=Q(accepted_at=None) | Q(ended_at=None), name="a_transfer_ends_one_way"),
        ]

    def __str__(self) -> str:
        return f"transfer of {self.ticket}"


class RefundRequest(models.Model):
    """What a customer asks for that no rule grants: to give tickets back all the same. Support answers."""

    class Status(models.TextChoices):
        """What became of it."""

        OPEN = "open", _("open")
        GRANTED = "granted", _("granted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    booking = models.ForeignKey(
        Booking, verbose_name=_("booking"), on_delete=models.PROTECT, related_name="refund_requests"
    )
    tickets = models.ManyToManyField(Ticket, verbose_name=_("tickets"), related_name="refund_requests")
    message = models.TextField(_("message"), max_length=2_000)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    amount = models.PositiveBigIntegerField(_("granted"), null=True, blank=True)
    reply = models.TextField(_("reply"), max_length=2_000, blank=True)
    created_at = models.DateTimeField(_("asked"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("refund request")
        verbose_name_plural = _("refund requests")
        constraints = [
            models.UniqueConstraint(
                fields=["booking"], condition=Q(status="open"), name="one_open_refund_request_per_booking"
            ),
            models.CheckConstraint(
                condition=Q(status="open", answered_at=None) | (~Q(status="open") & Q(answered_at__isnull=False)),
                name="an_answered_request_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"refund request for {self.booking} ({self.status})"


class Batch(models.Model):
    """One thing that is done to many bookings by the worker, each in a transaction of its own."""

    class Kind(models.TextChoices):
        """What is done."""

        CANCEL_EVENT = "cancel_event", _("cancel an event")
        MOVE_EVENT = "move_event", _("move an event")
        ACT = "act", _("act on bookings")

    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.PROTECT, related_name="batches"
    )
    kind = models.CharField(_("what"), max_length=20, choices=Kind)
    event = models.ForeignKey(
        Event, verbose_name=_("event"), null=True, blank=True, on_delete=models.PROTECT, related_name="batches"
    )
    facts = models.JSONField(_("facts"), default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        constraints = [
            models.UniqueConstraint(fields=["event"], condition=Q(finished_at=None), name="one_open_batch_per_event"),
            models.CheckConstraint(
                condition=Q(kind="act", event=None) | (~Q(kind="act") & Q(event__isnull=False)),
                name="only_acts_are_of_no_event",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event or ''}".strip()


class BatchRow(models.Model):
    """What came of it for one booking."""

    class Status(models.TextChoices):
        """How far it came."""

        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    batch = models.ForeignKey(Batch, verbose_name=_("batch"), on_delete=models.CASCADE, related_name="rows")
    booking = models.ForeignKey(Booking, verbose_name=_("booking"), on_delete=models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    result = models.CharField(_("result"), max_length=200, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        verbose_name = _("row of a batch")
        verbose_name_plural = _("rows of batches")
        indexes = [models.Index(fields=["batch", "status"], name="rows_of_a_batch")]
        constraints = [models.UniqueConstraint(fields=["batch", "booking"], name="one_row_per_booking_and_batch")]

    def __str__(self) -> str:
        return f"{self.booking} ({self.status})"


class TicketKey(models.Model):
    """
    A pair of Ed25519 keys by which codes of tickets are signed. The newest that isn't retired signs; all that aren't
    retired are believed. The private one is encrypted with a key that is derived from SECRET_KEY.
    """

    name = models.CharField(max_length=8, unique=True, default=codes.key_name)
    public_key = models.BinaryField(max_length=32)
    private_key = models.BinaryField()
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
