"""What people say of themselves, and how they leave."""

from datetime import datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation, Membership, User
from accounts.services import people
from core import clock
from core.models import AuditEntry
from notifications import outbox
from notifications.models import Message
from tests.factories import OrganizationFactory, customer, member

pytestmark = pytest.mark.django_db


def anonymise(user: User) -> User:
    """As a service of a later app does it."""
    with transaction.atomic():
        people.anonymise(User.objects.select_for_update().get(pk=user.pk), at=clock.now(), by=user)
    return User.objects.get(pk=user.pk)


def invite(email: str, by: User, **fields: Any) -> Invitation:
    """Offer a role by mail."""
    return Invitation.objects.create(
        organization=fields.pop("organization", None) or OrganizationFactory(),
        email=email,
        role="support",
        digest=email,
        invited_by=by,
        created_at=clock.now(),
        expires_at=clock.now(),
        **fields,
    )


def test_the_trail_names_what_changed_and_not_to_what(noon: datetime) -> None:
    ada = customer(name="Ada", phone="")
    saved = people.change_profile(user_id=ada.pk, name="Ada Žoë", phone="", language="de", by=ada)
    assert (saved.name, saved.phone, saved.language) == ("Ada Žoë", "", "de")
    people.change_profile(user_id=ada.pk, name="Ada Žoë", phone="", language="de", by=ada)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.facts) == ("person.profile_changed", ada, {"changed": ["name", "language"]})


def test_nothing_that_says_who_it_was_is_left(noon: datetime) -> None:
    ada = member("support", email="ada@example.com", name="Ada", phone="+49 30 1", last_login=noon)
    ada.set_password("correct horse battery")
    ada.save()
    invite("ada@example.com", by=member())
    Authenticator.objects.create(user=ada, type="totp", data={"secret": "x"})
    with transaction.atomic():
        outbox.post(kind="code", about=ada, to=ada.email, subject="s", text="t", html="", at=noon, once=False)
    gone = anonymise(ada)
    assert (gone.email, gone.name, gone.phone) == (f"deleted-{ada.pk}@deleted.invalid", "", "")
    assert (gone.is_active, gone.is_staff, gone.last_login, gone.has_usable_password()) == (False, False, None, False)
    assert authenticate(username="ada@example.com", password="correct horse battery") is None
    assert authenticate(username=gone.email, password="correct horse battery") is None
    for model in (EmailAddress, Authenticator, Membership):
        assert not model.objects.filter(user=ada).exists()
    assert not Invitation.objects.filter(email="ada@example.com").exists()
    assert not Message.objects.exists()
    facts = " ".join(str(entry.facts) for entry in AuditEntry.objects.all())
    assert "ada" not in facts.lower()
    assert AuditEntry.objects.filter(action="membership.ended", by=ada).count() == 1


def test_a_site_administrator_who_leaves_is_none_any_more(noon: datetime) -> None:
    root = User.objects.create_superuser("root@example.com", "correct horse battery")
    gone = anonymise(root)
    assert (gone.is_superuser, gone.is_staff) == (False, False)


def test_every_session_ends(noon: datetime) -> None:
    ada, bob = customer(), customer()
    clients = [Client() for _browser in range(3)]
    for client in clients:
        client.force_login(ada)
    other = Client()
    other.force_login(bob)
    listed = Session.objects.get(pk=clients[0].session.session_key)
    UserSession.objects.create(user=ada, ip="192.0.2.1", session_key=listed.pk)
    anonymise(ada)
    assert not Session.objects.filter(pk=listed.pk).exists()
    assert not UserSession.objects.exists()
    assert {client.get(reverse("account")).status_code for client in clients} == {302}
    assert other.get(reverse("account")).status_code == 200


def test_what_others_have_stays(noon: datetime) -> None:
    ada, bob = customer(), member("support", email="bob@example.com", name="Bob")
    Authenticator.objects.create(user=bob, type="totp", data={"secret": "x"})
    invitation = invite("carol@example.com", by=ada)
    anonymise(ada)
    bob.refresh_from_db()
    assert (bob.email, bob.name, bob.is_active) == ("bob@example.com", "Bob", True)
    assert Authenticator.objects.get().user == EmailAddress.objects.get().user == Membership.objects.get().user == bob
    assert Invitation.objects.get() == invitation


def test_nobody_joins_by_a_link_of_who_has_left(noon: datetime) -> None:
    """S3"""
    ada = member("admin")
    invitation = invite("carol@example.com", by=ada, organization=ada.memberships.get().organization)
    anonymise(ada)
    invitation.refresh_from_db()
    assert invitation.withdrawn_at == noon


@pytest.mark.parametrize(
    ("others", "needed"),
    [([], True), (["support"], True), (["admin"], False), (["gone admin"], True), (["admin", "support"], False)],
)
def test_an_organization_needs_one_admin_who_can_sign_in(others: list[str], needed: bool) -> None:
    house = OrganizationFactory()
    admin = member("admin", house)
    for role in others:
        member(role.removeprefix("gone "), house, is_active="gone" not in role)
    member("admin")  # of another house
    assert people.only_admin_of(admin) == ([house] if needed else [])
    if needed:
        with transaction.atomic(), pytest.raises(people.LastAdmin):
            people.check_not_needed(admin)
    else:
        with transaction.atomic():
            people.check_not_needed(admin)


@pytest.mark.parametrize("role", ["support", "organizer", "analyst", "entry_manager"])
def test_who_is_no_admin_may_leave(role: str) -> None:
    assert people.only_admin_of(member(role)) == []
    assert people.only_admin_of(customer()) == []
