"""Where events take place: what the database refuses."""

import pytest
from django.core.exceptions import ValidationError

from tests.constraints import refused_by
from tests.factories import OrganizationFactory, VenueFactory
from venues.models import VenuePicture

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
