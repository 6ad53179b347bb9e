"""Where events take place: what the database refuses."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from tests.constraints import refused_by
from tests.factories import OrganizationFactory, VenueFactory
from venues.models import Seat, SeatingPlan, Section, Venue, VenuePicture

pytestmark = pytest.mark.django_db


def test_a_venue_holds_somebody() -> None:
    with refused_by("a_venue_holds_somebody"):
        VenueFactory(capacity=0)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (52.5, None),
        (None, 13.4),
        (90.1, 0),
        (-90.1, 0),
        (0, 180.1),
        (0, -180.1),
        (91, None),
        (None, 181),
        (10**9, 10**9),
    ],
)
def test_a_venue_lies_on_the_globe(latitude: float | None, longitude: float | None) -> None:
    with refused_by("a_venue_lies_on_the_globe"):
        VenueFactory(latitude=latitude, longitude=longitude)


@pytest.mark.parametrize(("latitude", "longitude"), [(90, 180), (-90, -180), (0, 0), (None, None)])
def test_a_venue_may_lie_anywhere_on_it_or_not_say(latitude: float | None, longitude: float | None) -> None:
    VenueFactory(latitude=latitude, longitude=longitude)


def test_a_house_has_one_venue_of_a_name() -> None:
    house = OrganizationFactory()
    VenueFactory(organization=house, name="Hall")
    VenueFactory(name="Hall")
    with refused_by("one_venue_per_name", "organization_id", "name"):
        VenueFactory(organization=house, name="Hall")


def test_an_address_on_the_site_leads_to_one_venue() -> None:
    VenueFactory(slug="hall")
    with refused_by("slug", "slug"):
        VenueFactory(slug="hall")


@pytest.mark.parametrize("country", ["de", "DEU", "D", "D1", "DE\n"])
def test_a_country_is_two_capital_letters(country: str) -> None:
    venue = VenueFactory.build(organization=OrganizationFactory(), country=country)
    with pytest.raises(ValidationError) as caught:
        venue.full_clean()
    assert set(caught.value.message_dict) == {"country"}


def test_a_venue_knows_its_zone() -> None:
    venue = VenueFactory.build(name="Hall", city="Tokyo", time_zone="Asia/Tokyo")
    assert venue.zone.key == "Asia/Tokyo"
    assert str(venue) == "Hall, Tokyo"


@pytest.mark.parametrize("fields", [{"focus_x": 101}, {"focus_y": 101}])
def test_the_focus_of_a_picture_lies_on_it(fields: dict[str, int]) -> None:
    with refused_by("the_focus_of_each_venuepicture_lies_on_it"):
        VenuePicture.objects.create(venue=VenueFactory(), alt="Red", **fields)


def test_a_picture_is_put_in_words() -> None:
    with refused_by("each_venuepicture_is_put_in_words"):
        VenuePicture.objects.create(venue=VenueFactory(), alt="")


def test_the_first_picture_is_the_cover_and_the_others_are_the_gallery() -> None:
    venue = VenueFactory()
    second, first = (VenuePicture.objects.create(venue=venue, alt="Red", order=order) for order in (1, 0))
    assert (venue.cover, venue.gallery) == (first, [second])
    assert VenueFactory().cover is None


SHAPE = [[0, 0], [900, 0], [900, 900]]


def plan_at(venue: Venue | None = None, **fields: Any) -> SeatingPlan:
    return SeatingPlan.objects.create(**({"venue": venue or VenueFactory(), "name": "Hall"} | fields))


def section_of(plan: SeatingPlan | None = None, **fields: Any) -> Section:
    return Section.objects.create(**({"plan": plan or plan_at(), "name": "Stalls", "shape": SHAPE} | fields))


def seat_in(section: Section | None = None, **fields: Any) -> Seat:
    usual = {"row": "A", "number": "1", "row_order": 0, "position": 1, "x": 10, "y": 10}
    return Seat.objects.create(**({"section": section or section_of()} | usual | fields))


def test_a_version_of_a_plan_is_there_once() -> None:
    plan = plan_at(status="retired")
    plan_at(status="retired")
    plan_at(plan.venue, status="retired", version=2)
    plan_at(plan.venue, status="retired", name="Other")
    with refused_by("one_plan_per_version", "venue_id", "name", "version"):
        plan_at(plan.venue, status="retired")


def test_a_plan_has_one_draft_and_as_many_published_versions_as_one_likes() -> None:
    venue = plan_at().venue
    for version in (2, 3):
        plan_at(venue, version=version, status="published")
    plan_at(venue, name="Other")
    with refused_by("one_draft_per_plan", "venue_id", "name"):
        plan_at(venue, version=4)


def test_a_plan_is_a_draft_published_or_retired() -> None:
    with refused_by("a_plan_status_is_known"):
        plan_at(status="lost")


def test_versions_begin_with_one() -> None:
    with refused_by("versions_begin_with_one"):
        plan_at(version=0)


def test_a_plan_has_one_section_of_a_name() -> None:
    plan = section_of().plan
    section_of()
    section_of(plan, name="Circle")
    with refused_by("one_section_per_name", "plan_id", "name"):
        section_of(plan)


@pytest.mark.parametrize("fields", [{"capacity": 5}, {"kind": "standing"}, {"kind": "flying", "capacity": 5}])
def test_sections_to_stand_in_and_no_others_have_a_capacity(fields: dict[str, Any]) -> None:
    with refused_by("only_standing_sections_have_a_capacity"):
        section_of(**fields)


def test_a_section_has_one_seat_of_a_row_and_number() -> None:
    section = seat_in().section
    seat_in()
    seat_in(section, number="2", position=2)
    seat_in(section, row="B", row_order=1)
    with refused_by("one_seat_per_row_and_number", "section_id", "row", "number"):
        seat_in(section, position=3)


def test_a_section_has_one_seat_at_a_position() -> None:
    section = seat_in().section
    with refused_by("one_seat_per_position", "section_id", "row_order", "position"):
        seat_in(section, number="2")


def test_a_seat_is_of_a_known_type() -> None:
    with refused_by("a_seat_type_is_known"):
        seat_in(type="throne")


def test_a_companion_accompanies_somebody_and_nobody_else_does() -> None:
    place = seat_in(type="wheelchair")
    seat_in(place.section, number="2", position=2, type="companion", companion_of=place)
    with refused_by("a_companion_accompanies_somebody"):
        seat_in(place.section, number="3", position=3, type="companion")
    with refused_by("a_companion_accompanies_somebody"):
        seat_in(place.section, number="3", position=3, companion_of=place)


def test_quality_ends_at_a_thousand() -> None:
    seat_in(quality=1_000)
    with refused_by("a_quality_is_at_most_1000"):
        seat_in(quality=1_001)


@pytest.mark.parametrize(
    "shape",
    [
        None,
        [],
        "x",
        {},
        SHAPE[:2],
        SHAPE * 167,
        [*SHAPE, [1]],
        [*SHAPE, (1, 2)],
        [*SHAPE, [1, -1]],
        [*SHAPE, [1, 1.5]],
        [*SHAPE, [1, True]],
        [*SHAPE, [1, 100_001]],
    ],
)
def test_an_outline_has_3_to_500_corners_on_the_plan(shape: object) -> None:
    section = Section(plan=plan_at(), name="Stalls", shape=shape)
    with pytest.raises(ValidationError) as caught:
        section.full_clean()
    assert set(caught.value.message_dict) == {"shape"}


def test_plans_and_what_is_in_them_have_names() -> None:
    seat = seat_in()
    assert [str(seat.section.plan), str(seat.section), str(seat)] == ["Hall (1)", "Stalls", "Stalls A 1"]
    assert seat.section.plan.organization_id == seat.section.plan.venue.organization_id
