"""Staff find a booking with the key /, act on it in place and on many at once: with and without JavaScript, by axe."""

from itertools import product

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from backoffice import acts
from bookings.models import Booking
from bookings.services import batches
from events.models import Event
from tests.browser.acts import press, see_heading, sign_in, with_and_without_javascript
from tests.browser.test_looks import SCHEMES, WIDTHS, violations, width_of_content
from tests.factories import event_on_sale, member, paid, reserve, with_details

pytestmark = pytest.mark.browser


@pytest.fixture
def event(page: Page) -> Event:
    """An event with bookings, and somebody of support who is signed in."""
    found = event_on_sale(title="Songs at Night", levels={"Standing": 60})
    sign_in(page, member("support", found.organization))
    return found


def faults(page: Page) -> list[str]:
    """What axe finds, and what doesn't fit, at every width, light and dark."""
    page.evaluate(AXE_SCRIPT)
    found = []
    for width, (scheme, options) in product(WIDTHS, SCHEMES.items()):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        found += [f"{width} px, {scheme}: {violation}" for violation in violations(page, options)]
        if width_of_content(page) > width:
            found.append(f"{width} px: {width_of_content(page)} px of content")
    page.set_viewport_size({"width": 1280, "height": 800})
    return found


def test_a_booking_is_found_by_the_keyboard_and_marked_as_paid_in_place(page: Page, event: Event) -> None:
    """U47, U48: the address says what is shown, and the row its new status."""
    booking, other = with_details(reserve(event), "grace@example.com"), paid(event)
    with_details(reserve(event, 1), "grace@example.com")
    page.goto("/admin/")
    page.keyboard.press("/")
    box = page.get_by_role("searchbox", name="Find bookings")
    expect(box).to_be_focused()
    box.press_sequentially("a/b")
    expect(box).to_have_value("a/b")
    box.fill("gra")
    box.press("Enter")
    see_heading(page, "Find bookings")
    expect(page.get_by_role("heading", name="2 bookings")).to_be_visible()
    expect(page.get_by_text("Possible duplicate")).to_have_count(2)
    page.keyboard.press("/")
    page.get_by_role("searchbox", name="Search").press_sequentially("grace")
    expect(page).to_have_url("/admin/find/?q=grace")
    expect(page.locator("#aloud")).to_have_text("2 bookings")
    expect(page.get_by_role("row").filter(has_text=other.code)).to_have_count(0)
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Reserved from").evaluate("field => { field.type = 'text'; field.value = 'soon'; }")
    page.get_by_label("Reserved from").dispatch_event("change")
    expect(page.locator("#id_reserved_from_errors")).to_contain_text("Enter a valid date.")
    assert faults(page) == []
    row = page.locator(f"#row-{booking.pk}")
    row.locator("summary").click()
    row.get_by_role("button", name="Mark as paid").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Mark as paid")).to_be_visible()
    assert faults(page) == []
    dialog.get_by_role("button", name="Mark as paid").click()
    expect(dialog.get_by_role("status")).to_contain_text("Paid and confirmed.")
    dialog.get_by_role("button", name="Close").click()
    expect(row).to_contain_text("confirmed")
    expect(row.locator("summary")).to_be_focused()
    page.goto(f"/admin/find/?q={booking.code}")
    expect(page).to_have_url(f"/admin/bookings/booking/{booking.pk}/change/")
    page.get_by_role("button", name="Send tickets or link again").click()
    page.get_by_role("dialog").get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("On its way to grace@example.com.")).to_be_visible()
    assert faults(page) == []


@with_and_without_javascript
def test_many_are_acted_on_at_once_and_watched(page: Page, event: Event, javascript: str) -> None:
    """U48"""
    for number in range(acts.AT_ONCE + 1):
        with_details(reserve(event, 1), f"person{number}@example.com")
    page.goto("/admin/find/?q=person")
    page.get_by_label("All 21 that match").check()
    page.locator("#bulk").get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("It concerns 21 bookings. 21 mails are sent.")).to_be_visible()
    if javascript == "with":
        assert faults(page) == []
    page.get_by_label("Reason").fill("flood")
    page.get_by_label("How many bookings?").fill("21")
    press(page, "Cancel these bookings")
    see_heading(page, "Cancel: many bookings")
    expect(page.get_by_role("status")).to_contain_text("0 of 21 bookings have had their turn.")
    while batches.work_due():
        pass
    if javascript == "without":
        page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("status")).to_contain_text("Over. 21 of 21 bookings have had their turn.")
    assert set(Booking.objects.values_list("status", flat=True)) == {"cancelled"}


def test_without_scripts_one_booking_is_found_and_kept_longer(
    page: Page, event: Event, browser_context_args: dict[str, object]
) -> None:
    """U48: by the pages that acts have of their own."""
    booking = with_details(reserve(event))
    context = page.context.browser.new_context(**browser_context_args | {"java_script_enabled": False})  # type: ignore[union-attr, arg-type]
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto("/admin/")
    plain.get_by_role("searchbox", name="Find bookings").fill("ada")
    plain.get_by_role("searchbox", name="Find bookings").press("Enter")
    plain.locator(f"#row-{booking.pk} summary").click()
    plain.locator(f"#row-{booking.pk}").get_by_role("button", name="Keep places longer").click()
    press(plain, "Keep longer")
    expect(plain.get_by_text("Kept until")).to_be_visible()
    plain.get_by_role("link", name="Back to the search").click()
    expect(plain).to_have_url("/admin/find/?q=ada")
    context.close()
