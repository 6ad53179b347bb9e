"""The whole purchase, with JavaScript and without."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from bookings.models import Booking
from bookings.queries.promises import violations
from core import clock
from events.models import Event
from tests.browser.acts import (
    choose,
    follow,
    give_details,
    open_booking,
    open_event,
    press,
    quantity,
    see_heading,
    see_kept_until,
    told,
    with_and_without_javascript,
)
from tests.factories import event_on_sale, reserve, with_details

pytestmark = [pytest.mark.browser, with_and_without_javascript]


def go_to_the_sandbox(page: Page, event: Event) -> Booking:
    """Choose two tickets, give details and come to the provider's page."""
    open_event(page, event)
    choose(page, "Standard", 2)
    press(page, "Reserve")
    give_details(page)
    press(page, "Pay €43.00")
    see_heading(page, "Sandbox payment")
    return Booking.objects.get()


def test_a_visitor_buys_tickets_from_the_list_to_the_confirmation(page: Page, javascript: str) -> None:
    """U43, U27: the same total from the event to the tickets."""
    event = event_on_sale()
    page.goto("/events/")
    see_heading(page, "Events")
    follow(page, event.title)
    see_heading(page, event.title)
    choose(page, "Standard", 2)
    press(page, "Reserve")
    see_heading(page, "Your details")
    expect(page.get_by_role("row", name="Total €43.00")).to_be_visible()
    give_details(page)
    see_heading(page, "Review and pay")
    expect(page.get_by_role("row", name="includes service fee €3.00")).to_be_visible()
    press(page, "Pay €43.00")
    expect(page.get_by_text("Amount: €43.00")).to_be_visible()
    press(page, "Pay")
    see_heading(page, "You have your tickets")
    booking = Booking.objects.get()
    assert (booking.status, booking.email, booking.quantity) == ("confirmed", "ada@example.com", 2)
    expect(page.get_by_text(booking.code, exact=True)).to_be_visible()
    expect(page.get_by_role("row", name="Total €43.00")).to_be_visible()
    tickets = [f"{booking.code}-{number} €21.50 Standing, Standard" for number in ("01", "02")]
    expect(page.locator(".tickets li")).to_contain_text(tickets)  # and what can be done with each
    assert list(violations()) == []


def test_a_free_ticket_needs_no_provider(page: Page, javascript: str) -> None:
    booking = with_details(reserve(event_on_sale(amounts={"Guest": 0})))
    open_booking(page, booking, "review")
    press(page, "Get the tickets")
    see_heading(page, "You have your tickets")


def test_after_a_declined_payment_the_places_are_kept_and_another_try_succeeds(page: Page, javascript: str) -> None:
    """U31"""
    booking = go_to_the_sandbox(page, event_on_sale())
    press(page, "Decline")
    see_heading(page, "Review and pay")
    why = told(page)
    expect(why).to_contain_text("The sandbox card was declined. Your places are still kept.")
    expect(why).to_be_focused()
    press(page, "Pay €43.00")
    press(page, "Pay")
    see_heading(page, "You have your tickets")
    assert [payment.status for payment in booking.payments.order_by("pk")] == ["failed", "succeeded"]


def test_who_left_the_provider_without_paying_gets_back_there(page: Page, javascript: str) -> None:
    """U32"""
    go_to_the_sandbox(page, event_on_sale())
    hosted_page = page.url
    follow(page, "Back to the shop without paying")
    see_heading(page, "Your payment is being processed")
    follow(page, "Go back and pay")
    press(page, "Pay €43.00")
    expect(page).to_have_url(hosted_page)


def test_pressing_twice_or_reloading_the_answer_makes_one_booking(page: Page, javascript: str) -> None:
    """R22, U29"""
    open_event(page, event_on_sale())
    choose(page, "Standard", 1)
    page.get_by_role("button", name="Reserve").dblclick()
    see_heading(page, "Your details")
    page.reload()
    see_heading(page, "Your details")
    assert Booking.objects.count() == 1


def test_places_that_are_given_back_are_free_for_others(page: Page, javascript: str) -> None:
    event = event_on_sale(levels={"Standing": 2})
    open_booking(page, reserve(event))
    press(page, "Give the places back")
    see_heading(page, "You gave these places back")
    follow(page, "Choose again")
    choose(page, "Standard", 2)
    press(page, "Reserve")
    see_heading(page, "Your details")


def test_a_reservation_is_extended_with_one_press_at_most_twice(page: Page, javascript: str) -> None:
    """U21"""
    booking = reserve(event_on_sale())
    open_booking(page, booking)
    see_kept_until(page, booking.reserved_until)
    press(page, "I need more time")
    see_kept_until(page, booking.reserved_until + timedelta(minutes=10))
    press(page, "I need more time")
    see_kept_until(page, booking.reserved_until + timedelta(minutes=20))
    expect(page.get_by_role("button", name="I need more time")).to_have_count(0)


def test_an_expired_reservation_says_so_and_leads_back_to_the_event(page: Page, javascript: str) -> None:
    """U22"""
    event = event_on_sale()
    booking = reserve(event)
    with clock.at(clock.now() + timedelta(minutes=16)):
        open_booking(page, booking, "details")
        see_heading(page, "The time for this reservation is over")
        expect(page.get_by_text("nothing is owed")).to_be_visible()
    follow(page, "Choose again")
    expect(page).to_have_url(re.compile(re.escape(event.get_absolute_url())))


def test_details_that_were_given_are_not_asked_for_twice(page: Page, javascript: str) -> None:
    """U26"""
    open_booking(page, with_details(reserve(event_on_sale())), "review")
    follow(page, "Change")
    expect(page.get_by_label("Name")).to_have_value("Ada Example")
    expect(page.get_by_label("E-mail")).to_have_value("ada@example.com")


def test_places_sold_meanwhile_are_named_and_the_choice_is_kept(page: Page, javascript: str) -> None:
    """U25"""
    event = event_on_sale(levels={"Standing": 3})
    open_event(page, event)
    choose(page, "Standard", 2)
    reserve(event, 2)
    press(page, "Reserve")
    summary = told(page)
    expect(summary).to_contain_text("Only 1 place is left at Standing.")
    expect(summary).to_be_focused()
    expect(quantity(page)).to_have_value("2")
    choose(page, "Standard", 1)
    press(page, "Reserve")
    see_heading(page, "Your details")


def test_nothing_of_a_booking_stays_in_the_browsers_storage(page: Page, javascript: str) -> None:
    """S17, S50: nor does the page itself: Back asks us again."""
    booking = go_to_the_sandbox(page, event_on_sale())
    press(page, "Pay")
    see_heading(page, "You have your tickets")
    answers = []
    page.on("response", lambda response: answers.append((response.url, response.from_service_worker)))
    page.goto("/events/")
    kept = page.context.storage_state()
    assert [each for origin in kept["origins"] for each in origin["localStorage"]] == []
    assert {cookie["name"] for cookie in kept["cookies"]} <= {"csrftoken", "language"}  # the choice is forgotten
    if javascript == "with":
        assert booking.secret not in page.evaluate("JSON.stringify(sessionStorage)")
    answers.clear()
    page.go_back()
    see_heading(page, "You have your tickets")
    assert any(url.endswith(booking.get_absolute_url()) for url, _worker in answers)
