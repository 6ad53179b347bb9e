"""
Payment providers, as the rest of the house sees them.

A gateway talks to its provider and knows nothing of locks or bookings' states; no gateway is ever
called inside a transaction. `bookings.services.payments` draws the conclusions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from core.refusals import Refusal

if TYPE_CHECKING:
    from bookings.models import Payment, Refund

_GATEWAYS = {"sandbox": "bookings.gateways.sandbox.SandboxGateway"}


class Outcome(StrEnum):
    """What became of a payment, in the provider's word."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class News:
    """What a provider says of one checkout; `reference` names the money that was taken."""

    checkout_reference: str
    outcome: Outcome
    amount: int
    currency: str
    reference: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A page of the provider's, opened for one payment."""

    reference: str
    url: str


class Unavailable(Exception):
    """The provider did not answer, or not in a way that we understand: whatever was asked may have happened."""


class Gateway(Protocol):
    """What every provider can do. Each call may raise Unavailable, and each may be repeated harmlessly."""

    name: str
    label: str | Promise
    lifetime: timedelta
    """How long a checkout stays open."""
    least_lifetime: timedelta
    """Below this there is no point in opening one."""

    def open_checkout(self, payment: "Payment", *, title: str, return_url: str) -> Checkout:
        """Open a page on which `payment.amount` can be paid until `payment.expires_at`, once per `payment.key`."""
        ...

    def look_up(self, payment: "Payment") -> Sequence[News]:
        """Return the provider's truth: an item for each time that money was taken, else one that says how it stands."""
        ...

    def refund(self, refund: "Refund") -> str:
        """Give `refund.amount` of its payment's origin back, once per `refund.key`; return the provider's reference."""
        ...


class NotOffered(Refusal):
    """There is no such way to pay."""

    def __init__(self) -> None:
        super().__init__(_("This way to pay isn't offered. Please choose another."))


def offered() -> list[Gateway]:
    """Return the gateways that customers can choose from, in order."""
    return [gateway(name) for name in settings.PAYMENT_PROVIDERS]


def gateway(name: str) -> Gateway:
    """Return one that is switched on; raises NotOffered."""
    if name not in settings.PAYMENT_PROVIDERS or name not in _GATEWAYS:
        raise NotOffered
    return import_string(_GATEWAYS[name])()
