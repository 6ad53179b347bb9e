"""Choosing: what the page counts is what is charged, and a choice survives what people do to pages."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from bookings.models import Booking
from core import clock
from tests.browser.acts import (
    choose,
    follow,
    open_booking,
    open_event,
    press,
    quantity,
    seconds_left,
    see_heading,
    told,
    with_and_without_javascript,
)
from tests.factories import event_on_sale, reserve

pytestmark = pytest.mark.browser


def running_total(page: Page) -> Locator:
    return page.locator("output[data-sum]")


def one_more(page: Page, ticket: str = "Standard") -> Locator:
    return page.get_by_role("button", name=f"One more: {ticket}", exact=True)


def one_less(page: Page, ticket: str = "Standard") -> Locator:
    return page.get_by_role("button", name=f"One less: {ticket}", exact=True)


def see_own_reservation(page: Page, until: str) -> None:
    expect(page.locator(".notice")).to_contain_text(f"You have places reserved here until {until}.")


def test_steppers_count_by_mouse_and_by_keyboard(page: Page) -> None:
    open_event(page, event_on_sale(amounts={"Child": 1_000, "Standard": 2_000}))
    expect(running_total(page)).to_have_text("Nothing chosen yet")
    expect(one_less(page)).to_be_disabled()
    one_more(page).click()
    one_more(page).press("Enter")
    one_more(page, "Child").press("Space")
    expect(quantity(page)).to_have_value("2")
    expect(running_total(page)).to_have_text("3 tickets, €54.00")
    one_less(page).press("Enter")
    quantity(page, "Child").press("ArrowDown")
    expect(running_total(page)).to_have_text("1 ticket, €21.50")


def test_nobody_is_led_past_the_limit(page: Page) -> None:
    open_event(page, event_on_sale(max_per_booking=6, max_per_customer=2))
    one_more(page).click()
    expect(running_total(page)).not_to_contain_text("That is the most for one booking.")
    one_more(page).click()
    expect(one_more(page)).to_be_disabled()
    choose(page, "Standard", 3)
    expect(running_total(page)).to_have_text("3 tickets, €64.50 That is the most for one booking.")


MONEY = {"EUR": 617_53, "JPY": 61_753, "KWD": 617_531}


@pytest.mark.parametrize("currency", MONEY)
@pytest.mark.parametrize(
    "language",
    [pytest.param(code, marks=pytest.mark.browser_context_args(locale=code)) for code in ("en", "de", "es")],
)
def test_the_running_total_is_what_the_server_says_on_the_next_page(page: Page, currency: str, language: str) -> None:
    """U27"""
    amounts = {"Standard": MONEY[currency], "Child": 1_000}
    open_event(page, event_on_sale(amounts=amounts, currency=currency, fee_per_ticket=50))
    choose(page, "Standard", 2)
    choose(page, "Child", 1)
    total = running_total(page).locator("strong").inner_text()
    quantity(page).press("Enter")
    expect(page.locator(".summary tfoot tr").first.locator("td")).to_have_text(total)


def test_the_fee_of_a_booking_is_counted_once(page: Page) -> None:
    """U27: as soon as something is chosen that isn't free."""
    open_event(page, event_on_sale(amounts={"Standard": 2_000, "Guest": 0}, fee_per_ticket=0, fee_per_booking=250))
    expect(running_total(page)).to_have_text("Nothing chosen yet")
    choose(page, "Guest", 1)
    expect(running_total(page)).to_have_text("1 ticket, free")
    choose(page, "Standard", 2)
    expect(running_total(page)).to_have_text("3 tickets, €44.50 including €2.50 for the booking")
    quantity(page).press("Enter")
    expect(page.locator(".summary tfoot tr").first.locator("td")).to_have_text("€44.50")


def test_a_free_choice_is_called_so(page: Page) -> None:
    open_event(page, event_on_sale(amounts={"Guest": 0}))
    choose(page, "Guest", 1)
    expect(running_total(page)).to_have_text("1 ticket, free")


