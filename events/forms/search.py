"""What a visitor looks for."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core import dates, money
from core.forms import FilterForm
from events.models import Event
from events.queries.discovery import Choices, Search

_ANY = ("", _("Any"))
_CENTURY = [
    MinValueValidator(date(2000, 1, 1), _("Please choose a date after the year 2000.")),
    MaxValueValidator(date(2100, 1, 1), _("Please choose a date before the year 2100.")),
]


class DayField(forms.DateField):
    """A day, as browsers send it."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            required=False,
            label=label,
            input_formats=["%Y-%m-%d"],
            validators=_CENTURY,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        )


class SearchForm(FilterForm):
    """What the list of events is filtered by; what is merely unknown finds nothing."""

    no_filters = ("sort", "currency")

    q = forms.CharField(
        required=False,
        max_length=100,
        label=_("Search"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "enterkeyhint": "search"}),
    )
    when = forms.ChoiceField(
        required=False,
        label=_("When"),
        choices=[
            ("", _("Any time")),
            ("today", _("Today")),
            ("tomorrow", _("Tomorrow")),
            ("weekend", _("This weekend")),
            ("week", _("This week")),
            ("next-week", _("Next week")),
            ("month", _("This month")),
        ],
    )
    first = DayField(_("From"))
    last = DayField(_("Until"))
    city = forms.CharField(required=False, max_length=80, label=_("City"))
    venue = forms.CharField(required=False, max_length=140, label=_("Venue"))
    category = forms.CharField(required=False, max_length=80, label=_("Category"))
    type = forms.CharField(required=False, max_length=20, label=_("Kind"))
    most = forms.DecimalField(required=False, min_value=0, max_value=1_000_000, label=_("Price up to"))
    currency = forms.CharField(required=False, max_length=3, label=_("Currency"))
    available = forms.BooleanField(required=False, label=_("Only with places left"))
    state = forms.ChoiceField(
        required=False,
        label=_("Sales"),
        choices=[
            _ANY,
            ("on-sale", _("On sale")),
            ("few", _("Few places left")),
            ("sold-out", _("Sold out")),
            ("not-yet", _("Not yet on sale")),
            ("cancelled", _("Cancelled")),
        ],
    )
    sort = forms.ChoiceField(
        required=False,
        label=_("Sort by"),
        choices=[
            ("", _("Date")),
            ("price", _("Price, lowest first")),
            ("-price", _("Price, highest first")),
            ("new", _("Newly announced")),
            ("title", _("Title")),
        ],
    )

    def __init__(self, sent: QueryDict, choices: Choices) -> None:
        super().__init__(sent)
        self.sent = sent.urlencode()
        self.choices = choices
        shelves_of = {"city": choices.cities, "venue": choices.venues, "category": choices.categories}
        for name, shelves in shelves_of.items():
            self._offer(name, [(shelf.value, shelf.name) for shelf in shelves])
        types = dict(Event.Type.choices)
        self._offer("type", [(name, types[name]) for name in choices.types])
        self.currencies = choices.currencies
        self._offer("currency", [(code, code) for code in choices.currencies], any_too=False)
        if len(choices.currencies) < 2:
            self.fields["currency"].widget = forms.HiddenInput()

    def _offer(self, name: str, offered: Sequence[tuple[str, Any]], *, any_too: bool = True) -> None:
        self.fields[name].widget = forms.Select(choices=[_ANY, *offered] if any_too else offered)

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """What most people ask for."""
        return [self[name] for name in ("q", "when", "city", "category", "sort")]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        """What some people ask for; price and availability are drawn by themselves."""
        return [self[name] for name in ("first", "last", "venue", "type", "state")]

    @property
    def calendar_fields(self) -> list[forms.BoundField]:
        """What a calendar is filtered by."""
        return [self[name] for name in ("q", "venue", "city", "category")]

    @property
    def more_is_set(self) -> bool:
        """Whether something beyond the first fields is asked for, or wrong."""
        more = {"first", "last", "venue", "type", "state", "most", "available"}
        return bool(more & (self.filters().keys() | self.errors.keys()))

    def clean_most(self) -> int | None:
        """The smallest unit of the chosen currency, which is looked at first."""
        amount = self.cleaned_data["most"]
        return None if amount is None else money.from_decimal(amount, self._currency())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first or last:
            cleaned["when"] = ""  # days of one's own say more
        if first and last and first > last:
            self.add_error("last", _("The last day is before the first."))
        return cleaned

    def search(self) -> Search:
        """What is asked for, as far as it can be understood."""
        self.is_valid()
        cleaned = {name: self.cleaned_data.get(name) for name in self.fields}
        return Search(
            text=cleaned["q"] or "",
            span=cleaned["when"] or "",
            first_day=cleaned["first"],
            last_day=cleaned["last"],
            most=cleaned["most"],
            currency=self._currency(),
            available=bool(cleaned["available"]),
            **{name: cleaned[name] or "" for name in ("city", "venue", "category", "type", "state", "sort")},
        )

    def _currency(self) -> str:
        sent = self.data.get("currency", "").upper()
        return sent if sent in self.currencies else next(iter(self.currencies), "EUR")

    def _sent(self, without: str) -> dict[str, str]:
        """A currency says nothing without a price."""
        sent = super()._sent(without)
        if "most" not in sent:
            sent.pop("currency", None)
        return sent

    def chip(self, name: str, value: Any) -> str:
        """Of a shelf its name."""
        label = self.fields[name].label
        match name:
            case "q":
                return super().chip(name, value)
            case "available":
                return str(label)
            case "first" | "last":
                return f"{label} {dates.day(value)}"
            case "most":
                return f"{label} {money.formatted(value, self._currency())}"
        names = {str(key): str(text) for key, text in self[name].field.widget.choices}
        return names.get(value, value)
