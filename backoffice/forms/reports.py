"""What reports are asked for; bad values are told at their field, and everything else still counts."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from bookings import gateways
from bookings.models import Payment
from events.models import Category, Event, TicketType
from reports.periods import EARLIEST, LATEST, Days, Preset, days
from reports.queries.customers import Wanted
from reports.queries.revenue import By, Only, way_to_pay
from venues.models import Venue


def _day(label: Any) -> forms.DateField:
    limits = [MinValueValidator(EARLIEST), MaxValueValidator(LATEST)]
    widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")
    return forms.DateField(label=label, required=False, validators=limits, widget=widget)


class PeriodForm(forms.Form):
    """Which days."""

    period = forms.ChoiceField(label=_("days"), choices=Preset.choices, required=False)
    first = _day(_("from"))
    last = _day(_("to"))

    def __init__(self, organization: Organization, today: date, data: Any) -> None:
        has_days = data.get("first") or data.get("last")
        period = Preset.OWN if has_days else data.get("period") or Preset.MONTH_OF_DAYS
        super().__init__({**data.dict(), "period": period}, auto_id="report-%s")
        self.organization, self.today = organization, today

    def clean(self) -> dict[str, Any]:
        """The first day comes first."""
        found = super().clean() or {}
        if found.get("first") and found.get("last") and found["first"] > found["last"]:
            self.add_error("last", _("This day is before the first one."))
        return found

    @property
    def days(self) -> Days:
        """The days that are asked for; a day that was typed counts before a preset."""
        given = self.cleaned_data
        period = given.get("period") or Preset.MONTH_OF_DAYS
        return Days(given.get("first"), given.get("last")) if period == Preset.OWN else days(Preset(period), self.today)


class RevenueForm(PeriodForm):
    """Which days, by what, and of what alone."""

    by = forms.ChoiceField(label=_("by"), choices=By.choices, required=False)
    venue = forms.ModelChoiceField(Venue.objects.none(), label=_("venue"), required=False)
    category = forms.ModelChoiceField(Category.objects.none(), label=_("category"), required=False)
    ticket_type = forms.ModelChoiceField(TicketType.objects.none(), label=_("ticket type"), required=False)
    provider = forms.ChoiceField(label=_("provider"), required=False)
    event = forms.ModelChoiceField(Event.objects.none(), label=_("event"), required=False, widget=forms.HiddenInput)
    field_order = ("by", "period", "first", "last", "venue", "category", "ticket_type", "provider", "event")

    def __init__(self, organization: Organization, today: date, data: Any) -> None:
        super().__init__(organization, today, data)
        for name, model in {"venue": Venue, "category": Category, "ticket_type": TicketType, "event": Event}.items():
            rows = model._default_manager.filter(organization=organization)
            self.fields[name].queryset = rows.order_by("title" if model is Event else "name")  # type: ignore[attr-defined]
        ways = [*gateways.names(), *Payment.ByHand.values, Payment.EXCHANGE]
        self.fields["provider"].choices = [("", "---------"), *((way, way_to_pay(way)) for way in ways)]  # type: ignore[attr-defined]
        self.initial["by"] = By.DAY

    @property
    def grouping(self) -> By:
        """What rows are of."""
        return By(self.cleaned_data.get("by") or By.DAY)

    def only(self, days: Days) -> Only:
        """What alone is looked at, on these days."""
        rows = {name: self.cleaned_data.get(name) for name in ("event", "venue", "category", "ticket_type")}
        keys = {name: row.pk if row else None for name, row in rows.items()}
        return Only(days.first, days.last, provider=self.cleaned_data.get("provider") or None, **keys)


class OccupancyForm(forms.Form):
    """Which events, and whether by event or by venue."""

    BY = [("event", _("event")), ("venue", _("venue"))]
    WHEN = [("coming", _("coming")), ("past", _("past")), ("all", _("all"))]

    by = forms.ChoiceField(label=_("by"), choices=BY, required=False)
    when = forms.ChoiceField(label=_("events"), choices=WHEN, required=False)
    venue = forms.ModelChoiceField(Venue.objects.none(), label=_("venue"), required=False)

    def __init__(self, organization: Organization, data: Any) -> None:
        super().__init__(data, auto_id="report-%s", initial={"by": "event", "when": "coming"})
        self.organization = organization
        venues = Venue.objects.filter(organization=organization)
        self.fields["venue"].queryset = venues.order_by("name")  # type: ignore[attr-defined]

    @property
    def time(self) -> str:
        """Events to come, past ones, or all."""
        return self.cleaned_data.get("when") or "coming"

    @property
    def is_by_venue(self) -> bool:
        """Whether a row is a venue."""
        return self.cleaned_data.get("by") == "venue"

    def events(self, now: datetime) -> QuerySet[Event]:
        """Return which, in the order in which one looks for them."""
        found = Event.objects.filter(organization=self.organization).exclude(status=Event.Status.DRAFT)
        if venue := self.cleaned_data.get("venue"):
            found = found.filter(venue=venue)
        if self.time != "all":
            found = found.filter(ends_at__gt=now) if self.time == "coming" else found.filter(ends_at__lte=now)
        return found.order_by("starts_at" if self.time == "coming" else "-starts_at", "pk")


class CustomersForm(PeriodForm):
    """Who, and in which order."""

    ORDERS = [("recent", _("last seen first")), ("spent", _("most spent first"))]

    q = forms.CharField(label=_("name or e-mail"), max_length=150, required=False)
    order = forms.ChoiceField(label=_("order"), choices=ORDERS, required=False)
    field_order = ("q", "period", "first", "last", "order")

    @property
    def wanted(self) -> Wanted:
        """What is asked for."""
        said = self.cleaned_data
        return Wanted(self.days, said.get("q") or "", by_spending=said.get("order") == "spent")
