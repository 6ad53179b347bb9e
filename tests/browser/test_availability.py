"""What is left changes under the eyes of who chooses, and nothing else does."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bookings.services import reservations
from core import briefly, clock
from events.models import Event
from tests.browser.acts import choose, open_event, press, quantity, see_heading
from tests.factories import event_on_sale, price_of, reserve

pytestmark = pytest.mark.browser


def another_buyer_takes(event: Event, places: int) -> None:
    """Reserve in the database; the answer that pages share for a second is dropped."""
    reserve(event, places)
    briefly.forget()


def five_seconds_pass(page: Page) -> None:
    page.clock.fast_forward(5_000)


def what_must_not_move(page: Page) -> dict[str, Any]:
    return page.evaluate(
        """() => ({
            scroll: window.scrollY,
            focused: document.activeElement.id,
            typed: document.activeElement.value,
            form: document.querySelector("main form").getBoundingClientRect().toJSON(),
        })"""
    )


def test_what_is_left_refreshes_without_moving_the_page(page: Page) -> None:
    """U18, U41"""
    event = event_on_sale(levels={"Standing": 60}, max_per_booking=100)
    page.clock.install()
    page.set_viewport_size({"width": 320, "height": 480})
    open_event(page, event)
    badges = page.locator(".badge")
    expect(badges).to_have_text(["On sale", "More than 50 left"])
    choose(page, "Standard", 3)
    quantity(page).scroll_into_view_if_needed()
    before = what_must_not_move(page)
    assert before["scroll"] > 0
    assert before["typed"] == "3"

    another_buyer_takes(event, 45)
    five_seconds_pass(page)
    expect(badges).to_have_text(["Few places left", "15 left"])
    assert what_must_not_move(page) == before

    another_buyer_takes(event, 15)
    five_seconds_pass(page)
    expect(badges).to_have_text(["Sold out", "Sold out"])
    assert what_must_not_move(page) == before


def test_it_refreshes_by_the_real_clock_too(page: Page) -> None:
    event = event_on_sale()
    open_event(page, event)
    expect(page.get_by_text("10 left")).to_be_visible()
    another_buyer_takes(event, 4)
    expect(page.get_by_text("6 left")).to_be_visible(timeout=15_000)


def test_each_level_tells_its_own(page: Page) -> None:
    event = event_on_sale(levels={"Stalls": 2, "Balcony": 30})
    page.clock.install()
    open_event(page, event)
    reserve(event, 2, price=event.price_levels.get(name="Stalls").prices.get())
    briefly.forget()
    five_seconds_pass(page)
    expect(page.get_by_role("group", name="Stalls").locator(".badge")).to_have_text("Sold out")
    expect(page.get_by_role("group", name="Balcony").locator(".badge")).to_have_text("30 left")


def test_nothing_new_is_answered_with_nothing(page: Page) -> None:
    page.clock.install()
    open_event(page, event_on_sale())
    with page.expect_response("**/availability/**") as answer:
        five_seconds_pass(page)
    assert answer.value.status == 204


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_javascript_a_reload_tells(page: Page) -> None:
    event = event_on_sale()
    open_event(page, event)
    another_buyer_takes(event, 4)
    page.reload()
    see_heading(page, event.title)
    expect(page.get_by_text("6 left")).to_be_visible()


def test_what_sold_out_under_ones_hands_can_come_back(page: Page) -> None:
    """U8"""
    event = event_on_sale(levels={"Standing": 2})
    page.clock.install()
    open_event(page, event)
    choose(page, "Standard", 2)
    booking = reserve(event, 2)
    briefly.forget()
    five_seconds_pass(page)
    expect(page.locator(".badge")).to_have_text(["Sold out", "Sold out"])
    reservations.give_up(booking_id=booking.pk)
    briefly.forget()
    five_seconds_pass(page)
    expect(page.locator(".badge")).to_have_text(["Few places left", "2 left"])
    expect(quantity(page)).to_have_value("2")


def test_who_waits_at_a_sold_out_event_gets_the_form_when_places_come_back(page: Page) -> None:
    """U5"""
    event = event_on_sale(levels={"Standing": 2})
    booking = reserve(event, 2)
    page.clock.install()
    open_event(page, event)
    expect(page.get_by_role("button", name="Reserve")).to_have_count(0)
    reservations.give_up(booking_id=booking.pk)
    briefly.forget()
    five_seconds_pass(page)
    choose(page, "Standard", 2)
    press(page, "Reserve")
    see_heading(page, "Your details")


def test_when_sales_open_the_form_appears_by_itself_with_the_choice_of_the_address(page: Page, noon: datetime) -> None:
    """R46, U5"""
    event = event_on_sale(sales_start=noon + timedelta(hours=1))
    page.clock.install()
    page.goto(f"{event.get_absolute_url()}?price_{price_of(event).pk}=3")
    expect(page.get_by_role("button", name="Reserve")).to_have_count(0)
    clock.advance(timedelta(minutes=59))
    five_seconds_pass(page)
    expect(page.get_by_role("button", name="Reserve")).to_have_count(0)
    clock.advance(timedelta(minutes=1))
    five_seconds_pass(page)
    expect(quantity(page)).to_have_value("3")
    press(page, "Reserve")
    see_heading(page, "Your details")


@pytest.mark.parametrize("year", [2001, 2051])
def test_the_countdown_to_the_sale_is_right_on_a_device_with_a_wrong_clock(
    page: Page, noon: datetime, year: int
) -> None:
    """U5, U20"""
    event = event_on_sale(sales_start=noon + timedelta(minutes=30))
    page.clock.install(time=datetime(year, 1, 1, tzinfo=UTC))
    open_event(page, event)
    assert minutes_and_seconds(page) == pytest.approx(30 * 60, abs=10)
    page.clock.fast_forward("10:00")
    assert minutes_and_seconds(page) == pytest.approx(20 * 60, abs=10)


def minutes_and_seconds(page: Page) -> int:
    """What the countdown to the sale says."""
    shown = page.locator(".countdown")
    expect(shown).to_have_text(re.compile(r"^\d+:\d\d$"))
    minutes, seconds = shown.inner_text().split(":")
    return int(minutes) * 60 + int(seconds)
