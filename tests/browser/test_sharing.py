"""What others get of a page: its address, its entry in a calendar, and what machines read in it."""

import json

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from events.models import Event
from tests.browser.acts import open_booking, open_event, press
from tests.factories import event_on_sale, event_picture, paid

pytestmark = pytest.mark.browser

DEVICE_THAT_SHARES = "navigator.share = async (what) => { window.shared = what; };"


@pytest.fixture
def event() -> Event:
    return event_on_sale(title="An Evening “of” <b>Songs</b>")


def test_sharing_copies_the_address_without_the_choice(
    page: Page, context: BrowserContext, base_url: str, event: Event
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_event(page, event)
    page.get_by_role("spinbutton").fill("2")
    press(page, "Share")
    expect(page.get_by_role("button", name="The address is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == base_url + event.get_absolute_url()


def test_a_device_that_can_share_is_asked_to(page: Page, base_url: str, event: Event) -> None:
    page.add_init_script(DEVICE_THAT_SHARES)
    open_event(page, event)
    press(page, "Share")
    page.wait_for_function("window.shared")
    assert page.evaluate("window.shared.url") == base_url + event.get_absolute_url()


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_javascript_no_button_promises_to_share(page: Page, event: Event) -> None:
    open_event(page, event)
    expect(page.get_by_text("Share", exact=True)).to_be_hidden()


def test_the_calendar_link_of_an_event_answers_with_a_calendar(page: Page, event: Event) -> None:
    open_event(page, event)
    see_calendar(page)


def test_the_calendar_link_of_a_booking_answers_with_a_calendar(page: Page, event: Event) -> None:
    """U33"""
    open_booking(page, paid(event))
    see_calendar(page)


def see_calendar(page: Page) -> None:
    link = page.get_by_role("main").locator("a[href$='calendar.ics']")
    answer = page.request.get(link.get_attribute("href") or "")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.text().startswith("BEGIN:VCALENDAR")


def test_machines_read_what_people_read(page: Page, base_url: str, event: Event) -> None:
    """U6"""
    event_picture(event)
    open_event(page, event)
    data = json.loads(page.locator("script[type='application/ld+json']").text_content() or "")
    assert event.title in [each.get("name") for each in data["@graph"]]
    address = base_url + event.get_absolute_url()
    expect(page.locator("link[rel=canonical]")).to_have_attribute("href", address)
    expect(page.locator("meta[property='og:url']")).to_have_attribute("content", address)
    picture = page.locator("meta[property='og:image']").get_attribute("content") or ""
    assert page.request.get(picture).headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize("path", ["/", "/events/", "/venues/"])
def test_public_pages_name_their_own_address(page: Page, base_url: str, path: str) -> None:
    """U6"""
    page.goto(f"{path}?from=elsewhere")
    expect(page.locator("link[rel=canonical]")).to_have_attribute("href", base_url + path)
