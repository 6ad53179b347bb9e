"""Which seating plans an event can have, and what another version of its plan would change."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from events.models import Event, EventSeat
from venues.models import SeatingPlan, Section


@dataclass(frozen=True, slots=True)
class Difference:
    """What moving to another version does; seats that are `in_use` stand in its way (R23)."""

    new: int
    gone: int
    in_use: list[str]
    standing: list[tuple[str, int, int]]
    """Of each standing section that changes, how many places it has and will have."""


def plans_for(event: Event) -> QuerySet[SeatingPlan]:
    """Return the published plans of the event's venue, each with how many seats it has as `seat_count`."""
    plans = SeatingPlan.objects.published().filter(venue=event.venue_id)
    return plans.annotate(seat_count=Count("sections__seats"))


def versions_for(event: Event) -> QuerySet[SeatingPlan]:
    """Return the other published versions of the event's plan."""
    if event.plan is None:
        return SeatingPlan.objects.none()
    return plans_for(event).filter(name=event.plan.name).exclude(pk=event.plan.pk)


def has_to_stay(event: Event) -> bool:
    """Whether places of the event are or were on tickets, so that its plan can't be taken away."""
    return EventSeat.objects.filter(event=event, was_claimed=True).exists()


def difference(event: Event, plan: SeatingPlan) -> Difference:
    """Compare the places of an event with another version of its plan; seats are the same by what stands on them."""
    there = set(
        plan.sections.filter(kind=Section.Kind.SEATED, seats__isnull=False).values_list(
            "name", "seats__row", "seats__number"
        )
    )
    places = EventSeat.objects.filter(event=event, seat__isnull=False)
    here = {
        (section, row, number): (pk, claimed or hold is not None)
        for section, row, number, pk, claimed, hold in places.values_list(
            "section__name", "seat__row", "seat__number", "pk", "was_claimed", "hold"
        )
    }
    lost = [facts for key, facts in here.items() if key not in there]
    in_use = EventSeat.objects.filter(pk__in=[pk for pk, used in lost if used]).named().order_by("pk")
    return Difference(
        len(there - here.keys()), len(lost), [str(place.name) for place in in_use], _standing(event, plan)
    )


def _standing(event: Event, plan: SeatingPlan) -> list[tuple[str, int, int]]:
    standing = EventSeat.objects.filter(event=event, seat=None).order_by()
    here = dict(standing.values_list("section__name").annotate(Count("pk")))
    there = dict(plan.sections.filter(kind=Section.Kind.STANDING).values_list("name", "capacity"))
    names = sorted({*here, *there})
    return [(name, here.get(name, 0), there.get(name, 0)) for name in names if here.get(name, 0) != there.get(name, 0)]
