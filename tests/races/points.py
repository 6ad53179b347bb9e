"""
A shop whose processes are killed at named points, each in the midst of real work:

    python -m tests.races.points KILLS FOLDER [torn] [POINT …]    so many kills at all points, or at these, in turn

Mail goes to files in the folder. `torn` commits between the steps of a service. The last line of the output says how
often was killed where; a line before it is a fault: a point that was never come to, or an error.
"""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402 - settings come first
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from bookings.gateways import sandbox  # noqa: E402
from bookings.models import (  # noqa: E402
    Booking,
    CancellationPolicy,
    Document,
    Payment,
    ProviderEvent,
    Refund,
    SandboxCheckout,
)
from bookings.services import (  # noqa: E402
    batches,
    cancellations,
    documents,
    exchanges,
    payments,
    provider_events,
    refund_requests,
    refunds,
    reservations,
    returns,
    transfers,
)
from core import codes  # noqa: E402
from events.models import Event  # noqa: E402
from notifications import outbox  # noqa: E402
from notifications.models import Message  # noqa: E402
from tests import factories  # noqa: E402
from tests.bookings import exchanging, passing_on  # noqa: E402
from tests.providers import StandIn, deliver  # noqa: E402
from tests.races.harness import lapse  # noqa: E402
from tests.races.shop import commit_between_steps, forked, tell  # noqa: E402

AT_ONCE = 3
type Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Point:
    """Where a process dies: before or after a function is called in the midst of some work."""

    work: Callable[[Event], Act]
    """Prepares something and returns what is killed."""
    function: str
    after: bool = False
    inside: bool = True
    """Within a transaction, that is undone."""


# --- Work ------------------------------------------------------------------------------------------


def reserving(event: Event) -> Act:
    return lambda: exchanging.reserved(event)


def handing_over(event: Event) -> Act:
    booking = exchanging.reserved(event)
    return lambda: factories.handed_over(booking)


def charged(booking: Booking) -> Booking:
    """Let the sandbox take the money for a booking, and nobody hear of it."""
    payment = factories.handed_over(booking)
    sandbox.press(SandboxCheckout.objects.get(key=payment.key), "pay")
    return booking


def bought(event: Event) -> Booking:
    booking = charged(exchanging.reserved(event))
    payments.look_up(booking=booking)
    booking.refresh_from_db()
    return booking


def confirming(event: Event) -> Act:
    booking = charged(exchanging.reserved(event))
    return lambda: payments.look_up(booking=booking)


def confirming_late(event: Event) -> Act:
    booking = charged(exchanging.reserved(event))
    lapse(booking)
    return lambda: payments.look_up(booking=booking)


def expiring(event: Event) -> Act:
    booking = exchanging.reserved(event)
    lapse(booking)
    return lambda: reservations.expire(booking_id=booking.pk)


def cancelled(event: Event) -> Booking:
    booking = bought(event)
    return cancellations.cancel(booking_id=booking.pk, reason="asked for by the customer")


def cancelling(event: Event) -> Act:
    booking = bought(event)
    return lambda: cancellations.cancel(booking_id=booking.pk, reason="asked for by the customer")


def refunding(event: Event) -> Act:
    refund = cancelled(event).payments.get().refunds.get()
    return lambda: refunds.send(refund.pk)


def mailing(event: Event) -> Act:
    message = Message.objects.get(about_id=bought(event).pk, kind="booking-confirmed")
    return lambda: outbox.deliver(message.pk)


def giving_a_ticket_back(event: Event) -> Act:
    booking = bought(event)
    how: dict[str, Any] = {"amount": 500, "why": Refund.Reason.OTHER, "reason": "ill", "by": None}
    tickets = exchanging.tickets_of(booking, 1)
    return lambda: returns.take_back(booking_id=booking.pk, ticket_ids=tickets, **how)


def answering_a_request(event: Event) -> Act:
    booking = bought(event)
    tickets = exchanging.tickets_of(booking, 1)
    request = refund_requests.ask(booking_id=booking.pk, ticket_ids=tickets, message="ill")
    return lambda: refund_requests.grant(request_id=request.pk, amount=700, by=None)


def exchanging_tickets(event: Event) -> Act:
    new = charged(exchanging.exchanging(bought(event), "Premium", 2))
    return lambda: payments.look_up(booking=new)


def passing_a_ticket_on(event: Event) -> Act:
    email = f"{codes.secret()}@example.com"
    passing_on.offer(bought(event).live_tickets()[0], email)
    secret = passing_on.secret_in_mail(email)
    return lambda: transfers.accept(secret=secret, name="Bob Example")


def calling_off(event: Event) -> Act:
    """One more event of the house; a number of the factory's own would be the same in every process."""
    names = {"slug": f"event-{os.getpid()}", "venue": event.venue}
    event = factories.event_on_sale(levels={"Standing": 10}, amounts=exchanging.AMOUNTS, **names)
    for _customer in range(2):
        bought(event)
    return lambda: batches.work(batch_id=batches.cancel_event(event_id=event.pk, reason="flood").pk)


def asking_for_a_receipt(event: Event) -> Act:
    booking = bought(event)
    return lambda: documents.receipt(booking_id=booking.pk)


def numbering(event: Event) -> Act:
    paper = Document.objects.get(booking=cancelled(event))
    return lambda: documents.number(document_id=paper.pk)


def asked_at_stripe(event: Event) -> Payment:
    """Let Stripe take the money, and nobody hear of it."""
    booking = exchanging.reserved(event)
    payments.hand_over(booking_id=booking.pk, provider="stripe")
    payment = booking.payments.get()
    StandIn(settings.STRIPE_API)("pay", checkout=payment.checkout_reference)
    return payment


