"""A seating plan is drawn: by keyboard, by pointer, saved, checked, published."""

import json
from itertools import product
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from accounts.models import Organization
from tests.browser.acts import press, see_heading, sign_in, strike_out
from tests.browser.test_looks import SCHEMES, WIDTHS, violations, width_of_content
from tests.factories import OrganizationFactory, VenueFactory, member
from venues.layout import document, parse
from venues.models import Seat, SeatingPlan
from venues.queries.plans import layout_of
from venues.services import plans

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SQUARE = [[0, 0], [700, 0], [700, 500], [0, 500]]


def rows(*names: str, seats: int = 4) -> list[dict[str, Any]]:
    """Rows of seats, 60 cm apart."""
    return [
        {"row": name, "seats": [[str(seat + 1), seat + 1, 100 + 60 * seat, 200 + 90 * at] for seat in range(seats)]}
        for at, name in enumerate(names)
    ]


def stalls(*names: str, **facts: Any) -> dict[str, Any]:
    section = {"name": "Stalls", "tier": "", "kind": "seated", "shape": SQUARE, "capacity": 0}
    return section | {"rows": rows(*names)} | facts


def concert(*sections: dict[str, Any]) -> dict[str, Any]:
    return {"name": "Concert", "focal": [300, 0], "sections": list(sections)}


@pytest.fixture
def house() -> Organization:
    return OrganizationFactory()


@pytest.fixture(autouse=True)
def _at_work(page: Page, house: Organization) -> None:
    sign_in(page, member("organizer", house))


def draft(house: Organization, *sections: dict[str, Any]) -> SeatingPlan:
    plan = plans.create(venue_id=VenueFactory(organization=house).pk, name="Concert")
    return plans.replace(plan_id=plan.pk, layout=parse(concert(*sections)), revision=0) if sections else plan


def draw(page: Page, plan: SeatingPlan) -> Locator:
    """Open the editor and step into the drawing."""
    page.goto(f"/admin/plans/{plan.pk}/edit/")
    canvas = page.get_by_role("application")
    canvas.focus()
    return canvas


def said(page: Page) -> Locator:
    return page.locator("#plan-said")


def drawn(page: Page) -> dict[str, Any]:
    """What the editor holds, saved or not."""
    return page.evaluate("Plan.write(Plan.editor.state)")


def saved(plan: SeatingPlan) -> dict[str, Any]:
    return document(layout_of(SeatingPlan.objects.get(pk=plan.pk)))


def keys(page: Page, *pressed: str) -> None:
    for key in pressed:
        page.keyboard.press(key)


def press_tool(page: Page, name: str) -> None:
    page.get_by_role("toolbar", name="Tools").get_by_role("button", name=name, exact=True).click()


def save(page: Page) -> None:
    press(page, "Save")
    expect(said(page)).to_have_text("The plan is saved.")


def test_a_plan_is_drawn_saved_and_published(page: Page, house: Organization) -> None:
    """From nothing to what events can use."""
    plan = draft(house)
    draw(page, plan)
    press(page, "Make a section")
    dialog = page.get_by_role("dialog")
    for label, value in {"Rows": "3", "Seats in the first row": "6", "Aisles after seat": "2"}.items():
        dialog.get_by_label(label, exact=True).fill(value)
    expect(dialog.get_by_text("seats: 18")).to_be_visible()
    press(page, "Add the section")
    expect(said(page)).to_have_text("Stalls is added · seats: 18")

    press_tool(page, "Renumber")
    page.get_by_role("radio", name="Rows").check()
    page.get_by_label("Begin with").fill("H")
    page.get_by_role("checkbox", name="From the back to the front").check()
    page.get_by_role("dialog").get_by_role("button", name="Renumber").click()
    expect(said(page)).to_have_text("The rows have new names.")
    page.get_by_label("Level of the house").and_(page.locator("[data-fact]")).fill("Ground")
    keys(page, "Tab")

    save(page)
    section = saved(plan)["sections"][0]
    assert (section["name"], section["tier"]) == ("Stalls", "Ground")
    assert [(row["row"], [seat[:2] for seat in row["seats"]]) for row in section["rows"]] == [
        (name, [["1", 1], ["2", 2], ["3", 4], ["4", 5], ["5", 6], ["6", 7]]) for name in ("K", "J", "H")
    ]
    before = drawn(page)
    page.reload()
    assert drawn(page) == before
    press(page, "Publish…")
    see_heading(page, "Publish “Concert (1)”")
    press(page, "Publish")
    expect(page.get_by_text("“Concert (1)” is published.")).to_be_visible()
    assert SeatingPlan.objects.get().status == "published"


