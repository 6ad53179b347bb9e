"""Processes that are killed at every point that has a name, and the house afterwards."""

import json
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import call_command
from django.db.models import Sum

from bookings.gateways.sandbox import SandboxGateway
from bookings.models import (
    Batch,
    Document,
    Payment,
    ProviderEvent,
    Refund,
    SandboxCharge,
    SandboxRefund,
)
from bookings.services import housekeeping, reconciliation
from core import clock, codes
from notifications import outbox
from notifications.models import Message
from tests import standin as books
from tests.providers import StandIn, _process, standin
from tests.races.harness import GUARD, broken, no_shop_is_connected, shop, until
from tests.races.points import POINTS

__all__ = ["_process", "standin"]
KILLS = 105

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _with_stripe(standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes that are killed speak to the same stand-in as we."""
    monkeypatch.setenv("STRIPE_SECRET_KEY", books.STRIPE_KEY)
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", books.STRIPE_SECRET)
    monkeypatch.setenv("STRIPE_API", standin.address)
    monkeypatch.setenv("STRIPE_PAGES", standin.address)


def killed(times: int, folder: Path, *how: str) -> dict[str, int]:
    """Kill so often at all points, or at those that are named; return how often at which."""
    with shop(times, folder, *how, module="tests.races.points") as process:
        try:
            *seen, last = process.communicate(timeout=3 * GUARD)[0].splitlines()
        finally:
            process.kill()
    until(no_shop_is_connected)
    assert seen == [] or "torn" in how  # there, processes may also be in each other's way
    return json.loads(last)["killed"]


def heal(*, ask: bool = True) -> None:
    """The hours afterwards: leases end, workers go on, and the providers are asked."""
    with clock.at(clock.now()):
        for _half_an_hour in range(4):
            if ask:
                reconciliation.reconcile()
            housekeeping.tick()
            clock.advance(timedelta(minutes=30))


def left_to_do() -> dict[str, int]:
    """What waits for a worker."""
    waiting = {
        "refunds": Refund.objects.filter(status="queued"),
        "mail": Message.objects.filter(status="queued"),
        "messages": ProviderEvent.objects.filter(status="waiting"),
        "batches": Batch.objects.filter(finished_at=None),
        "papers": Document.objects.filter(number=None),
    }
    return {name: rows.count() for name, rows in waiting.items() if rows.exists()}


def money_here() -> Counter[str]:
    """What our books say: taken and given back, by provider."""
    taken = Payment.objects.filter(status="succeeded", source=None).values_list("provider").annotate(Sum("amount"))
    back = Refund.objects.exclude(reference__startswith="exchange-").exclude(status="queued")
    back = back.values_list("payment__provider").annotate(Sum("amount"))
    return Counter({f"taken by {name}": amount for name, amount in taken}) + Counter(
        {f"back by {name}": amount for name, amount in back}
    )


def money_there(stripe: StandIn) -> Counter[str]:
    """What the providers' books say."""
    totals = stripe("totals")["stripe"]
    return (
        Counter(
            {
                "taken by sandbox": sum(SandboxCharge.objects.values_list("checkout__amount", flat=True)),
                "back by sandbox": sum(SandboxRefund.objects.values_list("amount", flat=True)),
                "taken by stripe": int(totals["taken"].get("eur", 0)),
                "back by stripe": int(totals["back"].get("eur", 0)),
            }
        )
        + Counter()
    )


def sent_mail(folder: Path) -> Counter[str]:
    """The Message-IDs of all mail that was sent, and how often."""
    written = "\n".join(file.read_text() for file in folder.iterdir())
    ids = re.findall(r"^Message-ID: *\n? *(<\S+>)", written, re.MULTILINE | re.IGNORECASE)
    return Counter(ids) + Counter(each.extra_headers["Message-ID"] for each in mail.outbox)


def faults(stripe: StandIn, folder: Path) -> set[str]:
    """What isn't as it has to be after all."""
    ours = Refund.objects.filter(payment__provider="sandbox").exclude(reference__startswith="exchange-")
    ordered = SandboxRefund.objects.values_list("key", "amount")
    found = {
        "promises": broken(),
        "left to do": left_to_do(),
        "money": money_here() != money_there(stripe),
        "refunds": sorted(ours.values_list("key", "amount")) != sorted(ordered),
        "mail": set(sent_mail(folder)) != set(Message.objects.values_list("message_id", flat=True)),
    }
    return {name for name, fault in found.items() if fault}


def test_a_hundred_processes_killed_at_named_points_break_no_promise(standin: StandIn, tmp_path: Path) -> None:
    """R36, R37, R3: money taken, mail on its way, tickets changing hands; then `manage.py audit`."""
    where = killed(KILLS, tmp_path)
    assert sum(where.values()) == KILLS
    assert set(where) == set(POINTS)
    assert broken() == set()
    heal()
    call_command("audit")
    assert faults(standin, tmp_path) == set()
    assert len(money_there(standin)) == 4  # taken and given back, by both providers
    repeated = Counter(sent_mail(tmp_path).values())
    assert (repeated[2], max(repeated)) == (where["mail sent, not recorded"], 2)


def test_services_that_commit_between_their_steps_are_caught_at_their_points(tmp_path: Path) -> None:
    """R36, R18: the twin without transactions."""
    inside = [name for name, point in POINTS.items() if point.inside]
    killed(len(inside), tmp_path, "torn", *inside)
    assert broken() >= {"R3", "R4", "R7", "R12"}


def test_refunds_without_a_key_are_seen_to_go_out_twice(
    standin: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R37, R18: the twin whose every attempt is another order."""

    def order(_way: SandboxGateway, refund: Refund) -> str:
        charge = SandboxCharge.objects.get(reference=refund.payment.origin.reference)
        return SandboxRefund.objects.create(key=codes.secret(), charge=charge, amount=refund.amount).reference

    monkeypatch.setattr(SandboxGateway, "refund", order)
    killed(2, tmp_path, "refund sent, not recorded")
    heal()
    assert faults(standin, tmp_path) == {"money", "refunds"}


def test_mail_with_another_id_at_each_attempt_is_seen(
    standin: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R12, R18: the twin whose repeats can't be told from new mail."""
    send = outbox._send

    def send_anew(message: Message) -> None:
        message.message_id = f"<{codes.secret()}@example.com>"
        send(message)

    monkeypatch.setattr(outbox, "_send", send_anew)
    killed(2, tmp_path, "mail sent, not recorded")
    heal()
    assert faults(standin, tmp_path) == {"mail"}


def test_money_that_nobody_asks_for_again_is_seen(standin: StandIn, tmp_path: Path) -> None:
    """R3, R36, R18: the twin that believes that every process comes to its end."""
    killed(2, tmp_path, "money taken, not recorded")
    heal(ask=False)
    assert faults(standin, tmp_path) == {"money"}
