"""What the database refuses about bookings, tickets and money, whoever asks."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, Model

from bookings.models import (
    Batch,
    BatchRow,
    Booking,
    CancellationPolicy,
    CancellationTier,
    CustomerQuota,
    Document,
    DocumentSeries,
    OfferedProvider,
    Payment,
    ProviderEvent,
    Refund,
    RefundRequest,
    SandboxCharge,
    SandboxCheckout,
    StatementLine,
    Ticket,
    TicketKey,
    Transfer,
)
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
        ("a_booking_fee_is_a_fee", {"booking_fee": F("fee") + 1}),
        ("a_booking_fee_is_a_fee", {"booking_fee": 1, "booking_fee_tax": 2}),
        ("a_confirmed_booking_says_since_when", {"status": "confirmed", "email": "ada@example.com"}),
        ("a_booking_by_the_web_has_a_customer", {"status": "confirmed", "confirmed_at": THEN, "email": ""}),
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


@pytest.mark.parametrize("channel", ["box_office", "import"])
def test_who_bought_at_a_box_office_may_stay_unknown(booking: Booking, channel: str) -> None:
    """U50: ours, or that of another system."""
    Booking.objects.filter(pk=booking.pk).update(status="confirmed", confirmed_at=THEN, email="", channel=channel)
    booking.refresh_from_db()
    assert booking.has_details


def test_a_booking_is_brought_in_from_elsewhere_once(booking: Booking) -> None:
    """U50: those that were sold here have no code from elsewhere."""
    other = reserve(booking.event)
    with refused_by("a_booking_is_brought_in_once", "organization_id", "external_code"):
        Booking.objects.filter(pk__in=[booking.pk, other.pk]).update(external_code="OLD-1")


@pytest.mark.parametrize("status", ["reserved", "valid", "used"])
def test_a_void_ticket_comes_back_only_while_nobody_has_its_place(noon: datetime, status: str) -> None:
    """R1"""
    event = event_on_sale(levels={"Standing": 1})
    first = reserve(event, 1)
    cancellations.cancel(booking_id=first.pk, reason="test")
    reserve(event, 1)
    with refused_by("one_live_ticket_per_place", "event_seat_id"):
        first.tickets.update(status=status, voided_at=None, void_reason="")


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("a_ticket_status_is_known", {"status": "lost"}),
        ("void_means_since_when", {"status": "void"}),
        ("void_means_since_when", {"voided_at": THEN}),
        ("void_means_since_when", {"status": "valid", "voided_at": THEN}),
        ("only_void_tickets_say_why", {"void_reason": "cancelled"}),
        ("no_more_of_a_ticket_is_taken_back_than_it_cost", {"credited": F("price") + F("fee") + 1}),
        ("no_more_of_a_ticket_is_taken_back_than_it_cost", {"credited": 1, "credited_tax": 2}),
        ("no_more_of_a_ticket_is_taken_back_than_it_cost", {"credited_tax": -1}),
    ],
)
def test_a_ticket_that_makes_no_sense_is_refused(booking: Booking, constraint: str, fields: dict[str, Any]) -> None:
    with refused_by(constraint):
        booking.tickets.update(**fields)


def test_a_booking_has_one_ticket_of_a_number(booking: Booking) -> None:
    with refused_by("one_ticket_per_number", "booking_id", "number"):
        booking.tickets.update(number=1)


@pytest.mark.parametrize("field", ["secret", "link"])
def test_a_tickets_secrets_are_its_own(booking: Booking, field: str) -> None:
    """R6"""
    with refused_by(field, field):
        booking.tickets.update(**{field: "s" * 32})


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("a_payment_is_of_something", {"amount": 0}),
        ("a_taken_payment_has_its_reference", {"status": "succeeded", "succeeded_at": THEN}),
        ("a_taken_payment_has_its_reference", {"status": "succeeded", "reference": "r"}),
        ("a_taken_payment_has_its_reference", {"succeeded_at": THEN}),
        ("a_taken_payment_has_its_reference", {"status": "failed", "succeeded_at": THEN}),
        ("a_taken_payment_has_its_reference", {"status": "lost"}),
        ("what_is_kept_is_there", {"kept_aside": True}),
        ("no_more_goes_back_than_came", {"refunded": F("amount") + 1}),
        ("an_exchange_says_whose_money", {"provider": "exchange"}),
        ("an_exchange_says_whose_money", {"source": F("pk")}),
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
        ("a_sent_refund_has_its_reference", {"status": "succeeded"}),
        ("a_sent_refund_has_its_reference", {"status": "lost"}),
    ],
)
def test_a_refund_that_makes_no_sense_is_refused(refund: Refund, constraint: str, fields: dict[str, Any]) -> None:
    with refused_by(constraint):
        Refund.objects.filter(pk=refund.pk).update(**fields)


@pytest.mark.parametrize("field", ["key", "reference"])
def test_what_a_provider_calls_it_names_one_refund(refund: Refund, field: str) -> None:
    """R6"""
    other = paid(refund.payment.booking.event)
    cancellations.cancel(booking_id=other.pk, reason="test")
    with refused_by(field, field):
        Refund.objects.update(**{field: "same"})


@pytest.fixture
def rows(refund: Refund) -> dict[str, Any]:
    """One row of each of the tables around a booking, with its credit note."""
    booking = refund.payment.booking
    organization, event, ticket = booking.organization, booking.event, booking.tickets.earliest("number")
    policy = CancellationPolicy.objects.create(organization=organization)
    batch = Batch.objects.create(organization=organization, event=event, kind="cancel_event", created_at=THEN)
    made = [
        Document.objects.get(),
        DocumentSeries.objects.create(organization=organization, kind="receipt"),
        OfferedProvider.objects.create(organization=organization, provider="sandbox"),
        ProviderEvent.objects.create(
            provider="stripe", event_id="e", kind="k", payload={}, next_attempt_at=THEN, received_at=THEN
        ),
        StatementLine.objects.create(
            organization=organization, fingerprint="f", booked_on=THEN, amount=1, currency="EUR", imported_at=THEN
        ),
        policy,
        CancellationTier.objects.create(policy=policy, hours_before=24, basis_points=5_000),
        Transfer.objects.create(ticket=ticket, email="bob@example.com", digest="d", created_at=THEN, expires_at=THEN),
        RefundRequest.objects.create(booking=booking, message="Please.", created_at=THEN),
        batch,
        BatchRow.objects.create(batch=batch, booking=booking),
        TicketKey.objects.create(public_key=b"p", private_key=b"s", created_at=THEN),
    ]
    return {type(row).__name__: row for row in made}


@pytest.mark.parametrize(
    ("constraint", "model", "fields"),
    [
        ("a_document_kind_is_known", Document, {"kind": "bill"}),
        ("a_document_is_of_something", Document, {"amount": 0, "tax": 0}),
        ("a_document_contains_its_tax", Document, {"tax": F("amount") + 1}),
        ("a_statement_line_is_of_something", StatementLine, {"amount": 0}),
        ("a_matched_line_has_its_payment", StatementLine, {"status": "matched"}),
        ("no_more_than_all_goes_back", CancellationTier, {"basis_points": 10_001}),
        ("a_transfer_ends_one_way", Transfer, {"accepted_at": THEN, "ended_at": THEN}),
        ("an_answered_request_says_when", RefundRequest, {"status": "granted"}),
        ("an_answered_request_says_when", RefundRequest, {"answered_at": THEN}),
        ("only_acts_are_of_no_event", Batch, {"event": None}),
        ("only_acts_are_of_no_event", Batch, {"kind": "act"}),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(
    rows: dict[str, Any], constraint: str, model: type[Model], fields: dict[str, Any]
) -> None:
    with refused_by(constraint):
        model._default_manager.update(**fields)


@pytest.mark.parametrize(
    ("constraint", "model", "columns", "fields"),
    [
        ("one_document_per_number", Document, ("organization_id", "kind", "number"), {"number": 1}),
        ("one_receipt_per_booking", Document, ("booking_id",), {"kind": "receipt"}),
        ("one_series_per_kind", DocumentSeries, ("organization_id", "kind"), {}),
        ("a_provider_is_offered_once", OfferedProvider, ("organization_id", "provider"), {}),
        ("a_providers_event_is_stored_once", ProviderEvent, ("provider", "event_id"), {}),
        ("a_statement_line_is_imported_once", StatementLine, ("organization_id", "fingerprint"), {}),
        ("one_policy_for_an_organization", CancellationPolicy, ("organization_id",), {}),
        ("one_tier_per_time", CancellationTier, ("policy_id", "hours_before"), {}),
        ("one_open_transfer_per_ticket", Transfer, ("ticket_id",), {"digest": "other"}),
        ("one_open_refund_request_per_booking", RefundRequest, ("booking_id",), {}),
        ("one_open_batch_per_event", Batch, ("event_id",), {}),
        ("one_row_per_booking_and_batch", BatchRow, ("batch_id", "booking_id"), {}),
        ("name", TicketKey, ("name",), {}),
    ],
)
def test_there_is_no_second_row_like_it(
    rows: dict[str, Any], constraint: str, model: type[Model], columns: tuple[str, ...], fields: dict[str, Any]
) -> None:
    model._default_manager.update(**fields)
    row = model._default_manager.get()
    row.pk = None
    if "digest" in fields:
        row.digest = "another"
    with refused_by(constraint, *columns):
        row.save(force_insert=True)


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
