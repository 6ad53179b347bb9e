"""
Who works for an organization: invitations by mail, roles, and the end of both.

The organization's row is the lock of its whole team: whoever changes it waits for whoever does already, and
looks again. So no two admins can each take the other for the one who stays.
"""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Invitation, Membership, Organization, User
from accounts.roles import POWERS, Power, Role
from core import audit, clock, codes
from core.http import absolute
from core.refusals import Refusal
from core.transactions import outermost
from notifications import outbox

OPEN_FOR = timedelta(days=7)


class AlreadyHere(Refusal):
    """Who is invited works here already."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("This person works here already. You can change the role in the list."))


class LastAdmin(Refusal):
    """Without this person, nobody could invite people and set the organization's rules."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("This is the last admin. Make somebody else an admin first."))


class GoneAlready(Refusal):
    """Somebody else was faster."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("This was ended by somebody else meanwhile. Nothing was changed."))


class InvitationOver(Refusal):
    """The link opens nothing: it is unknown, used, withdrawn or too old. Which of these, nobody is told."""

    status = 410

    def __init__(self) -> None:
        super().__init__(gettext_lazy("This invitation isn't open any more. Please ask for a new one."))


class AnotherAddress(Refusal):
    """The invitation is for somebody else."""

    status = 403

    def __init__(self) -> None:
        super().__init__(gettext_lazy("This invitation was sent to another address than yours."))


@outermost
def invite(*, organization_id: int, email: str, role: Role, by: Any) -> Invitation:
    """
    Offer a role to an address by mail, for seven days. An open invitation to it is replaced; its link is dead.

    Nothing tells the caller whether the address has an account. Raises AlreadyHere for who works here.
    """
    organization = _locked(organization_id, by)
    email, now = email.strip().lower(), clock.now()
    if organization.memberships.filter(user__email=email).exists():
        raise AlreadyHere
    for earlier in organization.invitations.filter(email=email, accepted_at=None, withdrawn_at=None):
        _withdraw(earlier, at=now, by=by)
    secret = codes.secret()
    invitation = Invitation.objects.create(
        organization=organization,
        email=email,
        role=role,
        digest=codes.digest(secret),
        invited_by=by,
        created_at=now,
        expires_at=now + OPEN_FOR,
    )
    audit.record("invitation.sent", invitation, at=now, by=by, role=role)
    _mail(invitation, secret, at=now)
    return invitation


@outermost
def withdraw(*, invitation_id: int, by: Any) -> Invitation:
    """Take an invitation back: its link opens nothing from now on. Raises GoneAlready when it was used meanwhile."""
    _locked(Invitation.objects.get(pk=invitation_id).organization_id, by)
    invitation = Invitation.objects.get(pk=invitation_id)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise GoneAlready
    return _withdraw(invitation, at=clock.now(), by=by)


@outermost
def accept(*, secret: str, user_id: int) -> Membership:
    """
    Join with the role that the invitation offers; who works there already has it from now on instead.

    Raises InvitationOver, AnotherAddress when the invited address isn't a verified one of this person,
    LastAdmin when the new role would leave the organization without an admin.
    """
    found = find(secret)
    _lock(found.organization_id)
    invitation, now = Invitation.objects.select_related("organization").get(pk=found.pk), clock.now()
    if not is_open(invitation, now):
        raise InvitationOver
    user = User.objects.get(pk=user_id)
    if not owns(user, invitation.email):
        raise AnotherAddress
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    audit.record("invitation.accepted", invitation, at=now, by=user, role=invitation.role)
    return _join(invitation, user, now)


@outermost
def change_role(*, membership_id: int, role: Role, by: Any) -> Membership:
    """
    Give another role, effective from the person's next request. Open invitations of who may invite no more are
    withdrawn. Raises LastAdmin, GoneAlready.
    """
    return _set_role(_locked_membership(membership_id, by), role, at=clock.now(), by=by)


@outermost
def remove(*, membership_id: int, by: Any) -> None:
    """
    Let somebody work here no longer, from their next request. Their account and all they did stay, but for
    invitations of theirs that are still open: else they could come back by one to an address of their own.

    Raises LastAdmin, GoneAlready.
    """
    membership, now = _locked_membership(membership_id, by), clock.now()
    _keep_an_admin(membership)
    withdraw_sent(membership, at=now, by=by)
    facts = {"role": membership.role, "person": membership.user_id}
    audit.record("membership.removed", membership, at=now, by=by, **facts)
    membership.delete()


def withdraw_sent(membership: Membership, *, at: datetime, by: Any) -> None:
    """With the team locked: take back what this person has offered there, and nobody has accepted yet."""
    sent = Invitation.objects.filter(organization=membership.organization_id, invited_by=membership.user_id)
    for invitation in sent.filter(accepted_at=None, withdrawn_at=None).order_by("pk"):
        _withdraw(invitation, at=at, by=by)


def find(secret: str) -> Invitation:
    """Return the open invitation that this link belongs to; raises InvitationOver, whatever the reason."""
    rows = Invitation.objects.select_related("organization", "invited_by")
    invitation = rows.filter(digest=codes.digest(secret)).first()
    if invitation is None or not is_open(invitation, clock.now()):
        raise InvitationOver
    return invitation


def is_open(invitation: Invitation, now: datetime) -> bool:
    """Whether it can still be accepted."""
    return not (invitation.accepted_at or invitation.withdrawn_at) and now < invitation.expires_at


def owns(user: Any, email: str) -> bool:
    """Whether this person has proved to read mail to the address."""
    return EmailAddress.objects.filter(user=user, email=email, verified=True).exists()


def _locked(organization_id: int, by: Any) -> Organization:
    """Lock the team, and look whether this person may change it: perhaps not any more."""
    organization = _lock(organization_id)
    now = User.objects.get(pk=by.pk)
    if not any(
        each.organization.pk == organization_id and Power.MANAGE_PEOPLE in each.powers
        for each in (now.workplaces if now.is_active else [])
    ):
        raise PermissionDenied
    return organization


def _lock(organization_id: int) -> Organization:
    return Organization.objects.select_for_update(no_key=True).get(pk=organization_id)


def _locked_membership(membership_id: int, by: Any) -> Membership:
    seen = Membership.objects.filter(pk=membership_id).first()
    if seen is None:
        raise GoneAlready
    _locked(seen.organization_id, by)
    membership = Membership.objects.filter(pk=membership_id).first()
    if membership is None:
        raise GoneAlready
    return membership


def _withdraw(invitation: Invitation, *, at: datetime, by: Any) -> Invitation:
    invitation.withdrawn_at = at
    invitation.save(update_fields=["withdrawn_at"])
    audit.record("invitation.withdrawn", invitation, at=at, by=by, role=invitation.role)
    return invitation


def _join(invitation: Invitation, user: User, at: datetime) -> Membership:
    role = Role(invitation.role)
    there = Membership.objects.filter(organization=invitation.organization_id, user=user).first()
    if there:
        return _set_role(there, role, at=at, by=user)
    membership = Membership.objects.create(organization=invitation.organization, user=user, role=role, since=at)
    audit.record("membership.created", membership, at=at, by=user, role=role, person=user.pk)
    return membership


def _set_role(membership: Membership, role: Role, *, at: datetime, by: Any) -> Membership:
    before = membership.role
    if before == role:
        return membership
    if role != Role.ADMIN:
        _keep_an_admin(membership)
    if Power.MANAGE_PEOPLE not in POWERS[role]:
        withdraw_sent(membership, at=at, by=by)
    membership.role = role
    membership.save(update_fields=["role"])
    audit.record("membership.changed", membership, at=at, by=by, role=[before, role], person=membership.user_id)
    return membership


def _keep_an_admin(leaving: Membership) -> None:
    """With the team locked: raise LastAdmin if only this person is an admin who can sign in."""
    admins = Membership.objects.filter(organization=leaving.organization_id, role=Role.ADMIN, user__is_active=True)
    if leaving.role == Role.ADMIN and not admins.exclude(pk=leaving.pk).exists():
        raise LastAdmin


def _mail(invitation: Invitation, secret: str, *, at: datetime) -> None:
    """In the language of who invites: whether there is an account that prefers another is nobody's business."""
    organization = invitation.organization
    subject = _("%(organization)s invites you to its team") % {"organization": organization.name}
    context = {
        "invitation": invitation,
        "organization": organization,
        "inviter": invitation.invited_by,
        "role": Role(invitation.role),
        "url": absolute(reverse("invitation", args=[secret])),
        "subject": subject,
    }
    outbox.post(
        kind="invitation",
        about=invitation,
        to=invitation.email,
        subject=" ".join(subject.split()),
        text=render_to_string("accounts/mail/invitation.txt", context),
        html=render_to_string("accounts/mail/invitation.html", context),
        at=at,
        once=False,
        confidential=True,
    )
