"""The overview of an account, and what its owner says of themselves."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from core.models import AuditEntry
from tests.factories import OrganizationFactory, customer, member
from tests.pages import text_of

pytestmark = pytest.mark.django_db

PROFILE = "/account/profile/"
SAID = {"name": "Ada Žoë 🎭", "phone": "+49 30 1", "language": "de"}


@pytest.fixture
def ada(client: Client) -> User:
    person = customer(email="ada@example.com", name="")
    client.force_login(person)
    return person


def row(person: User) -> dict[str, Any]:
    return User.objects.filter(pk=person.pk).values().get()


def test_what_is_said_is_saved_and_the_pages_speak_the_language(client: Client, ada: User) -> None:
    """R50"""
    response = client.post(PROFILE, SAID)
    assert (response.status_code, response.headers["Location"]) == (303, PROFILE)
    assert {field: row(ada)[field] for field in SAID} == SAID
    cookie = response.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, bool(cookie["httponly"]), cookie["samesite"]) == ("de", True, "Lax")
    page = client.get(PROFILE)
    assert page.headers["Content-Language"] == "de"
    assert [str(message) for message in page.context["messages"]] != []


def test_whatever_else_is_sent_is_ignored(client: Client, ada: User) -> None:
    """S13"""
    before = row(ada)
    house, other = OrganizationFactory(), customer()
    more = {
        "is_staff": "on",
        "is_superuser": "on",
        "is_active": "",
        "email": "eve@example.com",
        "password": "x",
        "id": other.pk,
        "user": other.pk,
        "organization": house.pk,
        "memberships": house.pk,
    }
    untouched = row(other)
    client.post(PROFILE, SAID | more)
    assert row(ada) == before | SAID
    assert row(other) == untouched
    assert not Membership.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("phone", "call me"), ("phone", "1" * 41), ("name", "a" * 151), ("language", "xx"), ("language", "")],
)
def test_what_cannot_be_is_named_beside_its_field(client: Client, ada: User, field: str, value: str) -> None:
    before = row(ada)
    response = client.post(PROFILE, SAID | {field: value})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    assert row(ada) == before
    assert settings.LANGUAGE_COOKIE_NAME not in response.cookies
    assert not AuditEntry.objects.exists()


def test_saving_only_the_same_leaves_no_trail(client: Client, ada: User) -> None:
    client.post(PROFILE, {"name": "", "phone": "", "language": "en"})
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("address", ["/account/", PROFILE])
def test_strangers_are_sent_to_sign_in_and_nothing_is_kept(client: Client, address: str) -> None:
    """S50, S10"""
    for headers in ({}, {"HX-Request": "true"}):
        response = client.get(address, headers=headers)
        assert (response.status_code, response.headers["Location"]) == (302, f"/account/login/?next={address}")
        assert "no-store" in response.headers["Cache-Control"]
    client.force_login(customer())
    assert "no-store" in client.get(address).headers["Cache-Control"]


def test_a_stranger_saves_nothing(client: Client) -> None:
    person = customer()
    before = row(person)
    assert client.post(PROFILE, SAID | {"id": person.pk}).status_code == 302
    assert row(person) == before


def test_a_form_from_elsewhere_saves_nothing(ada: User) -> None:
    """S15"""
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    before = row(ada)
    assert client.post(PROFILE, SAID).status_code == 403
    assert row(ada) == before


@pytest.mark.parametrize(("role", "sees"), [(None, False), ("support", True)])
def test_the_way_to_the_back_office_is_for_who_works_there(client: Client, role: str | None, sees: bool) -> None:
    house = OrganizationFactory(name="The House")
    client.force_login(member(role, house) if role else customer())
    response = client.get("/account/")
    text = text_of(response)
    assert ("Back office" in text, "The House" in text) == (sees, sees)
    assert (reverse("admin:index") in response.content.decode()) is sees
