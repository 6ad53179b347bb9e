"""A visitor without a mouse."""

from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from bookings.models import Booking
from tests.browser.acts import open_event, see_heading, see_kept_until, told
from tests.factories import event_on_sale

pytestmark = pytest.mark.browser

FAR = 30
"""No page has more stops than that."""

INDICATOR = """() => {
    const outline = (part) => getComputedStyle(document.activeElement, part).outline;
    return [outline(), outline("::after")].some((each) => each.endsWith("solid 3px"));
}"""
"""On a card the outline goes around the whole of it."""


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus; on the way there, every stop must be seen to have it."""
    for _stop in range(FAR):
        page.keyboard.press("Tab")
        assert page.evaluate(INDICATOR), page.evaluate("document.activeElement.outerHTML")
        if target.evaluate("element => element === document.activeElement"):
            expect(target).to_be_in_viewport()
            return
    raise AssertionError(f"{target} can't be reached with Tab")


def enter(page: Page, target: Locator) -> None:
    tab_to(page, target)
    page.keyboard.press("Enter")


def write(page: Page, target: Locator, text: str) -> None:
    """Tab selects what a field holds, so typing replaces it."""
    tab_to(page, target)
    page.keyboard.type(text)


def test_from_the_front_page_to_the_tickets_by_keyboard_alone(page: Page) -> None:
    """U42"""
    event = event_on_sale(title="Songs at Night")
    event_on_sale(title="Songs at Noon")
    page.goto("/")
    write(page, page.get_by_role("searchbox", name="Search"), "songs")
    page.keyboard.press("Enter")
    see_heading(page, "Events")
    write(page, page.get_by_role("searchbox", name="Search"), "night")
    results = page.get_by_role("region", name="Results")
    expect(results.get_by_role("heading", level=3)).to_have_text(["Songs at Night"])
    enter(page, results.get_by_role("link", name=event.title))
    see_heading(page, event.title)
    more = page.get_by_role("button", name="One more: Standard")
    enter(page, more)
    page.keyboard.press("Space")
    expect(page.get_by_role("spinbutton")).to_have_value("2")
    enter(page, page.get_by_role("button", name="Reserve"))
    see_heading(page, "Your details")
    enter(page, page.get_by_role("button", name="I need more time"))
    see_kept_until(page, Booking.objects.get().reserved_at + timedelta(minutes=25))
    write(page, page.get_by_label("Name"), "Ada Example")
    write(page, page.get_by_label("E-mail"), "ada@example.com")
    page.keyboard.press("Enter")
    see_heading(page, "Review and pay")
    tab_to(page, page.get_by_role("radio"))
    enter(page, page.get_by_role("button", name="Pay €43.00"))
    see_heading(page, "Sandbox payment")
    enter(page, page.get_by_role("button", name="Pay", exact=True))
    see_heading(page, "You have your tickets")
    assert Booking.objects.get().status == "confirmed"


def test_a_mistake_is_mended_by_keyboard_alone(page: Page) -> None:
    """U25"""
    open_event(page, event_on_sale())
    enter(page, page.get_by_role("button", name="Reserve"))
    expect(told(page)).to_be_focused()
    enter(page, told(page).get_by_role("link"))
    expect(page.get_by_role("spinbutton")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    see_heading(page, "Your details")


def test_the_skip_link_comes_first_and_leads_past_the_navigation(page: Page) -> None:
    page.goto("/")
    skip = page.get_by_role("link", name="Skip to content")
    enter(page, skip)
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
