"""A list of seats that were delivered, with what each cost: read and checked, nothing is done with it."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core import money
from core.cells import meant
from core.forms import MOST
from events.models import Event, EventSeat

COLUMNS = ["section", "row", "number", "cost"]
LINES = 100_000
"""More than any house has seats."""


@dataclass(slots=True)
class Reading:
    """What each place cost, in the event's smallest unit, and what is wrong in which line."""

    costs: dict[int, int] = field(default_factory=dict)
    errors: list[tuple[int, str]] = field(default_factory=list)


def read(event: Event, text: str) -> Reading:
    """Read a table whose first line names COLUMNS, in any order; between them commas, semicolons or tabs."""
    reading = Reading()
    lines = text.removeprefix("\ufeff").splitlines()
    head, *_rest = lines or [""]
    separator = max(",;\t", key=head.count)
    names = [meant(name.strip()).casefold() for name in head.split(separator)]
    if not set(COLUMNS) <= set(names):
        columns = ", ".join(COLUMNS)
        reading.errors.append((1, _("The first line names the columns: %(columns)s.") % {"columns": columns}))
        return reading
    places, seen = _places(event), dict[int, int]()
    for number, cells in _cells(lines[1 : LINES + 1], separator):
        try:
            place, cost = _line(event, dict(zip(names, cells, strict=False)), places)
            if place in seen:
                raise ValueError(_("This seat stands in line %(line)s already.") % {"line": seen[place]})
        except ValueError as error:
            reading.errors.append((number, str(error)))
        else:
            seen[place], reading.costs[place] = number, cost
    return reading


def _cells(lines: list[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Return the lines that say something, with their numbers as an editor shows them."""
    for number, line in enumerate(lines, start=2):
        cells = [meant(cell.strip()) for cell in next(csv.reader([line], delimiter=separator), [])]
        if any(cells):
            yield number, cells


def _line(event: Event, said: dict[str, str], places: dict[tuple[str, str, str], int]) -> tuple[int, int]:
    if not all(said.get(column) for column in COLUMNS):
        raise ValueError(_("A line has a section, a row, a number and a cost."))
    section, row, number = (said[column] for column in COLUMNS[:3])
    place = places.get((section.casefold(), row.casefold(), number.casefold()))
    if place is None:
        facts = {"section": section, "row": row, "number": number}
        raise ValueError(_("There is no seat %(section)s, row %(row)s, seat %(number)s at this event.") % facts)
    return place, _cost(said["cost"], event.currency)


def _cost(typed: str, currency: str) -> int:
    """Return an amount in minor units: 12.50, or 12,50 as many write it."""
    wrong = _("“%(typed)s” is no amount.") % {"typed": typed[:40]}
    plain = typed.replace(",", ".")
    if not plain.replace(".", "", 1).isdecimal() or not plain.isascii() or len(plain) > 12:
        raise ValueError(wrong)
    try:
        cost = money.from_decimal(Decimal(plain), currency)
    except (ValidationError, InvalidOperation) as error:
        raise ValueError(wrong) from error
    if cost > MOST:
        raise ValueError(wrong)
    return cost


def _places(event: Event) -> dict[tuple[str, str, str], int]:
    rows = EventSeat.objects.filter(event=event, seat__isnull=False)
    named = rows.values_list("section__name", "seat__row", "seat__number", "pk")
    return {(section.casefold(), row.casefold(), number.casefold()): pk for section, row, number, pk in named}
