"""Tickets and money that go back, in many tabs at once."""

from collections import Counter

import pytest
from django.db.models import Sum

from bookings.models import Booking, CancellationPolicy, Document, Refund
from bookings.services import cancellations, returns
from events.models import EventSeat
from tests.factories import event_on_sale, paid
from tests.races.harness import Act, broken, race, told, without_row_locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WRITING_PLACES = 'UPDATE "events_eventseat"'
PRICE, WHOLE_PRICE = 2_000, 2_150


def bought(quantity: int = 3) -> Booking:
    """A booking whose tickets go back for their price."""
    event = event_on_sale(levels={"Standing": quantity})
    CancellationPolicy.objects.create(organization=event.organization, cancel_until_hours=1)
    return paid(event, quantity)


def gives_back(booking: Booking, *numbers: int) -> Act:
    ids = list(booking.tickets.filter(number__in=numbers).values_list("pk", flat=True))
    seen = PRICE * len(numbers)
    return lambda: returns.return_tickets(booking_id=booking.pk, ticket_ids=ids, seen=seen)


def takes_back(booking: Booking, number: int, amount: int) -> Act:
    ids = list(booking.tickets.filter(number=number).values_list("pk", flat=True))
    why = Refund.Reason.OTHER
    return lambda: returns.take_back(booking_id=booking.pk, ticket_ids=ids, amount=amount, why=why, reason="x", by=None)


def money_of(booking: Booking) -> tuple[int, int]:
    """What goes back of a booking, and what its credit notes say."""
    back = Refund.objects.filter(payment__booking=booking).aggregate(sum=Sum("amount", default=0))
    noted = Document.objects.filter(booking=booking, kind="credit_note").aggregate(sum=Sum("amount", default=0))
    return back["sum"], noted["sum"]


def test_a_ticket_given_back_in_ten_tabs_at_once_goes_back_once() -> None:
    """R8, R25"""
    booking = bought()
    answers = race([gives_back(booking, 1)] * 10)
    assert [each.status for each in answers] == ["confirmed"] * 10
    assert money_of(booking) == (PRICE, PRICE)
    assert Counter(EventSeat.objects.values_list("status", flat=True)) == {"sold": 2, "available": 1}
    assert broken() == set()


def test_without_locks_only_the_place_keeps_a_ticket_from_being_paid_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """R8, R25, R18: the twin without locks: who is second fails when the place is free already."""
    without_row_locks(monkeypatch)
    booking = bought()
    told_them = told(race([gives_back(booking, 1)] * 2, meet_before='UPDATE "bookings_payment"'))
    assert told_them.pop("Booking") == 1
    assert sum(told_them.values()) == 1
    assert money_of(booking) == (PRICE, PRICE)


def test_different_tickets_given_back_at_once_all_go_back() -> None:
    """R3, R8, R25: the last one, whichever it is, ends the booking."""
    booking = bought()
    assert told(race([gives_back(booking, number) for number in (1, 2, 3)])) == {"Booking": 3}
    booking.refresh_from_db()
    assert (booking.status, money_of(booking)) == ("cancelled", (3 * PRICE, 3 * PRICE))
    assert broken() == set()


def test_giving_back_while_staff_cancel_gives_all_the_money_back_once() -> None:
    """R3, R8, R25: whichever comes first, twelve times."""
    bookings = [bought(2) for _booking in range(12)]
    acts = [act for each in bookings for act in (gives_back(each, 1), _cancels(each))]
    assert told(race(acts)) == {"Booking": 24}
    assert [money_of(each) for each in bookings] == [(2 * WHOLE_PRICE, 2 * WHOLE_PRICE)] * 12
    assert set(Booking.objects.values_list("status", flat=True)) == {"cancelled"}
    assert set(EventSeat.objects.values_list("status", flat=True)) == {"available"}
    assert broken() == set()


def _cancels(booking: Booking) -> Act:
    return lambda: cancellations.cancel(booking_id=booking.pk, reason="x")


def test_staff_who_give_all_the_money_for_different_tickets_at_once_give_it_once() -> None:
    """R8: the sum is never above what was taken."""
    booking = bought()
    answers = race([takes_back(booking, number, 3 * WHOLE_PRICE) for number in (1, 2, 3)])
    assert told(answers) == {"Booking": 1, "TooMuch": 2}
    assert money_of(booking) == (3 * WHOLE_PRICE, 3 * WHOLE_PRICE)
    assert broken() == set()


def test_goodwill_of_ten_clerks_who_saw_the_same_is_given_once() -> None:
    """R8, S44"""
    booking = bought()
    how = {"why": Refund.Reason.OTHER, "reason": "x", "by": None}
    act: Act = lambda: returns.give_goodwill(booking_id=booking.pk, amount=500, left=3 * WHOLE_PRICE, **how)  # noqa: E731
    assert told(race([act] * 10)) == {"Booking": 1, "BookingChanged": 9}
    assert money_of(booking) == (500, 500)
    assert broken() == set()
