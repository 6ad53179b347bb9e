"""What was sold and taken back: every figure is computed a second way, row by row (R2, R3, R10)."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Organization
from bookings.queries.promises import violations
from core import clock
from reports.models import DailyMoney, DailySales
from reports.periods import Days
from reports.queries import cash, promises
from reports.queries.facts import Key, Sums, sold
from reports.queries.revenue import By, Only, closed_until, net, revenue, totals
from reports.services import closing
from tests.bookings.machine import undone
from tests.conftest import NOON
from tests.reports import plain
from tests.reports.world import ACTS, World

pytestmark = pytest.mark.django_db

ZONES = ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe"]
EACH_ONCE = [(name, which, 2, percent) for name in ACTS for which, percent in ((0, 100), (3, 40))]


def added_up(found: dict[Key, Sums], field: str) -> dict[tuple, Sums]:
    """Sums by one part of the key, for each currency."""
    groups: dict[tuple, Sums] = {}
    for key, sums in found.items():
        group = (getattr(key, field), key.currency)
        groups[group] = groups.get(group, Sums()) + sums
    return groups


def sums_by(organization: Organization, by: By, only: Only | None = None) -> dict[tuple, Sums]:
    return {(row.key, row.currency): row.sums for row in revenue([organization], by, only)}


def check(world: World) -> None:
    """Compare everything."""
    for organization in world.organizations:
        check_house(organization)
    both = totals(world.organizations)
    apart = [totals([each]) for each in world.organizations]
    assert both == {
        currency: reduce(Sums.__add__, [each[currency] for each in apart if currency in each]) for currency in both
    }
    assert list(violations()) == []
    assert list(promises.violations()) == []


def check_house(organization: Organization) -> None:
    second = plain.sold(organization)
    found = sold(organization, None, None)
    assert {key: sums for key, sums in found.items() if sums != Sums()} == second
    together = totals([organization])
    for by in By:  # however it is added up, closed days or live ones, it comes to the same
        rows = revenue([organization], by)
        assert {
            currency: reduce(Sums.__add__, [row.sums for row in rows if row.currency == currency])
            for currency in together
        } == together, by
    for by, field in ((By.DAY, "day"), (By.EVENT, "event"), (By.TICKET_TYPE, "ticket_type"), (By.PROVIDER, "provider")):
        rows = {group: sums for group, sums in sums_by(organization, by).items() if sums != Sums()}
        assert rows == {group: sums for group, sums in added_up(second, field).items() if sums != Sums()}
    assert {currency: sums.net for currency, sums in together.items() if sums.net} == plain.money_kept(organization)
    assert sum(sums.held for sums in together.values()) == plain.people_have(organization)
    check_money(organization, together)


def check_money(organization: Organization, revenue: dict[str, Sums]) -> None:
    """R3: of all days, closed or not, and of each alone; over all of them it comes to the revenue."""
    second = plain.cash(organization)
    assert cash.counted(organization, None, None) == second
    ever = cash.moved(organization, Days(None, None))
    days = {key.day for key in second}
    by_day = [(day, each) for day in days for each in cash.moved(organization, Days(day, day))]
    assert {cash.CashKey(day, each.provider, each.currency): each.cash for day, each in by_day} == second
    added: defaultdict[tuple[str, str], cash.Cash] = defaultdict(cash.Cash)
    for key, moved in second.items():
        added[key.provider, key.currency] += moved
    assert {(each.provider, each.currency): each.cash for each in ever} == added
    assert net(organization, Days(None, None)) == {currency: sums.net for currency, sums in revenue.items()}
    for day in days:
        then = totals([organization], Only(day, day))
        assert net(organization, Days(day, day)) == {currency: sums.net for currency, sums in then.items()}
    waiting = plain.queued(organization)
    assert (sum(each.queued for each in ever), sum(each.queued for _day, each in by_day)) == (waiting, waiting)
    fitting = cash.equations(ever, net(organization, Days(None, None)))
    assert {currency: each.other_days for currency, each in fitting.items() if each.other_days} == {}


@settings(
    max_examples=4,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(
    zones=st.tuples(st.sampled_from(ZONES), st.sampled_from(ZONES)),
    begin=st.sampled_from([NOON, datetime(2026, 3, 27, 20, tzinfo=UTC), datetime(2026, 10, 23, 20, tzinfo=UTC)]),
    acts=st.lists(
        st.tuples(
            st.sampled_from(ACTS),
            st.integers(0, 7),
            st.integers(1, 3),
            st.sampled_from([0, 33, 50, 100]),
        ),
        min_size=10,
        max_size=14,
    ),
)
def test_whatever_happens_all_figures_are_those_of_the_rows(
    zones: tuple[str, str], begin: datetime, acts: list[tuple[str, int, int, int]]
) -> None:
    """R2, R3, R10"""
    with undone(), clock.at(begin):
        world = World(zones)
        for act in acts:
            world.do(*act)
        check(world)


def test_each_thing_that_can_happen_is_in_the_figures(noon: datetime) -> None:
    """R2, R3, R10: each twice, and then all that is over is closed."""
    world = World(("Europe/Berlin", "America/Sao_Paulo"))
    for act in EACH_ONCE:
        world.do(*act)
    check(world)
    clock.advance(timedelta(days=2))
    closing.close_due()
    assert world.done == set(ACTS)
    for each in world.organizations:
        assert closed_until(each) == closing.closable(each, clock.now())
    check(world)
    one = Only(event=world.events[0].pk)
    assert totals(world.organizations, one)
    for only in (Only(first=date(2026, 6, 2), last=date(2026, 6, 2)), Only(provider="sandbox"), one):
        closed = [sums_by(each, by, only) for each in world.organizations for by in By]
        for each in world.organizations:
            closing.reopen(organization_id=each.pk)
        assert not DailySales.objects.exists()
        assert not DailyMoney.objects.exists()
        assert closed == [sums_by(each, by, only) for each in world.organizations for by in By]
        closing.close_due()


@pytest.mark.parametrize(
    ("zone", "begin", "days"),
    [
        ("Europe/Berlin", datetime(2026, 3, 27, tzinfo=UTC), 4),
        ("Europe/Berlin", datetime(2026, 10, 23, tzinfo=UTC), 4),
        ("America/Sao_Paulo", datetime(2018, 11, 2, tzinfo=UTC), 4),  # clocks jumped over midnight
        ("America/Sao_Paulo", datetime(2018, 2, 15, tzinfo=UTC), 4),  # the hour before midnight came twice
        ("Asia/Kathmandu", datetime(2026, 3, 27, tzinfo=UTC), 4),  # 5:45 ahead
        ("Australia/Lord_Howe", datetime(2026, 4, 3, tzinfo=UTC), 4),  # half an hour
        ("Australia/Lord_Howe", datetime(2026, 10, 2, tzinfo=UTC), 4),
    ],
)
def test_a_season_across_summer_time_adds_up_by_local_day(zone: str, begin: datetime, days: int) -> None:
    """R10: sales at noon and around each midnight: day by day, closed or not, and each day asked for alone."""
    local = ZoneInfo(zone)
    with clock.at(begin - timedelta(days=1)):
        world = World((zone, zone))
    for number in range(days):
        midnight = datetime.combine(begin.date() + timedelta(days=number), time(), local).astimezone(UTC)
        for hours in (-1.5, -0.5, 0, 0.5, 2, 12):
            with clock.at(midnight + timedelta(hours=hours)):
                world.pay_in_cash(0, 1, 0)
    with clock.at(begin + timedelta(days=days + 2)):
        world.take_back(0, 1, 50)
        house = world.organizations[0]
        second = added_up(plain.sold(house), "day")
        assert sums_by(house, By.DAY) == second
        alone: dict[tuple, Sums] = {}
        for day, _currency in second:
            alone |= sums_by(house, By.DAY, Only(first=day, last=day))
        assert alone == second
        clock.advance(timedelta(days=2))
        closing.close_due()
        assert closed_until(house) == closing.closable(house, clock.now())
        assert sums_by(house, By.DAY) == second
        check(world)


def test_sums_say_what_is_left() -> None:
    sums = Sums(bookings=2, tickets=3, returned=1, gross=100, fee=9, tax=16, credited=30, credited_tax=5)
    assert (sums.net, sums.net_tax, sums.held, sums.average) == (70, 11, 2, 33)
    assert replace(sums, tickets=0).average == 0
    assert sums + sums == Sums(4, 0, 6, 2, 200, 18, 32, 60, 10)
