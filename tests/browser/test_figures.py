"""The house at a glance, its reports, calendars and imports in a browser: accessible, fitting, and up to date."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from backoffice.services import imports
from bookings.models import Booking
from core import briefly, codes
from events.models import Event
from events.services import series
from reports.services import sampling
from tests.browser.acts import see_heading, sign_in, with_and_without_javascript
from tests.browser.test_finding_bookings import faults
from tests.factories import EventFactory, event_on_sale, member, paid

pytestmark = pytest.mark.browser


@pytest.fixture
def event(page: Page) -> Event:
    """An event that sold something, and its organizer signed in."""
    found = event_on_sale(title="Songs at Night", levels={"Standing": 60}, max_per_customer=None)
    paid(found)
    sampling.sample_due()
    sign_in(page, member("organizer", found.organization))
    return found


def test_pages_of_figures_are_accessible_and_fit(page: Page, event: Event) -> None:
    """At every width, light and dark."""
    series.add_dates(event_id=event.pk, starts=[event.starts_at + timedelta(days=7)], name="Songs", key=codes.secret())
    upload = b"email,name\nada@example.com,Ada\nwrong,Bob\n"
    found = imports.upload(organization=event.organization, kind="customers", name="people.csv", data=upload)
    imports.work(import_id=found.pk)
    month = f"{event.starts_at:%Y-%m}"
    addresses = [
        "/admin/dashboard/",
        "/admin/reports/revenue/?period=ever",
        "/admin/reports/occupancy/",
        "/admin/reports/customers/?period=ever",
        f"/admin/reports/customers/{Booking.objects.get().pk}/",
        "/admin/reports/money/?period=ever",
        f"/admin/events/event/{event.pk}/figures/",
        f"/admin/calendar/{month}/",
        f"/admin/calendar/{month}/?q=songs&status=published",
        f"/admin/calendar/{month}/?q=nothing",
        f"/admin/calendar/list/{month}/",
        f"/admin/calendar/list/{month}/?q=nothing",
        "/admin/events/series/",
        "/admin/imports/",
        f"/admin/imports/{found.pk}/",
        f"/calendar/{month}/",
        f"/calendar/list/{month}/",
        "/calendar/2031-01/",
    ]
    told = {}
    for address in addresses:
        page.goto(address)
        if wrong := faults(page):
            told[address] = wrong
    assert told == {}


def test_a_sale_is_on_the_dashboard_by_itself(page: Page, event: Event) -> None:
    """U46: nobody reloads the page; what is open stays open, and the focus where it was."""
    page.goto("/admin/dashboard/")
    expect(page.get_by_role("link", name="Tickets sold today: 2")).to_be_visible()
    page.locator(".chart-table summary").first.click()
    page.get_by_role("link", name="Venues: 1").focus()
    paid(event, 3)
    briefly.forget()
    expect(page.get_by_role("link", name="Tickets sold today: 5")).to_be_visible(timeout=15_000)
    expect(page.locator(".chart-table").first).to_have_attribute("open", "")
    expect(page.get_by_role("link", name="Venues: 1")).to_be_focused()


@with_and_without_javascript
def test_from_month_to_month_and_from_days_to_a_report(page: Page, javascript: str) -> None:
    """The address says what is shown, with and without JavaScript."""
    found = event_on_sale(title="Songs at Night", levels={"Standing": 60})
    paid(found)
    page.goto(f"/calendar/{found.starts_at:%Y-%m}/")
    expect(page.get_by_role("link", name="Songs at Night")).to_be_visible()
    page.locator("#go-after").click()
    expect(page).not_to_have_url(re.compile(f"/calendar/{found.starts_at:%Y-%m}/"))
    expect(page.get_by_role("link", name="Songs at Night").first).to_be_visible()  # said as the nearest
    sign_in(page, member("analyst", found.organization))
    page.goto("/admin/reports/revenue/")
    see_heading(page, "Revenue")
    page.get_by_label("By", exact=True).select_option("event")
    page.get_by_label("Days", exact=True).select_option("ever")
    if javascript == "without":
        page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Songs at Night").click()
    expect(page.locator("tfoot")).to_contain_text("€43.00")
    expect(page).to_have_url(re.compile(f"event={found.pk}"))


def test_of_a_preset_and_days_the_last_one_counts(page: Page) -> None:
    """Nobody has to clear what is no longer meant."""
    found = event_on_sale(levels={"Standing": 60})
    sign_in(page, member("analyst", found.organization))
    page.goto("/admin/reports/money/")
    preset, first = page.get_by_label("Days", exact=True), page.get_by_label("From", exact=True)
    expect(preset).to_have_value("30-days")
    first.fill("2026-05-20")
    expect(page.get_by_text("Since Wed, 20 May 2026")).to_be_visible()
    expect(preset).to_have_value("own")
    preset.select_option("ever")
    expect(page.get_by_text("From the beginning until now")).to_be_visible()
    expect(first).to_have_value("")


@with_and_without_javascript
def test_staff_filter_the_calendar_and_keep_it_from_month_to_month(page: Page, javascript: str) -> None:
    """U46: the address says what is shown, going back brings it back, and with scripts the rest of the page stays."""
    found = event_on_sale(title="Songs at Night", levels={"Standing": 60})
    EventFactory(title="Rehearsal", venue=found.venue, starts_at=found.starts_at, ends_at=found.ends_at)
    sign_in(page, member("organizer", found.organization))
    month = f"{found.starts_at:%Y-%m}"
    page.goto(f"/admin/calendar/{month}/")
    shown = page.locator("#shown")

    def show(says: str, but: str) -> None:
        """Ask, and see the one and not the other."""
        if javascript == "without":
            page.get_by_role("button", name="Show").click()
        expect(shown.get_by_role("link", name=says)).to_be_visible()
        expect(shown.get_by_role("link", name=but)).to_have_count(0)

    page.get_by_label("Status", exact=True).select_option("draft")
    show("Rehearsal", "Songs at Night")
    chips = page.get_by_role("list", name="Filters that are set")
    expect(chips).to_contain_text("Draft")
    page.locator("#go-after").click()
    expect(page.get_by_label("Status", exact=True)).to_have_value("draft")
    expect(page).to_have_url(re.compile(r"/admin/calendar/\d{4}-\d\d/\?.*status=draft"))
    expect(page).not_to_have_url(re.compile(month))
    page.go_back()
    expect(page).to_have_url(re.compile(f"/admin/calendar/{month}/.*status=draft"))
    expect(shown.get_by_role("link", name="Rehearsal")).to_be_visible()
    page.get_by_role("link", name="List", exact=True).click()
    expect(shown.get_by_role("row").filter(has_text="Rehearsal")).to_contain_text("draft")
    page.get_by_label("Search", exact=True).fill("songs")
    page.get_by_label("Search", exact=True).press("Enter")
    expect(shown).to_contain_text("filters hide")
    shown.get_by_role("link", name="Clear all filters").click()
    expect(shown.get_by_role("row").filter(has_text="Songs at Night")).to_contain_text("0 of 60")
    expect(page).to_have_url(re.compile(f"/admin/calendar/list/{month}/$"))
    expect(chips).to_have_count(0)
    page.get_by_role("link", name="Series").click()
    see_heading(page, "Series")
    page.get_by_label("Event", exact=True).select_option(label=None, index=0)
    page.get_by_role("button", name="Choose its dates").click()
    see_heading(page, "More dates of “Songs at Night”")


def test_with_scripts_only_the_calendar_is_replaced(page: Page, event: Event) -> None:
    """Ways from month to month leave the header where it is, and what came is said aloud."""
    page.goto(f"/admin/calendar/{event.starts_at:%Y-%m}/")
    page.locator("h1").evaluate("heading => { heading.dataset.stays = 'yes'; }")
    page.locator("#go-after").click()
    expect(page.locator("#aloud")).to_contain_text("0 events")
    expect(page.locator("#go-after")).to_be_focused()
    page.get_by_label("Venue", exact=True).select_option(label="Any")
    page.get_by_label("Search", exact=True).fill("songs")
    page.get_by_label("Search", exact=True).press("Tab")
    expect(page.get_by_role("list", name="Filters that are set")).to_contain_text("songs")
    page.get_by_role("link", name="Remove: “songs”").click()
    expect(page.get_by_role("list", name="Filters that are set")).to_have_count(0)
    page.get_by_role("link", name="List", exact=True).click()
    expect(page.locator("#shown .addlink")).to_have_count(1)
    expect(page.locator("#shown")).to_have_count(1)
    expect(page.locator("h1[data-stays]")).to_have_count(1)
    expect(page).to_have_title(re.compile("^From "))
