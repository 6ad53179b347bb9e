"""What a visitor chooses."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from events.best_available import Together
from events.models import Event
from events.queries.offers import LevelOffer
from venues.drawing import house

_PREFIX, _SEAT_PREFIX = "price_", "seat_"
_PRICE = re.compile(r"price_[1-9][0-9]{0,17}")
_SEAT = re.compile(r"seat_[1-9][0-9]{0,17}")
_ID = re.compile(r"[1-9][0-9]{0,17}")
MOST_SEATS = 100
"""More than any booking may have: who sends more isn't one of our pages."""
_DIGITS = re.compile(r"[0-9]{1,4}")  # no signs, no exponents, and no digits of other scripts, which int() would take


class QuantityField(forms.Field):
    """A whole number from 0, written in plain digits."""

    def to_python(self, value: Any) -> int:
        text = (value or "").strip()
        if not text:
            return 0
        if not _DIGITS.fullmatch(text):
            raise ValidationError(_("Please enter a whole number, such as 2."))
        return int(text)


class IdField(forms.Field):
    """What a page of ours wrote: something's id, or nothing."""

    def to_python(self, value: Any) -> int | None:
        text = (value or "").strip()
        if text and not _ID.fullmatch(text):
            raise ValidationError(_("This can't be chosen. Please choose again on this page."))
        return int(text) if text else None


class ChoiceForm(forms.Form):
    """
    How many tickets at which price, which seats at which price, and the key that makes sending it twice harmless.

    Where numbers are given of a level with seats, the best are taken, to the taste that is said here too. What was
    sent is read without asking what is offered: whether a price or a seat belongs to the event is for the reservation
    to decide. `show` adds the fields of all offers, to draw the page; `initial`, by price id, stands in them before
    anything was sent.
    """

    key = forms.RegexField(r"\A[A-Za-z0-9_-]{20,64}\Z", label=_("Form key"), widget=forms.HiddenInput)
    together = forms.ChoiceField(
        label=_("How near to each other"),
        required=False,
        choices=[
            (Together.ANYWHERE.value, _("As near as can be had")),
            (Together.ROW.value, _("In one row, side by side")),
            (Together.SECTION.value, _("In one section")),
        ],
    )
    section = IdField(label=_("Section"), required=False)
    accessible = forms.BooleanField(label=_("With a wheelchair place"), required=False)

    def __init__(
        self, event: Event, sent: QueryDict | None = None, *, initial: Mapping[int, int] | None = None
    ) -> None:
        super().__init__(sent)
        self.event = event
        self.chosen = initial or {}
        self.sent = sent or QueryDict()
        self.prices = {name: int(name[len(_PREFIX) :]) for name in self.sent if _PRICE.fullmatch(name)}
        for name in self.prices:
            self.fields[name] = QuantityField(required=False, label=_("Quantity"))
        seats = [name for name in self.sent if _SEAT.fullmatch(name)]
        self.seat_names = {name: int(name[len(_SEAT_PREFIX) :]) for name in seats[:MOST_SEATS]}
        for name in self.seat_names:
            self.fields[name] = IdField(required=False, label=_("Seat"))

    def show(self, levels: Sequence[LevelOffer]) -> None:
        """Add a field for everything that is offered, with its name and limits."""
        attrs = {"min": 0, "max": self.event.max_per_booking, "inputmode": "numeric", "autocomplete": "off"}
        for level in levels:
            for offer in level.prices:
                field = self.fields.setdefault(offer.field, QuantityField(required=False))
                field.label = f"{level.level.name}, {offer.price.ticket_type.name}"
                field.initial = self.chosen.get(offer.price.pk, 0)
                field.widget = forms.NumberInput(attrs=attrs | {"data-amount": offer.fare.total})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if any(name.startswith(_PREFIX) and name not in self.prices for name in self.sent):
            raise ValidationError(_("One of the chosen tickets isn't sold for this event. Please choose again."))
        seats = sum(name.startswith(_SEAT_PREFIX) for name in self.sent)
        if seats != len(self.seat_names):  # more than any booking has, or names that no page of ours has
            raise ValidationError(_("One of the chosen seats isn't one of this event. Please choose again."))
        for name in (*self.prices, *self.seat_names):
            if len(self.sent.getlist(name)) > 1:
                self.add_error(name, _("This number was sent twice. Please enter it once."))
        return cleaned

    def clean_section(self) -> int | None:
        """A section of this event's plan."""
        section = self.cleaned_data["section"]
        if section and not (self.event.plan_id and section in house(self.event.plan_id).by_section):
            raise ValidationError(_("That isn't a section of this event's plan."))
        return section

    @property
    def quantities(self) -> dict[int, int]:
        """The choice, by price id; only what is chosen."""
        chosen = {price_id: self.cleaned_data[name] for name, price_id in self.prices.items()}
        return {price_id: quantity for price_id, quantity in chosen.items() if quantity}

    @property
    def seats(self) -> dict[int, int]:
        """The chosen seats: the price's id by the place's."""
        chosen = {place: self.cleaned_data.get(name) for name, place in self.seat_names.items()}
        return {place: price for place, price in chosen.items() if price}

    @property
    def taste(self) -> dict[str, Any]:
        """Which of the best seats are liked best."""
        near = Together(self.cleaned_data["together"] or Together.ANYWHERE)
        return {
            "section": self.cleaned_data["section"],
            "together": near,
            "accessible": self.cleaned_data["accessible"],
        }


def choice_in(address: QueryDict) -> dict[int, int]:
    """Return the choice that an address proposes, as in ?price_12=2&price_13=1; what can't be read is left out."""
    return {
        int(name[len(_PREFIX) :]): int(values[0])
        for name, values in address.lists()
        if _PRICE.fullmatch(name) and len(values) == 1 and _DIGITS.fullmatch(values[0])
    }


def seats_in(address: QueryDict) -> dict[int, int]:
    """Return the seats that an address proposes, as in ?seat_1200=12; what can't be read is left out."""
    read = {
        int(name[len(_SEAT_PREFIX) :]): int(values[0])
        for name, values in address.lists()
        if _SEAT.fullmatch(name) and len(values) == 1 and _ID.fullmatch(values[0])
    }
    return dict(list(read.items())[:MOST_SEATS])
