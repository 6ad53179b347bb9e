"""Money asked for at a provider, and turned into tickets."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from bookings.gateways import News, NotOffered, Outcome
from bookings.models import Booking, Payment, Refund, SandboxCharge, SandboxCheckout
from bookings.queries.promises import violations
from bookings.services import payments, refunds, reservations
from core import clock
from core.models import AuditEntry
from events.models import EventSeat
from notifications.models import Message
from tests.factories import event_on_sale, handed_over, news_of, paid, reserve, settle, with_details

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def booking(noon: datetime) -> Booking:
    return with_details(reserve(event_on_sale()))


def hand_over(booking: Booking) -> str:
    return payments.hand_over(booking_id=booking.pk, provider="sandbox")


# --- Asking ---------------------------------------------------------------------------------------


def test_a_payment_asks_for_what_the_booking_costs(booking: Booking, noon: datetime) -> None:
    url = hand_over(booking)
    payment, checkout = booking.payments.get(), SandboxCheckout.objects.get()
    assert (payment.amount, payment.currency, payment.status) == (booking.total, "EUR", "pending")
    assert (checkout.amount, checkout.currency, checkout.key) == (booking.total, "EUR", payment.key)
    assert (payment.checkout_reference, payment.checkout_url) == (checkout.reference, url)
    assert checkout.expires_at == payment.expires_at == noon + 10 * MINUTE
    entry = AuditEntry.objects.get(action="payment.asked")
    assert entry.facts == {"payment": payment.pk, "amount": booking.total}


def test_handing_over_twice_leads_to_one_page(booking: Booking) -> None:
    """R22"""
    assert {hand_over(booking) for _again in range(3)} == {booking.payments.get().checkout_url}
    assert SandboxCheckout.objects.count() == 1
    assert AuditEntry.objects.filter(action="payment.asked").count() == 1


def test_a_page_that_was_opened_before_a_crash_is_found_again(booking: Booking) -> None:
    """The provider answered, and we died before writing it down: the payment's key finds the same page."""
    url = hand_over(booking)
    Payment.objects.update(checkout_reference=None, checkout_url="")
    assert hand_over(booking) == url
    assert SandboxCheckout.objects.count() == 1
    assert list(violations()) == []


def test_handing_over_keeps_the_places_past_the_providers_deadline(booking: Booking, noon: datetime) -> None:
    clock.advance(10 * MINUTE)
    hand_over(booking)
    booking.refresh_from_db()
    assert booking.reserved_until == noon + 22 * MINUTE
    deadlines = EventSeat.objects.filter(status="reserved").values_list("reserved_until", flat=True)
    assert set(deadlines) == {booking.reserved_until}
    assert list(violations()) == []


def test_handing_over_at_once_shortens_no_deadline(booking: Booking, noon: datetime) -> None:
    hand_over(booking)
    booking.refresh_from_db()
    assert booking.reserved_until == noon + 15 * MINUTE


def test_all_hand_overs_together_stay_within_an_hour(booking: Booking, noon: datetime) -> None:
    """S42"""
    deadlines = []
    for _time in range(12):
        try:
            hand_over(booking)
        except reservations.TooLate:
            break
        settle(booking.payments.latest("pk"), Outcome.FAILED)
        booking.refresh_from_db()
        deadlines.append(booking.reserved_until - noon)
        clock.advance(9 * MINUTE)
    else:
        pytest.fail("there was no end of it")
    assert deadlines == sorted(deadlines)
    assert deadlines[-1] == 60 * MINUTE
    assert booking.payments.latest("pk").expires_at == noon + 58 * MINUTE
    assert list(violations()) == []


def test_a_page_that_would_close_at_once_is_not_opened(booking: Booking, noon: datetime) -> None:
    Booking.objects.update(reserved_until=noon + 60 * MINUTE)
    EventSeat.objects.filter(status="reserved").update(reserved_until=noon + 60 * MINUTE)
    clock.advance(57 * MINUTE + timedelta(seconds=1))
    with pytest.raises(reservations.TooLate, match="not enough time left"):
        hand_over(booking)
    assert not Payment.objects.exists()
    assert not SandboxCheckout.objects.exists()


