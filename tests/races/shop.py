"""
A shop in processes of its own, for tests that kill or freeze them:

    python -m tests.races.shop steps EVENT [torn]     one purchase after the other, each killed one statement later
    python -m tests.races.shop batch BATCH [torn]     a worker at a batch, killed one statement later each time
    python -m tests.races.shop load EVENT SHOPPERS    shoppers who buy until standard input ends, replaced when killed
    python -m tests.races.shop settle PAYMENT [blind] one piece of news, whose teller freezes between look and lock
    python -m tests.races.shop writers COUNT [late|seats]   a SQLite database of its own, and so many who buy at once

`torn` commits between the steps of a service; `blind` decides on what was read without a lock; `late`
lets transactions turn writer in their midst; with `seats` all want the best.
"""

import json
import os
import random
import select
import signal
import sys
from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - settings come first
from django.db import connection, connections  # noqa: E402

from bookings.gateways import sandbox  # noqa: E402
from bookings.models import Batch, Booking, Payment, SandboxCheckout  # noqa: E402
from bookings.queries.promises import violations  # noqa: E402
from bookings.services import batches, cancellations, payments  # noqa: E402
from core import transactions  # noqa: E402
from core.refusals import Refusal  # noqa: E402
from events.models import Event  # noqa: E402
from tests import factories  # noqa: E402
from tests.races.harness import race, told  # noqa: E402


def tell(**facts: Any) -> None:
    """Say a line that can't be torn."""
    os.write(1, (json.dumps(facts) + "\n").encode())


def purchase(event: Event, say: Callable[[str, Booking], None] = lambda _what, _booking: None) -> Booking:
    """Buy two places from the first click to the tickets, saying what the customer is shown."""
    booking = factories.reserve(event, 2)
    say("pending", booking)
    payment = factories.handed_over(booking)
    sandbox.press(SandboxCheckout.objects.get(key=payment.key), "pay")
    payments.look_up(booking=booking)
    booking.refresh_from_db()
    say(booking.status, booking)
    return booking


def commit_between_steps() -> None:
    """Take the transactions from all services."""
    transactions.transaction = SimpleNamespace(atomic=lambda durable: nullcontext())
    connection.features.has_select_for_update = False  # which is refused outside of transactions


def die_before(nth: int) -> Callable:
    """Kill this process right before its nth statement."""
    left = iter(range(nth - 1))

    def wrapper(execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    return wrapper


def warmed_up(event_id: str) -> Event:
    """Buy once before all forks, so that none of them has to load what the first purchase loads."""
    event = Event.objects.select_related("organization").get(pk=event_id)
    purchase(event)
    connection.close()
    return event


def forked(act: Callable[[], Any]) -> int:
    """Do it in a process of its own; return whose."""
    if pid := os.fork():
        return pid
    try:
        act()
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 - a fork must never return into its parent's code
        tell(fault=repr(error))
        os._exit(1)


def steps(event_id: str, torn: str = "") -> None:
    """Kill a purchase before its first statement, another before its second … until one comes through."""

    def customer(nth: int) -> Callable[[], Any]:
        def buy_and_cancel() -> None:
            if torn:
                commit_between_steps()
            with connection.execute_wrapper(die_before(nth)):
                booking = purchase(event)
                cancellations.cancel(booking_id=booking.pk, reason="asked for by the customer")

        return buy_and_cancel

    event, nth = warmed_up(event_id), 1
    while os.waitpid(forked(customer(nth)), 0)[1] == signal.SIGKILL:
        nth += 1
    tell(killed=nth - 1)


def batch(batch_id: str, torn: str = "") -> None:
    """Kill a worker before its first statement, another before its second … until one comes through."""

    def worker(nth: int) -> Callable[[], Any]:
        def work() -> None:
            if torn:
                commit_between_steps()
            with connection.execute_wrapper(die_before(nth)):
                while Batch.objects.filter(pk=batch_id, finished_at=None).exists():
                    batches.work(batch_id=int(batch_id))

        return work

    batches.work(batch_id=int(batch_id), most=1)  # so that none of them has to load what the first one loads
    connection.close()
    nth = 1
    while os.waitpid(forked(worker(nth)), 0)[1] == signal.SIGKILL:
        nth += 1
    tell(killed=nth - 1)


def load(event_id: str, shoppers: str) -> None:
    """Keep so many shoppers buying; whoever dies is replaced, until standard input ends."""

    event = warmed_up(event_id)

    def shopper() -> None:
        def say(what: str, booking: Booking) -> None:
            tell(pid=os.getpid(), code=booking.code, shown=what)

        while True:
            try:
                booking = purchase(event, say)
                if random.random() < 0.5:
                    cancellations.cancel(booking_id=booking.pk, reason="asked for by the customer")
                    say("cancelled", booking)
            except Refusal:
                tell(pid=os.getpid())

    alive = {forked(shopper) for _shopper in range(int(shoppers))}
    while not select.select([sys.stdin], [], [], 0.005)[0]:
        while (dead := os.waitpid(-1, os.WNOHANG)[0]) in alive:
            alive = alive - {dead} | {forked(shopper)}
    for pid in alive:
        os.kill(pid, signal.SIGKILL)


def settle(payment_id: str, blind: str = "") -> None:
    """Tell that the money is there, and freeze after the unlocked look; `blind` takes that look for the truth."""

    def freeze(execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        if 'FROM "bookings_booking"' in sql and "FOR NO KEY UPDATE" in sql:
            if blind:
                sql = sql.partition("FOR NO KEY UPDATE")[0]
                rows = execute(sql, params, many, context)
                os.kill(os.getpid(), signal.SIGSTOP)
                return rows
            os.kill(os.getpid(), signal.SIGSTOP)
        return execute(sql, params, many, context)

    payment = Payment.objects.get(pk=payment_id)
    with connection.execute_wrapper(freeze):
        tell(status=factories.settle(payment).status)


def writers(count: str, how: str = "") -> None:
    """Migrate, open an event, let so many buy at once in two processes, and tell what they were told."""
    if how == "late":
        connections.settings["default"]["OPTIONS"]["transaction_mode"] = "DEFERRED"
    call_command("migrate", verbosity=0)
    pairs = int(count) + 1
    if how == "seats":
        house = factories.seated_event({"Stalls": "_".join(["ss"] * pairs)})
    else:
        house = factories.event_on_sale(levels={"Standing": 2 * pairs})
    event = warmed_up(str(house.pk))

    def customers() -> None:
        answers = race([lambda: purchase(event)] * (int(count) // 2))
        tell(told=told(answers))

    for pid in [forked(customers) for _process in range(2)]:
        os.waitpid(pid, 0)
    tell(broken=sorted({promise.case for promise, _row in violations()}))


if __name__ == "__main__":
    {"steps": steps, "batch": batch, "load": load, "settle": settle, "writers": writers}[sys.argv[1]](*sys.argv[2:])
