"""Calendar files (RFC 5545): one entry or many, to be read as the same moments by any calendar."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import icalendar
from django.conf import settings
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from core.http import absolute
from core.text import one_line, writable

CONTENT_TYPE = "text/calendar; charset=utf-8"
NEAR = timedelta(hours=3)
REFRESHED = timedelta(hours=1)
"""So often programs should ask again that are subscribed to a calendar."""
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    What a calendar shows. `name` is unique among our entries and never changes, so that a later file
    replaces the entry of an earlier one; which is later is told by `changed_at`.
    """

    name: str
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    changed_at: datetime
    url: str
    description: str
    place: str = ""
    position: tuple[float, float] | None = None
    is_cancelled: bool = False
    is_private: bool = False
    blocks_time: bool = True
    remind_before: timedelta | None = None


def written(*entries: Entry, title: str = "") -> bytes:
    """Return the entries as a file, with the definitions of their time zones; a title is for who subscribes to it."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Stagedoor//Box office//EN")
    calendar.add("version", "2.0")
    if title:
        calendar.calendar_name = one_line(title)
        calendar.add("refresh-interval", REFRESHED, parameters={"value": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry))
    for name in calendar.get_missing_tzids():
        calendar.subcomponents.insert(0, _zone_definition(name))  # some programs read only forwards
    return calendar.to_ical()


def file_response(entry: Entry, filename: str) -> HttpResponse:
    """The entry as a download, which phones and mail programs open in their calendar."""
    return response(written(entry), filename)


def response(content: bytes, filename: str) -> HttpResponse:
    """A calendar file as a download."""
    disposition = content_disposition_header(as_attachment=True, filename=filename)
    return HttpResponse(
        content, content_type=CONTENT_TYPE, headers={"Content-Disposition": disposition or "attachment"}
    )


def subscription(path: str) -> str:
    """Return the address that lets a calendar program subscribe: it asks there again and again."""
    return f"webcal:{absolute(path).partition(':')[2]}"


def sequence(changed_at: datetime) -> int:
    """
    Return the revision number: seconds since 2020, so that every change has a greater one.

    Calendars only compare it, and nobody has to count; 31 bits last until 2088. Two changes within a second
    share one, and are told apart by DTSTAMP, which in a file without METHOD is the time of the last change.
    """
    return max(0, (changed_at - _EPOCH) // timedelta(seconds=1))


def _event(entry: Entry) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{entry.name}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", sequence(entry.changed_at))
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    zone = UTC if _near_change(entry.starts_at, entry.zone) or _near_change(entry.ends_at, entry.zone) else entry.zone
    event.add("dtstart", entry.starts_at.astimezone(zone))
    event.add("dtend", entry.ends_at.astimezone(zone))
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("summary", one_line(entry.title))
    event.add("description", writable(entry.description))
    event.add("url", entry.url)
    if entry.place:
        event.add("location", one_line(entry.place))
    if entry.position:
        event.add("geo", entry.position)
    if entry.is_private:
        event.add("class", "PRIVATE")
    if not entry.blocks_time:
        event.add("transp", "TRANSPARENT")
    if entry.remind_before:
        event.add_component(_alarm(entry, entry.remind_before))
    return event


def _alarm(entry: Entry, before: timedelta) -> icalendar.Alarm:
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -before)
    alarm.add("description", one_line(entry.title))
    return alarm


def _near_change(moment: datetime, zone: ZoneInfo) -> bool:
    """
    Whether the zone's clocks are changed about then; such times are written in UTC (R45).

    Of a local time that exists twice the format can only name the first, and programs differ about
    which hour around a change is whose.
    """
    return (moment - NEAR).astimezone(zone).utcoffset() != (moment + NEAR).astimezone(zone).utcoffset()


@lru_cache(maxsize=64)  # found by trying out seventy years: up to 20 ms
def _zone_definition(name: str) -> icalendar.Timezone:
    return icalendar.Timezone.from_tzid(name)
