"""Who works here (S3, S51)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import Invitation, Membership, Organization, User
from accounts.roles import Power, Role
from accounts.services import team
from core import clock, codes
from core.models import AuditEntry
from notifications.models import Message
from notifications.outbox import deliver
from tests.factories import OrganizationFactory, UserFactory, customer, member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> Organization:
    return OrganizationFactory(name="The House", support_email="help@house.example")


@pytest.fixture
def boss(house: Organization) -> User:
    return member("admin", house, name="Bea Boss")


def invite(house: Organization, by: User, email: str = "new@example.com", role: Role = Role.SUPPORT) -> Invitation:
    return team.invite(organization_id=house.pk, email=email, role=role, by=by)


def secret_of(invitation: Invitation) -> str:
    """The link's secret, from the mail, since nowhere else is it kept."""
    message = Message.objects.get(kind="invitation", about_id=invitation.pk)
    (line,) = [line for line in message.text.splitlines() if "/invitations/" in line]
    return line.rstrip("/").rpartition("/")[2]


def trail(action: str) -> list[dict[str, Any]]:
    return list(AuditEntry.objects.filter(action=action).order_by("pk").values_list("facts", flat=True))


def powers(user: User) -> set[str]:
    """What the person may do, as the next request asks it."""
    now = User.objects.get(pk=user.pk)
    return {power.value for power in Power if now.has_perm(power.permission)}


# --- Invitations ----------------------------------------------------------------------------------


def test_an_invitation_is_a_mail_to_the_address_without_capitals(
    house: Organization, boss: User, noon: datetime
) -> None:
    invitation = invite(house, boss, " New@Example.com ")
    assert (invitation.email, invitation.role, invitation.expires_at) == (
        "new@example.com",
        "support",
        noon + timedelta(days=7),
    )
    message = Message.objects.get()
    assert (message.to, message.subject) == ("new@example.com", "The House invites you to its team")
    for said in ("Bea Boss", "The House", "support", "help@house.example", "8 Jun 2026, 14:00 (CEST)"):
        assert said in message.text
        assert said in message.html
    assert message.organization == house


def test_the_secret_is_in_the_mail_alone_and_there_only_until_it_is_sent(house: Organization, boss: User) -> None:
    """S51"""
    invitation = invite(house, boss)
    secret = secret_of(invitation)
    assert invitation.digest == codes.digest(secret)
    assert secret not in str(list(Invitation.objects.values()))
    assert secret not in str(list(AuditEntry.objects.values()))
    message = Message.objects.get()
    assert message.confidential
    assert deliver(message.pk)
    assert secret not in str(list(Message.objects.values()))


def test_a_second_invitation_takes_the_place_of_the_first(house: Organization, boss: User) -> None:
    first = invite(house, boss)
    old = secret_of(first)
    second = invite(house, boss, "NEW@example.com", Role.ANALYST)
    first.refresh_from_db()
    assert first.withdrawn_at is not None
    assert team.find(secret_of(second)) == second
    with pytest.raises(team.InvitationOver):
        team.find(old)
    assert trail("invitation.withdrawn") == [{"role": "support"}]


def test_houses_invite_the_same_address_without_knowing_of_each_other(house: Organization, boss: User) -> None:
    first = invite(house, boss)
    other = member("admin")
    team.invite(organization_id=other.workplaces[0].organization.pk, email="new@example.com", role=Role.ADMIN, by=other)
    assert team.find(secret_of(first)) == first


def test_who_works_here_is_not_invited(house: Organization, boss: User) -> None:
    there = member("support", house)
    with pytest.raises(team.AlreadyHere):
        invite(house, boss, there.email.upper())
    assert not Invitation.objects.exists()
    assert not Message.objects.exists()


def test_inviting_does_the_same_whether_the_address_has_an_account_or_not(house: Organization, boss: User) -> None:
    """S1"""
    customer(email="known@example.com", language="de")
    invite(house, boss, "known@example.com")
    invite(house, boss, "nobody@example.com")
    known, nobody = Message.objects.order_by("pk")

    def without_what_differs(message: Message) -> str:
        secret = secret_of(Invitation.objects.get(pk=message.about_id))
        return message.text.replace(message.to, "…").replace(secret, "…").rpartition("until")[0]

    assert without_what_differs(known) == without_what_differs(nobody)
    assert known.subject == nobody.subject


def test_the_invited_joins(house: Organization, boss: User) -> None:
    new = customer(email="new@example.com")
    invitation = invite(house, boss)
    membership = team.accept(secret=secret_of(invitation), user_id=new.pk)
    assert (membership.user, membership.organization, membership.role) == (new, house, "support")
    assert powers(new) == {"see_events", "see_bookings", "manage_bookings", "sell"}
    assert trail("invitation.accepted") == [{"role": "support"}]
    assert trail("membership.created") == [{"role": "support", "person": new.pk}]
    assert AuditEntry.objects.get(action="membership.created").by == new


