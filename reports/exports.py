"""Reports as spreadsheets."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from core.cells import neutral
from core.text import writable

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def xlsx_response(name: str, header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """Return the rows as a file `name`.xlsx: numbers, moments by the clocks they come in, texts no formulas."""
    response = HttpResponse(xlsx(header, rows), content_type=TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    response["Cache-Control"] = "no-store, private"
    return response


def xlsx(header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> bytes:
    """Return the file. Row by row, so that memory holds the compressed file and no cells."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append([_bold(sheet, str(each)) for each in header])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _bold(sheet: Any, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    match value:
        case Decimal():
            cell = WriteOnlyCell(sheet, value)
            cell.number_format = f"#,##0.{'0' * -int(value.as_tuple().exponent)}".rstrip(".")
            return cell
        case datetime():
            return value.replace(tzinfo=None)  # spreadsheets know no zones
        case None | int() | float():
            return value
    return neutral(writable(str(value)))
