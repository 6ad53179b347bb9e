"""
What Chromium measures on a first visit: when the largest thing is painted, what moves, what it is busy with, and
when a seating plan can be pressed.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, sync_playwright

VISITS = 5
SLOWER = 4
WATCH = """
window.seen = {paint: 0, shift: 0, task: 0};
const watch = (type, see) =>
  new PerformanceObserver(list => list.getEntries().forEach(see)).observe({type, buffered: true});
watch("largest-contentful-paint", entry => { seen.paint = entry.startTime; });
watch("layout-shift", entry => { if (!entry.hadRecentInput) seen.shift += entry.value; });
watch("longtask", entry => { seen.task = Math.max(seen.task, entry.duration); });
"""
READY = """
window.usable = new Promise(resolve => document.addEventListener("seatmap:ready", () =>
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))));
"""
"""When the plan is there and has been drawn once."""
PRESS = """
() => {
  const map = document.querySelector("[data-seatmap]").seatmap;
  const seat = map.seats.find(seat => seat.level >= 0);
  if (seat) {
    map.press(seat);
    return document.querySelectorAll("[data-items] [data-seat]").length === 1;
  }
  map.svg.scrollIntoView();
  return [...map.sections.values()].some(({element}) => {
    const box = element.getBoundingClientRect();
    const on = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return on?.closest("a[data-section]") === element;
  });
}
"""
"""Whether a press of a seat chooses it, or, where there are none, a section would be met."""
SHARED = """
() => ["script", "css", "font"].map(kind => performance.getEntriesByType("resource")
  .filter(({name}) => new URL(name).pathname.startsWith("/static/"))
  .filter(({name}) => (name.endsWith(".js") ? "script" : name.endsWith(".css") ? "css" : "font") === kind)
  .reduce((sum, {encodedBodySize}) => sum + encodedBodySize, 0))
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """Milliseconds, and for the shift a share of the window."""

    largest_paint: float
    layout_shift: float
    longest_task: float


@dataclass(frozen=True, slots=True)
class Usable:
    """After how long a plan could be pressed, and the bytes of scripts, styles and fonts that all pages share."""

    milliseconds: float
    shared: tuple[int, ...]


def first_visits(address: str) -> Visit:
    """
    Return the best times of some visits, each by somebody who has seen nothing before: other guests of
    the machine come and go. What moves is no matter of time, so there the worst counts.
    """
    with _chromium() as browser:
        visits = [_first_visit(browser, address) for _number in range(VISITS)]
    return Visit(
        min(visit.largest_paint for visit in visits),
        max(visit.layout_shift for visit in visits),
        min(visit.longest_task for visit in visits),
    )


def first_use(address: str, visits: int) -> list[Usable]:
    """Return so many visits to a seating plan, each by somebody who has seen nothing before."""
    with _chromium() as browser:
        return [_first_use(browser, address) for _number in range(visits)]


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


def _first_visit(browser: Browser, address: str) -> Visit:
    with _slow_telephone(browser, WATCH) as page:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.wait_for_function("seen.paint > 0")
        seen = page.evaluate("seen")
    return Visit(seen["paint"], seen["shift"], seen["task"])


def _first_use(browser: Browser, address: str) -> Usable:
    with _slow_telephone(browser, READY) as page:
        page.goto(address, wait_until="commit")
        milliseconds = page.evaluate("usable")
        page.wait_for_load_state()
        if not page.evaluate(PRESS):
            raise AssertionError(f"nothing can be pressed: {address}")
        return Usable(milliseconds, tuple(page.evaluate(SHARED)))


@contextmanager
def _slow_telephone(browser: Browser, script: str) -> Iterator[Page]:
    """An empty page that runs a script before every other."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True)
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(script)
    yield page
    context.close()
