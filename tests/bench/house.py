"""An event to buy from, as large as it must be, and a season to look for one in."""

from datetime import timedelta
from typing import Any

from django.db import connection

from accounts.models import Organization
from bookings import demo, demo_scale
from core import clock, codes
from events.models import Event, EventSeat, Price, PriceLevel, TicketType
from events.services import publishing
from venues.models import Venue


def hot_event(places: int) -> Event:
    """Return a published event with one level and one price."""
    return _on_sale(venue("Berlin", places), places, title="The hot event")


def season() -> list[Event]:
    """Return the 500 events of a large season, two bookings each; those that sell come first."""
    now = clock.now()
    if not Organization.objects.filter(slug="demonstration-house").exists():
        demo.make_season(now)
        for _plan in demo_scale.add_events(now, demo_scale.plans(500, 1_000)):
            pass
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    coming = Event.objects.filter(status=Event.Status.PUBLISHED).upcoming(now)
    return list(coming.order_by("sales_start", "starts_at").select_related("venue"))


def venue(city: str, capacity: int) -> Venue:
    """Return a new venue of the one organization."""
    tag = _tag()
    organization, _created = Organization.objects.get_or_create(
        name="Bench",
        defaults={"slug": "bench", "fee_basis_points": 250, "fee_per_ticket": 100, "tax_basis_points": 700},
    )
    return Venue.objects.create(
        organization=organization,
        name=f"Bench {tag}",
        slug=tag,
        address="1 Bench Street",
        city=city,
        country="DE",
        time_zone="Europe/Berlin",
        capacity=capacity,
    )


def _on_sale(place: Venue, places: int, *, amount: int = 5_500, **fields: Any) -> Event:
    event = draft(place, **fields)
    standard = TicketType.objects.get(organization=place.organization, name="Standard")
    level = PriceLevel.objects.create(event=event, name="Standing", places=places)
    Price.objects.create(price_level=level, ticket_type=standard, amount=amount)
    publishing.publish(event_id=event.pk)
    return Event.objects.select_related("organization").get(pk=event.pk)


def draft(place: Venue, **fields: Any) -> Event:
    """Return an event in a month that nobody sells yet; its organization has one ticket type."""
    TicketType.objects.get_or_create(
        organization=place.organization, name="Standard", defaults={"default_price": 5_500}
    )
    starts_at = fields.pop("starts_at", clock.now() + timedelta(days=30))
    return Event.objects.create(
        organization=place.organization,
        venue=place,
        slug=_tag(),
        description="An evening that **everybody** wants.\n\n" + "It goes on for hours. " * 40,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        currency="EUR",
        **fields,
    )


def _tag() -> str:
    return codes.secret().lower().replace("_", "-")


def price_of(event: Event) -> Price:
    """Its only price."""
    return Price.objects.select_related("price_level").get(price_level__event=event)


def sell_out_but(event: Event, left: int) -> None:
    """Mark all but the last places as sold, as if they had been for long."""
    last = EventSeat.objects.filter(event=event).order_by("-pk").values("pk")[:left]
    EventSeat.objects.filter(event=event).exclude(pk__in=list(last.values_list("pk", flat=True))).update(
        status="sold", was_claimed=True
    )
