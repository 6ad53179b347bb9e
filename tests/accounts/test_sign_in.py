"""Signing in and out: by password and by code, what is said to whom, and what a session survives."""

from time import time
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.models import Message
from tests.accounts.people import PASSWORD, code_in, is_in, last_mail, sign_in, somebody
from tests.factories import event_on_sale, member
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def ask_for_code(client: Client, email: str = "ada@example.com", **fields: Any) -> Any:
    return client.post(reverse("account_request_login_code"), {"email": email} | fields)


def give_code(client: Client, code: str) -> Any:
    return client.post(reverse("account_confirm_login_code"), {"code": code})


# --- By password ----------------------------------------------------------------------------------


def test_who_knows_the_password_is_let_in(client: Client) -> None:
    somebody()
    response = sign_in(client, "Ada@Example.com")
    assert (response.status_code, response.headers["Location"]) == (302, reverse("account"))
    assert is_in(client)


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(client: Client) -> None:
    """S1"""
    somebody()
    wrong = sign_in(client, password="not this one")
    unknown = sign_in(Client(), "nobody@example.com", "not this one")
    assert wrong.status_code == unknown.status_code == 200
    assert text_of(wrong) == text_of(unknown)
    assert "don&#x27;t belong together" in text_of(wrong)
    assert not is_in(client)
    assert not Message.objects.exists()


def test_an_error_is_told_above_the_form_and_leads_to_the_field(client: Client) -> None:
    somebody()
    page = sign_in(client, password="not this one").content.decode()
    assert 'role="alert"' in page
    assert '<a href="#id_login">' in page


def test_twenty_bad_passwords_are_not_all_looked_at_and_the_owner_gets_in_by_a_code(client: Client) -> None:
    """S2"""
    somebody()
    said = [text_of(sign_in(client, password=f"guess {number}")) for number in range(20)]
    assert sum("don&#x27;t belong together" in each for each in said) == 5
    assert sum("tried too often" in each for each in said) == 15
    owner = Client(REMOTE_ADDR="192.0.2.8")
    assert "tried too often" in text_of(sign_in(owner))
    ask_for_code(owner)
    give_code(owner, code_in(last_mail("login-code")))
    assert is_in(owner)


def test_when_the_window_is_over_the_password_counts_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """S2: nobody is locked out for good"""
    somebody()
    for number in range(20):
        sign_in(client, password=f"guess {number}")
    sign_in(client)
    assert not is_in(client)
    later = time() + 301
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: later)
    owner = Client(REMOTE_ADDR="192.0.2.8")
    sign_in(owner)
    assert is_in(owner)


def test_bad_passwords_spread_over_many_accounts_from_one_address_end(client: Client) -> None:
    """S2"""
    for number in range(40):
        somebody(f"person{number}@example.com")
    answers = [
        sign_in(client, f"person{number % 40}@example.com", f"guess {number}", REMOTE_ADDR="192.0.2.7")
        for number in range(200)
    ]
    looked_at = [each for each in answers if each.status_code == 200 and "don&#x27;t belong together" in text_of(each)]
    assert len(looked_at) == 10
    assert {each.status_code for each in answers} == {200, 429}
    other = Client(REMOTE_ADDR="192.0.2.8")
    sign_in(other, "person1@example.com")
    assert is_in(other)


def test_the_port_of_a_host_header_gives_no_more_attempts(client: Client) -> None:
    """S2: the library counts by Host, whose port anybody may choose"""
    somebody()
    said = [
        text_of(sign_in(client, password=f"guess {number}", headers={"Host": f"localhost:{8000 + number}"}))
        for number in range(8)
    ]
    assert sum("don&#x27;t belong together" in each for each in said) == 5


def test_a_forwarded_address_gives_no_more_attempts(client: Client) -> None:
    """S48"""
    for number in range(12):
        somebody(f"person{number}@example.com")
    said = [
        text_of(
            sign_in(client, f"person{number}@example.com", "guess", headers={"X-Forwarded-For": f"192.0.2.{number}"})
        )
        for number in range(12)
    ]
    assert sum("don&#x27;t belong together" in each for each in said) == 10


