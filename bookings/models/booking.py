"""Who has which places, what they cost, and the money that moved for them."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organization
from bookings.models.money import Payment, Refund
from core import codes, money
from core.search import Searchable
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

    def with_presents(self) -> "BookingQuerySet":
        """With `is_present`: whether staff gave it away, so that its total is nobody's money."""
        given = Payment.objects.filter(booking=OuterRef("pk"), provider=Payment.ByHand.COMPLIMENTARY)
        return self.annotate(is_present=Exists(given))


class Booking(Searchable):
    """
    Places at one event for one customer, from reservation to the end.

    Amounts are in the smallest unit of `currency`; they are what was agreed at reservation and stay.
    `tax` is contained in `subtotal` and `fee`.
    """

    searched = ("code", "customer_name", "email", "phone")

    class Status(models.TextChoices):
        """Where it stands. `pending` is reserved, awaiting payment, until `reserved_until`."""

        PENDING = "pending", _("awaiting payment")
        CONFIRMED = "confirmed", _("confirmed")
        EXPIRED = "expired", _("expired")
        CANCELLED = "cancelled", pgettext_lazy("booking", "cancelled")

    # Reasons of ends that make a difference later.
    GIVEN_UP = "given up by the customer"
    REPLACED = "replaced by a new choice"
    EVENT_CANCELLED = "the event was cancelled"
    EXCHANGED = "exchanged"
    RETURNED = "all tickets were given back"

    class Channel(models.TextChoices):
        """Where it was sold."""

        WEB = "web", _("web")
        BOX_OFFICE = "box_office", _("box office")
        IMPORT = "import", _("import")

    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.PROTECT, related_name="bookings", db_index=False
    )
    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.PROTECT, related_name="bookings")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="bookings",
    )
    code = models.CharField(_("code"), max_length=18, unique=True)
    external_code = models.CharField(  # by which an import knows what it brought before
        _("code in the system it came from"), max_length=60, blank=True, default="", db_default=""
    )
    secret = models.CharField(max_length=32, unique=True, default=codes.secret)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    channel = models.CharField(_("sold at"), max_length=12, choices=Channel, default=Channel.WEB)
    customer_name = models.CharField(_("customer"), max_length=150, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    email_key = models.CharField(max_length=600, blank=True)  # by which one person is counted
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    quantity = models.PositiveSmallIntegerField(_("quantity"))
    currency = models.CharField(_("currency"), max_length=3)
    subtotal = models.PositiveBigIntegerField(_("prices"))
    fee = models.PositiveBigIntegerField(_("fees"))
    booking_fee = models.PositiveIntegerField(_("fee per booking"), default=0)  # a part of `fee` that no ticket has
    booking_fee_tax = models.PositiveIntegerField(default=0)
    tax = models.PositiveBigIntegerField(_("tax contained"))
    total = models.PositiveBigIntegerField(_("total"))
    language = models.CharField(_("language"), max_length=10, default="en")  # of the mails about it
    client = models.CharField(max_length=64, blank=True)  # a digest, by which hoarding is seen; forgotten after a day
    # Since when its customer has kept places, by this booking or by those that it replaced one after another.
    reserved_at = models.DateTimeField(_("reserved"))
    reserved_until = models.DateTimeField(_("reserved until"))
    replaces = models.ForeignKey(
        "self",
        verbose_name=_("replaces"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replaced_by",
        db_index=False,
    )
    exchanges = models.ForeignKey(  # whose tickets end when this one is confirmed: those that say `exchanged_for`
        "self",
        verbose_name=_("exchanges tickets of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="exchanged_by",
    )
    extensions = models.PositiveSmallIntegerField(_("extensions"), default=0)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=60, blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        indexes = [
            models.Index(fields=["reserved_until"], condition=Q(status="pending"), name="pending_by_deadline"),
            models.Index(fields=["email_key", "event"], condition=~Q(email_key=""), name="bookings_of_a_customer"),
            models.Index(fields=["replaces"], condition=Q(replaces__isnull=False), name="bookings_that_replace"),
            models.Index(fields=["client"], condition=~Q(client=""), name="bookings_of_a_client"),
            # What is asked about them by time. `search_text` has an index too, on PostgreSQL (see the migrations).
            models.Index(fields=["organization", "reserved_at"], name="bookings_by_reservation"),
            models.Index(
                fields=["organization", "confirmed_at"],
                condition=Q(confirmed_at__isnull=False),
                include=["email_key", "total", "currency"],  # so that a report on customers reads the index alone
                name="bookings_by_sale",
            ),
            models.Index(
                fields=["organization", "ended_at"], condition=Q(ended_at__isnull=False), name="bookings_by_end"
            ),
            models.Index(fields=["status"], condition=Q(search_text=""), name="bookings_without_words"),
            models.Index(fields=["organization", "total"], name="bookings_by_total"),
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
                condition=Q(booking_fee__lte=F("fee"), booking_fee_tax__lte=F("booking_fee")),
                name="a_booking_fee_is_a_fee",
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | ~Q(email="") | Q(channel__in=["box_office", "import"]),
                name="a_booking_by_the_web_has_a_customer",  # who pays at a box office may stay unknown
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(confirmed_at__isnull=False),
                name="a_confirmed_booking_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["expired", "cancelled"], ended_at__isnull=False)
                | Q(status__in=["pending", "confirmed"], ended_at=None),
                name="an_ended_booking_says_when",
            ),
            models.UniqueConstraint(
                fields=["organization", "external_code"],
                condition=~Q(external_code=""),
                name="a_booking_is_brought_in_once",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        """The secret link: who has it may see and pay the booking."""
        return reverse("bookings:booking", args=[self.secret])

    @property
    def has_details(self) -> bool:
        """Whether we know whose it is, or needn't: at a box office tickets go over the counter."""
        return bool(self.email) or self.channel != Booking.Channel.WEB

    @staticmethod
    def erased_address(number: int) -> str:
        """What stands for an address that was erased: nobody has it, and each is another."""
        return f"erased-{number}@erased.invalid"

    @property
    def is_erased(self) -> bool:
        """Whether nobody knows any more whose it was, so that nobody is written to."""
        return self.email.endswith("@erased.invalid")

    @property
    def ended_unpaid(self) -> bool:
        """Whether its time ran out, or its customer gave it up or chose anew."""
        if self.status == Booking.Status.CANCELLED:
            return self.end_reason in (Booking.GIVEN_UP, Booking.REPLACED)
        return self.status == Booking.Status.EXPIRED

    @property
    def brings(self) -> int:
        """What the tickets that it takes in exchange are worth now: as paid, but for what went back already."""
        if not self.exchanges:
            return 0
        worth = sum(ticket.total for ticket in self.takes.filter(status=Ticket.Status.VALID))
        paid = self.exchanges.payments.filter(kept_aside=False)
        return min(worth, sum(payment.left for payment in paid))

    @property
    def to_pay(self) -> int:
        """What is to be paid for it: all, but for what is brought along by an exchange."""
        return max(0, self.total - self.brings)

    @property
    def is_free(self) -> bool:
        """Nothing is to be paid."""
        return self.to_pay == 0

    @property
    def to_pay_text(self) -> str:
        """What is to be paid, as text, as on the button that pays it."""
        return money.formatted(self.to_pay, self.currency)

    @property
    def ticket_fee(self) -> int:
        """The fees of its tickets, without that of the booking itself."""
        return self.fee - self.booking_fee

    @property
    def total_text(self) -> str:
        """The whole price as text, as on the button that pays it."""
        return money.formatted(self.total, self.currency)

    def goes_back_by_hand(self) -> bool:
        """Whether money for it was taken by hand and has to be, or was, paid back so."""
        back = Refund.objects.filter(payment__booking=self, payment__provider__in=Payment.ByHand.values)
        return any(not refund.is_internal for refund in back)

    @property
    def goes_back_text(self) -> str:
        """How much went or goes back, as text; nothing if nothing does."""
        amount = self.payments.aggregate(back=models.Sum("refunds__amount"))["back"]
        return money.formatted(amount, self.currency) if amount else ""

    def live_tickets(self) -> "TicketQuerySet":
        """The tickets that hold its places, in their order."""
        return Ticket.objects.filter(booking=self).live().order_by("number")


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Tickets by their state."""

    def live(self) -> "TicketQuerySet":
        """Those that hold a place."""
        return self.exclude(status=Ticket.Status.VOID)

    def named(self) -> "TicketQuerySet":
        """With the type and all that the name of its place needs."""
        return self.select_related("ticket_type", "event_seat__price_level", "event_seat__seat", "event_seat__section")

    def void(self, *, at: datetime, reason: str) -> int:
        """End them, for a Ticket.VoidReason; their places must be given back in the same transaction."""
        return self.live().update(status=Ticket.Status.VOID, voided_at=at, void_reason=reason)


class Ticket(models.Model):
    """
    One place of one booking: the only link from a place to who has it.

    Amounts are in the smallest unit of the booking's currency; `tax` is contained in `price` and `fee`. `credited` is
    what the credit note took back of it, of which it became void; `credited_tax` is contained.
    """

    class Status(models.TextChoices):
        """Whether it opens a door."""

        RESERVED = "reserved", _("reserved")
        VALID = "valid", _("valid")
        USED = "used", _("used")
        VOID = "void", _("void")

    class VoidReason(models.TextChoices):
        """Why it opens no door any more."""

        EXPIRED = "expired", _("not paid in time")
        CANCELLED = "cancelled", pgettext_lazy("ticket", "cancelled")
        TRANSFERRED = "transferred", _("passed on")
        EXCHANGED = "exchanged", _("exchanged")
        REISSUED = "reissued", _("issued anew")

    booking = models.ForeignKey(Booking, verbose_name=_("booking"), on_delete=models.PROTECT, related_name="tickets")
    number = models.PositiveSmallIntegerField(_("number"))
    secret = models.CharField(max_length=32, unique=True, default=codes.secret)
    ticket_type = models.ForeignKey(
        TicketType, verbose_name=_("ticket type"), on_delete=models.PROTECT, related_name="+"
    )
    event_seat = models.ForeignKey(EventSeat, verbose_name=_("place"), on_delete=models.PROTECT, related_name="tickets")
    price = models.PositiveIntegerField(_("price"))
    fee = models.PositiveIntegerField(_("fees"))
    tax = models.PositiveIntegerField(_("tax contained"))
    credited = models.IntegerField(_("taken back"), default=0, db_default=0)
    credited_tax = models.IntegerField(default=0, db_default=0)
    holder = models.CharField(_("holder"), max_length=150, blank=True)
    holder_email = models.EmailField(_("holder's e-mail"), blank=True)
    link = models.CharField(max_length=32, unique=True, default=codes.secret)  # opens the ticket's page, no door
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.RESERVED)
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True)
    void_reason = models.CharField(_("why void"), max_length=12, choices=VoidReason, blank=True)
    follows = models.OneToOneField(  # a ticket for the same place, which became void for this one
        "self",
        verbose_name=_("follows"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="followed_by",
    )
    exchanged_for = models.ForeignKey(  # ends when that booking is confirmed
        Booking,
        verbose_name=_("exchanged for"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="takes",
    )

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        indexes = [
            models.Index(
                fields=["voided_at"], condition=Q(void_reason__in=["cancelled", "exchanged"]), name="tickets_by_return"
            )
        ]
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
            models.CheckConstraint(condition=Q(void_reason="") | Q(status="void"), name="only_void_tickets_say_why"),
            models.CheckConstraint(
                condition=Q(credited__lte=F("price") + F("fee"), credited_tax__gte=0, credited_tax__lte=F("credited")),
                name="no_more_of_a_ticket_is_taken_back_than_it_cost",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking.code}-{self.number:02}"

    @property
    def total(self) -> int:
        """The whole price of this ticket."""
        return self.price + self.fee

    @property
    def is_passed_on(self) -> bool:
        """Whether it is somebody else's than the payer's now: who accepted it said so by their address."""
        return bool(self.holder_email)

    @property
    def holder_name(self) -> str:
        """Who it is for, if anybody said so; who paid, unless it is somebody else's now."""
        return self.holder or ("" if self.is_passed_on else self.booking.customer_name)


class CustomerQuota(models.Model):
    """The row to lock while counting how many places one person has at one event."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    email_key = models.CharField(max_length=600)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "email_key"], name="one_quota_per_customer")]

    def __str__(self) -> str:
        return f"{self.email_key} at {self.event}"


def normalised_email(email: str) -> str:
    """Return the address by which one person is counted."""
    return email.strip().casefold()
