"""Processes that are killed at any point, or frozen at the worst."""

import json
import os
import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bookings.models import Booking, Payment, Refund, SandboxCharge, SandboxRefund
from bookings.services import housekeeping, payments
from events.models import EventSeat
from tests.factories import event_on_sale, handed_over, paid, reserve
from tests.races.harness import GUARD, broken, lapse, no_shop_is_connected, shop, until

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

KILLS = 40


def killed_at_every_step(*how: str) -> tuple[int, list[str]]:
    """Kill one purchase before its first statement, the next before its second …; return how many, and faults seen."""
    event = event_on_sale(levels={"Standing": 1_000})
    with ended(shop("steps", event.pk, *how)) as process:
        *faults, last = process.communicate(timeout=2 * GUARD)[0].splitlines()
    until(no_shop_is_connected)
    return json.loads(last)["killed"], faults


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """See that no process outlives its test."""
    try:
        with process:
            yield process
    finally:
        process.kill()


def reconcile() -> None:
    """What a worker and the customers' return do after a crash: ask the providers, send what is queued."""
    for booking in Booking.objects.filter(payments__status="pending"):
        payments.look_up(booking=booking)
    housekeeping.tick()


def taken_at_the_provider() -> int:
    """What the provider's own books say that we have."""
    taken = SandboxCharge.objects.values_list("checkout__amount", flat=True)
    return sum(taken) - sum(SandboxRefund.objects.values_list("amount", flat=True))


def taken_by_us() -> int:
    """What our books say that we have."""
    taken = Payment.objects.filter(status="succeeded").values_list("amount", flat=True)
    back = Refund.objects.filter(status="sent").values_list("amount", flat=True)
    return sum(taken) - sum(back)


def test_a_purchase_killed_before_any_of_its_statements_breaks_no_promise() -> None:
    """R36: from the first click to the cancellation, one statement later each time."""
    killed, faults = killed_at_every_step()
    assert (killed > 50, faults) == (True, [])
    assert broken() == set()
    reconcile()
    assert broken() == set()
    assert taken_by_us() == taken_at_the_provider()


def test_services_that_commit_between_their_steps_are_caught() -> None:
    """R36, R18: the twin without transactions."""
    killed_at_every_step("torn")
    assert broken() >= {"R3", "R4", "R7", "R12"}


def test_shoppers_killed_at_random_under_load_break_no_promise_and_saw_only_what_is_kept() -> None:
    """R36, R14: whoever speaks, another one is killed, wherever that one is."""
    event = event_on_sale(levels={"Standing": 100})
    shown: dict[str, set[str]] = {}
    shoppers: set[int] = set()
    killed: set[int] = set()
    with ended(shop("load", event.pk, 6)) as process:
        while len(killed) < KILLS:
            line = json.loads(process.stdout.readline())
            assert "fault" not in line
            shoppers |= {line["pid"]} - killed  # what the dead had said is read later
            if "code" in line:
                shown.setdefault(line["code"], set()).add(line["shown"])
            others = sorted(shoppers - {line["pid"]})
            if others and random.random() < 0.5:
                victim = random.choice(others)
                shoppers.discard(victim)
                os.kill(victim, signal.SIGKILL)
                killed.add(victim)
        for line in map(json.loads, process.communicate(timeout=GUARD)[0].splitlines()):
            if "code" in line:
                shown.setdefault(line["code"], set()).add(line["shown"])
    until(no_shop_is_connected)
    assert broken() == set()
    kept = dict(Booking.objects.values_list("code", "status"))
    assert {code: kept.get(code) for code in shown if not came_true(shown[code], kept.get(code))} == {}
    reconcile()
    assert broken() == set()
    assert taken_by_us() == taken_at_the_provider()


def came_true(shown: set[str], kept: str | None) -> bool:
    """Whether the last thing that a customer saw is in the database, or what may follow it."""
    order = ["pending", "confirmed", "cancelled"]
    return kept in order and order.index(kept) >= max(order.index(each) for each in shown)


def frozen_past_its_time(*how: str) -> Payment:
    """
    Freeze the process that settles a payment between its look and its lock; let the reservation run
    out meanwhile and sell its place to another; wake the process, and return the payment.
    """
    event = event_on_sale(levels={"Standing": 1})
    asked = handed_over(reserve(event, 1))
    with ended(shop("settle", asked.pk, *how)) as process:
        end = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        assert end.si_code == os.CLD_STOPPED
        lapse(asked.booking)
        assert paid(event, 1).status == "confirmed"
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=GUARD)
    until(no_shop_is_connected)
    asked.refresh_from_db()
    return asked


def test_a_process_frozen_past_its_reservation_gives_the_money_back() -> None:
    """R38"""
    asked = frozen_past_its_time()
    assert (asked.booking.status, asked.status, asked.refunds.get().reason) == ("expired", "succeeded", "too_late")
    assert EventSeat.objects.get().tickets.live().get().booking.status == "confirmed"
    assert broken() == set()


def test_a_process_that_trusts_what_it_saw_before_it_was_frozen_confirms_what_is_sold() -> None:
    """R38, R18: the twin that looks without a lock."""
    asked = frozen_past_its_time("blind")
    assert asked.booking.status == "confirmed"
    assert broken() == {"R4", "R7"}
