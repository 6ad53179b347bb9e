"""What staff see and change, one module for each shelf. Registered here, since columns need facts of all apps."""

from backoffice.admin import (
    audit,
    bookings,
    categories,
    customers,
    events,
    messages,
    people,
    places,
    provider_events,
    returns,
    tasks,
    ticket_types,
    venues,
)

__all__ = [
    "audit",
    "bookings",
    "categories",
    "customers",
    "events",
    "messages",
    "people",
    "places",
    "provider_events",
    "returns",
    "tasks",
    "ticket_types",
    "venues",
]
