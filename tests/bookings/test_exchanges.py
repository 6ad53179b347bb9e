"""Exchanging tickets: nothing happens to the old ones until the new ones are there, and the money adds up."""

from datetime import datetime, timedelta

import pytest

from bookings.gateways import sandbox
from bookings.models import Booking, CancellationPolicy, Document, Payment, Refund, SandboxCheckout, SandboxRefund
from bookings.queries.promises import violations
from bookings.services import (
    box_office,
    cancellations,
    customers,
    exchanges,
    payments,
    refunds,
    renewals,
    reservations,
    transfers,
)
from core import clock, codes
from events.models import EventSeat
from notifications.models import Message
from tests.bookings.exchanging import an_event, bought, exchanging, reserved, tickets_of
from tests.bookings.passing_on import offer, passed_on
from tests.factories import event_on_sale, handed_over, member, paid, price_of, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(noon: datetime) -> Booking:
    """Two tickets at 20.00 and 1.50 of fees each."""
    booking = bought(an_event())
    assert booking.total == 4_300
    return booking


def moved(booking: Booking) -> list[tuple[str, int]]:
    """The money that came for a booking, by who took it."""
    return list(booking.payments.filter(status="succeeded").order_by("pk").values_list("provider", "amount"))


def back(booking: Booking) -> list[tuple[str, int, str]]:
    """The money that left a booking."""
    rows = Refund.objects.filter(payment__booking=booking).order_by("pk")
    return list(rows.values_list("status", "amount", "reason"))


def test_the_difference_is_paid_and_both_bookings_add_up(old: Booking, noon: datetime) -> None:
    """R3"""
    new = exchanging(old, "Premium", 2)
    assert (new.total, new.brings, new.to_pay) == (6_400, 4_300, 2_100)
    payment = handed_over(new)
    assert payment.amount == 2_100
    assert set(old.tickets.values_list("status", flat=True)) == {"valid"}
    assert list(violations()) == []
    new = settle(payment)
    old.refresh_from_db()
    assert (new.status, old.status, old.end_reason, old.ended_at) == ("confirmed", "cancelled", "exchanged", noon)
    assert set(old.tickets.values_list("status", "void_reason")) == {("void", "exchanged")}
    assert EventSeat.objects.filter(event=old.event, status="sold").count() == 2
    assert moved(new) == [("sandbox", 2_100), ("exchange", 4_300)]
    assert back(old) == [("succeeded", 4_300, "exchanged")]
    note = Document.objects.get(booking=old, kind="credit_note")
    assert (note.amount, note.tax, len(note.lines)) == (4_300, old.tax, 2)
    assert list(violations()) == []


def test_a_surplus_goes_back_to_who_paid(old: Booking) -> None:
    """R3"""
    new = exchanging(old, "Child", 2)
    assert (new.total, new.to_pay, new.is_free) == (2_200, 0, True)
    payments.confirm_free(booking_id=new.pk)
    assert moved(new) == [("exchange", 2_200)]
    assert back(old) == [("succeeded", 2_200, "exchanged"), ("queued", 2_100, "exchanged")]
    assert list(violations()) == []
    with pytest.raises(payments.NothingToPay):
        payments.hand_over(booking_id=exchanging(new, "Child", 1, 1).pk, provider="sandbox")


def test_some_tickets_are_exchanged_and_the_others_keep_their_codes(old: Booking) -> None:
    secrets = dict(old.tickets.values_list("number", "secret"))
    new = settle(handed_over(exchanging(old, "Premium", 1, 2)))
    old.refresh_from_db()
    assert old.status == "confirmed"
    assert list(old.live_tickets().values_list("number", "secret")) == [(1, secrets[1])]
    assert moved(new) == [("sandbox", 1_050), ("exchange", 2_150)]
    assert list(violations()) == []


