"""Making an account, a new password, another address: who gets a mail, who is told what, and what nobody can take."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from notifications.models import Message
from tests.accounts.people import PASSWORD, code_in, is_in, last_mail, link_in, sign_in, sign_up, somebody
from tests.pages import text_of

pytestmark = pytest.mark.django_db

CONFIRM = "account_email_verification_sent"


def confirm(client: Client, code: str) -> Any:
    return client.post(reverse(CONFIRM), {"code": code})


# --- Making one -----------------------------------------------------------------------------------


def test_an_account_counts_once_its_address_is_proved(client: Client) -> None:
    assert sign_up(client).headers["Location"] == reverse(CONFIRM)
    assert not is_in(client)
    confirm(client, code_in(last_mail("email-confirmation-signup")))
    assert is_in(client)
    assert EmailAddress.objects.get(email="ada@example.com").verified


def test_a_password_does_not_open_an_account_whose_address_nobody_proved(client: Client) -> None:
    sign_up(client)
    cache.clear()  # a second mail to the same address waits ten seconds
    other = Client()
    assert sign_in(other).headers["Location"] == reverse(CONFIRM)
    assert not is_in(other)


def test_a_known_address_is_answered_like_an_unknown_one_and_its_owner_told_by_mail(client: Client) -> None:
    """S1"""
    somebody()
    stranger = Client()
    answers = [sign_up(client), sign_up(stranger, "eve@example.com")]
    assert {(each.status_code, each.headers["Location"]) for each in answers} == {(302, reverse(CONFIRM))}
    known, unknown = (text_of(each.get(reverse(CONFIRM))) for each in (client, stranger))
    assert known.replace("ada@", "eve@") == unknown
    assert {(each.to, each.kind) for each in Message.objects.all()} == {
        ("ada@example.com", "account-already-exists"),
        ("eve@example.com", "email-confirmation-signup"),
    }
    assert text_of(confirm(client, "BBBB-BBBB")) == text_of(confirm(stranger, "BBBB-BBBB")).replace("eve@", "ada@")
    assert User.objects.count() == 2


def test_nobody_makes_themselves_more_than_a_customer(client: Client) -> None:
    """S13"""
    extra = {"is_superuser": "1", "is_staff": "1", "is_active": "1", "role": "admin", "name": "Eve", "language": "de"}
    sign_up(client, "Eve@Example.com", **extra)
    user = User.objects.get()
    assert (user.email, user.name, user.language) == ("eve@example.com", "", "en")
    assert not user.is_superuser
    assert not user.is_staff
    assert not Membership.objects.exists()
    assert not EmailAddress.objects.get().verified


@pytest.mark.parametrize("password", ["password", "12345678", "iloveyou", "short", "ada@example.com"])
def test_a_password_that_many_would_guess_is_refused(client: Client, password: str) -> None:
    response = sign_up(client, password=password)
    assert response.status_code == 200
    assert 'aria-invalid="true"' in response.content.decode()
    assert not User.objects.exists()
    assert not Message.objects.exists()


def test_the_language_of_a_sign_up_is_the_one_it_was_read_in(client: Client) -> None:
    form = {"email": "ada@example.com", "password1": PASSWORD}
    client.post(reverse("account_signup"), form, headers={"Accept-Language": "de"})
    assert User.objects.get().language == "de"
    assert '<html lang="de">' in last_mail().html


def test_who_signed_up_with_anothers_address_and_waits_is_shut_out_when_its_owner_comes(client: Client) -> None:
    """The owner signs in by a code; the password that somebody else set before counts no more."""
    sign_up(Client(), password="the waiting one's own")
    client.post(reverse("account_request_login_code"), {"email": "ada@example.com"})
    client.post(reverse("account_confirm_login_code"), {"code": code_in(last_mail("login-code"))})
    assert is_in(client)
    waiting = Client()
    sign_in(waiting, password="the waiting one's own")
    assert not is_in(waiting)
    assert not User.objects.get().has_usable_password()


# --- A new password -------------------------------------------------------------------------------


def ask_for_link(client: Client, email: str = "ada@example.com", **extra: Any) -> Any:
    return client.post(reverse("account_reset_password"), {"email": email}, **extra)


def open_link(client: Client, link: str) -> Any:
    return client.get(link.removeprefix("http://localhost:8000"), follow=True)


def choose(client: Client, page: Any, password: str = "seventeen copper lamps") -> Any:
    return client.post(page.request["PATH_INFO"], {"password1": password})


def test_a_link_to_a_new_password_works_once(client: Client) -> None:
    """S5"""
    somebody()
    inside = Client()
    sign_in(inside)
    ask_for_link(client)
    link = link_in(last_mail("password-reset-key"))
    page = open_link(client, link)
    assert "Choose a new password" in text_of(page)
    assert choose(client, page).headers["Location"] == reverse("account_reset_password_from_key_done")
    assert last_mail().kind == "password-reset"
    assert not is_in(inside)
    assert not is_in(client)
    sign_in(client, password="seventeen copper lamps")
    assert is_in(client)
    again = Client()
    page = open_link(again, link)
    assert "This link works no more" in text_of(page)
    choose(again, page, "eighteen silver spoons")
    assert User.objects.get().check_password("seventeen copper lamps")


def test_the_secret_of_the_link_is_not_in_the_address_of_the_page(client: Client) -> None:
    """S19"""
    somebody()
    ask_for_link(client)
    link = link_in(last_mail())
    page = open_link(client, link)
    assert page.request["PATH_INFO"].endswith("-set-password/")
    assert link.rpartition("-")[2].strip("/") not in page.content.decode()


def test_a_link_to_a_new_password_is_over_after_an_hour(client: Client, settings: Any) -> None:
    """S5"""
    assert settings.PASSWORD_RESET_TIMEOUT == 3_600
    somebody()
    ask_for_link(client)
    link = link_in(last_mail())
    now = PasswordResetTokenGenerator._now
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PasswordResetTokenGenerator, "_now", lambda self: now(self) + timedelta(seconds=3_601))
        assert "This link works no more" in text_of(open_link(client, link))
    assert "Choose a new password" in text_of(open_link(client, link))


def test_a_link_counts_no_more_when_the_address_has_changed(client: Client) -> None:
    """S19"""
    user = somebody()
    ask_for_link(client)
    link = link_in(last_mail())
    user.email = "elsewhere@example.com"
    user.save()
    assert "This link works no more" in text_of(open_link(client, link))


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded"])
def test_no_header_changes_the_links_in_a_mail(client: Client, header: str, settings: Any) -> None:
    """S5, S48"""
    settings.ALLOWED_HOSTS = ["*"]
    somebody()
    ask_for_link(client, headers={header: "evil.example"})
    client.post(
        reverse("account_signup"),
        {"email": "ada@example.com", "password1": PASSWORD},
        headers={header: "evil.example"},
    )
    assert Message.objects.count() == 2
    for message in Message.objects.all():
        assert "evil" not in message.text + message.html
        assert settings.SITE_URL in message.text


def test_an_unknown_address_is_answered_like_a_known_one(client: Client) -> None:
    """S1"""
    somebody()
    known, unknown = ask_for_link(client), ask_for_link(Client(), "eve@example.com")
    done = reverse("account_reset_password_done")
    assert {(each.status_code, each.headers["Location"]) for each in (known, unknown)} == {(302, done)}
    assert [message.to for message in Message.objects.all()] == ["ada@example.com"]


# --- Another address ------------------------------------------------------------------------------


def test_the_old_address_counts_until_the_new_one_is_proved(client: Client) -> None:
    user = somebody()
    sign_in(client)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("account_email"), {"action_add": "", "email": "new@example.com"})
    message = last_mail("email-confirmation")
    assert message.to == "new@example.com"
    user.refresh_from_db()
    assert user.email == "ada@example.com"
    confirm(client, code_in(message))
    user.refresh_from_db()
    assert user.email == "new@example.com"
    assert last_mail("email-changed").to == "ada@example.com"
    assert [each.email for each in EmailAddress.objects.filter(user=user)] == ["new@example.com"]


def test_whoever_finds_an_open_session_must_show_the_password_first(client: Client) -> None:
    somebody()
    client.force_login(User.objects.get())
    response = client.post(reverse("account_email"), {"action_add": "", "email": "new@example.com"})
    assert response.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not Message.objects.exists()


def test_an_address_of_somebody_else_cannot_be_taken(client: Client) -> None:
    """S1: nor does the page say that it is somebody's"""
    somebody()
    other = somebody("eve@example.com")
    sign_in(client)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("account_email"), {"action_add": "", "email": "eve@example.com"})
    message = last_mail()
    assert message.to == "eve@example.com"
    if message.kind == "email-confirmation":
        confirm(client, code_in(message))
    other.refresh_from_db()
    assert other.email == "eve@example.com"
    assert User.objects.filter(email="ada@example.com").exists()
