"""Somebody is invited, joins, gets another role and goes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Membership, User
from core import codes
from notifications.models import Message
from tests.accounts.people import code_in
from tests.browser.acts import follow, press, see_heading, with_and_without_javascript
from tests.factories import OrganizationFactory, member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), with_and_without_javascript]

PASSWORD = "a long enough one"


def sign_in(page: Page, person: User) -> None:
    person.set_password(PASSWORD)
    person.save()
    page.locator("[name=login]").fill(person.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit], form.login button[type=submit], form button").first.click()


def mailed(kind: str, containing: str) -> str:
    """The first line of the latest such mail that holds this."""
    text = Message.objects.filter(kind=kind).latest("pk").text
    return next(line.strip() for line in text.splitlines() if containing in line)


def test_an_admin_invites_and_the_invited_joins_is_changed_and_removed(
    page: Page, new_context: Callable[[], BrowserContext], javascript: str
) -> None:
    """S3"""
    # Its own each time: how often an address may be mailed is counted beyond the end of a test.
    house, address = OrganizationFactory(name="The House"), f"new-{codes.secret().lower()}@example.com"
    boss = member("admin", house, name="Bea Boss")
    page.goto("/admin/team/")
    sign_in(page, boss)
    see_heading(page, "Team")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Support").check()
    press(page, "Send the invitation")
    expect(page.get_by_role("row").filter(has_text=address)).to_contain_text("support")

    new = new_context().new_page()
    new.goto(mailed("invitation", "/invitations/"))
    see_heading(new, "Join The House")
    press(new, "Make an account")
    new.locator("[name=email]").fill(address)
    new.locator("[name=password1]").fill(PASSWORD)
    new.locator("[name=password1]").press("Enter")
    new.locator("[name=code]").wait_for()
    code = code_in(Message.objects.exclude(kind="invitation").latest("pk"))
    new.locator("[name=code]").fill(code)
    new.locator("[name=code]").press("Enter")
    see_heading(new, "Join The House")
    press(new, "Join The House as support")
    expect(new.get_by_role("banner")).to_contain_text("The House (support)")

    page.goto("/admin/team/")
    page.get_by_label(f"Role of {address}", exact=True).select_option("analyst")
    press(page, f"Change the role of {address}")
    expect(page.get_by_text(f"{address} is analyst from now on.")).to_be_visible()
    new.goto("/admin/")
    expect(new.get_by_role("banner")).to_contain_text("The House (analyst)")

    follow(page, f"Remove {address}")
    press(page, f"Remove {address}")
    expect(page.get_by_text(f"{address} doesn't work here any more.")).to_be_visible()
    assert not Membership.objects.filter(user__email=address).exists()
    new.goto("/admin/")
    see_heading(new, "Not allowed")
    expect(new.get_by_text("The House")).to_have_count(0)


def test_who_works_for_two_houses_switches(page: Page, javascript: str) -> None:
    both = member("support", OrganizationFactory(name="Alpha House"))
    Membership.objects.create(user=both, organization=OrganizationFactory(name="Beta House"), role="admin")
    page.goto("/admin/")
    sign_in(page, both)
    select = page.get_by_label("You work for")
    expect(select.locator("option:checked")).to_have_text("Alpha House (support)")
    select.select_option("Beta House (admin)")
    press(page, "Switch")
    expect(select.locator("option:checked")).to_have_text("Beta House (admin)")