def test_a_choice_survives_a_reload_and_the_way_back(page: Page) -> None:
    """R22"""
    event = event_on_sale()
    open_event(page, event)
    choose(page, "Standard", 3)
    page.reload()
    expect(quantity(page)).to_have_value("3")
    expect(running_total(page)).to_have_text("3 tickets, €64.50")
    follow(page, event.venue.name)
    page.go_back()
    expect(quantity(page)).to_have_value("3")
    expect(running_total(page)).to_have_text("3 tickets, €64.50")
    choose(page, "Standard", 0)
    expect(page).to_have_url(event.get_absolute_url())


@with_and_without_javascript
def test_what_was_reserved_stands_in_the_form_again(page: Page, javascript: str) -> None:
    """U26"""
    event = event_on_sale()
    open_event(page, event)
    choose(page, "Standard", 3)
    press(page, "Reserve")
    see_heading(page, "Your details")
    follow(page, "Change the choice")
    see_heading(page, event.title)
    expect(quantity(page)).to_have_value("3")


@with_and_without_javascript
def test_ones_own_reservation_is_told_with_its_time_and_the_way_to_it(
    page: Page, noon: datetime, javascript: str
) -> None:
    """U20"""
    event = event_on_sale()
    open_event(page, event)
    choose(page, "Standard", 1)
    press(page, "Reserve")
    see_heading(page, "Your details")
    clock.advance(timedelta(minutes=5))
    open_event(page, event)
    see_own_reservation(page, until="14:15 (CEST)")
    if javascript == "with":
        assert seconds_left(page) == pytest.approx(600, abs=10)
    press(page, "Go on with them")
    see_heading(page, "Your details")
    clock.advance(timedelta(minutes=11))
    open_event(page, event)
    see_heading(page, event.title)
    expect(page.locator(".notice")).to_have_count(0)


@with_and_without_javascript
def test_a_new_choice_takes_the_place_of_ones_own_even_of_the_last_places(page: Page, javascript: str) -> None:
    event = event_on_sale(levels={"Standing": 2})
    open_event(page, event)
    choose(page, "Standard", 2)
    press(page, "Reserve")
    see_heading(page, "Your details")
    first = Booking.objects.get()
    follow(page, "Change the choice")
    choose(page, "Standard", 1)
    press(page, "Reserve")
    see_heading(page, "Your details")
    second = Booking.objects.exclude(pk=first.pk).get()
    assert (second.quantity, second.status) == (1, "pending")
    open_booking(page, first)
    see_heading(page, "You have chosen anew")


@with_and_without_javascript
def test_a_new_choice_that_cannot_be_had_leaves_ones_own(page: Page, javascript: str) -> None:
    event = event_on_sale(levels={"Standing": 4})
    open_event(page, event)
    choose(page, "Standard", 2)
    press(page, "Reserve")
    see_heading(page, "Your details")
    follow(page, "Change the choice")
    reserve(event, 2)
    choose(page, "Standard", 4)
    press(page, "Reserve")
    expect(told(page)).to_be_focused()
    expect(quantity(page)).to_have_value("4")
    press(page, "Go on with them")
    see_heading(page, "Your details")
    assert [booking.status for booking in Booking.objects.all()] == ["pending", "pending"]


@with_and_without_javascript
def test_anothers_reservation_is_not_ones_own(
    page: Page, new_context: Callable[..., BrowserContext], javascript: str
) -> None:
    """S9"""
    event = event_on_sale()
    open_event(page, event)
    choose(page, "Standard", 2)
    press(page, "Reserve")
    see_heading(page, "Your details")
    other = new_context().new_page()
    open_event(other, event)
    see_heading(other, event.title)
    expect(other.locator(".notice")).to_have_count(0)
    expect(quantity(other)).to_have_value("0")


@with_and_without_javascript
def test_what_is_sold_out_is_marked_and_the_rest_can_be_had(page: Page, javascript: str) -> None:
    """U12"""
    event = event_on_sale(levels={"Stalls": 2, "Balcony": 30})
    reserve(event, 2, price=event.price_levels.get(name="Stalls").prices.get())
    open_event(page, event)
    expect(page.get_by_role("group", name="Stalls").locator(".badge")).to_have_text("Sold out")
    choose(page, "Standard", 2, level="Balcony")
    press(page, "Reserve")
    see_heading(page, "Your details")
