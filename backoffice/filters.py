"""What bookings can be filtered by: any of it together. What isn't written here filters nothing (S33)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from backoffice.queries import finding
from bookings.models import Booking, Ticket
from core import clock, money
from core.search import words
from events.models import Event, TicketType
from reports.periods import EARLIEST, LATEST
from reports.queries.facts import midnight
from venues.models import Venue

OFFERED = 50
"""So many events can be chosen from, those on sale; any other by words of its title, or by a link that leads here."""

MOST_ROWS = 500
"""So many venues and ticket types can be chosen from."""

_LARGEST = 10**12


class FindForm(forms.Form):
    """What was typed and chosen. One bad value doesn't lose the others."""

    def clean(self) -> dict[str, Any]:
        """Amounts become the smallest unit of the currency that was chosen, or of the house's."""
        cleaned = super().clean() or {}
        currency = cleaned.get("currency") or self.house_currency  # type: ignore[attr-defined]
        for name in ("amount_from", "amount_to"):
            if cleaned.get(name) is not None:
                cleaned["currency"] = currency
                try:
                    cleaned[name] = money.from_decimal(cleaned[name], currency)
                except ValidationError as error:
                    self.add_error(name, error)
        for first, last in (("reserved_from", "reserved_to"), ("sold_from", "sold_to"), ("amount_from", "amount_to")):
            if cleaned.get(first) is not None and cleaned.get(last) is not None and cleaned[first] > cleaned[last]:
                is_day = last != "amount_to"
                self.add_error(
                    last, _("This is before the beginning.") if is_day else _("This is less than the other.")
                )
        return cleaned


class TicketField(forms.CharField):
    """A ticket's whole number."""

    def clean(self, value: Any) -> tuple[str, int] | None:
        text = super().clean(value)
        if text and finding.ticket_number(text) is None:
            raise ValidationError(_("A ticket's number is written like BK-20261121-7QK2MZ-03."))
        return finding.ticket_number(text)


class SeatField(forms.CharField):
    """A seat as people say it."""

    def clean(self, value: Any) -> finding.Spot | None:
        text = super().clean(value)
        if text and finding.spot_in(text) is None:
            raise ValidationError(_("A seat is written like “Stalls F 12” or “row F seat 12”."))
        return finding.spot_in(text)


class TicketFilter(django_filters.CharFilter):
    """By a ticket's whole number."""

    field_class = TicketField


class SeatFilter(django_filters.CharFilter):
    """By a seat."""

    field_class = SeatField


def _text(method: str, label: Any, **more: Any) -> django_filters.CharFilter:
    return django_filters.CharFilter(method=method, label=label, max_length=150, **more)


def _day(moment: str, method: str, label: Any) -> django_filters.DateFilter:
    limits = [MinValueValidator(EARLIEST), MaxValueValidator(LATEST)]
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return django_filters.DateFilter(moment, method=method, label=label, validators=limits, widget=widget)


def _amount(lookup: str, label: Any) -> django_filters.NumberFilter:
    widget = forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
    return django_filters.NumberFilter(
        field_name="total", lookup_expr=lookup, label=label, min_value=0, max_value=_LARGEST, widget=widget
    )


def _of_house(model: type[Model]) -> Callable[[Any], QuerySet]:
    """Return what gives rows of the house that asks: another's aren't there (S9)."""
    return lambda request: model._default_manager.filter(organization=request.user.workplace.organization)


