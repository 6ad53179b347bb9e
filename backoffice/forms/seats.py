"""What staff choose of a house, and what an act with it has to know."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core import ranges
from core.forms import AmountField, LocalDateTimeInput
from events.models import Event, Hold, PriceLevel
from events.queries.acts import NoSuchPlace
from events.queries.selections import chosen

MOST_ROWS = 2_000
"""More rows or sections than any house has."""
_KEY = re.compile(r"[1-9][0-9]{0,17}")
_ROW = re.compile(r"([1-9][0-9]{0,17})-([0-9]{1,5})")


def selected(event: Event, sent: QueryDict) -> list[int]:
    """
    Return the places that a form chose: `place`, `row` (section-order) and `section`, any number of each, and
    `places`, in runs. Raises NoSuchPlace for what can't be read (R50).
    """
    keys, rows, sections = sent.getlist("place"), sent.getlist("row"), sent.getlist("section")
    try:
        places = ranges.expanded(sent.get("places", ""))
    except ValueError as error:
        raise NoSuchPlace(nothing=False) from error
    found = [_ROW.fullmatch(row) for row in rows[:MOST_ROWS]]
    readable = all(_KEY.fullmatch(key) for key in [*keys, *sections]) and all(found)
    if not readable or len(keys) > ranges.MOST or len(sections) + len(rows) > MOST_ROWS:
        raise NoSuchPlace(nothing=False)
    return chosen(
        event,
        places=[*places, *map(int, keys)],
        rows=[(int(row[1]), int(row[2])) for row in found if row],
        sections=[int(key) for key in sections],
    )


class ActForm(forms.Form):
    """An act that needs to know nothing."""

    def __init__(self, event: Event, sent: QueryDict | None = None) -> None:
        super().__init__(sent)
        self.event = event


class PaintForm(ActForm):
    """Which price level."""

    def __init__(self, event: Event, sent: QueryDict | None = None) -> None:
        super().__init__(event, sent)
        self.fields["level"] = _level_field(event.price_levels.all())


def _level_field(levels: Iterable[PriceLevel]) -> forms.TypedChoiceField:
    choices = [(level.pk, level.name) for level in levels]
    return forms.TypedChoiceField(label=_("Price level"), coerce=int, choices=choices)


class CostForm(ActForm):
    """What each place cost."""

    def __init__(self, event: Event, sent: QueryDict | None = None) -> None:
        super().__init__(event, sent)
        self.fields["cost"] = AmountField(
            currency=event.currency,
            required=False,
            label=_("Cost of each place (%(currency)s)") % {"currency": event.currency},
            help_text=_("Empty: as it is known."),
        )


class HoldForm(ActForm):
    """For whom places are kept back, why, and until when, by the clocks of the venue."""

    kind = forms.ChoiceField(label=_("For"), choices=Hold.Kind.choices)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=False,
        help_text=_("For colleagues, as in “Radio” or “sound desk”. No names."),
    )
    until = forms.DateTimeField(
        label=_("Until"), required=False, widget=LocalDateTimeInput, help_text=_("Empty: until somebody releases it.")
    )


class StandingForm(HoldForm):
    """So many free standing places of a level."""

    quantity = forms.IntegerField(label=_("How many"), min_value=1, max_value=ranges.MOST)

    def __init__(self, event: Event, sent: QueryDict | None = None) -> None:
        super().__init__(event, sent)
        self.fields["level"] = _level_field(event.price_levels.filter(numbered=False))
        self.order_fields(["level", "quantity", "kind", "reason", "until"])


class ChangeHoldForm(ActForm):
    """Another end or reason."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
    until = forms.DateTimeField(
        label=_("Until"), required=False, widget=LocalDateTimeInput, help_text=_("Empty: until somebody releases it.")
    )

    def __init__(self, event: Event, sent: QueryDict | None = None, *, hold: Hold) -> None:
        super().__init__(event, sent)
        self.initial: dict[str, Any] = {"reason": hold.reason, "until": hold.until}


class NameForm(forms.Form):
    """What an allocation is called."""

    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))
