"""Dates of a series: made at once, and changed one, from one on, or all."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.models import Ticket
from core.idempotency import KeyReused
from core.models import AuditEntry, IdempotentCall
from events.models import Event, EventSeries, Price
from events.services import levels, series
from events.services.series import Change, Reach
from tests.factories import EventFactory, UserFactory, VenueFactory, event_on_sale, paid, price_of

pytestmark = pytest.mark.django_db

START = datetime(2026, 10, 11, 18, tzinfo=UTC)  # a Sunday, 20:00 in Berlin; clocks go back on the 25th
BERLIN = ZoneInfo("Europe/Berlin")
KEY = "k" * 20


def weekly(count: int, **fields: Any) -> list[Event]:
    """An event on sale and drafts of it at 20:00 every week, in a series."""
    venue = fields.pop("venue", None) or VenueFactory(time_zone="Europe/Berlin")
    times = {"starts_at": START, "ends_at": START + timedelta(hours=3), "doors_at": START - timedelta(hours=1)}
    first = event_on_sale(**{"title": "Night", "venue": venue, **times, **fields})
    local = START.astimezone(BERLIN)
    starts = [local + timedelta(weeks=number) for number in range(1, count)]
    series.add_dates(event_id=first.pk, starts=starts, name="Nights", key=KEY)
    return list(EventSeries.objects.get().events.order_by("starts_at"))


def edit(event: Event, reach: str, fields: dict[str, Any] | None = None, prices: Any = None, by: Any = None) -> Any:
    """Change what was looked at a moment ago."""
    chosen: dict[str, Any] = {"event_id": event.pk, "reach": reach, "change": Change(fields or {}, prices or {})}
    seen = series.digest(series.preview(**chosen))
    return series.edit(**chosen, seen=seen, by=by)


def clocks(name: str) -> list[str]:
    moments = Event.objects.order_by("starts_at").values_list(name, flat=True)
    return [moment.astimezone(BERLIN).strftime("%d.%m. %H:%M") for moment in moments]


def test_dates_are_made_by_the_clocks_with_all_that_an_event_has(noon: datetime) -> None:
    """20:00 stays 20:00 when summer time ends."""
    first, *others = weekly(4)
    assert clocks("starts_at") == ["11.10. 20:00", "18.10. 20:00", "25.10. 20:00", "01.11. 20:00"]
    assert clocks("doors_at") == ["11.10. 19:00", "18.10. 19:00", "25.10. 19:00", "01.11. 19:00"]
    assert {event.status for event in others} == {"draft"}
    assert Price.objects.filter(price_level__event__in=others).count() == 3
    assert AuditEntry.objects.get(action="event.joined_series").object_id == first.pk


def test_dates_sent_twice_are_made_once_and_what_was_interrupted_goes_on(noon: datetime) -> None:
    """R21: chunks of ten; after a crash between two, the same key makes the rest."""
    event = event_on_sale(title="Night")
    starts = [START + timedelta(days=number) for number in range(23)]
    chosen: dict[str, Any] = {"event_id": event.pk, "name": "Nights", "key": KEY}
    made = series.add_dates(starts=starts, **chosen)
    assert series.add_dates(starts=starts, **chosen) == made
    assert made.events.count() == 24
    with pytest.raises(KeyReused):
        series.add_dates(starts=starts[:5], **chosen)
    last = IdempotentCall.objects.filter(scope="series-dates").latest("pk")
    made.events.filter(starts_at__gte=starts[20]).delete()
    last.delete()
    series.add_dates(starts=starts, **chosen)
    assert made.events.count() == 24


@pytest.mark.parametrize("count", [0, 61])
def test_so_many_dates_at_once(noon: datetime, count: int) -> None:
    event = event_on_sale()
    starts = [START + timedelta(days=number) for number in range(count)]
    with pytest.raises(series.NoSeries):
        series.add_dates(event_id=event.pk, starts=starts, name="Nights", key=KEY)
    assert (EventSeries.objects.count(), Event.objects.count()) == (0, 1)


@pytest.mark.parametrize(("reach", "changed"), [("only", [1]), ("following", [1, 2, 3]), ("all", [0, 1, 2, 3])])
def test_only_this_this_and_following_or_all(noon: datetime, reach: str, changed: list[int]) -> None:
    """S51: who, old and new, for each date."""
    dates, user = weekly(4), UserFactory()
    edit(dates[1], reach, {"title": "Long night", "max_per_booking": 4}, by=user)
    titles = list(EventSeries.objects.get().events.order_by("starts_at").values_list("title", flat=True))
    assert titles == ["Long night" if number in changed else "Night" for number in range(4)]
    entries = AuditEntry.objects.filter(action="event.changed").order_by("object_id")
    assert {entry.object_id for entry in entries} == {dates[number].pk for number in changed}
    facts = {"title": ["Night", "Long night"], "max_per_booking": [10, 4]}
    assert [(entry.by, entry.facts["changed"]) for entry in entries] == [(user, facts)] * len(changed)
    assert Event.objects.get(pk=dates[1].pk).search_text == "long night"


@pytest.fixture
def four(noon: datetime) -> list[Event]:
    """Two dates before summer time ends, and two from then on."""
    return weekly(4)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3), st.sampled_from(list(Reach)), st.integers(-120, 0), st.integers(30, 300))
def test_times_change_by_the_clocks_on_every_date(
    four: list[Event], number: int, reach: Reach, doors: int, length: int
) -> None:
    """Against clocks that are read off date by date; looking changes nothing, so that it can be looked often."""
    this = four[number]
    local = this.starts_at.astimezone(BERLIN)
    fields = {"doors_at": local + timedelta(minutes=doors), "ends_at": local + timedelta(minutes=length)}
    effects = series.preview(event_id=this.pk, reach=reach, change=Change(fields, {}))
    reached = {Reach.ONLY: [number], Reach.FOLLOWING: range(number, 4), Reach.ALL: range(4)}[reach]
    assert [effect.event.pk for effect in effects] == [four[each].pk for each in reached]
    for effect in effects:
        naive = effect.event.starts_at.astimezone(BERLIN).replace(tzinfo=None)
        wanted = {
            "doors_at": (naive + timedelta(minutes=doors)).replace(tzinfo=BERLIN),
            "ends_at": (naive + timedelta(minutes=length)).replace(tzinfo=BERLIN),
        }
        found = {name: new for name, (_old, new) in effect.fields.items()}
        assert found == {name: new for name, new in wanted.items() if getattr(effect.event, name) != new}


def test_a_date_that_is_over_or_cancelled_or_has_no_such_level_stays_and_says_why(noon: datetime) -> None:
    over, cancelled, other, this = weekly(4)
    Event.objects.filter(pk=over.pk).update(
        starts_at=noon - timedelta(days=2), ends_at=noon - timedelta(days=1), doors_at=None
    )
    Event.objects.filter(pk=cancelled.pk).update(status="cancelled")
    other.price_levels.update(name="Elsewhere")
    type_id = this.price_levels.get().prices.get().ticket_type_id
    done = edit(this, "all", prices={("Standing", type_id): 2_500})
    assert [(effect.event, effect.why) for effect in done] == [
        (over, "It is over already."),
        (cancelled, "It was cancelled."),
        (other, "It has no price level “Standing”."),
        (this, ""),
    ]
    amounts = Price.objects.order_by("price_level__event__starts_at").values_list("amount", flat=True)
    assert list(amounts) == [2_000, 2_000, 2_000, 2_500]


def test_what_differs_from_date_to_date_stays_different(noon: datetime) -> None:
    first, second = weekly(2)
    Event.objects.filter(pk=second.pk).update(summary="With an introduction")
    edit(first, "all", {"title": "Long night"})
    second.refresh_from_db()
    assert (second.title, second.summary) == ("Long night", "With an introduction")


def test_another_price_changes_no_booking(noon: datetime) -> None:
    """R10"""
    first, *_others = weekly(3)
    booking = paid(first, 2)
    price = price_of(first, "Standing")
    edit(first, "all", prices={("Standing", price.ticket_type_id): 9_900})
    before = (booking.total, booking.status)
    booking.refresh_from_db()
    assert (booking.total, booking.status) == before
    assert set(Ticket.objects.values_list("price", flat=True)) == {2_000}
    assert set(Price.objects.values_list("amount", flat=True)) == {9_900}
    call_command("audit")


def test_what_was_looked_at_and_changed_since_is_not_overwritten(noon: datetime) -> None:
    dates = weekly(2)
    chosen: dict[str, Any] = {"event_id": dates[0].pk, "reach": "all", "change": Change({"title": "Mine"}, {})}
    seen = series.digest(series.preview(**chosen))
    edit(dates[1], "only", {"title": "Theirs"})
    with pytest.raises(series.Meanwhile):
        series.edit(**chosen, seen=seen)
    assert set(Event.objects.values_list("title", flat=True)) == {"Night", "Theirs"}


def test_times_that_can_not_be_at_a_date_leave_it_out(noon: datetime) -> None:
    first, second = weekly(2)
    Event.objects.filter(pk=second.pk).update(sales_start=second.starts_at - timedelta(hours=1))
    change = {"sales_end": first.starts_at - timedelta(hours=2)}
    done = edit(first, "all", change)
    assert [effect.why for effect in done] == ["", "Sales would end before they start."]


def test_a_date_leaves_and_joins_and_the_last_one_closes_the_series(noon: datetime) -> None:
    """S51"""
    first, second = weekly(2)
    made = EventSeries.objects.get()
    series.leave(event_id=second.pk)
    series.leave(event_id=second.pk)
    assert list(made.events.all()) == [first]
    series.join(event_id=second.pk, series_id=made.pk)
    assert made.events.count() == 2
    with pytest.raises(series.NoSeries):
        series.join(event_id=EventFactory().pk, series_id=made.pk)  # another house's
    with pytest.raises(series.NoSeries):
        series.join(event_id=EventFactory(venue=first.venue, is_template=True).pk, series_id=made.pk)
    series.leave(event_id=first.pk)
    series.leave(event_id=second.pk)
    assert EventSeries.objects.count() == 0
    actions = AuditEntry.objects.filter(object_id=second.pk).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["event.created", "event.left_series", "event.joined_series", "event.left_series"]
    with pytest.raises(series.NoSeries):
        series.preview(event_id=first.pk, reach="all", change=Change({}, {}))


def test_what_is_complete_is_published_and_the_rest_says_why_not(noon: datetime) -> None:
    first, second, third = weekly(3)
    level = third.price_levels.get()
    with transaction.atomic():
        levels.change(level=level, name="Standing", order=0, amounts={level.prices.get().ticket_type_id: None})
    published, refused = series.publish_complete(series_id=first.series_id)
    assert (published, refused) == ([second], {third: "Standing has no price."})
    assert list(Event.objects.order_by("starts_at").values_list("status", flat=True)) == [
        "published",
        "published",
        "draft",
    ]


def test_a_template_is_in_no_series(noon: datetime) -> None:
    made = EventSeries.objects.create(organization=EventFactory().organization, name="Nights")
    with pytest.raises(IntegrityError, match="a_template_is_never_sold"):
        EventFactory(is_template=True, series=made)
