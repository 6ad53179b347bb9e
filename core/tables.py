"""Tables that people take along: CSV, row by row, so that a hundred thousand of them need no more memory than one."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse

from core.cells import neutral

CHUNK = 200
"""So many rows are sent at once: one by one, most of the time would go into sending."""


class _Line:
    """What `csv` writes to: it hands the line back."""

    def write(self, text: str) -> str:
        return text


def csv_response(name: str, header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """
    Return the rows as a file `name`.csv, which is read while it is sent.

    Texts are kept from being formulas (S31); numbers stay numbers, moments are written with their offset.
    """
    response = StreamingHttpResponse(csv_parts(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store, private"
    return response


def csv_parts(header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Return the lines, many at a time. The first sign tells spreadsheets that it is UTF-8."""
    writer = csv.writer(_Line())
    part = ["\ufeff", writer.writerow([cell(each) for each in header])]
    for row in rows:
        part.append(writer.writerow([cell(each) for each in row]))
        if len(part) >= CHUNK:
            yield "".join(part)
            part = []
    if part:
        yield "".join(part)


def cell(value: Any) -> str:
    """Return what to write for a value."""
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case date():
            return value.isoformat()
        case int() | float():
            return str(value)
        case Decimal():
            return format(value, "f")
    return neutral(str(value))
