"""Where somebody sits, and why it is good: told of the seats that are on the tickets, and stored nowhere."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from babel.units import format_unit
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import dates
from events.models import Event
from venues import quality
from venues.drawing import house
from venues.queries.seats import Spot, plan_seats


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbours in one row, and how far they sit from what everybody looks at."""

    name: str
    metres: float
    around: bool
    """Whether the house sits around it, so that it isn't called a stage."""

    @property
    def distance(self) -> str:
        """In words."""
        far = format_unit(self.metres, "length-meter", length="short", locale=dates.babel_locale())
        if self.around:
            return _("%(far)s from the centre") % {"far": far}
        return _("%(far)s from the stage") % {"far": far}


def explained(event: Event, seat_ids: Collection[int]) -> list[Group]:
    """Return seats of an event's plan in groups of neighbours, the largest first; nothing where there are none."""
    if event.plan_id is None or not seat_ids:
        return []
    plan, drawn = plan_seats(event.plan_id), house(event.plan_id)
    spots = sorted((plan.by_seat[seat] for seat in seat_ids), key=_order)
    measured = quality.House(drawn.stage.focal, drawn.stage.turned)
    groups = []
    for group in _neighbours(spots):
        metres = sum(quality.explained(spot, measured).metres for spot in group) / len(group)
        name = _called(drawn.by_section[group[0].section].name, group)
        groups.append((len(group), Group(name, round(metres, 1), drawn.stage.turned is None)))
    return [group for _size, group in sorted(groups, key=lambda each: -each[0])]


def _order(spot: Spot) -> tuple[int, int, int]:
    return spot.section, spot.row_order, spot.position


def _neighbours(spots: Sequence[Spot]) -> list[list[Spot]]:
    groups: list[list[Spot]] = []
    for spot in spots:
        if groups and _order(groups[-1][-1]) == (spot.section, spot.row_order, spot.position - 1):
            groups[-1].append(spot)
        else:
            groups.append([spot])
    return groups


def _called(section: str, group: Sequence[Spot]) -> str:
    facts = {"section": section, "row": group[0].row, "numbers": ", ".join(spot.number for spot in group)}
    words = ngettext(
        "%(section)s, row %(row)s, seat %(numbers)s", "%(section)s, row %(row)s, seats %(numbers)s", len(group)
    )
    return words % facts
