"""
Reports as tables: the same rows for the page, for the files that people take along and for the command line, so that
an export equals the screen (U50).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organization
from core import dates, money
from core.templatetags.stagedoor import number
from reports.queries.cash import Moved
from reports.queries.customers import Customer
from reports.queries.facts import Sums
from reports.queries.occupancy import Places
from reports.queries.revenue import By, Only, Row, revenue


class Kind(Enum):
    """What is in a column."""

    TEXT = "text"
    COUNT = "count"
    AMOUNT = "amount"  # in the smallest unit of the table's currency
    PERCENT = "percent"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what files call it, what people do."""

    name: str
    label: str | Promise
    kind: Kind = Kind.COUNT


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one currency, or of none; `keys` say what each row is about, `total` is all of them together."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    currency: str = ""
    keys: Sequence[Any] = field(default_factory=list)
    total: Sequence[Any] | None = None

    def said(self, row: Sequence[Any]) -> list[tuple[str, bool]]:
        """Return the cells of a row as people read them, and which are numbers."""
        pairs = zip(self.columns, row, strict=True)
        return [(_said(column.kind, value, self.currency), column.kind != Kind.TEXT) for column, value in pairs]

    def lines(self) -> Iterator[tuple[Any, list[tuple[str, bool]]]]:
        """Return each row's key and cells."""
        for key, row in zip(self.keys, self.rows, strict=True):
            yield key, self.said(row)

    @property
    def total_line(self) -> list[tuple[str, bool]]:
        """The cells of all together."""
        return self.said(self.total) if self.total else []


def _said(kind: Kind, value: Any, currency: str) -> str:
    if value is None:
        return "–"
    match kind:
        case Kind.COUNT:
            return number(value)
        case Kind.AMOUNT:
            return money.formatted(value, currency)
        case Kind.PERCENT:
            return f"{value} %"
        case Kind.MOMENT:
            return f"{dates.day(value)}, {dates.clock_time(value)}"
    return str(value)


def header(tables: Iterable[Table]) -> list[str]:
    """Return what the columns of a file are called, in English for whatever reads it."""
    first = next(iter(tables), None)
    if first is None:
        return []
    return [*(["currency"] if first.currency else []), *(column.name for column in first.columns)]


def records(tables: Iterable[Table]) -> Iterator[list[Any]]:
    """Return the rows of all tables as files have them: amounts in units of the currency, which comes first."""
    for table in tables:
        for row in table.rows:
            cells = [
                _plain(column.kind, value, table.currency) for column, value in zip(table.columns, row, strict=True)
            ]
            yield [table.currency, *cells] if table.currency else cells


def _plain(kind: Kind, value: Any, currency: str) -> Any:
    if kind == Kind.AMOUNT and value is not None:
        return money.to_decimal(value, currency)
    return value


# --- Revenue ------------------------------------------------------------------------------------------

SOLD = [
    Column("bookings", gettext_lazy("bookings")),
    Column("tickets", gettext_lazy("tickets")),
    Column("returned", gettext_lazy("given back")),
    Column("average", gettext_lazy("average price"), Kind.AMOUNT),
    Column("gross", gettext_lazy("gross"), Kind.AMOUNT),
    Column("fees", gettext_lazy("fees contained"), Kind.AMOUNT),
    Column("refunds", gettext_lazy("refunds"), Kind.AMOUNT),
    Column("net", gettext_lazy("net"), Kind.AMOUNT),
    Column("tax", gettext_lazy("tax contained"), Kind.AMOUNT),
]


def revenue_tables(organizations: Iterable[Organization], by: By, only: Only) -> list[Table]:
    """Return what was sold and taken back, a table for each currency; tax is that of what is left."""
    return tables_of(by, revenue(organizations, by, only))