def test_seats_are_chosen_moved_typed_and_bound_by_keyboard_alone(page: Page, house: Organization) -> None:
    """U10, U19"""
    plan = draft(house, stalls("A", "B"))
    draw(page, plan)
    keys(page, "ArrowLeft", "Home", "Space")
    expect(page.get_by_role("heading", name="Stalls, row B, seat 1")).to_be_visible()
    keys(page, "Shift+ArrowDown", "ArrowLeft")
    page.get_by_label("Type", exact=True).select_option("wheelchair")
    page.get_by_role("application").focus()
    keys(page, "Escape", "ArrowRight", "Space")
    expect(page.get_by_role("heading", name="Stalls, row B, seat 2")).to_be_visible()
    page.get_by_label("Type", exact=True).select_option("companion")
    assert drawn(page)["sections"][0]["rows"][1]["seats"][:2] == [
        ["1", 1, 95, 340, "wheelchair"],
        ["2", 2, 160, 290, "companion", ["B", "1"]],
    ]
    page.get_by_role("application").focus()
    keys(page, "Control+s")
    expect(said(page)).to_have_text("The plan is saved.")
    assert saved(plan) == drawn(page)
    assert Seat.objects.get(type="companion").companion_of == Seat.objects.get(type="wheelchair")


def test_every_step_is_undone_and_done_again(page: Page, house: Organization) -> None:
    """A hundred steps back, and as many forth."""
    plan = draft(house, stalls("A", "B"))
    draw(page, plan)
    first = drawn(page)
    steps = [first]
    keys(page, "Control+a")
    for step in (["ArrowRight"], ["m"], ["e"], ["d"], ["Shift+M"], ["Control+a", "Delete"]):
        keys(page, *step)
        steps.append(drawn(page))
    assert len({json.dumps(step) for step in steps}) == len(steps)
    for step in reversed(steps[:-1]):
        keys(page, "Control+z")
        assert drawn(page) == step
    expect(page.get_by_text("All is saved")).to_be_visible()
    keys(page, "Control+z")
    expect(said(page)).to_have_text("There is nothing to undo.")
    for step in steps[1:]:
        keys(page, "Control+Shift+z")
        assert drawn(page) == step

    page.evaluate("Plan.editor.choose({ seats: new Set(), sections: new Set([Plan.editor.state.sections[0]?.id]) })")
    for _each in range(len(steps) - 1):
        keys(page, "Control+z")
    keys(page, "Control+a")
    for _each in range(100):
        keys(page, "q")
    for _each in range(100):
        keys(page, "Control+z")
    assert drawn(page) == first


