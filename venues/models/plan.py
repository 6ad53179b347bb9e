"""How a house is laid out: plans in versions, their sections, and every numbered seat."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from venues.models.venue import Venue

FARTHEST = 100_000
"""Centimetres from the corner of a plan: a kilometre, more than any house."""


def validate_shape(points: object) -> None:
    """Refuse anything but the corners of an area, each [x, y] in whole centimetres on the plan."""
    is_sound = (
        isinstance(points, list)
        and 3 <= len(points) <= 500
        and all(
            isinstance(point, list)
            and len(point) == 2
            and all(type(value) is int and 0 <= value <= FARTHEST for value in point)
            for point in points
        )
    )
    if not is_sound:
        raise ValidationError(
            _("A shape is a list of 3 to 500 corners, each [x, y] in whole centimetres from 0 to %(most)s."),
            params={"most": FARTHEST},
        )


class PlanQuerySet(models.QuerySet["SeatingPlan"]):
    """Plans by what can be done with them."""

    def published(self) -> "PlanQuerySet":
        """Those that events may use: they never change again."""
        return self.filter(status=SeatingPlan.Status.PUBLISHED)

    def locked(self) -> "PlanQuerySet":
        """Lock before its sections and seats are read to be changed."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class SeatingPlan(models.Model):
    """
    One layout of a venue, in one version.

    A draft is changed as a whole; once published it never changes, since tickets name its seats: who wants
    another layout publishes another version. Coordinates are centimetres, x to the right and y downwards;
    the focal point is what everybody looks at: the middle of the stage's edge, or of the ring or pitch.
    """

    class Status(models.TextChoices):
        """Whether it may still change, and whether new events may use it."""

        DRAFT = "draft", pgettext_lazy("plan", "draft")
        PUBLISHED = "published", pgettext_lazy("plan", "published")
        RETIRED = "retired", pgettext_lazy("plan", "retired")

    venue = models.ForeignKey(Venue, verbose_name=_("venue"), on_delete=models.PROTECT, related_name="plans")
    name = models.CharField(_("name"), max_length=80)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    focal_x = models.PositiveIntegerField(_("focal point from the left"), default=0)
    focal_y = models.PositiveIntegerField(_("focal point from the top"), default=0)
    revision = models.PositiveIntegerField(default=0, editable=False)  # counts changes of a draft, to notice others'
    changed_at = models.DateTimeField(_("last changed"), auto_now=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("seating plan")
        verbose_name_plural = _("seating plans")
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["venue", "name", "version"], name="one_plan_per_version"),
            models.UniqueConstraint(fields=["venue", "name"], condition=Q(status="draft"), name="one_draft_per_plan"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "published", "retired"]), name="a_plan_status_is_known"
            ),
            models.CheckConstraint(condition=Q(version__gt=0), name="versions_begin_with_one"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.version})"

    @property
    def organization_id(self) -> int:
        """Whose plan it is."""
        return self.venue.organization_id


class Section(models.Model):
    """
    A part of a plan that people find by its name: rows of seats, or an area to stand in.

    `tier` is the level of the house that it lies on (Stalls, Balcony), `shape` its outline; a standing section
    has so many places as its `capacity`, a seated one as it has seats.
    """

    class Kind(models.TextChoices):
        """Whether places there have numbers."""

        SEATED = "seated", _("seated")
        STANDING = "standing", _("standing")

    plan = models.ForeignKey(
        SeatingPlan, verbose_name=_("seating plan"), on_delete=models.PROTECT, related_name="sections"
    )
    name = models.CharField(_("name"), max_length=40)
    tier = models.CharField(_("level of the house"), max_length=40, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SEATED)
    shape = models.JSONField(_("outline"), validators=[validate_shape])
    capacity = models.PositiveIntegerField(_("standing places"), default=0)

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "name"], name="one_section_per_name"),
            models.CheckConstraint(
                condition=Q(kind="seated", capacity=0) | Q(kind="standing", capacity__gt=0),
                name="only_standing_sections_have_a_capacity",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Seat(models.Model):
    """
    One numbered seat: `row` and `number` are what stands on it.

    `row_order` counts rows from the front. `position` counts along the row and skips one where an aisle is, so
    two seats are neighbours when they are in one row and their positions differ by one. `quality` is from 0 to
    1,000 (see `venues.quality`). A companion's seat is bound to its wheelchair place.
    """

    class Type(models.TextChoices):
        """What is special about it."""

        STANDARD = "standard", _("standard")
        VIP = "vip", _("VIP")
        WHEELCHAIR = "wheelchair", _("wheelchair place")
        COMPANION = "companion", _("companion")
        RESTRICTED = "restricted", _("restricted view")

    section = models.ForeignKey(Section, verbose_name=_("section"), on_delete=models.PROTECT, related_name="seats")
    row = models.CharField(_("row"), max_length=8)
    number = models.CharField(_("number"), max_length=8)
    row_order = models.PositiveSmallIntegerField(_("row, counted from the front"))
    position = models.PositiveSmallIntegerField(_("position in the row"))
    x = models.PositiveIntegerField(_("from the left"))
    y = models.PositiveIntegerField(_("from the top"))
    type = models.CharField(_("type"), max_length=10, choices=Type, default=Type.STANDARD)
    quality = models.PositiveSmallIntegerField(_("quality"), default=0)
    companion_of = models.ForeignKey(
        "self",
        verbose_name=_("companion of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="companions",
    )

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering = ["section", "row_order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["section", "row", "number"], name="one_seat_per_row_and_number"),
            models.UniqueConstraint(fields=["section", "row_order", "position"], name="one_seat_per_position"),
            models.CheckConstraint(
                condition=Q(type__in=["standard", "vip", "wheelchair", "companion", "restricted"]),
                name="a_seat_type_is_known",
            ),
            models.CheckConstraint(
                condition=Q(type="companion", companion_of__isnull=False)
                | (~Q(type="companion") & Q(companion_of=None)),
                name="a_companion_accompanies_somebody",
            ),
            models.CheckConstraint(condition=Q(quality__lte=1_000), name="a_quality_is_at_most_1000"),
        ]

    def __str__(self) -> str:
        return f"{self.section} {self.row} {self.number}"
