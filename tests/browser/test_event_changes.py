"""Staff cancel an event and move one, and what everybody sees of it: with and without JavaScript, and by axe."""

from itertools import product
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from accounts.models import User
from bookings.models import Batch, Booking
from bookings.services import batches
from events.models import Event
from events.services import changing
from tests.browser.acts import (
    follow,
    open_booking,
    open_event,
    press,
    see_heading,
    sign_in,
    with_and_without_javascript,
)
from tests.browser.states import AWKWARD
from tests.browser.test_looks import SCHEMES, WIDTHS, violations, width_of_content
from tests.factories import event_on_sale, member, paid, reserve, with_details

pytestmark = pytest.mark.browser


@pytest.fixture
def event() -> Event:
    return event_on_sale(title="Songs at Night", levels={"Standing": 40})


@pytest.fixture
def organizer(page: Page, event: Event) -> User:
    """Who works for the event's organization, signed in in this browser."""
    person = member("organizer", event.organization)
    sign_in(page, person)
    return person


def work(most: int = 25) -> None:
    """What the worker does meanwhile."""
    for pk in Batch.objects.filter(finished_at=None).values_list("pk", flat=True):
        batches.work(batch_id=pk, most=most)


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
    return found


@with_and_without_javascript
def test_staff_cancel_an_event_and_watch_its_bookings_end(
    page: Page, event: Event, organizer: User, javascript: str
) -> None:
    """U39"""
    booking = paid(event)
    paid(event, 1)
    page.goto(f"/admin/events/event/{event.pk}/change/")
    follow(page, "Cancel")
    see_heading(page, "Cancel “Songs at Night”")
    expect(page.get_by_role("list").filter(has_text="goes back")).to_contain_text("€64.50 goes back, fees included.")
    page.get_by_label("Reason").fill("illness")
    page.get_by_label("Message for everybody").fill("The singer has lost her voice.")
    press(page, "Cancel the event")
    expect(page.get_by_text("This field is required.")).to_be_visible()
    assert not Batch.objects.exists()
    page.get_by_label("The event's title, once more").fill("Songs at Night")
    press(page, "Cancel the event")
    see_heading(page, "“Songs at Night” is cancelled")
    status = page.get_by_role("status")
    expect(status).to_contain_text("0 of 2 bookings have had their turn.")
    work(most=1)
    if javascript == "without":
        follow(page, "Look again")
    expect(status).to_contain_text("1 of 2 bookings have had their turn.")
    work()
    if javascript == "without":
        follow(page, "Look again")
    expect(status).to_contain_text("Over. 2 of 2 bookings have had their turn.")
    expect(page.get_by_role("row").filter(has_text=booking.code)).to_contain_text("Ended. €43.00 queued.")
    open_event(page, event)
    expect(page.locator("#changes")).to_contain_text("The singer has lost her voice.")
    open_booking(page, booking)
    see_heading(page, "This event was cancelled")
    expect(page.get_by_role("link", name="Take it out of my calendar")).to_be_visible()


@with_and_without_javascript
def test_staff_move_an_event_and_its_guests_see_both_dates(
    page: Page, event: Event, organizer: User, javascript: str
) -> None:
    """U39"""
    booking = paid(event)
    page.goto(f"/admin/events/event/{event.pk}/change/")
    follow(page, "Move")
    start = page.get_by_label("Starts")
    before = start.input_value()
    start.fill("2031-03-04T20:00")
    page.get_by_label("Message for everybody").fill("The hall is being repaired.")
    press(page, "Show what it means")
    expect(page.get_by_role("row").filter(has_text="Starts")).to_contain_text("Tue, 4 Mar 2031, 20:00 (CET)")
    press(page, "Change something")
    expect(page.get_by_label("Starts")).to_have_value("2031-03-04T20:00")
    expect(page.get_by_label("Message for everybody")).to_have_value("The hall is being repaired.")
    page.get_by_label("Starts").fill("2031-03-05T20:00")
    press(page, "Show what it means")
    assert not Batch.objects.exists()
    press(page, "Move it, and send 1 mail")
    see_heading(page, "“Songs at Night” is moved")
    work()
    if javascript == "without":
        follow(page, "Look again")
    expect(page.get_by_role("status")).to_contain_text("Over.")
    open_booking(page, booking)
    see_heading(page, "You have your tickets")
    told = page.locator("#changes")
    expect(told).to_contain_text("Wed, 5 Mar 2031, 20:00 (CET)")
    expect(told).to_contain_text("The hall is being repaired.")
    expect(told).to_contain_text("you can return them until")
    assert before.startswith(str(event.starts_at.year))


def looked_at(page: Page, event: Event, what: str) -> None:
    """Bring the page there, with words that are hard to lay out."""
    note = f"{AWKWARD.title}. " * 2
    booking, waiting = paid(event), with_details(reserve(event), "grace@example.com")
    Booking.objects.filter(pk=booking.pk).update(customer_name=AWKWARD.name)
    at = f"/admin/events/event/{event.pk}"
    if what in ("cancel", "move"):
        page.goto(f"{at}/{what}/")
        page.locator("#content-main [type=submit]").first.click()  # as it is, so that it has errors
        return
    if what == "preview":
        other = event_on_sale(title=AWKWARD.title, venue=event.venue, starts_at=event.starts_at.replace(year=2031))
        page.goto(f"{at}/move/")
        page.get_by_label("Starts").fill(f"{other.starts_at:%Y-%m-%dT%H:%M}")
        press(page, "Show what it means")
        return
    if "moved" in what:
        times = changing.times_moved(event, event.starts_at.replace(year=2031))
        batch = batches.move_event(event_id=event.pk, times=times, returnable_for=None, note=note[:500])
    else:
        batch = batches.cancel_event(event_id=event.pk, reason="illness", note=note[:500])
    if "at work" not in what:
        work()
    if "failed" in what:
        batch.rows.filter(booking=booking).update(status="failed", result="A" * 200)
    if "progress" in what:
        page.goto(f"/admin/batches/{batch.pk}/")
    elif "event" in what:
        open_event(page, event)
    elif "mine" in what:
        Booking.objects.filter(pk=booking.pk).update(user=User.objects.get())
        page.goto("/account/bookings/?show=" + ("coming" if "moved" in what else "ended"))
    else:
        open_booking(page, waiting if "waiting" in what else booking)


LOOKS = """cancel, move, preview, progress at work, progress, progress failed, progress moved, event moved, event,
booking moved, booking moved waiting, booking, booking waiting, mine moved, mine""".split(",")


@pytest.mark.parametrize("what", [each.strip() for each in LOOKS])
def test_a_page_about_a_change_is_accessible_and_fits(page: Page, what: str, live_server: Any) -> None:
    """U42, U44"""
    event = event_on_sale(title=AWKWARD.title, levels={"Standing": 40})
    sign_in(page, member("organizer", event.organization))
    looked_at(page, event, what)
    assert faults(page) == []
