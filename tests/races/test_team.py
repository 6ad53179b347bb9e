"""Two admins at once."""

from functools import partial

import pytest

from accounts.models import Invitation, Membership, Organization
from accounts.roles import Role
from accounts.services import team
from tests.factories import OrganizationFactory, customer, member
from tests.races.harness import Act, race, told, without_row_locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WRITING = 'UPDATE "accounts_membership"'
DELETING = 'DELETE FROM "accounts_membership"'


def leaving(house: Organization, how: str) -> list[Act]:
    """Every admin of the house gives it up, each for themselves."""
    admins = house.memberships.filter(role="admin").select_related("user")
    if how == "remove":
        return [partial(team.remove, membership_id=each.pk, by=each.user) for each in admins]
    return [partial(team.change_role, membership_id=each.pk, role=Role.ANALYST, by=each.user) for each in admins]


@pytest.mark.parametrize("how", ["remove", "change"])
def test_admins_who_leave_at_once_leave_one(how: str) -> None:
    house = OrganizationFactory()
    for _person in range(8):
        member("admin", house)
    answers = race(leaving(house, how))
    assert told(answers) == {"NoneType" if how == "remove" else "Membership": 7, "LastAdmin": 1}
    assert house.memberships.filter(role="admin").count() == 1


@pytest.mark.parametrize(("how", "before"), [("remove", DELETING), ("change", WRITING)])
def test_admins_who_do_not_wait_for_each_other_leave_nobody(
    monkeypatch: pytest.MonkeyPatch, how: str, before: str
) -> None:
    """The twin that doesn't lock the organization."""
    house = OrganizationFactory()
    for _person in range(8):
        member("admin", house)
    acts = leaving(house, how)
    without_row_locks(monkeypatch)
    race(acts, meet_before=before)
    assert not house.memberships.filter(role="admin").exists()


def test_two_admins_who_remove_each_other_do_not_both_succeed() -> None:
    house = OrganizationFactory()
    first, second = member("admin", house), member("admin", house)
    member("admin", house)  # so that nobody is the last
    answers = race(
        [
            partial(team.remove, membership_id=first.memberships.get().pk, by=second),
            partial(team.remove, membership_id=second.memberships.get().pk, by=first),
        ]
    )
    assert told(answers) == {"NoneType": 1, "PermissionDenied": 1}
    assert house.memberships.count() == 2


def test_a_button_pressed_many_times_invites_once_openly() -> None:
    house = OrganizationFactory()
    boss = member("admin", house)
    invite = partial(team.invite, organization_id=house.pk, email="new@example.com", role=Role.SUPPORT, by=boss)
    assert told(race([invite] * 8)) == {"Invitation": 8}
    assert Invitation.objects.filter(withdrawn_at=None).count() == 1


def test_a_link_pressed_many_times_joins_once(monkeypatch: pytest.MonkeyPatch) -> None:
    house, new = OrganizationFactory(), customer(email="new@example.com")
    monkeypatch.setattr(team.codes, "secret", lambda: "s" * 32)
    boss = member("admin", house)
    team.invite(organization_id=house.pk, email="new@example.com", role=Role.SUPPORT, by=boss)
    answers = race([partial(team.accept, secret="s" * 32, user_id=new.pk)] * 8)
    assert told(answers) == {"Membership": 1, "InvitationOver": 7}
    assert Membership.objects.filter(user=new).count() == 1


def test_an_invitation_that_is_withdrawn_while_it_is_accepted_ends_one_way() -> None:
    house, new = OrganizationFactory(), customer(email="new@example.com")
    boss = member("admin", house)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(team.codes, "secret", lambda: "s" * 32)
        invitation = team.invite(organization_id=house.pk, email="new@example.com", role=Role.SUPPORT, by=boss)
    accept = partial(team.accept, secret="s" * 32, user_id=new.pk)
    withdraw = partial(team.withdraw, invitation_id=invitation.pk, by=boss)
    said = told(race([accept, withdraw], meet_before='FROM "accounts_organization"'))
    assert said in ({"Membership": 1, "GoneAlready": 1}, {"Invitation": 1, "InvitationOver": 1})
    assert Membership.objects.filter(user=new).exists() == ("Membership" in said)
