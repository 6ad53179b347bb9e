"""Dates and times as people of a language write them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from core import dates

EVENING = datetime(2026, 11, 28, 19, 5, tzinfo=UTC)
BERLIN = EVENING.astimezone(ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("language", "written"),
    [
        (
            "en",
            {
                "day": "Sat, 28 Nov 2026",
                "short_day": "Sat 28 Nov",
                "long_day": "Saturday, 28 November 2026",
                "clock_time": "20:05",
            },
        ),
        (
            "de",
            {
                "day": "Sa., 28. Nov. 2026",
                "short_day": "Sa., 28. Nov.",
                "long_day": "Samstag, 28. November 2026",
                "clock_time": "20:05",
            },
        ),
        (
            "es",
            {
                "day": "sáb, 28 nov 2026",
                "short_day": "sáb, 28 nov",
                "long_day": "sábado, 28 de noviembre de 2026",
                "clock_time": "20:05",
            },
        ),
    ],
)
def test_a_moment_is_written_as_its_language_does(language: str, written: dict[str, str]) -> None:
    """U3: the day before the month, and 24 hours, in all of them"""
    with translation.override(language):
        assert {name: getattr(dates, name)(BERLIN) for name in written} == written
        assert dates.in_zone(EVENING, "Europe/Berlin") == f"{written['day']}, {written['clock_time']} (CET)"


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_a_day_without_a_time_is_written_like_one_with(language: str) -> None:
    with translation.override(language):
        for name in ("day", "short_day", "long_day"):
            assert getattr(dates, name)(date(2026, 11, 28)) == getattr(dates, name)(BERLIN)


def test_without_a_language_dates_are_english() -> None:
    """Tasks and commands have none."""
    with translation.override(None):
        assert dates.day(BERLIN) == "Sat, 28 Nov 2026"


@pytest.mark.parametrize(
    ("moment", "text"), [(datetime(2026, 6, 1, 0, 0), "00:00"), (datetime(2026, 6, 1, 9, 7, 59), "09:07")]
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_time_has_two_digits_each(language: str, moment: datetime, text: str) -> None:
    with translation.override(language):
        assert dates.clock_time(moment) == text


@pytest.mark.parametrize(
    ("time", "english", "german", "spanish"),
    [
        (timedelta(minutes=1), "1 minute", "1 Minute", "1 minuto"),
        (timedelta(minutes=45), "45 minutes", "45 Minuten", "45 minutos"),
        (timedelta(hours=1), "1 hour", "1 Stunde", "1 hora"),
        (timedelta(hours=2, minutes=30), "2 hours 30 minutes", "2 Stunden 30 Minuten", "2 horas 30 minutos"),
        (timedelta(minutes=59, seconds=40), "1 hour", "1 Stunde", "1 hora"),
        (timedelta(days=3), "72 hours", "72 Stunden", "72 horas"),
    ],
)
def test_a_length_is_told_in_hours_and_minutes(time: timedelta, english: str, german: str, spanish: str) -> None:
    told = {}
    for language in ("en", "de", "es"):
        with translation.override(language):
            told[language] = dates.length(time)
    assert told == {"en": english, "de": german, "es": spanish}


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Europe/Berlin", "Mon, 1 Jun 2026, 14:00 (CEST)"),
        ("Europe/London", "Mon, 1 Jun 2026, 13:00 (BST)"),
        ("America/New_York", "Mon, 1 Jun 2026, 08:00 (EDT)"),
        ("America/Sao_Paulo", "Mon, 1 Jun 2026, 09:00 (UTC-03)"),
        ("Asia/Kathmandu", "Mon, 1 Jun 2026, 17:45 (UTC+0545)"),
        ("Pacific/Chatham", "Tue, 2 Jun 2026, 00:45 (UTC+1245)"),
        ("UTC", "Mon, 1 Jun 2026, 12:00 (UTC)"),
    ],
)
def test_a_zone_is_named_even_if_it_has_no_name(zone: str, text: str) -> None:
    """U3"""
    assert dates.in_zone(datetime(2026, 6, 1, 12, tzinfo=UTC), zone) == text


def test_an_hour_that_exists_twice_is_told_apart_and_one_that_does_not_is_never_told() -> None:
    """R45: Berlin puts its clocks back on 25 October 2026 and forward on 28 March 2027"""
    autumn, spring = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    hour = timedelta(hours=1)
    told = [dates.in_zone(moment, "Europe/Berlin") for moment in (autumn, autumn + hour, spring, spring + hour)]
    assert told == [
        "Sun, 25 Oct 2026, 02:30 (CEST)",
        "Sun, 25 Oct 2026, 02:30 (CET)",
        "Sun, 28 Mar 2027, 01:30 (CET)",
        "Sun, 28 Mar 2027, 03:30 (CEST)",
    ]
