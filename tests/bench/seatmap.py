"""The plan of a stadium as customers load it: what comes, how soon it can be pressed, and what its polls cost."""

import gzip
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from urllib.parse import urlencode

from django.urls import reverse

from events.models import Event
from events.services import plans, publishing
from tests.bench.house import draft, venue
from tests.bench.load import Answer, Client, server
from tests.bench.report import Report
from tests.bench.seats import sell
from tests.bench.vitals import first_use
from venues.demo_plans import stadium
from venues.drawing import Outline, house
from venues.generator import Pattern, generate
from venues.layout import Layout, SectionLayout
from venues.services import plans as seating_plans

ROUNDS = 5
SILENCE = 2.1
"""Seconds after which a process asks the database again for everything but the plan."""
SOLD = 0.4
BARE = "tests.bench.bare_settings"

type InTurn = Callable[[Callable[[], float], Callable[[], float]], tuple[float, float]]
"""Measures two rates in turn, and returns the best of each."""
type GetRate = Callable[[int, list[str], int], float]
"""How often a second visitors of a port get these paths with this status."""


def concert() -> Layout:
    """The stadium, and on its pitch one section of 1,500 seats, as large as any may be."""
    layout = stadium()
    x, y = layout.focal
    block = generate(Pattern(origin=(x, y - 1_200), rows=30, seats=50, seat_spacing=50, row_spacing=80))
    pitch = SectionLayout("Pitch", "Pitch", "seated", block.shape, 0, block.rows)
    return replace(layout, sections=(*layout.sections, pitch))


def sold_in_part(layout: Layout) -> Event:
    """Return an event on sale in such a house, of which some is sold here and there."""
    place = venue("Berlin", 70_000)
    event = draft(place, title="The concert in the stadium")
    plan = seating_plans.bring_in(venue_id=place.pk, layout=layout)
    seating_plans.publish(plan_id=plan.pk)
    plans.use(event_id=event.pk, plan_id=plan.pk)
    event = publishing.publish(event_id=event.pk)
    sell(event, SOLD)
    return event


@dataclass(frozen=True, slots=True)
class Addresses:
    """What is loaded of a house, or of one of its sections."""

    page: str
    geometry: str = ""
    states: str = ""


def addresses(event: Event, section: Outline | None = None) -> Addresses:
    """The overview's, or those of a section."""
    page = reverse("events:seats", args=[event.slug])
    if section is None:
        return Addresses(page)
    asked = "?" + urlencode({"section": section.pk})
    geometry = reverse("plans:section", args=[event.plan_id, section.pk])
    return Addresses(page + asked, geometry, reverse("events:seat-states", args=[event.slug]) + asked)


def seatmap(report: Report, in_turn: InTurn, get_rate: GetRate) -> None:
    """The overview, the stadium's largest section, and one of 1,500 seats."""
    report.title("The plan of a stadium of 60,000 seats, 40 % sold, and of one section")
    event = sold_in_part(concert())
    pitch = next(each for each in house(event.plan_id or 0).sections if each.name == "Pitch")
    largest = max((each for each in house(event.plan_id or 0).sections if each != pitch), key=lambda each: each.seats)
    overview = addresses(event)
    sections = {f"section of {each.seats:,}": addresses(event, each) for each in (largest, pitch)}
    with server() as port:
        _weigh(report, port, overview, sections)
        _visit(report, port, overview, sections)
    with server(workers=1, threads=1) as port:
        _ask(report, Client(port), overview, sections)
    _poll(report, sections, in_turn, get_rate)


def _weigh(report: Report, port: int, overview: Addresses, sections: dict[str, Addresses]) -> None:
    """Every byte but those of the files that all pages share, packed."""
    client = Client(port)
    page = _got(client, overview.page).body
    report.most("overview, packed", _packed(page) / 1000, most=40, unit=" KB")
    report.line("  as it is sent, unpacked", f"{len(page) / 1000:.0f} KB")
    for name, of in sections.items():
        parts = [_got(client, path).body for path in (of.page, of.geometry, of.states)]
        packed = [_packed(part) / 1000 for part in parts]
        report.most(f"{name}: page, geometry, states, packed", sum(packed), most=60, unit=" KB")
        report.line("  each", ", ".join(f"{size:.1f}" for size in packed) + " KB")
        sent = len(parts[0]) / 1000 + packed[1] + len(parts[2]) / 1000  # only the geometry goes out packed
        report.line("  as they are sent", f"{sent:.0f} KB")


def _packed(body: bytes) -> int:
    return len(gzip.compress(body, 6, mtime=0))


def _got(client: Client, path: str, status: int = 200) -> Answer:
    answer = client.get(path)
    if answer.status != status:
        raise AssertionError(f"{answer.status} instead of {status}: {path}")
    return answer


def _visit(report: Report, port: int, overview: Addresses, sections: dict[str, Addresses]) -> None:
    """Somebody who has seen nothing before, on a slow telephone; the network is none."""
    aims = {"overview": (overview, 1.0)} | {name: (of, 1.5) for name, of in sections.items()}
    for name, (of, most) in aims.items():
        visits = first_use(f"http://127.0.0.1:{port}{of.page}", ROUNDS)
        times = sorted(visit.milliseconds / 1000 for visit in visits)
        report.most(f"{name}: can be pressed, Chromium / 4", median(times), most=most, unit=" s")
        report.line("  least, most", f"{times[0]:.2f}, {times[-1]:.2f} s")
    shared = ", ".join(f"{size / 1000:.0f}" for size in visits[0].shared)
    report.line("shared scripts, styles, fonts, as they are sent", f"{shared} KB")


def _ask(report: Report, client: Client, overview: Addresses, sections: dict[str, Addresses]) -> None:
    """What one process needs when it has kept the plan and nothing else, and when it answered a moment ago."""
    asked = {"overview": overview.page}
    for name, of in sections.items():
        asked |= {name: of.page, f"{name}: states": of.states}
    report.line("a process's first page: it reads the plan, s", f"{_milliseconds(client, overview.page) / 1000:.2f}")
    for name, path in asked.items():
        _got(client, path)
        first, again = [], []
        for _round in range(ROUNDS):
            time.sleep(SILENCE)
            first.append(_milliseconds(client, path))
            again.append(_milliseconds(client, path))
        report.line(f"{name}: server ms after silence, at once", f"{median(first):.0f}, {median(again):.0f}")


def _milliseconds(client: Client, path: str) -> float:
    began = time.perf_counter()
    _got(client, path)
    return (time.perf_counter() - began) * 1000


def _poll(report: Report, sections: dict[str, Addresses], in_turn: InTurn, get_rate: GetRate) -> None:
    """By one process on each side: kept connections fall to two by chance, sometimes all to one of them."""
    with server(workers=1) as port, server(settings=BARE, workers=1, BENCH_MIDDLEWARE="1") as bare_port:
        for name, of in sections.items():
            version = json.loads(_got(Client(port), of.states).body)["version"]
            known = f"{of.states}&{urlencode({'v': version})}"
            get_rate(port, [known], 204)  # doesn't count: the plan is read
            ours, floor = in_turn(
                lambda known=known: get_rate(port, [known], 204), lambda: get_rate(bare_port, ["/empty"], 204)
            )
            report.ratio(f"unchanged poll of a {name}", ours, floor, least=0.7)
