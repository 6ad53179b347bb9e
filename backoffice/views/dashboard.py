"""How the house is doing, on one page that keeps itself up to date."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Organization
from accounts.roles import Power
from backoffice.access import needs
from backoffice.acts import ACTS
from bookings.models import Booking
from core import dates, money
from core.http import wants_part
from core.templatetags.stagedoor import number
from reports import charts
from reports.periods import EARLIEST
from reports.queries.attention import COUNTED_TO, Attention, Running
from reports.queries.dashboard import Dashboard, Money, Stop, lately, recent_dashboard
from reports.queries.facts import Sums


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure, what it is, what to know besides, and where it leads."""

    label: str
    value: str
    more: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """So many things that wait for people, and where they are."""

    text: str
    url: str


STOPS: dict[str, str | Promise] = {
    Stop.CHOSE.value: gettext_lazy("chose places, and said no more"),
    Stop.GAVE_DETAILS.value: gettext_lazy("said who they are, and didn't go to pay"),
    Stop.AT_PROVIDER.value: gettext_lazy("went to the provider, and didn't pay"),
    Stop.PAYMENT_FAILED.value: gettext_lazy("wanted to pay, and it failed"),
}


@never_cache
@require_safe
@needs(Power.SEE_EVENTS)
def dashboard(request: HttpRequest) -> HttpResponse:
    """All of it, for each role what it may see; asked again by the page, nothing (204) as long as nothing changed."""
    organization = request.user.workplace.organization  # type: ignore[union-attr]
    found = recent_dashboard(organization.pk, organization)
    is_part = wants_part(request)
    if is_part and not found.is_news_to(request.GET.get("v", "")):
        return HttpResponse(status=204)
    context = _shown(request, organization, found)
    if is_part:
        return render(request, "backoffice/dashboard.html#figures", context)
    context |= admin.site.each_context(request) | {"title": _("Dashboard")}
    return render(request, "backoffice/dashboard.html", context)


def _shown(request: HttpRequest, organization: Organization, found: Dashboard) -> dict[str, Any]:
    sees_money, sees_bookings = (
        request.user.has_perm(power.permission) for power in (Power.SEE_REVENUE, Power.SEE_BOOKINGS)
    )
    return {
        "found": found,
        "zone": organization.time_zone,
        "tiles": list(_tiles(found, organization, sees_money=sees_money, sees_bookings=sees_bookings)),
        "alerts": alerts(found.attention) if sees_bookings else [],
        "batches": [(_batch(each), each) for each in found.attention.batches] if sees_bookings else [],
        "sees_money": sees_money,
        "sees_bookings": sees_bookings,
        "trend": _trend(found),
        "money_trend": _money_trend(found, organization.currency) if sees_money else None,
        "ranks": _ranks(found, sees_money=sees_money),
        "statuses": _statuses(found, organization),
        "stops": [(STOPS[stop], count) for stop, count in found.stopped.items()],
    }


def _batch(running: Running) -> str:
    return running.event or str(ACTS[running.act].label)


def _tiles(found: Dashboard, organization: Organization, *, sees_money: bool, sees_bookings: bool) -> Iterator[Tile]:
    """What there is, for everybody; what was sold of it, for who sees bookings or money."""
    events = reverse("admin:events_event_changelist")
    yield Tile(_("Events to come"), number(found.events), url=f"{events}?status__exact=published")
    yield Tile(_("Venues"), number(found.venues), url=reverse("admin:venues_venue_changelist"))
    full = _("%(percent)s %% of %(places)s places sold") % {
        "percent": found.places.percent,
        "places": number(found.places.all),
    }
    occupancy = reverse("admin:report-occupancy") if sees_money else ""
    yield Tile(_("Available"), number(found.places.available), full, occupancy)
    if sees_money or sees_bookings:
        tiles = [*_sold(found), *_today(found, organization, sees_money=sees_money)]
        yield from tiles if sees_bookings else map(_without_way_to_bookings, tiles)
    if sees_money:
        yield from _revenue(found.totals)


def _sold(found: Dashboard) -> Iterator[Tile]:
    together = sum(found.totals.values(), Sums())
    yield Tile(
        _("Bookings sold"), number(together.bookings), _cancelled(together.cancelled), _found(sold_from=str(EARLIEST))
    )
    yield Tile(_("Tickets held"), number(together.held), _returned(together.returned))
    yield Tile(_("Sold in the last hour"), number(found.last_hour), _a_day(found.a_day))


def _without_way_to_bookings(tile: Tile) -> Tile:
    """For who may not see them."""
    return replace(tile, url="") if tile.url.startswith(reverse("admin:find")) else tile


def _found(**asked: str) -> str:
    said = {name: value for name, value in asked.items() if value}
    return f"{reverse('admin:find')}?{urlencode(said)}" if said else reverse("admin:find")


def _cancelled(count: int) -> str:
    return ngettext("%(count)s was cancelled", "%(count)s were cancelled", count) % {"count": number(count)}


def _returned(count: int) -> str:
    return ngettext("%(count)s was given back", "%(count)s were given back", count) % {"count": number(count)}


def _a_day(tickets: float) -> str:
    return _("%(tickets)s tickets a day on average, this week") % {"tickets": f"{tickets:.1f}"}


