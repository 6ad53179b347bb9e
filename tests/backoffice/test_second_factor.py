"""Staff can be required to have a second factor (S6)."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from accounts.models import Membership, Organization, User
from backoffice.site import ALWAYS_OPEN
from tests.factories import OrganizationFactory, UserFactory, member
from tests.pages import plain_static

pytestmark = pytest.mark.django_db

__all__ = ["plain_static"]

PASSWORD = "a long enough one"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def strict() -> Organization:
    return OrganizationFactory(name="Strict House", second_factor_required=True)


@pytest.fixture
def boss(strict: Organization) -> User:
    boss = member("admin", strict, email="boss@example.com")
    boss.set_password(PASSWORD)
    boss.save()
    return boss


def code() -> str:
    return format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))


def sign_in(client: Client) -> Any:
    return client.post(reverse("account_login"), {"login": "boss@example.com", "password": PASSWORD})


def with_record(client: Client, user: User, **record: Any) -> None:
    """A session that the library has noted this of."""
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"at": time.time()} | record]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def addresses() -> list[str]:
    """Every address under /admin/ that asks for it, with numbers that lead nowhere."""

    def walk(patterns: Any) -> Iterator[URLPattern]:
        for each in patterns:
            if isinstance(each, URLResolver):
                yield from walk(each.url_patterns)
            elif each.name:
                yield each

    def address(page: URLPattern) -> str:
        names = page.pattern.converters or page.pattern.regex.groupindex
        said = {"app_label": "accounts", "period": "2026-12"}
        return reverse(f"admin:{page.name}", kwargs={name: said.get(name, 1) for name in names})

    open_to_all = {name.removeprefix("admin:") for name in ALWAYS_OPEN} | {"login"}
    return [address(page) for page in walk(admin.site.urls[0]) if page.name not in open_to_all]


def test_without_one_every_address_of_the_back_office_leads_to_setting_one_up(client: Client, boss: User) -> None:
    client.force_login(boss)
    seen = addresses()
    assert {"/admin/", "/admin/team/", "/admin/events/category/", "/admin/accounts/organization/1/change/"} <= set(seen)
    assert len(seen) > 40
    for address in seen:
        for response in (client.get(address), client.post(address)):
            assert (response.status_code, response.headers.get("Location")) == (302, reverse("second-factor")), address
            assert b"Strict House" not in response.content


def test_without_the_rule_nobody_is_led_anywhere(client: Client, strict: Organization, boss: User) -> None:
    Organization.objects.update(second_factor_required=False)
    client.force_login(boss)
    assert client.get("/admin/").status_code == 200


def test_the_rule_counts_from_the_next_request(client: Client, strict: Organization, boss: User) -> None:
    Organization.objects.update(second_factor_required=False)
    client.force_login(boss)
    assert client.get("/admin/").status_code == 200
    Organization.objects.update(second_factor_required=True)
    assert client.get("/admin/")["Location"] == reverse("second-factor")


def test_a_password_and_a_code_open_the_door(client: Client, boss: User) -> None:
    TOTP.activate(boss, SECRET)
    assert sign_in(client)["Location"] == reverse("mfa_authenticate")
    assert client.get("/admin/").status_code == 302  # half signed in is not signed in
    assert "login" in client.get("/admin/")["Location"]
    assert client.post(reverse("mfa_authenticate"), {"code": code()}).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_a_session_from_before_must_bring_what_was_set_up_since(client: Client, boss: User) -> None:
    sign_in(client)
    assert client.get("/admin/")["Location"] == reverse("second-factor")
    TOTP.activate(boss, SECRET)
    assert client.get("/admin/")["Location"] == reverse("second-factor")
    assert client.post(reverse("mfa_reauthenticate"), {"code": code()}).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_a_passkey_alone_is_enough(client: Client, boss: User) -> None:
    passkey = Authenticator.objects.create(user=boss, type="webauthn", data={})
    with_record(client, boss, method="mfa", id=passkey.pk, type="webauthn", passwordless=True)
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    "record", [{"method": "password"}, {"method": "code"}, {"method": "mfa"}, {"method": "mfa", "id": 10**9}]
)
def test_nothing_else_is(client: Client, boss: User, record: dict[str, Any]) -> None:
    Authenticator.objects.create(user=boss, type="totp", data={})
    with_record(client, boss, **record)
    assert client.get("/admin/")["Location"] == reverse("second-factor")


def test_what_was_taken_away_since_or_is_somebody_elses_opens_nothing(client: Client, boss: User) -> None:
    lost = Authenticator.objects.create(user=boss, type="totp", data={})
    with_record(client, boss, method="mfa", id=lost.pk, type="totp")
    assert client.get("/admin/").status_code == 200
    Authenticator.objects.filter(pk=lost.pk).update(user=UserFactory())
    assert client.get("/admin/")["Location"] == reverse("second-factor")


def test_who_works_elsewhere_too_can_go_there_without_one(client: Client, boss: User) -> None:
    easy = OrganizationFactory(name="Zeta House")
    Membership.objects.create(user=boss, organization=easy, role="support")
    client.force_login(boss)
    assert client.get("/admin/")["Location"] == reverse("second-factor")
    client.post("/admin/switch/", {"organization": easy.pk})
    assert client.get("/admin/").status_code == 200
    assert client.post("/admin/logout/").status_code == 302


def test_site_administrators_bring_one_too(client: Client, strict: Organization) -> None:
    client.force_login(UserFactory(is_superuser=True))
    assert client.get("/admin/")["Location"] == reverse("second-factor")
