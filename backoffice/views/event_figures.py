"""One event's figures, for who decides what to do about it."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.roles import Power
from backoffice.access import needs
from backoffice.views.publishing import own_event
from backoffice.views.reports import SHOWN, laid_out
from bookings.models import Booking
from core import dates
from events.models import Event
from reports import charts
from reports.queries.event import Figures, figures
from reports.queries.revenue import By, Row
from reports.tables import Column, Kind, Table, occupancy_table, tables_of


@never_cache
@require_safe
@needs(Power.SEE_REVENUE)
def event_figures(request: HttpRequest, pk: int) -> HttpResponse:
    """Bookings, money, what is left, and how sales went."""
    event = own_event(request, pk)
    found = figures(event)
    context = {
        **admin.site.each_context(request),
        "title": _("Figures of “%(event)s”") % {"event": event},
        "event": event,
        "found": found,
        "statuses": [(status, label, found.statuses.get(status, 0)) for status, label in Booking.Status.choices],
        "places": laid_out([occupancy_table(LEVEL, found.levels, _("What is left at each price level"))]),
        "shown": laid_out([*_tables(By.TICKET_TYPE, found.types), *_tables(By.PROVIDER, found.providers)]),
        "most": SHOWN,
        "drawings": _drawings(event, found),
        "sees_bookings": request.user.has_perm(Power.SEE_BOOKINGS.permission),
    }
    return render(request, "backoffice/event_figures.html", context)


LEVEL = Column("level", gettext_lazy("price level"), Kind.TEXT)


def _tables(by: By, rows: Sequence[Row]) -> list[Table]:
    title = _("By %(what)s") % {"what": by.label}
    return [replace(table, title=title) for table in tables_of(by, rows)]


def _drawings(event: Event, found: Figures) -> list[charts.Chart]:
    """How sales went: tickets and money day by day, and the inventory hour by hour since it is sampled."""
    days, at = [dates.brief_day(day) for day in found.days], [float(day.toordinal()) for day in found.days]
    sold = charts.lines(_("Tickets held"), _("day"), days, [charts.Series(_("tickets"), found.sold)], at=at)
    scale = charts.in_currency(event.currency)
    net = charts.lines(_("Net revenue"), _("day"), days, [charts.Series(_("net"), found.net)], scale, at=at)
    return [sold, net, *([_inventory(event, found)] if len(found.samples) > 1 else [])]


def _inventory(event: Event, found: Figures) -> charts.Chart:
    zone = ZoneInfo(event.venue.time_zone)
    local = [sample.at.astimezone(zone) for sample in found.samples]
    labels = [f"{dates.brief_day(moment)}, {dates.clock_time(moment)}" for moment in local]
    names = {"sold": _("sold"), "reserved": _("reserved"), "available": _("available")}
    lines = [charts.Series(called, [getattr(each, name) for each in found.samples]) for name, called in names.items()]
    return charts.lines(_("Places"), _("time"), labels, lines, at=[moment.timestamp() for moment in local])
