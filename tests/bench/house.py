"""An event to buy from, as large as it must be."""

from datetime import timedelta

from accounts.models import Organization
from core import clock, codes
from events.models import Event, EventSeat, Price, PriceLevel, TicketType
from events.services import publishing
from venues.models import Venue


def hot_event(places: int) -> Event:
    """Return a published event with one level and one price."""
    tag = codes.secret().lower().replace("_", "-")
    organization, _created = Organization.objects.get_or_create(
        name="Bench",
        defaults={"slug": "bench", "fee_basis_points": 250, "fee_per_ticket": 100, "tax_basis_points": 700},
    )
    venue = Venue.objects.create(
        organization=organization,
        name=f"Bench {tag}",
        slug=tag,
        address="1 Bench Street",
        city="Berlin",
        country="DE",
        time_zone="Europe/Berlin",
        capacity=places,
    )
    starts_at = clock.now() + timedelta(days=30)
    event = Event.objects.create(
        organization=organization,
        venue=venue,
        title="The hot event",
        slug=tag,
        description="An evening that **everybody** wants.\n\n" + "It goes on for hours. " * 40,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        currency="EUR",
    )
    standard, _created = TicketType.objects.get_or_create(
        organization=organization, name="Standard", defaults={"default_price": 5_500}
    )
    level = PriceLevel.objects.create(event=event, name="Standing", places=places)
    Price.objects.create(price_level=level, ticket_type=standard, amount=5_500)
    publishing.publish(event_id=event.pk)
    return Event.objects.select_related("organization").get(pk=event.pk)


def price_of(event: Event) -> Price:
    """Its only price."""
    return Price.objects.select_related("price_level").get(price_level__event=event)


def sell_out_but(event: Event, left: int) -> None:
    """Mark all but the last places as sold, as if they had been for long."""
    last = EventSeat.objects.filter(event=event).order_by("-pk").values("pk")[:left]
    EventSeat.objects.filter(event=event).exclude(pk__in=list(last.values_list("pk", flat=True))).update(
        status="sold", was_claimed=True
    )
