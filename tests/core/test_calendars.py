"""Calendar files: the same moments in every calendar, and no title that becomes a line of its own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from core.calendars import Entry, file_response, sequence, written

BERLIN = ZoneInfo("Europe/Berlin")
ENTRY = Entry(
    name="event-7",
    title="Tides",
    starts_at=datetime(2026, 11, 28, 19, tzinfo=UTC),
    ends_at=datetime(2026, 11, 28, 22, tzinfo=UTC),
    zone=BERLIN,
    changed_at=datetime(2026, 6, 1, 12, 0, 1, 500, tzinfo=UTC),
    url="https://tickets.example/events/tides/",
    description="Loud",
    place="Hall, 1 Test Street, Hamburg",
    position=(53.5, 10.0),
)


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.SITE_URL = "https://tickets.example:8443"


def lines_of(entry: Entry) -> list[str]:
    """The entry's own lines, unfolded."""
    text = written(entry).decode().replace("\r\n ", "")
    return text.partition("BEGIN:VEVENT\r\n")[2].partition("\r\nEND:VEVENT\r\n")[0].split("\r\n")


def read(entry: Entry) -> icalendar.Event:
    return icalendar.Calendar.from_ical(written(entry)).events[0]


def test_an_entry_says_what_when_and_where() -> None:
    """U33, U34"""
    assert sorted(lines_of(ENTRY)) == [
        "DESCRIPTION:Loud",
        "DTEND;TZID=Europe/Berlin:20261128T230000",
        "DTSTAMP:20260601T120001Z",
        "DTSTART;TZID=Europe/Berlin:20261128T200000",
        "GEO:53.5;10.0",
        "LOCATION:Hall\\, 1 Test Street\\, Hamburg",
        "SEQUENCE:202478401",
        "STATUS:CONFIRMED",
        "SUMMARY:Tides",
        "UID:event-7@tickets.example",
        "URL:https://tickets.example/events/tides/",
    ]


def test_a_later_file_of_the_same_entry_has_the_same_name_and_a_greater_number() -> None:
    """U39"""
    moved = replace(
        ENTRY, starts_at=ENTRY.starts_at + timedelta(hours=1), changed_at=ENTRY.changed_at + timedelta(days=1)
    )
    first, second = read(ENTRY), read(moved)
    assert first["UID"] == second["UID"]
    assert first["SEQUENCE"] < second["SEQUENCE"]
    assert first["DTSTAMP"].dt < second["DTSTAMP"].dt


def test_a_number_of_a_revision_fits_every_calendar() -> None:
    assert sequence(datetime(2019, 1, 1, tzinfo=UTC)) == 0
    assert sequence(datetime(2087, 1, 1, tzinfo=UTC)) < 2**31


def test_a_zone_is_defined_before_it_is_used() -> None:
    file = written(ENTRY)
    assert file.index(b"BEGIN:VTIMEZONE") < file.index(b"BEGIN:VEVENT")
    assert file == written(ENTRY)


def test_what_is_cancelled_says_so() -> None:
    """U39"""
    assert read(replace(ENTRY, is_cancelled=True))["STATUS"] == "CANCELLED"


def test_what_is_not_known_is_left_out() -> None:
    shown = read(replace(ENTRY, place="", position=None))
    assert not {"LOCATION", "GEO", "CLASS", "TRANSP"} & set(shown)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("A\r\nEND:VEVENT\r\nBEGIN:VEVENT", "A END:VEVENT BEGIN:VEVENT"),
        ("A\nATTENDEE:mailto:eve@example.com", "A ATTENDEE:mailto:eve@example.com"),
        ("A\rB", "A B"),
        ("A\x85B", "A B"),
        ("A\u2028B", "A B"),
        ("A\x00\x0b\x1f\x07B", "A B"),
    ],
)
def test_a_title_is_one_line(title: str, shown: str) -> None:
    """S34"""
    entry = replace(ENTRY, title=title, place=title)
    assert [line.partition(":")[0] for line in lines_of(entry)] == [line.partition(":")[0] for line in lines_of(ENTRY)]
    assert read(entry)["SUMMARY"] == read(entry)["LOCATION"] == shown


@pytest.mark.parametrize("text", ["a, b; c", "a\\nb", "a:b", '"a"', "{{ settings.SECRET_KEY }}", "ü" * 200, "^n"])
def test_other_signs_arrive_as_they_were(text: str) -> None:
    """S32, S34"""
    shown = read(replace(ENTRY, title=text, description=f"{text}\n\n{text}"))
    assert shown["SUMMARY"] == text
    assert shown["DESCRIPTION"] == f"{text}\n\n{text}"


def test_no_line_is_longer_than_calendars_read() -> None:
    assert max(len(line) for line in written(replace(ENTRY, description="ü" * 5_000)).split(b"\r\n")) <= 75


# --- Time (R45) -----------------------------------------------------------------------------------

ZONES = "Europe/Berlin Europe/Dublin America/New_York Australia/Lord_Howe Asia/Kathmandu Africa/Casablanca UTC".split()


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("month", range(1, 13))
def test_a_moment_is_the_same_by_the_name_of_the_zone_and_by_its_definition(zone: str, month: int) -> None:
    starts_at = datetime(2027, month, 15, 18, 30, tzinfo=UTC)
    file = written(replace(ENTRY, zone=ZoneInfo(zone), starts_at=starts_at, ends_at=starts_at + timedelta(hours=2)))
    calendar = icalendar.Calendar.from_ical(file)
    start = calendar.events[0]["DTSTART"].dt
    assert start == starts_at
    assert start.replace(tzinfo=None) == starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if zone == "UTC":
        assert calendar.timezones == []
    else:
        assert [each["TZID"] for each in calendar.timezones] == [zone]
        assert start.replace(tzinfo=calendar.timezones[0].to_tz()) == starts_at


@pytest.mark.parametrize(
    "starts_at",
    [
        datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN),
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN),
        datetime(2027, 3, 28, 2, 30, tzinfo=BERLIN),
        datetime(2027, 3, 28, 2, 30, fold=1, tzinfo=BERLIN),
        datetime(2027, 3, 28, 1, 30, tzinfo=BERLIN),
        datetime(2026, 10, 24, 23, tzinfo=BERLIN),
    ],
    ids=str,
)
def test_around_a_change_of_the_clocks_nothing_is_left_to_be_guessed(starts_at: datetime) -> None:
    """R45: also for what ends there"""
    starts_at = starts_at.astimezone(UTC)
    shown = read(replace(ENTRY, starts_at=starts_at, ends_at=starts_at + timedelta(hours=3)))
    assert (shown["DTSTART"].dt, shown["DTEND"].dt) == (starts_at, starts_at + timedelta(hours=3))
    assert {shown[name].dt.tzname() for name in ("DTSTART", "DTEND")} == {"UTC"}
    assert not {"TZID"} & (set(shown["DTSTART"].params) | set(shown["DTEND"].params))


# --- The download ---------------------------------------------------------------------------------


def test_a_file_is_opened_by_calendars() -> None:
    response = file_response(ENTRY, "tides.ics")
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="tides.ics"'
    assert response.content == written(ENTRY)


def test_a_reminder_rings_before() -> None:
    shown = read(replace(ENTRY, remind_before=timedelta(minutes=15), blocks_time=False))
    (alarm,) = shown.walk("VALARM")
    assert (alarm["ACTION"], alarm["TRIGGER"].dt, alarm["DESCRIPTION"]) == ("DISPLAY", timedelta(minutes=-15), "Tides")
    assert shown["TRANSP"] == "TRANSPARENT"
