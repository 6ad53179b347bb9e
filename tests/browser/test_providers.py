"""The way to a provider's page on another site and back, in a browser that asks what a form may lead to."""

import re
from typing import Any

import pytest
from django.utils.csp import CSP
from playwright.sync_api import Page, expect

from bookings.models import Booking
from tests.browser.acts import open_booking, see_heading
from tests.factories import event_on_sale, reserve, with_details
from tests.providers import StandIn, _process, standin

__all__ = ["_process", "standin"]
pytestmark = pytest.mark.browser


@pytest.fixture
def booking() -> Booking:
    return with_details(reserve(event_on_sale()))


@pytest.mark.parametrize("label", ["Card and more (Stripe)", "PayPal"])
def test_the_button_leads_to_the_providers_page_and_the_customer_comes_back_with_tickets(
    page: Page, booking: Booking, standin: StandIn, settings: Any, label: str, mishaps: list[str]
) -> None:
    """S46, R31"""
    settings.SECURE_CSP = settings.SECURE_CSP | {"form-action": [CSP.SELF, standin.address]}
    open_booking(page, booking, "review")
    page.get_by_label(label).check()
    page.get_by_role("button", name=re.compile("^Pay")).click()
    see_heading(page, "You have your tickets")
    (elsewhere,) = mishaps  # that the browser went to another site, once, is what it should do here
    assert elsewhere.startswith(f"a request to elsewhere: {standin.address}/pay/")
    mishaps.clear()


def test_a_page_that_was_not_named_is_not_where_a_browser_goes(
    page: Page, booking: Booking, standin: StandIn, mishaps: list[str]
) -> None:
    """S46: the twin without the provider's page in the header."""
    open_booking(page, booking, "review")
    page.get_by_label("PayPal").check()
    with page.expect_console_message(lambda message: "form-action" in message.text):
        page.get_by_role("button", name=re.compile("^Pay")).click()
    mishaps.clear()


def test_a_bank_transfer_says_where_the_money_goes(page: Page, booking: Booking, settings: Any) -> None:
    """U31, U42: also to who comes back to the booking."""
    settings.PAYMENT_PROVIDERS = ["sandbox", "transfer"]
    house = booking.organization
    house.iban, house.account_holder = "DE89370400440532013000", "The House"
    house.save()
    open_booking(page, booking, "review")
    page.get_by_label("Bank transfer").check()
    page.get_by_role("button", name=re.compile("^Pay")).click()
    see_heading(page, "Please transfer the money")
    expect(page.get_by_role("main")).to_contain_text("DE89370400440532013000")
    expect(page.get_by_role("main")).to_contain_text(booking.code)
    page.get_by_role("link", name="Go back and pay").click()
    page.get_by_role("link", name="Where to send it").click()
    see_heading(page, "Please transfer the money")
