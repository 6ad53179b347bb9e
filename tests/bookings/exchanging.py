"""Tickets are exchanged, as tests do it."""

from typing import Any

from bookings.models import Booking, CancellationPolicy, Ticket
from bookings.services import customers, reservations
from core import codes
from events.models import Event
from tests.factories import event_on_sale, handed_over, price_of, settle

AMOUNTS = {"Standard": 2_000, "Premium": 3_000, "Child": 1_000}


def an_event(**fields: Any) -> Event:
    """Return an event at which tickets of three prices can be exchanged until the day before."""
    event = event_on_sale(levels={"Standing": 10}, amounts=AMOUNTS, **fields)
    CancellationPolicy.objects.create(organization=event.organization, exchange_until_hours=24)
    return event


def reserved(event: Event, what: str = "Standard", quantity: int = 2, **how: Any) -> Booking:
    """Reserve so many tickets of a kind, with Ada's details."""
    choice = {price_of(event, ticket_type=what).pk: quantity}
    booking = reservations.reserve(event=event, quantities=choice, key=codes.secret(), **how)
    return customers.give_details(booking_id=booking.pk, name="Ada Example", email="ada@example.com")


def bought(event: Event, what: str = "Standard", quantity: int = 2) -> Booking:
    """Return a confirmed booking."""
    return settle(handed_over(reserved(event, what, quantity)))


def tickets_of(booking: Booking, *numbers: int) -> list[int]:
    """Return the ids of tickets, of all if none is named."""
    tickets = Ticket.objects.live().filter(booking=booking)
    return list((tickets.filter(number__in=numbers) if numbers else tickets).values_list("pk", flat=True))


def exchanging(old: Booking, what: str, quantity: int, *numbers: int, **how: Any) -> Booking:
    """Reserve tickets that take those of an old booking in exchange."""
    return reserved(old.event, what, quantity, exchanging=tickets_of(old, *numbers), **how)