# --- By code --------------------------------------------------------------------------------------


def test_a_code_by_mail_lets_in_once(client: Client) -> None:
    somebody()
    assert ask_for_code(client).headers["Location"] == reverse("account_confirm_login_code")
    message = last_mail("login-code")
    assert (message.to, message.confidential) == ("ada@example.com", True)
    code = code_in(message)
    give_code(client, code)
    assert is_in(client)
    other = Client()
    ask_for_code(other)
    give_code(other, code)
    assert not is_in(other)


def test_a_code_is_asked_for_an_unknown_address_with_the_same_answer_and_no_mail(client: Client) -> None:
    """S1"""
    somebody()
    stranger = Client()
    answers = [ask_for_code(client), ask_for_code(stranger, "eve@example.com")]
    assert {(each.status_code, each.headers["Location"]) for each in answers} == {
        (302, reverse("account_confirm_login_code"))
    }
    known, unknown = (text_of(each.get(reverse("account_confirm_login_code"))) for each in (client, stranger))
    assert known.replace("ada@", "eve@") == unknown
    assert [message.to for message in Message.objects.all()] == ["ada@example.com"]


def test_three_wrong_codes_end_it(client: Client) -> None:
    somebody()
    ask_for_code(client)
    code = code_in(last_mail("login-code"))
    for _attempt in range(3):
        give_code(client, "BBBB-BBBB")
    give_code(client, code)
    assert not is_in(client)


def test_a_code_of_yesterday_lets_nobody_in(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody()
    ask_for_code(client)
    later = time() + 901
    monkeypatch.setattr("allauth.account.internal.flows.code_verification.time.time", lambda: later)
    give_code(client, code_in(last_mail("login-code")))
    assert not is_in(client)


def test_a_code_is_worth_nothing_in_another_browser(client: Client) -> None:
    somebody()
    ask_for_code(client)
    other = Client()
    give_code(other, code_in(last_mail("login-code")))
    assert not is_in(other)


# --- The way on (S45) -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "http:evil",
        "javascript:alert(1)",
        "///evil",
        "\t//evil",
    ],
)
def test_the_way_on_stays_on_this_host(client: Client, elsewhere: str) -> None:
    """S45"""
    somebody()
    data = {"login": "ada@example.com", "password": PASSWORD, "next": elsewhere}
    assert client.post(reverse("account_login"), data).headers["Location"] == reverse("account")
    assert client.post(reverse("account_logout"), {"next": elsewhere}).headers["Location"] == reverse("signed-out")


def test_another_host_of_ours_is_elsewhere_too(client: Client, settings: Any) -> None:
    """S45"""
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    somebody()
    data = {"login": "ada@example.com", "password": PASSWORD, "next": "http://other.example/"}
    assert client.post(reverse("account_login"), data).headers["Location"] == reverse("account")


def test_the_way_on_leads_to_where_one_wanted_to_go(client: Client) -> None:
    somebody()
    wanted = reverse("usersessions_list")
    assert client.get(wanted).headers["Location"] == f"{reverse('account_login')}?next={wanted}"
    data = {"login": "ada@example.com", "password": PASSWORD, "next": wanted}
    assert client.post(reverse("account_login"), data).headers["Location"] == wanted


# --- The session ----------------------------------------------------------------------------------


def test_the_session_is_another_after_signing_in(client: Client, settings: Any) -> None:
    """S3"""
    somebody()
    ask_for_code(client, "ada@example.com")
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    give_code(client, code_in(last_mail("login-code")))
    assert is_in(client)
    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert after != before
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert not is_in(thief)


def test_the_session_dies_at_sign_out(client: Client, settings: Any) -> None:
    """S3, S17"""
    somebody()
    sign_in(client)
    stolen = client.cookies[settings.SESSION_COOKIE_NAME].value
    response = client.post(reverse("account_logout"))
    assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert response.headers["Location"] == reverse("signed-out")
    assert "You have signed out" in text_of(client.get(reverse("signed-out")))
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = stolen
    assert not is_in(thief)


