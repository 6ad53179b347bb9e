"""What an organization sells: its shelves and its kinds of ticket."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Organization
from core.search import Searchable


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
