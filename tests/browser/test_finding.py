"""From the front page to the right event: what is asked for stands in the address, and survives every detour."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from events.models import Event
from tests.browser.acts import follow, press, said_aloud, see_heading, strike_out, with_and_without_javascript
from tests.factories import event_on_sale

pytestmark = pytest.mark.browser


@pytest.fixture
def saturday(noon: datetime) -> Event:
    """An event in Berlin on Saturday, among others."""
    evening = noon + timedelta(days=5, hours=6)
    event_on_sale(title="Sunday Songs", venue__city="Hamburg", starts_at=evening + timedelta(days=1))
    event_on_sale(title="Monday Songs", starts_at=evening + timedelta(days=2))
    return event_on_sale(title="Saturday Songs", starts_at=evening)


@pytest.fixture
def full_season(noon: datetime) -> None:
    """Two pages of events."""
    for number in range(30):
        event_on_sale(title=f"Evening {number:02}", starts_at=noon + timedelta(days=number + 1))


def filters(page: Page) -> Locator:
    return page.get_by_role("form", name="Filters")


def results(page: Page) -> Locator:
    return page.get_by_role("region", name="Results")


def see_events(page: Page, *titles: str) -> None:
    expect(results(page).get_by_role("heading", level=3)).to_have_text(titles)


def ask_for_city(page: Page, city: str) -> None:
    """With JavaScript the choice is enough; the button does no harm."""
    filters(page).get_by_label("City").select_option(city)
    filters(page).get_by_role("button", name="Search").click()


def mark(page: Page) -> None:
    """Leave a mark that a new page would not have."""
    page.evaluate("document.querySelector('form.filters').marked = true")


def see_mark(page: Page) -> None:
    assert page.evaluate("document.querySelector('form.filters').marked"), "the page was loaded anew"


@with_and_without_javascript
def test_a_visitor_finds_an_event_on_saturday(page: Page, saturday: Event, javascript: str) -> None:
    """U1"""
    page.goto("/")
    page.get_by_label("When").select_option("This weekend")
    page.get_by_label("City").select_option("Berlin")
    press(page, "Find events")
    see_heading(page, "Events")
    see_events(page, "Saturday Songs")
    expect(filters(page).get_by_label("When")).to_have_value("weekend")
    expect(filters(page).get_by_label("City")).to_have_value("Berlin")
    follow(page, "Saturday Songs")
    see_heading(page, "Saturday Songs")


@with_and_without_javascript
def test_chips_take_one_filter_away_or_all(page: Page, saturday: Event, javascript: str) -> None:
    """U1, U4"""
    page.goto("/events/?q=songs&when=weekend&city=Berlin")
    see_events(page, "Saturday Songs")
    follow(page, "Remove: Berlin")
    expect(page).to_have_url("/events/?q=songs&when=weekend")
    see_events(page, "Saturday Songs", "Sunday Songs")
    expect(filters(page).get_by_label("City")).to_have_value("")
    follow(page, "Clear all")
    expect(page).to_have_url("/events/")
    see_events(page, "Saturday Songs", "Sunday Songs", "Monday Songs")
    expect(filters(page).get_by_label("Search")).to_have_value("")


@with_and_without_javascript
def test_nothing_found_names_the_filters_and_a_way_out_of_each(page: Page, saturday: Event, javascript: str) -> None:
    """U4"""
    page.goto("/events/?q=opera&city=Berlin")
    expect(results(page).get_by_role("heading", name="Nothing fits all of that")).to_be_visible()
    follow(page, "without “opera”")
    see_events(page, "Saturday Songs", "Monday Songs")


@with_and_without_javascript
def test_the_way_back_and_forward_and_a_reload_restore_results_and_form(
    page: Page, saturday: Event, javascript: str
) -> None:
    """U1"""
    page.goto("/events/")
    ask_for_city(page, "Berlin")
    see_events(page, "Saturday Songs", "Monday Songs")
    ask_for_city(page, "Hamburg")
    see_events(page, "Sunday Songs")

    page.go_back()
    see_events(page, "Saturday Songs", "Monday Songs")
    expect(filters(page).get_by_label("City")).to_have_value("Berlin")
    page.go_back()
    see_events(page, "Saturday Songs", "Sunday Songs", "Monday Songs")
    expect(filters(page).get_by_label("City")).to_have_value("")
    page.go_forward()
    see_events(page, "Saturday Songs", "Monday Songs")
    expect(filters(page).get_by_label("City")).to_have_value("Berlin")
    page.reload()
    see_events(page, "Saturday Songs", "Monday Songs")
    expect(filters(page).get_by_label("City")).to_have_value("Berlin")


@with_and_without_javascript
def test_who_comes_back_from_an_event_finds_the_list_as_it_was(page: Page, saturday: Event, javascript: str) -> None:
    """U1"""
    page.goto("/events/")
    ask_for_city(page, "Hamburg")
    see_events(page, "Sunday Songs")
    follow(page, "Sunday Songs")
    see_heading(page, "Sunday Songs")
    page.go_back()
    see_events(page, "Sunday Songs")
    expect(filters(page).get_by_label("City")).to_have_value("Hamburg")


@with_and_without_javascript
def test_pages_follow_each_other(page: Page, full_season: None, javascript: str) -> None:
    """U1"""
    page.goto("/events/?sort=title")
    follow(page, "Next")
    see_events(page, *(f"Evening {number:02}" for number in range(24, 30)))
    expect(page).to_have_url("/events/?sort=title&page=2")
    page.go_back()
    see_events(page, *(f"Evening {number:02}" for number in range(24)))
    page.go_forward()
    see_events(page, *(f"Evening {number:02}" for number in range(24, 30)))
    follow(page, "Previous")
    see_events(page, *(f"Evening {number:02}" for number in range(24)))


def test_typing_replaces_the_results_alone_and_keeps_the_focus(page: Page, saturday: Event) -> None:
    """U1"""
    page.goto("/events/")
    mark(page)
    search = filters(page).get_by_label("Search")
    search.press_sequentially("saturday")
    see_events(page, "Saturday Songs")
    expect(search).to_be_focused()
    expect(search).to_have_value("saturday")
    expect(said_aloud(page)).to_have_text("1 event")
    expect(page).to_have_url("/events/?q=saturday")
    search.fill("")
    see_events(page, "Saturday Songs", "Sunday Songs", "Monday Songs")
    expect(said_aloud(page)).to_have_text("3 events")
    see_mark(page)


def test_another_page_is_announced_and_takes_the_focus(page: Page, full_season: None) -> None:
    """U1"""
    page.goto("/events/")
    mark(page)
    follow(page, "Next")
    expect(results(page)).to_be_focused()
    expect(said_aloud(page)).to_have_text("30 events, page 2 of 2")
    see_mark(page)


def test_filters_that_make_no_sense_are_told_above_the_results(page: Page, saturday: Event, mishaps: list[str]) -> None:
    """U25"""
    page.goto("/events/")
    page.get_by_text("More filters").click()
    filters(page).get_by_label("Until").fill("2026-06-01")
    filters(page).get_by_label("From").fill("2026-06-30")
    error = results(page).get_by_role("alert")
    expect(error).to_contain_text("The last day is before the first.")
    expect(filters(page).get_by_label("From")).to_have_value("2026-06-30")
    strike_out(mishaps, "400 for .*/events/", "console error: Response Status Error Code 400")
