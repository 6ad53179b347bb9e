"""How long the places are kept: on every step, by the server's time."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from bookings.models import Booking
from core import clock
from tests.browser.acts import (
    give_details,
    open_booking,
    press,
    said_aloud,
    seconds_left,
    see_heading,
    see_kept_until,
    timer,
    told,
    with_and_without_javascript,
)
from tests.factories import event_on_sale, reserve, with_details

pytestmark = pytest.mark.browser

SLACK = 10
"""Seconds that a slow machine may take between the server's look at the clock and ours."""


def left_of(booking: Booking) -> float:
    """Seconds, by the server's clock."""
    return (booking.reserved_until - clock.now()).total_seconds()


def see_the_servers_time(page: Page, booking: Booking) -> None:
    assert seconds_left(page) == pytest.approx(left_of(booking), abs=SLACK)


@pytest.fixture
def booking() -> Booking:
    return with_details(reserve(event_on_sale()))


def type_details(page: Page) -> None:
    page.get_by_label("Name").fill("نور 🎭")
    page.get_by_label("E-mail").fill("not yet an add")


def see_typed_details(page: Page) -> None:
    expect(page.get_by_label("Name")).to_have_value("نور 🎭")
    expect(page.get_by_label("E-mail")).to_have_value("not yet an add")


@with_and_without_javascript
@pytest.mark.parametrize("step", ["details", "review"])
def test_the_timer_is_on_every_step(page: Page, booking: Booking, step: str, javascript: str) -> None:
    """U20"""
    open_booking(page, booking, step)
    see_kept_until(page, booking.reserved_until)


def test_it_counts_by_itself(page: Page, booking: Booking) -> None:
    open_booking(page, booking)
    shown = timer(page).locator("[data-until]")
    first = seconds_left(page)
    expect(shown).not_to_have_text(f"{first // 60}:{first % 60:02} left")
    assert first > seconds_left(page)


@pytest.mark.parametrize("year", [2001, 2051])
def test_it_is_right_on_a_device_with_a_wrong_clock(page: Page, booking: Booking, year: int) -> None:
    """U20"""
    page.clock.install(time=datetime(year, 1, 1, tzinfo=UTC))
    open_booking(page, booking)
    see_the_servers_time(page, booking)
    page.clock.fast_forward("04:00")
    assert seconds_left(page) == pytest.approx(left_of(booking) - 240, abs=SLACK)


def test_it_survives_a_reload(page: Page, booking: Booking) -> None:
    """U20"""
    open_booking(page, booking)
    with clock.at(clock.now() + timedelta(minutes=5)):
        page.reload()
        assert seconds_left(page) == pytest.approx(10 * 60, abs=SLACK)


def test_it_is_said_aloud_at_five_minutes_two_minutes_and_45_seconds_and_at_the_end(
    page: Page, booking: Booking
) -> None:
    """U21"""
    page.clock.install()
    open_booking(page, booking)
    aloud = said_aloud(page)
    expect(aloud).to_have_text("")
    page.clock.fast_forward("10:01")
    expect(aloud).to_have_text(re.compile("4:5. left"))
    page.clock.fast_forward("03:00")
    expect(aloud).to_have_text(re.compile("1:5. left"))
    page.clock.fast_forward("01:15")
    expect(aloud).to_have_text(re.compile("0:(4|3). left"))
    page.clock.fast_forward("01:00")
    expect(aloud).to_have_text("The time is over.")
    expect(page.locator("[data-until]")).to_have_text("The time is over.")


@with_and_without_javascript
def test_more_time_keeps_what_was_typed(page: Page, javascript: str) -> None:
    """U21"""
    booking = reserve(event_on_sale())
    open_booking(page, booking)
    type_details(page)
    press(page, "I need more time")
    see_kept_until(page, booking.reserved_until + timedelta(minutes=10))
    see_typed_details(page)
    press(page, "I need more time")
    see_kept_until(page, booking.reserved_until + timedelta(minutes=20))
    see_typed_details(page)
    expect(page.get_by_role("button", name="I need more time")).to_have_count(0)


def test_more_time_is_announced_and_neither_loads_the_page_nor_takes_the_focus(page: Page) -> None:
    """U21"""
    booking = reserve(event_on_sale())
    open_booking(page, booking)
    page.evaluate("window.marked = true")
    more = page.get_by_role("button", name="I need more time")
    for extension in (1, 2):
        more.press("Enter")
        until = booking.reserved_until + timedelta(minutes=10 * extension)
        see_kept_until(page, until)
        local = until.astimezone(ZoneInfo("Europe/Berlin"))
        expect(said_aloud(page)).to_have_text(f"Your places are kept until {local:%H:%M} ({local:%Z}).")
        expect(more if extension == 1 else timer(page)).to_be_focused()
    assert page.evaluate("window.marked")


@with_and_without_javascript
def test_details_that_come_too_late_are_kept_and_the_same_places_are_had_again(page: Page, javascript: str) -> None:
    """U22"""
    booking = reserve(event_on_sale())
    open_booking(page, booking)
    late = clock.now() + timedelta(minutes=16)
    with clock.at(late):
        give_details(page, name="نور 🎭", email="nour@example.com")
        see_heading(page, "The time for this reservation is over")
        expect(page.get_by_text("What you have typed is kept.")).to_be_visible()
        press(page, "Try the same places again")
        see_heading(page, "Review and pay")
        expect(page.get_by_text("نور 🎭")).to_be_visible()
        expect(page.get_by_text("nour@example.com")).to_be_visible()
    again = Booking.objects.exclude(pk=booking.pk).get()
    assert (again.quantity, again.email) == (booking.quantity, "nour@example.com")
    assert again.reserved_until == late + timedelta(minutes=15)


@with_and_without_javascript
def test_details_with_a_mistake_that_come_too_late_are_asked_for_once_more(page: Page, javascript: str) -> None:
    """U22, U25"""
    booking = reserve(event_on_sale())
    open_booking(page, booking)
    with clock.at(clock.now() + timedelta(minutes=16)):
        give_details(page, name="نور 🎭", email="not yet an add")
        press(page, "Try the same places again")
        expect(told(page)).to_be_focused()
        see_typed_details(page)


@with_and_without_javascript
def test_places_that_are_gone_cannot_be_had_again_and_it_is_said_why(page: Page, javascript: str) -> None:
    """U22"""
    booking = with_details(reserve(event_on_sale(levels={"Standing": 2})))
    with clock.at(clock.now() + timedelta(minutes=16)):
        open_booking(page, booking)
        reserve(booking.event, 2)
        press(page, "Try the same places again")
        expect(told(page)).to_contain_text("Standing is sold out.")
        expect(told(page)).to_be_focused()
