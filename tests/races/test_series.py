"""Two people who change a series at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bookings.models import Ticket
from bookings.services import reservations
from core import codes
from events.models import Event, EventSeries
from events.services import series
from events.services.series import Change
from tests.factories import event_on_sale, price_of
from tests.races.harness import Act, broken, race, told, without_row_locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def dates(count: int = 4) -> list[Event]:
    first = event_on_sale(title="Night", levels={"Standing": 40})
    start = datetime.now(UTC) + timedelta(days=60)
    starts = [start + timedelta(days=number) for number in range(count - 1)]
    series.add_dates(event_id=first.pk, starts=starts, name="Nights", key=codes.secret())
    series.publish_complete(series_id=EventSeries.objects.get().pk)
    return list(Event.objects.order_by("starts_at"))


def editor(event: Event, fields: dict[str, Any], prices: Any = None) -> Act:
    """Somebody who has looked already, and presses the button now."""
    chosen: dict[str, Any] = {"event_id": event.pk, "reach": "all", "change": Change(fields, prices or {})}
    seen = series.digest(series.preview(**chosen))
    return lambda: series.edit(**chosen, seen=seen)


def two_titles(meet_before: str = "") -> tuple[dict[str, int], set[str]]:
    rows = dates()
    acts = [editor(rows[0], {"title": "Left"}), editor(rows[-1], {"title": "Right"})]
    answers = told(race(acts, meet_before=meet_before))
    return answers, set(Event.objects.values_list("title", flat=True))


def test_of_two_who_change_a_series_one_is_told_to_look_again() -> None:
    answers, titles = two_titles()
    assert answers == {"list": 1, "Meanwhile": 1}
    assert titles in ({"Left"}, {"Right"})
    assert broken() == set()


def test_without_the_lock_both_would_think_that_they_did_it(monkeypatch: pytest.MonkeyPatch) -> None:
    without_row_locks(monkeypatch)
    answers, _titles = two_titles('UPDATE "events_event"')
    assert answers != {"list": 1, "Meanwhile": 1}


def test_who_buys_while_prices_change_pays_what_was_asked_or_the_new_price() -> None:
    """R10: each ticket keeps one of the two, and each booking adds up."""
    rows = dates()
    price = price_of(rows[0], "Standing")
    buyers: list[Act] = [
        lambda: reservations.reserve(event=rows[0], quantities={price.pk: 2}, key=codes.secret())
        for _number in range(6)
    ]
    change = editor(rows[0], {}, {("Standing", price.ticket_type_id): 9_900})
    answers = told(race([*buyers, change]))
    assert answers["list"] == 1
    assert set(Ticket.objects.values_list("price", flat=True)) <= {2_000, 9_900}
    assert broken() == set()
