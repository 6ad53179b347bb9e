"""People and houses: what the database refuses, and how people are found."""

from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError

from accounts.models import Invitation, Membership, Organization, User, validate_time_zone
from accounts.roles import Role
from core import clock
from tests.conftest import NOON
from tests.constraints import refused_by
from tests.factories import OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_an_email_has_no_capitals() -> None:
    user = UserFactory()
    with refused_by("an_email_has_no_capitals"):
        User.objects.filter(pk=user.pk).update(email="Ada@example.com")


def test_two_people_have_two_addresses() -> None:
    UserFactory(email="ada@example.com")
    with refused_by("email", "email"):
        UserFactory(email="ada@example.com")


def test_an_address_is_stored_small_and_found_in_any_writing() -> None:
    user = User.objects.create_user("  Ada@Example.COM ", "correct horse battery")
    assert user.email == str(user) == "ada@example.com"
    assert User.objects.get_by_natural_key(" ADA@example.com ") == user
    assert authenticate(username="ADA@EXAMPLE.COM", password="correct horse battery") == user
    assert authenticate(username="ada@example.com", password="wrong") is None
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_without_a_password_nobody_signs_in() -> None:
    user = User.objects.create_user("ada@example.com")
    assert not user.has_usable_password()
    assert authenticate(username="ada@example.com", password="") is None


def test_an_administrator_is_staff() -> None:
    user = User.objects.create_superuser("root@example.com", "correct horse battery")
    assert (user.is_staff, user.is_superuser) == (True, True)


@pytest.mark.parametrize(
    ("field", "constraint"),
    [("fee_basis_points", "a_fee_is_at_most_the_price"), ("tax_basis_points", "a_tax_is_at_most_the_price")],
)
def test_fee_and_tax_are_at_most_the_price(field: str, constraint: str) -> None:
    OrganizationFactory(**{field: 10_000})
    with refused_by(constraint):
        OrganizationFactory(**{field: 10_001})


@pytest.mark.parametrize("field", ["name", "slug"])
def test_two_houses_have_two_names(field: str) -> None:
    OrganizationFactory(**{field: "same"})
    with refused_by(field, field):
        OrganizationFactory(**{field: "same"})


def test_a_person_has_one_role_in_a_house() -> None:
    user, house = UserFactory(), OrganizationFactory()
    Membership.objects.create(user=user, organization=house, role="support")
    with refused_by("one_role_per_person_and_organization", "user_id", "organization_id"):
        Membership.objects.create(user=user, organization=house, role="admin")
    Membership.objects.create(user=user, organization=OrganizationFactory(), role="admin")


@pytest.mark.parametrize("role", Role.values)
def test_every_role_can_be_given(role: str) -> None:
    house = OrganizationFactory(name="The House")
    membership = Membership.objects.create(user=UserFactory(email="a@b.example"), organization=house, role=role)
    assert str(membership) == f"a@b.example, {Role(role).label} of The House"


def invited(**fields: Any) -> Invitation:
    """Offer somebody a role."""
    now = clock.now()
    offered = {
        "organization": fields.pop("organization", None) or OrganizationFactory(),
        "email": "new@example.com",
        "role": "support",
        "digest": "d" * 64,
        "invited_by": UserFactory(),
        "created_at": now,
        "expires_at": now,
    }
    return Invitation.objects.create(**offered | fields)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("an_invitation_is_to_a_known_role", {"role": "owner"}),
        ("an_invited_email_has_no_capitals", {"email": "New@example.com"}),
        ("an_invitation_ends_one_way", {"accepted_at": NOON, "withdrawn_at": NOON}),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused(constraint: str, fields: dict[str, Any]) -> None:
    with refused_by(constraint):
        invited(**fields)


def test_an_address_has_one_open_invitation_to_a_house() -> None:
    house = OrganizationFactory()
    first = invited(organization=house, digest="1")
    with refused_by("one_open_invitation_per_address", "organization_id", "email"):
        invited(organization=house, digest="2")
    Invitation.objects.filter(pk=first.pk).update(withdrawn_at=NOON)
    invited(organization=house, digest="3")
    invited(digest="4")


def test_a_role_is_known() -> None:
    with refused_by("a_role_is_known"):
        Membership.objects.create(user=UserFactory(), organization=OrganizationFactory(), role="owner")


@pytest.mark.parametrize("name", ["Berlin", "", "europe/berlin", "Europe/Berlin ", "../etc/passwd", "CEST"])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        validate_time_zone(name)


def test_a_house_is_checked_by_its_form() -> None:
    house = Organization(name="H", slug="h", currency="eur", time_zone="Nowhere")
    with pytest.raises(ValidationError) as caught:
        house.full_clean()
    assert set(caught.value.message_dict) == {"currency", "time_zone"}