def test_a_pointer_chooses_drags_and_draws(page: Page, house: Organization) -> None:
    """A lasso, a move, a row and an area."""
    draw(page, draft(house, stalls("A", "B")))

    def at(x: float, y: float) -> tuple[float, float]:
        return tuple(  # type: ignore[return-value]
            page.evaluate(
                """([x, y]) => {
                    const { left, top } = document.querySelector("#plan-canvas svg").getBoundingClientRect();
                    const { view } = Plan.editor.drawing;
                    return [left + (x - view.x) * view.scale, top + (y - view.y) * view.scale];
                }""",
                [x, y],
            )
        )

    def drag(begin: tuple[float, float], end: tuple[float, float]) -> None:
        page.mouse.move(*at(*begin))
        page.mouse.down()
        page.mouse.move(*at(*end), steps=4)
        page.mouse.up()

    drag((60, 160), (190, 320))
    expect(page.get_by_role("heading", name="Seats chosen: 4")).to_be_visible()
    drag((100, 200), (150, 250))
    first, second = drawn(page)["sections"][0]["rows"]
    assert [seat[2:] for seat in first["seats"]] == [[150, 250], [210, 250], [220, 200], [280, 200]]
    assert [seat[2:] for seat in second["seats"]] == [[150, 340], [210, 340], [220, 290], [280, 290]]
    keys(page, "Control+z", "Escape")

    page.mouse.click(*at(600, 450))
    expect(page.get_by_role("heading", name="Stalls", exact=True)).to_be_visible()
    keys(page, "r")
    drag((100, 400), (345, 402))
    assert drawn(page)["sections"][0]["rows"][2] == {
        "row": "C",
        "seats": [[str(seat), seat, 100 + 55 * (seat - 1), 400] for seat in range(1, 6)],
    }
    page.get_by_label("Bend").fill("40")
    drag((100, 380), (400, 380))
    bent = drawn(page)["sections"][0]["rows"][3]["seats"]
    assert [seat[3] for seat in bent] == [380, 403, 416, 420, 413, 397]
    keys(page, "Control+z", "a")
    page.get_by_label("Standing places").and_(page.locator("[data-option]")).fill("80")
    for corner in ((50, 430), (650, 430), (650, 490), (50, 490)):
        page.mouse.click(*at(*corner))
    keys(page, "Enter")
    floor = drawn(page)["sections"][1]
    assert (floor["name"], floor["kind"], floor["capacity"]) == ("Standing", "standing", 80)
    assert floor["shape"] == [[50, 430], [650, 430], [650, 490], [50, 490]]


def test_numbers_are_those_of_the_generator(page: Page, house: Organization) -> None:
    """Renumbering a section as it was generated changes nothing: both know the same schemes."""
    draw(page, draft(house))
    keys(page, "g")
    dialog = page.get_by_role("dialog")
    for scheme in ("left_to_right", "right_to_left", "odd_left", "odd_right"):
        dialog.get_by_label("Rows", exact=True).fill("28")
        dialog.get_by_label("Seats in the first row", exact=True).fill("5")
        dialog.get_by_label("Seats are counted").select_option(scheme)
        dialog.get_by_label("First number").fill("3")
        dialog.get_by_label("First of them").fill("H")
        press(page, "Add the section")
        expect(dialog).to_be_hidden()
        before = drawn(page)["sections"][-1]["rows"]
        assert [before[0]["row"], before[1]["row"], before[-1]["row"]] == ["H", "J", "AL"]
        for what, choice in (("Seats of each row", "Seats are counted"), ("Rows", "Rows are called")):
            keys(page, "n")
            dialog.get_by_role("radio", name=what, exact=True).check()
            if what != "Rows":
                dialog.get_by_label(choice).select_option(scheme)
            dialog.get_by_label("Begin with").fill("H" if what == "Rows" else "3")
            dialog.get_by_role("button", name="Renumber").click()
        assert drawn(page)["sections"][-1]["rows"] == before
        keys(page, "g")


def test_what_is_wrong_is_told_and_leads_there(page: Page, house: Organization) -> None:
    plan = draft(house, stalls("A"))
    draw(page, plan)
    keys(page, "ArrowLeft", "Home", "Space")
    page.get_by_label("from the left").and_(page.locator("[data-fact='seat.x']")).fill("150")
    keys(page, "Tab")
    page.get_by_role("application").focus()
    keys(page, "Escape")
    press_tool(page, "Check")
    expect(said(page)).to_have_text("Problems: 1.")
    page.get_by_role("button", name="Stalls, row A, seat 2").click()
    expect(page.get_by_role("heading", name="Stalls, row A, seat 2")).to_be_visible()


def test_what_contradicts_itself_is_not_saved_and_shown(page: Page, house: Organization, mishaps: list[str]) -> None:
    plan = draft(house, stalls("A"))
    draw(page, plan)
    keys(page, "ArrowLeft", "Home", "Space")
    page.get_by_label("Number", exact=True).fill("2")
    keys(page, "Tab")
    press(page, "Save")
    expect(page.get_by_text("Two seats of this row have this number.")).to_be_visible()
    expect(said(page)).to_have_text("The plan can't be saved like this; problems: 1.")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    assert saved(plan) == concert(stalls("A"))
    strike_out(mishaps, r"422 for .*/save/")


