"""The season as cards: date, place, whole price "from", and whether something can be had."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import IntegerField, Min, OuterRef, QuerySet, Subquery
from django.utils.translation import get_language, gettext

from core import clock, dates
from core.briefly import Kept, KeptEach
from events.models import Event, EventPicture, EventSeat, NotOnSale, Price
from events.pricing import alone
from events.queries.availability import FEW, CountUpTo

SOONEST = 1_000
"""Among so many events to come those are looked for that are like another."""


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

    `from_total` is the whole price of its cheapest ticket bought alone, `poster` the colours in which it is drawn
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


def coming(now: datetime) -> QuerySet[Event]:
    """Return what is to come, soonest first."""
    return Event.objects.public().upcoming(now)


def with_left(events: QuerySet[Event], now: datetime) -> QuerySet[Event]:
    """Add how many places are `left` of each, up to "few"."""
    places = EventSeat.objects.filter(price_level__event=OuterRef("pk"))
    free, lapsed = (CountUpTo(each.values("pk")[: FEW + 1]) for each in (places.free(), places.lapsed(now)))
    return events.annotate(left=free + lapsed)


def season(now: datetime) -> QuerySet[Event]:
    """Return what is to come with what a card needs: the cheapest price, and how many places are left."""
    prices = Price.objects.filter(price_level__event=OuterRef("pk")).order_by().values("price_level__event")
    cheapest = Subquery(prices.annotate(least=Min("amount")).values("least"), output_field=IntegerField())
    events = coming(now).select_related("venue", "organization", "category").prefetch_related("pictures")
    return with_left(events.annotate(cheapest=cheapest), now)


def cards(events: Iterable[int]) -> list[EventCard]:
    """Return the cards of these events (by id) in this order, at most some seconds old; what is over has none."""
    language = get_language()
    return _recent_cards.of((pk, language) for pk in events)


def _cards(keys: list[tuple[int, str | None]]) -> dict[tuple[int, str | None], EventCard]:
    now = clock.now()
    language = keys[0][1]
    return {(event.pk, language): card(event, now) for event in season(now).filter(pk__in=[pk for pk, _ in keys])}


# The states of cards are words, hence the language. Lists may be ten seconds old in browsers, so five are no worse.
_recent_cards = KeptEach[tuple[int, str | None], EventCard](_cards, most=2_000, times=5)


def front_page(now: datetime) -> FrontPage:
    """Return the cards of the front page; nothing stands there twice."""
    published = coming(now).filter(status=Event.Status.PUBLISHED)
    featured = list(published.filter(featured=True).values_list("pk", flat=True)[:3])
    within_a_week = published.filter(starts_at__gt=now, starts_at__lt=now + timedelta(days=7))
    soon = list(within_a_week.exclude(pk__in=featured).values_list("pk", flat=True)[:6])
    others = published.exclude(pk__in=[*featured, *soon]).order_by("-published_at", "-pk")
    new = list(others.values_list("pk", flat=True)[:6])
    found = {each.pk: each for each in cards([*featured, *soon, *new])}
    return FrontPage(*([found[pk] for pk in section if pk in found] for section in (featured, soon, new)))


def related(event: Event, most: int = 3) -> list[EventCard]:
    """
    Return what else somebody might like: of the same category, at the same venue, of the same house; the soonest.
    Other dates of its series are the same again, and offered elsewhere.
    """
    own = (event.category_id, event.venue_id, event.organization_id)
    soonest = [each for each in _recent_soonest(None) if each[1] is None or each[1] != event.series_id]
    others = [(pk, theirs) for pk, _series, *theirs in soonest if pk != event.pk]
    alike = [pk for what, key in enumerate(own) if key for pk, theirs in others if theirs[what] == key]
    return cards(list(dict.fromkeys(alike))[:most])


type _Alike = tuple[int, int | None, int | None, int, int]
"""An event's key, and those of its series, category, venue and organization."""


def _soonest(_key: None) -> list[_Alike]:
    events = coming(clock.now()).filter(status=Event.Status.PUBLISHED)
    return list(events.values_list("pk", "series_id", "category_id", "venue_id", "organization_id")[:SOONEST])


# Every event's page asks: beside its own facts, ten seconds old will do.
_recent_soonest = Kept[None, list[_Alike]](_soonest, times=10)


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
        from_total=None if cheapest is None else alone(event, cheapest).total,
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
