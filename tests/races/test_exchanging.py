"""Tickets are exchanged while somebody else ends, passes on or exchanges them."""

import pytest

from bookings.models import Booking, Payment
from bookings.services import cancellations, payments, transfers
from tests.bookings.exchanging import an_event, bought, exchanging
from tests.bookings.passing_on import offer, secret_in_mail
from tests.factories import handed_over, settle
from tests.races.harness import (
    Act,
    Halted,
    Started,
    broken,
    race,
    told,
    until,
    waiting_for_a_lock,
    without_row_locks,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WRITING_PLACES = 'UPDATE "events_eventseat"'


def asked() -> tuple[Booking, Payment]:
    """A confirmed booking, and the difference that is asked for in exchange of its tickets."""
    old = bought(an_event())
    return old, handed_over(exchanging(old, "Premium", 2))


def cancel(booking: Booking) -> Act:
    """The old booking is cancelled."""
    return lambda: cancellations.cancel(booking_id=booking.pk, reason="test")


def money(payment: Payment) -> Act:
    """The difference is paid."""
    return lambda: settle(payment)


def end(old: Booking, payment: Payment) -> tuple[str, str]:
    """Why the old booking ended, and where the new one is."""
    old.refresh_from_db()
    return old.end_reason, Booking.objects.get(pk=payment.booking_id).status


def test_exchanging_and_cancelling_the_old_booking_have_one_winner() -> None:
    """R24, R3: whichever comes first, ten times."""
    pairs = [asked() for _pair in range(10)]
    answers = race([act for old, payment in pairs for act in (cancel(old), money(payment))])
    assert told(answers) == {"Booking": 20}
    assert {end(*pair) for pair in pairs} <= {("exchanged", "confirmed"), ("test", "pending")}
    assert broken() == set()


def test_who_pays_the_difference_while_the_old_booking_is_cancelled_gets_it_back() -> None:
    """R24, R3"""
    old, payment = asked()
    cancelling = Halted(cancel(old), before=WRITING_PLACES)
    paying = Started(money(payment))
    until(waiting_for_a_lock)
    assert [cancelling.go_on().status, paying.end().status] == ["cancelled", "pending"]
    assert list(payment.refunds.values_list("amount", flat=True)) == [2_100]
    assert broken() == set()


def test_without_locks_tickets_are_paid_with_that_were_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """R24, R3, R18: the twin without locks: the same money is moved and given back, and the checker sees it."""
    without_row_locks(monkeypatch)
    old, payment = asked()
    paying = Halted(money(payment), before=WRITING_PLACES, nth=2)  # the new places are sold, the old ones not yet free
    cancel(old)()
    assert (told([paying.go_on()]), broken()) == ({"Booking": 1}, {"R3", "R7"})


def test_tickets_are_given_up_for_one_of_two_new_bookings() -> None:
    """R3: two exchanges of the same tickets, both paid at once, ten times: the later choice has them."""
    pairs = []
    for _pair in range(10):
        old, first = asked()
        pairs.append((old, first, exchanging(old, "Child", 2)))
    race([act for _o, first, second in pairs for act in (money(first), _confirm(second))])
    for old, first, second in pairs:
        old.refresh_from_db()
        second.refresh_from_db()
        assert (old.end_reason, second.status) == ("exchanged", "confirmed")
        assert Booking.objects.get(pk=first.booking_id).status == "pending"
    assert broken() == set()


def _confirm(booking: Booking) -> Act:
    return lambda: payments.confirm_free(booking_id=booking.pk)


def test_accepting_a_ticket_and_exchanging_it_have_one_winner() -> None:
    """R24: whichever comes first, eight times."""
    pairs = []
    for number in range(8):
        old, email = bought(an_event()), f"bob{number}@example.com"
        new = exchanging(old, "Child", 2)
        old.tickets.update(exchanged_for=None)
        offer(old.live_tickets()[0], email)
        old.tickets.update(exchanged_for=new)
        pairs.append((old, new, secret_in_mail(email)))
    race([act for _o, new, secret in pairs for act in (_confirm(new), _accept(secret))])
    assert broken() == set()


def _accept(secret: str) -> Act:
    return lambda: transfers.accept(secret=secret, name="Bob")
