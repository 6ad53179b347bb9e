"""A plan from above, and its seats as a picture that stays small."""

import gzip
import re

import pytest

from tests.factories import VenueFactory, plan_of
from venues import demo_plans, drawing
from venues.models import Seat, SeatingPlan, Section, Venue
from venues.queries.seats import PlanSeats, Spot, plan_seats

pytestmark = pytest.mark.django_db


def outlined(name: str, venue: Venue | None = None) -> SeatingPlan:
    """Return one of the demonstration's houses with all of its sections, and the seats at the ends of each row."""
    layout = getattr(demo_plans, name)()
    x, y = layout.focal
    plan = SeatingPlan.objects.create(
        venue=venue or VenueFactory(), name=layout.name, status="published", focal_x=x, focal_y=y
    )
    for order, each in enumerate(layout.sections):
        shape = [list(corner) for corner in each.shape]
        section = Section.objects.create(
            plan=plan, name=each.name, order=order, kind=each.kind, shape=shape, capacity=each.capacity
        )
        ends = [(row.name, row_order, {row.seats[0], row.seats[-1]}) for row_order, row in enumerate(each.rows)]
        Seat.objects.bulk_create(
            Seat(
                section=section,
                row=row,
                number=seat.number,
                row_order=row_order,
                position=seat.position,
                x=seat.x,
                y=seat.y,
            )
            for row, row_order, seats in ends
            for seat in seats
        )
    return plan


@pytest.mark.parametrize(("name", "turned"), [("theatre", 0), ("arena", 0), ("stadium", None)])
def test_a_house_faces_its_stage_and_everything_lies_within_its_frame(name: str, turned: int | None) -> None:
    plan = outlined(name)
    house = drawing.house(plan.pk)
    assert house.stage.turned == turned
    assert [section.name for section in house.sections] == list(plan.sections.values_list("name", flat=True))
    left, top, width, height = house.box
    for section in house.sections:
        assert left < section.box.x < section.box.x + section.box.width < left + width
        assert top < section.box.y < section.box.y + section.box.height < top + height
        assert section.box.x <= section.middle[0] <= section.box.x + section.box.width


def test_an_outline_is_written_in_steps() -> None:
    plan = plan_of(VenueFactory(), {"Stalls": "s"})
    assert drawing.house(plan.pk).sections[0].path == "M0 300l1900 0 0 2500-1900 0z"


def test_numbers_stand_beside_aisles_and_names_of_rows_at_both_ends() -> None:
    plan = plan_of(VenueFactory(), {"Stalls": "ss__s s"})
    text = gzip.decompress(drawing.drawing((plan.pk, None))).decode()
    assert re.findall(r'data-row="(.)" data-numbers="(.*?)"', text) == [("A", "1 2  3"), ("B", "1")]
    assert re.findall(r"<text[^>]*>(.)</text>", text) == ["A", "A", "B"]


def test_what_stands_on_seats_cannot_break_out_of_the_picture() -> None:
    """S29"""
    plan = plan_of(VenueFactory(), {"Stalls": "ss"})
    Seat.objects.filter(number="1").update(row='"<b>&', number="1 a'\"<")
    Seat.objects.filter(number="2").update(row='"<b>&')
    text = gzip.decompress(drawing.drawing((plan.pk, None))).decode()
    assert "<b>" not in text
    assert "1\N{NO-BREAK SPACE}a" in text


def test_fifteen_hundred_seats_are_a_small_picture() -> None:
    """U18, U41"""
    spots = [
        Spot(
            n,
            1,
            n // 50,
            n % 50,
            0,
            9_000 + 52 * (n % 50) + n % 7,
            9_000 + 87 * (n // 50),
            "standard",
            None,
            "A",
            str(n),
        )
        for n in range(1_500)
    ]
    plan = PlanSeats(spots, {}, {}, {})
    assert len(gzip.compress("".join(drawing._svg(plan, 1)).encode())) < 20_000


def test_seats_come_in_the_order_of_their_states() -> None:
    plan = plan_of(VenueFactory(), {"Stalls": "ss wc", "Circle": "s"})
    text = gzip.decompress(drawing.drawing((plan.pk, None))).decode()
    assert len(re.findall(r"<circle|<path", text)) == len(plan_seats(plan.pk).spots)
    assert re.findall(r'data-section="(\d+)"', text) == [str(section.pk) for section in plan.sections.all()]
