"""What the house asks of all its bookings: by our code, and the same of the rows themselves in raw SQL."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import Organization
from backoffice.urls import pages
from bookings.models import Booking, Ticket
from core import clock
from core.search import words
from events.models import Event
from reports.periods import Days
from reports.queries.cash import moved
from reports.queries.customers import Wanted, customers
from reports.queries.facts import midnight
from reports.queries.occupancy import occupancy
from reports.queries.revenue import By, revenue, totals
from tests.bench import desk

type Raw = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, what asks it of us, and the statements that ask it of the database."""

    what: str
    ours: Callable[[], object]
    raw: list[Raw]


CONFIRMED = "FROM bookings_booking WHERE organization_id = %s AND confirmed_at IS NOT NULL"
NOTES = "FROM bookings_document d JOIN bookings_booking b ON b.id = d.booking_id"
NOTES += " WHERE d.organization_id = %s AND d.kind = 'credit_note'"
SUMS = "count(*), sum(quantity), sum(total), sum(fee), sum(tax)"
BACK = "sum(d.amount), sum(d.tax)"
PAID = "FROM bookings_payment p JOIN bookings_booking b ON b.id = p.booking_id"
PAYMENTS = f"{PAID} WHERE b.organization_id = %s AND p.status = 'succeeded'"
REFUNDS = f"{PAID} JOIN bookings_refund r ON r.payment_id = p.id WHERE b.organization_id = %s"
PLACES = "SELECT s.event_id, s.status, count(*) FROM events_eventseat s JOIN events_event e ON e.id = s.event_id"
PLACES += " WHERE e.organization_id = %s AND e.status <> 'draft' AND e.ends_at > %s"
SPENT = "SELECT email_key, sum(total) FILTER (WHERE currency = %s) FROM bookings_booking"
SPENT += " WHERE organization_id = %s AND confirmed_at >= %s AND confirmed_at < %s AND email_key <> ''"
MONTH = "date_trunc('month', {} AT TIME ZONE %s)"


def figures(house: Organization) -> list[Question]:
    """Totals, revenue by what it is most asked for, money, places and people."""
    pk, zone = house.pk, house.time_zone
    events = Event.objects.filter(organization=house, ends_at__gt=clock.now()).exclude(status=Event.Status.DRAFT)
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    month = Days(today - timedelta(days=29), today)
    days = [midnight(day, ZoneInfo(zone)) for day in (today - timedelta(days=29), today + timedelta(days=1))]
    sold, back = MONTH.format("confirmed_at"), MONTH.format("d.created_at")
    of_types = (
        "SELECT t.ticket_type_id, b.currency, count(*), sum(t.price + t.fee), sum(t.tax), sum(t.credited)"
        " FROM bookings_ticket t JOIN bookings_booking b ON b.id = t.booking_id"
        " WHERE b.organization_id = %s AND b.confirmed_at IS NOT NULL AND t.number <= b.quantity GROUP BY 1, 2"
    )
    return [
        Question(
            "totals",
            lambda: totals([house]),
            [
                (f"SELECT currency, {SUMS} {CONFIRMED} GROUP BY 1", [pk]),
                (f"SELECT d.currency, {BACK} {NOTES} GROUP BY 1", [pk]),
            ],
        ),
        Question(
            "revenue by month",
            lambda: revenue([house], By.MONTH),
            [
                (f"SELECT {sold}, currency, {SUMS} {CONFIRMED} GROUP BY 1, 2", [zone, pk]),
                (f"SELECT {back}, d.currency, {BACK} {NOTES} GROUP BY 1, 2", [zone, pk]),
            ],
        ),
        Question(
            "revenue by event",
            lambda: revenue([house], By.EVENT),
            [
                (f"SELECT event_id, currency, {SUMS} {CONFIRMED} GROUP BY 1, 2", [pk]),
                (f"SELECT b.event_id, d.currency, {BACK} {NOTES} GROUP BY 1, 2", [pk]),
            ],
        ),
        Question("revenue by ticket type", lambda: revenue([house], By.TICKET_TYPE), [(of_types, [pk])]),
        Question(
            "money received",
            lambda: moved(house, Days(None, None)),
            [
                (f"SELECT p.provider, p.currency, sum(p.amount) {PAYMENTS} GROUP BY 1, 2", [pk]),
                (f"SELECT p.provider, p.currency, sum(r.amount) {REFUNDS} GROUP BY 1, 2", [pk]),
            ],
        ),
        Question("occupancy", lambda: occupancy(house, events), [(f"{PLACES} GROUP BY 1, 2", [pk, clock.now()])]),
        Question(
            "who spent most in thirty days",
            lambda: customers(house, Wanted(month, by_spending=True), house.currency, 1_000),
            [(f"{SPENT} GROUP BY 1 ORDER BY 2 DESC LIMIT 1000", [house.currency, pk, days[0], days[1]])],
        ),
    ]


