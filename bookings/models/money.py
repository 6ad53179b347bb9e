"""The money that moved for bookings, and the papers about it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from core import codes, money


class Payment(models.Model):
    """
    Money that a provider was asked for, or that staff say they took by hand. Amount, currency and references never
    change once set; the status only moves forward; a correction is another row.
    """

    class ByHand(models.TextChoices):
        """What staff may enter as `provider`, without one. `complimentary` is a present: no money moves."""

        CASH = "cash", _("cash")
        CARD = "card", _("card at the counter")
        TRANSFER = "transfer", _("bank transfer")
        COMPLIMENTARY = "complimentary", _("complimentary")

    EXCHANGE = "exchange"
    """
    The provider of money that another booking's tickets were worth: it moves within the house. So do the refunds
    whose reference begins with this word and a hyphen, from the payments that it comes from.
    """

    class Status(models.TextChoices):
        """What the provider says."""

        PENDING = "pending", _("pending")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")

    booking = models.ForeignKey("Booking", verbose_name=_("booking"), on_delete=models.PROTECT, related_name="payments")
    provider = models.CharField(_("paid by"), max_length=20)
    key = models.CharField(max_length=32, unique=True, default=codes.secret)  # ours, for the provider to dedupe by
    checkout_reference = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001 - unique once known
    reference = models.CharField(  # noqa: DJ001 - unique once known
        _("reference"), max_length=120, null=True, blank=True
    )
    checkout_url = models.CharField(max_length=500, blank=True)
    amount = models.PositiveBigIntegerField(_("amount"))
    refunded = models.PositiveBigIntegerField(_("given back"), default=0)  # the sum of its refunds, sent or not
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    failure = models.CharField(_("what went wrong"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))
    succeeded_at = models.DateTimeField(_("received"), null=True, blank=True)
    kept_aside = models.BooleanField(_("kept aside"), default=False)  # not what was asked for: people have to look
    source = models.ForeignKey(  # of money that an exchange brought along: where it came from
        "self", verbose_name=_("came from"), null=True, blank=True, on_delete=models.PROTECT, related_name="moved_on"
    )

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes = [
            models.Index(fields=["succeeded_at"], condition=Q(status="succeeded"), name="payments_by_time"),
            models.Index(fields=["created_at"], condition=Q(status="failed"), name="failed_payments"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["provider", "checkout_reference"], name="one_payment_per_checkout"),
            models.UniqueConstraint(fields=["provider", "reference"], name="one_payment_per_reference"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payment_is_of_something"),
            models.CheckConstraint(
                condition=Q(status="succeeded", succeeded_at__isnull=False, reference__isnull=False)
                | Q(status__in=["pending", "failed"], succeeded_at=None),
                name="a_taken_payment_has_its_reference",
            ),
            models.CheckConstraint(condition=Q(refunded__lte=F("amount")), name="no_more_goes_back_than_came"),
            models.CheckConstraint(condition=Q(kept_aside=False) | Q(status="succeeded"), name="what_is_kept_is_there"),
            models.CheckConstraint(
                condition=Q(provider="exchange", source__isnull=False) | (~Q(provider="exchange") & Q(source=None)),
                name="an_exchange_says_whose_money",
            ),
        ]

    def __str__(self) -> str:
        return f"{money.formatted(self.amount, self.currency)} by {self.provider} ({self.status})"

    @property
    def origin(self) -> "Payment":
        """Where its money came from: what an exchange brought along was paid for another booking."""
        return self.source.origin if self.source else self

    def and_moved_on(self) -> list["Payment"]:
        """Itself and the payments to which exchanges moved its money on."""
        return [self, *(each for moved in self.moved_on.all() for each in moved.and_moved_on())]

    @property
    def left(self) -> int:
        """How much of it hasn't gone back and isn't about to; of a present nothing can."""
        if self.status != Payment.Status.SUCCEEDED or self.provider == Payment.ByHand.COMPLIMENTARY:
            return 0
        return self.amount - self.refunded

    @property
    def way(self) -> str:
        """How it was paid, in words: what staff entered, or the provider's name."""
        return str(dict(Payment.ByHand.choices).get(self.provider, self.provider))


