"""Every page in every state, at three widths, light and dark."""

from itertools import product
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser.acts import open_booking, open_event, strike_out
from tests.browser.states import AWKWARD, PLAIN, STATES
from tests.factories import event_on_sale, reserve, with_details

pytestmark = pytest.mark.browser

WIDTHS = (320, 768, 1440)
EVERYTHING: dict[str, Any] = {
    "resultTypes": ["violations"],
    "preload": False,
    "rules": {"target-size": {"enabled": True}},
}
"""All rules of axe that are on by default, the best practices too, and targets of at least 24 px."""
ALL_BUT_CONTRAST = EVERYTHING | {"rules": EVERYTHING["rules"] | {"color-contrast": {"enabled": False}}}
"""Forced colours are the device's; axe still reckons with some of ours, which nobody sees."""
COLOURS = {"resultTypes": ["violations"], "preload": False, "runOnly": ["color-contrast", "link-in-text-block"]}
"""The dark scheme changes nothing else."""
ANSWERED_WITH_5XX = ("an error of ours", "a busy server")
SCHEMES = {"light": EVERYTHING, "dark": COLOURS}


@pytest.fixture(params=STATES)
def state(request: pytest.FixtureRequest, page: Page, mishaps: list[str]) -> str:
    """Bring the page there, with words that are hard to lay out."""
    STATES[request.param](page, AWKWARD)
    if request.param in ANSWERED_WITH_5XX:
        strike_out(mishaps, r"50[03] for .*/fault/")
    return request.param


def test_a_page_is_accessible_and_fits_at_every_width_in_light_and_dark(state: str, page: Page) -> None:
    """U42, U44"""
    page.evaluate(AXE_SCRIPT)
    faults = []
    for width, (scheme, options) in product(WIDTHS, SCHEMES.items()):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        faults += [f"{width} px, {scheme}: {violation}" for violation in violations(page, options)]
        if width_of_content(page) > width:
            faults.append(f"{width} px: {width_of_content(page)} px of content")
    assert faults == []


@pytest.mark.parametrize("name", ["home", "an event that says much", "a confirmed booking"])
@pytest.mark.parametrize(
    ("how", "options"),
    [({"forced_colors": "active"}, ALL_BUT_CONTRAST), ({"reduced_motion": "reduce"}, EVERYTHING)],
    ids=["forced colours", "reduced motion"],
)
def test_a_page_is_accessible_as_the_device_wants_it(
    name: str, how: dict[str, Any], options: dict[str, Any], page: Page
) -> None:
    """U44"""
    page.emulate_media(**how)
    STATES[name](page, PLAIN)
    page.evaluate(AXE_SCRIPT)
    assert violations(page, options) == []
    assert page.evaluate("document.getAnimations().length") == 0


def test_focus_is_seen_though_the_device_chooses_the_colours(page: Page) -> None:
    """U44"""
    page.emulate_media(forced_colors="active")
    page.goto("/")
    for _stop in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_page_says_its_language_and_what_it_is(page: Page) -> None:
    event = event_on_sale()
    open_event(page, event)
    assert page.locator("html").get_attribute("lang") == "en"
    expect(page).to_have_title(f"{event.title} · Stagedoor")


def test_names_in_another_direction_do_not_turn_their_surroundings_around(page: Page) -> None:
    """R50"""
    booking = with_details(reserve(event_on_sale(title="أمسية موسيقية 🎭")))
    open_booking(page, booking, "review")
    title = page.locator("caption bdi").first
    expect(title).to_have_text("أمسية موسيقية 🎭")
    assert title.evaluate("element => getComputedStyle(element).direction") == "rtl"
    assert page.locator("caption").evaluate("element => getComputedStyle(element).direction") == "ltr"


def test_these_checks_would_see_a_fault(page: Page, mishaps: list[str]) -> None:
    """A page that breaks all their rules is noticed by each."""
    page.goto("/")
    page.evaluate(AXE_SCRIPT)
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\"><img src=\"/nothing.png\"></p>')"
    )
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div><canvas width=3000></div>')")
    assert any(violation.startswith("image-alt") for violation in violations(page, EVERYTHING))
    assert width_of_content(page) >= 3000
    expect(page.get_by_role("img")).to_have_js_property("complete", True)
    assert any("Content Security Policy" in mishap for mishap in mishaps)
    assert any(mishap.startswith("404 for") for mishap in mishaps)
    mishaps.clear()


def violations(page: Page, options: dict[str, Any]) -> list[str]:
    """Return the rules that the page breaks, each with where."""
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [f"{rule['id']}: {', '.join(str(node['target']) for node in rule['nodes'])}" for rule in found]


def width_of_content(page: Page) -> int:
    return page.evaluate("document.scrollingElement.scrollWidth")
