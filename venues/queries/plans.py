"""Plans as they are shown and counted."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from venues.layout import Layout, RowLayout, SeatLayout, SectionLayout
from venues.models import Seat, SeatingPlan, Section, Venue

SEAT = ("number", "position", "x", "y", "type", "companion_of__row", "companion_of__number")


def layout_of(plan: SeatingPlan) -> Layout:
    """Return the whole plan as plain data, with two questions to the database."""
    found = Seat.objects.filter(section__plan=plan).order_by("section_id", "row_order", "position")
    seats = found.values_list("section_id", "row_order", "row", *SEAT).iterator(chunk_size=5_000)
    rows_of = {section_id: tuple(_rows(group)) for section_id, group in groupby(seats, itemgetter(0))}
    sections = (_section(section, rows_of.get(section.pk, ())) for section in plan.sections.all())
    return Layout(plan.name, (plan.focal_x, plan.focal_y), tuple(sections))


def _rows(seats: Iterable[tuple[Any, ...]]) -> Iterator[RowLayout]:
    for (_section_id, _order, name), group in groupby(seats, itemgetter(0, 1, 2)):
        yield RowLayout(name, tuple(_seat(*fields) for _1, _2, _3, *fields in group))


def _seat(
    number: str, position: int, x: int, y: int, kind: str, row_of_place: str | None, number_of_place: str | None
) -> SeatLayout:
    place = (row_of_place, number_of_place) if row_of_place and number_of_place else None
    return SeatLayout(number, position, x, y, kind, place)


def _section(section: Section, rows: tuple[RowLayout, ...]) -> SectionLayout:
    shape = tuple((x, y) for x, y in section.shape)
    return SectionLayout(section.name, section.tier, section.kind, shape, section.capacity, rows)


def capacity_of(plan: SeatingPlan) -> int:
    """How many people it is for."""
    standing = plan.sections.aggregate(total=Sum("capacity"))["total"] or 0
    return standing + Seat.objects.filter(section__plan=plan).count()


def plans_of(venue: Venue) -> QuerySet[SeatingPlan]:
    """Return a venue's plans, the newest version of each name first, with their counts."""
    return listed(SeatingPlan.objects.filter(venue=venue))


def listed(plans: QuerySet[SeatingPlan]) -> QuerySet[SeatingPlan]:
    """Count `section_count`, `seat_count`, `standing_count` and `places` of each plan, in the same question."""
    sections = Section.objects.filter(plan=OuterRef("pk")).order_by().values("plan")
    seats = Seat.objects.filter(section__plan=OuterRef("pk")).order_by().values("section__plan")
    return plans.annotate(
        section_count=_number(sections.annotate(n=Count("pk"))),
        standing_count=_number(sections.annotate(n=Sum("capacity"))),
        seat_count=_number(seats.annotate(n=Count("pk"))),
    ).annotate(places=F("seat_count") + F("standing_count"))


def _number(counted: QuerySet) -> Coalesce:
    return Coalesce(Subquery(counted.values("n"), output_field=IntegerField()), Value(0))