def _today(found: Dashboard, organization: Organization, *, sees_money: bool) -> Iterator[Tile]:
    """Beside the same weekday before, until the same time."""
    today, before = (sum(each.values(), Sums()) for each in (found.today, found.before))
    day = str(found.at.astimezone(ZoneInfo(organization.time_zone)).date())
    then = _("%(count)s a week ago until this time") % {"count": number(before.tickets)}
    url = _found(sold_from=day, sold_to=day)
    yield Tile(_("Tickets sold today"), number(today.tickets), then, url)
    for currency in sorted(found.today | found.before) if sees_money else []:
        net = found.today.get(currency, Sums()).net
        said = {"amount": money.formatted(found.before.get(currency, Sums()).net, currency)}
        then = _("%(amount)s a week ago until this time") % said
        asked = urlencode({"period": "today", "by": "event"})
        yield Tile(
            _("Today in %(currency)s") % {"currency": currency},
            money.formatted(net, currency),
            then,
            f"{reverse('admin:report-revenue')}?{asked}",
        )


def _revenue(totals: Money) -> Iterator[Tile]:
    for currency, sums in sorted(totals.items()):
        said = {
            "refunds": money.formatted(sums.credited, currency),
            "average": money.formatted(sums.average, currency),
        }
        more = _("%(refunds)s taken back; a ticket costs %(average)s on average") % said
        url = f"{reverse('admin:report-revenue')}?period=ever&by=month"
        yield Tile(_("Net in %(currency)s") % {"currency": currency}, money.formatted(sums.net, currency), more, url)


def _trend(found: Dashboard) -> charts.Chart:
    days = sorted(found.days)
    sold = [sum(sums.tickets for sums in found.days[day].values()) for day in days]
    back = [sum(sums.returned for sums in found.days[day].values()) for day in days]
    both = [charts.Series(_("sold"), sold), charts.Series(_("given back"), [-each for each in back])]
    return charts.bars(_("Tickets a day"), _("day"), [dates.brief_day(day) for day in days], both)


def _money_trend(found: Dashboard, currency: str) -> charts.Chart:
    days = sorted(found.days)
    net = [found.days[day].get(currency, Sums()).net for day in days]
    title = _("Net revenue a day, %(currency)s") % {"currency": currency}
    labels = [dates.brief_day(day) for day in days]
    return charts.lines(title, _("day"), labels, [charts.Series(_("net"), net)], charts.in_currency(currency))


def _ranks(found: Dashboard, *, sees_money: bool) -> list[tuple[str, str, list[tuple[str, str, str, str]]]]:
    """The most popular events, the busiest venues and the ticket types, of thirty days."""
    return [
        (
            name,
            title,
            [
                (each.name, number(each.tickets), _amounts(each, sees_money), _row(name, each, sees_money))
                for each in ranked
            ],
        )
        for name, title, ranked in (
            ("event", _("Most popular events"), found.popular),
            ("venue", _("Busiest venues"), found.busy),
            ("ticket_type", _("Ticket types"), found.types),
        )
    ]


def _amounts(ranked: Any, sees_money: bool) -> str:
    return ", ".join(money.formatted(net, currency) for currency, net in ranked.money) if sees_money else ""


def _row(name: str, ranked: Any, sees_money: bool) -> str:
    if not sees_money:
        return ""
    asked = urlencode({name: ranked.key, "period": "30-days", "by": "day"})
    return f"{reverse('admin:report-revenue')}?{asked}"


def _statuses(found: Dashboard, organization: Organization) -> list[tuple[str, int, str]]:
    """Bookings of the last days by what became of them."""
    since = str(lately(found.at.astimezone(ZoneInfo(organization.time_zone)).date()))
    return [
        (str(label), found.statuses.get(status, 0), _found(status=status, reserved_from=since))
        for status, label in Booking.Status.choices
    ]


def alerts(attention: Attention) -> list[Alert]:
    """Return what waits for people, the dearest first; nothing if nothing does."""
    requests = reverse("admin:bookings_refundrequest_changelist") + "?status__exact=open"
    refunds = reverse("admin:bookings_refund_changelist")
    mail = reverse("admin:notifications_message_changelist")
    waiting = [
        (attention.refunds_failed, gettext_lazy("refunds failed"), f"{refunds}?status__exact=failed"),
        (
            attention.refunds_by_hand,
            gettext_lazy("refunds to be paid back by hand"),
            f"{refunds}?status__exact=by_hand",
        ),
        (attention.refund_requests, gettext_lazy("customers ask for money back"), requests),
        (attention.payments_failed, gettext_lazy("payments failed in seven days"), ""),
        (attention.messages_failed, gettext_lazy("mails could not be sent"), f"{mail}?status__exact=failed"),
        (
            attention.messages_late,
            gettext_lazy("mails wait for longer than they should"),
            f"{mail}?status__exact=queued",
        ),
    ]
    return [Alert(f"{_some(count)} {text}", url) for count, text, url in waiting if count]


def _some(count: int) -> str:
    return number(count) if count <= COUNTED_TO else _("more than %(count)s") % {"count": number(COUNTED_TO)}
