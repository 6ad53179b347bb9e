"""Reports: revenue, occupancy, customers and the money that moved, on the page, as a file, or printed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Organization
from accounts.roles import POWERS, Power
from backoffice.access import needs
from backoffice.forms.reports import CustomersForm, OccupancyForm, PeriodForm, RevenueForm
from bookings.models import Booking
from core import clock, money
from core.http import wants_part
from core.tables import csv_response
from events.models import Event
from reports import charts
from reports.exports import xlsx_response
from reports.periods import Days
from reports.queries import cash, customers
from reports.queries.facts import Sums
from reports.queries.occupancy import Places, occupancy
from reports.queries.revenue import By, Row, net, period_name, periods, revenue, totals
from reports.tables import (
    Column,
    Kind,
    Table,
    customer_table,
    header,
    money_tables,
    occupancy_table,
    records,
    tables_of,
)

ROWS = 50
SHOWN = 500
"""So many rows stand on a page; a file has them all."""
PEOPLE = 1_000
"""So many customers are listed: whoever looks for another says more."""
DRAWN = 120
"""So many bars are told apart."""

REPORTS = [
    ("report-revenue", gettext_lazy("Revenue"), Power.SEE_REVENUE),
    ("report-occupancy", gettext_lazy("Occupancy"), Power.SEE_REVENUE),
    ("report-customers", gettext_lazy("Customers"), Power.SEE_BOOKINGS),
    ("report-money", gettext_lazy("Money received"), Power.SEE_REVENUE),
]


@dataclass(frozen=True, slots=True)
class Compared:
    """What one currency brought in, and how much more or less that is than in as many days before, in per cent."""

    currency: str
    sums: Sums
    before: Sums | None

    @property
    def change(self) -> int | None:
        """In per cent; nothing without anything to compare with."""
        if self.before is None or not self.before.net:
            return None
        return round(100 * (self.sums.net - self.before.net) / abs(self.before.net))


@never_cache
@require_safe
@needs(Power.SEE_REVENUE)
def report_revenue(request: HttpRequest) -> HttpResponseBase:
    """What was sold and taken back, by whatever is asked for."""
    organization = _organization(request)
    form = RevenueForm(organization, _today(organization), request.GET)
    form.is_valid()
    whose = _own_houses(request) if form.grouping == By.ORGANIZER else [organization]
    only = form.only(form.days)
    rows = revenue(whose, form.grouping, only)
    tables = tables_of(form.grouping, rows)
    if _wants_file(request, form):
        return _file(request, f"revenue-by-{form.grouping}", tables)
    context = {
        "tables": tables,
        "charts": [_chart(form.grouping, table, rows, form.days) for table in tables],
        "compared": _compared(whose, form, rows),
        "behind": _behind(request, form),
        "leads": _leads(request, form),
    }
    return _page(request, "revenue", form, context, days=form.days)


def _compared(whose: Sequence[Organization], form: RevenueForm, rows: Sequence[Row]) -> list[Compared]:
    now: dict[str, Sums] = {}
    for row in rows:
        now[row.currency] = now.get(row.currency, Sums()) + row.sums
    before = form.days.before
    then = totals(whose, form.only(before)) if before else None
    return [Compared(unit, sums, then.get(unit, Sums()) if then else None) for unit, sums in sorted(now.items())]


def _chart(by: By, table: Table, rows: Sequence[Row], days: Days) -> charts.Chart | None:
    """What was left of the money, period after period; those without sales have their place."""
    if not by.is_period or not table.rows:
        return None
    mine = {row.key: row.sums.net for row in rows if row.currency == table.currency}
    first = min(days.first or date.max, *mine)  # the period that holds the first day begins before it
    shown = periods(by, first, min(days.last or max(mine), max(mine)))[-DRAWN:]
    title = _("Net revenue by %(period)s, %(currency)s") % {"period": by.label, "currency": table.currency}
    series = [charts.Series(_("net"), [mine.get(key, 0) for key in shown])]
    labels = [period_name(by, key) for key in shown]
    return charts.bars(title, str(by.label), labels, series, charts.in_currency(table.currency))


def _leads(request: HttpRequest, form: RevenueForm) -> Callable[[Any], str]:
    """Where a row leads: to the same days of it alone, a period to its days."""
    by, asked = form.grouping, request.GET.copy()
    for name in ("by", "format"):
        asked.pop(name, None)

    def lead(key: Any) -> str:
        more = asked.copy()
        if isinstance(key, date):
            more.pop("period", None)
            more["first"], more["last"] = (str(day) for day in _shared(_period_of(by, key), form.days))
            more["by"] = By.EVENT if by == By.DAY else By.DAY
        elif by in _NARROWED and key not in (None, ""):
            more[by.value], more["by"] = str(key), By.DAY
        else:
            return ""
        return f"?{more.urlencode()}"

    return lead


def _behind(request: HttpRequest, form: RevenueForm) -> str:
    """Where the bookings are of the event, venue or ticket type that alone is looked at."""
    rows = {name: form.cleaned_data.get(name) for name in ("event", "venue", "ticket_type")}
    asked = {name: row.pk for name, row in rows.items() if row}
    if not asked or not request.user.has_perm(Power.SEE_BOOKINGS.permission):
        return ""
    return f"{reverse('admin:find')}?{urlencode(asked)}"


_NARROWED = {By.EVENT, By.VENUE, By.CATEGORY, By.TICKET_TYPE, By.PROVIDER}


def _period_of(by: By, first: date) -> tuple[date, date]:
    """The first and the last day of the period that begins on one."""
    lengths = {By.DAY: 1, By.WEEK: 7, By.MONTH: 31, By.QUARTER: 92, By.YEAR: 366}
    later = first + timedelta(days=lengths[by])
    return first, (later if by in (By.DAY, By.WEEK) else later.replace(day=1)) - timedelta(days=1)


def _shared(period: tuple[date, date], days: Days) -> tuple[date, date]:
    """The days of a period that were asked for."""
    return max(period[0], days.first or date.min), min(period[1], days.last or date.max)


@never_cache
@require_safe
@needs(Power.SEE_REVENUE)
def report_occupancy(request: HttpRequest) -> HttpResponseBase:
    """How full events and venues are."""
    organization = _organization(request)
    form = OccupancyForm(organization, request.GET)
    form.is_valid()
    events = form.events(clock.now())
    places = occupancy(organization, events)
    named = events.select_related("venue")
    if form.is_by_venue:
        column, rows = Column("venue", _("venue"), Kind.TEXT), _by_venue(named, places)
    else:
        column = Column("event", _("event"), Kind.TEXT)
        rows = [(each.pk, each.dated, places.get(each.pk, Places())) for each in named]
    tables = [occupancy_table(column, rows)] if rows else []
    if _wants_file(request, form):
        return _file(request, f"occupancy-by-{column.name}", tables)
    return _page(request, "occupancy", form, {"tables": tables, "leads": _places_lead(form)})


def _places_lead(form: OccupancyForm) -> Callable[[Any], str]:
    """A venue leads to its events, an event to its page."""
    if form.is_by_venue:
        return lambda pk: "?" + urlencode({"venue": pk, "when": form.time})
    return lambda pk: reverse("admin:event-figures", args=[pk])


def _by_venue(events: Iterable[Event], places: dict[int, Places]) -> list[tuple[int, str, Places]]:
    found: dict[int, tuple[str, Places]] = {}
    for event in events:
        called, before = found.get(event.venue_id, (str(event.venue), Places()))
        found[event.venue_id] = (called, before + places.get(event.pk, Places()))
    return sorted(((pk, called, its) for pk, (called, its) in found.items()), key=lambda row: row[1])


@never_cache
@require_safe
@needs(Power.SEE_BOOKINGS)
def report_customers(request: HttpRequest) -> HttpResponseBase:
    """Who bought on some days, with what they spent."""
    organization = _organization(request)
    form = CustomersForm(organization, _today(organization), request.GET)
    form.is_valid()
    asked = (organization, form.wanted)
    keys = customers.customers(*asked, organization.currency, PEOPLE + 1)
    if _wants_file(request, form):
        found = customers.told(*asked, keys[:PEOPLE], organization.currency)
        return _file(request, "customers", [_in_zone(customer_table(found, organization.currency), organization)])
    page = Paginator(keys[:PEOPLE], ROWS).get_page(request.GET.get("page"))
    found = customers.told(*asked, list(page.object_list), organization.currency)
    table = _in_zone(customer_table(found, organization.currency), organization)
    context = {
        "tables": [table] if found else [],
        "page": page,
        "is_more": len(keys) > PEOPLE,
        "people": PEOPLE,
        "leads": lambda pk: reverse("admin:report-customer", args=[pk]),
    }
    return _page(request, "customers", form, context, days=form.days)


def _in_zone(table: Table, organization: Organization) -> Table:
    """The same with moments by the organization's clocks."""
    zone = ZoneInfo(organization.time_zone)
    rows = [[*row[:-1], row[-1].astimezone(zone)] for row in table.rows]
    return Table(table.title, table.columns, rows, table.currency, table.keys)


