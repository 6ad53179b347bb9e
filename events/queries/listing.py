"""The season as cards: date, place, whole price "from", and whether something can be had."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, IntegerField, Min, OuterRef, QuerySet, Subquery, When, prefetch_related_objects
from django.utils.translation import gettext

from core import dates
from events.models import Event, EventPicture, EventSeat, NotOnSale, Price
from events.pricing import fare
from events.queries.availability import FEW, CountUpTo


@dataclass(frozen=True, slots=True)
class SaleState:
    """Whether an event sells, in a word for code and in words of the active language for people."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class FrontPage:
    """What the house wants to be seen first, what is on within a week, and what was announced last."""

    featured: Sequence["EventCard"]
    soon: Sequence["EventCard"]
    new: Sequence["EventCard"]


@dataclass(frozen=True, slots=True)
class EventCard:
    """
    What a list shows of an event, and nothing else: equal cards look alike.

    `from_total` is the whole price of its cheapest ticket, `poster` the colours in which it is drawn
    without a `cover`.
    """

    pk: int
    url: str
    title: str
    summary: str
    type: str
    starts_at: datetime
    zone: str
    venue: str
    city: str
    from_total: int | None
    currency: str
    state: SaleState
    cover: EventPicture | None
    poster: int


def season(now: datetime) -> QuerySet[Event]:
    """
    Return what is to come, soonest first, with what a card needs: the cheapest price, and how many
    places are left up to "few".
    """
    places = EventSeat.objects.filter(price_level__event=OuterRef("pk"))
    prices = Price.objects.filter(price_level__event=OuterRef("pk")).order_by().values("price_level__event")
    cheapest = Subquery(prices.annotate(least=Min("amount")).values("least"), output_field=IntegerField())
    coming = Event.objects.public().upcoming(now).select_related("venue", "organization", "category")
    return coming.prefetch_related("pictures").annotate(
        cheapest=cheapest,
        left=CountUpTo(places.free().values("pk")[: FEW + 1]) + CountUpTo(places.lapsed(now).values("pk")[: FEW + 1]),
    )


def front_page(now: datetime) -> FrontPage:
    """Return the cards of the front page; nothing stands there twice."""
    coming = season(now).filter(status=Event.Status.PUBLISHED).prefetch_related(None)
    featured = list(coming.filter(featured=True)[:3])
    within_a_week = coming.filter(starts_at__gt=now, starts_at__lt=now + timedelta(days=7))
    soon = list(within_a_week.exclude(pk__in=[event.pk for event in featured])[:6])
    shown = [*featured, *soon]
    new = list(coming.exclude(pk__in=[event.pk for event in shown]).order_by("-published_at", "-pk")[:6])
    prefetch_related_objects([*shown, *new], "pictures")  # of all at once
    return FrontPage(*([card(event, now) for event in events] for events in (featured, soon, new)))


def related(event: Event, now: datetime, most: int = 3) -> list[EventCard]:
    """Return what else somebody might like: first of the same category and venue, then of the same house."""
    same_shelf = Case(When(category=event.category_id, then=2), default=0)
    same_house = Case(When(venue=event.venue_id, then=1), default=0)
    others = season(now).filter(status=Event.Status.PUBLISHED, organization=event.organization_id).exclude(pk=event.pk)
    return [card(other, now) for other in others.order_by((same_shelf + same_house).desc(), "starts_at", "pk")[:most]]


def card(event: Event, now: datetime) -> EventCard:
    """Return what to show of a row of `season`."""
    cheapest = event.cheapest  # type: ignore[attr-defined] # annotated by season()
    left = event.left  # type: ignore[attr-defined] # annotated by season()
    return EventCard(
        pk=event.pk,
        url=event.get_absolute_url(),
        title=event.title,
        summary=event.summary,
        type=event.type,
        starts_at=event.starts_at,
        zone=event.venue.time_zone,
        venue=event.venue.name,
        city=event.venue.city,
        from_total=None if cheapest is None else fare(event, cheapest).total,
        currency=event.currency,
        state=sale_state(event, now, is_sold_out=not left, is_few=left <= FEW),
        cover=event.cover,
        poster=event.poster,
    )


def sale_state(event: Event, now: datetime, *, is_sold_out: bool, is_few: bool) -> SaleState:
    """Return whether an event sells at this moment, given what is left."""
    try:
        event.check_on_sale(now)
    except NotOnSale as refusal:
        if event.status == Event.Status.PUBLISHED and event.sales_start and now < event.sales_start:
            opens = dates.soon_in_zone(event.sales_start, event.venue.time_zone)
            return SaleState("not-yet", gettext("Opens %(moment)s") % {"moment": opens})
        return SaleState("cancelled" if event.status == Event.Status.CANCELLED else "closed", str(refusal))
    if is_sold_out:
        return SaleState("sold-out", gettext("Sold out"))
    if is_few:
        return SaleState("few", gettext("Few places left"))
    return SaleState("on-sale", gettext("On sale"))
