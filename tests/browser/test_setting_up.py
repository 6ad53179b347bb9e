"""From an empty house to an event on sale, step by step; and a series of dates changed at once."""

from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from events.models import Event
from tests.browser.acts import follow, press, see_heading, sign_in, with_and_without_javascript
from tests.browser.test_looks import SCHEMES, WIDTHS, violations, width_of_content
from tests.factories import OrganizationFactory, event_on_sale, member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def check(page: Page) -> None:
    """Accessible and no wider than the window, at three widths, by day and by night (U42, U44)."""
    page.evaluate(AXE_SCRIPT)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme, options in SCHEMES.items():
            page.emulate_media(color_scheme=scheme)
            found += [f"{width} px, {scheme}: {each}" for each in violations(page, options)]
        if width_of_content(page) > width:
            found.append(f"{width} px: {width_of_content(page)} px of content")
    assert found == []


@with_and_without_javascript
def test_an_empty_house_sets_its_first_event_up_and_publishes_it(page: Page, javascript: str) -> None:
    """Each step leads to the next; the venue and the ticket type are added on the way, and nothing typed is lost."""
    looks = javascript == "with"
    sign_in(page, member("organizer", OrganizationFactory(name="The House")))
    page.goto("/admin/")
    page.get_by_role("link", name="Set up an event with its prices").click()
    see_heading(page, "Set up an event")
    page.get_by_label("Title").fill("First night")
    press(page, "Add a venue first")
    page.locator("[name=name]").fill("The Hall")
    page.locator("[name=slug]").fill("the-hall")
    page.locator("[name=capacity]").fill("120")
    page.locator("[name=address]").fill("1 Street")
    page.locator("[name=city]").fill("Berlin")
    page.locator("[name=country]").fill("DE")
    page.locator("input[name=_save]").click()
    see_heading(page, "Set up an event")
    expect(page.get_by_label("Title")).to_have_value("First night")
    evening = (datetime.now(UTC) + timedelta(days=40)).strftime("%Y-%m-%dT")
    page.locator("[name=starts_at]").fill(f"{evening}20:00")
    press(page, "Save and go on")  # without its end
    expect(page.locator(".errors")).to_have_count(1)
    if looks:
        check(page)
    page.locator("[name=ends_at]").fill(f"{evening}22:00")
    press(page, "Save and go on")

    see_heading(page, "Dates")
    page.locator("[name=doors_at]").fill(f"{evening}19:00")
    press(page, "Save and go on")

    see_heading(page, "Plan, levels and prices")
    page.get_by_role("link", name="Add a ticket type").click()
    page.locator("[name=name]").fill("Adult")
    page.locator("[name=default_price]").fill("20")
    page.locator("input[name=_save]").click()
    press(page, "Begin with General admission")
    if looks:
        check(page)
    press(page, "Save and go on")

    see_heading(page, "Pictures of “First night”")
    follow(page, "Go on with setting up")
    follow(page, "Sales and rules")
    page.locator("[name=max_per_booking]").fill("4")
    if looks:
        check(page)
    press(page, "Save and show all steps")
    expect(page.get_by_text("General admission: 120 places · Adult €20.00")).to_be_visible()
    if looks:
        check(page)
    press(page, "Publish")
    expect(page.get_by_text("“First night” is published.")).to_be_visible()
    event = Event.objects.get()
    assert (event.status, event.places.count(), event.max_per_booking) == ("published", 120, 4)


def test_a_series_is_made_and_changed_from_one_date_on(page: Page) -> None:
    start = (datetime.now(UTC) + timedelta(days=40)).replace(hour=18, minute=0, second=0, microsecond=0)
    event = event_on_sale(title="Night", starts_at=start, ends_at=start + timedelta(hours=2), description="One\nTwo")
    listed = [start + timedelta(weeks=1), start + timedelta(weeks=2)]
    sign_in(page, member("organizer", event.organization))
    page.goto(f"/admin/events/event/{event.pk}/more-dates/")
    local = [moment.astimezone(event.venue.zone).strftime("%Y-%m-%d %H:%M") for moment in listed]
    page.get_by_label("Or these dates").fill("\n".join(local))
    press(page, "Look at the dates first")
    check(page)
    press(page, "Make 2 drafts")
    see_heading(page, "Series “Night”")
    check(page)
    page.get_by_role("row").nth(2).get_by_role("link", name="Change").click()
    page.get_by_label("Title").fill("Long night")
    press(page, "Look at what changes")
    expect(page.locator(".planned > li")).to_have_count(2)
    expect(page.locator(".planned li li")).to_have_text(["Title: Night → Long night"] * 2)  # no line end counts
    check(page)
    press(page, "Change 2 dates")
    expect(page.get_by_text("2 dates are changed.")).to_be_visible()
    titles = list(Event.objects.order_by("starts_at").values_list("title", flat=True))
    assert titles == ["Night", "Long night", "Long night"]
