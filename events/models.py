"""What is on, what can be bought there, for how much, and every single place."""

from datetime import datetime, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from accounts.models import Organization
from core.money import validate_currency
from core.pictures import Picture
from core.refusals import Refusal
from core.search import Searchable
from venues.models import Venue

LAPSE_GRACE = timedelta(seconds=5)
"""A payment counts until the deadline that was shown; others may have the places this much later."""


class NotOnSale(Refusal):
    """The event sells nothing now; the message says why."""


class Category(Searchable):
    """A shelf of the season: Concerts, Theatre, Comedy."""

    searched = ("name",)

    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.PROTECT, related_name="categories"
    )
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address"), max_length=80)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    history = HistoricalRecords(excluded_fields=["search_text"])

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["order", "name"]
        constraints = [models.UniqueConstraint(fields=["organization", "slug"], name="one_category_per_slug")]

    def __str__(self) -> str:
        return self.name


class TicketType(models.Model):
    """What kind of ticket an organization sells: VIP, Standard, Economy, Child."""

    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.PROTECT, related_name="ticket_types"
    )
    name = models.CharField(_("name"), max_length=60)
    description = models.CharField(_("description"), max_length=200, blank=True)
    default_price = models.PositiveIntegerField(help_text=_("In the smallest unit of the organization's currency."))
    is_free = models.BooleanField(_("free of charge"), default=False)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    active = models.BooleanField(_("active"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("ticket type")
        verbose_name_plural = _("ticket types")
        ordering = ["order", "name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_ticket_type_per_name"),
            models.CheckConstraint(
                condition=Q(is_free=True, default_price=0) | Q(is_free=False, default_price__gt=0),
                name="only_a_free_ticket_type_costs_nothing",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EventQuerySet(models.QuerySet["Event"]):
    """Events by what people ask for."""

    def public(self) -> "EventQuerySet":
        """What anybody may see: a cancelled event too, since people hold its tickets."""
        return self.filter(status__in=[Event.Status.PUBLISHED, Event.Status.CANCELLED])

    def upcoming(self, now: datetime) -> "EventQuerySet":
        """Not over yet, soonest first."""
        return self.filter(ends_at__gt=now).order_by("starts_at", "pk")

    def locked(self) -> "EventQuerySet":
        """Lock, before anything else of the event is locked."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Event(Searchable):
    """Something that takes place once, at one venue, and sells in one currency."""

    searched = ("title", "summary")

    class Status(models.TextChoices):
        """What is stored; on sale, sold out and over follow from the clock and the inventory."""

        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        CANCELLED = "cancelled", pgettext_lazy("event", "cancelled")

    class Type(models.TextChoices):
        """What kind of event it is."""

        CONCERT = "concert", _("concert")
        THEATRE = "theatre", _("theatre")
        OPERA = "opera", _("opera")
        DANCE = "dance", _("dance")
        COMEDY = "comedy", _("comedy")
        FILM = "film", _("film")
        TALK = "talk", _("talk")
        SPORT = "sport", _("sport")
        FESTIVAL = "festival", _("festival")
        OTHER = "other", _("other")

    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.PROTECT, related_name="events"
    )
    venue = models.ForeignKey(Venue, verbose_name=_("venue"), on_delete=models.PROTECT, related_name="events")
    category = models.ForeignKey(
        Category, verbose_name=_("category"), null=True, blank=True, on_delete=models.SET_NULL, related_name="events"
    )
    title = models.CharField(_("title"), max_length=160)
    slug = models.SlugField(_("address"), max_length=180, unique=True)
    summary = models.CharField(
        _("summary"), max_length=200, blank=True, help_text=_("One line, for lists and search engines.")
    )
    description = models.TextField(_("description"), blank=True, help_text=_("Markdown."))
    featured = models.BooleanField(_("featured"), default=False, help_text=_("Shown first on the home page."))
    type = models.CharField(_("type"), max_length=20, choices=Type, default=Type.OTHER)
    doors_at = models.DateTimeField(_("doors open"), null=True, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    sales_start = models.DateTimeField(_("sales start"), null=True, blank=True, help_text=_("Empty: at once."))
    sales_end = models.DateTimeField(
        _("sales end"), null=True, blank=True, help_text=_("Empty: when the event starts.")
    )
    minimum_age = models.PositiveSmallIntegerField(
        _("minimum age"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(99)],
        help_text=_("In years. Empty: for all ages."),
    )
    entry_rules = models.TextField(
        _("entry rules"), blank=True, help_text=_("Instead of the organization's. Markdown.")
    )
    refund_rules = models.TextField(
        _("refund rules"), blank=True, help_text=_("Instead of the organization's. Markdown.")
    )
    currency = models.CharField(_("currency"), max_length=3, validators=[validate_currency])
    fee_per_ticket = models.PositiveIntegerField(
        _("fee per ticket"),
        null=True,
        blank=True,
        help_text=_("Instead of the organization's, for an event in another currency."),
    )
    max_per_booking = models.PositiveSmallIntegerField(
        _("tickets per booking, at most"), default=10, validators=[MinValueValidator(1)]
    )
    max_per_customer = models.PositiveSmallIntegerField(
        _("tickets per customer, at most"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: no limit."),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    changed_at = models.DateTimeField(_("last changed"), auto_now=True)

    objects = EventQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["search_text"])

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["status", "starts_at"], name="events_by_date")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["draft", "published", "cancelled"]), name="an_event_status_is_known"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="an_event_ends_after_its_start"),
            models.CheckConstraint(
                condition=Q(doors_at=None) | Q(doors_at__lte=F("starts_at")), name="doors_open_before_the_start"
            ),
            models.CheckConstraint(
                condition=Q(sales_start=None) | Q(sales_end=None) | Q(sales_end__gt=F("sales_start")),
                name="sales_end_after_they_start",
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False),
                name="a_published_event_says_since_when",
            ),
            models.CheckConstraint(condition=Q(max_per_booking__gt=0), name="a_booking_may_have_a_place"),
            models.CheckConstraint(
                condition=Q(max_per_customer=None) | Q(max_per_customer__gt=0), name="a_customer_may_have_a_place"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("events:detail", args=[self.slug])

    @property
    def poster(self) -> int:
        """In which colours its poster is drawn when it has no picture."""
        return self.pk % 6

    @property
    def entry(self) -> str:
        """What visitors must know about getting in: its own words, or the organization's."""
        return self.entry_rules or self.organization.entry_rules

    @property
    def refunds(self) -> str:
        """When money goes back, in its own words or the organization's."""
        return self.refund_rules or self.organization.refund_rules

    @property
    def cover(self) -> "EventPicture | None":
        """What stands for it in lists, which prefetch `pictures`."""
        return next(iter(self.pictures.all()), None)

    @property
    def gallery(self) -> "list[EventPicture]":
        """Its other pictures."""
        return list(self.pictures.all())[1:]

    @property
    def sales_close_at(self) -> datetime:
        """The moment from which nothing is sold any more."""
        return self.sales_end or self.starts_at

    def check_on_sale(self, now: datetime) -> None:
        """Raise NotOnSale, saying why, unless places may be sold at this moment."""
        if self.status == Event.Status.CANCELLED:
            raise NotOnSale(_("This event was cancelled."))
        if self.status != Event.Status.PUBLISHED:
            raise NotOnSale(_("This event isn't published."))
        if now >= self.ends_at:
            raise NotOnSale(_("This event is over."))
        if self.sales_start and now < self.sales_start:
            raise NotOnSale(_("Sales for this event haven't started yet."))
        if now >= self.sales_close_at:
            raise NotOnSale(_("Sales for this event have ended."))


class EventPicture(Picture):
    """What an event looks like."""

    of = "event"
    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="pictures")


class PriceLevel(models.Model):
    """A part of the house that sells at its own prices: Stalls, Balcony, Standing."""

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="price_levels")
    name = models.CharField(_("name"), max_length=60)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    places = models.PositiveIntegerField(help_text=_("How many; publishing makes them."))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("price level")
        verbose_name_plural = _("price levels")
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="one_price_level_per_name")]

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """What one ticket type costs at one price level, in the smallest unit of the event's currency."""

    price_level = models.ForeignKey(
        PriceLevel, verbose_name=_("price level"), on_delete=models.CASCADE, related_name="prices"
    )
    ticket_type = models.ForeignKey(
        TicketType, verbose_name=_("ticket type"), on_delete=models.PROTECT, related_name="prices"
    )
    amount = models.PositiveIntegerField(_("amount"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["ticket_type__order", "ticket_type__name"]
        constraints = [
            models.UniqueConstraint(fields=["price_level", "ticket_type"], name="one_price_per_level_and_type")
        ]

    def __str__(self) -> str:
        return f"{self.price_level} {self.ticket_type}"


class EventSeatQuerySet(models.QuerySet["EventSeat"]):
    """Places by what can be done with them."""

    def free(self) -> "EventSeatQuerySet":
        """Can be claimed as they are."""
        return self.filter(status=EventSeat.Status.AVAILABLE, ownership=EventSeat.Ownership.OWNED)

    def lapsed(self, now: datetime) -> "EventSeatQuerySet":
        """Reserved by a booking that was not paid in time: as good as free, once that booking is ended."""
        return self.filter(status=EventSeat.Status.RESERVED, reserved_until__lt=now - LAPSE_GRACE)

    def locked(self, *, skip_locked: bool = False) -> "EventSeatQuerySet":
        """Lock in one order, so that two buyers cannot deadlock."""
        return self.order_by("price_level_id", "pk").select_for_update(
            of=("self",), no_key=True, skip_locked=skip_locked
        )


class EventSeat(models.Model):
    """
    One place at one event: the only inventory there is.

    Only `events.services.inventory` writes `status`, `ownership` and `reserved_until`.
    """

    class Status(models.TextChoices):
        """Whether it can be sold."""

        AVAILABLE = "available", _("available")
        RESERVED = "reserved", _("reserved")
        SOLD = "sold", _("sold")
        BLOCKED = "blocked", _("blocked")

    class Ownership(models.TextChoices):
        """Whether it is ours to sell."""

        OWNED = "owned", _("owned")
        NOT_OWNED = "not_owned", _("not owned")
        RETURNED = "returned", _("returned")

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.PROTECT, related_name="places")
    # Not indexed whole: questions about free or reserved places of a level have the partial indexes below, and
    # name no event, lest a planner without statistics of a new event sorts all of its places to find two.
    price_level = models.ForeignKey(
        PriceLevel, verbose_name=_("price level"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.AVAILABLE)
    ownership = models.CharField(_("ownership"), max_length=10, choices=Ownership, default=Ownership.OWNED)
    reserved_until = models.DateTimeField(_("reserved until"), null=True)
    was_claimed = models.BooleanField(
        _("was on a ticket"), default=False
    )  # then a ticket names it, and it can't be deleted

    objects = EventSeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        indexes = [
            models.Index(
                fields=["price_level", "id"],
                condition=Q(status="available", ownership="owned"),
                name="free_places",
            ),
            models.Index(
                fields=["price_level", "reserved_until"],
                condition=Q(status="reserved"),
                name="reserved_places",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["available", "reserved", "sold", "blocked"]),
                name="a_place_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(ownership__in=["owned", "not_owned", "returned"]), name="an_ownership_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status="reserved", reserved_until__isnull=False)
                | (~Q(status="reserved") & Q(reserved_until=None)),
                name="reserved_means_until_when",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["reserved", "sold"]) | Q(ownership="owned", was_claimed=True),
                name="only_what_we_own_is_sold",
            ),
        ]

    def __str__(self) -> str:
        return f"place {self.pk} ({self.status})"
