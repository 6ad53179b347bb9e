"""Every page of the admin, with nothing, one and many: three widths, light and dark, no word on the console."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import Organization, User
from tests.backoffice.shelves import NOBODY, SHELVES, registered
from tests.browser.acts import press, sign_in
from tests.browser.states import AWKWARD
from tests.browser.test_looks import SCHEMES, WIDTHS, violations, width_of_content
from tests.browser.test_valid import faults
from tests.factories import OrganizationFactory, member

pytestmark = pytest.mark.browser

DJANGOS = "Trailing slash on void elements"
"""Of Django's own base of all pages of the admin; to browsers it says nothing."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody at work, in a house whose name is hard to lay out."""

    house: Organization
    person: User

    def rows(self, label: str, count: int) -> list[Any]:
        return [SHELVES[label].make(self.house) for _number in range(count)]


@pytest.fixture
def desk(page: Page) -> Desk:
    house = OrganizationFactory(name=AWKWARD.venue)
    person = member("admin", house, name=AWKWARD.name)
    sign_in(page, person)
    return Desk(house, person)


def base(label: str) -> str:
    return f"/admin/{label.replace('.', '/')}/"


def pages() -> Iterator[tuple[str, str, str]]:
    """Return what it is, of which model, and the end of its address."""
    yield "the first page", "", "/admin/"
    for label in sorted(registered()):
        shelf = SHELVES[label]
        if "admin" not in shelf.see:
            continue
        if "see" not in shelf.leads_on:
            yield "an empty list", label, ""
            yield "a list of one", label, ""
            yield "a list of many", label, ""
        yield "a history", label, "{pk}/history/"
        if "change" not in shelf.leads_on:
            yield "a form", label, "{pk}/change/"
        if "admin" in shelf.add - shelf.leads_on and "add" not in shelf.leads_on:
            yield "an empty form", label, "add/"
        if shelf.delete != NOBODY and "delete" not in shelf.leads_on:
            yield "a question before deletion", label, "{pk}/delete/"


def reach(page: Page, desk: Desk, what: str, label: str, end: str) -> None:
    """Bring the page there."""
    count = {"the first page": 0, "an empty list": 0, "a list of many": 12}.get(what, 1)
    rows = desk.rows(label, count)
    address = base(label) + end.format(pk=rows[0].pk if rows else "") if label else end
    if label == "events.eventseat" and rows and not end:
        address += f"?event={rows[0].event_id}"
    page.goto(address)
    if what == "an empty form":  # sent as it is, so that it has errors
        page.locator("input[name=_save]").click()


@pytest.mark.parametrize(("what", "label", "end"), list(pages()))
def test_a_page_of_the_admin_is_accessible_and_fits(what: str, label: str, end: str, page: Page, desk: Desk) -> None:
    """U42, U44"""
    reach(page, desk, what, label, end)
    page.evaluate(AXE_SCRIPT)
    found = []
    for width, (scheme, options) in product(WIDTHS, SCHEMES.items()):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        found += [f"{width} px, {scheme}: {each}" for each in violations(page, options)]
        if width_of_content(page) > width:
            found.append(f"{width} px: {width_of_content(page)} px of content")
    assert found == []


def test_a_new_house_is_led_through_its_first_steps(page: Page, desk: Desk) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="Add a venue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add venue")


def test_signing_out_is_a_button(page: Page, desk: Desk) -> None:
    """S14"""
    page.goto("/admin/")
    press(page, "Sign out")
    page.goto("/admin/")
    expect(page.get_by_label("E-mail")).to_be_visible()


def test_our_own_templates_of_the_admin_are_valid(desk: Desk, tmp_path: Path) -> None:
    """Django's own are its business; these are the first page and the history, whole."""
    client = Client()
    client.force_login(desk.person)
    row = SHELVES["events.category"].make(desk.house)
    sent = {
        "first page": client.get("/admin/").content.decode(),
        "history": client.get(f"{base('events.category')}{row.pk}/history/").content.decode(),
    }
    assert [each for each in faults(sent, tmp_path) if DJANGOS not in each] == []
