"""Authenticator apps and recovery codes; passkeys are tried in a browser."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.models import Organization
from notifications.models import Message
from tests.accounts.people import PASSWORD, code_in, code_of_app, is_in, last_mail, sign_in, somebody
from tests.factories import OrganizationFactory, member
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def show_password(client: Client) -> None:
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def activate_app(client: Client) -> str:
    """Set an app up for who is signed in; return its key."""
    show_password(client)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_of_app(secret)})
    return secret


def give_code(client: Client, code: str) -> Any:
    return client.post(reverse("mfa_authenticate"), {"code": code})


def recovery_codes(client: Client) -> list[str]:
    return client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]


@pytest.fixture
def secret(client: Client) -> str:
    """Of an app that somebody, who is signed in with `client`, has set up."""
    somebody()
    sign_in(client)
    return activate_app(client)


def test_the_key_of_an_app_is_a_picture_and_text_and_nothing_from_elsewhere(client: Client) -> None:
    somebody()
    sign_in(client)
    show_password(client)
    page = client.get(reverse("mfa_activate_totp"))
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    assert page.context["form"].secret in text_of(page)


def test_a_wrong_first_code_activates_nothing(client: Client) -> None:
    somebody()
    sign_in(client)
    show_password(client)
    client.get(reverse("mfa_activate_totp"))
    response = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "That is not the code" in text_of(response)
    assert not Authenticator.objects.exists()


def test_a_password_alone_opens_nothing_any_more(secret: str) -> None:
    other = Client()
    assert sign_in(other).headers["Location"] == reverse("mfa_authenticate")
    assert not is_in(other)
    assert "That is not the code" in text_of(give_code(other, "000000"))
    assert not is_in(other)


def test_its_owner_is_told_of_a_new_app(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    somebody()
    sign_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        activate_app(client)
    assert (last_mail().kind, last_mail().to) == ("totp-activated", "ada@example.com")


def test_a_code_by_mail_alone_opens_nothing_either(secret: str) -> None:
    other = Client()
    other.post(reverse("account_request_login_code"), {"email": "ada@example.com"})
    code = code_in(last_mail("login-code"))
    response = other.post(reverse("account_confirm_login_code"), {"code": code})
    assert response.headers["Location"] == reverse("mfa_authenticate")
    assert not is_in(other)


def test_the_apps_code_lets_in_once(secret: str) -> None:
    other, thief = Client(), Client()
    sign_in(other)
    give_code(other, code_of_app(secret))
    assert is_in(other)
    sign_in(thief)
    give_code(thief, code_of_app(secret))
    assert not is_in(thief)


def test_a_recovery_code_lets_in_once(client: Client, secret: str) -> None:
    code = recovery_codes(client)[0]
    other, again = Client(), Client()
    sign_in(other)
    give_code(other, code)
    assert is_in(other)
    sign_in(again)
    give_code(again, code)
    assert not is_in(again)
    assert code not in recovery_codes(client)


def test_twenty_bad_codes_are_not_all_looked_at(secret: str) -> None:
    """S2"""
    other = Client()
    sign_in(other)
    said = [text_of(give_code(other, f"{number:06}")) for number in range(20)]
    assert sum("That is not the code" in each for each in said) == 5


def test_the_database_holds_no_secret(client: Client, secret: str) -> None:
    codes = recovery_codes(client)
    rows = json.dumps(list(Authenticator.objects.values("data")))
    assert secret not in rows
    assert not [code for code in codes if code in rows]
    seed = Authenticator.objects.get(type="recovery_codes").data["seed"]
    assert seed.startswith("gAAAA")  # Fernet


def test_the_codes_can_be_kept_in_a_file(client: Client, secret: str) -> None:
    response = client.get(reverse("mfa_download_recovery_codes"))
    assert response.headers["Content-Type"].startswith("text/plain")
    assert "no-store" in response.headers["Cache-Control"]
    assert response.content.decode().split() == recovery_codes(client)


def test_new_codes_end_the_old_ones(client: Client, secret: str) -> None:
    old = recovery_codes(client)
    assert client.get(reverse("mfa_generate_recovery_codes")).status_code == 200
    assert recovery_codes(client) == old
    client.post(reverse("mfa_generate_recovery_codes"))
    assert not set(old) & set(recovery_codes(client))


def test_an_app_is_given_up_by_a_form_alone(client: Client, secret: str) -> None:
    """S14"""
    client.get(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(type="totp").exists()
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()
    assert last_mail().kind == "totp-deactivated"


@pytest.mark.parametrize(
    "name", ["mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"]
)
def test_whoever_finds_an_open_session_must_show_the_password_first(client: Client, name: str) -> None:
    user = somebody()
    Authenticator.objects.create(user=user, type="recovery_codes", data={"seed": "x", "used_mask": 0})
    client.force_login(user)
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert "reauthenticate" in response.headers["Location"]


def test_every_mail_about_the_second_factor_can_be_written(client: Client) -> None:
    from django.test import RequestFactory

    from accounts.adapters import Account

    user = somebody(language="de")
    kinds = ["totp_activated", "totp_deactivated", "webauthn_added", "webauthn_removed", "recovery_codes_generated"]
    for kind in kinds:
        Account(RequestFactory().get("/")).send_mail(f"mfa/email/{kind}", user.email, {"user": user})
    messages = Message.objects.all()
    assert {message.kind for message in messages} == {kind.replace("_", "-") for kind in kinds}
    assert all(message.subject and "/account/security/" in message.text for message in messages)


# --- The back office (S6) -------------------------------------------------------------------------


@pytest.fixture
def strict() -> Organization:
    return OrganizationFactory(name="Lantern House", second_factor_required=True)


def test_staff_without_a_second_factor_are_told_why_and_what_to_do(client: Client, strict: Organization) -> None:
    """S6"""
    client.force_login(member(organization=strict))
    assert client.get(reverse("admin:index")).headers["Location"] == reverse("second-factor")
    page = client.get(reverse("second-factor"))
    assert "Lantern House asks everybody" in text_of(page)
    assert reverse("mfa_activate_totp") in page.content.decode()
    assert reverse("mfa_add_webauthn") in page.content.decode()


def test_staff_who_have_one_show_it_and_the_back_office_opens(client: Client, strict: Organization) -> None:
    """S6"""
    user = member(organization=strict, email="ada@example.com")
    user.set_password(PASSWORD)
    user.save()
    sign_in(client)
    secret = activate_app(client)
    assert client.get(reverse("admin:index")).headers["Location"] == reverse("second-factor")
    page = client.get(reverse("second-factor"))
    way = f"{reverse('mfa_reauthenticate')}?next={reverse('admin:index')}"
    assert way in page.content.decode()
    response = client.post(way, {"code": recovery_codes(client)[0]})
    assert response.headers["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200
    assert secret
    client.post(reverse("account_logout"))
    sign_in(client)
    assert not is_in(client)
