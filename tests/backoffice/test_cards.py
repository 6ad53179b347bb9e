"""The first page: where a role may go."""

import pytest

from accounts.roles import Power
from backoffice.cards import ORDER
from tests.backoffice.desk import at_work
from tests.backoffice.shelves import SHELVES, registered
from tests.factories import CategoryFactory, EventFactory, OrganizationFactory, TicketTypeFactory, VenueFactory
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["organizer", "entry_manager", "support", "analyst", "admin"])
def test_every_role_finds_what_it_may_see_and_nothing_else(role: str) -> None:
    client, user = at_work(role)
    found = [card.url for card in client.get("/admin/").context["cards"]]
    lists = {f"/admin/{label.replace('.', '/')}/" for label, shelf in SHELVES.items() if role in shelf.see}
    pages = {
        "/admin/sell/": Power.SELL,
        "/admin/calendar/": Power.SEE_EVENTS,
        "/admin/dashboard/": Power.SEE_EVENTS,
        "/admin/events/series/": Power.SEE_EVENTS,
        "/admin/find/": Power.SEE_BOOKINGS,
        "/admin/reports/revenue/": Power.SEE_REVENUE,
        "/admin/imports/": Power.MANAGE_BOOKINGS,
        "/admin/statements/": Power.MANAGE_BOOKINGS,
        "/admin/team/": Power.MANAGE_PEOPLE,
        "/admin/people/": Power.MANAGE_PEOPLE,
        "/admin/ways-to-pay/": Power.MANAGE_ORGANIZATION,
    }
    assert set(found) == lists | {url for url, power in pages.items() if user.has_perm(power.permission)}
    assert all(client.get(url).status_code in (200, 302) for url in found)


def test_everything_in_the_admin_has_its_card() -> None:
    assert set(registered()) <= {what for what, *_rest in ORDER}


def test_a_new_house_is_told_what_to_do_first() -> None:
    house = OrganizationFactory()
    VenueFactory(organization=house)
    TicketTypeFactory()  # another house's
    client, _user = at_work("organizer", house)
    steps = client.get("/admin/").context["first_steps"]
    assert [step.is_done for step in steps] == [True, False, False]
    assert "Before the first ticket is sold" in text_of(client.get("/admin/"))


def test_a_house_with_events_and_who_may_not_add_them_are_told_nothing() -> None:
    busy = EventFactory().organization
    CategoryFactory(organization=busy)
    assert at_work("organizer", busy)[0].get("/admin/").context["first_steps"] == []
    assert at_work("analyst")[0].get("/admin/").context["first_steps"] == []
