"""The season as a calendar: events on their local days, and files to subscribe to."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from core import briefly, clock, periods
from events.models import Event, EventSeries
from events.queries import calendar
from tests.factories import CategoryFactory, EventFactory, VenueFactory, event_on_sale, paid

pytestmark = pytest.mark.django_db

JUNE = "/calendar/2026-06/"


def shown(page: Any) -> dict[date, list[str]]:
    """The titles on each day that has any."""
    return {day.date: [each.event.title for each in day.events] for day in page.context["days"] if day.events}


def on_sale(title: str, starts_at: datetime, hours: float = 2, zone: str = "UTC", **how: Any) -> Event:
    venue = how.pop("venue", None) or VenueFactory(time_zone=zone)
    return event_on_sale(
        title=title, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours), venue=venue, **how
    )


def test_an_event_is_on_the_days_of_its_own_clocks(client: Client, noon: datetime) -> None:
    """Half past one at night in Berlin is the day before in New York; what goes over midnight is on both days."""
    night = datetime(2026, 6, 10, 23, 30, tzinfo=UTC)
    on_sale("Berlin", night, zone="Europe/Berlin")
    on_sale("New York", night, zone="America/New_York")
    on_sale("Over midnight", night, hours=1, zone="UTC")
    on_sale("Until midnight", datetime(2026, 6, 12, 22, tzinfo=UTC), hours=2, zone="UTC")
    on_sale("Weekend", datetime(2026, 6, 19, 18, tzinfo=UTC), hours=40, zone="UTC")
    assert shown(client.get(JUNE)) == {
        date(2026, 6, 10): ["New York", "Over midnight"],
        date(2026, 6, 11): ["Berlin", "Over midnight"],
        date(2026, 6, 12): ["Until midnight"],
        date(2026, 6, 19): ["Weekend"],
        date(2026, 6, 20): ["Weekend"],
        date(2026, 6, 21): ["Weekend"],
    }


def test_a_week_across_summer_time_has_seven_days(client: Client, noon: datetime) -> None:
    on_sale("Before", datetime(2026, 10, 24, 22, 30, tzinfo=UTC), hours=1, zone="Europe/Berlin")
    on_sale("After", datetime(2026, 10, 25, 23, 30, tzinfo=UTC), hours=1, zone="Europe/Berlin")
    page = client.get("/calendar/2026-W43/")
    assert shown(page) == {date(2026, 10, 25): ["Before"]}
    assert len(page.context["days"]) == 7
    assert shown(client.get("/calendar/2026-W44/")) == {date(2026, 10, 26): ["After"]}


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    starts=st.datetimes(datetime(2026, 3, 20), datetime(2026, 4, 5)),
    hours=st.integers(1, 60),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Niue"]),
)
def test_the_days_of_an_event_are_those_on_which_some_of_it_is(starts: datetime, hours: int, zone: str) -> None:
    """Against every quarter of an hour of it."""
    local = ZoneInfo(zone)
    begins = starts.replace(minute=0, second=0, microsecond=0, tzinfo=UTC)
    when = calendar.When(1, begins, begins + timedelta(hours=hours), zone)
    quarters = (begins + timedelta(minutes=15 * number) for number in range(4 * hours))
    days = {moment.astimezone(local).date() for moment in quarters}
    assert (when.first, when.last) == (min(days), max(days))


def test_what_is_left_and_what_became_of_it_is_said(client: Client, noon: datetime) -> None:
    soon = datetime(2026, 6, 20, 18, tzinfo=UTC)
    paid(on_sale("Sold out", soon, levels={"Standing": 2}))
    Event.objects.filter(pk=on_sale("Called off", soon).pk).update(status="cancelled")
    EventFactory(title="A draft", starts_at=soon, ends_at=soon + timedelta(hours=1))
    states = {each.event.title: each.event.state.name for each in client.get(JUNE).context["days"][19].events}
    assert states == {"Sold out": "sold-out", "Called off": "cancelled"}


def test_many_on_a_day_lead_to_the_day(client: Client, noon: datetime) -> None:
    venue = VenueFactory(time_zone="UTC")
    for number in range(6):
        on_sale(f"Number {number}", datetime(2026, 6, 20, 10 + number, tzinfo=UTC), venue=venue)
    page = client.get(JUNE)
    assert page.context["days"][19].more == 3
    assert f"/calendar/{date(2026, 6, 20)}/" in page.content.decode()
    assert len(shown(client.get("/calendar/2026-06-20/"))[date(2026, 6, 20)]) == 6


def test_filters_stay_in_the_address(client: Client, noon: datetime) -> None:
    soon = datetime(2026, 6, 20, 18, tzinfo=UTC)
    play = on_sale("A play", soon, category=CategoryFactory(name="Theatre"))
    on_sale("A concert", soon)
    page = client.get(JUNE, {"venue": play.venue.slug})
    assert shown(page) == {date(2026, 6, 20): ["A play"]}
    assert f'href="/calendar/2026-07/?venue={play.venue.slug}"' in page.content.decode()
    assert shown(client.get(JUNE, {"venue": "nowhere"})) == {}
    assert shown(client.get(JUNE, {"order_by": "pk"}))  # S33: passed over


def test_an_empty_month_says_what_comes_next(client: Client, noon: datetime) -> None:
    on_sale("Later", datetime(2026, 9, 2, 18, tzinfo=UTC))
    page = client.get("/calendar/2026-07/").content.decode()
    assert "Later" in page
    assert "/calendar/2026-09/" in page
    assert "noindex" not in client.get("/calendar/2026-09/").content.decode()
    assert "nofollow" in client.get("/calendar/2031-01/").content.decode()


@pytest.mark.parametrize("asked", ["1969-12", "2101-01", "2026-13", "2026-W54", "2026-02-30", "2026", "x"])
def test_there_is_no_calendar_of_what_is_no_time(client: Client, asked: str, noon: datetime) -> None:
    assert client.get(f"/calendar/{asked}/").status_code == 404


def test_weeks_begin_as_people_are_used_to() -> None:
    june = periods.read("2026-06")
    with translation.override("de"):
        assert june.grid()[0] == date(2026, 6, 1)
    assert periods.read("2026-W01").first == date(2025, 12, 29)
    assert [str(each) for each in (june.before, june.after)] == ["2026-05", "2026-07"]


def test_the_page_asks_as_much_however_much_is_on(client: Client, noon: datetime) -> None:
    venue = VenueFactory(time_zone="UTC")

    def questions() -> int:
        on_sale("Another", datetime(2026, 6, 20, 18, tzinfo=UTC), venue=venue)
        briefly.forget()
        with CaptureQueriesContext(connection) as caught:
            client.get(JUNE)
        return len(caught)

    assert questions() == questions()


def test_part_of_the_page_for_htmx(client: Client, noon: datetime) -> None:
    on_sale("A play", datetime(2026, 6, 20, 18, tzinfo=UTC))
    part = client.get(JUNE, headers={"HX-Request": "true", "HX-Target": "results"})
    assert part["HX-Push-Url"] == JUNE
    assert "<html" not in part.content.decode()


def test_a_calendar_to_subscribe_to_has_all_that_comes(client: Client, noon: datetime) -> None:
    """Of everything, of one venue, of one category; what was called off says so, and drafts are nobody's business."""
    soon = noon + timedelta(days=3)
    play = on_sale("A play", soon, zone="Europe/Berlin", category=CategoryFactory(name="Theatre", slug="theatre"))
    gone = on_sale("Called off", soon)
    Event.objects.filter(pk=gone.pk).update(status="cancelled")
    EventFactory(title="A draft", starts_at=soon, ends_at=soon + timedelta(hours=1))
    long_ago = noon - timedelta(days=90)
    over = {"starts_at": long_ago, "ends_at": long_ago + timedelta(hours=1)}
    Event.objects.filter(pk=on_sale("Long ago", soon).pk).update(**over)

    def found(address: str) -> dict[str, Any]:
        file = Calendar.from_ical(client.get(address).content)
        return {str(each["summary"]): each for each in file.walk("VEVENT")}

    every = found("/calendar.ics")
    assert set(every) == {"A play", "Called off"}
    assert every["Called off"]["status"] == "CANCELLED"
    assert every["A play"]["dtstart"].dt == soon
    assert every["A play"]["uid"] == found(f"/venues/{play.venue.slug}/calendar.ics")["A play"]["uid"]
    assert set(found(f"/venues/{play.venue.slug}/calendar.ics")) == {"A play"}
    assert set(found("/calendar.ics?category=theatre")) == {"A play"}
    assert found("/calendar.ics?category=nothing") == {}
    assert client.get("/venues/nowhere/calendar.ics").status_code == 404


