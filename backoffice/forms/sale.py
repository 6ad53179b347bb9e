"""A sale by staff: what, for whom, and how it is paid."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bookings.services.box_office import LATER, WAYS_TO_PAY, Customer
from bookings.services.customers import OverLimit
from core import money
from core.refusals import Refusal
from events.forms.choice import ChoiceForm, IdField
from events.models import Event, EventSeat
from events.pricing import Fare, booking_fee
from events.queries.offers import LevelOffer, PriceOffer
from events.services.inventory import NotEnough, SeatsTaken

_ALONE = {"autocomplete": "off"}  # whoever sells isn't who buys


class SaleForm(ChoiceForm):
    """
    A choice of tickets, who gets them, and how they were paid.

    `levels` are what the event offers, from which the total follows; nothing that is sent says a price. `seats` are
    chosen places of the event, each sold at one of its level's prices.
    """

    name = forms.CharField(label=_("Name"), max_length=150, required=False, widget=forms.TextInput(attrs=_ALONE))
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        help_text=_("The tickets, or the link to pay, are mailed to this address."),
        widget=forms.EmailInput(attrs=_ALONE),
    )
    phone = forms.RegexField(
        r"\A[0-9+()/. -]*\Z",
        label=_("Phone"),
        max_length=40,
        required=False,
        error_messages={"invalid": _("Please use digits, spaces and + ( ) / . - only.")},
        widget=forms.TextInput(attrs=_ALONE | {"type": "tel"}),
    )
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)
    how = forms.ChoiceField(
        label=_("How is it paid?"),
        choices=WAYS_TO_PAY,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Please say how it is paid.")},
    )

    def __init__(
        self,
        event: Event,
        levels: Sequence[LevelOffer],
        sent: QueryDict | None = None,
        *,
        seats: Sequence[EventSeat] = (),
        how: str = "",
    ) -> None:
        super().__init__(event, sent)
        self.offers = {offer.field: offer for level in levels for offer in level.prices}
        self.fields["language"].initial = get_language()
        self.fields["how"].initial = how
        self.seat_prices = {f"seat_{place.pk}": _prices_of(place, levels) for place in seats}
        self.show(levels)
        for place in seats:
            self._show_seat(place)

    def _show_seat(self, place: EventSeat) -> None:
        """Offer its level's prices, the first of which is as good as any other."""
        name = f"seat_{place.pk}"
        prices = self.seat_prices[name]
        field = self.fields.setdefault(name, IdField(required=False))
        field.label = str(place.name)
        field.initial = str(prices[0].price.pk) if prices else ""
        words = [(str(each.price.pk), _words(each, self.event.currency)) for each in prices]
        none = _("not this one") if prices else _("no price at %(level)s") % {"level": place.price_level.name}
        field.widget = forms.Select(choices=[*words, ("", none)])

    @property
    def seat_fields(self) -> list[forms.BoundField]:
        """The chosen seats, as fields of the page."""
        return [self[name] for name in self.seat_prices]

    def show(self, levels: Sequence[LevelOffer]) -> None:
        """Offer each quantity in a drop-down, as far as one booking may go."""
        super().show(levels)
        most = min(self.event.max_per_booking, self.event.max_per_customer or self.event.max_per_booking)
        quantities = [(str(quantity), str(quantity)) for quantity in range(most + 1)]
        for name in self.offers:
            self.fields[name].widget = forms.Select(choices=quantities)
        if self.offers and not self.is_bound and not self.seat_prices:
            self.fields[next(iter(self.offers))].widget.attrs["autofocus"] = True  # after a sale comes the next

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        email, how = cleaned.get("email"), cleaned.get("how")
        if email and not cleaned.get("name") and "name" not in self.errors:
            self.add_error("name", _("Please say the name too: the mail is addressed to it."))
        if how == LATER and not email and "email" not in self.errors:
            self.add_error("email", _("Who pays later needs an address for the link."))
        if not how and "how" not in self.errors and self.total:
            self.add_error("how", _("Please say how it is paid."))
        return cleaned

    @property
    def total(self) -> int:
        """What it comes to at the event's prices, as far as the quantities can be read."""
        return sum(fare.total * count for fare, count in self._fares()) + self.booking_fee

    @property
    def booking_fee(self) -> int:
        """What of it is for the booking, once."""
        return booking_fee(self.event, sum(fare.price * count for fare, count in self._fares())).fee

    def _fares(self) -> list[tuple[Fare, int]]:
        any_places = [(offer.fare, self._quantity(offer)) for offer in self.offers.values()]
        return any_places + [(offer.fare, 1) for offer in self._chosen_seats()]

    @property
    def tickets(self) -> int:
        """How many places are chosen."""
        return sum(self._quantity(offer) for offer in self.offers.values()) + len(self._chosen_seats())

    def _chosen_seats(self) -> list[PriceOffer]:
        """What each chosen seat costs; before anything is sent, each costs what is shown first."""
        chosen = {name: self.sent.get(name, "") if self.is_bound else self[name].initial for name in self.seat_prices}
        return [each for name in chosen for each in self.seat_prices[name] if str(each.price.pk) == chosen[name]]

    def _quantity(self, offer: PriceOffer) -> int:
        text = str(self.sent.get(offer.field, ""))
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0

    @property
    def customer_fields(self) -> list[forms.BoundField]:
        """Who gets the tickets, as fields of the page."""
        return [self[name] for name in ("name", "email", "phone", "language")]

    @property
    def customer(self) -> Customer:
        """Who buys, as far as they say."""
        return Customer(**{name: self.cleaned_data[name] for name in ("name", "email", "phone")})

    def refuse(self, refusal: Refusal) -> None:
        """Say why not, beside the field that it is about."""
        match refusal:
            case NotEnough():
                self.add_error(self._chosen_at(refusal.level.pk), str(refusal))
            case SeatsTaken():
                for place in refusal.place_ids:
                    self.add_error(f"seat_{place}" if f"seat_{place}" in self.fields else None, str(refusal))
            case OverLimit():
                self.add_error("email", str(refusal))
            case _:
                self.add_error(None, str(refusal))

    def _chosen_at(self, level_id: int) -> str | None:
        chosen = (name for name, offer in self.offers.items() if self._quantity(offer))
        return next((name for name in chosen if self.offers[name].price.price_level_id == level_id), None)


def _prices_of(place: EventSeat, levels: Sequence[LevelOffer]) -> list[PriceOffer]:
    return [offer for level in levels if level.level.pk == place.price_level_id for offer in level.prices]


def _words(offer: PriceOffer, currency: str) -> str:
    return f"{offer.price.ticket_type.name}, {money.formatted(offer.fare.total, currency)}"
