"""A ticket in a pocket: its page with and without a network, what is kept of it, and how it looks."""

from itertools import product

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, Page, expect

from bookings.models import Ticket
from bookings.services import cancellations
from tests.browser.acts import press, sign_in
from tests.browser.test_looks import SCHEMES, WIDTHS, violations, width_of_content
from tests.factories import customer, event_on_sale, paid

pytestmark = pytest.mark.browser

KEPT = "This ticket is kept on this device: the page opens without a network too."


def open_ticket(page: Page) -> Ticket:
    """The page of a new ticket, until it is kept."""
    ticket = paid(event_on_sale(title="Songs", entry_rules="No large bags."), 1).tickets.get()
    page.goto(f"/tickets/{ticket.link}/")
    expect(page.get_by_text(KEPT)).to_be_visible()
    return ticket


def kept(page: Page) -> list[str]:
    """The addresses of the pages that the browser keeps."""
    script = "async () => (await (await caches.open('tickets')).keys()).map(({ url }) => new URL(url).pathname)"
    return [path for path in page.evaluate(script) if not path.startswith("/static/")]


def test_a_ticket_opens_without_a_network_after_one_visit(
    page: Page, context: BrowserContext, mishaps: list[str]
) -> None:
    """U36"""
    ticket = open_ticket(page)
    context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Songs")
    expect(page.locator("svg.qr")).to_be_visible()
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.pass-head')).borderBottomStyle") == "solid"
    )  # its styles are there too
    assert kept(page) == [f"/tickets/{ticket.link}/"]
    context.set_offline(False)
    mishaps[:] = [mishap for mishap in mishaps if "ERR_INTERNET_DISCONNECTED" not in mishap]


def test_a_ticket_that_became_void_is_void_here_too(page: Page, context: BrowserContext, mishaps: list[str]) -> None:
    """U36: the network comes first"""
    ticket = open_ticket(page)
    cancellations.cancel(booking_id=ticket.booking_id, reason="asked for")
    page.reload()
    void = page.get_by_text("This ticket is void: it was cancelled.")
    expect(void).to_be_visible()
    context.set_offline(True)
    page.reload()
    expect(void).to_be_visible()
    expect(page.locator("svg.qr")).to_have_count(0)
    context.set_offline(False)
    mishaps[:] = [mishap for mishap in mishaps if "ERR_INTERNET_DISCONNECTED" not in mishap]


def test_what_is_kept_goes_at_sign_out(page: Page, context: BrowserContext, mishaps: list[str]) -> None:
    """S50, S17"""
    sign_in(page, customer())
    ticket = open_ticket(page)
    assert kept(page) == [f"/tickets/{ticket.link}/"]
    page.goto("/account/logout/")
    press(page, "Sign out")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert kept(page) == []
    assert page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 0


def test_other_pages_are_not_kept(page: Page, mishaps: list[str]) -> None:
    """S50: neither the booking nor what is downloaded"""
    ticket = open_ticket(page)
    page.goto(ticket.booking.get_absolute_url())
    page.goto(f"/tickets/{ticket.link}/")
    expect(page.get_by_text(KEPT)).to_be_visible()
    assert kept(page) == [f"/tickets/{ticket.link}/"]


def test_a_ticket_can_be_read_at_every_width_by_day_and_by_night(page: Page) -> None:
    """U35, U41: 240 px and more, black on white, and nothing beside the screen"""
    open_ticket(page)
    page.evaluate(AXE_SCRIPT)
    found = []
    for width, (scheme, options) in product(WIDTHS, SCHEMES.items()):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        found += [f"{width} px, {scheme}: {each}" for each in violations(page, options)]
        if width_of_content(page) > width:
            found.append(f"{width} px, {scheme}: too wide")
        box = page.locator("svg.qr").bounding_box()
        assert box is not None
        assert box["width"] >= 240
        ground = page.evaluate("getComputedStyle(document.querySelector('svg.qr')).backgroundColor")
        assert ground == "rgb(255, 255, 255)"
    assert found == []