@never_cache
@require_safe
@needs(Power.SEE_BOOKINGS)
def report_customer(request: HttpRequest, pk: int) -> HttpResponse:
    """All that the customer of a booking did in this house. The address names nobody: it has a booking's number."""
    booking = get_object_or_404(Booking, organization=_organization(request), pk=pk)
    found = customers.history(booking)
    context = {
        **admin.site.each_context(request),
        "title": found.name or found.email or _("A customer without a name"),
        "history": found,
        "spent": [money.formatted(amount, currency) for currency, amount in found.spent.items()],
        "zone": booking.organization.time_zone,
    }
    return render(request, "backoffice/reports/customer.html", context)


@never_cache
@require_safe
@needs(Power.SEE_REVENUE)
def report_money(request: HttpRequest) -> HttpResponseBase:
    """The money that came and went, at each provider, and how it fits with what was sold."""
    organization = _organization(request)
    form = PeriodForm(organization, _today(organization), request.GET)
    form.is_valid()
    days = form.days
    moved = cash.moved(organization, days)
    tables = money_tables(moved)
    if _wants_file(request, form):
        return _file(request, "money", tables)
    these = _equations(organization, days, moved)
    ever = _equations(organization, Days(None, None), cash.moved(organization, Days(None, None)))
    context = {
        "tables": tables,
        "equations": [(currency, its, these.get(currency, _NOTHING)) for currency, its in ever.items()],
        "leads": None,
    }
    return _page(request, "money", form, context, days=days)