def searches(house: Organization, client: Client) -> list[Question]:
    """Bookings by what people know of them."""
    found = Booking.objects.filter(organization=house).exclude(email="")
    booking = found.order_by("pk")[found.count() // 2]
    seated = Ticket.objects.filter(booking__organization=house, event_seat__seat__isnull=False)
    seat = seated.select_related("event_seat__seat").order_by("pk")[0].event_seat.seat
    assert seat
    amount = booking.total // 100
    spot = (
        "SELECT b.* FROM bookings_booking b JOIN bookings_ticket t ON t.booking_id = b.id"
        " JOIN events_eventseat p ON p.id = t.event_seat_id JOIN venues_seat s ON s.id = p.seat_id"
        " WHERE b.organization_id = %s AND s.row = %s AND s.number = %s ORDER BY b.reserved_at DESC LIMIT 50"
    )
    of_event = {"event": booking.event_id, "status": "cancelled"}
    between = {"amount_from": amount, "amount_to": amount + 1, "currency": booking.currency}
    asked: dict[str, tuple[dict[str, Any], Raw]] = {
        "code": ({"q": booking.code}, _rows(house, "code = %s", booking.code)),
        "words of a name": (
            {"q": booking.customer_name},
            _rows(house, *_likes(words(booking.customer_name))),
        ),
        "a name that nobody has": ({"q": "Nobody Nowhere"}, _rows(house, *_likes(["nobody", "nowhere"]))),
        "e-mail": ({"q": booking.email}, _rows(house, "email_key = %s", booking.email_key)),
        "event and status": (of_event, _rows(house, "event_id = %s AND status = %s", *of_event.values())),
        "seat": ({"q": f"row {seat.row} seat {seat.number}"}, (spot, [house.pk, seat.row, seat.number])),
        "amount": (
            between,
            _rows(
                house,
                "total BETWEEN %s AND %s AND currency = %s",
                amount * 100,
                amount * 100 + 100,
                booking.currency,
            ),
        ),
    }
    page = reverse("admin:find")
    return [
        Question(f"bookings by {what}", _get(client, f"{page}?{urlencode(query)}"), [raw])
        for what, (query, raw) in asked.items()
    ]


def _likes(parts: list[str]) -> tuple[str, ...]:
    return (" AND ".join("search_text LIKE %s" for _part in parts), *(f"%{part}%" for part in parts))


def _rows(house: Organization, condition: str, *values: Any) -> Raw:
    of_house = f"SELECT * FROM bookings_booking WHERE organization_id = %s AND {condition}"
    return f"{of_house} ORDER BY reserved_at DESC LIMIT 50", [house.pk, *values]


def lists(house: Organization, client: Client) -> list[Question]:
    """Each list of the admin and each page of our own that needs no row to be about, beside its own statements."""
    return [
        Question(what, _get(client, address), desk.statements_of(client, address))
        for what, address in (desk.pages(house) | _own_pages(client)).items()
    ]


def _own_pages(client: Client) -> dict[str, str]:
    found = {}
    for page in pages:
        try:
            address = reverse(f"admin:{page.name}")
        except NoReverseMatch:
            continue  # it is about one row
        if client.get(address).status_code == 200:
            found[f"page {page.name}"] = address
    return found


def _get(client: Client, address: str) -> Callable[[], object]:
    def get() -> object:
        answer = client.get(address)
        if answer.status_code not in (200, 302):  # a whole code leads to its booking
            raise AssertionError(f"{answer.status_code} for {address}")
        return answer

    return get
