"""What staff bring in from another system, file by file and line by line."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization


class Import(models.Model):
    """
    A file that is brought in: first only checked, then, when somebody has looked at that, carried out.

    What its rows say is kept as long as they may be needed, and no longer than a month.
    """

    class Kind(models.TextChoices):
        """What its lines are."""

        VENUES = "venues", _("venues")
        EVENTS = "events", _("events")
        CUSTOMERS = "customers", _("customers")
        BOOKINGS = "bookings", _("bookings")

    class Phase(models.TextChoices):
        """How far it is; it follows from its times."""

        CHECKING = "checking", _("is being checked")
        CHECKED = "checked", _("waits for you")
        RUNNING = "running", _("is being imported")
        OVER = "over", _("over")
        CANCELLED = "cancelled", _("not carried out")

    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    file_name = models.CharField(_("file"), max_length=200)
    columns = models.JSONField(default=list)  # those of ours that the file has, in its order
    passed_over = models.JSONField(default=list)  # heads of columns that nobody knows
    sends_tickets = models.BooleanField(_("tickets are sent"), default=False)
    language = models.CharField(max_length=10, default="en")  # of what is said about its lines
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("uploaded"))
    leased_until = models.DateTimeField(null=True)  # by who is checking it
    checked_at = models.DateTimeField(_("checked"), null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    erased_at = models.DateTimeField(null=True)  # since then nobody knows what the lines said

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [
            models.Index(fields=["organization", "-created_at"], name="imports_by_time"),
            models.Index(fields=["created_at"], condition=Q(erased_at=None), name="imports_to_erase"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["venues", "events", "customers", "bookings"]), name="an_import_kind_is_known"
            ),
            models.UniqueConstraint(
                fields=["organization", "kind"], condition=Q(finished_at=None), name="one_open_import_per_kind"
            ),
            models.CheckConstraint(
                condition=Q(started_at=None) | Q(checked_at__isnull=False), name="an_import_is_checked_before_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(finished_at__isnull=False), name="only_a_finished_import_is_forgotten"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.file_name}"

    @property
    def phase(self) -> "Import.Phase":
        """How far it is."""
        if self.finished_at:
            return Import.Phase.OVER if self.started_at else Import.Phase.CANCELLED
        if self.started_at:
            return Import.Phase.RUNNING
        return Import.Phase.CHECKED if self.checked_at else Import.Phase.CHECKING


class ImportRow(models.Model):
    """
    One line of a file, and what became of it.

    `key` is a digest of what its thing is known by: lines of one import with the same key are about one thing.
    `cells` may say who somebody is; they go as soon as the line is dealt with.
    """

    class Status(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("waiting")
        FINE = "fine", _("fine")
        FAILED = "failed", _("wrong")
        DONE = "done", _("imported")
        SKIPPED = "skipped", _("passed over")

    part_of = models.ForeignKey(
        Import, verbose_name=_("import"), on_delete=models.CASCADE, related_name="rows", db_index=False
    )
    number = models.PositiveIntegerField(_("line"))
    key = models.CharField(max_length=64, blank=True)
    cells = models.JSONField(default=dict)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    result = models.TextField(_("what came of it"), blank=True)
    became_type = models.CharField(max_length=60, blank=True)
    became_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("line of an import")
        verbose_name_plural = _("lines of imports")
        indexes = [
            models.Index(fields=["part_of", "status", "number"], name="lines_of_an_import"),
            models.Index(fields=["part_of", "key"], condition=~Q(key=""), name="lines_about_one_thing"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["part_of", "number"], name="one_row_per_line"),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "fine", "failed", "done", "skipped"]),
                name="a_line_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(became_type="", became_id=None)
                | Q(became_id__isnull=False, status__in=["done", "skipped"]),
                name="only_what_was_imported_became_something",
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.number} ({self.status})"
