"""What a form does while it is on its way."""

import pytest
from playwright.sync_api import Page

from tests.browser.acts import choose, open_event, press, see_heading
from tests.factories import event_on_sale

pytestmark = pytest.mark.browser


PRESS_TWICE = """button => {
    let sent = 0;
    window.addEventListener("submit", (event) => {
        sent += event.defaultPrevented ? 0 : 1;
        event.preventDefault();
    });
    button.click();
    button.click();
    return { sent, busy: button.ariaBusy };
}"""


def test_a_form_shows_that_it_is_on_its_way_and_is_sent_once(page: Page) -> None:
    """U29"""
    open_event(page, event_on_sale())
    button = page.get_by_role("button", name="Reserve")
    assert button.evaluate(PRESS_TWICE) == {"sent": 1, "busy": "true"}


def test_who_goes_back_may_send_the_form_again(page: Page) -> None:
    open_event(page, event_on_sale())
    choose(page, "Standard", 1)
    press(page, "Reserve")
    see_heading(page, "Your details")
    page.go_back()
    choose(page, "Standard", 2)
    press(page, "Reserve")
    see_heading(page, "Your details")