def test_a_page_that_has_closed_is_followed_by_another(booking: Booking) -> None:
    first = hand_over(booking)
    clock.advance(10 * MINUTE)
    assert hand_over(booking) != first
    assert booking.payments.count() == 2


def test_nobody_pays_for_nobody(noon: datetime) -> None:
    """S40: steps skipped."""
    booking = reserve(event_on_sale())
    with pytest.raises(payments.DetailsMissing):
        hand_over(booking)
    assert not Payment.objects.exists()


@pytest.mark.parametrize("provider", ["", "stripe", "Sandbox", "sandbox "])
def test_another_provider_is_not_offered(booking: Booking, provider: str) -> None:
    with pytest.raises(NotOffered):
        payments.hand_over(booking_id=booking.pk, provider=provider)
    assert not Payment.objects.exists()


def test_a_provider_that_is_switched_off_is_not_offered(booking: Booking, settings: Any) -> None:
    settings.PAYMENT_PROVIDERS = []
    with pytest.raises(NotOffered):
        hand_over(booking)


def test_nothing_is_asked_for_what_is_over(booking: Booking) -> None:
    clock.advance(15 * MINUTE + timedelta(microseconds=1))
    with pytest.raises(reservations.TooLate):
        hand_over(booking)
    assert not Payment.objects.exists()


# --- News -----------------------------------------------------------------------------------------


def test_money_in_time_makes_tickets(noon: datetime) -> None:
    """R4, R11, R12"""
    booking = paid(event_on_sale(levels={"Standing": 3}))
    assert (booking.status, booking.confirmed_at) == ("confirmed", noon)
    assert list(booking.tickets.values_list("status", flat=True)) == ["valid", "valid"]
    assert EventSeat.objects.filter(status="sold", reserved_until=None).count() == 2
    payment = booking.payments.get()
    assert (payment.status, payment.succeeded_at, payment.reference) == ("succeeded", noon, f"charge-{payment.pk}")
    message = Message.objects.get()
    assert (message.kind, message.to, message.status) == ("booking-confirmed", "ada@example.com", "queued")
    actions = AuditEntry.objects.exclude(action="event.published").order_by("pk").values_list("action", flat=True)
    assert list(actions) == [
        "booking.reserved",
        "booking.details_given",
        "payment.asked",
        "payment.succeeded",
        "booking.confirmed",
    ]
    assert list(violations()) == []


def test_the_same_news_a_hundred_times_has_one_effect(noon: datetime) -> None:
    """R26"""
    booking = paid(event_on_sale())
    before = (AuditEntry.objects.count(), Message.objects.count(), Booking.objects.values().get())
    for _again in range(100):
        settle(booking.payments.get())
    assert (AuditEntry.objects.count(), Message.objects.count(), Booking.objects.values().get()) == before
    assert not Refund.objects.exists()


@pytest.mark.parametrize("order", set(permutations(["failed", "succeeded", "pending", "succeeded"])), ids=str)
def test_the_providers_truth_holds_in_whatever_order_it_is_told(booking: Booking, order: tuple[str, ...]) -> None:
    """R27: the money was taken."""
    payment = handed_over(booking)
    for outcome in order:
        settle(payment, Outcome(outcome))
    booking.refresh_from_db()
    payment.refresh_from_db()
    assert (booking.status, payment.status, payment.failure) == ("confirmed", "succeeded", "")
    assert Message.objects.filter(kind="booking-confirmed").count() == 1
    assert not Refund.objects.exists()
    assert list(violations()) == []


@pytest.mark.parametrize("order", [("pending",), ("failed",), ("failed", "pending"), ("pending", "failed")])
def test_without_money_there_is_no_ticket(booking: Booking, order: tuple[str, ...]) -> None:
    """R35"""
    payment = handed_over(booking)
    for outcome in order:
        settle(payment, Outcome(outcome))
    booking.refresh_from_db()
    payment.refresh_from_db()
    assert (booking.status, payment.status) == ("pending", "failed" if "failed" in order else "pending")
    assert set(booking.tickets.values_list("status", flat=True)) == {"reserved"}
    assert not Message.objects.exists()
    assert list(violations()) == []


