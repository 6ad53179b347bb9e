"""What can be bought at an event, and for how much."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from events.models.catalogue import TicketType
from events.models.event import Event


class PriceLevel(models.Model):
    """A part of the house that sells at its own prices: Stalls, Balcony, Standing."""

    class Colour(models.IntegerChoices):
        """How its places are painted; the stylesheets know the shades, by day and by night."""

        WINE = 0, _("wine")
        BLUE = 1, _("blue")
        GREEN = 2, _("green")
        AMBER = 3, _("amber")
        VIOLET = 4, _("violet")
        TEAL = 5, _("teal")
        ROSE = 6, _("rose")
        OLIVE = 7, _("olive")

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="price_levels")
    name = models.CharField(_("name"), max_length=60)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    colour = models.PositiveSmallIntegerField(_("colour on the map"), choices=Colour, default=Colour.WINE)
    numbered = models.BooleanField(_("numbered seats"), default=False, editable=False)  # or places to stand, never both
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
