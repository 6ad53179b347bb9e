"""Staff at the counter: with a mouse, with a keyboard alone, with and without JavaScript."""

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from bookings.models import Booking
from events.models import Event
from notifications.models import Message
from tests.browser.acts import follow, press, with_and_without_javascript
from tests.browser.test_looks import SCHEMES, WIDTHS, violations, width_of_content
from tests.factories import event_on_sale, member, price_of, reserve

pytestmark = pytest.mark.browser


@pytest.fixture
def event() -> Event:
    return event_on_sale(
        levels={"Stalls": 40, "Balcony": 60},
        amounts={"Standard": 2_000, "Child": 1_000},
        title="Songs at Night",
        max_per_customer=6,
        entry_rules="Bring **nothing**.",
    )


@pytest.fixture
def seller(page: Page, event: Event, live_server: LiveServer) -> User:
    """Support staff of the event's organization, signed in in this browser."""
    user, client = member("support", event.organization), Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return user


def quantity(page: Page, level: str, ticket: str) -> Locator:
    return page.get_by_role("group", name=level).get_by_role("combobox", name=ticket)


def total(page: Page) -> Locator:
    return page.locator("#total")


@with_and_without_javascript
def test_from_the_event_to_tickets_on_paper_and_on_to_the_next(
    page: Page, event: Event, seller: User, javascript: str
) -> None:
    page.goto("/admin/sell/")
    page.get_by_label("Event").select_option(str(event.pk))
    press(page, "Choose")
    quantity(page, "Stalls", "Standard").select_option("2")
    quantity(page, "Balcony", "Child").select_option("1")
    if javascript == "without":
        page.get_by_label("Name").fill("Ada Example")
        press(page, "Show the total")
        expect(page.get_by_label("Name")).to_have_value("Ada Example")
    expect(total(page)).to_have_text("3 tickets, €54.00")
    assert not Booking.objects.exists()
    page.get_by_label("card at the counter").check()
    press(page, "Sell")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sale BK-")
    booking = Booking.objects.get()
    assert (booking.status, booking.total, booking.payments.get().provider) == ("confirmed", 5_400, "card")
    follow(page, "Print tickets")
    expect(page.get_by_role("article")).to_have_count(3)
    expect(page.get_by_role("article").nth(2)).to_contain_text(f"{booking.code}-03")
    expect(page.get_by_role("button", name="Print", exact=True)).to_have_count(1 if javascript == "with" else 0)
    follow(page, "Sell more at this event")
    expect(page.get_by_role("heading", name=event.title)).to_be_visible()
    expect(total(page)).to_have_text("Nothing chosen yet")


@with_and_without_javascript
def test_a_refusal_stands_beside_its_field_and_everything_is_kept(
    page: Page, event: Event, seller: User, javascript: str
) -> None:
    page.goto(f"/admin/sell/?event={event.pk}")
    for _customer in range(6):
        reserve(event, 6, price=price_of(event, "Stalls"))
    reserve(event, 3, price=price_of(event, "Stalls"))
    quantity(page, "Stalls", "Child").select_option("2")
    page.get_by_label("Name").fill("Ada Example")
    page.get_by_label("cash").check()
    press(page, "Sell")
    expect(page.get_by_role("alert")).to_contain_text("Only 1 place is left at Stalls.")
    field = quantity(page, "Stalls", "Child")
    expect(field).to_have_value("2")
    expect(field).to_have_accessible_description("Only 1 place is left at Stalls.")
    expect(page.get_by_label("Name")).to_have_value("Ada Example")
    expect(page.get_by_label("cash")).to_be_checked()
    field.select_option("1")
    press(page, "Sell")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sale BK-")
    assert Booking.objects.get(channel="box_office").quantity == 1


def test_a_sale_by_keyboard_alone(page: Page, event: Event, seller: User) -> None:
    """U42"""
    page.goto("/admin/sell/")
    expect(page.get_by_label("Event")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(quantity(page, "Stalls", "Child")).to_be_focused()
    page.keyboard.type("2")
    expect(total(page)).to_have_text("2 tickets, €22.00")
    for _level in range(4):
        page.keyboard.press("Tab")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("Ada Example")
    page.keyboard.press("Tab")
    page.keyboard.type("ada@example.com")
    for _field in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")  # from the first to the last: later
    expect(page.get_by_label("later, by a link in a mail")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sale BK-")
    booking = Booking.objects.get()
    assert (booking.status, booking.email) == ("pending", "ada@example.com")
    assert Message.objects.get().kind == "booking-to-pay"


def test_after_a_sale_the_keyboard_is_where_it_goes_on(page: Page, event: Event, seller: User) -> None:
    page.goto(f"/admin/sell/?event={event.pk}&how=cash")
    expect(quantity(page, "Stalls", "Child")).to_be_focused()
    expect(page.get_by_label("cash")).to_be_checked()
    page.keyboard.type("1")
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_role("link", name="Print tickets")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Print", exact=True)).to_be_focused()


@pytest.mark.parametrize("where", ["events", "form", "refusal", "done", "print"])
def test_its_pages_are_accessible_and_fit(page: Page, event: Event, seller: User, where: str) -> None:
    """U42, U44"""
    page.goto("/admin/sell/" if where == "events" else f"/admin/sell/?event={event.pk}")
    if where == "refusal":
        press(page, "Sell")
    if where in ("done", "print"):
        quantity(page, "Stalls", "Standard").select_option("2")
        page.get_by_label("Name").fill("Ada Example")
        page.get_by_label("E-mail").fill("ada@example.com")
        page.get_by_label("cash").check()
        press(page, "Sell")
        expect(page.get_by_role("button", name="Mail tickets once more")).to_be_visible()
    if where == "print":
        follow(page, "Print tickets")
    page.evaluate(AXE_SCRIPT)
    faults: list[Any] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme, options in SCHEMES.items():
            page.emulate_media(color_scheme=scheme)
            faults += [f"{width} px, {scheme}: {violation}" for violation in violations(page, options)]
        if width_of_content(page) > width:
            faults.append(f"{width} px: {width_of_content(page)} px of content")
    assert faults == []
