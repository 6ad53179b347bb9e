"""Staff at the plan of a house: painting, holding and releasing seats with a mouse, by keyboard, without JavaScript."""

import re
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from events.models import Event, EventSeat, Hold
from events.services import allocations, holds, seats
from tests.browser.acts import follow, press, sign_in, with_and_without_javascript
from tests.browser.test_looks import SCHEMES, WIDTHS, violations, width_of_content
from tests.factories import member, place_at, reserve_seats, seated_event

pytestmark = pytest.mark.browser


@pytest.fixture
def event() -> Event:
    return seated_event({"Stalls": "ssss ssss ssss", "Balcony": "vvws"}, {"Floor": 5}, title="Songs at Night")


@pytest.fixture
def organizer(page: Page, event: Event) -> User:
    person = member("organizer", event.organization, name="Ann Example")
    sign_in(page, person)
    return person


def open_map(page: Page, event: Event) -> None:
    """The seats are there, and what they are."""
    page.goto(f"/admin/events/event/{event.pk}/map/")
    expect(page.get_by_role("group", name="A press chooses")).to_be_visible()


def click_seat(page: Page, place: EventSeat) -> None:
    """Press it, as close as it takes: a press on small seats comes closer first."""
    spot = page.evaluate(
        """async pk => {
            const map = document.querySelector("[data-seatmap]").seatmap;
            map.show(map.byPlace.get(pk), 60);
            await new Promise(done => setTimeout(done, 150));
            const box = map.byPlace.get(pk).element.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }""",
        place.pk,
    )
    page.mouse.click(*spot)


def panel(page: Page) -> Locator:
    return page.locator("#panel")


def title(page: Page) -> Locator:
    return panel(page).get_by_role("heading", level=2)


def statuses(event: Event) -> dict[str, int]:
    found: dict[str, int] = {}
    for status in EventSeat.objects.filter(event=event).values_list("status", flat=True):
        found[status] = found.get(status, 0) + 1
    return found


def test_a_row_is_painted_and_painted_back(page: Page, event: Event, organizer: User) -> None:
    open_map(page, event)
    page.get_by_label("a row").check()
    click_seat(page, place_at(event, "Stalls B 2"))
    expect(title(page)).to_have_text("4 places chosen")
    expect(panel(page)).to_contain_text("Stalls, row B, seat 1: available, Stalls")
    press(page, "Paint…")
    expect(panel(page)).to_contain_text("4 places would change.")
    panel(page).get_by_role("combobox", name="Price level").select_option("Balcony")
    press(page, "Paint")
    expect(panel(page).get_by_role("status")).to_have_text("Done for 4 places.")
    assert place_at(event, "Stalls B 2").price_level.name == "Balcony"
    expect(page.locator(".seats .lv-1")).to_have_count(8)  # the map has looked again
    press(page, "Undo")
    expect(page.locator(".seats .lv-1")).to_have_count(4)
    assert place_at(event, "Stalls B 2").price_level.name == "Stalls"