def test_who_saves_second_keeps_a_copy_and_overwrites_nothing(
    page: Page, house: Organization, mishaps: list[str]
) -> None:
    plan = draft(house, stalls("A"))
    draw(page, plan)
    theirs = concert(stalls("A", "B"))
    plans.replace(plan_id=plan.pk, layout=parse(theirs), revision=1)
    keys(page, "Control+a", "ArrowRight")
    mine = drawn(page)
    keys(page, "Control+s")
    expect(page.get_by_role("heading", name="Not saved")).to_be_visible()
    with page.expect_download() as download:
        press(page, "Download mine")
    assert json.loads(download.value.path().read_text()) == mine
    press(page, "Load theirs")
    page.wait_for_function("Plan.editor.state.sections[0]?.rows.length === 2")
    assert (drawn(page), saved(plan)) == (theirs, theirs)
    expect(page.get_by_text("This browser kept changes")).to_be_hidden()
    strike_out(mishaps, r"409 for .*/save/")


def test_what_was_not_saved_comes_back(page: Page, house: Organization) -> None:
    """No work is lost when a tab is reloaded by mistake; once saved nothing is kept."""
    plan = draft(house, stalls("A"))
    draw(page, plan)
    keys(page, "Control+a", "ArrowRight")
    unsaved = drawn(page)
    page.once("dialog", lambda dialog: dialog.accept())  # the browser asks before it leaves
    page.reload()
    expect(page.get_by_text("This browser kept changes of yours that were not saved.")).to_be_visible()
    assert drawn(page) == saved(plan)
    press(page, "Bring them back")
    assert drawn(page) == unsaved
    save(page)
    assert saved(plan) == unsaved
    page.reload()
    expect(page.get_by_text("This browser kept changes")).to_be_hidden()
    assert page.evaluate("sessionStorage.length") == 0


def test_what_comes_back_overwrites_nobody(page: Page, house: Organization, mishaps: list[str]) -> None:
    """What was kept was made from an earlier revision, and others saved since."""
    plan = draft(house, stalls("A"))
    draw(page, plan)
    keys(page, "Control+a", "ArrowRight")
    theirs = concert(stalls("A", "B"))
    plans.replace(plan_id=plan.pk, layout=parse(theirs), revision=1)
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.keyboard.press("Escape")
    expect(said(page)).to_have_text("What was not saved is back.")
    press(page, "Save")
    expect(page.get_by_role("heading", name="Not saved", exact=True)).to_be_visible()
    assert saved(plan) == theirs
    strike_out(mishaps, r"409 for .*/save/")


def test_what_was_thrown_away_stays_away(page: Page, house: Organization) -> None:
    plan = draft(house, stalls("A"))
    draw(page, plan)
    keys(page, "Control+a", "ArrowRight")
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    press(page, "Throw them away")
    assert drawn(page) == saved(plan)
    page.reload()
    expect(page.get_by_text("This browser kept changes")).to_be_hidden()


def test_an_outline_is_changed_by_its_corners(page: Page, house: Organization) -> None:
    """What a pointer drags can be typed too; what is no outline changes nothing."""
    plan = draft(house, stalls("A"))
    draw(page, plan)
    keys(page, "Control+a")
    page.get_by_text("Corners of the outline").click()
    for typed, becomes in (
        ("0,0 900,0 900,700", [[0, 0], [900, 0], [900, 700]]),
        ("0,0 x", [[0, 0], [900, 0], [900, 700]]),
    ):
        page.get_by_label("x,y of each corner, cm").fill(typed)
        keys(page, "Tab")
        assert drawn(page)["sections"][0]["shape"] == becomes
    expect(said(page)).to_have_text("An outline has three corners or more, such as 0,0 400,0 400,300.")


def test_who_is_signed_out_meanwhile_loses_nothing(page: Page, house: Organization) -> None:
    plan = draft(house, stalls("A"))
    draw(page, plan)
    keys(page, "Control+a", "ArrowRight")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    keys(page, "Control+s")
    expect(said(page)).to_have_text(
        "You are signed out. Sign in in another tab, then save again: your work is kept here."
    )
    assert saved(plan) == concert(stalls("A"))