def test_after_a_refusal_of_the_card_the_same_booking_is_paid(booking: Booking) -> None:
    """U31"""
    first = handed_over(booking)
    payments.settle(
        provider="sandbox",
        news=News(first.checkout_reference, Outcome.FAILED, first.amount, "EUR", failure="no cover " * 40),
    )
    first.refresh_from_db()
    assert (first.status, len(first.failure)) == ("failed", 200)
    second = handed_over(booking)
    assert second != first
    assert settle(second).status == "confirmed"
    assert list(booking.payments.order_by("pk").values_list("status", flat=True)) == ["failed", "succeeded"]
    assert list(violations()) == []


@pytest.mark.parametrize(("amount", "currency"), [(-1, "EUR"), (1, "EUR"), (0, "USD"), (0, "eur")])
def test_another_amount_or_currency_makes_no_ticket_and_is_kept_aside(
    booking: Booking, caplog: pytest.LogCaptureFixture, amount: int, currency: str
) -> None:
    """R29"""
    payment = handed_over(booking)
    news = News(payment.checkout_reference, Outcome.SUCCEEDED, payment.amount + amount, currency, "charge-1")
    payments.settle(provider="sandbox", news=news)
    booking.refresh_from_db()
    payment.refresh_from_db()
    assert (booking.status, payment.status, payment.reference) == ("pending", "pending", None)
    facts = AuditEntry.objects.get(action="payment.mismatched").facts
    assert facts.items() >= {"payment": payment.pk, "amount": payment.amount + amount, "currency": currency}.items()
    assert "another amount than was asked for" in caplog.text
    kept = Payment.objects.get(kept_aside=True)
    assert (kept.amount, kept.currency, kept.reference) == (news.amount, currency, "charge-1")
    assert (kept.booking, kept.status, kept.checkout_reference) == (booking, "succeeded", None)
    assert not Message.objects.exists()
    assert list(violations()) == []


def test_another_amount_told_a_hundred_times_is_recorded_once(booking: Booking) -> None:
    """R26, R29: the row says which charge it was, so that people can find it."""
    payment = handed_over(booking)
    for _again in range(3):
        payments.settle(
            provider="sandbox", news=News(payment.checkout_reference, Outcome.SUCCEEDED, 1, "EUR", "charge-1")
        )
    entry = AuditEntry.objects.get(action="payment.mismatched")
    assert "charge-1" in str(entry.facts)
    assert Payment.objects.filter(kept_aside=True).count() == 1


def test_what_is_kept_aside_goes_back_when_staff_say_so_and_pays_for_nothing(booking: Booking) -> None:
    """R29, R8: also when the right amount comes afterwards."""
    payment = handed_over(booking)
    payments.settle(provider="sandbox", news=News(payment.checkout_reference, Outcome.SUCCEEDED, 1, "EUR", "another"))
    assert settle(payment).status == "confirmed"
    for queued in (1, 0):
        assert len(refunds.return_kept(booking_id=booking.pk, by=None)) == queued
    assert list(Refund.objects.values_list("amount", "reason", "payment__kept_aside")) == [(1, "mismatch", True)]
    assert list(violations()) == []


def test_news_of_no_money_at_all_is_no_money(booking: Booking) -> None:
    payment = handed_over(booking)
    payments.settle(provider="sandbox", news=News(payment.checkout_reference, Outcome.SUCCEEDED, 0, "EUR", "charge-1"))
    assert booking.payments.get().status == "pending"


@pytest.mark.parametrize(("provider", "reference"), [("sandbox", "never-opened"), ("another", None), ("sandbox", "")])
def test_news_of_a_checkout_that_is_not_ours_is_refused(booking: Booking, provider: str, reference: str | None) -> None:
    """R29"""
    payment = handed_over(booking)
    news = News(payment.checkout_reference if reference is None else reference, Outcome.SUCCEEDED, 1, "EUR", "charge")
    with pytest.raises(payments.UnknownPayment):
        payments.settle(provider=provider, news=news)
    booking.refresh_from_db()
    assert booking.status == "pending"


