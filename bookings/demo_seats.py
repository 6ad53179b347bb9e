"""The houses of the demonstration that have numbered seats."""

from events.models import Event, Price, TicketType
from events.services import plans
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
