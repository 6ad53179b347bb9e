"""The customer is back before the provider knows."""

import re

import pytest
from playwright.sync_api import Page, expect

from bookings import gateways
from bookings.gateways import Outcome, sandbox
from bookings.models import Booking, Payment, SandboxCharge, SandboxCheckout
from core import clock
from tests.browser.acts import open_booking, seconds_left, see_heading
from tests.factories import event_on_sale, handed_over, reserve, settle

pytestmark = pytest.mark.browser

WAITING = "Your payment is being processed"
THERE = "You have your tickets"


@pytest.fixture
def payment() -> Payment:
    """The customer has paid, and the provider takes long to know."""
    payment = handed_over(reserve(event_on_sale()))
    sandbox.press(SandboxCheckout.objects.get(key=payment.key), "take_long")
    return payment


def come_back(page: Page, booking: Booking) -> None:
    open_booking(page, booking, "payment")
    see_heading(page, WAITING)


def the_money_is_there() -> None:
    SandboxCharge.objects.update(captured_at=clock.now())


def wait_for_an_answer(page: Page) -> None:
    """Let the page ask once more."""
    with page.expect_response("**/payment/"):
        page.clock.fast_forward(3_000)


def test_it_resolves_by_itself_and_never_says_failed(page: Page, payment: Payment) -> None:
    """U32"""
    page.clock.install()
    come_back(page, payment.booking)
    for _time in range(3):
        wait_for_an_answer(page)
        see_heading(page, WAITING)
        expect(page.get_by_role("main")).not_to_contain_text(re.compile("fail|declined|did not", re.IGNORECASE))
    the_money_is_there()
    wait_for_an_answer(page)
    see_heading(page, THERE)
    expect(page).to_have_url(re.compile(re.escape(payment.booking.get_absolute_url()) + "$"))
    expect(page).to_have_title(f"Booking {payment.booking.code} · Stagedoor")
    assert page.evaluate("document.activeElement === document.body"), "who reads on begins at the top"


def test_it_resolves_when_the_provider_tells_the_shop(page: Page, payment: Payment) -> None:
    """R31"""
    page.clock.install()
    come_back(page, payment.booking)
    settle(payment)
    page.clock.fast_forward(3_000)
    see_heading(page, THERE)


def test_a_provider_that_does_not_answer_is_no_failure(
    page: Page, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R33"""

    def silence(*args: object) -> None:
        raise gateways.Unavailable

    page.clock.install()
    with monkeypatch.context() as patch:
        patch.setattr(sandbox.SandboxGateway, "look_up", silence)
        come_back(page, payment.booking)
        wait_for_an_answer(page)
        see_heading(page, WAITING)
    the_money_is_there()
    page.clock.fast_forward(3_000)
    see_heading(page, THERE)


def test_waiting_takes_away_neither_focus_nor_the_way_back(page: Page, payment: Payment) -> None:
    page.clock.install()
    page.goto("/")
    come_back(page, payment.booking)
    again = page.get_by_role("link", name="Look again")
    again.focus()
    for _time in range(2):
        wait_for_an_answer(page)
        expect(again).to_be_focused()
    page.go_back()
    see_heading(page, "What shall we see tonight?")


def test_after_a_long_wait_that_ends_in_a_refusal_the_timer_is_right(page: Page) -> None:
    """U20"""
    payment = handed_over(reserve(event_on_sale()))
    page.clock.install()
    come_back(page, payment.booking)
    page.clock.fast_forward("02:00")
    settle(payment, Outcome.FAILED)
    page.clock.fast_forward(3_000)
    see_heading(page, "Review and pay")
    booking = Booking.objects.get()
    assert seconds_left(page) == pytest.approx((booking.reserved_until - clock.now()).total_seconds(), abs=10)


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_javascript_the_page_looks_again_by_itself(page: Page, payment: Payment) -> None:
    """U43"""
    come_back(page, payment.booking)
    the_money_is_there()
    expect(page.get_by_role("heading", level=1)).to_have_text(THERE, timeout=15_000)
