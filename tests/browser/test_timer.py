"""How long the places are kept: on every step, by the server's time."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from bookings.models import Booking
from core import clock
from tests.browser.acts import (
    open_booking,
    said_aloud,
    seconds_left,
    see_kept_until,
    timer,
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
