"""The checker sees what is wrong, and `manage.py audit` says so."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from bookings.models import Booking, Payment, Refund, Ticket
from core.models import AuditEntry
from events.models import Event, EventSeat, PriceLevel
from notifications.models import Message
from tests.factories import event_on_sale, paid, reserve, with_details
from tests.races.harness import broken

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def a_place_without_ticket() -> None:
    free = EventSeat.objects.free().order_by("pk")[:1]
    EventSeat.objects.filter(pk__in=free).update(status="sold", was_claimed=True)


def a_place_in_two_tickets() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_live_ticket_per_place")
    Ticket.objects.update(event_seat=EventSeat.objects.get(tickets__number=1, status="sold"))


def a_place_of_nobody_made() -> None:
    level = PriceLevel.objects.get()
    EventSeat.objects.create(event=level.event, price_level=level)


def a_confirmed_booking_without_tickets() -> None:
    Ticket.objects.filter(booking__status="confirmed").update(status="void", voided_at="2026-06-01T12:00Z")


def a_payment_that_vanished() -> None:
    Payment.objects.all().delete()


def money_back_for_a_confirmed_booking() -> None:
    payment = Payment.objects.get()
    moment = payment.created_at
    Refund.objects.create(
        payment=payment, amount=payment.amount + 1, reason="duplicate", created_at=moment, next_attempt_at=moment
    )


def a_step_that_nobody_recorded() -> None:
    AuditEntry.objects.filter(action="booking.confirmed").delete()


def a_step_that_cannot_be() -> None:
    entry = AuditEntry.objects.get(action="booking.confirmed")
    AuditEntry.objects.create(
        action="booking.reserved", object_type=entry.object_type, object_id=entry.object_id, at=entry.at
    )


def more_places_than_allowed() -> None:
    Event.objects.update(max_per_booking=1)


def a_price_that_changed() -> None:
    Booking.objects.filter(status="confirmed").update(subtotal=1, fee=2, total=3, tax=0)


def a_confirmation_that_nobody_posted() -> None:
    Message.objects.filter(kind="booking-confirmed").delete()


CORRUPTIONS: dict[Callable[[], None], set[str]] = {
    a_place_without_ticket: {"R4"},
    a_place_in_two_tickets: {"R1", "R4"},
    a_place_of_nobody_made: {"R2"},
    a_confirmed_booking_without_tickets: {"R4"},
    a_payment_that_vanished: {"R3"},
    money_back_for_a_confirmed_booking: {"R3", "R8"},
    a_step_that_nobody_recorded: {"R7"},
    a_step_that_cannot_be: {"R7"},
    more_places_than_allowed: {"R9"},
    a_price_that_changed: {"R3", "R10"},
    a_confirmation_that_nobody_posted: {"R12"},
}


def exit_code() -> int | str | None:
    """What `manage.py audit` ends with."""
    try:
        call_command("audit")
    except SystemExit as end:
        return end.code
    return 0


def test_the_audit_fails_for_each_kind_of_corrupted_rows_and_for_nothing_else() -> None:
    """R18: one corruption after the other, each taken back before the next."""
    event = event_on_sale(levels={"Standing": 10})
    paid(event)
    with_details(reserve(event, 1), email="grace@example.com")
    seen = {}
    for corrupt in CORRUPTIONS:
        assert (broken(), exit_code()) == (set(), 0)
        with transaction.atomic():
            corrupt()
            seen[corrupt] = broken(), exit_code()
            transaction.set_rollback(True)
    assert seen == {corrupt: (cases, 1) for corrupt, cases in CORRUPTIONS.items()}