def test_who_has_the_calendar_already_is_told_so(client: Client, noon: datetime) -> None:
    on_sale("A play", noon + timedelta(days=3))
    first = client.get("/calendar.ics")
    assert client.get("/calendar.ics", headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_the_dates_of_a_series_are_offered_on_each_of_its_pages(client: Client, noon: datetime) -> None:
    venue = VenueFactory(time_zone="UTC")
    first, second, third = (
        on_sale("Nightly", datetime.combine(date(2026, 6, day), time(20), UTC), venue=venue) for day in (10, 11, 12)
    )
    alone = client.get(second.get_absolute_url())
    assert alone.context["dates"] == []
    series = EventSeries.objects.create(organization=venue.organization, name="Nightly")
    Event.objects.update(series=series)
    Event.objects.filter(pk=third.pk).update(status="draft", published_at=None)
    briefly.forget()
    page = client.get(second.get_absolute_url())
    assert [each.pk for each in page.context["dates"]] == [first.pk, second.pk]
    assert f'href="{second.get_absolute_url()}" aria-current="page"' in page.content.decode()
    assert '"superEvent": {"@type": "EventSeries", "name": "Nightly"}' in page.content.decode()
    assert page.context["related"] == []  # the same again is nothing else to like
    clock.advance(first.ends_at - noon)
    briefly.forget()
    assert [each.pk for each in client.get(first.get_absolute_url()).context["dates"]] == [second.pk]
    assert client.get(second.get_absolute_url()).context["dates"] == []


def test_a_page_of_a_series_asks_as_much_however_many_dates_it_has(client: Client, noon: datetime) -> None:
    venue = VenueFactory(time_zone="UTC")
    series = EventSeries.objects.create(organization=venue.organization, name="Nightly")
    first = on_sale("Nightly", noon + timedelta(days=1), venue=venue, series=series)

    def questions() -> int:
        on_sale("Nightly", noon + timedelta(days=2), venue=venue, series=series)
        briefly.forget()
        with CaptureQueriesContext(connection) as caught:
            client.get(first.get_absolute_url())
        return len(caught)

    assert questions() == questions()


def test_other_pages_lead_to_the_calendar(client: Client, noon: datetime, settings: Any) -> None:
    settings.SITE_URL = "https://tickets.example"
    play = on_sale("A play", noon + timedelta(days=3))
    assert 'href="/calendar/?q=play"' in client.get("/events/", {"q": "play"}).content.decode()
    page = client.get(f"/venues/{play.venue.slug}/").content.decode()
    assert f'href="/calendar/?venue={play.venue.slug}"' in page
    assert f'href="webcal://tickets.example/venues/{play.venue.slug}/calendar.ics"' in page