def test_money_taken_twice_is_given_back_once_and_the_booking_stays(noon: datetime) -> None:
    """R34: by the same checkout"""
    booking = paid(event_on_sale())
    first = booking.payments.get()
    assert settle(first, reference="charge-again").status == "confirmed"
    settle(first, reference="charge-again")
    second = booking.payments.latest("pk")
    assert (second.status, second.reference, second.amount) == ("succeeded", "charge-again", first.amount)
    refund = Refund.objects.get()
    assert (refund.payment, refund.reason, refund.status, refund.amount) == (
        second,
        "duplicate",
        "queued",
        first.amount,
    )
    assert list(Message.objects.order_by("pk").values_list("kind", flat=True)) == ["booking-confirmed", "money-back"]
    assert list(violations()) == []


def test_two_pages_that_were_both_paid_are_one_booking_and_one_refund(booking: Booking) -> None:
    """R34: by two checkouts"""
    first = handed_over(booking)
    settle(first, Outcome.FAILED)
    second = handed_over(booking)
    settle(second)
    assert settle(first).status == "confirmed"
    refund = Refund.objects.get()
    assert (refund.payment, refund.reason) == (first, "duplicate")
    assert list(violations()) == []


def test_looking_up_tells_what_the_provider_knows(booking: Booking) -> None:
    """R31: the notification was lost."""
    from bookings.gateways import sandbox

    payment = handed_over(booking)
    payments.look_up(booking=booking)
    booking.refresh_from_db()
    assert booking.status == "pending"
    sandbox.press(SandboxCheckout.objects.get(key=payment.key), "notify_never")
    payments.look_up(booking=booking)
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert list(violations()) == []


def test_the_news_is_of_its_own_payment_alone(noon: datetime) -> None:
    event = event_on_sale()
    mine, other = handed_over(reserve(event)), handed_over(reserve(event))
    settle(mine)
    other.refresh_from_db()
    assert (other.status, other.booking.status) == ("pending", "pending")
    assert news_of(other).checkout_reference != news_of(mine).checkout_reference


# --- Nothing to pay -------------------------------------------------------------------------------


def test_a_free_booking_is_confirmed_without_money(noon: datetime) -> None:
    booking = with_details(reserve(event_on_sale(amounts={"Entry": 0})))
    for _again in range(2):
        assert payments.confirm_free(booking_id=booking.pk).status == "confirmed"
    assert set(booking.tickets.values_list("status", flat=True)) == {"valid"}
    assert not Payment.objects.exists()
    assert Message.objects.filter(kind="booking-confirmed").count() == 1
    assert list(violations()) == []


def test_a_booking_that_costs_something_is_not_free(booking: Booking) -> None:
    """S40"""
    with pytest.raises(payments.NotFree):
        payments.confirm_free(booking_id=booking.pk)
    booking.refresh_from_db()
    assert booking.status == "pending"


@pytest.mark.parametrize(
    ("has_details", "minutes", "error"), [(False, 0, payments.DetailsMissing), (True, 16, reservations.TooLate)]
)
def test_a_free_booking_needs_a_customer_and_time(
    noon: datetime, has_details: bool, minutes: int, error: type[Exception]
) -> None:
    booking = reserve(event_on_sale(amounts={"Entry": 0}))
    if has_details:
        with_details(booking)
    clock.advance(minutes * MINUTE)
    with pytest.raises(error):
        payments.confirm_free(booking_id=booking.pk)
    booking.refresh_from_db()
    assert booking.status == "pending"


def test_a_second_charge_that_nobody_told_of_is_found_on_the_way_back(noon: datetime) -> None:
    """R34, R31: its notification is lost, but the customer comes back."""
    booking = settle(handed_over(reserve(event_on_sale())))
    checkout = SandboxCheckout.objects.get()
    for ordinal in (1, 2):
        reference = booking.payments.get().reference if ordinal == 1 else "second-charge"
        SandboxCharge.objects.create(checkout=checkout, ordinal=ordinal, reference=reference, captured_at=noon)
    payments.look_up(booking=booking)
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert list(Refund.objects.values_list("payment__reference", "reason")) == [("second-charge", "duplicate")]
    assert list(violations()) == []


def test_nothing_is_handed_over_for_a_booking_that_costs_nothing(noon: datetime) -> None:
    booking = with_details(reserve(event_on_sale(amounts={"Guest": 0})))
    with pytest.raises(payments.NothingToPay):
        payments.hand_over(booking_id=booking.pk, provider="sandbox")
    assert not booking.payments.exists()
