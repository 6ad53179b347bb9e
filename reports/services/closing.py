"""Days that are over are added up once, so that a figure over years costs what one over days does."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Organization
from core import clock
from core.transactions import outermost
from reports.models import Closing, DailyMoney, DailySales
from reports.queries.cash import counted
from reports.queries.facts import first_day, sold

CLOSE_AFTER = timedelta(hours=1)
"""So long after midnight a day is closed: by then no transaction of the day before is still open."""

AT_ONCE = timedelta(days=31)
"""So many days in one transaction, when there is much to catch up with."""

ROWS = 5_000


def close_due() -> int:
    """Add up what is over in every organization; return how many days that were. Harmless when repeated."""
    return sum(_close_all(organization) for organization in Organization.objects.order_by("pk"))


def _close_all(organization: Organization) -> int:
    days = 0
    while closed := close(organization_id=organization.pk):
        days += closed
    return days


def closable(organization: Organization, now: datetime) -> date:
    """Return the first day that isn't over yet by the organization's clocks, or not for long enough."""
    return (now - CLOSE_AFTER).astimezone(ZoneInfo(organization.time_zone)).date()


@outermost
def close(*, organization_id: int) -> int:
    """
    Add up the next days of an organization that are over; return how many. Two at once do it once.

    After a change of the organization's time zone it begins anew: days are others then.
    """
    organization = Organization.objects.get(pk=organization_id)
    if _is_up_to_date(organization):
        return 0
    closing = _locked(organization)
    first = closing.until or first_day(organization)
    end = min(closable(organization, clock.now()), first + AT_ONCE) if first else None
    if first is None or end is None or end <= first:
        return 0
    days = (first, end - timedelta(days=1))
    DailySales.objects.bulk_create(_sales(organization, *days), batch_size=ROWS)
    DailyMoney.objects.bulk_create(_money(organization, *days), batch_size=ROWS)
    closing.until = end
    closing.save(update_fields=["until"])
    return (end - first).days


def _sales(organization: Organization, first: date, last: date) -> Iterator[DailySales]:
    for key, sums in sold(organization, first, last).items():
        yield DailySales(
            organization=organization,
            day=key.day,
            event_id=key.event,
            ticket_type_id=key.ticket_type,
            provider=key.provider,
            currency=key.currency,
            **asdict(sums),
        )


def _money(organization: Organization, first: date, last: date) -> Iterator[DailyMoney]:
    for key, cash in counted(organization, first, last).items():
        yield DailyMoney(organization=organization, **key._asdict(), **asdict(cash))


@outermost
def reopen(*, organization_id: int, since: date | None = None) -> None:
    """Forget the sums from a day on, or all: what was brought in from elsewhere was sold before it came."""
    closing = _locked(Organization.objects.get(pk=organization_id))
    if closing.until and (since is None or since < closing.until):
        for model in (DailySales, DailyMoney):
            rows = model.objects.filter(organization=organization_id)
            (rows.filter(day__gte=since) if since else rows).delete()
        closing.until = since
        closing.save(update_fields=["until"])


def _is_up_to_date(organization: Organization) -> bool:
    """Looked at without a lock: nearly always nothing is to be done."""
    until = closable(organization, clock.now())
    return Closing.objects.filter(pk=organization.pk, time_zone=organization.time_zone, until__gte=until).exists()


def _locked(organization: Organization) -> Closing:
    Closing.objects.get_or_create(organization=organization, defaults={"time_zone": organization.time_zone})
    closing = Closing.objects.select_for_update(no_key=True).get(organization=organization)
    if closing.time_zone != organization.time_zone:
        for model in (DailySales, DailyMoney):
            model.objects.filter(organization=organization).delete()
        closing.until, closing.time_zone = None, organization.time_zone
        closing.save(update_fields=["until", "time_zone"])
    return closing