class Refund(models.Model):
    """
    Money of one payment on its way back, all of it or a part: queued until the provider has taken the order, sent
    until it says that the money went, or waiting for staff who pay back by hand what they took by hand.

    All refunds of a payment together are at most its amount: `refunds` adds each to `Payment.refunded`.
    """

    class Status(models.TextChoices):
        """How far it came."""

        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        SUCCEEDED = "succeeded", _("paid back")
        FAILED = "failed", _("failed")
        BY_HAND = "by_hand", _("to be paid back by hand")

    class Reason(models.TextChoices):
        """Why the money goes back."""

        TOO_LATE = "too_late", _("paid too late, and the places were gone")
        DUPLICATE = "duplicate", _("paid twice")
        CANCELLED = "cancelled", _("the booking was cancelled")
        CUSTOMER = "customer", _("the customer gave tickets back")
        EVENT_CANCELLED = "event_cancelled", _("the event was cancelled")
        EXCHANGED = "exchanged", _("tickets were exchanged")
        MISMATCH = "mismatch", _("another amount than was asked for")
        FRAUD = "fraud", _("fraud")
        OTHER = "other", _("other")

    payment = models.ForeignKey(Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="refunds")
    key = models.CharField(max_length=32, unique=True, default=codes.secret)  # ours, for the provider to dedupe by
    amount = models.PositiveBigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=16, choices=Reason)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    reference = models.CharField(_("reference"), max_length=120, null=True, blank=True, unique=True)
    failure = models.CharField(_("what went wrong"), max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(status="queued"), name="refunds_to_send"),
            models.Index(fields=["created_at"], name="refunds_by_time"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_refund_is_of_something"),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "failed", "by_hand"])
                | Q(status__in=["sent", "succeeded"], reference__isnull=False),
                name="a_sent_refund_has_its_reference",
            ),
        ]

    @property
    def is_internal(self) -> bool:
        """Whether it only moved to another booking, by an exchange: nobody got it back."""
        return (self.reference or "").startswith(f"{Payment.EXCHANGE}-")

    def __str__(self) -> str:
        return f"refund of {money.formatted(self.amount, self.payment.currency)} ({self.status})"


class Document(models.Model):
    """
    A paper about money: the receipt of a booking, or a credit note over what was taken back of its total.

    Amounts are in the smallest unit of `currency`, `tax` is contained. The lines say what it is about, as it was then:
    a list of {"text", "amount", "tax"}. A credit note is written with its cause; it gets its number, like a receipt,
    in a transaction of its own, so that no sale waits for another's number: numbers of an organization have no gaps.
    """

    class Kind(models.TextChoices):
        """What it is."""

        RECEIPT = "receipt", _("receipt")
        CREDIT_NOTE = "credit_note", _("credit note")

    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.PROTECT, related_name="documents"
    )
    booking = models.ForeignKey(
        "Booking", verbose_name=_("booking"), on_delete=models.PROTECT, related_name="documents"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    amount = models.PositiveBigIntegerField(_("amount"))
    tax = models.PositiveBigIntegerField(_("tax contained"))
    currency = models.CharField(_("currency"), max_length=3)
    lines = models.JSONField(_("lines"), default=list)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes = [
            models.Index(fields=["created_at"], condition=Q(number=None), name="documents_to_number"),
            models.Index(
                fields=["organization", "created_at"], condition=Q(kind="credit_note"), name="credit_notes_by_time"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind", "number"], name="one_document_per_number"),
            models.UniqueConstraint(fields=["booking"], condition=Q(kind="receipt"), name="one_receipt_per_booking"),
            models.CheckConstraint(condition=Q(kind__in=["receipt", "credit_note"]), name="a_document_kind_is_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_document_is_of_something"),
            models.CheckConstraint(condition=Q(tax__lte=F("amount")), name="a_document_contains_its_tax"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number or 'without a number'}"

    @property
    def label(self) -> str:
        """Its number as it stands on it: R-000123, or C-000017 for a credit note."""
        return f"{self.kind[0].upper()}-{self.number or 0:06}"


class DocumentSeries(models.Model):
    """The row to lock for the next number of a kind of paper in an organization."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Document.Kind)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "kind"], name="one_series_per_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.last}"
