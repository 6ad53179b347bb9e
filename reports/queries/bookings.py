"""Bookings as rows to take along, one after the other, however many they are."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organization
from bookings.models import Booking
from core import money
from reports.periods import Days
from reports.queries.facts import Span


def header() -> list[str]:
    """Return what the columns are called, in the language of who reads them."""
    return [
        _("Code"),
        _("Status"),
        _("Sold at"),
        _("Event"),
        _("Starts"),
        _("Venue"),
        _("Customer"),
        _("E-mail"),
        _("Phone"),
        _("Tickets"),
        _("Total"),
        _("Currency"),
        _("Reserved"),
        _("Confirmed"),
        _("Ended"),
        _("Why it ended"),
        _("Code in the system it came from"),
    ]


def lines(bookings: QuerySet[Booking], organization: Organization) -> Iterator[list[Any]]:
    """Yield a line for each booking, with times in the organization's zone and amounts in the currency's main unit."""
    zone = ZoneInfo(organization.time_zone)
    rows = bookings.select_related("event__venue").defer("search_text", "event__description")
    for booking in rows.iterator(chunk_size=1_000):
        yield _line(booking, zone)


def reserved_on(organization: Organization, days: Days) -> QuerySet[Booking]:
    """Return the bookings that were reserved on these days by the organization's clocks, the oldest first."""
    rows = Booking.objects.filter(organization=organization)
    span = Span.of_days(organization, days.first, days.last)
    return span.holding(rows, "reserved_at").order_by("reserved_at", "pk")


def _line(booking: Booking, zone: ZoneInfo) -> list[Any]:
    return [
        booking.code,
        booking.get_status_display(),
        booking.get_channel_display(),
        booking.event.title,
        booking.event.starts_at.astimezone(zone),
        booking.event.venue.name,
        booking.customer_name,
        booking.email,
        booking.phone,
        booking.quantity,
        money.to_decimal(booking.total, booking.currency),
        booking.currency,
        booking.reserved_at.astimezone(zone),
        _local(booking.confirmed_at, zone),
        _local(booking.ended_at, zone),
        booking.end_reason,
        booking.external_code,
    ]


def _local(when: datetime | None, zone: ZoneInfo) -> datetime | None:
    return when and when.astimezone(zone)