def test_an_invitation_gives_who_works_here_meanwhile_the_new_role(house: Organization, boss: User) -> None:
    invitation = invite(house, boss, role=Role.ORGANIZER)
    there = member("analyst", house, email="new@example.com")
    team.accept(secret=secret_of(invitation), user_id=there.pk)
    assert Membership.objects.get(user=there).role == "organizer"
    assert trail("membership.changed") == [{"role": ["analyst", "organizer"], "person": there.pk}]


def test_an_invitation_takes_no_last_admin_away(house: Organization, boss: User) -> None:
    last = member("admin", house, email="new@example.com")
    invitation = invite(house, UserFactory(is_superuser=True), "other@example.com")
    Invitation.objects.update(email="new@example.com")  # who works here is not invited: this one was before
    team.remove(membership_id=boss.memberships.get().pk, by=last)
    with pytest.raises(team.LastAdmin):
        team.accept(secret=secret_of(invitation), user_id=last.pk)
    assert Membership.objects.get(user=last).role == "admin"
    assert not trail("invitation.accepted")


@pytest.mark.parametrize("end", ["accepted", "withdrawn", "over", "unknown"])
def test_a_link_that_is_not_open_lets_nobody_in(house: Organization, boss: User, noon: datetime, end: str) -> None:
    new, invitation = customer(email="new@example.com"), invite(house, boss)
    secret = secret_of(invitation)
    match end:
        case "accepted":
            team.accept(secret=secret, user_id=new.pk)
            Membership.objects.filter(user=new).delete()
        case "withdrawn":
            team.withdraw(invitation_id=invitation.pk, by=boss)
        case "over":
            clock.advance(timedelta(days=7))
        case "unknown":
            secret = codes.secret()
    with pytest.raises(team.InvitationOver):
        team.accept(secret=secret, user_id=new.pk)
    assert not Membership.objects.filter(user=new).exists()


def test_an_invitation_is_open_to_its_last_moment(house: Organization, boss: User, noon: datetime) -> None:
    new, invitation = customer(email="new@example.com"), invite(house, boss)
    clock.advance(timedelta(days=7, microseconds=-1))
    team.accept(secret=secret_of(invitation), user_id=new.pk)
    assert Membership.objects.filter(user=new).exists()


def test_only_who_has_proved_to_own_the_address_joins(house: Organization, boss: User) -> None:
    invitation = invite(house, boss)
    unproved = UserFactory(email="new@example.com")
    unproved.emailaddress_set.create(email="new@example.com", verified=False, primary=True)
    for somebody in (unproved, customer(email="eve@example.com")):
        with pytest.raises(team.AnotherAddress):
            team.accept(secret=secret_of(invitation), user_id=somebody.pk)
    assert Membership.objects.count() == 1
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_what_was_accepted_can_not_be_withdrawn(house: Organization, boss: User) -> None:
    new, invitation = customer(email="new@example.com"), invite(house, boss)
    team.accept(secret=secret_of(invitation), user_id=new.pk)
    with pytest.raises(team.GoneAlready):
        team.withdraw(invitation_id=invitation.pk, by=boss)
    assert Membership.objects.filter(user=new).exists()


# --- Roles ----------------------------------------------------------------------------------------


def test_another_role_counts_from_the_next_request(house: Organization, boss: User) -> None:
    """S3"""
    person = member("organizer", house)
    assert "manage_events" in powers(person)
    team.change_role(membership_id=person.memberships.get().pk, role=Role.ANALYST, by=boss)
    assert powers(person) == {"see_events", "see_revenue"}
    assert trail("membership.changed") == [{"role": ["organizer", "analyst"], "person": person.pk}]


def test_the_same_role_again_changes_and_records_nothing(house: Organization, boss: User) -> None:
    person = member("organizer", house)
    team.change_role(membership_id=person.memberships.get().pk, role=Role.ORGANIZER, by=boss)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("end", ["removed", "demoted"])
def test_who_may_not_invite_any_more_has_no_open_invitations(house: Organization, boss: User, end: str) -> None:
    """S3: nobody comes back by a link that they sent to another address of their own."""
    leaving, elsewhere = member("admin", house, email="leaving@example.com"), OrganizationFactory()
    Membership.objects.create(user=leaving, organization=elsewhere, role="admin")
    back, theirs = invite(house, leaving, "again@example.com", Role.ADMIN), invite(house, boss, "other@example.com")
    foreign, there = invite(elsewhere, leaving), leaving.memberships.get(organization=house)
    secret = secret_of(back)
    if end == "removed":
        team.remove(membership_id=there.pk, by=boss)
    else:
        team.change_role(membership_id=there.pk, role=Role.ORGANIZER, by=boss)
    with pytest.raises(team.InvitationOver):
        team.accept(secret=secret, user_id=customer(email="again@example.com").pk)
    open_still = Invitation.objects.filter(withdrawn_at=None).order_by("pk")
    assert list(open_still) == [theirs, foreign]
    assert AuditEntry.objects.get(action="invitation.withdrawn").object_id == back.pk


