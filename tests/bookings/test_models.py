"""What the database refuses about bookings, tickets and money, whoever asks."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from bookings.models import Booking, CustomerQuota, Payment, Refund, SandboxCharge, SandboxCheckout, Ticket
from bookings.services import cancellations
from tests.constraints import refused_by
from tests.factories import event_on_sale, handed_over, paid, reserve, with_details

pytestmark = pytest.mark.django_db

THEN = datetime.fromisoformat("2026-06-01T12:00Z")


@pytest.fixture
def booking(noon: datetime) -> Booking:
    return with_details(reserve(event_on_sale()))


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("a_booking_status_is_known", {"status": "lost"}),
        ("a_booking_has_places", {"quantity": 0}),
        ("a_total_is_its_parts", {"total": F("total") + 1}),
        ("a_total_is_its_parts", {"fee": F("fee") - 1}),
        ("a_total_is_its_parts", {"subtotal": F("subtotal") + 1}),
        ("a_tax_is_contained", {"tax": F("total") + 1}),
        ("a_confirmed_booking_says_since_when", {"status": "confirmed", "email": "ada@example.com"}),
        ("a_confirmed_booking_has_a_customer", {"status": "confirmed", "confirmed_at": THEN, "email": ""}),
        ("an_ended_booking_says_when", {"status": "expired"}),
        ("an_ended_booking_says_when", {"status": "cancelled"}),
        ("an_ended_booking_says_when", {"ended_at": THEN}),
        ("an_ended_booking_says_when", {"status": "confirmed", "confirmed_at": THEN, "ended_at": THEN}),
    ],
)
def test_a_booking_that_makes_no_sense_is_refused(booking: Booking, constraint: str, fields: dict[str, Any]) -> None:
    with refused_by(constraint):
        Booking.objects.filter(pk=booking.pk).update(**fields)


@pytest.mark.parametrize("field", ["subtotal", "fee", "tax", "total"])
def test_no_amount_is_below_nothing(booking: Booking, field: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.filter(pk=booking.pk).update(**{field: -1})


@pytest.mark.parametrize("field", ["code", "secret"])
def test_code_and_secret_belong_to_one_booking(booking: Booking, field: str) -> None:
    """R6"""
    other = reserve(booking.event)
    with refused_by(field, field):
        Booking.objects.filter(pk=other.pk).update(**{field: getattr(booking, field)})


def test_a_place_is_on_one_live_ticket(booking: Booking) -> None:
    """R1"""
    ticket, other = booking.tickets.first(), reserve(booking.event)
    with refused_by("one_live_ticket_per_place", "event_seat_id"):
        Ticket.objects.create(
            booking=other,
            number=9,
            ticket_type=ticket.ticket_type,
            event_seat=ticket.event_seat,
            price=1,
            fee=0,
            tax=0,
        )


@pytest.mark.parametrize("status", ["reserved", "valid", "used"])
def test_a_void_ticket_comes_back_only_while_nobody_has_its_place(noon: datetime, status: str) -> None:
    """R1"""
    event = event_on_sale(levels={"Standing": 1})
    first = reserve(event, 1)
    cancellations.cancel(booking_id=first.pk, reason="test")
    reserve(event, 1)
    with refused_by("one_live_ticket_per_place", "event_seat_id"):
        first.tickets.update(status=status, voided_at=None)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("a_ticket_status_is_known", {"status": "lost"}),
        ("void_means_since_when", {"status": "void"}),
        ("void_means_since_when", {"voided_at": THEN}),
        ("void_means_since_when", {"status": "valid", "voided_at": THEN}),
    ],
)
def test_a_ticket_that_makes_no_sense_is_refused(booking: Booking, constraint: str, fields: dict[str, Any]) -> None:
    with refused_by(constraint):
        booking.tickets.update(**fields)


def test_a_booking_has_one_ticket_of_a_number(booking: Booking) -> None:
    with refused_by("one_ticket_per_number", "booking_id", "number"):
        booking.tickets.update(number=1)


def test_a_tickets_secret_is_its_own(booking: Booking) -> None:
    """R6"""
    with refused_by("secret", "secret"):
        booking.tickets.update(secret="s" * 32)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("a_payment_is_of_something", {"amount": 0}),
        ("a_taken_payment_has_its_reference", {"status": "succeeded", "succeeded_at": THEN}),
        ("a_taken_payment_has_its_reference", {"status": "succeeded", "reference": "r"}),
        ("a_taken_payment_has_its_reference", {"succeeded_at": THEN}),
        ("a_taken_payment_has_its_reference", {"status": "failed", "succeeded_at": THEN}),
        ("a_taken_payment_has_its_reference", {"status": "lost"}),
    ],
)
def test_a_payment_that_makes_no_sense_is_refused(booking: Booking, constraint: str, fields: dict[str, Any]) -> None:
    payment = handed_over(booking)
    with refused_by(constraint):
        Payment.objects.filter(pk=payment.pk).update(**fields)


@pytest.mark.parametrize(
    ("field", "constraint", "columns"),
    [
        ("checkout_reference", "one_payment_per_checkout", ("provider", "checkout_reference")),
        ("reference", "one_payment_per_reference", ("provider", "reference")),
        ("key", "key", ("key",)),
    ],
)
def test_what_a_provider_calls_it_names_one_payment(
    booking: Booking, field: str, constraint: str, columns: tuple[str, ...]
) -> None:
    """R6"""
    first, second = handed_over(booking), handed_over(reserve(booking.event))
    Payment.objects.filter(pk=first.pk).update(**{field: "same"})
    with refused_by(constraint, *columns):
        Payment.objects.filter(pk=second.pk).update(**{field: "same"})


@pytest.fixture
def refund(noon: datetime) -> Refund:
    booking = paid(event_on_sale())
    cancellations.cancel(booking_id=booking.pk, reason="test")
    return Refund.objects.get()


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("a_refund_is_of_something", {"amount": 0}),
        ("a_sent_refund_has_its_reference", {"status": "sent"}),
        ("a_sent_refund_has_its_reference", {"status": "lost"}),
    ],
)
def test_a_refund_that_makes_no_sense_is_refused(refund: Refund, constraint: str, fields: dict[str, Any]) -> None:
    with refused_by(constraint):
        Refund.objects.filter(pk=refund.pk).update(**fields)


def test_a_payment_is_given_back_once(refund: Refund) -> None:
    """R8"""
    with refused_by("payment_id", "payment_id"):
        Refund.objects.create(
            payment=refund.payment, amount=1, reason="duplicate", created_at=THEN, next_attempt_at=THEN
        )


@pytest.mark.parametrize("field", ["key", "reference"])
def test_what_a_provider_calls_it_names_one_refund(refund: Refund, field: str) -> None:
    """R6"""
    other = paid(refund.payment.booking.event)
    cancellations.cancel(booking_id=other.pk, reason="test")
    with refused_by(field, field):
        Refund.objects.update(**{field: "same"})


def test_a_person_has_one_row_to_lock(booking: Booking) -> None:
    CustomerQuota.objects.create(event=booking.event, email_key="ada@example.com")
    with refused_by("one_quota_per_customer", "event_id", "email_key"):
        CustomerQuota.objects.create(event=booking.event, email_key="ada@example.com")


def test_the_sandbox_takes_money_once_unless_asked_twice(noon: datetime) -> None:
    checkout = SandboxCheckout.objects.create(
        key="k", amount=1, currency="EUR", return_url="/", expires_at=noon + timedelta(hours=1)
    )
    SandboxCharge.objects.create(checkout=checkout, captured_at=noon)
    SandboxCharge.objects.create(checkout=checkout, captured_at=noon, ordinal=2)
    with refused_by("sandbox_takes_money_once_unless_asked_twice", "checkout_id", "ordinal"):
        SandboxCharge.objects.create(checkout=checkout, captured_at=noon)
