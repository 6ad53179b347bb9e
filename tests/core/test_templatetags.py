"""How values are written."""

from datetime import UTC, datetime

import pytest

from core.templatetags.stagedoor import in_zone, markdown, money, time_in_zone


@pytest.mark.parametrize(
    ("moment", "zone", "text"),
    [
        (datetime(2026, 11, 28, 19, tzinfo=UTC), "Europe/Berlin", "Sat, 28 Nov 2026, 20:00 (CET)"),
        (datetime(2026, 7, 1, 18, tzinfo=UTC), "Europe/Berlin", "Wed, 1 Jul 2026, 20:00 (CEST)"),
        # R45: the hour that Berlin lives twice is told apart.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin", "Sun, 25 Oct 2026, 02:30 (CEST)"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Berlin", "Sun, 25 Oct 2026, 02:30 (CET)"),
        (datetime(2026, 12, 31, 23, tzinfo=UTC), "Asia/Tokyo", "Fri, 1 Jan 2027, 08:00 (JST)"),
        (datetime(2026, 6, 1, 12, tzinfo=UTC), "America/Sao_Paulo", "Mon, 1 Jun 2026, 09:00 (UTC-03)"),
    ],
)
def test_a_moment_is_told_in_its_zone_with_the_label(moment: datetime, zone: str, text: str) -> None:
    """U3"""
    assert in_zone(moment, zone) == text
    assert time_in_zone(moment, zone) == text.rpartition(", ")[2]


def test_money_and_markdown_are_those_of_core() -> None:
    assert money(8_400, "EUR") == "€84.00"
    assert markdown("*x*") == "<p><em>x</em></p>\n"
