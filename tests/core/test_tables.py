"""Tables that are sent as files."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

from django.http import StreamingHttpResponse

from core.tables import CHUNK, csv_parts, csv_response


def read(response: StreamingHttpResponse) -> list[list[str]]:
    """Return the cells as a spreadsheet reads them."""
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_each_kind_of_value_is_written_so_that_a_spreadsheet_reads_it() -> None:
    """S31: texts are no formulas; numbers below zero stay numbers."""
    row = ["=1+1", "Zoë, “x”", -5, Decimal("-84.10"), Decimal("1E+3"), datetime(2026, 6, 1, 12, tzinfo=UTC), None]
    response = csv_response("bookings", ["a", "-b"], [row, [date(2026, 6, 1), "two\nlines"]])
    assert read(response) == [
        ["a", "'-b"],
        ["'=1+1", "Zoë, “x”", "-5", "-84.10", "1000", "2026-06-01 12:00:00+00:00", ""],
        ["2026-06-01", "two\nlines"],
    ]
    assert response["Content-Disposition"] == 'attachment; filename="bookings.csv"'
    assert "no-store" in response["Cache-Control"]


def test_rows_are_read_while_they_are_sent() -> None:
    """Flat memory: no more rows are asked for than are sent next."""
    asked = 0

    def rows() -> Iterator[list[int]]:
        nonlocal asked
        for asked in range(1, 10 * CHUNK):
            yield [asked]

    parts = csv_parts(["n"], rows())
    next(parts)
    assert asked < CHUNK
