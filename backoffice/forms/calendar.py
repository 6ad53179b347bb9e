"""What the calendar of the back office is filtered by."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from core.forms import FilterForm
from events.models import Category, Event
from events.queries.discovery import Search, found
from venues.models import Venue


class CalendarForm(FilterForm):
    """Words, where, on which shelf, and whether it is published: of one house alone (S9)."""

    q = forms.CharField(
        label=_("Search"), max_length=100, required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    venue = forms.ModelChoiceField(Venue.objects.none(), label=_("venue"), required=False, empty_label=_("Any"))
    category = forms.ModelChoiceField(
        Category.objects.none(), label=_("category"), required=False, empty_label=_("Any")
    )
    status = forms.ChoiceField(label=_("status"), required=False, choices=[("", _("Any")), *Event.Status.choices])

    def __init__(self, organization: Organization, data: Any) -> None:
        super().__init__(data, auto_id="calendar-%s")
        self.fields["venue"].queryset = Venue.objects.filter(organization=organization).order_by("name")  # type: ignore[attr-defined]
        self.fields["category"].queryset = Category.objects.filter(organization=organization)  # type: ignore[attr-defined]

    def found(self, events: QuerySet[Event], now: Any) -> QuerySet[Event]:
        """Return what of them is asked for. Words mean what they mean in the calendar that visitors see."""
        given = self.given()
        slugs = {name: given[name].slug for name in ("venue", "category") if name in given}
        events = found(events, Search(text=given.get("q", ""), **slugs), now, zones=())
        return events.filter(status=given["status"]) if "status" in given else events

    def chip(self, name: str, value: Any) -> str:
        """A status in words."""
        return str(Event.Status(value).label).capitalize() if name == "status" else super().chip(name, value)
