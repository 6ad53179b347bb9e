"""The page behind the link of an invitation."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation, Membership, Organization
from accounts.roles import Role
from accounts.services import team
from core import codes
from tests.accounts.test_team import secret_of
from tests.factories import OrganizationFactory, customer, member
from tests.pages import plain_static, text_of

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["plain_static"]


@pytest.fixture
def house() -> Organization:
    return OrganizationFactory(name="The House")


@pytest.fixture
def invitation(house: Organization) -> Invitation:
    boss = member("admin", house, name="Bea Boss")
    return team.invite(organization_id=house.pk, email="new@example.com", role=Role.SUPPORT, by=boss)


def link(invitation: Invitation) -> str:
    return reverse("invitation", args=[secret_of(invitation)])


def test_a_stranger_is_told_who_invites_and_how_to_join(client: Client, invitation: Invitation) -> None:
    here = link(invitation)
    response = client.get(here)
    assert response.status_code == 200
    assert "private" in response["Cache-Control"]
    for said in ("Bea Boss invites you to the team of The House", "Support.", "new@example.com"):
        assert said in text_of(response)
    for way in ("account_login", "account_signup"):
        assert f'href="{reverse(way)}?next={here}"' in response.content.decode()
    assert "<form" not in response.content.decode().partition("<main")[2]


def test_the_page_says_the_same_whether_the_address_has_an_account(client: Client, invitation: Invitation) -> None:
    """S1"""
    before = client.get(link(invitation)).content
    customer(email="new@example.com")
    assert client.get(link(invitation)).content == before


def test_a_stranger_who_presses_the_button_signs_in_first(client: Client, invitation: Invitation) -> None:
    response = client.post(link(invitation))
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next={link(invitation)}"
    assert Membership.objects.count() == 1


def test_the_invited_joins_by_one_button_and_works_there(client: Client, invitation: Invitation) -> None:
    new = customer(email="new@example.com")
    Membership.objects.create(user=new, organization=OrganizationFactory(name="A House"), role="analyst")
    client.force_login(new)
    page = client.get(link(invitation))
    assert "Join The House as support" in text_of(page)
    response = client.post(link(invitation), {"role": "admin", "organization": "1"})  # S13
    assert (response.status_code, response["Location"]) == (303, "/admin/")
    assert Membership.objects.get(user=new, organization=invitation.organization).role == "support"
    assert client.get("/admin/").wsgi_request.user.workplace.organization == invitation.organization


def test_somebody_else_is_told_so_and_may_sign_out_and_nothing_more(client: Client, invitation: Invitation) -> None:
    eve = customer(email="eve@example.com")
    client.force_login(eve)
    response = client.get(link(invitation))
    assert "You are signed in as eve@example.com, but the invitation is for new@example.com." in text_of(response)
    assert "Join The House as" not in text_of(response)
    refused = client.post(link(invitation))
    assert refused.status_code == 403
    assert "another address" in text_of(refused)
    assert not Membership.objects.filter(user=eve).exists()
    left = client.post(reverse("account_logout"), {"next": link(invitation)})
    assert left["Location"] == link(invitation)
    assert "Make an account" in text_of(client.get(link(invitation)))


def test_an_address_that_was_typed_and_never_proved_is_not_enough(client: Client, invitation: Invitation) -> None:
    liar = customer(email="liar@example.com")
    liar.emailaddress_set.create(email="new@example.com", verified=False, primary=False)
    client.force_login(liar)
    assert client.post(link(invitation)).status_code == 403
    assert not Membership.objects.filter(user=liar).exists()


def test_links_that_are_not_open_look_alike(client: Client, invitation: Invitation) -> None:
    here, pages = link(invitation), {}
    client.force_login(customer(email="new@example.com"))
    for end, fields in {
        "over": {"expires_at": invitation.created_at},
        "withdrawn": {"expires_at": invitation.expires_at, "withdrawn_at": invitation.created_at},
        "accepted": {"withdrawn_at": None, "accepted_at": invitation.created_at},
    }.items():
        Invitation.objects.filter(pk=invitation.pk).update(**fields)
        for response in (client.get(here), client.post(here)):
            assert response.status_code == 410
            assert "Please ask for a new one." in text_of(response)
        pages[end] = text_of(client.get(here))
    unknown = client.get(reverse("invitation", args=[codes.secret()]))
    assert unknown.status_code == 404
    assert {*pages.values()} == {text_of(unknown)}
    assert "House" not in text_of(unknown)
    assert Membership.objects.count() == 1


def test_guessing_is_slowed_down(client: Client, invitation: Invitation, noon: object) -> None:
    """S1"""
    for _guess in range(60):
        assert client.get(reverse("invitation", args=[codes.secret()])).status_code == 404
    response = client.get(link(invitation))
    assert response.status_code == 429
    assert int(response["Retry-After"]) <= timedelta(hours=1).total_seconds()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_other_method(client: Client, invitation: Invitation, method: str) -> None:
    """S14"""
    assert getattr(client, method)(link(invitation)).status_code == 405


def test_a_form_from_elsewhere_joins_nobody(invitation: Invitation) -> None:
    eager = Client(enforce_csrf_checks=True)
    eager.force_login(customer(email="new@example.com"))
    assert eager.post(link(invitation)).status_code == 403
    assert Membership.objects.count() == 1
