"""More dates of an event, and a change to many of them."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.forms import AmountField
from events import recurring
from events.models import Event, EventSeries, PriceLevel, TicketType
from events.services.series import MOST, Reach

WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]
LONGEST_LIST = 4_000


class DayInput(forms.DateInput):
    """A browser's own field for a day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    """A browser's own field for a time of day."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class DatesForm(forms.Form):
    """On which dates it takes place too: every week on some days, or a list of dates."""

    name = forms.CharField(
        label=_("Name of the series"), max_length=160, widget=forms.TextInput(attrs={"class": "vTextField"})
    )
    first = forms.DateField(label=_("From"), required=False, widget=DayInput)
    last = forms.DateField(label=_("To"), required=False, widget=DayInput)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Every week on"), coerce=int, choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    at = forms.TimeField(label=_("Starts at"), required=False, widget=ClockInput)
    listed = forms.CharField(
        label=_("Or these dates"),
        required=False,
        max_length=LONGEST_LIST,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField", "placeholder": "2026-12-24 20:00"}),
        help_text=_("One in each line, as in 2026-12-24 20:00."),
    )
    with_holds = forms.BooleanField(label=_("With holds"), required=False)
    with_pictures = forms.BooleanField(label=_("With pictures"), required=False)

    def __init__(self, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        if event.series:
            del self.fields["name"]
        if event.plan_id is None:  # places without numbers are made by publishing
            del self.fields["with_holds"]

    @property
    def called(self) -> str:
        """What the series is called."""
        return self.event.series.name if self.event.series else self.cleaned_data["name"]

    def clean_name(self) -> str:
        """Another series isn't taken over by mistake."""
        name = str(self.cleaned_data["name"])
        if EventSeries.objects.filter(organization=self.event.organization_id, name=name).exists():
            raise forms.ValidationError(_("There is a series of this name already."))
        return name

    def clean_listed(self) -> list[datetime]:
        lines = [line.strip() for line in self.cleaned_data["listed"].splitlines() if line.strip()]
        return sorted({_moment(line) for line in lines})

    def clean(self) -> dict[str, Any]:
        """Return the starts too, in order, each once, as clocks show them."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        weekly = self._weekly(cleaned) if any(cleaned.get(name) for name in ("first", "last", "weekdays")) else []
        starts = sorted({*weekly, *cleaned["listed"]})
        if not starts and not self.errors:
            self.add_error(None, _("Please choose weekdays and a time, or write down dates."))
        if len(starts) > MOST:
            most = ngettext("At most %(most)s date at once.", "At most %(most)s dates at once.", MOST)
            self.add_error(None, most % {"most": MOST})
        return {**cleaned, "starts": starts}

    def _weekly(self, cleaned: dict[str, Any]) -> list[datetime]:
        for name in ("first", "last", "weekdays", "at"):
            if cleaned.get(name) in (None, []):
                self.add_error(name, _("Needed for dates every week."))
        if self.errors:
            return []
        if cleaned["last"] < cleaned["first"]:
            self.add_error("last", _("The last day comes after the first."))
            return []
        days = recurring.weekly(cleaned["first"], cleaned["last"], cleaned["weekdays"], MOST + 1)
        return [datetime.combine(day, cleaned["at"]) for day in days]


def _moment(line: str) -> datetime:
    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"):
        try:
            return datetime.strptime(line, form)  # noqa: DTZ007 - as clocks at the venue show it
        except ValueError:
            continue
    raise forms.ValidationError(_("“%(line)s” is no date and time as in 2026-12-24 20:00."), params={"line": line})


class ReachForm(forms.Form):
    """For which dates a change is."""

    reach = forms.ChoiceField(label=_("For"), choices=Reach.choices, widget=forms.RadioSelect, initial=Reach.FOLLOWING)


class PricesForm(forms.Form):
    """What each ticket type costs at each level of the date in hand."""

    def __init__(self, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys: dict[str, tuple[str, int]] = {}
        types = list(TicketType.objects.filter(organization=event.organization_id).order_by("order", "name"))
        for level in event.price_levels.prefetch_related("prices"):
            self._add(event, level, types)

    def _add(self, event: Event, level: PriceLevel, types: list[TicketType]) -> None:
        amounts = {price.ticket_type_id: price.amount for price in level.prices.all()}
        for each in types:
            if each.active or each.pk in amounts:
                name = f"price_{level.pk}_{each.pk}"
                self.keys[name] = (level.name, each.pk)
                self.fields[name] = AmountField(
                    currency=event.currency,
                    smallest=0 if each.is_free else 1,
                    required=False,
                    label=f"{level.name}, {each} ({event.currency})",
                )
                self.initial[name] = amounts.get(each.pk)

    @property
    def changed(self) -> dict[tuple[str, int], int | None]:
        """The prices that were typed anew."""
        return {self.keys[name]: self.cleaned_data[name] for name in self.changed_data}
