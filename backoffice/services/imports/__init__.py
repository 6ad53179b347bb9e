"""Bringing in what another system knows: venues, events, customers and bookings."""

from backoffice.services.imports.reading import Unreadable
from backoffice.services.imports.running import (
    KINDS,
    NotNow,
    StillOpen,
    cancel,
    confirm,
    erase_due,
    upload,
    verdicts,
    work,
    work_due,
)

__all__ = [
    "KINDS",
    "NotNow",
    "StillOpen",
    "Unreadable",
    "cancel",
    "confirm",
    "erase_due",
    "upload",
    "verdicts",
    "work",
    "work_due",
]
