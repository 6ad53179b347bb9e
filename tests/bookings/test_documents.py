"""Receipts and credit notes: what they say, and their numbers."""

from datetime import datetime
from typing import Any

import pytest

from bookings.models import Booking, Document, DocumentSeries
from bookings.services import cancellations, documents, payments
from bookings.services.documents import NoReceipt
from tests.factories import (
    OrganizationFactory,
    VenueFactory,
    event_on_sale,
    handed_over,
    paid,
    reserve,
    reserve_seats,
    seated_event,
    settle,
    with_details,
)

pytestmark = pytest.mark.django_db


def house(**money: int) -> Any:
    return VenueFactory(organization=OrganizationFactory(**money))


def test_a_receipt_says_what_was_sold_with_fees_by_themselves(noon: datetime) -> None:
    """U27, R10: its lines are the booking's total and tax, to the cent."""
    event = event_on_sale(venue=house(fee_per_booking=199), levels={"Balcony": 10}, amounts={"Adult": 2_000})
    booking = paid(event, 3)
    document = documents.receipt(booking_id=booking.pk)
    assert (document.label, document.amount, document.tax) == ("R-000001", booking.total, booking.tax)
    assert document.lines == [
        {"text": "Balcony, Adult", "amount": 2_000, "tax": 319},
        {"text": "Balcony, Adult", "amount": 2_000, "tax": 319},
        {"text": "Balcony, Adult", "amount": 2_000, "tax": 319},
        {"text": "Service fee", "amount": 450, "tax": 72},
        {"text": "Fee per booking", "amount": 199, "tax": 32},
    ]
    assert sum(line["amount"] for line in document.lines) == booking.total
    assert sum(line["tax"] for line in document.lines) == booking.tax


def test_a_receipt_is_made_once_and_stays_as_it_was(noon: datetime) -> None:
    booking = paid(event_on_sale())
    first = documents.receipt(booking_id=booking.pk)
    Booking.objects.update(total=5, subtotal=5, fee=0, tax=0)
    again = documents.receipt(booking_id=booking.pk)
    assert (again.pk, again.number, again.amount) == (first.pk, 1, first.amount)
    assert DocumentSeries.objects.get().last == 1


def test_each_house_and_each_kind_counts_for_itself(noon: datetime) -> None:
    ours, theirs = event_on_sale(), event_on_sale()
    bookings = [paid(ours), paid(theirs), paid(ours)]
    labels = [documents.receipt(booking_id=booking.pk).label for booking in bookings]
    assert labels == ["R-000001", "R-000001", "R-000002"]
    cancellations.cancel(booking_id=bookings[2].pk, reason="asked for")
    assert documents.number_due() == 1
    assert Document.objects.get(kind="credit_note").label == "C-000001"
    assert documents.number_due() == 0


def test_what_is_undone_leaves_no_gap(noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = paid(event_on_sale()), paid(event_on_sale(venue=Booking.objects.get().event.venue))
    with pytest.raises(ZeroDivisionError), monkeypatch.context() as patched:
        patched.setattr(documents.Line, "written", lambda line: 1 / 0)
        documents.receipt(booking_id=first.pk)
    assert DocumentSeries.objects.filter(last__gt=0).count() == 0
    assert documents.receipt(booking_id=second.pk).label == "R-000001"


def test_nothing_paid_no_receipt(noon: datetime) -> None:
    """Not paid yet, free, and a present"""
    event = event_on_sale()
    free = with_details(reserve(event_on_sale(amounts={"Free": 0})))
    payments.confirm_free(booking_id=free.pk)
    present = with_details(reserve(event))
    payments.record_by_hand(booking_id=present.pk, how="complimentary", by=None)
    for booking in (reserve(event), free, present):
        with pytest.raises(NoReceipt):
            documents.receipt(booking_id=booking.pk)
    assert not Document.objects.exists()


def test_a_receipt_is_in_the_language_of_the_booking(noon: datetime) -> None:
    booking = settle(handed_over(reserve_seats(seated_event(), "Stalls A 3")))
    Booking.objects.update(language="de")
    assert documents.receipt(booking_id=booking.pk).lines[0]["text"] == "Stalls, Reihe A, Platz 3, Standard"
