"""
What a page is about, for search engines: JSON-LD in the words of schema.org.

It says what the page says: whole prices, the venue's time, and of what can be had only what can.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from core import money
from core.http import absolute
from core.markdown import plain
from core.text import one_line
from events.models import Event
from events.queries.availability import Availability, LevelLeft
from events.queries.listing import SaleState
from events.queries.offers import PublicEvent
from venues.models import Venue

SCHEMA = "https://schema.org"
LONGEST = 500
_EVENT_TYPES: dict[str, str] = {
    Event.Type.CONCERT: "MusicEvent",
    Event.Type.THEATRE: "TheaterEvent",
    Event.Type.OPERA: "TheaterEvent",
    Event.Type.DANCE: "DanceEvent",
    Event.Type.COMEDY: "ComedyEvent",
    Event.Type.FILM: "ScreeningEvent",
    Event.Type.SPORT: "SportsEvent",
    Event.Type.FESTIVAL: "Festival",
}
_VENUE_TYPES: dict[str, str] = {
    Venue.Type.THEATRE: "PerformingArtsTheater",
    Venue.Type.CONCERT_HALL: "MusicVenue",
    Venue.Type.ARENA: "StadiumOrArena",
    Venue.Type.STADIUM: "StadiumOrArena",
    Venue.Type.CLUB: "NightClub",
    Venue.Type.CINEMA: "MovieTheater",
}
_ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"}


def event_data(shown: PublicEvent, *, state: SaleState, left: Availability, image_url: str = "") -> SafeString:
    """Return what goes between `<script type="application/ld+json">` and its end, for an event's page."""
    event = shown.event
    trail = [(_("Events"), absolute(reverse("events:list")))]
    if event.category:
        query = urlencode({"category": event.category.slug})
        trail.append((event.category.name, f"{absolute(reverse('events:list'))}?{query}"))
    trail.append((event.title, _event_url(event)))
    return _script(_event(shown, state, left, image_url), _breadcrumbs(trail))


def venue_data(venue: Venue, image_url: str = "") -> SafeString:
    """Return what goes between `<script type="application/ld+json">` and its end, for a venue's page."""
    trail = [(_("Events"), absolute(reverse("events:list"))), (venue.name, venue_url(venue.slug))]
    details = _known(
        description=_short(plain(venue.description)),
        image=_image(image_url),
        telephone=venue.phone,
        sameAs=venue.website,
        maximumAttendeeCapacity=venue.capacity,
        amenityFeature=[
            {"@type": "LocationFeatureSpecification", "name": name, "value": True} for name in venue.amenity_names
        ],
    )
    return _script(_place(venue) | details, _breadcrumbs(trail))


def venue_url(slug: str) -> str:
    """The address of a venue's page."""
    return absolute(reverse("events:venue", args=[slug]))


def _event(shown: PublicEvent, state: SaleState, left: Availability, image_url: str) -> dict[str, Any]:
    event = shown.event
    return _known(
        **{"@type": _EVENT_TYPES.get(event.type, "Event")},
        name=one_line(event.title),
        description=_short(event.summary or plain(event.description)),
        url=_event_url(event),
        image=_image(image_url),
        startDate=_local(event.starts_at, event.venue),
        endDate=_local(event.ends_at, event.venue),
        doorTime=event.doors_at and _local(event.doors_at, event.venue),
        eventStatus=f"{SCHEMA}/{_status(event)}",
        previousStartDate=event.moved_from and _local(event.moved_from, event.venue),
        eventAttendanceMode=f"{SCHEMA}/OfflineEventAttendanceMode",
        location=_place(event.venue),
        organizer={"@type": "Organization", "name": one_line(event.organization.name)},
        superEvent=event.series and {"@type": "EventSeries", "name": one_line(event.series.name)},
        offers=list(_offers(shown, state, left)),
    )


def _status(event: Event) -> str:
    if event.status == Event.Status.CANCELLED:
        return "EventCancelled"
    return "EventRescheduled" if event.is_moved else "EventScheduled"


def _offers(shown: PublicEvent, state: SaleState, left: Availability) -> Iterator[dict[str, Any]]:
    """One for each ticket type at each price level; none when nothing is sold any more."""
    if state.name not in ("on-sale", "few", "sold-out", "not-yet"):
        return
    event = shown.event
    by_level = {each.level_id: each for each in left.levels}
    since = event.sales_start or event.published_at
    for level in shown.levels:
        for offer in level.prices:
            yield _known(
                **{"@type": "Offer"},
                name=one_line(f"{level.level.name}, {offer.price.ticket_type.name}"),
                price=f"{money.to_decimal(offer.alone.total, event.currency):f}",
                priceCurrency=event.currency,
                availability=f"{SCHEMA}/{_availability(state, by_level.get(level.level.pk))}",
                url=_event_url(event),
                validFrom=since and _local(since, event.venue),
            )


def _availability(state: SaleState, left: LevelLeft | None) -> str:
    if left is None or left.is_sold_out:
        return "SoldOut"
    if state.name == "not-yet":
        return "PreOrder"
    return "LimitedAvailability" if left.is_few else "InStock"


def _place(venue: Venue) -> dict[str, Any]:
    has_position = venue.latitude is not None and venue.longitude is not None
    return _known(
        **{"@type": _VENUE_TYPES.get(venue.type, "EventVenue")},
        name=one_line(venue.name),
        url=venue_url(venue.slug),
        address={
            "@type": "PostalAddress",
            "streetAddress": one_line(venue.address),
            "addressLocality": one_line(venue.city),
            "addressCountry": venue.country,
        },
        geo=has_position and {"@type": "GeoCoordinates", "latitude": venue.latitude, "longitude": venue.longitude},
    )


def _breadcrumbs(trail: list[tuple[str, str]]) -> dict[str, Any]:
    steps = [
        {"@type": "ListItem", "position": position, "name": one_line(name), "item": address}
        for position, (name, address) in enumerate(trail, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": steps}


def _event_url(event: Event) -> str:
    return absolute(event.get_absolute_url())


def _image(address: str) -> str:
    return urljoin(f"{settings.SITE_URL}/", address) if address else ""


def _local(moment: datetime, venue: Venue) -> str:
    """With the offset from UTC, which tells apart the two of an hour that exists twice (R45)."""
    return moment.astimezone(venue.zone).isoformat(timespec="seconds")


def _short(text: str) -> str:
    return Truncator(one_line(text)).chars(LONGEST)


def _known(**facts: Any) -> dict[str, Any]:
    return {name: fact for name, fact in facts.items() if fact}


def _script(*things: dict[str, Any]) -> SafeString:
    text = json.dumps({"@context": SCHEMA, "@graph": things})
    return mark_safe(text.translate(_ESCAPES))  # noqa: S308 - no sign of HTML is left, and JSON reads the same (S29)
