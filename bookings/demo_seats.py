"""The houses of the demonstration that have numbered seats."""

from datetime import timedelta

from accounts.models import User
from events.models import Event, EventSeat, Hold, Price, PriceLevel, TicketType
from events.services import holds, plans, seats
from venues import demo_plans
from venues.models import SeatingPlan, Venue
from venues.services import plans as layouts

PLANS = {
    "Lantern Theatre": demo_plans.theatre,
    "Foundry Arena": demo_plans.arena,
    "Specimen Stadium": demo_plans.stadium,
}
SHARES = {"Circle": 80, "Balcony": 60, "Middle tier": 80, "Upper tier": 65}
"""Percent of the default price that a seat costs there."""

SOLD = {"Standard", "Concession"}
"""Where the seat says how good it is, the ticket needn't."""


def lay_out(venue: Venue) -> None:
    """Give a venue its plan, if it has one."""
    if layout := PLANS.get(venue.name):
        draft = layouts.bring_in(venue_id=venue.pk, layout=layout())
        layouts.publish(plan_id=draft.pk)


def seat(event: Event, ticket_types: list[TicketType]) -> None:
    """Give a draft its venue's plan, and seats that are cheaper the farther up they are."""
    plan = SeatingPlan.objects.published().get(venue=event.venue)
    event = plans.use(event_id=event.pk, plan_id=plan.pk)
    for level in event.price_levels.all():
        level.prices.all().delete()
        for ticket_type in (each for each in ticket_types if each.name in SOLD):
            amount = ticket_type.default_price * SHARES.get(level.name, 100) // 100
            Price.objects.create(price_level=level, ticket_type=ticket_type, amount=amount)


def keep_back(event: Event, by: User) -> None:
    """Hold seats for the press and an artist, block some for a mixing desk, and say that some aren't ours."""
    levels = list(event.price_levels.filter(numbered=True))
    best, last = _by_quality(levels[0]), _by_quality(levels[-1])
    until = event.starts_at - timedelta(days=1)
    holds.create(event_id=event.pk, place_ids=best[:4], kind=Hold.Kind.PRESS, reason="Demo Gazette", until=until, by=by)
    holds.create(event_id=event.pk, place_ids=best[4:8], kind=Hold.Kind.ARTIST, reason="guests of the cast", by=by)
    seats.block(event_id=event.pk, place_ids=best[-6:], by=by)
    seats.disown(event_id=event.pk, place_ids=last[-8:], by=by)


def _by_quality(level: PriceLevel) -> list[int]:
    """The level's places, the best first."""
    places = EventSeat.objects.filter(price_level=level, seat__type="standard")
    return list(places.order_by("-seat__quality", "pk").values_list("pk", flat=True))
