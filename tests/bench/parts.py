"""What is measured. Each part makes its own event, so that none leans on another."""

import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import count, cycle
from urllib.parse import urlencode

import psycopg
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from bookings.models import Booking
from bookings.queries.promises import violations
from bookings.services import reservations
from core import codes
from events.models import Event, EventSeat, Price
from tests.bench import bare, desk, documents, questions
from tests.bench import seatmap as plan_pages
from tests.bench import seats as seating
from tests.bench.house import hot_event, price_of, season, sell_out_but
from tests.bench.load import Client, rate, resident_memory, server
from tests.bench.report import Report
from tests.bench.vitals import first_visits
from tests.bench.webhooks import webhook as webhook_cost

SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
ROUNDS = 2
BUYERS = (1, 8, 32, 64)
VISITORS = 8
MAILS = 1_000
BARE = "tests.bench.bare_settings"
statuses: Counter[int] = Counter()
"""Of every answer that any part got over HTTP."""


def service(report: Report) -> None:
    """Reservations through the service, beside the same SQL sent raw by as many processes."""
    report.title("Reservations a second on one hot event: service beside raw SQL")
    for buyers in BUYERS:
        ours, raw = _best_in_turn(
            lambda buyers=buyers: rate(_service_buyer(hot_event(60_000)), buyers=buyers, seconds=SECONDS),
            lambda buyers=buyers: rate(_raw_buyer(hot_event(60_000)), buyers=buyers, seconds=SECONDS),
        )
        report.ratio(f"{buyers} buyers", ours, raw, least=0.35)
    event = hot_event(100)
    buy = _service_buyer(event)(0)
    buy()
    with CaptureQueriesContext(connection) as captured:
        buy()
    statements = [query for query in captured if query["sql"] not in ("BEGIN", "COMMIT")]
    report.line("statements of a reservation, raw ones", f"{len(statements)}, {bare.STATEMENTS}")


def _best_in_turn(ours: Callable[[], float], reference: Callable[[], float]) -> tuple[float, float]:
    """Measure both in turn, ROUNDS times, and return the best of each: other guests of the machine come and go."""
    rounds = [(ours(), reference()) for _round in range(ROUNDS)]
    return max(first for first, _second in rounds), max(second for _first, second in rounds)


def _service_buyer(event: Event) -> Callable[[int], Callable[[], object]]:
    price = price_of(event)

    def buy() -> object:
        return reservations.reserve(event=event, quantities={price.pk: 2}, key=codes.secret())

    return lambda _number: buy


def _raw_buyer(event: Event) -> Callable[[int], Callable[[], object]]:
    price = price_of(event)
    ids = (event.pk, event.organization_id)
    settings = connection.settings_dict
    address = {"host": settings["HOST"], "port": settings["PORT"], "dbname": settings["NAME"]}
    address |= {"user": settings["USER"], "password": settings["PASSWORD"]}

    def prepare(_number: int) -> Callable[[], object]:
        # Django's cursors bind on the client and prepare nothing, so neither does this one.
        raw = psycopg.connect(**address, cursor_factory=psycopg.ClientCursor, prepare_threshold=None)

        def buy() -> None:
            with raw.transaction(), raw.cursor() as cursor:
                bare.reserve(cursor.execute, ids, price.pk)

        return buy

    return prepare


def http(report: Report) -> None:
    """Reservations through HTTP, beside a bare Django view that issues the same statements."""
    report.title("Reservations a second over HTTP: ours beside a bare view with the same statements")
    for buyers in BUYERS:
        with server() as port, server(settings=BARE) as bare_port:
            ours, floor = _best_in_turn(
                lambda port=port, buyers=buyers: _http_rate(lambda event: _http_buyer(event, port), buyers),
                lambda port=bare_port, buyers=buyers: _http_rate(lambda event: _bare_buyer(event, port), buyers),
            )
        report.ratio(f"{buyers} buyers", ours, floor, least=0.6)


