"""What Chromium measures on a first visit: when the largest thing is painted, what moves, and what it is busy with."""

import shutil
from dataclasses import dataclass

from playwright.sync_api import Browser, sync_playwright

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


@dataclass(frozen=True, slots=True)
class Visit:
    """Milliseconds, and for the shift a share of the window."""

    largest_paint: float
    layout_shift: float
    longest_task: float


def first_visits(address: str) -> Visit:
    """
    Return the best times of some visits, each by somebody who has seen nothing before: other guests of
    the machine come and go. What moves is no matter of time, so there the worst counts.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-background-networking"]
        )
        visits = [_first_visit(browser, address) for _number in range(VISITS)]
        browser.close()
    return Visit(
        min(visit.largest_paint for visit in visits),
        max(visit.layout_shift for visit in visits),
        min(visit.longest_task for visit in visits),
    )


def _first_visit(browser: Browser, address: str) -> Visit:
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True)
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(WATCH)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.wait_for_function("seen.paint > 0")
    seen = page.evaluate("seen")
    context.close()
    return Visit(seen["paint"], seen["shift"], seen["task"])