class BookingFilter(django_filters.FilterSet):
    """Bookings of one organization by everything that people know of them. `q` is what the one box says."""

    q = _text("nothing", _("Search"))
    event = django_filters.ModelChoiceFilter(queryset=_of_house(Event), label=_("Event"))
    title = _text("by_title", _("Event's title"))
    venue = django_filters.ModelChoiceFilter(method="by_venue", queryset=_of_house(Venue), label=_("Venue"))
    ticket_type = django_filters.ModelChoiceFilter(
        method="by_ticket_type", queryset=_of_house(TicketType), label=_("Ticket type")
    )
    customer = _text("by_customer", _("Customer's name"))
    email = _text("by_email", _("E-mail"))
    code = _text("by_code", _("Code, its beginning or its end"))
    ticket = TicketFilter(method="by_ticket", label=_("Ticket number"), max_length=30)
    seat = SeatFilter(method="by_seat", label=_("Seat"), max_length=80)
    status = django_filters.ChoiceFilter(choices=Booking.Status.choices, label=_("Status"), empty_label=_("any"))
    channel = django_filters.ChoiceFilter(choices=Booking.Channel.choices, label=_("Sold at"), empty_label=_("any"))
    reserved_from = _day("reserved_at", "since", _("Reserved from"))
    reserved_to = _day("reserved_at", "until", _("Reserved to"))
    sold_from = _day("confirmed_at", "since", _("Sold from"))
    sold_to = _day("confirmed_at", "until", _("Sold to"))
    amount_from = _amount("gte", _("Total from"))
    amount_to = _amount("lte", _("Total to"))
    currency = django_filters.ChoiceFilter(label=_("Currency"), empty_label=_("any"))

    class Meta:
        model = Booking
        fields: list[str] = []
        form = FindForm

    def __init__(self, data: Any, *, request: Any, organization: Organization) -> None:
        self.organization = organization
        bookings = Booking.objects.filter(organization=organization)
        super().__init__(data, bookings, request=request)
        self.filters["currency"].extra["choices"] = [(each, each) for each in currencies(organization)]

    @property
    def form(self) -> FindForm:
        """The form with no more to choose from than a page can hold."""
        if not hasattr(self, "_form"):
            form = super().form
            form.house_currency = self.organization.currency
            form.fields["event"].widget.choices = _events(self.organization, self.data.get("event", ""))
            for name in ("venue", "ticket_type"):
                rows = form.fields[name].queryset.order_by("name", "pk")[:MOST_ROWS]
                form.fields[name].widget.choices = [("", _("any")), *((each.pk, str(each)) for each in rows)]
        return super().form

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """By all that could be read."""
        for name, each in self.filters.items():
            queryset = each.filter(queryset, self.form.cleaned_data.get(name))
        return queryset

    @property
    def term(self) -> str:
        """What the one box says."""
        self.form.is_valid()
        return str(self.form.cleaned_data.get("q") or "")

    def found(self) -> finding.Found:
        """Return what the box and all filters mean together, the newest first."""
        return finding.find(self.qs, self.term, self.organization)

    def said(self) -> dict[str, str]:
        """Return what is asked for, as an address says it."""
        return {name: value for name in self.filters if (value := self.data.get(name, "").strip())}

    def nothing(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset

    def by_title(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(event__in=finding.titled(words(value), self.organization))

    def by_venue(self, queryset: QuerySet, name: str, value: Venue) -> QuerySet:
        return queryset.filter(event__in=list(Event.objects.filter(venue=value).values_list("pk", flat=True)))

    def by_ticket_type(self, queryset: QuerySet, name: str, value: TicketType) -> QuerySet:
        return queryset.filter(pk__in=Ticket.objects.filter(ticket_type=value).values("booking"))

    def by_customer(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(finding.by_text(value))

    def by_email(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(finding.by_email(value))

    def by_code(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(finding.by_code(value))

    def by_ticket(self, queryset: QuerySet, name: str, value: tuple[str, int]) -> QuerySet:
        return queryset.filter(code=value[0], tickets__number=value[1])

    def by_seat(self, queryset: QuerySet, name: str, value: finding.Spot) -> QuerySet:
        return queryset.filter(finding.by_spot(value, self.organization))

    def since(self, queryset: QuerySet, name: str, value: date) -> QuerySet:
        return queryset.filter(**{f"{name}__gte": self._midnight(value)})

    def until(self, queryset: QuerySet, name: str, value: date) -> QuerySet:
        return queryset.filter(**{f"{name}__lt": self._midnight(value + timedelta(days=1))})

    def _midnight(self, day: date) -> datetime:
        """When a day begins where the organization is."""
        return midnight(day, ZoneInfo(self.organization.time_zone))


def currencies(organization: Organization) -> list[str]:
    """Return what the house sells in, its own currency first."""
    events = Event.objects.filter(organization=organization).order_by("currency")
    others = events.values_list("currency", flat=True).distinct()
    return [organization.currency, *(each for each in others if each != organization.currency)]


def _events(organization: Organization, chosen: str) -> list[tuple[Any, Any]]:
    """The events that are sold now, and the one that was chosen: there may be thousands."""
    events = Event.objects.filter(organization=organization)
    shown = list(events.filter(status=Event.Status.PUBLISHED).upcoming(clock.now()).select_related("venue")[:OFFERED])
    if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 and int(chosen) not in {each.pk for each in shown}:
        shown += events.filter(pk=chosen).select_related("venue")
    return [("", _("any")), *((each.pk, each.dated) for each in shown)]
