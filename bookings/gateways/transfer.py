"""
Bank transfer: our own page says where to send the money. Nobody tells us that it came but our own bank, by statements
that staff import (`bookings.services.statements`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.gateways import Checkout, Gateway, News, RefundNews
from bookings.models import Booking, Payment, Refund

if TYPE_CHECKING:
    from accounts.models import Organization

DAYS = timedelta(days=5)
"""So long places wait for the money."""
BEFORE = timedelta(days=2)
"""So long before the event the waiting is over, so that what nobody paid for can still be sold."""


class TransferGateway(Gateway):
    """What staff say is what came: there is nobody to ask."""

    name = "transfer"
    label = gettext_lazy("Bank transfer")
    lifetime = DAYS
    least_lifetime = DAYS
    longest = DAYS + timedelta(hours=2)

    def why_not(self, organization: "Organization") -> str:
        if not (organization.iban and organization.account_holder):
            return _("Not set up: account holder and IBAN of the organization are missing.")
        return ""

    def refusal(self, booking: Booking, at: datetime) -> str:
        if booking.event.starts_at - at < DAYS + BEFORE:
            return _("The event is too soon for a bank transfer.")
        return ""

    def open_checkout(self, payment: Payment, *, title: str, return_url: str) -> Checkout:
        """The page of ours that says where the money goes."""
        return Checkout(payment.key, reverse("bookings:bank-transfer", args=[payment.key]))

    def look_up(self, payment: Payment) -> Sequence[News]:
        return []

    def refund(self, refund: Refund) -> str:
        raise NotImplementedError("What came by transfer goes back by hand.")

    def look_up_refund(self, refund: Refund) -> RefundNews:
        raise NotImplementedError("What came by transfer goes back by hand.")
