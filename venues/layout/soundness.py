"""What is wrong with a plan that is well-formed, and what is only unusual."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from venues.geometry import Point, contains, distance_squared
from venues.layout.plain import Layout, Problem, RowLayout, SeatLayout, SectionLayout, Spot
from venues.layout.reading import MOST_PROBLEMS
from venues.models.plan import Seat, Section

CLOSEST = 35
"""Centimetres from the middle of one seat to the middle of the next: nobody fits on less."""

COMPANIONS_REACH = 150
"""Centimetres within which a companion sits, so that the two can talk."""


def problems(layout: Layout, *, capacity: int | None = None) -> list[Problem]:
    """Return what keeps a plan from being published in a venue of this capacity; nothing when it can be."""
    return contradictions(layout) + list(islice(_mistakes(layout, capacity), MOST_PROBLEMS))


def contradictions(layout: Layout) -> list[Problem]:
    """Return what can't even be stored: one name for two things, companions of nobody, places that are none."""
    return list(islice(_contradictions(layout), MOST_PROBLEMS))


def advice(layout: Layout) -> list[Problem]:
    """Return what only looks like a mistake, or is missed by somebody; a plan may be published with it."""
    return [*_advice_on_sections(layout), *_advice_on_the_whole(layout)]


def _contradictions(layout: Layout) -> Iterator[Problem]:
    for name in _repeated(section.name for section in layout.sections):
        yield Problem(str(Spot(name)), _("Two sections have this name."))
    for section in layout.sections:
        yield from _wrong_capacity(section)
        yield from _repeated_rows(section)
        yield from _repeated_numbers(section)
        yield from _repeated_positions(section)
        yield from _lonely_companions(section)


def _wrong_capacity(section: SectionLayout) -> Iterator[Problem]:
    if section.kind == Section.Kind.STANDING and not section.capacity:
        yield Problem(str(Spot(section.name)), _("Say how many people may stand here."))
    if section.kind == Section.Kind.STANDING and section.rows:
        yield Problem(str(Spot(section.name)), _("A section to stand in has no rows of seats."))
    if section.kind == Section.Kind.SEATED and section.capacity:
        yield Problem(str(Spot(section.name)), _("Only sections to stand in have a number of places of their own."))


def _repeated_rows(section: SectionLayout) -> Iterator[Problem]:
    for name in _repeated(row.name for row in section.rows):
        yield Problem(str(Spot(section.name, name)), _("Two rows of this section have this name."))


def _repeated_numbers(section: SectionLayout) -> Iterator[Problem]:
    for row in section.rows:
        for number in _repeated(seat.number for seat in row.seats):
            yield Problem(str(Spot(section.name, row.name, number)), _("Two seats of this row have this number."))


def _repeated_positions(section: SectionLayout) -> Iterator[Problem]:
    for row in section.rows:
        for position in _repeated(seat.position for seat in row.seats):
            sentence = _("Two seats are at position %(position)s.") % {"position": position}
            yield Problem(str(Spot(section.name, row.name)), sentence)


def _lonely_companions(section: SectionLayout) -> Iterator[Problem]:
    known = {(row.name, seat.number) for row, seat in section.seats() if seat.type != Seat.Type.COMPANION}
    for row, seat in section.seats():
        where = Spot(section.name, row.name, seat.number)
        if seat.type == Seat.Type.COMPANION and seat.companion_of not in known:
            yield Problem(str(where), _("Say which wheelchair place of this section it accompanies."))
        if seat.type != Seat.Type.COMPANION and seat.companion_of:
            yield Problem(str(where), _("Only a companion's seat accompanies another."))


def _mistakes(layout: Layout, capacity: int | None) -> Iterator[Problem]:
    if not layout.places:
        yield Problem(str(Spot()), _("It has no places yet."))
    if capacity is not None and layout.places > capacity:
        facts = {"places": layout.places, "capacity": capacity}
        yield Problem(str(Spot()), _("It has %(places)s places, and the venue holds %(capacity)s people.") % facts)
    for section in layout.sections:
        yield from _strayed_companions(section)
    yield from _overlaps(layout)


def _strayed_companions(section: SectionLayout) -> Iterator[Problem]:
    seats = {(row.name, seat.number): seat for row, seat in section.seats()}
    for row, seat in section.seats():
        place = seats.get(seat.companion_of) if seat.companion_of else None
        where = str(Spot(section.name, row.name, seat.number))
        if place is None or place.type == Seat.Type.COMPANION:
            continue  # which contradicts itself
        if place.type != Seat.Type.WHEELCHAIR:
            yield Problem(where, _("What it accompanies is no wheelchair place."))
        elif distance_squared((seat.x, seat.y), (place.x, place.y)) > COMPANIONS_REACH**2:
            facts = {"reach": COMPANIONS_REACH}
            yield Problem(where, _("It is more than %(reach)s cm away from its wheelchair place.") % facts)


def _overlaps(layout: Layout) -> Iterator[Problem]:
    """
    Tell of every seat that comes too close to one before it.

    Those stay out of the grid, so that a cell never has more than a few, even if all seats lie in one spot.
    """
    grid: defaultdict[Point, list[tuple[SeatLayout, Spot]]] = defaultdict(list)
    for section, row, seat in layout.seats():
        spot = Spot(section.name, row.name, seat.number)
        other = _too_close(grid, seat)
        if other is None:
            grid[seat.x // CLOSEST, seat.y // CLOSEST].append((seat, spot))
        else:
            facts = {"closest": CLOSEST, "other": other}
            yield Problem(str(spot), _("It is closer than %(closest)s cm to another seat: %(other)s.") % facts)


def _too_close(grid: dict[Point, list[tuple[SeatLayout, Spot]]], seat: SeatLayout) -> Spot | None:
    column, line = seat.x // CLOSEST, seat.y // CLOSEST
    for cell in ((column + dx, line + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
        for other, spot in grid.get(cell, ()):
            if distance_squared((seat.x, seat.y), (other.x, other.y)) < CLOSEST**2:
                return spot
    return None


def _advice_on_sections(layout: Layout) -> Iterator[Problem]:
    for section in layout.sections:
        if section.kind == Section.Kind.SEATED and not section.places:
            yield Problem(section.name, _("It has no seats."))
        outside = [(row, seat) for row, seat in section.seats() if not contains(section.shape, (seat.x, seat.y))]
        if outside:
            yield _outside(section, *outside[0], len(outside))


def _outside(section: SectionLayout, row: RowLayout, seat: SeatLayout, count: int) -> Problem:
    sentence = ngettext(
        "%(count)s seat lies outside of the section's outline.",
        "%(count)s seats lie outside of the section's outline, the first of them here.",
        count,
    )
    return Problem(str(Spot(section.name, row.name, seat.number)), sentence % {"count": count})


def _advice_on_the_whole(layout: Layout) -> Iterator[Problem]:
    seats = [seat for _section, _row, seat in layout.seats()]
    if seats and not any(seat.type == Seat.Type.WHEELCHAIR for seat in seats):
        yield Problem(str(Spot()), _("It has no wheelchair place."))


def _repeated[T](things: Iterable[T]) -> list[T]:
    return [thing for thing, count in Counter(things).items() if count > 1]
