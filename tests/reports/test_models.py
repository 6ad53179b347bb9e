"""What the database refuses of sums and samples."""

from datetime import date, datetime

import pytest

from events.models import TicketType
from reports.models import DailyMoney, DailySales, Sample
from tests.constraints import refused_by
from tests.factories import OrganizationFactory, TicketTypeFactory, event_on_sale

pytestmark = pytest.mark.django_db

DAY = date(2026, 6, 1)
WHAT = ("event_id", "day", "provider", "currency")


@pytest.mark.parametrize(
    ("of_a_type", "constraint", "columns"),
    [
        (True, "one_sum_a_day_and_ticket_type", (*WHAT, "ticket_type_id")),
        (False, "one_sum_a_day_of_whole_bookings", WHAT),
    ],
)
def test_nothing_is_added_up_twice(of_a_type: bool, constraint: str, columns: tuple[str, ...]) -> None:
    event = event_on_sale()
    ticket_type: TicketType | None = TicketTypeFactory() if of_a_type else None
    what = {"organization": event.organization, "event": event, "ticket_type": ticket_type, "currency": "EUR"}
    DailySales.objects.create(day=DAY, **what)
    DailySales.objects.create(day=DAY, provider="sandbox", **what)
    with refused_by(constraint, *columns):
        DailySales.objects.create(day=DAY, **what)


def test_a_moment_is_sampled_once(noon: datetime) -> None:
    figures = {"sold": 1, "reserved": 0, "unavailable": 0, "available": 9, "revenue": 100}
    event = event_on_sale()
    Sample.objects.create(event=event, at=noon, **figures)
    with refused_by("one_sample_a_moment", "event_id", "at"):
        Sample.objects.create(event=event, at=noon, **figures)


def test_money_of_a_day_is_added_up_once_and_a_part_is_no_more_than_all_of_it() -> None:
    what = {"organization": OrganizationFactory(), "day": DAY, "provider": "sandbox", "currency": "EUR"}
    DailyMoney.objects.create(**what)
    with refused_by("one_sum_a_day_and_provider", "organization_id", "day", "provider", "currency"):
        DailyMoney.objects.create(**what)
    for more in ({"received": 1, "kept_aside": 2}, {"back": 1, "kept_back": 2}):
        with refused_by("what_is_kept_was_received"):
            DailyMoney.objects.create(**what | {"provider": "cash"} | more)
