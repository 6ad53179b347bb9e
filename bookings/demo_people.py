"""Who can sign in to the demonstration: one person for each role, a site administrator and a customer."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Prefetch

from accounts.models import Membership, Organization, User
from accounts.roles import Role

PASSWORD = "demonstration"  # noqa: S105 - told to everybody; only trials have these people

SITE = ("site@stagedoor.example", "Demo Site Administrator")
CUSTOMER = ("customer@stagedoor.example", "Demo Customer")
STAFF = {
    Role.ADMIN: ("admin@stagedoor.example", "Demo Admin"),
    Role.ORGANIZER: ("organizer@stagedoor.example", "Demo Organizer"),
    Role.ENTRY_MANAGER: ("entry-manager@stagedoor.example", "Demo Entry"),
    Role.SUPPORT: ("support@stagedoor.example", "Demo Support"),
    Role.ANALYST: ("analyst@stagedoor.example", "Demo Analyst"),
}
TOUR_SUPPORT = ("tour-support@stagedoor.example", "Demo Tour Support")
ALSO_ON_TOUR = (Role.ADMIN, Role.ORGANIZER)
"""They work for both organizations, so that switching can be tried."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody of the demonstration who can sign in with its password."""

    email: str
    role: str
    works_for: str


def make_people(house: Organization, tour: Organization) -> None:
    """Make everybody; the password's slow digest is reckoned once."""
    digest = make_password(PASSWORD)
    _person(*SITE, digest, is_superuser=True)
    _person(*CUSTOMER, digest)
    for role, who in STAFF.items():
        user = _person(*who, digest)
        for place in (house, tour) if role in ALSO_ON_TOUR else (house,):
            Membership.objects.create(user=user, organization=place, role=role)
    Membership.objects.create(user=_person(*TOUR_SUPPORT, digest), organization=tour, role=Role.SUPPORT)


def _person(email: str, name: str, digest: str, *, is_superuser: bool = False) -> User:
    user = User.objects.create(email=email, name=name, password=digest, is_superuser=is_superuser)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def customer() -> User:
    """Return the one who buys."""
    return User.objects.get(email=CUSTOMER[0])


def seller() -> User:
    """Return the one at the box office."""
    return User.objects.get(email=STAFF[Role.SUPPORT][0])


def organizer() -> User:
    """Return the one who sets up events."""
    return User.objects.get(email=STAFF[Role.ORGANIZER][0])


def sign_ins() -> Iterator[SignIn]:
    """Yield who of the demonstration is there and still has its password, in the order of what they may."""
    fits = cache(lambda digest: check_password(PASSWORD, digest))
    memberships = Membership.objects.select_related("organization").order_by("organization__name")
    people = User.objects.filter(is_active=True).prefetch_related(Prefetch("memberships", memberships))
    emails = [email for email, _name in (SITE, *STAFF.values(), TOUR_SUPPORT, CUSTOMER)]
    found = people.in_bulk(emails, field_name="email")
    for user in (found[email] for email in emails if email in found):
        if fits(user.password):
            yield SignIn(user.email, _role(user), ", ".join(str(each.organization) for each in user.memberships.all()))


def _role(user: User) -> str:
    if user.is_superuser:
        return "site administrator"
    roles = {each.get_role_display() for each in user.memberships.all()}
    return " and ".join(sorted(roles)) or "customer"
