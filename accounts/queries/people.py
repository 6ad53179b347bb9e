"""Who works for an organization, as its admins see it."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Invitation, Membership, Organization
from accounts.roles import POWERS, Power, Role


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works here."""

    membership: int
    person: int
    name: str
    email: str
    role: Role
    since: datetime
    last_seen: datetime | None
    second_factor: bool
    is_active: bool

    @property
    def called(self) -> str:
        """The name, or the address of who has told none."""
        return self.name or self.email


def colleagues(organization: Organization) -> list[Colleague]:
    """Return who works here, in the order of their addresses."""
    return [_colleague(each) for each in _memberships(organization).order_by("user__email")]


def colleague(organization: Organization, membership_id: int) -> Colleague | None:
    """Return one of them, if there is that one here."""
    found = _memberships(organization).filter(pk=membership_id).first()
    return _colleague(found) if found else None


def invited(organization: Organization) -> QuerySet[Invitation]:
    """Return the invitations that were neither accepted nor withdrawn, those whose time is over too."""
    waiting = organization.invitations.filter(accepted_at=None, withdrawn_at=None)
    return waiting.select_related("invited_by").order_by("email")


def powers_by_role() -> list[tuple[Power, list[tuple[Role, bool]]]]:
    """Return for each power which roles have it."""
    return [(power, [(role, power in POWERS[role]) for role in Role]) for power in Power]


def _memberships(organization: Organization) -> QuerySet[Membership]:
    # Recovery codes alone are no second factor: they go with one.
    factors = Authenticator.objects.filter(user=OuterRef("user")).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return organization.memberships.select_related("user").annotate(second_factor=Exists(factors))


def _colleague(membership: Membership) -> Colleague:
    user = membership.user
    return Colleague(
        membership=membership.pk,
        person=user.pk,
        name=user.name,
        email=user.email,
        role=Role(membership.role),
        since=membership.since,
        last_seen=user.last_login,
        second_factor=membership.second_factor,  # type: ignore[attr-defined]
        is_active=user.is_active,
    )
