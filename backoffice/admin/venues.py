"""Venues."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.db.models import Count, F, Model, Sum
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.roles import Power
from backoffice.admin.deleting import DeletedByService
from backoffice.admin.figures import WithFigures, per_row
from backoffice.admin.leading_back import LeadsBack
from core import clock
from core.admin import TenantForm
from events.models import Event, EventPicture, EventSeat
from events.services import catalogue
from venues.models import Amenity, Venue, VenuePicture


class VenueForm(TenantForm):
    """A house, as people tell of it."""

    amenities = forms.MultipleChoiceField(
        label=_("Amenities"),
        choices=Amenity.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What visitors find on the venue's page."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "time_zone" in self.fields:
            zones = [(name, name.replace("_", " ")) for name in sorted(available_timezones())]
            self.fields["time_zone"].widget = forms.Select(choices=zones)
            if self.instance.pk is None:
                self.initial["time_zone"] = self.initial.get("time_zone") or self.instance.organization.time_zone

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()

    def clean_capacity(self) -> int:
        """The house can't be smaller than what it has been sold as."""
        capacity = int(self.cleaned_data["capacity"])
        if capacity == 0:
            raise forms.ValidationError(_("A venue has room for somebody."))
        event = largest(self.instance) if self.instance.pk else None
        if event and event.made > capacity:
            raise forms.ValidationError(
                _("%(event)s has %(made)s places already, so the capacity can't be smaller."),
                params={"event": event, "made": event.made},
            )
        return capacity

    def clean(self) -> dict[str, Any]:
        """A spot on the globe has two numbers."""
        cleaned = super().clean() or self.cleaned_data
        for missing, other in (("latitude", "longitude"), ("longitude", "latitude")):
            if cleaned.get(missing) is None and cleaned.get(other) is not None and missing not in self.errors:
                self.add_error(missing, _("Please give both, latitude and longitude, or neither."))
        return cleaned


@admin.register(Venue)
class VenueAdmin(WithFigures, LeadsBack, DeletedByService):
    """Where events take place."""

    may_view, may_change = Power.SEE_EVENTS.permission, Power.MANAGE_EVENTS.permission
    form = VenueForm
    list_display = ["name", "city", "type", "capacity", "coming", "active"]
    list_filter = ["active", "type", "city"]
    search_fields = ["search_text"]
    ordering = ["name"]
    prepopulated_fields = {"slug": ["name", "city"]}
    fieldsets = [
        (None, {"fields": ["name", "slug", "type", "capacity", "active"]}),
        (_("Where it is"), {"fields": ["address", "city", "country", "time_zone", "latitude", "longitude"]}),
        (
            _("For visitors"),
            {
                "fields": ["description", "amenities", "access", "directions"],
                "description": _("This is on the venue's page. Markdown makes headings, lists and links."),
            },
        ),
        (_("How to reach it"), {"fields": ["phone", "email", "website"]}),
    ]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only a new venue's address is made up from its name: links to an old one stay true."""
        return self.prepopulated_fields if obj is None else {}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Say what follows from a field."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name in HELP:
            field.help_text = HELP[db_field.name]
        if field and db_field.name == "slug":
            field.label = _("Web address")  # the street has an address too
        return field

    def add_figures(self, rows: Sequence[Any]) -> None:
        """How many events are still to come at each."""
        events = Event.objects.public().filter(venue__in=[row.pk for row in rows], ends_at__gt=clock.now())
        counts = per_row(rows, events.order_by().values_list("venue").annotate(Count("pk")))
        for row in rows:
            row.coming = counts[row.pk]

    @admin.display(description=_("coming events"))
    def coming(self, venue: Any) -> int:
        return venue.coming

    def what_goes(self, obj: Venue) -> dict[type[Model], int]:
        """With its events and all that they have, if nobody booked any."""
        return {
            Venue: 1,
            VenuePicture: VenuePicture.objects.filter(venue=obj).count(),
            Event: Event.objects.filter(venue=obj).count(),
            EventPicture: EventPicture.objects.filter(event__venue=obj).count(),
            EventSeat: EventSeat.objects.filter(event__venue=obj).count(),
        }

    def delete_by(self, obj: Venue, by: Any) -> None:
        catalogue.delete_venue(venue_id=obj.pk, by=by)


HELP = {
    "slug": _("The end of the page's address. Whoever has the link needs it to stay."),
    "capacity": _("So many people at most: no event can have more places."),
    "active": _("An inactive venue takes no new events; those that are published go on."),
    "country": _("Two capital letters, as in DE."),
    "time_zone": _("Times of all its events are told in this zone."),
    "latitude": _("Degrees north, for the link to a map."),
}


def largest(venue: Venue) -> Any:
    """Return the event with the most places that are made at this venue, as `made`; None where there are none."""
    published = Event.objects.public().filter(venue=venue).annotate(made=Sum("price_levels__places"))
    return published.filter(made__isnull=False).order_by(F("made").desc(), "pk").first()
