"""What staff see and change, one module for each shelf. Registered here, since columns need facts of all apps."""

from backoffice.admin import (
    categories,
    events,
    people,
    ticket_types,
    venues,
)

__all__ = [
    "categories",
    "events",
    "people",
    "ticket_types",
    "venues",
]
