"""The season as a list: date, place, whole price "from", and whether something can be had."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Min, OuterRef, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.models import Event, EventSeat, NotOnSale, Price
from events.pricing import fare
from events.queries.availability import FEW, CountUpTo


@dataclass(frozen=True, slots=True)
class SaleState:
    """Whether an event sells, in a word for code and in words for people."""

    name: str
    text: str | Promise


@dataclass(frozen=True, slots=True)
class EventCard:
    """What a list shows of an event; `from_total` is the whole price of its cheapest ticket."""

    event: Event
    from_total: int | None
    state: SaleState


def season(now: datetime) -> QuerySet[Event]:
    """Return what is to come, soonest first, with what a card needs: two numbers a row, bounded."""
    places = EventSeat.objects.filter(price_level__event=OuterRef("pk"))
    cheapest = Price.objects.filter(price_level__event=OuterRef("pk")).order_by().values("price_level__event")
    return (
        Event.objects.public()
        .upcoming(now)
        .select_related("venue", "organization")
        .annotate(
            cheapest=Subquery(cheapest.annotate(least=Min("amount")).values("least")),
            free=CountUpTo(places.free().values("pk")[: FEW + 1]),
            has_lapsed=Exists(places.lapsed(now)),
        )
    )


def card(event: Event, now: datetime) -> EventCard:
    """Return what to show of a row of `season`."""
    cheapest = event.cheapest  # type: ignore[attr-defined] # annotated by season()
    left = event.free or int(event.has_lapsed)  # type: ignore[attr-defined] # annotated by season()
    total = None if cheapest is None else fare(event, cheapest).total
    return EventCard(event, total, sale_state(event, now, is_sold_out=not left, is_few=left <= FEW))


def sale_state(event: Event, now: datetime, *, is_sold_out: bool, is_few: bool) -> SaleState:
    """Return whether an event sells at this moment, given what is left."""
    try:
        event.check_on_sale(now)
    except NotOnSale as refusal:
        opens_later = event.status == Event.Status.PUBLISHED and event.sales_start and now < event.sales_start
        return SaleState("not-yet" if opens_later else "closed", refusal.message)
    if is_sold_out:
        return SaleState("sold-out", _("Sold out"))
    if is_few:
        return SaleState("few", _("Few places left"))
    return SaleState("on-sale", _("On sale"))
