"""
The floor: the same statements without our code, sent raw by psycopg (`reserve`), and by views of plain Django.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from bookings.models import Booking, Ticket
from core import codes
from core.models import AuditEntry
from events.models import Event, EventSeat, Price

# What one reservation of two places says to the database, in order.
REMEMBER = (
    "INSERT INTO core_idempotentcall (scope, key, fingerprint, result, created_at)"
    " VALUES (%s, %s, %s, %s, CURRENT_TIMESTAMP) ON CONFLICT (scope, key) DO NOTHING"
)
PRICES = (
    'SELECT p.id, p.price_level_id, p.ticket_type_id, p.amount, l.id, l.event_id, l.name, l."order", l.places'
    " FROM events_price p JOIN events_pricelevel l ON p.price_level_id = l.id"
    " WHERE p.id IN (%s) AND l.event_id = %s"
)
LOCK = (
    "SELECT id FROM events_eventseat WHERE ownership = 'owned' AND status = 'available'"
    " AND price_level_id = %s ORDER BY price_level_id, id LIMIT 2 FOR NO KEY UPDATE SKIP LOCKED"
)
CLOCK = "SELECT clock_timestamp()"
RESERVE = (
    "UPDATE events_eventseat SET status = 'reserved', reserved_until = %s, was_claimed = true WHERE id IN (%s, %s)"
)
BOOKING = (
    "INSERT INTO bookings_booking (organization_id, event_id, user_id, code, secret, status, channel, customer_name,"
    " email, email_key, phone, quantity, currency, subtotal, fee, tax, total, language, client, reserved_at,"
    " reserved_until, replaces_id, extensions, confirmed_at, ended_at, end_reason) VALUES (%s, %s, NULL, %s, %s,"
    " 'pending', 'web', '', '', '', '', 2, 'EUR', 11000, 476, 751, 11476, 'en', '', %s, %s, NULL, 0, NULL, NULL, '')"
    " RETURNING id"
)
TICKETS = (
    "INSERT INTO bookings_ticket (booking_id, number, secret, ticket_type_id, event_seat_id, price, fee, tax, holder,"
    " status, voided_at) VALUES (%s, 1, %s, %s, %s, 5500, 238, 375, '', 'reserved', NULL),"
    " (%s, 2, %s, %s, %s, 5500, 238, 376, '', 'reserved', NULL) RETURNING id"
)
AUDIT = (
    "INSERT INTO core_auditentry (at, action, object_type, object_id, facts, by_id, organization_id)"
    " VALUES (%s, 'booking.reserved', 'bookings.booking', %s, %s, NULL, %s) RETURNING id"
)
TURN = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"  # of who asks by HTTP
STATEMENTS = 8
FACTS = json.dumps({"places": 2, "total": 11476})


type Execute = Callable[[str, list[Any]], Any]


def reserve(
    execute: Execute, event: tuple[int, int], price_id: int, lock: Callable[[Execute, int], list[int]] | None = None
) -> None:
    """
    Send the statements of one reservation of two places; `execute` returns a cursor. The caller commits.

    `lock` locks two places of a level, by default any.
    """
    event_id, organization_id = event
    execute(REMEMBER, ["reserve", codes.secret(), "0" * 64, codes.secret()])
    _id, level_id, type_id, *_rest = execute(PRICES, [price_id, event_id]).fetchone()
    first, second = (lock or _lock_any)(execute, level_id)
    now = execute(CLOCK, []).fetchone()[0]
    until = now + timedelta(minutes=15)
    execute(RESERVE, [until, first, second])
    code = codes.booking_code(now)
    booking_id = execute(BOOKING, [organization_id, event_id, code, codes.secret(), now, until]).fetchone()[0]
    lines = [booking_id, codes.secret(), type_id, first, booking_id, codes.secret(), type_id, second]
    execute(TICKETS, lines).fetchall()
    execute(AUDIT, [now, booking_id, FACTS, organization_id])


def _lock_any(execute: Execute, level_id: int) -> list[int]:
    return [row[0] for row in execute(LOCK, [level_id]).fetchall()]


# --- Bare Django --------------------------------------------------------------------------------


def bare_reserve(request: HttpRequest, slug: str) -> HttpResponse:
    """The statements of our view, as plain Django would send them, and nothing else."""
    event = Event.objects.select_related("organization").get(slug=slug)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(REMEMBER, ["reserve", codes.secret(), "0" * 64, codes.secret()])
            cursor.execute(TURN, [client := codes.secret()])
        price = Price.objects.select_related("price_level").get(
            pk__in=[request.POST["price"]], price_level__event=event
        )
        Booking.objects.filter(client=client).aggregate(reservations=Count("pk"), places=Sum("quantity"))
        free = EventSeat.objects.filter(status="available", ownership="owned", price_level=price.price_level)
        locked = free.order_by("price_level_id", "pk").select_for_update(no_key=True, skip_locked=True)
        found = list(locked.values_list("pk", flat=True)[:2])
        with connection.cursor() as cursor:
            cursor.execute(CLOCK)
            now = cursor.fetchone()[0]
        until = now + timedelta(minutes=15)
        EventSeat.objects.filter(pk__in=found).update(status="reserved", reserved_until=until, was_claimed=True)
        booking = Booking.objects.create(
            organization=event.organization,
            event=event,
            code=codes.booking_code(now),
            quantity=2,
            currency="EUR",
            subtotal=11_000,
            fee=476,
            tax=751,
            total=11_476,
            client=client,
            reserved_at=now,
            reserved_until=until,
        )
        Ticket.objects.bulk_create(
            Ticket(
                booking=booking,
                number=number,
                ticket_type_id=price.ticket_type_id,
                event_seat_id=place,
                price=5_500,
                fee=238,
                tax=375 + number % 2,
            )
            for number, place in enumerate(found, start=1)
        )
        AuditEntry.objects.create(
            at=now,
            action="booking.reserved",
            object_type="bookings.booking",
            object_id=booking.pk,
            facts={"places": 2, "total": 11_476},
            organization=event.organization,
        )
    location = f"/bookings/{booking.secret}/details/"
    return HttpResponse(status=303, headers={"Location": location, "Content-Length": "0"})


def bare_page(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of as many bytes as are asked for, with two queries."""
    event = Event.objects.get(slug=slug)
    prices = list(Price.objects.filter(price_level__event=event))
    filling = [_LINE] * (max(0, int(request.GET["bytes"]) - _REST) // (len(_LINE) + len("<p></p>\n")))
    page = render(request, "bare_page.html", {"event": event, "prices": prices, "filling": filling})
    page["Content-Length"] = str(len(page.content))  # without middleware nobody else says so
    return page


def empty(request: HttpRequest) -> HttpResponse:
    """Nothing at all."""
    return HttpResponse(status=204)


_LINE = "Two queries and so many bytes. " * 8
_REST = 1_100  # the page without any line

urlpatterns = [
    path("health/live", empty),
    path("empty", empty),
    path("bare/<slug:slug>/reserve/", bare_reserve),
    path("bare/<slug:slug>/", bare_page),
]