def tables_of(by: By, rows: Iterable[Row]) -> list[Table]:
    """Return rows of revenue as tables."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.currency, []).append(row)
    columns = [Column(by.value, by.label, Kind.TEXT), *SOLD]
    return [
        Table(
            title=currency,
            columns=columns,
            rows=[[row.label, *_sold(row.sums)] for row in group],
            currency=currency,
            keys=[row.key for row in group],
            total=[_("All together"), *_sold(sum((row.sums for row in group), Sums()))],
        )
        for currency, group in sorted(found.items())
    ]


def _sold(sums: Sums) -> list[int]:
    return [
        sums.bookings,
        sums.tickets,
        sums.returned,
        sums.average,
        sums.gross,
        sums.fee,
        sums.credited,
        sums.net,
        sums.net_tax,
    ]


# --- Occupancy ----------------------------------------------------------------------------------------

PLACES = [
    Column("places", gettext_lazy("places")),
    Column("sold", gettext_lazy("sold")),
    Column("reserved", gettext_lazy("reserved")),
    Column("kept", gettext_lazy("held, blocked or not owned")),
    Column("available", gettext_lazy("available")),
    Column("occupancy", gettext_lazy("occupancy"), Kind.PERCENT),
]


def occupancy_table(first: Column, rows: Iterable[tuple[Any, str, Places]], title: str = "") -> Table:
    """Return how full events or venues are, with all together; rows are of a key, what it is called, and its places."""
    found = list(rows)
    return Table(
        title=title,
        columns=[first, *PLACES],
        rows=[[called, *_places(places)] for _key, called, places in found],
        keys=[key for key, _called, _its in found],
        total=[_("All together"), *_places(sum((places for _key, _called, places in found), Places()))],
    )


def _places(places: Places) -> list[int]:
    return [places.all, places.sold, places.reserved, places.kept, places.available, places.percent]


# --- Customers ----------------------------------------------------------------------------------------

CUSTOMERS = [
    Column("name", gettext_lazy("customer"), Kind.TEXT),
    Column("email", gettext_lazy("e-mail"), Kind.TEXT),
    Column("bookings", gettext_lazy("bookings")),
    Column("tickets", gettext_lazy("tickets")),
    Column("spent", gettext_lazy("spent"), Kind.AMOUNT),
    Column("last_seen", gettext_lazy("last booking"), Kind.MOMENT),
]


def customer_table(customers: Iterable[Customer], currency: str) -> Table:
    """Return customers with what they spent in one currency, less what went back."""
    found = list(customers)
    return Table(
        title=currency,
        columns=CUSTOMERS,
        rows=[[each.name, each.email, each.bookings, each.tickets, each.spent, each.last_seen] for each in found],
        currency=currency,
        keys=[each.booking for each in found],
    )


# --- Money --------------------------------------------------------------------------------------------

MOVED = [
    Column("provider", gettext_lazy("provider"), Kind.TEXT),
    Column("received", gettext_lazy("received"), Kind.AMOUNT),
    Column("given_back", gettext_lazy("given back"), Kind.AMOUNT),
    Column("on_its_way", gettext_lazy("of it still on its way"), Kind.AMOUNT),
    Column("left", gettext_lazy("left"), Kind.AMOUNT),
    Column("kept_aside", gettext_lazy("of it kept aside"), Kind.AMOUNT),
]


def money_tables(moved: Iterable[Moved]) -> list[Table]:
    """Return what came and went, a table for each currency."""
    found: dict[str, list[Moved]] = {}
    for each in moved:
        found.setdefault(each.currency, []).append(each)
    return [
        Table(
            title=currency,
            columns=MOVED,
            rows=[[each.label, *_moved(each)] for each in group],
            currency=currency,
            keys=[each.provider for each in group],
            total=[_("All together"), *(sum(each) for each in zip(*map(_moved, group), strict=True))],
        )
        for currency, group in sorted(found.items())
    ]


def _moved(each: Moved) -> list[int]:
    return [each.cash.received, each.cash.back, each.queued, each.cash.left, each.cash.still_aside]
