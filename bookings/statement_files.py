"""Statements of the bank as CSV: what came in, line by line, and what is wrong with which line."""

import csv
import hashlib
import io
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core import money
from core.cells import meant

COLUMNS = ("date", "amount", "currency", "text", "payer")
NEEDED = ("date", "amount", "text")
MOST_BYTES = 1_000_000
MOST_LINES = 2_000
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y")
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,4})?")
_LONGEST = {"text": 300, "payer": 150}


@dataclass(frozen=True, slots=True)
class Line:
    """Money that came in; `fingerprint` is the same whenever the statement is imported again."""

    booked_on: date
    amount: int
    currency: str
    text: str
    payer: str
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and in which line."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What a file says: what came in, how many lines are of money that went out, and what can't be read."""

    lines: list[Line]
    outgoing: int
    faults: list[Fault]


class Unreadable(Exception):
    """It is no statement; the text says why."""


def read(data: bytes, currency: str) -> Statement:
    """Read a file, whose first line names the columns; amounts without a currency are of this one."""
    table = _table(data)
    lines: list[Line] = []
    faults: list[Fault] = []
    outgoing = 0
    for cells in table:
        try:
            line = _line(cells, currency)
        except ValidationError as error:
            faults.append(Fault(table.line_num, " ".join(error.messages)))
            continue
        if line is None:
            outgoing += 1
        else:
            lines.append(line)
    if len(lines) > MOST_LINES:
        raise Unreadable(_("More than %(most)s lines: please import it in parts.") % {"most": MOST_LINES})
    return Statement(_with_fingerprints(lines), outgoing, faults)


def _table(data: bytes) -> csv.DictReader:
    if len(data) > MOST_BYTES:
        raise Unreadable(_("The file is larger than 1 MB."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    head = text.partition("\n")[0]
    table = csv.DictReader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    table.fieldnames = [name.strip().lower() for name in table.fieldnames or []]
    if missing := [name for name in NEEDED if name not in table.fieldnames]:
        raise Unreadable(_("The first line must name the columns; missing: %(names)s.") % {"names": ", ".join(missing)})
    return table


def _line(cells: dict[str, str | None], currency: str) -> Line | None:
    """Return what a line says, nothing for money that went out. Raises ValidationError."""
    said = {name: meant((cells.get(name) or "").strip()).replace("\x00", "") for name in COLUMNS}
    currency = said["currency"].upper() or currency
    money.validate_currency(currency)
    amount = money.from_decimal(number_meant(said["amount"]), currency)
    if amount <= 0:
        return None
    texts = {name: " ".join(said[name].split())[:most] for name, most in _LONGEST.items()}
    return Line(day_meant(said["date"]), amount, currency, texts["text"], texts["payer"])


def day_meant(written: str) -> date:
    """Read a day as it is written in most of the world, 2026-11-28 or 28.11.2026. Raises ValidationError."""
    for pattern in _DATES:
        try:
            return datetime.strptime(written, pattern).date()  # noqa: DTZ007 - a bank's day has no zone
        except ValueError:
            continue
    raise ValidationError(_("“%(text)s” is no date."), params={"text": written[:40]})


def number_meant(written: str) -> Decimal:
    """Read 1234.56, 1,234.56 and 1.234,56 alike: what comes last parts the decimals. Raises ValidationError."""
    plain = written.replace(" ", "").replace("\u00a0", "").replace("'", "")
    thousands = "." if plain.rfind(",") > plain.rfind(".") else ","
    plain = plain.replace(thousands, "").replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        raise ValidationError(_("“%(text)s” is no amount."), params={"text": written[:40]})
    return Decimal(plain)


def _with_fingerprints(lines: list[Line]) -> list[Line]:
    """Tell lines apart that say the same: the second transfer of a day is another one, a second import isn't."""
    seen: Counter[Line] = Counter()
    found = []
    for line in lines:
        seen[line] += 1
        told = [line.booked_on.isoformat(), str(line.amount), line.currency, line.text, line.payer, str(seen[line])]
        digest = hashlib.sha256("\x1f".join(told).encode()).hexdigest()
        found.append(Line(line.booked_on, line.amount, line.currency, line.text, line.payer, digest))
    return found
