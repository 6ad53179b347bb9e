"""Tickets are given back in the browser: what goes back is seen first; where no rule allows it, one asks."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from bookings.models import Booking, CancellationPolicy
from tests.browser.acts import follow, open_booking, press, see_heading, with_and_without_javascript
from tests.browser.test_looks import SCHEMES, WIDTHS, violations, width_of_content
from tests.factories import event_on_sale, paid

pytestmark = pytest.mark.browser


def bought(**rules: int | None) -> Booking:
    """Two tickets for €20 and a fee of €1.50 each, and the rules of their house."""
    event = event_on_sale(title="Donaudampfschifffahrtselektrizitätenhauptbetriebswerk")
    CancellationPolicy.objects.create(organization=event.organization, **{"cancel_until_hours": 24, **rules})
    return paid(event, 2)


@with_and_without_javascript
def test_one_ticket_is_given_back(page: Page, javascript: str) -> None:
    """U38"""
    booking = bought()
    open_booking(page, booking)
    follow(page, "Give tickets back")
    page.get_by_role("checkbox").first.check()
    if javascript == "without":
        press(page, "Show what goes back")
    expect(page.get_by_text("100 % of the price goes back, since it is")).to_be_visible()
    press(page, "Give 1 ticket back for €20.00")
    see_heading(page, "You have your tickets")
    expect(page.get_by_role("heading", name="Given back")).to_be_visible()
    expect(page.locator(".tickets .ticket")).to_have_count(1)


@with_and_without_javascript
def test_who_may_not_give_back_asks(page: Page, javascript: str) -> None:
    """U38"""
    booking = bought(cancel_until_hours=None)
    open_booking(page, booking)
    follow(page, "Give tickets back")
    expect(page.get_by_text("For this event tickets can't be given back without asking.")).to_be_visible()
    follow(page, "Ask for a refund")
    press(page, "Ask")
    expect(page.get_by_role("alert")).to_contain_text("Please choose at least one ticket.")
    page.get_by_role("checkbox").first.check()
    page.get_by_label("What happened?").fill("I fell ill.")
    press(page, "Ask")
    expect(page.get_by_role("heading", name="Your refund request")).to_be_visible()
    press(page, "Take the request back")
    expect(page.get_by_text("You took it back.")).to_be_visible()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_these_pages_are_accessible_and_fit_at_every_width(page: Page, scheme: str) -> None:
    """U14, U42, U44"""
    mine, asked = bought(), bought(cancel_until_hours=None)
    give_back = f"{mine.get_absolute_url()}give-back/"
    addresses = [
        give_back,
        f"{give_back}?ticket=1&ticket=2",
        f"{asked.get_absolute_url()}give-back/",
        f"{asked.get_absolute_url()}ask-refund/",
        f"{mine.event.get_absolute_url()}giving-back/",
    ]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for address in addresses:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(address)
            assert width_of_content(page) <= width, address
        page.evaluate(AXE_SCRIPT)
        assert violations(page, SCHEMES[scheme]) == [], address
