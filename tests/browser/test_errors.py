"""What is wrong is said at the top, beside the field, and nothing that was typed is lost."""

import pytest
from playwright.sync_api import Locator, Page, expect

from bookings.models import Booking
from tests.browser.acts import (
    choose,
    give_details,
    open_booking,
    open_event,
    press,
    quantity,
    told,
    with_and_without_javascript,
)
from tests.factories import event_on_sale, reserve

pytestmark = [pytest.mark.browser, with_and_without_javascript]


def see_summary(page: Page, *errors: str) -> Locator:
    """The summary lists exactly these and has the focus."""
    summary = told(page)
    expect(summary.get_by_role("listitem")).to_have_text(errors)
    expect(summary).to_be_focused()
    return summary


def test_an_empty_choice_leads_to_the_first_field(page: Page, javascript: str) -> None:
    """U25"""
    open_event(page, event_on_sale())
    press(page, "Reserve")
    see_summary(page, "Please choose at least one ticket.").get_by_role("link").click()
    expect(quantity(page)).to_be_focused()


def test_too_many_tickets_are_refused_and_the_number_stays(page: Page, javascript: str) -> None:
    """U25"""
    open_event(page, event_on_sale(max_per_booking=4))
    choose(page, "Standard", 5)
    press(page, "Reserve")
    see_summary(page, "At most 4 tickets can be booked at once for this event.")
    expect(quantity(page)).to_have_value("5")
    assert not Booking.objects.exists()


def test_a_number_that_is_none_is_told_beside_its_field(page: Page, javascript: str) -> None:
    """U25"""
    open_event(page, event_on_sale(amounts={"Child": 1_000, "Standard": 2_000}))
    choose(page, "Child", 1)
    choose(page, "Standard", -1)
    press(page, "Reserve")
    see_summary(page, "Standing, Standard: Please enter a whole number, such as 2.").get_by_role("link").click()
    expect(quantity(page, "Standard")).to_be_focused()
    expect(quantity(page, "Standard")).to_have_accessible_description("Please enter a whole number, such as 2.")
    expect(quantity(page, "Child")).to_have_value("1")


def test_a_sold_out_event_refuses_politely(page: Page, javascript: str) -> None:
    event = event_on_sale(levels={"Standing": 2})
    open_event(page, event)
    choose(page, "Standard", 1)
    reserve(event)
    press(page, "Reserve")
    see_summary(page, "Standing is sold out.")
    expect(page.locator(".badge")).to_have_text(["Sold out", "Sold out"])


def test_a_bad_address_is_told_and_the_name_is_kept(page: Page, javascript: str) -> None:
    """U25"""
    open_booking(page, reserve(event_on_sale()))
    give_details(page, name="نور 🎭", email="nobody")
    see_summary(page, "E-mail: Enter a valid email address.").get_by_role("link").click()
    email = page.get_by_label("E-mail")
    expect(email).to_be_focused()
    expect(email).to_have_value("nobody")
    expect(email).to_have_accessible_description("Your tickets are sent to this address. Enter a valid email address.")
    expect(page.get_by_label("Name")).to_have_value("نور 🎭")
