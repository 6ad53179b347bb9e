"""What can be bought at an event, at whole prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import get_language

from core.briefly import Kept
from events.models import Event, Price, PriceLevel
from events.pricing import Fare, alone, fare
from events.queries.calendar import Entry, dates_of_series
from events.queries.listing import EventCard, related


@dataclass(frozen=True, slots=True)
class PriceOffer:
    """One ticket type at one price level: what each ticket costs, and what one costs that is bought alone."""

    price: Price
    fare: Fare
    alone: Fare

    @property
    def field(self) -> str:
        """The name of its quantity in forms."""
        return f"price_{self.price.pk}"


@dataclass(frozen=True, slots=True)
class LevelOffer:
    """A price level and what is sold there."""

    level: PriceLevel
    prices: Sequence[PriceOffer]

    @property
    def lowest(self) -> int:
        """The whole price of the cheapest ticket."""
        return min(price.fare.total for price in self.prices)

    @property
    def highest(self) -> int:
        """The whole price of the dearest ticket."""
        return max(price.fare.total for price in self.prices)


@dataclass(frozen=True, slots=True)
class PublicEvent:
    """An event that anybody may see, with all that its page says but what is left. Not to be changed."""

    event: Event
    levels: Sequence[LevelOffer]
    related: Sequence[EventCard]
    dates: Sequence[Entry]


def _public_event(key: tuple[str, str]) -> PublicEvent:
    slug, _language = key
    events = Event.objects.public().select_related("venue", "organization", "category", "series")
    event = events.prefetch_related("pictures").get(slug=slug)
    return PublicEvent(event, offers(event), related(event), dates_of_series(event))


_recent_event = Kept[tuple[str, str], PublicEvent](_public_event)


def recent_event(slug: str) -> PublicEvent:
    """Find a public event by its slug, at most a second old; raises Event.DoesNotExist."""
    return _recent_event((slug, get_language() or ""))  # the states of related events are words


def offers(event: Event) -> list[LevelOffer]:
    """Return the levels of an event in order, each with its prices."""
    prices = (
        Price.objects.filter(price_level__event=event)
        .select_related("price_level", "ticket_type")
        .order_by("price_level__order", "price_level_id", "ticket_type__order", "ticket_type__name")
    )
    return [
        LevelOffer(level, [PriceOffer(price, fare(event, price.amount), alone(event, price.amount)) for price in group])
        for level, group in groupby(prices, key=lambda price: price.price_level)
    ]