def test_a_rectangle_chooses_all_seats_in_it_and_what_is_taken_stays(page: Page, event: Event, organizer: User) -> None:
    """U48"""
    reserve_seats(event, "Stalls A 1", "Stalls A 2")
    open_map(page, event)
    corners = page.evaluate(
        """() => {
            const { seats } = document.querySelector("[data-seatmap]").seatmap;
            const stalls = seats.filter(each => each.section.name === "Stalls");
            const boxes = stalls.map(each => each.element.getBoundingClientRect());
            const of = (side, least) => least(...boxes.map(box => box[side]));
            return [of("left", Math.min), of("top", Math.min), of("right", Math.max), of("bottom", Math.max)];
        }"""
    )
    left, top, right, bottom = corners
    page.mouse.move(left - 5, top - 5)
    page.keyboard.down("Shift")
    page.mouse.down()
    page.mouse.move(right + 5, bottom + 5, steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(title(page)).to_have_text("12 places chosen")
    press(page, "Block")
    expect(panel(page)).to_contain_text("10 places would change.")
    expect(panel(page)).to_contain_text("2 places: reserved")
    press(page, "Block")
    expect(panel(page).get_by_role("status")).to_have_text("Done for 10 places.")
    assert statuses(event) == {"reserved": 2, "blocked": 10, "available": 9}
    press(page, "Undo")
    expect(title(page)).to_have_text("Put on sale again")
    assert statuses(event) == {"reserved": 2, "available": 19}


def test_a_rectangle_is_drawn_without_a_shift_key_too(page: Page, event: Event, organizer: User) -> None:
    open_map(page, event)
    press(page, "Draw a rectangle")
    box = page.locator("[data-house]").bounding_box()
    assert box
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 80, box["y"] + box["height"] - 2, steps=5)
    page.mouse.up()
    expect(title(page)).to_have_text("16 places chosen")
    press(page, "Choose nothing")
    expect(title(page)).to_have_text("Nothing chosen")


def test_seats_are_held_and_released_by_keyboard_alone(page: Page, event: Event, organizer: User) -> None:
    """U10, U42"""
    open_map(page, event)
    page.get_by_label("a seat").focus()
    field = page.locator("[data-field]")
    for _stop in range(6):
        if field.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(field).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text("1 place chosen")
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    expect(title(page)).to_have_text("2 places chosen")
    expect(field).to_be_focused()  # news take no focus away
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_focused()
    panel(page).get_by_role("button", name="Hold…").focus()
    page.keyboard.press("Enter")
    expect(panel(page)).to_contain_text("2 places would change.")
    expect(panel(page)).to_be_focused()
    page.get_by_label("For", exact=False).first.focus()
    page.keyboard.type("press")
    page.get_by_label("Reason").focus()
    page.keyboard.type("Radio")
    page.keyboard.press("Enter")
    expect(panel(page).get_by_role("status")).to_have_text("Done for 2 places.")
    hold = Hold.objects.get()
    assert (str(hold), hold.by, hold.places.count()) == ("press: Radio", organizer, 2)
    panel(page).get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text("Release")
    hold.refresh_from_db()
    assert hold.released_at


def test_who_holds_a_seat_and_which_booking_has_it_is_told(page: Page, event: Event, organizer: User) -> None:
    """U11"""
    booking = reserve_seats(event, "Stalls A 1", "Stalls A 2")
    held = place_at(event, "Stalls B 1")
    holds.create(event_id=event.pk, place_ids=[held.pk], kind="press", reason="Radio", by=organizer)
    open_map(page, event)
    click_seat(page, held)
    expect(panel(page)).to_contain_text(f"Stalls, row B, seat 1: held, Stalls, press: Radio ({organizer})")
    click_seat(page, place_at(event, "Stalls A 1"))
    expect(panel(page)).to_contain_text(booking.code)
    name = page.locator("[role=checkbox]").first
    assert name.get_attribute("aria-label")
    panel(page).get_by_role("link", name="Stalls, row B, seat 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Stalls, row B, seat 1")
    expect(page.get_by_role("list", name="What happened")).to_contain_text("Held for press: Radio.")


def test_a_whole_standing_area_is_chosen_by_pressing_it(page: Page, event: Event, organizer: User) -> None:
    open_map(page, event)
    page.locator("a[data-name=Floor] text").click()
    expect(title(page)).to_have_text("5 places chosen")


