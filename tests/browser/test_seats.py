"""Seats are chosen on the plan, by keys alone, or from the list; and what others do meanwhile is told."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from bookings.models import Booking
from core import briefly
from events.models import Event
from tests.browser.acts import follow, press, said_aloud, see_heading, told, with_and_without_javascript
from tests.browser.states import chosen_seats, seats_of
from tests.factories import place_at, reserve_seats, seated_event

pytestmark = pytest.mark.browser

WITHOUT_JAVASCRIPT = pytest.mark.browser_context_args(java_script_enabled=False)
TOUCH = pytest.mark.browser_context_args(has_touch=True, is_mobile=True, viewport={"width": 320, "height": 640})
HOUSE = {"Stalls": "ssssss ssssss wcssss", "Circle": "ssss"}


@pytest.fixture
def event() -> Event:
    amounts = {"Adult": 2_000, "Child": 1_000}
    return seated_event(HOUSE, {"Floor": 5}, amounts=amounts, avoids_single_gaps=False)


def open_plan(page: Page, event: Event, query: str = "") -> None:
    page.goto(seats_of(event, query))
    expect(page.locator("[data-seatmap]")).to_have_class(re.compile(r"\bloaded\b"))


def seat(page: Page, event: Event, name: str) -> dict[str, Any]:
    """Where a seat is on the screen, and how it looks."""
    found = """place => {
        document.querySelector("[data-field]").scrollIntoView({ block: "center" });
        const { element } = document.querySelector("[data-seatmap]").seatmap.byPlace.get(place);
        const box = element.getBoundingClientRect();
        return { x: box.x + box.width / 2, y: box.y + box.height / 2, class: element.getAttribute("class") };
    }"""
    return page.evaluate(found, place_at(event, name).pk)


def click_seat(page: Page, event: Event, name: str) -> None:
    at = seat(page, event, name)
    page.mouse.click(at["x"], at["y"])


def apart(page: Page) -> float:
    """Pixels between neighbours."""
    return page.evaluate("document.querySelector('[data-seatmap]').seatmap.scale * 50")


def come_close(page: Page, event: Event, name: str = "Stalls A 3") -> None:
    """A press on seats that are small on the screen comes closer and chooses nothing."""
    if apart(page) < 24:
        click_seat(page, event, name)
        expect(page.locator("[data-seatmap]")).to_have_class(re.compile(r"\bclose\b"))


def chosen(page: Page) -> Locator:
    return page.locator("#basket .seat-item [data-name]")


def total(page: Page) -> Locator:
    return page.locator("#basket output")


def field(page: Page) -> Locator:
    return page.get_by_role("application", name="Plan of the house")


def here(page: Page) -> Locator:
    """The seat where the keys are."""
    return page.locator(f"#{field(page).get_attribute('aria-activedescendant')}")


def another_buyer_takes(event: Event, *names: str) -> None:
    reserve_seats(event, *names)
    briefly.forget()


def news(page: Page) -> None:
    """Ask now what a poll would ask for in some seconds."""
    page.evaluate("document.querySelector('[data-seatmap]').seatmap.refresh()")


def test_seats_are_chosen_and_given_back_by_pressing_them(page: Page, event: Event) -> None:
    """U14, U19"""
    open_plan(page, event)
    come_close(page, event)
    click_seat(page, event, "Stalls A 3")
    expect(chosen(page)).to_have_text(["Stalls, row A, seat 3"])
    expect(total(page)).to_have_text("1 ticket, €21.50")
    expect(said_aloud(page)).to_have_text("Stalls, row A, seat 3 added. 1 ticket, €21.50")
    click_seat(page, event, "Stalls A 4")
    page.get_by_label("Ticket for Stalls, row A, seat 4").select_option(label="Child, €11.00")
    expect(total(page)).to_have_text("2 tickets, €32.50")
    click_seat(page, event, "Stalls A 3")
    expect(chosen(page)).to_have_text(["Stalls, row A, seat 4"])
    expect(said_aloud(page)).to_have_text("Stalls, row A, seat 3 removed. 1 ticket, €11.00")
    press(page, "Reserve")
    see_heading(page, "Your details")
    ticket = Booking.objects.get().tickets.named().get()
    assert (ticket.event_seat.name, ticket.ticket_type.name) == ("Stalls, row A, seat 4", "Child")


def test_small_seats_come_closer_before_they_are_chosen(page: Page, event: Event) -> None:
    """U13"""
    page.set_viewport_size({"width": 768, "height": 640})
    open_plan(page, event)
    assert apart(page) < 24
    click_seat(page, event, "Stalls A 3")
    expect(chosen(page)).to_have_count(0)
    assert apart(page) >= 24
    click_seat(page, event, "Stalls A 3")
    expect(chosen(page)).to_have_count(1)


@TOUCH
def test_on_a_phone_a_seat_is_as_large_as_a_finger_before_it_is_chosen(page: Page, event: Event) -> None:
    """U13"""
    open_plan(page, event)
    field(page).scroll_into_view_if_needed()
    for taps in range(2):
        at = seat(page, event, "Stalls A 3")
        page.touchscreen.tap(at["x"], at["y"])
        expect(chosen(page)).to_have_count(taps)
    assert apart(page) >= 44
    expect(page.get_by_role("button", name="1 ticket, €21.50")).to_be_visible()


def test_a_taken_seat_is_named_and_not_chosen(page: Page, event: Event) -> None:
    """U11, U12"""
    reserve_seats(event, "Stalls A 3")
    open_plan(page, event)
    come_close(page, event)
    click_seat(page, event, "Stalls A 3")
    expect(said_aloud(page)).to_have_text("Stalls, row A, seat 3, taken")
    expect(chosen(page)).to_have_count(0)


def test_a_choice_survives_a_reload_and_the_way_back(page: Page, event: Event) -> None:
    open_plan(page, event, f"?{chosen_seats(event, 'Stalls A 1')}")
    come_close(page, event)
    click_seat(page, event, "Stalls A 2")
    page.reload()
    expect(chosen(page)).to_have_text(["Stalls, row A, seat 1", "Stalls, row A, seat 2"])
    follow(page, "List")
    expect(chosen(page)).to_have_text(["Stalls, row A, seat 1", "Stalls, row A, seat 2"])
    page.go_back()
    expect(total(page)).to_have_text("2 tickets, €43.00")


def test_the_most_for_one_booking_is_the_most(page: Page) -> None:
    """R9"""
    event = seated_event(HOUSE, max_per_booking=1)
    open_plan(page, event)
    come_close(page, event)
    click_seat(page, event, "Stalls A 1")
    click_seat(page, event, "Stalls A 2")
    expect(chosen(page)).to_have_text(["Stalls, row A, seat 1"])
    expect(said_aloud(page)).to_have_text("That is the most for one booking.")


def test_seats_are_found_and_chosen_by_keys_alone(page: Page, event: Event) -> None:
    """U10, U11"""
    reserve_seats(event, "Stalls A 4")
    open_plan(page, event)
    page.get_by_role("link", name="Best available").focus()
    while not field(page).evaluate("element => element === document.activeElement"):
        page.keyboard.press("Tab")
    for key, row in [("ArrowLeft", "Stalls, "), ("ArrowUp", "Stalls, row A")]:
        page.keyboard.press(key)
        while row not in (here(page).get_attribute("aria-label") or ""):
            page.keyboard.press(key)
    page.keyboard.press("Home")
    expect(here(page)).to_have_attribute("aria-label", "Stalls, row A, seat 1, Stalls, €11.00–€21.50")
    page.keyboard.press("Enter")
    expect(here(page)).to_have_attribute("aria-checked", "true")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(here(page)).to_have_attribute("aria-label", "Stalls, row A, seat 4, taken")
    page.keyboard.press("End")
    expect(here(page)).to_have_attribute("aria-label", "Stalls, row A, seat 6, Stalls, €11.00–€21.50")
    page.keyboard.press("ArrowDown")
    expect(here(page)).to_have_attribute("aria-label", re.compile("row B, seat 6"))
    expect(chosen(page)).to_have_text(["Stalls, row A, seat 1", "Stalls, row A, seat 3"])
    page.keyboard.press("Escape")
    expect(page.locator("#basket")).to_be_focused()
    for _stop in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Reserve":
            break
    page.keyboard.press("Enter")
    see_heading(page, "Your details")


def test_the_plan_is_one_tab_stop(page: Page, event: Event) -> None:
    """U10"""
    open_plan(page, event)
    field(page).focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Closer")).to_be_focused()


def test_news_of_seats_move_neither_focus_nor_scroll_nor_view_nor_choice(page: Page, event: Event) -> None:
    """U18"""
    page.set_viewport_size({"width": 768, "height": 500})
    open_plan(page, event, f"?{chosen_seats(event, 'Stalls A 1')}")
    come_close(page, event)
    field(page).focus()
    page.keyboard.press("ArrowRight")
    what = """() => ({
        scroll: scrollY,
        focused: document.activeElement.className,
        here: document.activeElement.getAttribute("aria-activedescendant"),
        view: document.querySelector("[data-house]").getAttribute("viewBox"),
        chosen: document.querySelector("[data-items]").innerText,
    })"""
    before = page.evaluate(what)
    another_buyer_takes(event, "Stalls B 2")
    news(page)
    expect(page.locator("#seat-7")).to_have_class(re.compile("taken"))
    assert page.evaluate(what) == before


def test_a_chosen_seat_that_somebody_else_takes_is_named_with_its_neighbours(page: Page, event: Event) -> None:
    """U15, U19"""
    open_plan(page, event, f"?{chosen_seats(event, 'Stalls A 2', 'Circle A 1')}")
    another_buyer_takes(event, "Stalls A 2")
    news(page)
    expect(chosen(page)).to_have_text(["Circle, row A, seat 1"])
    expect(said_aloud(page)).to_contain_text("Stalls, row A, seat 2 was just taken by somebody else.")
    press(page, "Take Stalls, row A, seat 1")
    expect(chosen(page)).to_have_text(["Circle, row A, seat 1", "Stalls, row A, seat 1"])


def test_it_asks_for_news_by_itself(page: Page, event: Event) -> None:
    """U8"""
    open_plan(page, event, f"?{chosen_seats(event, 'Stalls A 2')}")
    another_buyer_takes(event, "Stalls A 2")
    expect(chosen(page)).to_have_count(0, timeout=15_000)


def test_the_overview_of_a_large_house_tells_what_sells_out(
    page: Page, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """U8: the sections change, and nothing else."""
    monkeypatch.setattr("venues.drawing.AT_ONCE", 4)
    open_plan(page, event)
    circle = page.locator('[data-house] [data-name="Circle"]')
    expect(circle).to_contain_text("4 left")
    another_buyer_takes(event, "Circle A 1", "Circle A 2", "Circle A 3", "Circle A 4")
    news(page)
    expect(circle).to_have_class(re.compile(r"\bgone\b"))
    expect(circle).to_have_attribute("aria-label", "Circle, sold out")


def test_a_seat_taken_before_the_form_is_sent_is_answered_with_what_is_near(page: Page, event: Event) -> None:
    """U15"""
    open_plan(page, event, f"?{chosen_seats(event, 'Stalls A 2', 'Circle A 1')}")
    reserve_seats(event, "Stalls A 2")
    press(page, "Reserve")
    expect(told(page)).to_contain_text("This seat isn't free any more: Stalls, row A, seat 2.")
    follow(page, "Take Stalls, row A, seat 1 instead")
    expect(chosen(page)).to_have_text(["Stalls, row A, seat 1", "Circle, row A, seat 1"])
    press(page, "Reserve")
    see_heading(page, "Your details")


def test_who_leaves_a_seat_alone_is_told_before_and_after_the_form_is_sent(page: Page) -> None:
    """U16"""
    event = seated_event(HOUSE)
    open_plan(page, event, f"?{chosen_seats(event, 'Stalls A 2')}")
    expect(page.locator("[data-hint]")).to_contain_text("Stalls, row A, seat 1 would be left alone between others.")
    press(page, "Reserve")
    expect(told(page)).to_contain_text("Stalls, row A, seat 1 would be left alone between others.")
    follow(page, "Take the seats that leave none alone")
    expect(chosen(page)).to_have_text(["Stalls, row A, seat 1"])
    expect(page.locator("[data-hint]")).to_be_hidden()
    press(page, "Reserve")
    see_heading(page, "Your details")


def test_a_companions_seat_is_sold_with_its_wheelchair_place(page: Page, event: Event) -> None:
    """U17"""
    open_plan(page, event, f"?{chosen_seats(event, 'Stalls C 2')}")
    expect(page.locator("[data-hint]")).to_contain_text("please choose the wheelchair place too")
    press(page, "Reserve")
    follow(page, "Add the wheelchair place")
    press(page, "Reserve")
    see_heading(page, "Your details")


@with_and_without_javascript
def test_seats_are_chosen_from_the_list_on_a_narrow_screen(page: Page, event: Event, javascript: str) -> None:
    """U9, U43"""
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(event.get_absolute_url())
    follow(page, "Choose from a list")
    page.get_by_role("link", name="Stalls", exact=True).click()
    page.get_by_role("link", name="Row A").click()
    page.get_by_role("checkbox", name="Seat 2").check()
    if javascript == "without":
        press(page, "Put these into my choice")
    page.get_by_role("link", name="Row B").click()
    page.get_by_role("checkbox", name="Seat 5").check()
    if javascript == "without":
        press(page, "Put these into my choice")
    expect(chosen(page)).to_have_text(["Stalls, row A, seat 2", "Stalls, row B, seat 5"])
    page.get_by_role("link", name="Remove Stalls, row A, seat 2").click()
    expect(chosen(page)).to_have_text(["Stalls, row B, seat 5"])
    page.get_by_label("Ticket for Stalls, row B, seat 5").select_option(label="Child, €11.00")
    press(page, "Reserve")
    see_heading(page, "Your details")
    assert [ticket.event_seat.name for ticket in Booking.objects.get().tickets.named()] == ["Stalls, row B, seat 5"]


@WITHOUT_JAVASCRIPT
def test_without_scripts_the_plan_leads_to_the_list(page: Page, event: Event) -> None:
    """U9"""
    page.goto(seats_of(event))
    page.locator("a[data-section]").first.click()
    expect(page.get_by_role("link", name="Row A")).to_be_visible()


@with_and_without_javascript
def test_the_best_seats_are_taken_and_told(page: Page, event: Event, javascript: str) -> None:
    """U16"""
    page.goto(seats_of(event, "?view=best"))
    page.get_by_role("group", name="Stalls").get_by_role("spinbutton", name="Adult").fill("2")
    press(page, "Reserve the best seats")
    see_heading(page, "Your details")
    expect(page.locator(".groups")).to_contain_text(re.compile(r"Stalls, row A, seats 3, 4.*, together", re.DOTALL))
    follow(page, "Change the choice")
    expect(chosen(page)).to_have_text(["Stalls, row A, seat 3", "Stalls, row A, seat 4"])


def test_standing_places_come_beside_seats(page: Page, event: Event) -> None:
    open_plan(page, event, f"?{chosen_seats(event, 'Circle A 1')}")
    page.get_by_role("button", name="One more: Child").click()
    expect(total(page)).to_have_text("2 tickets, €32.50")
    page.reload()
    expect(total(page)).to_have_text("2 tickets, €32.50")
    press(page, "Reserve")
    see_heading(page, "Your details")
    assert sorted(ticket.event_seat.name for ticket in Booking.objects.get().tickets.named()) == [
        "Circle, row A, seat 1",
        "Floor",
    ]


def test_two_buyers_of_one_seat_are_told_apart(
    page: Page, new_context: Callable[..., BrowserContext], event: Event
) -> None:
    """R15"""
    other = new_context().new_page()
    for each in (page, other):
        open_plan(each, event, f"?{chosen_seats(event, 'Stalls A 2')}")
    press(page, "Reserve")
    see_heading(page, "Your details")
    press(other, "Reserve")
    expect(told(other)).to_contain_text("This seat isn't free any more")


def test_the_plan_is_zoomed_by_buttons_keys_and_wheel(page: Page, event: Event) -> None:
    """U13"""
    open_plan(page, event)
    whole = apart(page)
    page.get_by_role("button", name="Closer").click()
    assert apart(page) > whole
    page.get_by_role("button", name="The whole house").click()
    assert apart(page) == pytest.approx(whole)
    field(page).focus()
    page.keyboard.press("+")
    assert apart(page) > whole
    page.keyboard.press("0")
    assert apart(page) == pytest.approx(whole)
    before = page.locator("[data-house]").get_attribute("viewBox") or ""
    field(page).hover()
    page.mouse.wheel(0, -300)
    expect(page.locator("[data-house]")).not_to_have_attribute("viewBox", before)
    assert apart(page) > whole


def test_a_plan_that_cannot_be_loaded_says_so(page: Page, event: Event, mishaps: list[str]) -> None:
    """U30"""
    page.route("**/seats.svg", lambda route: route.fulfill(status=503))
    page.goto(seats_of(event))
    expect(page.get_by_text("The plan could not be loaded. The list has the same seats.")).to_be_visible()
    mishaps.clear()
