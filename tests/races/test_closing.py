"""Several workers close the same days at once, and somebody opens them again."""

from datetime import timedelta

import pytest

from accounts.models import Organization
from bookings.models import Booking
from core import clock
from reports.models import Closing, DailySales
from reports.queries import promises
from reports.services import closing
from tests.factories import event_on_sale, paid
from tests.races.harness import Act, Halted, Started, race, told, until, waiting_for_a_lock, without_row_locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

ADDING_UP = 'INSERT INTO "reports_dailysales"'


@pytest.fixture
def house() -> Organization:
    """Two bookings of three days ago, and nothing closed."""
    event = event_on_sale()
    for _booking in range(2):
        paid(event)
    Booking.objects.update(confirmed_at=clock.now() - timedelta(days=3))
    closing.reopen(organization_id=event.organization_id)
    return event.organization


def closes(house: Organization) -> Act:
    return lambda: closing.close(organization_id=house.pk)


def test_however_many_close_a_day_it_is_closed_once(house: Organization) -> None:
    answers = race([closes(house)] * 8)
    assert sorted(answers)[:7] == [0] * 7
    assert max(answers) >= 2
    assert DailySales.objects.filter(ticket_type=None).count() == 1
    assert list(promises.violations()) == []


def test_without_a_lock_two_add_up_the_same_day(house: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin without locks: the constraint refuses what it would have let pass."""
    without_row_locks(monkeypatch)
    assert told(race([closes(house)] * 2, meet_before=ADDING_UP)) == {"int": 1, "IntegrityError": 1}


def test_who_opens_days_again_waits_for_who_closes_them(house: Organization) -> None:
    slow = Halted(closes(house), before=ADDING_UP)
    opens = Started(lambda: closing.reopen(organization_id=house.pk))
    until(waiting_for_a_lock)
    assert slow.go_on() >= 2
    assert opens.end() is None
    assert (DailySales.objects.count(), Closing.objects.get().until) == (0, None)
