"""Who has which places, what they cost, the money that moved for them, and what became of it."""

from bookings.models.after import (
    Batch,
    BatchRow,
    CancellationPolicy,
    CancellationTier,
    RefundRequest,
    TicketKey,
    Transfer,
)
from bookings.models.booking import (
    Booking,
    BookingQuerySet,
    CustomerQuota,
    Ticket,
    TicketQuerySet,
    normalised_email,
)
from bookings.models.money import Document, DocumentSeries, Payment, Refund
from bookings.models.providers import OfferedProvider, ProviderEvent, ProviderHealth, StatementLine
from bookings.models.sandbox import SandboxCharge, SandboxCheckout, SandboxRefund

__all__ = [
    "Batch",
    "BatchRow",
    "Booking",
    "BookingQuerySet",
    "CancellationPolicy",
    "CancellationTier",
    "CustomerQuota",
    "Document",
    "DocumentSeries",
    "OfferedProvider",
    "Payment",
    "ProviderEvent",
    "ProviderHealth",
    "Refund",
    "RefundRequest",
    "SandboxCharge",
    "SandboxCheckout",
    "SandboxRefund",
    "StatementLine",
    "Ticket",
    "TicketKey",
    "TicketQuerySet",
    "Transfer",
    "normalised_email",
]