def test_nothing_has_happened_to_the_old_ones_when_the_time_is_over(old: Booking) -> None:
    new = exchanging(old, "Premium", 2)
    clock.advance(timedelta(minutes=16))
    reservations.expire_due()
    new.refresh_from_db()
    assert (new.status, set(old.tickets.values_list("status", flat=True))) == ("expired", {"valid"})
    assert transfers.open_offers([offer(old.live_tickets()[0]).ticket], clock.now())
    assert list(violations()) == []


def test_late_money_exchanges_while_it_still_can(old: Booking) -> None:
    """R30"""
    payment = handed_over(exchanging(old, "Premium", 2))
    clock.advance(timedelta(hours=1))
    reservations.expire_due()
    assert settle(payment).status == "confirmed"
    old.refresh_from_db()
    assert old.status == "cancelled"
    assert list(violations()) == []


@pytest.mark.parametrize("late", [False, True])
def test_money_for_an_exchange_whose_tickets_have_ended_goes_back(old: Booking, late: bool) -> None:
    """R24, R3: it was enough for the difference, and isn't for the whole"""
    payment = handed_over(exchanging(old, "Premium", 2))
    cancellations.cancel(booking_id=old.pk, reason="test")
    clock.advance(timedelta(hours=1) if late else timedelta())
    new = settle(payment)
    assert new.status == ("expired" if late else "pending")
    assert back(new) == [("queued", 2_100, "too_late" if late else "other")]
    assert Message.objects.filter(kind="money-back").count() == 1
    assert list(violations()) == []
    if not late:
        assert (new.to_pay, handed_over(new).amount) == (6_400, 6_400)


def test_an_exchange_that_is_cancelled_gives_all_of_it_back_to_who_paid(old: Booking) -> None:
    """R3, R8: what was moved goes back by the payment that it came from"""
    for payment in Payment.objects.filter(provider="sandbox"):
        checkout = SandboxCheckout.objects.get(key=payment.key)
        sandbox.press(checkout, "pay")
        Payment.objects.filter(pk=payment.pk).update(reference=checkout.charges.get().reference)
    new = exchanging(old, "Child", 2)
    payments.confirm_free(booking_id=new.pk)
    cancellations.cancel(booking_id=new.pk, reason="test")
    refunds.send_due()
    assert sorted(SandboxRefund.objects.values_list("amount", flat=True)) == [2_100, 2_200]
    assert not [payment for payment in Payment.objects.all() if payment.left and payment.provider == "exchange"]
    assert list(violations()) == []


def test_what_was_exchanged_is_exchanged_again(old: Booking) -> None:
    first = settle(handed_over(exchanging(old, "Premium", 2)))
    second = exchanging(first, "Standard", 1)
    payments.confirm_free(booking_id=second.pk)
    assert moved(second) == [("exchange", 2_100), ("exchange", 50)]  # first what was paid last time
    assert [payment.origin.booking_id for payment in second.payments.order_by("pk")] == [first.pk, old.pk]
    assert list(violations()) == []


def test_cash_is_moved_and_what_is_too_much_of_it_waits_for_staff(noon: datetime) -> None:
    event = an_event()
    choice = {price_of(event, ticket_type="Standard").pk: 2}
    seller = member("support")
    old = box_office.sell(event=event, quantities=choice, key=codes.secret(), how="cash", by=seller)
    new = exchanging(old, "Child", 1)
    payments.confirm_free(booking_id=new.pk)
    assert back(old) == [("succeeded", 1_100, "exchanged"), ("by_hand", 3_200, "exchanged")]
    assert list(violations()) == []


def test_staff_take_the_difference_by_hand(old: Booking) -> None:
    new = exchanging(old, "Premium", 2)
    payments.record_by_hand(booking_id=new.pk, how="cash", by=member("support"))
    assert moved(new) == [("cash", 2_100), ("exchange", 4_300)]
    assert list(violations()) == []


def test_tickets_that_are_about_to_go_do_not_count_twice(noon: datetime) -> None:
    """R9"""
    old = bought(an_event(max_per_customer=3))
    new = exchanging(old, "Premium", 3)
    assert list(violations()) == []
    with pytest.raises(customers.OverLimit):
        reserved(old.event, "Standard", 1)
    settle(handed_over(new))
    with pytest.raises(customers.OverLimit):
        reserved(old.event, "Standard", 1)
    assert list(violations()) == []


