"""A customer with an account: finds what was booked, pays what is open, and leaves."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from bookings.models import Booking
from tests.browser.acts import choose, follow, open_event, press, see_heading, sign_in, with_and_without_javascript
from tests.factories import customer, event_on_sale, paid

pytestmark = [pytest.mark.browser, with_and_without_javascript]


def test_a_customer_buys_without_typing_anything_twice_and_finds_it_again(page: Page, javascript: str) -> None:
    """U26"""
    paid(event_on_sale(title="What I booked as a guest"))
    event = event_on_sale(title="Songs")
    sign_in(page, customer(email="ada@example.com", name="Ada Example"))
    open_event(page, event)
    choose(page, "Standard", 2)
    press(page, "Reserve")
    expect(page.get_by_label("Name")).to_have_value("Ada Example")
    expect(page.get_by_label("E-mail")).to_have_value("ada@example.com")
    page.goto("/account/")
    page.get_by_role("main").get_by_role("link", name="My bookings").last.click()
    see_heading(page, "My bookings")
    titles = page.get_by_role("main").get_by_role("heading", level=3)
    expect(titles).to_have_text(["Songs", "What I booked as a guest"])
    page.get_by_role("button", name="Pay now").click()
    press(page, "Go on to review and pay")
    page.get_by_role("button", name="Pay €").click()
    press(page, "Pay")
    see_heading(page, "You have your tickets")
    page.goto("/account/bookings/")
    expect(page.get_by_role("button", name="Pay now")).to_have_count(0)
    page.get_by_role("link", name="Past").click()
    expect(page).to_have_url("/account/bookings/?show=past")
    expect(titles).to_have_count(0)


def test_a_customer_says_who_they_are_and_leaves(page: Page, javascript: str) -> None:
    person = customer(email="ada@example.com", name="")
    booking = paid(event_on_sale())
    sign_in(page, person)
    page.goto("/account/profile/")
    page.get_by_label("Name").fill("Ada Žoë")
    page.get_by_label("Language").select_option("de")
    press(page, "Save")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_label("Name")).to_have_value("Ada Žoë")
    page.locator("[name=language]").select_option("en")
    page.get_by_role("main").locator("form:not([action]) button").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    follow(page, "Delete my account")
    press(page, "Delete my account")
    expect(page.get_by_role("main").get_by_role("alert")).to_contain_text("Please tick this")
    page.get_by_label("Yes, delete my account for good").check()
    press(page, "Delete my account")
    see_heading(page, "Goodbye")
    assert not User.objects.filter(email="ada@example.com").exists()
    page.goto("/account/bookings/")
    expect(page).to_have_url("/account/login/?next=/account/bookings/")
    page.goto(booking.get_absolute_url())
    see_heading(page, "You have your tickets")
    assert Booking.objects.get().user is None