_NOTHING = cash.Equation(0, 0, 0)


def _equations(organization: Organization, days: Days, moved: list[cash.Moved]) -> dict[str, cash.Equation]:
    return cash.equations(moved, net(organization, days))


# --- What they share ----------------------------------------------------------------------------------


def _organization(request: HttpRequest) -> Organization:
    return request.user.workplace.organization  # type: ignore[union-attr]


def _own_houses(request: HttpRequest) -> list[Organization]:
    """Where this person may see revenue."""
    places = request.user.workplaces  # type: ignore[union-attr]
    return [each.organization for each in places if each.role is None or Power.SEE_REVENUE in POWERS[each.role]]


def _today(organization: Organization) -> date:
    return clock.now().astimezone(ZoneInfo(organization.time_zone)).date()


def _wants_file(request: HttpRequest, form: Form) -> bool:
    """While something that was asked for makes no sense, there is the page alone, which says so."""
    return "format" in request.GET and not form.errors


def _file(request: HttpRequest, name: str, tables: Sequence[Table]) -> HttpResponseBase:
    """The same rows to take along."""
    make = xlsx_response if request.GET["format"] == "xlsx" else csv_response
    return make(name, header(tables), records(tables))


def _page(
    request: HttpRequest, name: str, form: Form, context: dict[str, Any], *, days: Days | None = None
) -> HttpResponse:
    shown = laid_out(context["tables"], context.pop("leads"), context.pop("charts", None))
    asked = request.GET.copy()
    for name_of_part in ("format", "page"):
        asked.pop(name_of_part, None)
    both = {
        **admin.site.each_context(request),
        **context,
        "title": {url: label for url, label, _power in REPORTS}[f"report-{name}"],
        "here": f"report-{name}",
        "reports": [(url, label) for url, label, power in REPORTS if request.user.has_perm(power.permission)],
        "form": form,
        "days": days,
        "zone": _organization(request).time_zone,
        "shown": shown,
        "most": SHOWN,
        "query": asked.urlencode(),
    }
    part = "#report" if wants_part(request) else ""
    return render(request, f"backoffice/reports/{name}.html{part}", both, status=422 if form.errors else 200)


type Line = tuple[str, list[tuple[str, bool]]]
"""Where a row leads, if anywhere, and its cells as people read them, with which are numbers."""


def laid_out(
    tables: Sequence[Table],
    leads: Callable[[Any], str] | None = None,
    drawn: Sequence[charts.Chart | None] | None = None,
) -> list[tuple[Table, charts.Chart | None, list[Line]]]:
    """Return tables for the page, each with its chart and its first rows."""
    both = zip(tables, drawn or [None] * len(tables), strict=True)
    return [(table, chart, _lines(table, leads)) for table, chart in both]


def _lines(table: Table, leads: Callable[[Any], str] | None) -> list[Line]:
    return [(leads(key) if leads else "", cells) for key, cells in islice(table.lines(), SHOWN)]
