"""What goes wrong between a page and us is said on the page: nothing is lost, and it can be tried again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from bookings.models import Booking
from core import briefly
from tests.browser.acts import (
    choose,
    give_details,
    open_booking,
    open_event,
    press,
    quantity,
    see_heading,
    see_kept_until,
    strike_out,
)
from tests.factories import event_on_sale, reserve

pytestmark = pytest.mark.browser

OFFLINE = "You seem to be offline. What you see may be old."
FAILED_TO_SEND = ("net::ERR_INTERNET_DISCONNECTED for ", "console error: (htmx:sendError|Failed to load resource)")


def message(page: Page) -> Locator:
    """What is said over the page that asked."""
    return page.locator("#messages")


def try_again(page: Page) -> None:
    message(page).get_by_role("button", name="Try again").click()


def ask_for(page: Page, text: str) -> None:
    page.get_by_role("form", name="Filters").get_by_label("Search").fill(text)


def see_events(page: Page, *titles: str) -> None:
    expect(page.get_by_role("region", name="Results").get_by_role("heading", level=3)).to_have_text(titles)


@pytest.fixture
def two_events() -> None:
    event_on_sale(title="Early Songs")
    event_on_sale(title="Late Songs")


@pytest.fixture
def fails(page: Page, base_url: str, settings: Any) -> Callable[[str, str], None]:
    """From then on the server answers an address with what it says when this goes wrong."""
    settings.ROOT_URLCONF = "tests.core.faulty_urls"

    def fail(address: str, fault: str) -> None:
        page.route(address, lambda route: route.continue_(url=f"{base_url}/fault/{fault}/"))

    return fail


def never_answer(route: Route) -> None:
    """Leave whoever asks waiting."""


def test_filters_that_were_set_offline_work_when_the_network_is_back(
    page: Page, context: BrowserContext, two_events: None, mishaps: list[str]
) -> None:
    """U30"""
    page.goto("/events/")
    context.set_offline(True)
    ask_for(page, "late")
    expect(message(page)).to_contain_text(OFFLINE)
    try_again(page)
    expect(message(page)).to_contain_text(OFFLINE)
    see_events(page, "Early Songs", "Late Songs")
    context.set_offline(False)
    expect(message(page)).to_contain_text("That did not reach us.")
    try_again(page)
    see_events(page, "Late Songs")
    expect(message(page)).to_be_empty()
    expect(page.get_by_role("form", name="Filters").get_by_label("Search")).to_have_value("late")
    strike_out(mishaps, *FAILED_TO_SEND)


def test_a_choice_that_was_sent_offline_is_kept_and_sent_again(page: Page, context: BrowserContext) -> None:
    """U30"""
    open_event(page, event_on_sale())
    choose(page, "Standard", 3)
    context.set_offline(True)
    press(page, "Reserve")
    expect(message(page)).to_contain_text(OFFLINE)
    expect(quantity(page)).to_have_value("3")
    context.set_offline(False)
    try_again(page)
    see_heading(page, "Your details")
    assert Booking.objects.get().quantity == 3


def test_details_that_were_sent_offline_are_kept(page: Page, context: BrowserContext) -> None:
    """U30"""
    open_booking(page, reserve(event_on_sale()))
    context.set_offline(True)
    give_details(page)
    expect(message(page)).to_contain_text(OFFLINE)
    expect(page.get_by_label("Name")).to_have_value("Ada Example")
    context.set_offline(False)
    press(page, "Go on to review and pay")
    see_heading(page, "Review and pay")


def test_more_time_that_was_asked_for_offline_can_be_asked_for_again(
    page: Page, context: BrowserContext, mishaps: list[str]
) -> None:
    """U21, U30"""
    booking = reserve(event_on_sale())
    open_booking(page, booking)
    page.get_by_label("Name").fill("Ada")
    context.set_offline(True)
    press(page, "I need more time")
    expect(message(page)).to_contain_text(OFFLINE)
    context.set_offline(False)
    try_again(page)
    see_kept_until(page, booking.reserved_until + timedelta(minutes=10))
    expect(page.get_by_label("Name")).to_have_value("Ada")
    strike_out(mishaps, *FAILED_TO_SEND)


def test_the_network_that_goes_and_comes_is_told_and_forgotten(page: Page, context: BrowserContext) -> None:
    """U30"""
    page.goto("/")
    context.set_offline(True)
    expect(message(page)).to_contain_text(OFFLINE)
    context.set_offline(False)
    expect(message(page)).to_be_empty()


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("bug", 500, "This is our fault. If it happens again, please tell us this reference:"),
        ("busy", 503, "We can't answer right now. Nothing was lost: please try again in a moment."),
        ("too-often", 429, "That was a bit too often. Please wait a moment and try again."),
    ],
)
def test_what_the_server_says_of_a_fault_is_shown_over_the_page(
    page: Page,
    two_events: None,
    fails: Callable[[str, str], None],
    mishaps: list[str],
    fault: str,
    status: int,
    words: str,
) -> None:
    """U30, U45"""
    page.goto("/events/")
    fails("**/events/?*", fault)
    ask_for(page, "late")
    expect(message(page)).to_contain_text(words)
    see_heading(page, "Events")
    see_events(page, "Early Songs", "Late Songs")
    page.unroute("**/events/?*")
    try_again(page)
    see_events(page, "Late Songs")
    expect(message(page)).to_be_empty()
    strike_out(mishaps, f"{status} for ", f"console error: Response Status Error Code {status}")


@pytest.mark.parametrize(("fault", "status"), [("bug", 500), ("busy", 503), ("too-often", 429)])
def test_the_fault_of_a_poll_says_nothing(
    page: Page, fails: Callable[[str, str], None], mishaps: list[str], fault: str, status: int
) -> None:
    """U30"""
    event = event_on_sale()
    page.clock.install()
    open_event(page, event)
    fails("**/availability/**", fault)
    with page.expect_response("**/fault/**") as answer:
        page.clock.fast_forward(5_000)
    assert answer.value.status == status
    page.unroute("**/availability/**")
    reserve(event, 4)
    briefly.forget()
    page.clock.fast_forward(5_000)
    expect(page.get_by_text("6 left")).to_be_visible()
    expect(message(page)).to_be_empty()
    strike_out(mishaps, f"{status} for ", f"console error: Response Status Error Code {status}")


def test_an_answer_that_takes_too_long_is_told_and_can_be_asked_for_again(
    page: Page, two_events: None, mishaps: list[str]
) -> None:
    """U30"""
    page.goto("/events/")
    page.evaluate("htmx.config.timeout = 200")
    page.route("**/events/?*", never_answer)
    ask_for(page, "late")
    expect(message(page)).to_contain_text("The answer takes too long.")
    page.unroute("**/events/?*")
    page.evaluate("htmx.config.timeout = 15000")
    try_again(page)
    see_events(page, "Late Songs")
    strike_out(mishaps, "console error: htmx:timeout")


def test_a_message_can_be_closed(page: Page, context: BrowserContext) -> None:
    page.goto("/")
    context.set_offline(True)
    message(page).get_by_role("button", name="Close").click()
    expect(message(page)).to_be_empty()
