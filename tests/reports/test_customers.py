"""Who spent most: a second way, by everybody's history."""

from datetime import datetime, timedelta
from itertools import product
from random import Random

import pytest

from accounts.models import Organization
from bookings.models import Booking
from bookings.queries import returns as asked
from bookings.services import cancellations, payments
from core import clock
from reports.periods import Days
from reports.queries import customers
from reports.queries.customers import Wanted
from tests.factories import event_on_sale, paid, reserve, with_details

pytestmark = pytest.mark.django_db

EVER = Wanted(Days(None, None), by_spending=True)


@pytest.fixture
def house(noon: datetime) -> Organization:
    """Twelve people with up to three bookings; of some all is given back, or a part, or it was a present."""
    event = event_on_sale(levels={"Standing": 200}, max_per_customer=None)
    dice = Random(7)
    for person in range(12):
        for _booking in range(dice.randint(1, 3)):
            booking = with_details(reserve(event, dice.randint(1, 4)), f"person{person:02}@example.com")
            how = "complimentary" if dice.random() < 0.2 else "cash"
            payments.record_by_hand(booking_id=booking.pk, how=how, by=None)
            if dice.random() < 0.4:
                amount = asked.left_of(booking) * dice.choice([50, 100]) // 100
                cancellations.cancel(booking_id=booking.pk, reason="test", amount=amount)
    paid(event_on_sale(venue=event.venue, currency="USD", fee_per_ticket=100, fee_per_booking=0))
    return event.organization


def by_history(house: Organization) -> list[str]:
    """Return everybody, who spent most first."""
    last = {booking.email_key: booking for booking in Booking.objects.filter(organization=house).order_by("pk")}
    spent = {key: customers.history(booking).spent.get("EUR", 0) for key, booking in last.items()}
    return sorted(spent, key=lambda key: (-spent[key], key))


def test_who_spent_most_is_first_whatever_was_taken_back(house: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    """R3: also when those that are looked at first aren't enough."""
    everybody = by_history(house)
    spent = {each.email: each.spent for each in customers.told(house, EVER, everybody, "EUR")}
    for ahead, most in product([0, 1, 500], [1, 4, 13, 50]):
        monkeypatch.setattr(customers, "AHEAD", ahead)
        found = customers.customers(house, EVER, "EUR", most)
        assert len(found) == len(set(found)) == min(most, len(everybody))
        assert [spent[key] for key in found] == [spent[key] for key in everybody[:most]], (ahead, most)


def test_the_last_booking_is_the_one_that_was_sold_last(noon: datetime) -> None:
    """An older one may be paid later; its name is the customer's."""
    event = event_on_sale(levels={"Standing": 20})
    early, late = (with_details(reserve(event), "ada@example.com") for _each in range(2))
    for booking, name, hours in ((late, "Ada before", 0), (early, "Ada now", 3)):
        with clock.at(noon + timedelta(hours=hours)):
            payments.record_by_hand(booking_id=booking.pk, how="cash", by=None)
        Booking.objects.filter(pk=booking.pk).update(customer_name=name)
    ever = Wanted(Days(None, None))
    (ada,) = customers.told(event.organization, ever, ["ada@example.com"], "EUR")
    assert (ada.booking, ada.name, ada.last_seen) == (early.pk, "Ada now", noon + timedelta(hours=3))


def test_the_order_by_totals_would_be_another(house: Organization) -> None:
    """So that the test above can fail."""
    totals: dict[str, int] = {}
    for booking in Booking.objects.filter(organization=house, currency="EUR"):
        totals[booking.email_key] = totals.get(booking.email_key, 0) + booking.total
    assert sorted(totals, key=lambda key: (-totals[key], key))[:4] != by_history(house)[:4]
