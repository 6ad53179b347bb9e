"""Every single place of an event, and what keeps it from being sold."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from events.models.event import Event
from events.models.prices import PriceLevel
from venues.models import Seat, SeatingPlan, Section

LAPSE_GRACE = timedelta(seconds=5)
"""A payment counts until the deadline that was shown; others may have the places this much later."""


class Hold(models.Model):
    """
    Places kept back for somebody by the house, until staff release them or the time `until` is over.

    Its places are those whose `hold` it is; a hold that was released has none.
    """

    class Kind(models.TextChoices):
        """For whom."""

        ARTIST = "artist", _("artist")
        PROMOTER = "promoter", _("promoter")
        VENUE = "venue", _("venue")
        PRESS = "press", _("press")
        COMPLIMENTARY = "complimentary", _("complimentary")

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.PROTECT, related_name="holds")
    kind = models.CharField(_("for"), max_length=14, choices=Kind)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    by = models.ForeignKey(
        User, verbose_name=_("who"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    until = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: until somebody releases it."))
    created_at = models.DateTimeField(_("created"))
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["until"], condition=Q(released_at=None, until__isnull=False), name="holds_by_end")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["artist", "promoter", "venue", "press", "complimentary"]),
                name="a_hold_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("created_at")), name="a_hold_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reason}" if self.reason else str(self.get_kind_display())


class Allocation(models.Model):
    """
    How an event of a plan was divided, under a name: levels with their prices, blocks and holds, to be applied
    to another event of the same plan. `layout` is what `events.services.allocations` wrote.
    """

    plan = models.ForeignKey(
        SeatingPlan, verbose_name=_("seating plan"), on_delete=models.PROTECT, related_name="allocations"
    )
    name = models.CharField(_("name"), max_length=80)
    layout = models.JSONField()
    by = models.ForeignKey(
        User, verbose_name=_("who"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["plan", "name"], name="one_allocation_per_name")]

    def __str__(self) -> str:
        return self.name


class EventSeatQuerySet(models.QuerySet["EventSeat"]):
    """Places by what can be done with them."""

    def free(self) -> "EventSeatQuerySet":
        """Can be claimed as they are."""
        return self.filter(status=EventSeat.Status.AVAILABLE, ownership=EventSeat.Ownership.OWNED)

    def lapsed(self, now: datetime) -> "EventSeatQuerySet":
        """Reserved by a booking that was not paid in time: as good as free, once that booking is ended."""
        return self.filter(status=EventSeat.Status.RESERVED, reserved_until__lt=now - LAPSE_GRACE)

    def not_for_sale(self) -> "EventSeatQuerySet":
        """What nobody has and nobody can buy: held, blocked or not ours; as the index `places_not_for_sale` says it."""
        kept = Q(status__in=[EventSeat.Status.HELD, EventSeat.Status.BLOCKED])
        return self.filter(kept | ~Q(ownership=EventSeat.Ownership.OWNED))

    def standing(self) -> "EventSeatQuerySet":
        """Places without a number, which are all alike within a level."""
        return self.filter(seat=None)

    def named(self) -> "EventSeatQuerySet":
        """With all that a place's name needs."""
        return self.select_related("seat", "section", "price_level")

    def locked(self, *, skip_locked: bool = False) -> "EventSeatQuerySet":
        """
        Lock in one order, so that two buyers cannot deadlock: numbered places by key, then the others by level.

        A seat may be painted into another level at any time, so its level says nothing of its turn.
        """
        level = Case(When(seat=None, then=F("price_level_id")), default=Value(0))
        return self.order_by(level, "pk").in_turn(skip_locked=skip_locked)

    def in_turn(self, *, skip_locked: bool = False) -> "EventSeatQuerySet":
        """Lock in the order asked for, which must agree with that of `locked`."""
        return self.select_for_update(of=("self",), no_key=True, skip_locked=skip_locked)


class EventSeat(models.Model):
    """
    One place at one event: the only inventory there is.

    A standing place has no `seat`; at an event with a plan every place has its `section`. `cost` is what the
    house paid for it, in the smallest unit of the event's currency.

    Only `events.services.inventory` writes `status`, `ownership`, `reserved_until`, `hold` and `cost`.
    """

    class Status(models.TextChoices):
        """Whether it can be sold."""

        AVAILABLE = "available", _("available")
        RESERVED = "reserved", _("reserved")
        SOLD = "sold", _("sold")
        HELD = "held", _("held")
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
    section = models.ForeignKey(
        Section, verbose_name=_("section"), null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    seat = models.ForeignKey(
        Seat, verbose_name=_("seat"), null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.AVAILABLE)
    hold = models.ForeignKey(
        Hold, verbose_name=_("hold"), null=True, on_delete=models.PROTECT, related_name="places", db_index=False
    )
    cost = models.PositiveIntegerField(_("cost"), null=True)
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
            models.Index(  # what can't be sold now, though nobody has it
                fields=["event"],
                condition=Q(status__in=["held", "blocked"]) | ~Q(ownership="owned"),
                name="places_not_for_sale",
            ),
            models.Index(fields=["section", "event"], condition=Q(section__isnull=False), name="places_of_a_section"),
            models.Index(fields=["hold"], condition=Q(hold__isnull=False), name="places_of_a_hold"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["seat", "event"], condition=Q(seat__isnull=False), name="a_seat_is_at_an_event_once"
            ),
            models.CheckConstraint(condition=Q(seat=None) | Q(section__isnull=False), name="a_seat_is_in_a_section"),
            models.CheckConstraint(
                condition=Q(status="held", hold__isnull=False) | (~Q(status="held") & Q(hold=None)),
                name="held_means_by_a_hold",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["available", "reserved", "sold", "held", "blocked"]),
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

    @property
    def name(self) -> str:
        """What it is called on tickets and in refusals: section, row and seat, or the level to stand in."""
        if self.seat is None or self.section is None:
            return self.price_level.name
        return gettext("%(section)s, row %(row)s, seat %(number)s") % {
            "section": self.section.name,
            "row": self.seat.row,
            "number": self.seat.number,
        }
