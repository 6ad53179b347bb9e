"""Who has which places, what they cost, and the money that moved for them."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organization
from core import codes, money
from events.models import LAPSE_GRACE, Event, EventSeat, TicketType


class BookingQuerySet(models.QuerySet["Booking"]):
    """Bookings by what can be done with them."""

    def locked(self) -> "BookingQuerySet":
        """Lock in one order, so that two services cannot deadlock."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def lapsed(self, now: datetime) -> "BookingQuerySet":
        """Not paid in time, and nobody has ended them yet."""
        return self.filter(status=Booking.Status.PENDING, reserved_until__lt=now - LAPSE_GRACE)

    def held(self) -> "BookingQuerySet":
        """Those that have places."""
        return self.filter(status__in=[Booking.Status.PENDING, Booking.Status.CONFIRMED])


class Booking(models.Model):
    """
    Places at one event for one customer, from reservation to the end.

    Amounts are in the smallest unit of `currency`; they are what was agreed at reservation and stay.
    `tax` is contained in `subtotal` and `fee`.
    """

    class Status(models.TextChoices):
        """Where it stands. `pending` is reserved, awaiting payment, until `reserved_until`."""

        PENDING = "pending", _("awaiting payment")
        CONFIRMED = "confirmed", _("confirmed")
        EXPIRED = "expired", _("expired")
        CANCELLED = "cancelled", pgettext_lazy("booking", "cancelled")

    # Reasons of ends that make a difference later.
    GIVEN_UP = "given up by the customer"
    REPLACED = "replaced by a new choice"

    class Channel(models.TextChoices):
        """Where it was sold."""

        WEB = "web", _("web")
        BOX_OFFICE = "box_office", _("box office")
        IMPORT = "import", _("import")

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="bookings", db_index=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="bookings")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="bookings"
    )
    code = models.CharField(max_length=18, unique=True)
    secret = models.CharField(max_length=32, unique=True, default=codes.secret)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    channel = models.CharField(max_length=12, choices=Channel, default=Channel.WEB)
    customer_name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    email_key = models.CharField(max_length=600, blank=True)  # by which one person is counted
    phone = models.CharField(max_length=40, blank=True)
    quantity = models.PositiveSmallIntegerField()
    currency = models.CharField(max_length=3)
    subtotal = models.PositiveBigIntegerField()
    fee = models.PositiveBigIntegerField()
    tax = models.PositiveBigIntegerField()
    total = models.PositiveBigIntegerField()
    language = models.CharField(max_length=10, default="en")  # of the mails about it
    client = models.CharField(max_length=64, blank=True)  # a digest, by which hoarding is seen; forgotten after a day
    # Since when its customer has kept places, by this booking or by those that it replaced one after another.
    reserved_at = models.DateTimeField()
    reserved_until = models.DateTimeField()
    replaces = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by", db_index=False
    )
    extensions = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=60, blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["reserved_until"], condition=Q(status="pending"), name="pending_by_deadline"),
            models.Index(fields=["event", "email_key"], condition=~Q(email_key=""), name="bookings_of_a_customer"),
            models.Index(fields=["replaces"], condition=Q(replaces__isnull=False), name="bookings_that_replace"),
            models.Index(fields=["client"], condition=~Q(client=""), name="bookings_of_a_client"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["pending", "confirmed", "expired", "cancelled"]),
                name="a_booking_status_is_known",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="a_booking_has_places"),
            models.CheckConstraint(condition=Q(total=F("subtotal") + F("fee")), name="a_total_is_its_parts"),
            models.CheckConstraint(condition=Q(tax__lte=F("total")), name="a_tax_is_contained"),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | (~Q(email="") & Q(confirmed_at__isnull=False)),
                name="a_confirmed_booking_has_a_customer",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["expired", "cancelled"], ended_at__isnull=False)
                | Q(status__in=["pending", "confirmed"], ended_at=None),
                name="an_ended_booking_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        """The secret link: who has it may see and pay the booking."""
        return reverse("bookings:booking", args=[self.secret])

    @property
    def has_details(self) -> bool:
        """Whether we know whose it is."""
        return bool(self.email)

    @property
    def ended_unpaid(self) -> bool:
        """Whether its time ran out, or its customer gave it up or chose anew."""
        if self.status == Booking.Status.CANCELLED:
            return self.end_reason in (Booking.GIVEN_UP, Booking.REPLACED)
        return self.status == Booking.Status.EXPIRED

    @property
    def is_free(self) -> bool:
        """Nothing is to be paid."""
        return self.total == 0

    @property
    def total_text(self) -> str:
        """The whole price as text, as on the button that pays it."""
        return money.formatted(self.total, self.currency)

    def live_tickets(self) -> "TicketQuerySet":
        """The tickets that hold its places, in their order."""
        return Ticket.objects.filter(booking=self).live().order_by("number")


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Tickets by their state."""

    def live(self) -> "TicketQuerySet":
        """Those that hold a place."""
        return self.exclude(status=Ticket.Status.VOID)

    def void(self, *, at: datetime) -> int:
        """End them; their places must be given back in the same transaction."""
        return self.live().update(status=Ticket.Status.VOID, voided_at=at)


