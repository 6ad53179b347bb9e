"""Where events take place."""

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Organization, validate_time_zone
from core.pictures import Picture
from core.search import Searchable


class Amenity(models.TextChoices):
    """What a house has for its guests."""

    CLOAKROOM = "cloakroom", _("cloakroom")
    BAR = "bar", _("bar")
    RESTAURANT = "restaurant", _("restaurant")
    PARKING = "parking", _("parking")
    BICYCLES = "bicycles", _("bicycle stands")
    CHARGING = "charging", _("charging for electric cars")
    STEP_FREE = "step_free", _("step-free access")
    WHEELCHAIR = "wheelchair", _("wheelchair places")
    ACCESSIBLE_TOILET = "accessible_toilet", _("accessible toilet")
    LIFT = "lift", _("lift")
    HEARING_LOOP = "hearing_loop", _("hearing loop")
    AIR_CONDITIONING = "air_conditioning", _("air conditioning")
    BABY_CHANGING = "baby_changing", _("baby changing")
    WIFI = "wifi", _("Wi-Fi")


def validate_amenities(names: object) -> None:
    """Refuse anything but a list of known amenities, each once."""
    if not isinstance(names, list) or set(names) - set(Amenity.values) or len(set(names)) < len(names):
        raise ValidationError(
            _("Amenities are a list of these, each once: %(known)s."), params={"known": Amenity.values}
        )


validate_country = RegexValidator(r"\A[A-Z]{2}\Z", _("A country is two capital letters, as in DE."))


class Venue(Searchable):
    """A house, hall or field with room for so many people."""

    searched = ("name", "city")

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

    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.PROTECT, related_name="venues"
    )
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("address"), max_length=140, unique=True)
    type = models.CharField(_("type"), max_length=20, choices=Type, default=Type.OTHER)
    address = models.CharField(_("address"), max_length=200)
    city = models.CharField(_("city"), max_length=80)
    country = models.CharField(_("country"), max_length=2, validators=[validate_country])
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    capacity = models.PositiveIntegerField(_("capacity"))
    active = models.BooleanField(_("active"), default=True)
    description = models.TextField(_("description"), blank=True, help_text=_("Markdown."))
    amenities = models.JSONField(_("amenities"), default=list, blank=True, validators=[validate_amenities])
    access = models.TextField(_("access"), blank=True, help_text=_("For people with a disability. Markdown."))
    directions = models.TextField(_("directions"), blank=True, help_text=_("How to get there. Markdown."))
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), blank=True)
    latitude = models.FloatField(
        _("latitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text=_("Degrees north."),
    )
    longitude = models.FloatField(
        _("longitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text=_("Degrees east."),
    )

    history = HistoricalRecords(excluded_fields=["search_text"])

    class Meta:
        verbose_name = _("venue")
        verbose_name_plural = _("venues")
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_venue_per_name"),
            models.CheckConstraint(condition=models.Q(capacity__gt=0), name="a_venue_holds_somebody"),
            models.CheckConstraint(
                condition=models.Q(latitude=None, longitude=None)
                | models.Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="a_venue_lies_on_the_globe",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"

    @property
    def cover(self) -> "VenuePicture | None":
        """What stands for it in lists, which prefetch `pictures`."""
        return next(iter(self.pictures.all()), None)

    @property
    def gallery(self) -> "list[VenuePicture]":
        """Its other pictures."""
        return list(self.pictures.all())[1:]

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which its events are told."""
        return ZoneInfo(self.time_zone)

    @property
    def map_url(self) -> str:
        """A map of the surroundings, on OpenStreetMap's site: nothing of theirs is loaded into our pages."""
        if self.latitude is not None and self.longitude is not None:
            spot = f"{self.latitude:.5f}/{self.longitude:.5f}"
            return f"https://www.openstreetmap.org/?mlat={self.latitude:.5f}&mlon={self.longitude:.5f}#map=17/{spot}"
        return "https://www.openstreetmap.org/search?" + urlencode({"query": f"{self.address}, {self.city}"})

    @property
    def amenity_names(self) -> list[str]:
        """Its amenities as people call them, in the order of the list above."""
        return [str(amenity.label) for amenity in Amenity if amenity.value in self.amenities]


class VenuePicture(Picture):
    """What a venue looks like."""

    of = "venue"
    venue = models.ForeignKey(Venue, verbose_name=_("venue"), on_delete=models.CASCADE, related_name="pictures")
