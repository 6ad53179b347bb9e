"""Where events take place."""

from zoneinfo import ZoneInfo

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, validate_time_zone

validate_country = RegexValidator(r"\A[A-Z]{2}\Z", _("A country is two capital letters, as in DE."))


class Venue(models.Model):
    """A house, hall or field with room for so many people."""

    class Type(models.TextChoices):
        """What kind of place it is."""

        THEATRE = "theatre", _("theatre")
        CONCERT_HALL = "concert_hall", _("concert hall")
        ARENA = "arena", _("arena")
        STADIUM = "stadium", _("stadium")
        CLUB = "club", _("club")
        OPEN_AIR = "open_air", _("open air")
        CINEMA = "cinema", _("cinema")
        OTHER = "other", _("other")

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="venues")
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    type = models.CharField(max_length=20, choices=Type, default=Type.OTHER)
    address = models.CharField(max_length=200)
    city = models.CharField(max_length=80)
    country = models.CharField(max_length=2, validators=[validate_country])
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    capacity = models.PositiveIntegerField()
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_venue_per_name"),
            models.CheckConstraint(condition=models.Q(capacity__gt=0), name="a_venue_holds_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which its events are told."""
        return ZoneInfo(self.time_zone)