def test_the_back_office_has_the_same_way_out(client: Client) -> None:
    """S17"""
    client.force_login(member())
    response = client.post(reverse("admin:logout"))
    assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert not is_in(client)


@pytest.mark.parametrize("name", ["account_logout", "admin:logout"])
def test_looking_at_the_way_out_signs_nobody_out(client: Client, name: str) -> None:
    """S14"""
    somebody()
    sign_in(client)
    response = client.get(reverse(name))
    assert "Clear-Site-Data" not in response.headers
    assert is_in(client)


def test_the_session_dies_when_the_person_is_disabled(client: Client) -> None:
    """S3"""
    somebody()
    sign_in(client)
    User.objects.update(is_active=False)
    assert not is_in(client)
    response = sign_in(client)
    assert response.headers["Location"] == reverse("account_inactive")
    assert "This account is closed" in text_of(client.get(reverse("account_inactive")))
    assert not is_in(client)


def test_the_other_sessions_die_when_the_password_changes(client: Client) -> None:
    """S3"""
    somebody()
    other = Client()
    sign_in(client)
    sign_in(other)
    new = {"oldpassword": PASSWORD, "password1": "seventeen copper lamps"}
    client.post(reverse("account_change_password"), new)
    assert is_in(client)
    assert not is_in(other)
    assert last_mail().kind == "password-changed"


def test_somebody_ends_all_other_sessions(client: Client) -> None:
    somebody()
    other = Client(HTTP_USER_AGENT="Lynx")
    sign_in(client)
    sign_in(other)
    assert "Lynx" in text_of(client.get(reverse("usersessions_list")))
    client.post(reverse("usersessions_list"))
    assert is_in(client)
    assert not is_in(other)


# --- Nothing is kept (S50) ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "account",
        "account_email",
        "account_change_password",
        "mfa_index",
        "usersessions_list",
        "second-factor",
        "account_logout",
        "signed-out",
        "account_login",
        "account_signup",
        "account_reset_password",
        "account_request_login_code",
        "admin:index",
        "events:detail",
    ],
)
@pytest.mark.parametrize("inside", [True, False])
def test_no_page_of_an_account_is_kept(client: Client, name: str, inside: bool) -> None:
    """S50"""
    if inside:
        somebody()
        sign_in(client)
    args = [event_on_sale().slug] if name == "events:detail" else []
    assert "no-store" in client.get(reverse(name, args=args)).headers["Cache-Control"]


def test_what_is_not_said_to_be_public_is_private_for_who_has_a_session(client: Client) -> None:
    """S50: and the pages that are public stay so"""
    somebody()
    sign_in(client)
    assert client.get("/nothing/here/").headers["Cache-Control"] == "private, no-store"
    assert "public" in client.get(reverse("events:list")).headers["Cache-Control"]


# --- Language -------------------------------------------------------------------------------------


def test_who_signs_in_is_met_in_their_language_and_written_to_in_it(client: Client, settings: Any) -> None:
    somebody(language="de")
    sign_in(client, headers={"Accept-Language": "es"})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "de"
    client.post(reverse("account_reset_password"), {"email": "ada@example.com"}, headers={"Accept-Language": "es"})
    assert '<html lang="de">' in last_mail().html


def test_a_language_that_is_chosen_while_signed_in_is_remembered(client: Client) -> None:
    user = somebody()
    sign_in(client)
    client.post(reverse("language"), {"language": "es", "next": "/"})
    user.refresh_from_db()
    assert user.language == "es"
    client.post(reverse("language"), {"language": "xx", "next": "/"})
    user.refresh_from_db()
    assert user.language == "es"


def test_a_language_that_a_stranger_chooses_is_nobodys(client: Client) -> None:
    user = somebody()
    client.post(reverse("language"), {"language": "es", "next": "/"})
    user.refresh_from_db()
    assert user.language == "en"


def test_passwords_are_kept_as_argon2(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert make_password(PASSWORD).startswith("argon2$argon2id$")
