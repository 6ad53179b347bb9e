"""`manage.py report`: figures on the command line, the same as on the pages."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import batched, chain
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organization
from core.tables import csv_parts
from events.models import Event
from reports.periods import EARLIEST, LATEST, Days
from reports.queries import bookings
from reports.queries.facts import Span
from reports.queries.occupancy import Places, occupancy
from reports.queries.revenue import By, Only, revenue
from reports.tables import Column, Kind, Table, header, occupancy_table, records, tables_of

BOM = "\ufeff"
"""By which spreadsheets know the encoding; other programs take it for a part of the first name."""

PAGE = 1_000
"""So many rows of a table are laid out together."""

EVERY = 10_000
"""So often progress is told."""


def wrong(said: str) -> CommandError:
    """Like what argparse itself refuses: the command ends with 2."""
    return CommandError(said, returncode=2)


def day(option: str, text: str) -> date:
    """Return the day that was given, or say what is wrong with it."""
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise wrong(f"{option}: {text} is no day. Write it as 2026-12-31.") from error
    if not EARLIEST <= found <= LATEST:
        raise wrong(f"{option}: {text} is not between {EARLIEST} and {LATEST}.")
    return found


class Command(BaseCommand):
    """Reads only. Amounts are in units of their currency, which stands beside them."""

    help = "Print revenue, occupancy, bookings or how a house is doing, as a table, CSV or JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("report", choices=["revenue", "occupancy", "bookings", "stats"])
        parser.add_argument("--from", dest="first", metavar="DAY", help="the first day, as 2026-12-01")
        parser.add_argument("--to", dest="last", metavar="DAY", help="the last day, as 2026-12-31")
        parser.add_argument("--by", choices=By.values, help="what revenue is added up by (month)")
        parser.add_argument("--format", choices=["table", "csv", "json"], default="table")
        parser.add_argument("--organization", metavar="SLUG", help="whose figures, if there are several houses")
        parser.add_argument("--output", metavar="FILE", help="write there instead")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = self._organization(options["organization"])
        given = {"--from": options["first"], "--to": options["last"]}
        days = Days(*(text and day(option, text) for option, text in given.items()))
        if days.first and days.last and days.first > days.last:
            raise wrong("--to is before --from.")
        if options["by"] and options["report"] != "revenue":
            raise wrong("--by is for revenue.")
        names, rows = getattr(self, f"_{options['report']}")(organization, days, By(options["by"] or By.MONTH))
        if options["output"]:
            with open(options["output"], "w", encoding="utf-8", newline="") as file:
                self._write(file, options["format"], names, rows)
        else:
            self._write(self.stdout, options["format"], names, rows)

    def _organization(self, slug: str | None) -> Organization:
        found = Organization.objects.order_by("slug")
        if slug:
            found = found.filter(slug=slug)
        houses = list(found[:2])
        if len(houses) == 1:
            return houses[0]
        names = ", ".join(Organization.objects.order_by("slug").values_list("slug", flat=True)) or "none"
        raise wrong(f"Say whose figures with --organization: {names}.")

    def _revenue(self, organization: Organization, days: Days, by: By) -> tuple[list[str], Iterable[list[Any]]]:
        return _both(tables_of(by, revenue([organization], by, Only(days.first, days.last))))

    def _occupancy(self, organization: Organization, days: Days, _by: By) -> tuple[list[str], Iterable[list[Any]]]:
        """Of events that begin on these days by the clocks of their venues."""
        events = Event.objects.filter(organization=organization).exclude(status=Event.Status.DRAFT)
        near = days.widened(timedelta(days=1))
        events = Span.of_days(organization, near.first, near.last).holding(events, "starts_at")
        places = occupancy(organization, events)
        begun = (
            each for each in events.select_related("venue").order_by("starts_at", "pk") if days.hold(_begins(each))
        )
        rows = ((each.pk, each.dated, places.get(each.pk, Places())) for each in begun)
        return _both([occupancy_table(Column("event", "event", Kind.TEXT), rows)])

    def _bookings(self, organization: Organization, days: Days, _by: By) -> tuple[list[str], Iterable[list[Any]]]:
        rows = bookings.lines(bookings.reserved_on(organization, days), organization)
        return bookings.header(), self._told(rows)

    def _stats(self, organization: Organization, days: Days, _by: By) -> tuple[list[str], Iterable[list[Any]]]:
        """How a house is doing: everything together."""
        return _both(tables_of(By.ORGANIZER, revenue([organization], By.ORGANIZER, Only(days.first, days.last))))

    def _told(self, rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
        for number, row in enumerate(rows, start=1):
            if number % EVERY == 0:
                self.stderr.write(f"{number} rows")
            yield row

    def _write(self, to: TextIO | Any, kind: str, names: Sequence[str], rows: Iterable[list[Any]]) -> None:
        if kind == "csv":
            for part in csv_parts(names, rows):
                to.write(part.removeprefix(BOM), **({"ending": ""} if to is self.stdout else {}))
        elif kind == "json":
            for part in _json(names, rows):
                to.write(part, **({"ending": ""} if to is self.stdout else {}))
        else:
            for line in _aligned(names, rows):
                to.write(line if to is self.stdout else f"{line}\n")


def _begins(event: Event) -> date:
    return event.starts_at.astimezone(ZoneInfo(event.venue.time_zone)).date()


def _both(tables: list[Table]) -> tuple[list[str], Iterable[list[Any]]]:
    return header(tables), records(tables)


def _json(names: Sequence[str], rows: Iterable[list[Any]]) -> Iterator[str]:
    """A list, row by row, so that a million needs no memory."""
    before = "["
    for row in rows:
        yield f"{before}\n{json.dumps(dict(zip(names, row, strict=True)), default=_jsonable)}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def _jsonable(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _aligned(names: Sequence[str], rows: Iterable[list[Any]]) -> Iterator[str]:
    """Columns below one another, numbers at the right; of many rows each page by itself, below its own head."""
    if not names:
        yield "Nothing."
        return
    pages = batched(rows, PAGE)
    for page in chain([next(pages, ())], pages):
        yield from _page(names, page)


def _page(names: Sequence[str], rows: Iterable[list[Any]]) -> Iterator[str]:
    cells = [list(names), *([_text(value) for value in row] for row in rows)]
    kinds = [True] * len(names)
    widths = [max(len(row[column]) for row in cells) for column in range(len(names))]
    for row in cells[1:]:
        kinds = [number and _is_number(text) for number, text in zip(kinds, row, strict=True)]
    for row in cells:
        pairs = zip(row, widths, kinds, strict=True)
        yield "  ".join(text.rjust(width) if number else text.ljust(width) for text, width, number in pairs).rstrip()


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return "" if value is None else str(value)


def _is_number(text: str) -> bool:
    try:
        Decimal(text or "0")
    except ArithmeticError:
        return False
    return True
