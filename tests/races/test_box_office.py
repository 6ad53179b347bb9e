"""Many presses of one button at the counter."""

from typing import Any

import pytest

from accounts.models import User
from bookings.models import Booking, Payment
from bookings.services import box_office
from bookings.services.box_office import Customer
from core import codes, idempotency
from events.models import Event
from notifications.models import Message
from tests.factories import event_on_sale, member, price_of
from tests.races.harness import Act, broken, race, told

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

PRESSES = 10
ADA = Customer("Ada Example", "ada@example.com")


def presses(event: Event, seller: User, **said: Any) -> list[Act]:
    """The same form so many times."""
    said = {"key": codes.secret(), "how": "cash", "customer": ADA} | said
    quantities = {price_of(event).pk: 2}
    return [lambda: box_office.sell(event=event, quantities=quantities, by=seller, **said)] * PRESSES


@pytest.mark.parametrize(
    ("how", "customer"),
    [("cash", ADA), ("cash", Customer()), (box_office.LATER, ADA)],
    ids=["known", "unknown", "later"],
)
def test_ten_presses_are_one_sale_and_all_are_told_of_it(how: str, customer: Customer) -> None:
    """R20"""
    event, seller = event_on_sale(max_per_customer=4), member("support")
    answers = race(presses(event, seller, how=how, customer=customer))
    assert told(answers) == {"Booking": PRESSES}
    assert {each.pk for each in answers} == {Booking.objects.get().pk}
    status = "pending" if how == box_office.LATER else "confirmed"
    assert {each.status for each in answers} == {status}
    assert Payment.objects.count() == (0 if how == box_office.LATER else 1)
    assert Message.objects.count() == bool(customer.email)
    assert broken() == set()


def test_without_remembering_ten_presses_are_ten_sales(monkeypatch: pytest.MonkeyPatch) -> None:
    """R20: the twin without idempotency."""
    monkeypatch.setattr(idempotency, "remember", lambda *args, **how: None)
    event, seller = event_on_sale(levels={"Standing": 100}), member("support")
    answers = race(presses(event, seller))
    assert told(answers) == {"Booking": PRESSES}
    assert Booking.objects.count() == Payment.objects.count() == PRESSES


def test_ten_counters_sell_the_last_places_once() -> None:
    event, seller = event_on_sale(levels={"Standing": 6}), member("support")
    answers = race([presses(event, seller, customer=Customer())[0] for _counter in range(PRESSES)])
    assert told(answers) == {"Booking": 3, "NotEnough": 7}
    assert broken() == set()
    assert Payment.objects.count() == 3
