"""What is on, where and when."""

from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from accounts.models import Organization
from core import dates
from core.money import validate_currency
from core.pictures import Picture
from core.refusals import Refusal
from core.search import Searchable
from events.models.catalogue import Category
from venues.models import SeatingPlan, Venue


class NotOnSale(Refusal):
    """The event sells nothing now; the message says why."""


class EventQuerySet(models.QuerySet["Event"]):
    """Events by what people ask for."""

    def public(self) -> "EventQuerySet":
        """What anybody may see: a cancelled event too, since people hold its tickets."""
        return self.filter(status__in=[Event.Status.PUBLISHED, Event.Status.CANCELLED])

    def without_templates(self) -> "EventQuerySet":
        """What takes place, or is going to: templates are found among templates alone."""
        return self.filter(is_template=False)

    def upcoming(self, now: datetime) -> "EventQuerySet":
        """Not over yet, soonest first."""
        return self.filter(ends_at__gt=now).order_by("starts_at", "pk")

    def locked(self) -> "EventQuerySet":
        """Lock, before anything else of the event is locked."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class EventSeries(models.Model):
    """Several dates of the same: each is an event of its own, with its own places, prices and sales."""

    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.PROTECT, related_name="series"
    )
    name = models.CharField(_("name"), max_length=160)

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="one_series_per_name")]

    def __str__(self) -> str:
        return self.name


class Event(Searchable):
    """Something that takes place once, at one venue, and sells in one currency; or a template of such."""

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
    series = models.ForeignKey(
        EventSeries, verbose_name=_("series"), null=True, blank=True, on_delete=models.SET_NULL, related_name="events"
    )
    is_template = models.BooleanField(
        _("template"), default=False, db_default=False, help_text=_("Never sold itself: others are made from it.")
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
    fee_per_booking = models.PositiveIntegerField(
        _("fee per booking"),
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
    plan = models.ForeignKey(
        SeatingPlan,
        verbose_name=_("seating plan"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="events",
        editable=False,  # it comes with its places: events.services.inventory.seat
    )
    avoids_single_gaps = models.BooleanField(
        _("no single gaps"),
        default=True,
        help_text=_("Customers can't leave one seat alone between others if there is another way to sit."),
    )
    accessible_until = models.DateTimeField(
        _("wheelchair and companion places are kept until"),
        null=True,
        blank=True,
        help_text=_("From then on everybody may buy those that are left. Empty: never."),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    moved_from = models.DateTimeField(_("moved from"), null=True, editable=False)  # when it would have started
    returnable_until = models.DateTimeField(_("tickets can be returned until"), null=True, editable=False)
    change_note = models.TextField(  # for everybody, when it was cancelled or moved
        _("what was said about it"), max_length=500, blank=True, editable=False
    )
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
            models.CheckConstraint(
                condition=Q(is_template=False) | Q(status="draft", series=None), name="a_template_is_never_sold"
            ),
            models.CheckConstraint(condition=Q(max_per_booking__gt=0), name="a_booking_may_have_a_place"),
            models.CheckConstraint(
                condition=Q(max_per_customer=None) | Q(max_per_customer__gt=0), name="a_customer_may_have_a_place"
            ),
        ]

    @property
    def dated(self) -> str:
        """Its title and its day at its venue: several dates may have one title."""
        return f"{self.title}, {dates.day(self.starts_at.astimezone(self.venue.zone))}"

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

    @property
    def is_moved(self) -> bool:
        """Whether it takes place, at another time than was said first."""
        return self.status == Event.Status.PUBLISHED and self.moved_from is not None

    def opens_accessible(self, now: datetime) -> bool:
        """Whether wheelchair and companion places may be bought by everybody at this moment (U17)."""
        return self.accessible_until is not None and now >= self.accessible_until

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
