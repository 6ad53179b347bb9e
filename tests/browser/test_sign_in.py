"""Whole ways into an account and out of it, in Chromium: with a password, a code, an app, a passkey."""

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Page, expect

from tests.accounts.people import PASSWORD, code_in, code_of_app, last_mail, link_in, somebody
from tests.browser.acts import choose, follow, open_event, press, see_heading, told, with_and_without_javascript
from tests.factories import event_on_sale

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _nothing_counted() -> Iterator[None]:
    """The table of limits is no model's, so no test empties it by itself."""
    cache.clear()
    yield
    cache.clear()


def go_in(page: Page, password: str = PASSWORD, email: str = "ada@example.com") -> None:
    """Come to the account's door and give a password there."""
    page.goto("/account/")
    see_heading(page, "Sign in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    press(page, "Sign in")


def go_out(page: Page) -> None:
    """By the button on the account's pages."""
    page.goto("/account/security/")
    press(page, "Sign out")
    see_heading(page, "You have signed out")


def show_password(page: Page) -> None:
    """Once more, before what could give the account away."""
    see_heading(page, "Is it you?")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Go on")


def set_up_app(page: Page) -> str:
    """Set up an authenticator app; return its key."""
    page.goto("/account/security/")
    press(page, "Set up an app")
    show_password(page)
    see_heading(page, "Set up an app")
    secret = page.locator("#key").inner_text()
    page.get_by_label("Code that the app shows").fill(code_of_app(secret))
    press(page, "Use this app")
    see_heading(page, "Recovery codes")
    return secret


def give_second_code(page: Page, code: str) -> None:
    see_heading(page, "The second step")
    page.get_by_label("Code", exact=True).fill(code)
    press(page, "Sign in")


def passkeys(page: Page) -> None:
    """Give the browser a device that knows its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": device})


@with_and_without_javascript
def test_somebody_makes_an_account_with_a_code_by_mail(page: Page, javascript: str) -> None:
    page.goto("/")
    follow(page, "My account")
    follow(page, "Make an account")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password", exact=True).fill("password")
    press(page, "Make an account")
    expect(told(page)).to_contain_text("too common")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Make an account")
    see_heading(page, "Is this address yours?")
    page.get_by_label("Code", exact=True).fill("BBBB-BBBB")
    press(page, "Go on")
    expect(told(page)).to_contain_text("That is not the code.")
    page.get_by_label("Code", exact=True).fill(code_in(last_mail()).lower().replace("-", " "))
    press(page, "Go on")
    see_heading(page, "Your account")
    go_out(page)
    go_in(page)
    see_heading(page, "Your account")


@with_and_without_javascript
def test_somebody_signs_in_with_a_code_by_mail(page: Page, javascript: str) -> None:
    somebody()
    page.goto("/account/sessions/")
    press(page, "Send me a code by mail")
    page.get_by_label("E-mail").fill("ada@example.com")
    press(page, "Send me the code")
    see_heading(page, "Your code")
    page.get_by_label("Code", exact=True).fill(code_in(last_mail()))
    press(page, "Go on")
    see_heading(page, "Sessions")


@with_and_without_javascript
def test_a_wrong_password_is_told_and_a_forgotten_one_replaced(page: Page, javascript: str) -> None:
    somebody()
    go_in(page, "not this one")
    expect(told(page)).to_contain_text("don't belong together")
    follow(page, "Forgotten your password?")
    page.get_by_label("E-mail").fill("ada@example.com")
    press(page, "Send me the link")
    see_heading(page, "Look into your mail")
    page.goto(link_in(last_mail()))
    see_heading(page, "Choose a new password")
    page.get_by_label("Password", exact=True).fill("seventeen copper lamps")
    press(page, "Save the new password")
    see_heading(page, "Your password is changed")
    go_in(page, "seventeen copper lamps")
    see_heading(page, "Your account")


@with_and_without_javascript
def test_an_app_is_set_up_and_asked_for_and_a_recovery_code_lets_in_once(page: Page, javascript: str) -> None:
    somebody()
    go_in(page)
    set_up_app(page)
    recovery = page.get_by_role("main").get_by_role("code").first.inner_text()
    go_out(page)
    go_in(page)
    give_second_code(page, "000000")
    expect(told(page).first).to_contain_text("That is not the code.")
    give_second_code(page, recovery)
    see_heading(page, "Your account")
    go_out(page)
    go_in(page)
    give_second_code(page, recovery)
    expect(told(page).first).to_contain_text("That is not the code.")


def test_a_passkey_is_added_named_and_lets_in_alone(page: Page) -> None:
    passkeys(page)
    somebody()
    go_in(page)
    page.goto("/account/security/")
    press(page, "Add a passkey")
    show_password(page)
    see_heading(page, "Add a passkey")
    page.get_by_label("Name", exact=True).fill("My phone")
    press(page, "Add a passkey")
    see_heading(page, "Recovery codes")
    go_out(page)
    page.goto("/account/sessions/")
    press(page, "Use a passkey")
    see_heading(page, "Sessions")
    page.goto("/account/security/webauthn/")
    expect(page.get_by_role("heading", name="My phone")).to_be_visible()
    press(page, "Rename")
    show_password(page)
    page.get_by_label("Name", exact=True).fill("My old phone")
    press(page, "Save")
    expect(page.get_by_role("heading", name="My old phone")).to_be_visible()
    press(page, "Remove")
    press(page, "Remove")
    expect(page.get_by_text("You have none yet.")).to_be_visible()
    go_out(page)
    page.goto("/account/login/")
    press(page, "Use a passkey")
    expect(page.locator("[data-passkeys], .notice").first).not_to_be_empty()
    page.goto("/account/")
    see_heading(page, "Sign in")


def test_a_browser_without_passkeys_says_so(page: Page) -> None:
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto("/account/login/")
    expect(page.get_by_text("This browser knows no passkeys.")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_javascript_the_page_says_that_passkeys_need_it(page: Page) -> None:
    page.goto("/account/login/")
    expect(page.get_by_text("Passkeys need JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()


def test_a_passkey_that_is_turned_down_is_told_on_the_page(page: Page) -> None:
    passkeys(page)
    page.goto("/account/login/")
    press(page, "Use a passkey")
    expect(page.get_by_text("That did not work: the passkey was not used.")).to_be_visible()


@with_and_without_javascript
def test_somebody_signs_out_everywhere_else(
    page: Page, javascript: str, new_context: Callable[..., BrowserContext]
) -> None:
    somebody()
    elsewhere = new_context().new_page()
    go_in(elsewhere)
    see_heading(elsewhere, "Your account")
    go_in(page)
    page.goto("/account/sessions/")
    expect(page.get_by_text("This browser")).to_have_count(1)
    press(page, "Sign out everywhere else")
    expect(page.get_by_text("You are signed out everywhere else.")).to_be_visible()
    elsewhere.reload()
    see_heading(elsewhere, "Sign in")


def test_after_signing_out_neither_back_nor_the_browsers_storage_shows_anything(page: Page) -> None:
    """S17"""
    event = event_on_sale()
    somebody()
    go_in(page)
    open_event(page, event)
    choose(page, "Standard", 2)
    press(page, "Reserve")
    see_heading(page, "Your details")
    page.goto("/account/email/")
    expect(page.get_by_text("ada@example.com")).to_be_visible()
    page.evaluate("localStorage.setItem('left', 'something')")
    assert {"session", "choice"} <= {cookie["name"] for cookie in page.context.cookies()}
    press(page, "Sign out")
    see_heading(page, "You have signed out")
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length") == 0
    page.go_back()
    see_heading(page, "Sign in")
    expect(page.get_by_text("ada@example.com")).to_have_count(0)


@with_and_without_javascript
def test_too_many_guesses_are_told_in_words_and_a_code_still_lets_in(page: Page, javascript: str) -> None:
    """S2"""
    somebody()
    for number in range(6):
        go_in(page, f"guess {number}")
        expect(told(page)).to_be_visible()
    expect(told(page)).to_contain_text("tried too often")
    press(page, "Send me a code by mail")
    page.get_by_label("E-mail").fill("ada@example.com")
    press(page, "Send me the code")
    page.get_by_label("Code", exact=True).fill(code_in(last_mail()))
    press(page, "Go on")
    see_heading(page, "Your account")
