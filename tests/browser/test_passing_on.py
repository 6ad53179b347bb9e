"""Two people, one ticket: offered, accepted, and out of the giver's hands; and tickets that are exchanged."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.bookings.exchanging import an_event, bought
from tests.bookings.passing_on import a_ticket, offer, passed_on, secret_in_mail
from tests.browser.acts import choose, follow, open_booking, press, see_heading, with_and_without_javascript
from tests.browser.test_looks import SCHEMES, WIDTHS, violations, width_of_content

pytestmark = pytest.mark.browser


@with_and_without_javascript
def test_a_ticket_is_passed_on(page: Page, javascript: str) -> None:
    """U37"""
    ticket = a_ticket(title="Songs")
    open_booking(page, ticket.booking)
    page.get_by_role("link", name="Pass on").first.click()
    page.get_by_label("Their name").fill("Bob Example")
    page.get_by_label("Their e-mail").fill("bob@example.com")
    press(page, "Offer this ticket")
    expect(page.get_by_text("Offered to Bob Example until")).to_be_visible()
    press(page, "Take the offer back")
    page.get_by_role("link", name="Pass on").first.click()
    page.get_by_label("Their name").fill("Bob Example")
    page.get_by_label("Their e-mail").fill("bob@example.com")
    press(page, "Offer this ticket")
    page.goto(f"/transfers/{secret_in_mail()}/")
    expect(page.get_by_text("Ada Example wants to give you this ticket.")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Bob Example")
    press(page, "Accept the ticket")
    expect(page.get_by_text("Songs").first).to_be_visible()
    open_booking(page, ticket.booking)
    expect(page.get_by_text("Passed on to Bob Example")).to_be_visible()
    page.goto(f"/transfers/{secret_in_mail()}/")
    see_heading(page, "This ticket isn't offered")


@with_and_without_javascript
def test_tickets_are_exchanged_and_the_difference_is_paid(page: Page, javascript: str) -> None:
    """R3"""
    booking = bought(an_event())
    open_booking(page, booking)
    follow(page, "Exchange tickets")
    for box in page.get_by_role("checkbox").all():
        box.check()
    press(page, "Go on and choose others")
    expect(page.get_by_text("You are exchanging 2 tickets")).to_be_visible()
    choose(page, "Premium", 2)
    press(page, "Reserve")
    expect(page.get_by_label("Name")).to_have_value("Ada Example")
    press(page, "Go on to review and pay")
    press(page, "Pay €21.00")
    press(page, "Pay")
    see_heading(page, "You have your tickets")
    open_booking(page, booking)
    see_heading(page, "These tickets were exchanged")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_these_pages_are_accessible_and_fit_at_every_width(page: Page, scheme: str) -> None:
    """U14, U37"""
    ticket = a_ticket(3, title="Donaudampfschifffahrtselektrizitätenhauptbetriebswerk")
    booking, got = ticket.booking, passed_on(ticket)
    offer(booking.live_tickets()[0], "cy@example.com", "Constantine Papadopoulos-Featherstonehaugh")
    exchanged = bought(an_event())
    addresses = [
        booking.get_absolute_url(),
        f"{booking.get_absolute_url()}tickets/3/pass-on/",
        f"{booking.get_absolute_url()}tickets/2/pass-on/",
        f"{booking.get_absolute_url()}tickets/3/holder/",
        f"{booking.get_absolute_url()}contact/",
        f"{booking.get_absolute_url()}new-link/",
        f"{exchanged.get_absolute_url()}exchange/",
        f"/transfers/{secret_in_mail('cy@example.com')}/",
        f"/tickets/{got.link}/pass-on/",
        f"/tickets/{got.link}/",
    ]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for address in addresses:
        page.goto(address)
        page.evaluate(AXE_SCRIPT)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert width_of_content(page) <= width, (address, width)
            assert violations(page, SCHEMES[scheme]) == [], (address, width)
