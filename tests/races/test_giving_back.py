"""Money on its way back, and what its provider says of it meanwhile."""

import pytest

from bookings.gateways import Outcome, RefundNews
from bookings.models import Booking, Payment, Refund, SandboxCheckout, SandboxRefund
from bookings.services import cancellations, payments, refunds
from core.models import AuditEntry
from tests.factories import event_on_sale, handed_over, news_of, reserve
from tests.races.harness import Act, Halted, broken, race, told, without_row_locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WRITING_A_REFUND = 'UPDATE "bookings_refund"'
WENT, CAME_BACK = RefundNews(Outcome.SUCCEEDED), RefundNews(Outcome.FAILED, "account closed")


def bought() -> Payment:
    """A payment that is in the provider's books as well."""
    payment = handed_over(reserve(event_on_sale(levels={"Standing": 2})))
    SandboxCheckout.objects.get(key=payment.key).charges.create(ordinal=1, captured_at=payment.created_at)
    payments.look_up(booking=payment.booking)
    return payment


def cancel(payment: Payment) -> Act:
    return lambda: cancellations.cancel(booking_id=payment.booking_id, reason="asked for by the customer")


def queued() -> Refund:
    payment = bought()
    cancel(payment)()
    return payment.refunds.get()


def ordered() -> Refund:
    """A refund that the provider took."""
    refund = queued()
    assert refunds.send(refund.pk)
    return refund


def hears(refund: Refund, news: RefundNews) -> Act:
    return lambda: refunds.settle(refund_id=refund.pk, news=news)


def steps(refund: Refund) -> list[str]:
    """What was recorded of a booking's only refund, in order."""
    entries = AuditEntry.objects.filter(object_type="bookings.booking", object_id=refund.payment.booking_id)
    return list(entries.filter(action__startswith="refund.").order_by("pk").values_list("action", flat=True))


def test_a_refund_that_went_and_came_back_at_once_has_failed_whoever_is_first() -> None:
    """R24, R32: sixteen of them, told in any order."""
    sent = [ordered() for _refund in range(16)]
    race([hears(refund, news) for refund in sent for news in (WENT, CAME_BACK)])
    assert set(Refund.objects.values_list("status", "failure")) == {("failed", "account closed")}
    begun = ["refund.queued", "refund.sent"]
    orders = ([*begun, "refund.failed"], [*begun, "refund.succeeded", "refund.failed"])
    assert [each for each in map(steps, sent) if each not in orders] == []
    assert broken() == set()


def test_without_locks_money_that_came_back_is_taken_for_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """R24, R18: the twin without locks: nobody would look for the customer's money any more."""
    without_row_locks(monkeypatch)
    refund = ordered()
    late = Halted(hears(refund, WENT), before=WRITING_A_REFUND)
    hears(refund, CAME_BACK)()
    late.go_on()
    refund.refresh_from_db()
    assert refund.status == "succeeded"


def test_a_refund_that_all_workers_send_while_its_provider_speaks_of_it_goes_once() -> None:
    """R24, R37: ten workers, ten messages."""
    refund = queued()
    answers = race([lambda: refunds.send(refund.pk), hears(refund, WENT)] * 10)
    assert sum(each is True for each in answers) == 1
    assert SandboxRefund.objects.get().amount == refund.amount
    assert steps(refund)[:2] == ["refund.queued", "refund.sent"]
    assert len(steps(refund)) == len(set(steps(refund)))
    refunds.look_up(Refund.objects.get())
    assert Refund.objects.get().status == "succeeded"


def test_a_booking_cancelled_while_its_provider_takes_the_money_again_keeps_nothing() -> None:
    """R24, R33: whichever comes first, sixteen times."""
    taken = [bought() for _booking in range(16)]
    again = [news_of(payment, reference=f"again-{payment.pk}") for payment in taken]
    acts: list[Act] = []
    for payment, news in zip(taken, again, strict=True):
        acts += [cancel(payment), lambda news=news: payments.settle(provider="sandbox", news=news)]
    assert set(told(race(acts))) == {"Booking", "NoneType"}
    assert set(Booking.objects.values_list("status", flat=True)) == {"cancelled"}
    rows = Payment.objects.values_list("status", "amount", "refunded")
    assert [row for row in rows if row[0] != "succeeded" or row[1] != row[2]] == []
    assert (len(rows), Refund.objects.count()) == (32, 32)
    assert broken() == set()
