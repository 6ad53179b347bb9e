"""What binds customers who choose seats by themselves."""

from collections.abc import Collection, Iterable, Mapping

from django.utils.translation import gettext as _

from core import clock
from events.best_available import single_gaps, tidier
from events.models import Event, EventSeat
from events.services.inventory.refusals import CompanionAlone, SingleGap
from events.services.inventory.seating import KEPT, plan_of
from venues.models import Seat, Section
from venues.queries.seats import PlanSeats, Spot


def check(event: Event, chosen: Mapping[int, int]) -> None:
    """Raise CompanionAlone or SingleGap if customers may not choose these free places, each with its seat."""
    plan = plan_of(event, chosen.values())
    _check_companions(event, plan, chosen.values())
    if event.avoids_single_gaps:
        for row in {_row(plan.by_seat[seat]) for seat in chosen.values()}:
            _check_row(event, plan.rows[row], chosen)


def _row(spot: Spot) -> tuple[int, int]:
    return spot.section, spot.row_order


def _check_row(event: Event, row: Iterable[Spot], place_ids: Collection[int]) -> None:
    """
    Raise SingleGap if a seat would be left alone and one group moved along its row would leave fewer so.

    Wheelchair and companions' places are nobody's neighbours here: who sits there has no choice. The others of
    the row aren't locked: who is a moment later decides by what was free a moment ago, which hurts nobody.
    """
    spots = {spot.pk: spot for spot in row if spot.type not in KEPT}
    places = EventSeat.objects.filter(seat__in=spots, event=event)
    free = places.free() | places.lapsed(clock.now())
    by_position = {spots[seat].position: pk for pk, seat in free.values_list("pk", "seat_id")}
    chosen = {position for position, pk in by_position.items() if pk in place_ids}
    if not single_gaps(by_position, chosen):
        return
    if instead := tidier(by_position, chosen):
        names = {spot.position: spot for spot in spots.values()}
        alone = min(single_gaps(by_position, chosen))
        raise SingleGap(
            _called([names[alone]]),
            _called(names[position] for position in sorted(instead)),
            [by_position[position] for position in sorted(instead)],
        )


def _check_companions(event: Event, plan: PlanSeats, seats: Collection[int]) -> None:
    """Raise CompanionAlone for a companion's seat without its wheelchair place, unless those are open to everybody."""
    for spot in (plan.by_seat[seat] for seat in seats):
        if spot.type == Seat.Type.COMPANION and spot.companion_of not in seats:
            if event.opens_accessible(clock.now()):
                return
            wheelchair = plan.by_seat[spot.companion_of or 0]
            raise CompanionAlone(_called([spot]), _called([wheelchair]))


def _called(spots: Iterable[Spot]) -> str:
    """Return the name of one seat, or of several in one row."""
    listed = list(spots)
    section = Section.objects.get(pk=listed[0].section).name
    numbers = ", ".join(spot.number for spot in listed)
    facts = {"section": section, "row": listed[0].row, "numbers": numbers}
    if len(listed) == 1:
        return _("%(section)s, row %(row)s, seat %(numbers)s") % facts
    return _("%(section)s, row %(row)s, seats %(numbers)s") % facts
