"""What was paid and paid back, in words for who paid."""

from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.gateways import Outcome
from bookings.models import Booking, Refund
from bookings.queries.moves import moves_of, moves_of_person
from bookings.services import cancellations, payments
from tests.accounts.people import just_signed_in
from tests.bookings.exchanging import an_event, bought, exchanging
from tests.factories import customer, event_on_sale, handed_over, member, paid, reserve, settle, with_details
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def told(booking: Booking) -> list[tuple[str, int, str]]:
    return [(str(move.what), move.amount, str(move.state)) for move in moves_of(booking)]


def test_a_payment_and_its_refund_are_told_in_order(noon: datetime) -> None:
    booking = paid(event_on_sale())
    assert told(booking) == [("Payment by sandbox", 4_300, "received")]
    cancellations.cancel(booking_id=booking.pk, reason="test")
    assert told(booking)[1] == ("Refund", -4_300, "on its way")
    Refund.objects.update(status="failed")
    assert told(booking)[1][2] == "our staff are looking into it"


def test_what_came_to_nothing_is_told_as_well(noon: datetime) -> None:
    payment = handed_over(reserve(event_on_sale()))
    assert told(payment.booking) == [("Payment by sandbox", 4_300, "not received")]
    settle(payment, Outcome.FAILED)
    assert told(payment.booking) == [("Payment by sandbox", 4_300, "did not go through")]


def test_presents_cash_and_what_is_kept_aside_have_words_of_their_own(noon: datetime) -> None:
    present, cash = (with_details(reserve(event_on_sale())) for _each in range(2))
    payments.record_by_hand(booking_id=present.pk, how="complimentary", by=member())
    payments.record_by_hand(booking_id=cash.pk, how="cash", by=member())
    assert told(present) == [("A present of the house", 4_300, "nothing to pay")]
    cancellations.cancel(booking_id=cash.pk, reason="test")
    assert told(cash)[1][2] == "our staff pay it back: please get in touch"
    aside = paid(event_on_sale())
    aside.payments.update(kept_aside=True)
    assert told(aside)[0][2] == "received; our staff are looking into it"


def test_an_exchange_is_counted_in_on_both_sides(noon: datetime) -> None:
    old = bought(an_event())
    new = exchanging(old, "Child", 2)
    payments.confirm_free(booking_id=new.pk)
    assert told(old)[1:] == [
        ("Moved to the booking that was exchanged for", -2_200, "counted in"),
        ("Refund", -2_100, "on its way"),
    ]
    assert told(new) == [("Worth of the tickets that were exchanged", 2_200, "counted in")]


def test_the_account_tells_of_all_its_bookings_and_of_nobody_elses(client: Client, noon: datetime) -> None:
    """S13"""
    ada = customer(email="ada@example.com")
    just_signed_in(client, ada)
    assert "Nothing has been paid yet" in text_of(client.get("/account/payments/"))
    first, second, others = paid(event_on_sale()), paid(event_on_sale()), paid(event_on_sale())
    Booking.objects.filter(pk__in=[first.pk, second.pk]).update(user=ada)
    assert [move.booking for move in moves_of_person(ada)] == [second, first]
    text = text_of(client.get("/account/payments/"))
    assert first.code in text
    assert others.code not in text


def test_many_payments_are_as_many_questions_as_one(client: Client, noon: datetime) -> None:
    ada = customer(email="ada@example.com")
    just_signed_in(client, ada)

    def questions() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get("/account/payments/")
        return len(asked)

    Booking.objects.filter(pk=paid(event_on_sale()).pk).update(user=ada)
    one = questions()
    for _more in range(3):
        Booking.objects.filter(pk=paid(event_on_sale()).pk).update(user=ada)
    assert questions() == one