def test_a_large_house_is_outlines_from_afar_and_seats_from_near_by(page: Page, house: Organization) -> None:
    """U18: so many seats are drawn one by one as can be seen."""
    sections = [
        stalls(name=f"Block {at}", shape=[[x + 3_000 * (at % 4), y + 5_000 * (at // 4)] for x, y in SQUARE])
        | {
            "rows": [
                {
                    "row": str(row + 1),
                    "seats": [
                        [str(seat + 1), seat + 1, 3_000 * (at % 4) + 50 * seat, 5_000 * (at // 4) + 80 * row]
                        for seat in range(30)
                    ],
                }
                for row in range(50)
            ]
        }
        for at in range(8)
    ]
    draw(page, draft(house, *sections))
    expect(page.get_by_text("seats: 12000")).to_be_visible()
    seats = page.locator("#plan-canvas .plan-seat")
    expect(seats).to_have_count(0)
    page.get_by_role("button", name="Block 3 seats: 1500").click()
    page.get_by_role("application").focus()
    for _each in range(5):
        keys(page, "+")
    expect(seats.first).to_be_visible()
    assert seats.count() <= 4_000
    keys(page, "0")
    expect(seats).to_have_count(0)


def test_the_toolbar_is_one_stop(page: Page, house: Organization) -> None:
    """U10"""
    draw(page, draft(house, stalls("A")))
    page.get_by_role("button", name="Choose", exact=True).focus()
    keys(page, "ArrowRight", "ArrowRight")
    expect(page.get_by_role("button", name="Section", exact=True)).to_be_focused()
    keys(page, "End")
    expect(page.get_by_role("button", name="Keys")).to_be_focused()
    keys(page, "Tab")
    expect(page.get_by_role("button", name="Save")).to_be_focused()
    keys(page, "Shift+Tab")
    expect(page.get_by_role("button", name="Keys")).to_be_focused()


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_javascript_the_page_says_so_and_offers_files(page: Page, house: Organization) -> None:
    plan = draft(house, stalls("A"))
    page.goto(f"/admin/plans/{plan.pk}/edit/")
    expect(page.get_by_text("Drawing needs JavaScript.")).to_be_visible()
    page.get_by_role("link", name="Import from a file").click()
    see_heading(page, "Import into “Concert (1)”")


def _open_dialog(page: Page, name: str) -> None:
    press_tool(page, name)
    expect(page.get_by_role("dialog")).to_be_visible()


STATES = {
    "nothing chosen": lambda page: None,
    "a section": lambda page: keys(page, "Control+a"),
    "a seat": lambda page: keys(page, "ArrowLeft", "Space"),
    "the tool for rows": lambda page: keys(page, "r"),
    "the tool for areas": lambda page: keys(page, "a"),
    "a new section": lambda page: _open_dialog(page, "Section"),
    "numbers": lambda page: (keys(page, "Control+a"), _open_dialog(page, "Renumber")),
    "the keys": lambda page: _open_dialog(page, "Keys"),
}


@pytest.mark.parametrize("state", STATES)
def test_the_editor_is_accessible_and_fits_at_every_width_in_light_and_dark(
    page: Page, house: Organization, state: str
) -> None:
    """U42, U44"""
    draw(page, draft(house, stalls("A", "B"), stalls("A", name="A name of a section that is long, forty…")))
    STATES[state](page)
    assert looked_over(page) == []


@pytest.mark.parametrize("path", ["", "publish/", "import/", "delete/", "retire/"])
def test_pages_of_a_plan_are_accessible_and_fit(page: Page, house: Organization, path: str) -> None:
    """U42, U44"""
    plan = draft(house, stalls("A", "B"))
    page.goto(f"/admin/plans/{plan.pk}/{path}")
    assert looked_over(page) == []


def test_the_list_of_plans_is_accessible_and_fits(page: Page, house: Organization) -> None:
    """U42, U44"""
    plan = draft(house, stalls("A", "B"))
    for address in (
        f"/admin/venues/venue/{plan.venue_id}/plans/",
        f"/admin/venues/venue/{plan.venue_id}/plans/import/",
    ):
        page.goto(address)
        assert looked_over(page) == []


def looked_over(page: Page) -> list[str]:
    page.evaluate(AXE_SCRIPT)
    faults = []
    for width, (scheme, options) in product(WIDTHS, SCHEMES.items()):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        faults += [f"{width} px, {scheme}: {violation}" for violation in violations(page, options)]
        if width_of_content(page) > width:
            faults.append(f"{width} px: {width_of_content(page)} px of content")
    return faults