def _http_rate(buyer: Callable[[Event], Callable[[int], Callable[[], object]]], buyers: int) -> float:
    return rate(buyer(hot_event(60_000)), buyers=buyers, threads=-(-buyers // 4), seconds=SECONDS)


def _http_buyer(event: Event, port: int) -> Callable[[int], Callable[[], object]]:
    price = price_of(event)

    def prepare(_number: int) -> Callable[[], object]:
        client = Client(port)
        token = _token(client.get(event.get_absolute_url()).body)

        def buy() -> None:
            _expect(_reserve(client, event, price, token), 303)

        return buy

    return prepare


def _reserve(client: Client, event: Event, price: Price, token: str, quantity: int = 2):  # type: ignore[no-untyped-def]
    body = f"csrfmiddlewaretoken={token}&key={codes.secret()}&price_{price.pk}={quantity}"
    return client.post(f"{event.get_absolute_url()}reserve/", body)


def _bare_buyer(event: Event, port: int) -> Callable[[int], Callable[[], object]]:
    price = price_of(event)

    def prepare(_number: int) -> Callable[[], object]:
        client = Client(port)
        return lambda: _expect(client.post(f"/bare/{event.slug}/reserve/", f"price={price.pk}"), 303)

    return prepare


def _expect(answer, status: int):  # type: ignore[no-untyped-def] # Answer in, Answer out
    if answer.status != status:
        raise AssertionError(f"{answer.status} instead of {status}: {answer.body[:300]!r}")
    return answer


def _token(page: bytes) -> str:
    return re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1].decode()  # type: ignore[index]


def purchases(report: Report) -> None:
    """Whole purchases: reserve, details, hand over, pay, return, until the tickets are there."""
    report.title("Whole purchases over HTTP")
    with server() as port:
        for buyers in (1, 16):
            event = hot_event(20_000)
            before = Booking.objects.filter(status="confirmed").count()
            each = rate(_purchaser(event, port), buyers=buyers, threads=-(-buyers // 4), seconds=2 * SECONDS)
            confirmed = Booking.objects.filter(status="confirmed").count() - before
            alone = f", {1000 / each:.0f} ms each" if buyers == 1 else ""
            report.line(f"{buyers} buyers, a second", f"{each:.1f}{alone}")
            report.nothing("counted but not confirmed", max(0, round(each * 2 * SECONDS) - confirmed))


def _purchaser(event: Event, port: int) -> Callable[[int], Callable[[], object]]:
    price = price_of(event)

    def prepare(_number: int) -> Callable[[], object]:
        client = Client(port)
        token = _token(client.get(event.get_absolute_url()).body)

        def buy() -> None:
            form = f"csrfmiddlewaretoken={token}"
            details = _expect(_reserve(client, event, price, token, 1), 303).header("Location")
            who = f"{form}&name=Ada&email={secrets.token_hex(6)}%40example.com&phone="
            review = _expect(client.post(details, who), 303).header("Location")
            checkout = _expect(client.post(review.replace("review", "pay"), f"{form}&provider=sandbox"), 303)
            back = _expect(client.post(checkout.header("Location"), f"{form}&action=pay"), 303).header("Location")
            payment = _expect(client.get(back), 302).header("Location")
            booking = _expect(client.get(payment), 302).header("Location")
            page = _expect(client.get(booking), 200)
            if b"You have your tickets" not in page.body:
                raise AssertionError("no tickets")

        return buy

    return prepare


def rush(report: Report) -> None:
    """Two hundred buyers at once for fifty places."""
    report.title("200 buyers for 50 places, over HTTP")
    event = hot_event(50)
    price = price_of(event)
    with server() as port:
        clients = [Client(port) for _number in range(200)]
        tokens = [_token(client.get(event.get_absolute_url()).body) for client in clients]
        answers: list[int] = []
        start = threading.Barrier(201)

        def buy(client: Client, token: str) -> None:
            start.wait()
            answers.append(_reserve(client, event, price, token, 1).status)

        threads = [threading.Thread(target=buy, args=pair) for pair in zip(clients, tokens, strict=True)]
        for thread in threads:
            thread.start()
        start.wait()
        began = time.monotonic()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - began
    statuses.update(answers)
    report.most("until all is decided", seconds, most=5, unit=" s")
    report.line(
        "reserved, refused, else",
        f"{answers.count(303)}, {answers.count(409)}, {len(answers)}"[:-5]
        + f", {200 - answers.count(303) - answers.count(409)}",
    )
    report.nothing("not exactly 50 sold", abs(50 - answers.count(303)))


def pages(report: Report) -> None:
    """The public pages in a season of 500 events, and the poll, beside bare pages of the same size."""
    report.title("Pages a second at 8 visitors, in a season of 500 events")
    events = season()
    event = events[0].get_absolute_url()
    with server() as port, server(settings=BARE) as bare_port:
        _beside_bare(report, "home", port, bare_port, ["/"])
        _beside_bare(report, "list", port, bare_port, ["/events/"])
        _beside_bare(report, "list, each of 20 filters again and again", port, bare_port, _searches(events, range(20)))
        _beside_bare(report, "list, a new filter each time", port, bare_port, _searches(events, range(20, 20_000)))
        _beside_bare(report, "event page", port, bare_port, [event])
        _beside_bare(report, "event page, any of 500", port, bare_port, [each.get_absolute_url() for each in events])
    with server() as port, server(settings=BARE, BENCH_MIDDLEWARE="1") as bare_port:
        page = Client(port).get(event).body.decode()
        version = re.search(r"availability/\?v=([0-9a-f-]+)", page)[1]  # type: ignore[index]
        ours, floor = _best_in_turn(
            lambda: _get_rate(port, [f"{event}availability/?v={version}"], 204),
            lambda: _get_rate(bare_port, ["/empty"], 204),
        )
    report.ratio("unchanged poll beside an empty view", ours, floor, least=0.7)


def _searches(events: list[Event], numbers: Iterable[int]) -> list[str]:
    """A text, a city, a price, what is left and a weekend: together, and by themselves, no two alike."""
    found = []
    for number in numbers:
        event, most = events[number % len(events)], f"{20 + number / 100:.2f}"
        text, city = event.title.split()[-1], event.venue.city
        asked = [
            {"q": text, "most": most},
            {"city": city, "most": most},
            {"available": "on", "most": most, "sort": "price"},
            {"when": "weekend", "most": most},
            {"q": text, "city": city, "most": most, "available": "on", "when": "month"},
        ]
        found.append("/events/?" + urlencode(asked[number % len(asked)]))
    return found


def _beside_bare(report: Report, what: str, port: int, bare_port: int, paths: list[str]) -> None:
    """The rate of pages, each visitor beginning elsewhere, beside that of a bare page of their mean size."""
    sizes = [len(_expect(Client(port).get(path), 200).body) for path in paths[:20]]
    size = sum(sizes) // len(sizes)
    slug = Event.objects.values_list("slug", flat=True)[0]
    bare_paths = [f"/bare/{slug}/?bytes={size}"]
    ours, floor = _best_in_turn(lambda: _get_rate(port, paths), lambda: _get_rate(bare_port, bare_paths))
    report.ratio(f"{what}, {size / 1000:.0f} KB", ours, floor, least=0.6)


def _get_rate(port: int, paths: list[str], status: int = 200) -> float:
    def prepare(number: int) -> Callable[[], object]:
        client = Client(port)
        first = number * len(paths) // VISITORS
        turn = cycle(paths[first:] + paths[:first])
        return lambda: _expect(client.get(next(turn)), status)

    return rate(prepare, buyers=VISITORS, threads=4, seconds=SECONDS)


def backoffice(report: Report) -> None:
    """What staff wait for among many bookings, beside the same questions in raw SQL."""
    report.title(f"The back office with {desk.BOOKINGS:,} bookings: p95, and beside raw SQL")
    house = desk.busy_house()
    client = desk.signed_in(house)
    asked = [*questions.figures(house), *questions.searches(house, client), *questions.lists(house, client)]
    for each in asked:
        half, most = desk.measured(each.ours)
        raw_half, raw_most = desk.measured(lambda statements=each.raw: desk.ask(statements))
        report.most(each.what, most, most=300, unit=" ms")
        beside = f"{half:.0f}; {raw_half:.1f}, {raw_most:.1f}; {half / raw_half:.2f}"
        report.line("  p50; its SQL alone p50, p95; ratio of p50", beside)


def vitals(report: Report) -> None:
    """What a visitor with a slow telephone sees, in Chromium."""
    report.title("First visit in Chromium, 390 px wide, on a processor slowed to a quarter: best of 5")
    events = season()
    places = {"home": "/", "list": "/events/", "event": events[0].get_absolute_url()}
    with server() as port:
        seen = {name: first_visits(f"http://127.0.0.1:{port}{path}") for name, path in places.items()}
    for name, visit in seen.items():
        report.most(f"{name}: largest paint", visit.largest_paint / 1000, most=2.0, unit=" s")
        report.most(f"{name}: layout shift", visit.layout_shift, most=0.05)
        report.most(f"{name}: longest task", visit.longest_task, most=200, unit=" ms")


def fullness(report: Report) -> None:
    """A reservation in an empty house and in one where 50,000 places are sold."""
    report.title("A reservation with 0 and with 50,000 places sold")
    empty, full = hot_event(60_000), hot_event(60_000)
    sell_out_but(full, 10_000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE events_eventseat")
    spent: dict[int, list[float]] = {empty.pk: [], full.pk: []}
    buyers = {event.pk: _service_buyer(event)(0) for event in (empty, full)}
    for _round in range(600):  # in turn, so that both meet the same machine
        for pk, buy in buyers.items():
            began = time.perf_counter()
            buy()
            spent[pk].append(time.perf_counter() - began)
    first, second = (sorted(times)[len(times) // 2] * 1000 for times in spent.values())
    report.line("median ms", f"{first:.2f}, {second:.2f}")
    report.most("ratio", second / first, most=1.2)


def places(report: Report) -> None:
    """Making a large house."""
    report.title("Publishing an event with 60,000 places")
    began = time.perf_counter()
    hot_event(60_000)
    report.most("seconds", time.perf_counter() - began, most=5, unit=" s")


def seats(report: Report) -> None:
    """Seats chosen, and the best available, in a house of 20,000."""
    seating.seats(report, SECONDS, BUYERS, _best_in_turn)


def best(report: Report) -> None:
    """The best of an empty house, and of what a full one has left."""
    seating.best(report)


def stadium(report: Report) -> None:
    """A large house with numbered seats."""
    seating.large(report)


def seatmap(report: Report) -> None:
    """The plan of that house as customers load it."""
    plan_pages.seatmap(report, _best_in_turn, _get_rate)


def sqlite(report: Report) -> None:
    """The same service on the embedded database."""
    report.title("Reservations a second on SQLite, one process")
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", "BENCH_SECONDS": str(SECONDS)}
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.sqlite"], env=env, check=True, capture_output=True, text=True
        )
    report.line("1 buyer", done.stdout.strip())


def webhook(report: Report) -> None:
    """A provider's message, stored and acted on."""
    webhook_cost(report, SECONDS)


def memory(report: Report) -> None:
    """One worker process through 20,000 requests of every kind."""
    report.title("Memory of a worker through 20,000 requests")
    event = hot_event(30_000)
    with server(workers=1) as port:
        path = event.get_absolute_url()
        acts = _mixed(Client(port), event, path)
        grown = []
        for _request in range(20_000):
            next(acts)()
            if _request in (1_999, 10_999, 19_999):
                grown.append(resident_memory(port) / 1024)
    report.line("MB after 2,000, 11,000 and 20,000", ", ".join(f"{each:.0f}" for each in grown))
    report.most("growth from 2,000 to 20,000", grown[-1] / grown[0], most=1.05)


def _mixed(client: Client, event: Event, path: str):  # type: ignore[no-untyped-def] # an endless iterator of acts
    price = price_of(event)
    token = _token(client.get(path).body)
    for number in count():
        match number % 4:
            case 0:
                yield lambda: _expect(client.get(path), 200)
            case 1:
                yield lambda: _expect(client.get("/events/"), 200)
            case 2:
                yield lambda: client.get(f"{path}availability/?v=0-0")
            case 3:
                yield lambda: _expect(_reserve(client, event, price, token, 1), 303)


def nothing_broken(report: Report) -> None:
    """After all of it."""
    report.title("Afterwards")
    connections.close_all()
    oversold = EventSeat.objects.filter(tickets__status__in=["reserved", "valid"]).count() - (
        EventSeat.objects.filter(status__in=["reserved", "sold"], tickets__isnull=False).distinct().count()
    )
    report.nothing("places sold twice", oversold)
    # The houses that were filled by hand, to measure in them, have places without tickets.
    filled = set(EventSeat.objects.filter(status="sold", tickets=None).values_list("pk", flat=True))
    broken = [row for promise, row in violations() if not (promise.case == "R4" and row.get("pk") in filled)]
    report.nothing("promises broken", len(broken))
    report.nothing("answers of 5xx", sum(number for status, number in statuses.items() if status >= 500))


def papers(report: Report) -> None:
    """Tickets as PDF, beside a bare page with the same code; and a thousand confirmations through the outbox."""
    report.title("Tickets as PDF, and 1,000 confirmations with tickets, receipt and calendar entry")
    (booking,) = documents.confirmed(1)
    documents.drain()
    ours, bare_pages = _best_in_turn(
        lambda: _alone(documents.printer(booking)), lambda: _alone(documents.bare_page(booking))
    )
    report.ratio("tickets a second beside bare pages", ours, bare_pages, least=0.4)
    documents.confirmed(MAILS)
    began = time.monotonic()
    sent = documents.drain()
    drained = sent / (time.monotonic() - began)
    began = time.monotonic()
    documents.bare_mails(MAILS)
    report.ratio("mails a second beside a bare loop", drained, MAILS / (time.monotonic() - began), least=0.25)
    report.nothing("not delivered", MAILS - sent)


def _alone(act: Callable[[], object]) -> float:
    """How often a second one process does it."""
    began, done = time.monotonic(), 0
    while time.monotonic() - began < SECONDS:
        act()
        done += 1
    return done / (time.monotonic() - began)


ALL: dict[str, Callable[[Report], None]] = {
    part.__name__: part
    for part in (
        service,
        http,
        purchases,
        rush,
        seats,
        best,
        stadium,
        seatmap,
        pages,
        backoffice,
        vitals,
        fullness,
        places,
        sqlite,
        webhook,
        papers,
        memory,
    )
}
