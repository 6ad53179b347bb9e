"""An event in somebody's calendar."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.test import Client
from django.urls import reverse

from core import clock
from events.models import Event
from tests.factories import EventFactory, VenueFactory, event_on_sale
from tests.pages import text_of

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
NAMES = ["calendar", "sales-reminder"]


def address(event: Event, name: str = "calendar") -> str:
    return reverse(f"events:{name}", args=[event.slug])


def entry(client: Client, event: Event, name: str = "calendar") -> icalendar.Event:
    response = client.get(address(event, name))
    assert response.status_code == 200
    (found,) = icalendar.Calendar.from_ical(response.content).events
    return found


def selling_later(noon: datetime, **fields: Any) -> Event:
    return event_on_sale(sales_start=noon + 24 * HOUR, **fields)


def test_the_entry_says_what_the_page_says(client: Client, noon: datetime, settings: Any) -> None:
    settings.SITE_URL = "https://tickets.example"
    starts_at = datetime(2026, 11, 28, 19, tzinfo=UTC)
    event = event_on_sale(
        title="Tides, part 2",
        summary="Four voices",
        description="**Loud** & long",
        doors_at=starts_at - HOUR,
        starts_at=starts_at,
        venue=VenueFactory(name="Hall", city="Hamburg", latitude=53.5, longitude=0),
    )
    shown = entry(client, event)
    assert (shown["DTSTART"].dt, shown["DTEND"].dt) == (starts_at, event.ends_at)
    assert shown["UID"] == f"event-{event.pk}@tickets.example"
    assert shown["SUMMARY"] == "Tides, part 2"
    assert shown["LOCATION"] == "Hall, 1 Test Street, Hamburg"
    assert (shown["GEO"].latitude, shown["GEO"].longitude) == (53.5, 0)
    assert shown["URL"] == f"https://tickets.example/events/{event.slug}/"
    assert shown["DESCRIPTION"] == "Four voices\n\nDoors open at 19:00 (CET)\n\nLoud & long"
    assert shown["STATUS"] == "CONFIRMED"
    assert shown["DTSTAMP"].dt == event.changed_at.replace(microsecond=0)


def test_the_entry_is_about_no_person(client: Client, noon: datetime) -> None:
    content = client.get(address(event_on_sale())).content
    for name in (b"ORGANIZER", b"ATTENDEE", b"CONTACT", b"mailto"):
        assert name not in content


def test_a_change_of_the_event_is_a_change_of_the_same_entry(client: Client, noon: datetime) -> None:
    """U39"""
    event = event_on_sale()
    before = entry(client, event)
    event.starts_at += HOUR
    event.status = Event.Status.CANCELLED
    event.changed_at += HOUR
    Event.objects.filter(pk=event.pk).update(
        starts_at=event.starts_at, status=event.status, changed_at=event.changed_at
    )
    after = entry(client, event)
    assert (after["UID"], after["DTSTART"].dt, after["STATUS"]) == (before["UID"], event.starts_at, "CANCELLED")
    assert after["SEQUENCE"] - before["SEQUENCE"] == 3600


@pytest.mark.parametrize(
    ("starts_at", "shown"),
    [
        (datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN), "02:30 (CEST)"),
        (datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN), "02:30 (CET)"),
        (datetime(2027, 3, 28, 2, 30, tzinfo=BERLIN), "03:30 (CEST)"),
        (datetime(2027, 3, 28, 2, 30, fold=1, tzinfo=BERLIN), "01:30 (CET)"),
    ],
)
def test_page_and_calendar_mean_the_same_moment(
    client: Client, noon: datetime, starts_at: datetime, shown: str
) -> None:
    """R45: hours that exist twice or not at all"""
    event = event_on_sale(starts_at=starts_at.astimezone(UTC), doors_at=starts_at.astimezone(UTC))
    assert shown in text_of(client.get(event.get_absolute_url()))
    found = entry(client, event)
    assert found["DTSTART"].dt == event.starts_at
    assert found["DTSTART"].dt.astimezone(BERLIN).strftime("%H:%M (%Z)") == shown
    assert shown in found["DESCRIPTION"]


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_title_adds_no_line(client: Client, noon: datetime, name: str) -> None:
    """S34"""
    hostile = "A,\r\nATTENDEE:mailto:eve@example.com\nEND:VEVENT\x00\x0b; {{ settings.SECRET_KEY }}"
    event = selling_later(noon, title=hostile.replace("\x00", ""), venue=VenueFactory(name=hostile.replace("\x00", "")))
    shown = entry(client, event, name)
    assert "A, ATTENDEE:mailto:eve@example.com END:VEVENT ; {{ settings.SECRET_KEY }}" in shown["SUMMARY"]
    assert "ATTENDEE" not in shown


# --- The start of sales ---------------------------------------------------------------------------


def test_the_reminder_is_for_the_moment_when_sales_open(client: Client, noon: datetime, settings: Any) -> None:
    settings.SITE_URL = "https://tickets.example"
    event = selling_later(noon, title="Tides")
    shown = entry(client, event, "sales-reminder")
    (alarm,) = shown.walk("VALARM")
    assert (shown["DTSTART"].dt, alarm["TRIGGER"].dt) == (event.sales_start, timedelta(minutes=-15))
    assert shown["UID"] == f"sales-{event.pk}@tickets.example"
    assert shown["SUMMARY"] == "Tickets on sale: Tides"
    assert shown["DESCRIPTION"] == f"Buy tickets at https://tickets.example/events/{event.slug}/"


def test_there_is_no_reminder_of_what_has_begun_or_is_cancelled(client: Client, noon: datetime) -> None:
    at_once, later, cancelled = event_on_sale(), selling_later(noon), selling_later(noon)
    Event.objects.filter(pk=cancelled.pk).update(status="cancelled")
    assert [client.get(address(each, "sales-reminder")).status_code for each in (at_once, later, cancelled)] == [
        404,
        200,
        404,
    ]
    clock.advance(24 * HOUR)
    assert client.get(address(later, "sales-reminder")).status_code == 404


# --- How it is asked for --------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_draft_is_as_unknown_as_what_is_not_there(client: Client, noon: datetime, name: str) -> None:
    """S9, S41"""
    draft = EventFactory(sales_start=noon + HOUR)
    answers = [client.get(address(draft, name)), client.get(reverse(f"events:{name}", args=["none"]))]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize("name", NAMES)
def test_a_file_may_be_kept_for_five_minutes(client: Client, noon: datetime, name: str) -> None:
    event = selling_later(noon)
    response = client.get(address(event, name))
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert {part.strip() for part in response.headers["Cache-Control"].split(",")} == {"public", "max-age=300"}
    assert response.headers["Content-Disposition"].startswith(f'attachment; filename="{event.slug}')
    assert not response.cookies


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_a_calendar_is_for_reading(client: Client, noon: datetime, name: str, method: str) -> None:
    assert getattr(client, method)(address(selling_later(noon), name)).status_code == 405


@pytest.mark.parametrize("name", NAMES)
def test_a_calendar_asks_the_database_once(
    client: Client, noon: datetime, django_assert_num_queries: Any, name: str
) -> None:
    event = selling_later(noon)
    with django_assert_num_queries(1):
        client.get(address(event, name))


@pytest.mark.parametrize("name", NAMES)
def test_no_header_says_where_we_are(client: Client, noon: datetime, settings: Any, name: str) -> None:
    """S5, S48"""
    settings.ALLOWED_HOSTS = ["*"]
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    assert b"evil" not in client.get(address(selling_later(noon), name), headers=headers).content
