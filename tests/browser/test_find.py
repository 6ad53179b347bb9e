"""A visitor who lost the link."""

import pytest
from playwright.sync_api import Page

from notifications.models import Message
from tests.browser.acts import follow, press, see_heading, with_and_without_javascript
from tests.factories import event_on_sale, paid

pytestmark = [pytest.mark.browser, with_and_without_javascript]


@pytest.mark.parametrize(("email", "mails"), [("Ada@Example.com", 1), ("eve@example.com", 0)])
def test_a_lost_link_is_mailed_in_two_steps_and_the_page_tells_nobody_else(
    page: Page, javascript: str, email: str, mails: int
) -> None:
    """U40"""
    booking = paid(event_on_sale())
    page.goto("/")
    follow(page, "Find my booking")
    page.get_by_label("Booking code").fill(f" {booking.code.lower()} ")
    page.get_by_label("E-mail").fill(email)
    press(page, "Send me the link")
    see_heading(page, "Look into your mail")
    assert Message.objects.filter(kind="booking-link").count() == mails
