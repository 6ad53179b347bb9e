"""For whom one works, and how to work for another."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Organization
from tests.factories import OrganizationFactory, UserFactory, member
from tests.pages import plain_static, text_of

pytestmark = pytest.mark.django_db

__all__ = ["plain_static"]

SWITCH = "/admin/switch/"


@pytest.fixture
def houses() -> tuple[Organization, Organization]:
    return OrganizationFactory(name="Alpha House"), OrganizationFactory(name="Beta House")


def header(client: Client) -> str:
    return client.get("/admin/").content.decode().partition("</header>")[0]


def test_the_header_says_for_whom_and_as_what(client: Client, houses: tuple[Organization, Organization]) -> None:
    client.force_login(member("support", houses[0]))
    assert "Alpha House (support)" in header(client)
    assert "<select" not in header(client)
    assert "Beta House" not in header(client)


def test_who_works_for_two_switches(client: Client, houses: tuple[Organization, Organization]) -> None:
    both = member("support", houses[0])
    Membership.objects.create(user=both, organization=houses[1], role="admin")
    client.force_login(both)
    assert client.get("/admin/team/").status_code == 403
    response = client.post(SWITCH, {"organization": houses[1].pk})
    assert (response.status_code, response["Location"]) == (303, "/admin/")
    assert f'<option value="{houses[1].pk}" selected>Beta House (admin)</option>' in header(client)
    assert client.get("/admin/team/").status_code == 200


@pytest.mark.parametrize("chosen", ["another's", "", "x", "-1"])
def test_nobody_switches_to_where_they_do_not_work(
    client: Client, houses: tuple[Organization, Organization], chosen: str
) -> None:
    """S9"""
    client.force_login(member("support", houses[0]))
    assert client.post(SWITCH, {"organization": houses[1].pk if chosen == "another's" else chosen}).status_code == 400
    assert "Alpha House" in header(client)


def test_looking_does_not_switch(client: Client, houses: tuple[Organization, Organization]) -> None:
    """S14"""
    client.force_login(member("support", houses[0]))
    assert client.get(SWITCH, {"organization": houses[0].pk}).status_code == 405


def test_a_membership_that_ended_leaves_the_other_and_no_trace(
    client: Client, houses: tuple[Organization, Organization]
) -> None:
    """S3"""
    both = member("support", houses[0])
    chosen = Membership.objects.create(user=both, organization=houses[1], role="admin")
    client.force_login(both)
    client.post(SWITCH, {"organization": houses[1].pk})
    chosen.delete()
    assert "Beta House" not in client.get("/admin/").content.decode()
    assert "Alpha House (support)" in header(client)
    both.memberships.all().delete()
    gone = client.get("/admin/")
    assert gone.status_code == 403
    assert "House" not in text_of(gone)


def test_a_site_administrator_works_everywhere(client: Client, houses: tuple[Organization, Organization]) -> None:
    client.force_login(UserFactory(is_superuser=True))
    assert "Alpha House (site administrator)" in header(client)
    client.post(SWITCH, {"organization": houses[1].pk})
    assert f'<option value="{houses[1].pk}" selected>' in header(client)


def test_before_there_is_any_house_a_site_administrator_is_led_to_add_one(client: Client) -> None:
    client.force_login(UserFactory(is_superuser=True))
    add = reverse("admin:accounts_organization_add")
    for address in ("/admin/", "/admin/team/", reverse("admin:accounts_membership_changelist")):
        assert client.get(address)["Location"] == add
    response = client.get("/admin/", follow=True)
    assert response.status_code == 200
    assert "There is no organization yet." in text_of(response)
    assert client.post(SWITCH, {"organization": "1"}).status_code == 400
    assert client.post("/admin/logout/").status_code == 302