def test_another_choice_takes_the_same_tickets_in_exchange(old: Booking) -> None:
    first = exchanging(old, "Premium", 2)
    second = reserved(old.event, "Premium", 1, replacing=first.pk)
    assert (second.exchanges, second.brings) == (old, 4_300)
    clock.advance(timedelta(minutes=16))
    again = renewals.reserve_again(booking_id=second.pk, key=codes.secret()).booking
    assert (again.exchanges, again.brings) == (old, 4_300)
    assert list(violations()) == []


def test_a_form_sent_twice_is_one_exchange(old: Booking) -> None:
    """R22"""
    key, choice = codes.secret(), {price_of(old.event, ticket_type="Child").pk: 1}
    wish = {"event": old.event, "quantities": choice, "key": key, "exchanging": tickets_of(old)}
    assert reservations.reserve(**wish) == reservations.reserve(**wish)


def test_who_starts_anew_elsewhere_takes_the_tickets_along(old: Booking) -> None:
    first = handed_over(exchanging(old, "Premium", 2))
    second = exchanging(old, "Child", 2)
    assert settle(first).status == "pending"
    payments.confirm_free(booking_id=second.pk)
    assert list(violations()) == []


def test_what_cannot_be_exchanged_is_told_why(old: Booking) -> None:
    def refused(why: str, **how: object) -> None:
        choice = {price_of(old.event, ticket_type="Child").pk: 1}
        with pytest.raises(exchanges.NotExchanged, match=why):
            reservations.reserve(event=old.event, quantities=choice, key=codes.secret(), **how)  # type: ignore[arg-type]

    passed_on(old.live_tickets()[0])
    offer(old.live_tickets()[0], "cy@example.com")
    for number in (2, 3):
        refused("can't be exchanged any more", exchanging=tickets_of(old, number))
    elsewhere = bought(an_event())
    refused("same event", exchanging=tickets_of(elsewhere))
    CancellationPolicy.objects.filter(organization=old.organization).update(exchange_until_hours=24 * 31)
    refused("too late", exchanging=tickets_of(old))
    CancellationPolicy.objects.filter(organization=old.organization).delete()
    refused("can't be exchanged", exchanging=tickets_of(old))
    assert not Booking.objects.filter(exchanges__isnull=False).exists()


def test_a_present_and_an_unpaid_booking_are_not_exchanged(noon: datetime) -> None:
    event = an_event()
    choice = {price_of(event, ticket_type="Standard").pk: 1}
    seller = member("support")
    present = box_office.sell(
        event=event,
        quantities=choice,
        key=codes.secret(),
        how="complimentary",
        by=seller,
        customer=box_office.Customer("Ada", "a@example.com"),
    )
    pending = reserved(event)
    for each in (present, pending):
        with pytest.raises(exchanges.NotExchanged):
            exchanging(each, "Child", 1)


def test_free_tickets_are_exchanged_without_money(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 4}, amounts={"Entry": 0})
    CancellationPolicy.objects.create(organization=event.organization, exchange_until_hours=0)
    old = payments.confirm_free(booking_id=reserved(event, "Entry", 2).pk)
    new = payments.confirm_free(booking_id=exchanging(old, "Entry", 1).pk)
    assert (moved(new), back(old), Document.objects.count()) == ([], [], 0)
    assert list(violations()) == []


def test_a_transfer_waits_for_the_exchange_and_is_refused_meanwhile(old: Booking) -> None:
    exchanging(old, "Premium", 2)
    with pytest.raises(transfers.NotPassedOn, match="about to be exchanged"):
        offer(old.live_tickets()[0])


def test_where_nothing_is_exchanged_all_is_to_be_paid(noon: datetime) -> None:
    booking = paid(event_on_sale())
    assert (booking.brings, booking.to_pay) == (0, booking.total)
