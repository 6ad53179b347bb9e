"""Files of other systems as lines of named cells: CSV, and the first sheet of an XLSX."""

import codecs
import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

import openpyxl
from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.cells import meant
from core.refusals import Refusal
from core.search import folded
from core.text import writable

MOST_BYTES = 5_000_000
MOST_UNPACKED = 50_000_000
"""A sheet is packed; what it is unpacked is bounded before it is."""
MOST_LINES = 20_000
MOST_COLUMNS = 60
MOST_SIGNS = 20_000
"""In one cell: more is no description any more."""

SIGNS = ",;\t|"
"""What may stand between cells."""

_XLSX, _XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Column:
    """One of the columns that we know. `called` are the names that it may have in files, besides ours."""

    name: str
    label: str | Promise
    help: str | Promise = ""
    example: str = ""
    needed: bool = False
    called: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line, by its number in the file, with its cells by the names of our columns; an empty one isn't there."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """What a file says: which of our columns it has, which it has that we don't know, and its lines."""

    columns: list[str]
    passed_over: list[str]
    lines: list[Line]


class Unreadable(Refusal):
    """It can't be read at all; the text says why, and where."""

    status = 422


def read(data: bytes, columns: Sequence[Column]) -> Table:
    """Read a file whose first line names the columns. Raises Unreadable."""
    if len(data) > MOST_BYTES:
        raise Unreadable(_("The file is larger than %(most)s MB.") % {"most": MOST_BYTES // 1_000_000})
    if data.startswith(_XLS):
        raise Unreadable(_("This is a spreadsheet of an old kind: save it as XLSX or CSV."))
    rows = enumerate(_sheet(data) if data.startswith(_XLSX) else _csv(data), start=1)
    head = next((cells for _number, cells in rows if any(cells)), [])
    names, passed_over = _named(head, columns)
    lines = list(_lines(rows, head, names))
    if not lines:
        raise Unreadable(_("There are no lines below the names of the columns."))
    return Table([name for name in names if name], passed_over, lines)


def _lines(rows: Iterable[tuple[int, list[str]]], head: list[str], names: list[str | None]) -> Iterator[Line]:
    count = 0
    for number, cells in rows:
        if not any(cells):
            continue
        count += 1
        if count > MOST_LINES:
            raise Unreadable(_("More than %(most)s lines: please import it in parts.") % {"most": MOST_LINES})
        if any(cells[len(names) :]):
            raise Unreadable(_("Line %(line)s has more cells than there are columns.") % {"line": number})
        said = zip(names, head, cells, strict=False)
        yield Line(
            number, {name: text for name, called, cell in said if name and (text := _text(number, called, cell))}
        )


def _text(number: int, column: str, cell: str) -> str:
    text = meant(cell).replace("\r\n", "\n").strip()
    where = {"line": number, "column": column.strip()[:60]}
    if len(text) > MOST_SIGNS:
        raise Unreadable(_("Line %(line)s, column “%(column)s”: this text is too long.") % where)
    if writable(text) != text:
        raise Unreadable(_("Line %(line)s, column “%(column)s”: there is a sign that can't be written.") % where)
    return text


# --- The names of columns ----------------------------------------------------------------------------


def bare(text: str) -> str:
    """Return what is left of a name when people write it as they like: letters and digits."""
    return re.sub(r"[\W_]", "", folded(text))


def names_in_all_languages(label: str | Promise) -> set[str]:
    """Return what something is called in each of our languages, as `bare` leaves it."""
    found = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.add(bare(str(label)))
    return found


@lru_cache(maxsize=16)
def _by_name(columns: tuple[Column, ...]) -> dict[str, str]:
    known: dict[str, str] = {}
    for column in columns:
        for name in {bare(column.name), *map(bare, column.called), *names_in_all_languages(column.label)}:
            known.setdefault(name, column.name)
    return known


def _named(head: list[str], columns: Sequence[Column]) -> tuple[list[str | None], list[str]]:
    """Return the name of each of a file's columns, none where we know it not, and what those are called."""
    known = _by_name(tuple(columns))
    names = [known.get(bare(cell)) for cell in head]
    for name in known.values():
        if names.count(name) > 1:
            raise Unreadable(_("Two columns are called “%(name)s”.") % {"name": name})
    if missing := [column.name for column in columns if column.needed and column.name not in names]:
        raise Unreadable(_("The first line must name the columns; missing: %(names)s.") % {"names": ", ".join(missing)})
    unknown = [writable(cell).strip()[:60] for cell, name in zip(head, names, strict=True) if not name]
    return names, [cell for cell in unknown if cell]


# --- CSV ---------------------------------------------------------------------------------------------


def _csv(data: bytes) -> Iterator[list[str]]:
    text = _decoded(data)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for cells in table:
            yield [] if table.line_num == 1 and _said_sign(text) else cells
            if len(cells) > 10 * MOST_COLUMNS:
                raise Unreadable(_("Line %(line)s has too many cells.") % {"line": table.line_num})
    except csv.Error as error:
        sentence = _("Line %(line)s can't be read as CSV, perhaps for a quote too many.")
        raise Unreadable(sentence % {"line": table.line_num}) from error


def _decoded(data: bytes) -> str:
    """Spreadsheets write UTF-8, UTF-16 with a mark, or as Windows did; a file that mixes these is nobody's guess."""
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        if not marked and data.decode(errors="ignore").isascii():
            with suppress(UnicodeDecodeError):
                return data.decode("cp1252")
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            _("Line %(line)s is not UTF-8: save the file as UTF-8, or as XLSX.") % {"line": line}
        ) from error


def _delimiter(text: str) -> str:
    """Return the sign that parts most in the line that names the columns, or that the file itself names."""
    head = next((line for line in text.splitlines() if line.strip(SIGNS + " ")), "")
    return _said_sign(text) or max(SIGNS, key=head.count)


def _said_sign(text: str) -> str:
    """Return what Excel says in a first line such as sep=; if there is one."""
    found = re.match(rf"sep=([{SIGNS}])\r?\n", text, re.IGNORECASE)
    return found[1] if found else ""


# --- XLSX --------------------------------------------------------------------------------------------


def _sheet(data: bytes) -> Iterator[list[str]]:
    try:
        with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(data)) as packed:
            warnings.simplefilter("ignore")  # of styles, which nobody asks for
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise Unreadable(_("Unpacked, the spreadsheet is too large. Save it as CSV."))
            yield from _cells(data)
    except Refusal:
        raise
    except Exception as error:
        raise Unreadable(_("This can't be read as a spreadsheet. Save it as CSV.")) from error


def _cells(data: bytes) -> Iterator[list[str]]:
    """Read row by row; what the file says of its own size is not believed."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    sheet = book.worksheets[0]
    sheet.reset_dimensions()
    try:
        for row in sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True):
            yield _trimmed([_written(value) for value in row])
    finally:
        book.close()


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _written(value: Any) -> str:
    """Return a cell's value as people would type it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer() and abs(value) < 10**15:
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "seconds" if value.second else "minutes")
        case date() | time():
            return value.isoformat()
    return str(value)
