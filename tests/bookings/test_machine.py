"""R49: whatever is done to a sale, in whatever order, it stays sound; and if it didn't, this would be seen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from bookings.gateways import News, Outcome
from bookings.models import Booking, Payment, Refund, TicketQuerySet
from bookings.policies import Terms
from bookings.queries import returns as asked
from bookings.services import cancellations, customers, documents, messages, payments, refunds, reservations, returns
from core import idempotency
from core.transactions import Busy
from events.models import EventSeatQuerySet, Price
from events.pricing import Fare, fare
from events.services import inventory
from notifications import outbox
from tests.bookings.machine import REACHED, Sale

pytestmark = pytest.mark.django_db

TEN = settings(
    max_examples=10,  # to the eleventh hypothesis would prefer variations on what it has
    stateful_step_count=20,
    derandomize=True,  # what is found today is found tomorrow
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # to find is enough here; add Phase.shrink to understand what was found
    report_multiple_bugs=False,
)

# A run that never comes here would be green for nothing, and blind to the faults below.
WORTH_REACHING = {
    "a lapsed booking made room",
    "a lapsed choice was replaced",
    "an open choice was replaced",
    "another tab's choice was followed",
    "cancelled",
    "extended",
    "free tickets",
    "given back twice",
    "goodwill",
    "late money: no places",
    "late money: over the limit",
    "late money: places again",
    "late money: the event is over",
    "money after it was said to have failed",
    "over the limit",
    "paid after it was cancelled",
    "paid in time",
    "paid twice",
    "places removed",
    "refund sent",
    "sold out",
    "some tickets given back",
    "taken back by staff",
    "the last ticket given back",
    "the same payment told again",
    "too little time left to choose anew",
}


FINDINGS = (AssertionError, IntegrityError, RuntimeError, Busy)
"""How a fault shows: a customer who is alone must not find us busy either."""


def test_a_sale_stays_sound_whatever_is_done_to_it() -> None:
    REACHED.clear()
    run_the_sale()
    assert WORTH_REACHING - set(REACHED) == set()


def run_the_sale() -> None:
    """Ten examples each from several starts, which are always the same."""
    for start in range(5):
        run_state_machine_as_test(seed(start)(Sale), settings=TEN)


Fault = Callable[[pytest.MonkeyPatch], None]
FAULTS: list[Fault] = []


def fault(install: Fault) -> Fault:
    """Add something that could be wrong with us."""
    FAULTS.append(install)
    return install


# --- What could be wrong with us --------------------------------------------------------------------


@fault
def a_claim_takes_places_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventSeatQuerySet, "free", lambda places: places.filter(ownership="owned"))


@fault
def a_claim_takes_places_that_are_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventSeatQuerySet, "free", lambda places: places.filter(status="available"))


@fault
def a_release_forgets_the_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "release", lambda *, place_ids: None)


@fault
def an_extension_forgets_the_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "extend", lambda *, place_ids, until: None)


@fault
def a_lapsed_booking_blocks_the_sale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventSeatQuerySet, "lapsed", lambda places, now: places.none())


@fault
def the_tickets_of_an_ended_booking_live_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TicketQuerySet, "void", lambda tickets, *, at, reason: 0)


@fault
def an_expiry_ignores_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reservations, "LAPSE_GRACE", -timedelta(hours=1))


@fault
def money_after_the_deadline_is_refused_although_places_are_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payments, "_claim_again", lambda *args, **kwargs: None)


@fault
def late_money_confirms_without_a_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    def settle_late(booking: Booking, payment: Payment, *, at: datetime, take_no_as_answer: bool) -> None:
        booking.tickets.update(status="valid", voided_at=None)
        payments._mark_confirmed(booking, at=at, late=True)

    monkeypatch.setattr(payments, "settle_late", settle_late)


@fault
def a_repeated_payment_counts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    settle, again = payments.settle, count(2)

    def settle_anew(*, provider: str, news: News) -> None:
        if news.reference and Payment.objects.filter(reference=news.reference).exists():
            news = replace(news, reference=f"{news.reference}-{next(again)}")
        settle(provider=provider, news=news)

    monkeypatch.setattr(payments, "settle", settle_anew)


@fault
def a_failure_told_late_undoes_a_payment(monkeypatch: pytest.MonkeyPatch) -> None:
    settle = payments.settle

    def settle_by_the_last_word(*, provider: str, news: News) -> None:
        settle(provider=provider, news=news)
        if news.outcome is Outcome.FAILED:
            told = Payment.objects.filter(checkout_reference=news.checkout_reference)
            told.update(status="failed", succeeded_at=None)

    monkeypatch.setattr(payments, "settle", settle_by_the_last_word)


@fault
def another_amount_is_taken_for_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    settle = payments.settle

    def settle_any_amount(*, provider: str, news: News) -> None:
        asked = Payment.objects.get(checkout_reference=news.checkout_reference)
        settle(provider=provider, news=replace(news, amount=asked.amount))

    monkeypatch.setattr(payments, "settle", settle_any_amount)


@fault
def a_total_follows_the_prices_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    confirm = payments.confirm

    def confirm_at_new_prices(booking: Booking, *, at: datetime, by: Any = None) -> None:
        confirm(booking, at=at, by=by)
        prices = {(price.price_level_id, price.ticket_type_id): price.amount for price in Price.objects.all()}
        tickets = booking.live_tickets().select_related("event_seat")
        fares = [
            fare(booking.event, prices[ticket.event_seat.price_level_id, ticket.ticket_type_id]) for ticket in tickets
        ]
        booking.subtotal, booking.fee = sum(each.price for each in fares), sum(each.fee for each in fares)
        booking.tax, booking.total = sum(each.tax for each in fares), booking.subtotal + booking.fee
        booking.save(update_fields=["subtotal", "fee", "tax", "total"])

    monkeypatch.setattr(payments, "confirm", confirm_at_new_prices)


@fault
def the_fee_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reservations, "fare", lambda event, price: Fare(price, 0, fare(event, price).tax))


def no_refund_for(forgotten: Refund.Reason, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = refunds.queue

    def queue_the_others(payment: Payment, *, reason: Refund.Reason, **how: Any) -> Refund | None:
        return None if reason == forgotten else queue(payment, reason=reason, **how)

    monkeypatch.setattr(refunds, "queue", queue_the_others)


@fault
def money_that_came_twice_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    no_refund_for(Refund.Reason.DUPLICATE, monkeypatch)


@fault
def money_that_came_too_late_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    no_refund_for(Refund.Reason.TOO_LATE, monkeypatch)


@fault
def money_for_a_cancelled_booking_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    no_refund_for(Refund.Reason.CANCELLED, monkeypatch)


@fault
def a_refund_is_ordered_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refunds, "_record_sent", lambda *, refund_id, reference: None)


@fault
def money_of_tickets_that_were_given_back_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    no_refund_for(Refund.Reason.CUSTOMER, monkeypatch)


@fault
def a_credit_note_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "credit", lambda booking, lines, *, at: None)


@fault
def a_refund_is_queued_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    give_back = refunds.give_back

    def give_back_twice(booking: Booking, amount: int, **how: Any) -> list[Refund]:
        queued = give_back(booking, amount, **how)
        rest = sum(payment.left for payment in booking.payments.all())
        return queued + give_back(booking, min(amount, rest), **how)

    monkeypatch.setattr(refunds, "give_back", give_back_twice)


@fault
def more_goes_back_than_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Payment, "left", property(lambda payment: payment.amount if payment.reference else 0))


@fault
def a_place_that_was_given_back_is_not_sold_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returns, "inventory", SimpleNamespace(release=lambda *, place_ids: None))


@fault
def one_ticket_given_back_ends_the_booking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returns, "_leaves_some", lambda booking, tickets: False)


@fault
def the_same_tickets_given_back_again_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returns, "_were_given_back", lambda booking, ticket_ids: False)


@fault
def the_rules_know_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Terms, "share", lambda terms, left: 10_000)


@fault
def goodwill_is_given_as_often_as_the_button_is_pressed(monkeypatch: pytest.MonkeyPatch) -> None:
    give_goodwill = returns.give_goodwill

    def give_again(*, left: int, **how: Any) -> Booking:
        return give_goodwill(left=asked.left_of(Booking.objects.get(pk=how["booking_id"])), **how)

    monkeypatch.setattr(returns, "give_goodwill", give_again)


@fault
def a_confirmation_is_not_posted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "confirmed", lambda booking, *, at: None)


@fault
def a_mail_that_failed_counts_as_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        outbox,
        "_record_failure",
        lambda *, message_id, failure, for_good=False: outbox._record_success(message_id=message_id),
    )


@fault
def a_person_may_have_any_number_of_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customers, "check_limit", lambda *args, **kwargs: None)


@fault
def late_money_ignores_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payments, "check_limit", lambda *args, **kwargs: None)


@fault
def the_same_form_reserves_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "remember", lambda *args, **kwargs: None)


@fault
def a_new_choice_forgets_how_long_the_earlier_one_lasted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reservations, "_was_open", lambda replaced: False)


@fault
def a_new_choice_competes_with_the_earlier_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reservations, "_give_way", lambda wish: None)


@fault
def a_new_choice_takes_no_notice_of_other_tabs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reservations, "_replaced_by", lambda booking: None)


@fault
def a_refused_choice_has_ended_the_earlier_one(monkeypatch: pytest.MonkeyPatch) -> None:
    reserve = reservations.reserve

    def end_first(*, replacing: int | None = None, **asked: Any) -> Booking:
        if replacing and Booking.objects.filter(pk=replacing, status="pending").exists():
            cancellations.cancel(booking_id=replacing, reason="another choice")
        return reserve(replacing=replacing, **asked)

    monkeypatch.setattr(reservations, "reserve", end_first)


@fault
def a_form_sent_again_ends_its_own_booking(monkeypatch: pytest.MonkeyPatch) -> None:
    remember = idempotency.remember

    def forget_the_same(scope: str, key: str, body: Any, *, result: str) -> str | None:
        earlier = remember(scope, key, body, result=result)
        return remember(scope, f"{key}-again", body, result=result) if earlier else None

    monkeypatch.setattr(idempotency, "remember", forget_the_same)


@pytest.mark.parametrize("install", FAULTS, ids=lambda install: install.__name__)
def test_a_fault_is_found(install: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    with pytest.raises(FINDINGS):
        run_the_sale()