def test_a_large_house_is_entered_by_its_sections_or_chosen_by_them(
    page: Page, event: Event, organizer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("venues.drawing.AT_ONCE", 4)
    page.goto(f"/admin/events/event/{event.pk}/map/")
    page.get_by_label("a section").check()
    page.locator("a[data-name=Stalls] text").click()
    expect(title(page)).to_have_text("12 places chosen")
    page.get_by_label("a seat").check()
    page.locator("a[data-name=Balcony] text").click()
    expect(page).to_have_url(re.compile(r"section=\d+"))
    expect(page.locator(".seats [data-section]")).to_have_count(1)


@with_and_without_javascript
def test_seats_are_chosen_in_the_list_and_sold_from_there(
    page: Page, event: Event, organizer: User, javascript: str
) -> None:
    """U9, U43"""
    holds.create(event_id=event.pk, place_ids=[place_at(event, "Stalls A 3").pk], kind="press", by=organizer)
    page.goto(f"/admin/events/event/{event.pk}/seats/")
    follow(page, "Stalls")
    row = page.get_by_role("group", name="Row A")
    row.get_by_label("3 held").check()
    press(page, "Go on with these")
    expect(page.get_by_role("heading", name="1 place chosen")).to_be_visible()
    follow(page, "Sell these")
    expect(page.get_by_label("Stalls, row A, seat 3")).to_be_visible()
    page.get_by_label("complimentary").check()
    press(page, "Sell")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sale BK-")
    expect(page.get_by_role("table")).to_contain_text("Stalls, row A, seat 3")
    assert statuses(event) == {"sold": 1, "available": 20}


@with_and_without_javascript
def test_a_section_is_blocked_from_the_list(page: Page, event: Event, organizer: User, javascript: str) -> None:
    page.goto(f"/admin/events/event/{event.pk}/seats/")
    page.get_by_label("All of Balcony").check()
    press(page, "Go on with these")
    press(page, "Block")
    expect(page.get_by_text("4 places would change.")).to_be_visible()
    press(page, "Block")
    expect(page.get_by_text("Done for 4 places.")).to_be_visible()
    assert statuses(event) == {"blocked": 4, "available": 17}


PAGES = ["map", "chosen", "preview", "done", "seats", "section", "life", "holds", "hold", "seating", "ownership",
         "allocations", "allocation"]  # fmt: skip


@pytest.mark.parametrize("where", PAGES)
def test_its_pages_are_accessible_and_fit(page: Page, event: Event, organizer: User, where: str) -> None:
    """U42, U44"""
    _fill(event, organizer)
    _go(page, event, where)
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


def _fill(event: Event, by: User) -> None:
    """Some of everything."""
    keys = [place_at(event, f"Stalls A {number}").pk for number in range(1, 5)]
    holds.create(event_id=event.pk, place_ids=keys[:2], kind="press", reason="A radio station " * 5, by=by)
    floor = event.price_levels.get(name="Floor")
    holds.create_standing(event_id=event.pk, level_id=floor.pk, quantity=2, kind="artist", by=by)
    seats.block(event_id=event.pk, place_ids=keys[2:3], by=by)
    seats.disown(event_id=event.pk, place_ids=keys[3:], by=by)
    reserve_seats(event, "Stalls B 1", "Stalls B 2")
    allocations.save(event_id=event.pk, name="Evenings on which many sit in front", by=by)


def _go(page: Page, event: Event, where: str) -> None:
    base = f"/admin/events/event/{event.pk}/"
    place = place_at(event, "Stalls A 1")
    addresses = {
        "section": f"seats/?section={place.section_id}",
        "life": f"seats/{place.pk}/",
        "hold": f"holds/{place.hold_id}/",
        "allocation": f"allocations/{event.plan.allocations.get().pk}/",
    }
    if where not in ("map", "chosen", "preview", "done"):
        page.goto(base + addresses.get(where, f"{where}/"))
        return
    open_map(page, event)
    if where == "map":
        return
    page.get_by_label("a row").check()
    click_seat(page, place)
    expect(title(page)).to_have_text("4 places chosen")
    if where in ("preview", "done"):
        press(page, "Hold…" if where == "preview" else "Release")
        expect(panel(page)).to_contain_text("would change")
    if where == "done":
        press(page, "Release")
        expect(panel(page).get_by_role("status")).to_be_visible()