def hearing_of_it(event: Event) -> Act:
    """Stripe has the money and says so."""
    checkout = asked_at_stripe(event).checkout_reference or ""
    told = StandIn(settings.STRIPE_API).told("checkout.session.completed")
    message = next(each for each in told if checkout in each["body"])

    def hear() -> None:
        assert deliver(Client(headers={"host": "localhost"}), message).status_code == 200
        provider_events.handle(ProviderEvent.objects.get(event_id=json.loads(message["body"])["id"]).pk)

    return hear


def refunding_at_stripe(event: Event) -> Act:
    payment = asked_at_stripe(event)
    payments.look_up_payment(payment)
    cancellations.cancel(booking_id=payment.booking_id, reason="asked for by the customer")
    refund = payment.refunds.get()
    return lambda: refunds.send(refund.pk)


POINTS = {
    "reserved, not committed": Point(reserving, "reservations.audit.record", after=True),
    "asked, no page opened": Point(handing_over, "sandbox.SandboxGateway.open_checkout", inside=False),
    "page opened, not written down": Point(handing_over, "payments._opened", inside=False),
    "money taken, not recorded": Point(confirming, "payments.settle", inside=False),
    "money recorded, not confirmed": Point(confirming, "payments.confirm"),
    "places sold, tickets not valid": Point(confirming, "payments.inventory.sell", after=True),
    "confirmed, nobody told": Point(confirming, "payments.messages.confirmed"),
    "confirmed, not committed": Point(confirming, "payments.messages.confirmed", after=True),
    "late, places claimed again": Point(confirming_late, "payments.inventory.claim", after=True),
    "expiring, not committed": Point(expiring, "reservations.end", after=True),
    "cancelling, nothing ended": Point(cancelling, "cancellations.end"),
    "cancelled, no money on its way": Point(cancelling, "cancellations.refunds.give_back"),
    "cancelled, not committed": Point(cancelling, "cancellations.messages.cancelled", after=True),
    "refund leased, not sent": Point(refunding, "sandbox.SandboxGateway.refund", inside=False),
    "refund sent, not recorded": Point(refunding, "refunds._record_sent", inside=False),
    "refund sent to Stripe, not recorded": Point(refunding_at_stripe, "refunds._record_sent", inside=False),
    "mail leased, not sent": Point(mailing, "outbox._send", inside=False),
    "mail sent, not recorded": Point(mailing, "outbox._record_success", inside=False),
    "message stored, not acted on": Point(hearing_of_it, "provider_events.handle", inside=False),
    "message acted on, not recorded": Point(hearing_of_it, "provider_events._record", inside=False),
    "given back, money on its way": Point(giving_a_ticket_back, "returns.documents.credit"),
    "given back, place not free": Point(giving_a_ticket_back, "returns.inventory.release"),
    "given back, not committed": Point(giving_a_ticket_back, "returns.messages.returned", after=True),
    "request granted, not closed": Point(answering_a_request, "refund_requests._close"),
    "exchange, tickets ended": Point(exchanging_tickets, "exchanges._move"),
    "exchange, money moved": Point(exchanging_tickets, "exchanges._move", after=True),
    "passed on, nobody has it": Point(passing_a_ticket_on, "transfers._following"),
    "passed on, not committed": Point(passing_a_ticket_on, "transfers.notices.ticket_passed_on", after=True),
    "called off, no bookings written down": Point(calling_off, "batches._with_rows"),
    "row dealt with, not done": Point(calling_off, "batches.cancellations.end_with_money_back", after=True),
    "row done, others not": Point(calling_off, "batches._deal", after=True, inside=False),
    "receipt's number taken, not written": Point(asking_for_a_receipt, "documents._next", after=True),
    "credit note's number taken, not given": Point(numbering, "documents._next", after=True),
}
MODULES = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        *(batches, cancellations, documents, exchanges, payments, provider_events),
        *(refund_requests, refunds, reservations, returns, transfers),
        *(outbox, sandbox),
    )
}


def deadly(point: Point) -> None:
    """Kill this process as soon as it comes to the point."""
    module, *path, name = point.function.split(".")
    owner = reduce(getattr, path, MODULES[module])
    function = getattr(owner, name)

    def instead(*args: Any, **kwargs: Any) -> None:
        if point.after:
            function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, instead)


def killed_at(point: Point, event: Event, torn: bool) -> int:
    """Begin some work in a process of its own, that dies at the point; return its id."""

    def die() -> None:
        act = point.work(event)
        deadly(point)
        if torn:
            commit_between_steps()
        act()

    return forked(die)


def main(kills: str, folder: str, *how: str) -> None:
    settings.MAILERS["default"]["OPTIONS"]["file_path"] = folder
    Path(folder).mkdir(exist_ok=True)
    torn, names = "torn" in how, [each for each in how if each != "torn"] or list(POINTS)
    event = factories.event_on_sale(levels={"Standing": 1_000}, amounts=exchanging.AMOUNTS)
    CancellationPolicy.objects.create(organization=event.organization, exchange_until_hours=24)
    for work in {POINTS[name].work for name in names}:
        work(event)()  # so that no fork has to load what the first of them loads
    connection.close()
    killed: Counter[str] = Counter()
    alive: dict[int, str] = {}
    for name in [*islice(cycle(names), int(kills)), *[""] * AT_ONCE]:
        if len(alive) == AT_ONCE or (not name and alive):
            pid, status = os.wait()
            where = alive.pop(pid)
            if os.WIFSIGNALED(status):
                killed[where] += 1
            else:
                tell(fault=f"never came to: {where}")
        if name:
            alive[killed_at(POINTS[name], event, torn)] = name
    tell(killed=killed)


if __name__ == "__main__":
    main(*sys.argv[1:])