class Ticket(models.Model):
    """
    One place of one booking: the only link from a place to who has it.

    Amounts are in the smallest unit of the booking's currency; `tax` is contained in `price` and `fee`.
    """

    class Status(models.TextChoices):
        """Whether it opens a door."""

        RESERVED = "reserved", _("reserved")
        VALID = "valid", _("valid")
        USED = "used", _("used")
        VOID = "void", _("void")

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="tickets")
    number = models.PositiveSmallIntegerField()
    secret = models.CharField(max_length=32, unique=True, default=codes.secret)
    ticket_type = models.ForeignKey(TicketType, on_delete=models.PROTECT, related_name="+")
    event_seat = models.ForeignKey(EventSeat, on_delete=models.PROTECT, related_name="tickets")
    price = models.PositiveIntegerField()
    fee = models.PositiveIntegerField()
    tax = models.PositiveIntegerField()
    holder = models.CharField(max_length=150, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.RESERVED)
    voided_at = models.DateTimeField(null=True, blank=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["booking", "number"], name="one_ticket_per_number"),
            models.UniqueConstraint(
                fields=["event_seat"], condition=~Q(status="void"), name="one_live_ticket_per_place"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["reserved", "valid", "used", "void"]), name="a_ticket_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status="void", voided_at__isnull=False) | (~Q(status="void") & Q(voided_at=None)),
                name="void_means_since_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking.code}-{self.number:02}"

    @property
    def total(self) -> int:
        """The whole price of this ticket."""
        return self.price + self.fee


class Payment(models.Model):
    """
    Money that a provider was asked for. Amount, currency and references never change once set; the
    status only moves forward; a correction is another row.
    """

    class Status(models.TextChoices):
        """What the provider says."""

        PENDING = "pending", _("pending")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=20)
    key = models.CharField(max_length=32, unique=True, default=codes.secret)  # ours, for the provider to dedupe by
    checkout_reference = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001 - unique once known
    reference = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001 - unique once known
    checkout_url = models.CharField(max_length=500, blank=True)
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    failure = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    succeeded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "checkout_reference"], name="one_payment_per_checkout"),
            models.UniqueConstraint(fields=["provider", "reference"], name="one_payment_per_reference"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payment_is_of_something"),
            models.CheckConstraint(
                condition=Q(status="succeeded", succeeded_at__isnull=False, reference__isnull=False)
                | Q(status__in=["pending", "failed"], succeeded_at=None),
                name="a_taken_payment_has_its_reference",
            ),
        ]

    def __str__(self) -> str:
        return f"{money.formatted(self.amount, self.currency)} by {self.provider} ({self.status})"


class Refund(models.Model):
    """A whole payment on its way back: queued until the provider has taken the order."""

    class Status(models.TextChoices):
        """How far it came."""

        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    class Reason(models.TextChoices):
        """Why the money goes back."""

        TOO_LATE = "too_late", _("paid too late, and the places were gone")
        DUPLICATE = "duplicate", _("paid twice")
        CANCELLED = "cancelled", _("the booking was cancelled")

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="refund")
    key = models.CharField(max_length=32, unique=True, default=codes.secret)  # ours, for the provider to dedupe by
    amount = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=12, choices=Reason)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    reference = models.CharField(max_length=120, null=True, blank=True, unique=True)
    failure = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["next_attempt_at"], condition=Q(status="queued"), name="refunds_to_send")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_refund_is_of_something"),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "failed"]) | Q(status="sent", reference__isnull=False),
                name="a_sent_refund_has_its_reference",
            ),
        ]

    def __str__(self) -> str:
        return f"refund of {self.payment} ({self.status})"


class CustomerQuota(models.Model):
    """The row to lock while counting how many places one person has at one event."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    email_key = models.CharField(max_length=600)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "email_key"], name="one_quota_per_customer")]

    def __str__(self) -> str:
        return f"{self.email_key} at {self.event}"


class SandboxCheckout(models.Model):
    """The sandbox provider's own books: one hosted payment page. Nothing of ours reads it but its gateway."""

    key = models.CharField(max_length=32, unique=True)  # the shop's, to dedupe by
    reference = models.CharField(max_length=32, unique=True, default=codes.secret)
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    return_url = models.CharField(max_length=500)
    expires_at = models.DateTimeField()
    declined = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.reference


class SandboxCharge(models.Model):
    """Money that the sandbox provider took, or will have taken at `captured_at`, and whether it gave it back."""

    checkout = models.ForeignKey(SandboxCheckout, on_delete=models.CASCADE, related_name="charges")
    ordinal = models.PositiveSmallIntegerField(default=1)
    reference = models.CharField(max_length=32, unique=True, default=codes.secret)
    captured_at = models.DateTimeField()
    refund_key = models.CharField(max_length=32, null=True, unique=True)  # noqa: DJ001 - unique once refunded

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["checkout", "ordinal"], name="sandbox_takes_money_once_unless_asked_twice")
        ]

    def __str__(self) -> str:
        return self.reference


def normalised_email(email: str) -> str:
    """Return the address by which one person is counted."""
    return email.strip().casefold()
