"""What visitors do and see, in their words."""

import re
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from bookings.models import Booking
from events.models import Event

with_and_without_javascript = pytest.mark.parametrize(
    "javascript",
    ["with", pytest.param("without", marks=pytest.mark.browser_context_args(java_script_enabled=False))],
)
"""The test gets `javascript`, a word that it need not look at: the pages must not need it either."""


def sign_in(page: Page, person: User) -> None:
    """Be somebody from here on, as if their password had been typed a moment ago."""
    client = Client()
    client.force_login(person)
    session = client.session
    proof = {"method": "password", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [proof]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": settings.SITE_URL}
    page.context.add_cookies([cookie])


def open_event(page: Page, event: Event) -> None:
    page.goto(event.get_absolute_url())


def open_booking(page: Page, booking: Booking, step: str = "") -> None:
    """`step` is details, review or payment; without one the booking's own link."""
    page.goto(f"{booking.get_absolute_url()}{step}/" if step else booking.get_absolute_url())


def quantity(page: Page, ticket: str = "Standard", level: str = "Standing") -> Locator:
    """The field for how many tickets of that kind."""
    return page.get_by_role("group", name=level, exact=True).get_by_role("spinbutton", name=ticket)


def choose(page: Page, ticket: str, count: int | str, level: str = "Standing") -> None:
    quantity(page, ticket, level).fill(str(count))


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def follow(page: Page, link: str) -> None:
    page.get_by_role("link", name=link, exact=True).click()


def give_details(page: Page, name: str = "Ada Example", email: str = "ada@example.com") -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(email)
    press(page, "Go on to review and pay")


def see_heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def said_aloud(page: Page) -> Locator:
    """What is read to who can't see that something on the page has changed."""
    return page.locator("#aloud")


def told(page: Page) -> Locator:
    """What a page that was turned down says at its top."""
    return page.get_by_role("main").get_by_role("alert")


def timer(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Time left")


def see_kept_until(page: Page, moment: datetime) -> None:
    """The page says until when, in the time of the event's place."""
    local = moment.astimezone(ZoneInfo("Europe/Berlin"))
    expect(timer(page)).to_contain_text(f"Your places are kept until {local:%H:%M} ({local:%Z}).")


def seconds_left(page: Page) -> int:
    """What the timer says at this moment."""
    shown = page.locator("[data-until]")
    expect(shown).to_have_text(re.compile(r"^\d+:\d\d left$"))
    minutes, seconds = re.findall(r"\d+", shown.inner_text())
    return int(minutes) * 60 + int(seconds)


def strike_out(mishaps: list[str], *patterns: str) -> None:
    """Take away what the test itself brought about, and only that; each must have happened."""
    for pattern in patterns:
        brought_about = [mishap for mishap in mishaps if re.match(pattern, mishap)]
        assert brought_about, f"no {pattern} in {mishaps}"
        mishaps[:] = [mishap for mishap in mishaps if mishap not in brought_about]
