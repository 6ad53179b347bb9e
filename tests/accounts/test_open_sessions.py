"""What somebody else at an open session can't do to an account that has neither a password nor a second factor."""

from time import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.models import Message
from tests.accounts.people import PASSWORD, code_in, is_in, last_mail, somebody
from tests.pages import hidden, text_of

pytestmark = pytest.mark.django_db

GIVES_AWAY: dict[str, dict[str, Any]] = {
    "account_email": {"action_add": "", "email": "thief@example.com"},
    "account_set_password": {"password1": PASSWORD},
    "mfa_activate_totp": {"code": "123456"},
    "mfa_add_webauthn": {"name": "Mine", "credential": "{}"},
    "delete-account": {"sure": "on"},
}


def by_code(client: Client) -> None:
    """Sign in by a code."""
    client.post(reverse("account_request_login_code"), {"email": "ada@example.com"})
    client.post(reverse("account_confirm_login_code"), {"code": code_in(last_mail("login-code"))})


@pytest.fixture
def open_session(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Who signed in by a code an hour ago, and went away."""
    somebody(password=None)
    by_code(client)
    Message.objects.all().delete()
    later = time() + 3600
    monkeypatch.setattr("accounts.adapters.time", lambda: later)
    return client


@pytest.mark.parametrize("name", GIVES_AWAY)
def test_after_a_while_one_signs_in_again_before_what_gives_the_account_away(open_session: Client, name: str) -> None:
    response = open_session.post(reverse(name), GIVES_AWAY[name])
    assert response.status_code == 403
    assert "Please sign in again" in text_of(response)
    user = User.objects.get()
    assert (user.email, user.is_active, user.has_usable_password()) == ("ada@example.com", True, False)
    assert [each.email for each in EmailAddress.objects.all()] == ["ada@example.com"]
    assert not user.authenticator_set.exists()
    assert not Message.objects.exists()
    assert is_in(open_session)


def test_the_way_leads_out_and_by_a_code_back_to_where_one_was(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody(password=None)
    by_code(client)
    with monkeypatch.context() as later:
        an_hour_later = time() + 3600
        later.setattr("accounts.adapters.time", lambda: an_hour_later)
        way = hidden(client.get(reverse("delete-account")), "next")
    assert client.post(reverse("account_logout"), {"next": way}).headers["Location"] == way
    assert not is_in(client)
    assert reverse("delete-account") in client.get(way).content.decode()
    by_code(client)
    assert client.get(reverse("delete-account")).status_code == 200


def test_who_has_just_signed_in_is_not_asked_twice(client: Client) -> None:
    somebody(password=None)
    by_code(client)
    assert client.get(reverse("delete-account")).status_code == 200
    client.post(reverse("account_email"), GIVES_AWAY["account_email"])
    assert last_mail().to == "thief@example.com"


def test_strangers_choose_nobodys_first_password(client: Client) -> None:
    assert client.get(reverse("account_set_password")).headers["Location"].startswith(reverse("account_login"))
