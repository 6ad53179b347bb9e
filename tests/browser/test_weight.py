"""
How much a first visit loads: every page from an empty cache.

Files count as WhiteNoise sends them: packed by its own compressor when they are collected, where that
gains anything. Pages go out as they are. Pictures don't count: they come when they are looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request
from whitenoise.compress import Compressor

from bookings.models import Booking
from tests.browser.acts import open_booking, open_event, strike_out
from tests.browser.states import PLAIN, an_event
from tests.factories import paid, reserve, seated_event, with_details

pytestmark = pytest.mark.browser

PAGE = 150_000
SCRIPTS = 40_000
PICTURES = ("image",)
packer = Compressor(use_brotli=False, quiet=True)


def full_season() -> Booking:
    """Return a confirmed booking in a season that fills a page of the list."""
    for _number in range(25):
        an_event(PLAIN, max_per_booking=10)
    return paid(an_event(PLAIN))


def pending() -> Booking:
    return with_details(reserve(an_event(PLAIN)))


PAGES: dict[str, Callable[[Page], object]] = {
    "home": lambda page: (full_season(), page.goto("/")),
    "list": lambda page: (full_season(), page.goto("/events/")),
    "calendar": lambda page: page.goto(f"/calendar/{full_season().event.starts_at:%Y-%m}/"),
    "event": lambda page: open_event(page, full_season().event),
    "seats": lambda page: page.goto(f"{seated_event().get_absolute_url()}seats/"),
    "details": lambda page: open_booking(page, pending(), "details"),
    "review": lambda page: open_booking(page, pending(), "review"),
    "confirmation": lambda page: open_booking(page, full_season()),
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """One answer."""

    address: str
    kind: str
    size: int


@pytest.mark.parametrize("name", PAGES)
def test_a_first_visit_is_light(name: str, page: Page, base_url: str) -> None:
    """U41"""
    loaded = first_visit(page, PAGES[name])
    assert {each.kind for each in loaded} >= {"document", "stylesheet", "script", "font"}
    assert {origin(each.address) for each in loaded} == {base_url}
    heavy = sorted(loaded, key=lambda each: -each.size)
    assert weight(loaded) <= PAGE, heavy
    assert weight(loaded, "script") <= SCRIPTS, heavy


def test_these_checks_would_see_a_heavy_page(page: Page, mishaps: list[str]) -> None:
    """What does not pack well, and what comes from elsewhere."""
    noise = Random(0).randbytes(SCRIPTS).hex()  # packs to its half and no further
    page.route("**/messages.js", lambda route: route.fulfill(body=f"/* {noise} */", content_type="text/javascript"))
    page.route("https://elsewhere.example/**", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.route("**/", lambda route: route.fulfill(body=PAGE_FROM_ELSEWHERE, content_type="text/html"))
    loaded = first_visit(page, lambda page: page.goto("/"))
    assert weight(loaded, "script") > SCRIPTS
    assert "https://elsewhere.example" in {origin(each.address) for each in loaded}
    strike_out(mishaps, "a request to elsewhere: https://elsewhere.example/spy.js")


PAGE_FROM_ELSEWHERE = """<!doctype html><title>A page</title><link rel="icon" href="data:,">
<script src="/static/js/messages.js"></script><script src="https://elsewhere.example/spy.js"></script>"""


def first_visit(page: Page, reach: Callable[[Page], object]) -> list[Loaded]:
    """Return what is loaded until nothing more comes, pictures left out."""
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    reach(page)
    page.wait_for_load_state("networkidle")
    kinds = [(each, each.resource_type) for each in finished if not each.url.startswith("data:")]
    return [Loaded(each.url, kind, sent(each)) for each, kind in kinds if kind not in PICTURES]


def sent(request: Request) -> int:
    """How many bytes of body are under way."""
    body = request.response().body()
    path = urlsplit(request.url).path
    if request.resource_type == "document" or not packer.should_compress(path):
        return len(body)
    return min(len(body), len(packer.compress_gzip(body)))


def weight(loaded: list[Loaded], kind: str = "") -> int:
    return sum(each.size for each in loaded if kind in ("", each.kind))


def origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
