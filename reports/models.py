"""What is kept so that figures needn't be added up anew: sums of days that are over, and samples of the inventory."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from events.models import Event, TicketType


class DailySales(models.Model):
    """
    What was sold and taken back of one event on one day, by ticket type and by how the booking was paid.

    The day is that of the organization's time zone. What belongs to no ticket (the bookings themselves, their fees,
    what was taken back of a whole booking) is in the row without a ticket type. Amounts are in the smallest unit of
    `currency`; `fee` and `tax` are contained in `gross`, `credited_tax` in `credited`.

    Only `reports.services.closing` writes these rows, and `reports.queries.facts` says what is in them.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+", db_index=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+", db_index=False)
    ticket_type = models.ForeignKey(TicketType, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    provider = models.CharField(max_length=20, blank=True)  # of the first payment; none for what was free
    currency = models.CharField(max_length=3)
    bookings = models.PositiveIntegerField(default=0)  # confirmed on that day
    cancelled = models.PositiveIntegerField(default=0)  # that were confirmed, and ended on that day
    tickets = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)
    gross = models.PositiveBigIntegerField(default=0)
    fee = models.PositiveBigIntegerField(default=0)
    tax = models.PositiveBigIntegerField(default=0)
    credited = models.BigIntegerField(default=0)
    credited_tax = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "day"], name="sales_by_day"),
            models.Index(fields=["event", "day"], name="sales_of_an_event"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "day", "ticket_type", "provider", "currency"],
                condition=Q(ticket_type__isnull=False),
                name="one_sum_a_day_and_ticket_type",
            ),
            models.UniqueConstraint(
                fields=["event", "day", "provider", "currency"],
                condition=Q(ticket_type=None),
                name="one_sum_a_day_of_whole_bookings",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} on {self.day}"


class DailyMoney(models.Model):
    """
    What came and went at one provider on one day of the organization's time zone, in the smallest unit of `currency`.

    `kept_aside` is contained in `received`, `kept_back` in `back`: money that isn't what was asked for, and what went
    back of it. Only `reports.services.closing` writes these rows, and `reports.queries.cash` says what is in them.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    provider = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    received = models.PositiveBigIntegerField(default=0)
    kept_aside = models.PositiveBigIntegerField(default=0)
    back = models.PositiveBigIntegerField(default=0)
    kept_back = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "day", "provider", "currency"], name="one_sum_a_day_and_provider"
            ),
            models.CheckConstraint(
                condition=Q(kept_aside__lte=F("received"), kept_back__lte=F("back")), name="what_is_kept_was_received"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} on {self.day}"


class Closing(models.Model):
    """
    Up to which day an organization's sales and money are in `DailySales` and `DailyMoney`, by the clocks of which time
    zone; a row to lock.
    """

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="+", primary_key=True)
    until = models.DateField(null=True)  # the first day that isn't
    time_zone = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"closed until {self.until}"


class Sample(models.Model):
    """What the inventory of an event looked like at a moment, and what it had brought in; taken every hour."""

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    sold = models.PositiveIntegerField()
    reserved = models.PositiveIntegerField()
    unavailable = models.PositiveIntegerField()  # held, blocked or not owned
    available = models.PositiveIntegerField()
    revenue = models.BigIntegerField()  # net of what was taken back, in the smallest unit of the event's currency

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "at"], name="one_sample_a_moment")]

    def __str__(self) -> str:
        return f"{self.event_id} at {self.at}"