def test_who_is_removed_may_nothing_and_keeps_the_account(house: Organization, boss: User) -> None:
    """S3"""
    person, elsewhere = member("organizer", house), OrganizationFactory()
    Membership.objects.create(user=person, organization=elsewhere, role="analyst")
    there = person.memberships.get(organization=house)
    team.remove(membership_id=there.pk, by=boss)
    assert [each.organization for each in User.objects.get(pk=person.pk).workplaces] == [elsewhere]
    entry = AuditEntry.objects.get(action="membership.removed")
    assert (entry.object_id, entry.by, entry.organization) == (there.pk, boss, house)
    assert entry.facts == {"role": "organizer", "person": person.pk}
    with pytest.raises(team.GoneAlready):
        team.remove(membership_id=there.pk, by=boss)
    with pytest.raises(team.GoneAlready):
        team.change_role(membership_id=there.pk, role=Role.ADMIN, by=boss)


@pytest.mark.parametrize("by", ["oneself", "a site administrator"])
def test_the_last_admin_stays_one(house: Organization, boss: User, by: str) -> None:
    actor = boss if by == "oneself" else UserFactory(is_superuser=True)
    member("admin")  # of another house
    member("admin", house, is_active=False)  # can't sign in
    membership = boss.memberships.get()
    with pytest.raises(team.LastAdmin):
        team.remove(membership_id=membership.pk, by=actor)
    with pytest.raises(team.LastAdmin):
        team.change_role(membership_id=membership.pk, role=Role.ORGANIZER, by=actor)
    assert Membership.objects.get(pk=membership.pk).role == "admin"
    assert not AuditEntry.objects.exists()


def test_one_of_two_admins_may_go(house: Organization, boss: User) -> None:
    member("admin", house)
    team.remove(membership_id=boss.memberships.get().pk, by=boss)
    assert powers(boss) == set()


@pytest.mark.parametrize("role", [*set(Role) - {Role.ADMIN}, "none", "admin elsewhere", "removed", "disabled"])
def test_nobody_else_touches_the_team(house: Organization, boss: User, role: str) -> None:
    """S3, S9: also nobody who just lost the role, though their page is still open."""
    match role:
        case "none":
            actor = customer()
        case "admin elsewhere":
            actor = member("admin")
        case "removed":
            actor = member("admin", house)
            assert actor.workplace
            Membership.objects.filter(user=actor).delete()
        case "disabled":
            actor = member("admin", house)
            User.objects.filter(pk=actor.pk).update(is_active=False)
        case _:
            actor = member(role, house)
    invitation, membership = invite(house, boss), member("support", house).memberships.get()
    before = list(Membership.objects.order_by("pk").values())
    entries = AuditEntry.objects.count()
    own = actor.memberships.filter(organization=house).first()
    for forbidden in (
        lambda: invite(house, actor, "eve@example.com", Role.ADMIN),
        lambda: team.withdraw(invitation_id=invitation.pk, by=actor),
        lambda: team.change_role(membership_id=(own or membership).pk, role=Role.ADMIN, by=actor),
        lambda: team.remove(membership_id=membership.pk, by=actor),
    ):
        with pytest.raises(PermissionDenied):
            forbidden()
    assert list(Membership.objects.order_by("pk").values()) == before
    assert list(Invitation.objects.values_list("pk", "withdrawn_at")) == [(invitation.pk, None)]
    assert AuditEntry.objects.count() == entries


def test_a_site_administrator_may_act(house: Organization) -> None:
    invite(house, UserFactory(is_superuser=True), role=Role.ADMIN)
    assert Invitation.objects.get().role == "admin"


def test_no_entry_of_the_trail_holds_an_address(house: Organization, boss: User) -> None:
    """S51"""
    new = customer(email="new@example.com", name="Nora New")
    team.withdraw(invitation_id=invite(house, boss, "other@example.com").pk, by=boss)
    membership = team.accept(secret=secret_of(invite(house, boss)), user_id=new.pk)
    team.change_role(membership_id=membership.pk, role=Role.ADMIN, by=boss)
    team.remove(membership_id=membership.pk, by=boss)
    facts = str(list(AuditEntry.objects.values_list("facts", flat=True)))
    assert "@" not in facts
    assert "Nora" not in facts
    assert set(AuditEntry.objects.values_list("organization", flat=True)) == {house.pk}
