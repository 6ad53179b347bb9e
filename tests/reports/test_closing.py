"""Days that are over are added up once, and what is kept is what the rows say (R2, R3, R10)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import F

from accounts.models import Organization
from bookings.models import Booking, Document, Payment, Ticket
from bookings.services import cancellations
from core import clock
from reports.models import Closing, DailyMoney, DailySales
from reports.queries import promises
from reports.queries.facts import Sums
from reports.queries.revenue import By, closed_until, revenue
from reports.services import closing
from tests.factories import OrganizationFactory, VenueFactory, event_on_sale, paid

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(noon: datetime) -> Organization:
    """Three bookings on three days, one of which was cancelled on the third; then another day passes."""
    event = event_on_sale(levels={"Standing": 20}, starts_at=noon + timedelta(60))
    for _day in range(3):
        booking = paid(event)
        clock.advance(timedelta(days=1))
    with clock.at(noon + timedelta(days=2, hours=3)):
        cancellations.cancel(booking_id=booking.pk, reason="test")
    return event.organization


def days(organization: Organization) -> dict[str, Sums]:
    return {row.label: row.sums for row in revenue([organization], By.DAY)}


def test_days_that_are_over_are_closed_once(house: Organization) -> None:
    before = days(house)
    assert closed_until(house) is None
    assert closing.close_due() == 3
    assert closed_until(house) == date(2026, 6, 4)
    rows = list(DailySales.objects.values_list("pk", flat=True))
    assert closing.close_due() == 0
    assert rows == list(DailySales.objects.values_list("pk", flat=True))
    assert days(house) == before
    assert before["2026-06-03"] == Sums(1, 1, 2, 2, 4_300, 300, 686, 4_300, 686)


def test_nothing_is_closed_where_nothing_was_sold(noon: datetime) -> None:
    house = OrganizationFactory()
    assert closing.close_due() == 0
    assert closed_until(house) is None


def test_a_year_is_closed_in_parts(house: Organization) -> None:
    clock.advance(timedelta(days=365))
    assert closing.close(organization_id=house.pk) == 31
    assert closing.close_due() == 3 + 365 - 31
    assert closing.close(organization_id=house.pk) == 0


def test_a_day_is_closed_an_hour_after_it_is_over(noon: datetime) -> None:
    """So a booking confirmed a moment before midnight, whose transaction is committed after it, is in it."""
    event = event_on_sale(starts_at=noon + timedelta(60))
    house = event.organization
    midnight = datetime(2026, 6, 1, 22, tzinfo=UTC)
    with clock.at(noon):
        paid(event, 1)
    with clock.at(midnight + timedelta(minutes=59)):
        assert closing.close_due() == 0
        with clock.at(midnight - timedelta(microseconds=1)):
            paid(event, 2)
    with clock.at(midnight + timedelta(hours=1)):
        assert closing.close_due() == 1
        assert days(house)["2026-06-01"].tickets == 3
        assert list(promises.violations()) == []


def test_opened_again_what_was_brought_in_later_is_in_it(house: Organization) -> None:
    closing.close_due()
    Booking.objects.filter(pk=Booking.objects.earliest("pk").pk).update(confirmed_at=F("confirmed_at") + timedelta(1))
    assert {promise.case for promise, _row in promises.violations()} == {"R10"}
    closing.reopen(organization_id=house.pk, since=date(2026, 6, 2))
    assert closed_until(house) == date(2026, 6, 2)
    assert set(DailySales.objects.values_list("day", flat=True)) == {date(2026, 6, 1)}
    closing.reopen(organization_id=house.pk, since=date(2026, 6, 20))  # isn't closed
    assert closed_until(house) == date(2026, 6, 2)
    closing.reopen(organization_id=house.pk)
    assert (closed_until(house), DailySales.objects.count()) == (None, 0)
    closing.close_due()
    assert list(promises.violations()) == []


def test_in_another_time_zone_days_are_others(house: Organization) -> None:
    closing.close_due()
    house.time_zone = "Pacific/Auckland"
    house.save()
    assert closed_until(house) is None  # so all is added up from the rows
    assert list(days(house)) == ["2026-06-02", "2026-06-03", "2026-06-04"]
    assert list(promises.violations()) == []
    closing.close_due()
    assert closed_until(house) == date(2026, 6, 4)
    assert list(days(house)) == ["2026-06-02", "2026-06-03", "2026-06-04"]
    assert Closing.objects.get().time_zone == "Pacific/Auckland"


def test_a_house_closes_its_own_days(house: Organization) -> None:
    other = event_on_sale(venue=VenueFactory(organization=OrganizationFactory(time_zone="Pacific/Kiritimati")))
    paid(other)
    clock.advance(timedelta(days=2))
    closing.reopen(organization_id=house.pk)
    closing.close_due()
    assert {each.organization_id for each in DailySales.objects.filter(event=other)} == {other.organization_id}
    assert closed_until(house) != closed_until(other.organization)
    assert list(promises.violations()) == []


# --- The audit sees what it promises to see ---------------------------------------------------------


def a_sum_that_changed() -> None:
    DailySales.objects.filter(ticket_type=None).update(gross=F("gross") + 1)


def a_day_that_is_missing() -> None:
    DailySales.objects.filter(day=date(2026, 6, 2)).delete()


def a_day_nobody_sold_on() -> None:
    row = DailySales.objects.latest("day")
    row.pk, row.day = None, date(2026, 5, 1)
    row.save()


def a_day_that_is_not_closed() -> None:
    Closing.objects.update(until=date(2026, 6, 3))


def a_booking_that_was_confirmed_on_another_day() -> None:
    Booking.objects.update(confirmed_at=F("confirmed_at") - timedelta(days=1))


def a_ticket_of_another_price() -> None:
    Ticket.objects.filter(number=1).update(price=F("price") + 1)


def a_credit_note_of_another_amount() -> None:
    Document.objects.update(amount=F("amount") + 1)


def money_that_came_twice() -> None:
    payment = Payment.objects.earliest("pk")
    payment.pk, payment.key, payment.checkout_reference, payment.reference = None, "2", None, "2"
    payment.save()


def money_of_a_day_that_changed() -> None:
    DailyMoney.objects.update(received=F("received") + 1)


def a_day_without_its_money() -> None:
    DailyMoney.objects.filter(day=date(2026, 6, 2)).delete()


def a_payment_of_another_day() -> None:
    Payment.objects.update(succeeded_at=F("succeeded_at") + timedelta(days=1))


FAULTS: dict[Callable[[], None], set[str]] = {
    a_sum_that_changed: {"R10"},
    a_day_that_is_missing: {"R10"},
    a_day_nobody_sold_on: {"R10"},
    a_day_that_is_not_closed: {"R10"},
    a_booking_that_was_confirmed_on_another_day: {"R10"},
    a_ticket_of_another_price: {"R10", "R3"},
    a_credit_note_of_another_amount: {"R10", "R3"},
    money_that_came_twice: {"R10", "R3"},
    money_of_a_day_that_changed: {"R10"},
    a_day_without_its_money: {"R10"},
    a_payment_of_another_day: {"R10"},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_audit_finds_what_is_wrong(house: Organization, fault: Callable[[], None]) -> None:
    closing.close_due()
    assert list(promises.violations()) == []
    fault()
    assert {promise.case for promise, _row in promises.violations()} == FAULTS[fault]


def test_the_command_shows_wrong_figures_and_fails(house: Organization) -> None:
    closing.close_due()
    out = StringIO()
    call_command("audit", stdout=out)
    assert "promises, all kept" in out.getvalue()
    a_sum_that_changed()
    with pytest.raises(SystemExit) as exit_:
        call_command("audit", stdout=out, stderr=StringIO())
    assert exit_.value.code == 1
    assert "gross=1, not 0" in out.getvalue()
