"""The page of who works here."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Invitation, Membership, Organization, User
from accounts.roles import Power, Role
from accounts.services import team
from core.models import AuditEntry
from tests.factories import OrganizationFactory, UserFactory, member
from tests.pages import plain_static, text_of

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["plain_static"]

TEAM = "/admin/team/"


@pytest.fixture
def house() -> Organization:
    return OrganizationFactory(name="The House")


@pytest.fixture
def boss(house: Organization, client: Client) -> User:
    """The admin, who is signed in."""
    boss = member("admin", house, email="boss@example.com", name="Bea Boss")
    client.force_login(boss)
    return boss


def invited(house: Organization, by: User, email: str = "new@example.com") -> Invitation:
    return team.invite(organization_id=house.pk, email=email, role=Role.SUPPORT, by=by)


def at(name: str, pk: int) -> str:
    return reverse(f"admin:{name}", args=[pk])


def row(response: Any, of: str) -> str:
    """The table row with this id."""
    return response.content.decode().partition(f'<tr id="{of}">')[2].partition("</tr>")[0]


def test_the_page_tells_who_works_here(client: Client, house: Organization, boss: User) -> None:
    since = datetime(2026, 5, 1, 22, 30, tzinfo=UTC)
    ada = member("support", house, email="ada@example.com", name="Ada", last_login=since)
    Membership.objects.filter(user=ada).update(since=since)
    Authenticator.objects.create(user=ada, type="totp", data={})
    member("admin", email="stranger@example.com")
    bob = member("analyst", house, email="bob@example.com", name="")
    Authenticator.objects.create(user=bob, type="recovery_codes", data={})
    response = client.get(TEAM)
    assert response.status_code == 200
    of_ada, of_bob = (row(response, f"member-{each.memberships.get().pk}") for each in (ada, bob))
    for said in ("Ada", "ada@example.com", "2 May 2026", "00:30 (CEST)", '<option value="support" selected>', "yes"):
        assert said in of_ada
    for said in ("bob@example.com", "never", "no", '<option value="analyst" selected>'):
        assert said in of_bob
    assert "stranger@example.com" not in text_of(response)


def test_the_page_tells_who_can_do_what(client: Client, boss: User) -> None:
    table = client.get(TEAM).content.decode().partition('class="powers"')[2].partition("</table>")[0]
    assert table.count("✓") == 6 + 1 + 4 + 2 + 9
    assert table.count('<th scope="row">') == len(Power)
    for power in Power:
        assert str(power.label).capitalize() in table


def test_the_page_asks_as_often_for_thirty_as_for_one(client: Client, house: Organization, boss: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(TEAM).status_code == 200
        return len(seen)

    invited(house, boss)
    client.get(TEAM)
    few = queries()
    for number in range(29):
        member("support", house)
        invited(house, boss, f"new{number}@example.com")
    assert queries() == few
    assert few <= 6


def test_an_admin_invites(client: Client, house: Organization, boss: User) -> None:
    response = client.post(f"{TEAM}invitations/", {"email": "New@example.com", "role": "support"}, follow=True)
    assert response.redirect_chain == [(TEAM, 303)]
    assert "on its way to New@example.com" in text_of(response)
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.organization, invitation.invited_by) == (
        "new@example.com",
        "support",
        house,
        boss,
    )
    assert "new@example.com" in row(response, f"invitation-{invitation.pk}")


@pytest.mark.parametrize(
    "typed",
    [
        {"email": "", "role": "support"},
        {"email": "a@b", "role": "support"},
        {"email": "a@b.example"},
        {"email": "a@b.example", "role": "owner"},
    ],
)
def test_what_can_not_be_read_invites_nobody(client: Client, boss: User, typed: dict[str, str]) -> None:
    response = client.post(f"{TEAM}invitations/", typed)
    assert response.status_code == 422
    assert "Nobody was invited" in text_of(response)
    assert 'class="errorlist"' in response.content.decode()
    assert not Invitation.objects.exists()


def test_who_works_here_is_not_invited_and_the_page_says_so_at_the_field(client: Client, boss: User) -> None:
    response = client.post(f"{TEAM}invitations/", {"email": boss.email, "role": "support"})
    assert response.status_code == 409
    assert "works here already" in response.content.decode().partition('name="email"')[2].partition("</div>")[0]


def test_inviting_many_is_slowed_down(client: Client, boss: User, noon: datetime) -> None:
    for number in range(60):
        client.post(f"{TEAM}invitations/", {"email": f"p{number}@example.com", "role": "support"})
    response = client.post(f"{TEAM}invitations/", {"email": "one-more@example.com", "role": "support"})
    assert response.status_code == 429
    assert Invitation.objects.count() == 60


def test_a_new_link_and_a_withdrawal(client: Client, house: Organization, boss: User) -> None:
    first = invited(house, boss)
    Invitation.objects.update(expires_at=first.created_at - timedelta(days=1))
    assert "over" in row(client.get(TEAM), f"invitation-{first.pk}")
    client.post(at("team-invite-again", first.pk))
    second = Invitation.objects.get(withdrawn_at=None)
    assert (second.email, second.role) == (first.email, first.role)
    assert second != first
    client.post(at("team-withdraw", second.pk))
    assert not Invitation.objects.filter(withdrawn_at=None).exists()
    assert not row(client.get(TEAM), f"invitation-{second.pk}")


def test_a_new_link_for_who_works_here_meanwhile_is_refused_beside_the_row(
    client: Client, house: Organization, boss: User
) -> None:
    invitation = invited(house, boss)
    member("analyst", house, email="new@example.com")
    response = client.post(at("team-invite-again", invitation.pk))
    assert response.status_code == 409
    assert "works here already" in row(response, f"invitation-{invitation.pk}")


def test_an_admin_changes_a_role(client: Client, house: Organization, boss: User) -> None:
    ada = member("support", house, name="Ada")
    membership = ada.memberships.get()
    response = client.post(at("team-role", membership.pk), {"role": "analyst"}, follow=True)
    assert response.redirect_chain == [(TEAM, 303)]
    assert "Ada is analyst from now on" in text_of(response)
    membership.refresh_from_db()
    assert membership.role == "analyst"
    assert client.post(at("team-role", membership.pk), {"role": "owner"}).status_code == 400
    page = client.get(at("team-member", membership.pk))
    assert page.content.decode().count("✓") == 2
    assert "Sees events and revenue" in text_of(page)


def test_a_removal_is_asked_for_first(client: Client, house: Organization, boss: User) -> None:
    ada = member("support", house, name="Ada")
    membership = ada.memberships.get()
    assert "Remove Ada" in text_of(client.get(at("team-remove", membership.pk)))
    assert Membership.objects.filter(pk=membership.pk).exists()
    response = client.post(at("team-remove", membership.pk), follow=True)
    assert response.redirect_chain == [(TEAM, 303)]
    assert not Membership.objects.filter(pk=membership.pk).exists()


def test_the_last_admin_is_refused_beside_the_row(client: Client, boss: User) -> None:
    membership = boss.memberships.get()
    for response in (
        client.post(at("team-role", membership.pk), {"role": "analyst"}),
        client.post(at("team-remove", membership.pk)),
    ):
        assert response.status_code == 409
        assert "This is the last admin." in row(response, f"member-{membership.pk}")
    membership.refresh_from_db()
    assert membership.role == "admin"


def test_who_gives_the_role_up_is_led_out(client: Client, house: Organization, boss: User) -> None:
    """S3"""
    member("admin", house)
    response = client.post(at("team-role", boss.memberships.get().pk), {"role": "support"})
    assert (response.status_code, response["Location"]) == (303, reverse("account"))
    assert client.get(TEAM).status_code == 403
    assert client.get("/admin/").status_code == 200


def test_who_is_removed_finds_nothing_at_the_next_request(client: Client, house: Organization, boss: User) -> None:
    """S3: the session is the same one."""
    ada, hers = member("organizer", house), Client()
    hers.force_login(ada)
    assert hers.get("/admin/").status_code == 200
    client.post(at("team-remove", ada.memberships.get().pk))
    for address in ("/admin/", TEAM, reverse("admin:accounts_organization_change", args=[house.pk])):
        response = hers.get(address)
        assert response.status_code == 403
        assert "The House" not in response.content.decode()


PAGES = {
    "team": ("get", False),
    "team-invite": ("post", False),
    "team-member": ("get", True),
    "team-role": ("post", True),
    "team-remove": ("post", True),
    "team-invite-again": ("post", True),
    "team-withdraw": ("post", True),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", ["nobody", "customer", *(set(Role) - {Role.ADMIN})])
def test_the_pages_are_for_who_manages_people(client: Client, house: Organization, name: str, role: str) -> None:
    """S8"""
    method, takes_pk = PAGES[name]
    boss = member("admin", house)
    target = invited(house, boss) if "invit" in name or name == "team-withdraw" else boss.memberships.get()
    if role != "nobody":
        client.force_login(UserFactory() if role == "customer" else member(role, house))
    before = list(Membership.objects.values()), list(Invitation.objects.values())
    address = reverse(f"admin:{name}", args=[target.pk] if takes_pk else [])
    response = getattr(client, method)(address, {"email": "eve@example.com", "role": "admin"})
    if role == "nobody":
        assert (response.status_code, response["Location"].partition("?")[0]) == (302, "/admin/login/")
    else:
        assert response.status_code == 403
    assert (list(Membership.objects.values()), list(Invitation.objects.values())) == before


@pytest.mark.parametrize("name", [name for name, (_method, takes_pk) in PAGES.items() if takes_pk])
def test_what_is_another_houses_is_not_there(client: Client, boss: User, name: str) -> None:
    """S9, S11"""
    theirs = member("support")
    elsewhere = theirs.workplaces[0].organization
    invitation = invited(elsewhere, member("admin", elsewhere))
    target = invitation if name in ("team-invite-again", "team-withdraw") else theirs.memberships.get()
    before = list(Membership.objects.values()), list(Invitation.objects.values()), AuditEntry.objects.count()
    method = PAGES[name][0]
    foreign = getattr(client, method)(at(name, target.pk), {"role": "admin"})
    missing = getattr(client, method)(at(name, 10**9), {"role": "admin"})
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert text_of(foreign) == text_of(missing)
    assert before == (list(Membership.objects.values()), list(Invitation.objects.values()), AuditEntry.objects.count())


@pytest.mark.parametrize("name", ["team-role", "team-invite-again", "team-withdraw"])
def test_looking_at_a_button_changes_nothing(client: Client, boss: User, name: str) -> None:
    """S14"""
    assert client.get(at(name, 1)).status_code == 405
    assert client.get(f"{TEAM}invitations/").status_code == 405


def test_fields_that_nobody_asked_for_are_ignored(client: Client, house: Organization, boss: User) -> None:
    """S13"""
    other, ada = OrganizationFactory(), member("support", house)
    extra = {"organization": other.pk, "user": boss.pk, "is_superuser": "1", "since": "2020-01-01"}
    client.post(at("team-role", ada.memberships.get().pk), {"role": "analyst"} | extra)
    client.post(f"{TEAM}invitations/", {"email": "new@example.com", "role": "support"} | extra)
    assert Membership.objects.filter(user=ada, organization=house, role="analyst").exists()
    assert not User.objects.filter(is_superuser=True).exists()
    assert Invitation.objects.get().organization == house


# --- Memberships in the admin's lists --------------------------------------------------------------


def test_memberships_can_be_searched_and_filtered(client: Client, house: Organization, boss: User) -> None:
    member("support", house, email="ada@example.com", name="Ada")
    member("support", email="foreign@example.com")
    rows = reverse("admin:accounts_membership_changelist")
    assert "foreign@example.com" not in client.get(rows).content.decode()
    found = client.get(rows, {"q": "ada"}).content.decode()
    assert "ada@example.com" in found
    assert "Bea Boss" not in found
    admins = client.get(rows, {"role__exact": "admin"}).content.decode()
    assert "Bea Boss" in admins
    assert "ada@example.com" not in admins
    assert client.get(rows, {"user__password__startswith": "a"}).status_code in (302, 400)
    assert "delete_selected" not in client.get(rows).content.decode()


def test_what_changes_memberships_leads_to_the_teams_page(client: Client, house: Organization, boss: User) -> None:
    membership = member("support", house).memberships.get()
    to = {
        reverse("admin:accounts_membership_add"): TEAM,
        at("accounts_membership_change", membership.pk): at("team-member", membership.pk),
        at("accounts_membership_delete", membership.pk): at("team-remove", membership.pk),
    }
    for address, target in to.items():
        for response in (client.get(address), client.post(address, {"role": "admin", "post": "yes"})):
            assert (response.status_code, response["Location"]) == (302, target)
    membership.refresh_from_db()
    assert membership.role == "support"


def test_nobody_deletes_memberships_in_bulk(client: Client, house: Organization, boss: User) -> None:
    """S11"""
    membership = member("support", house).memberships.get()
    data = {"action": "delete_selected", "_selected_action": [membership.pk], "post": "yes"}
    client.post(reverse("admin:accounts_membership_changelist"), data)
    assert Membership.objects.filter(pk=membership.pk).exists()


@pytest.mark.parametrize("what", ["change", "delete", "history"])
def test_memberships_of_others_are_not_there(client: Client, boss: User, what: str) -> None:
    """S9, S11"""
    theirs = member("support").memberships.get()
    assert client.get(at(f"accounts_membership_{what}", theirs.pk)).status_code == 404


@pytest.mark.parametrize("what", ["changelist", "add", "change", "delete"])
def test_memberships_are_for_who_manages_people(client: Client, house: Organization, what: str) -> None:
    """S8"""
    organizer = member("organizer", house)
    client.force_login(organizer)
    pk = [] if what in ("changelist", "add") else [organizer.memberships.get().pk]
    assert client.get(reverse(f"admin:accounts_membership_{what}", args=pk)).status_code == 403
