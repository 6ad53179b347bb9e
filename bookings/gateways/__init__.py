"""
Payment providers, as the rest of the house sees them.

A gateway talks to its provider and knows nothing of locks or bookings' states; no gateway is ever
called inside a transaction. `bookings.services.payments` draws the conclusions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.gateways import health
from bookings.gateways.health import Unavailable, Unclear
from core.refusals import Refusal

if TYPE_CHECKING:
    from accounts.models import Organization
    from bookings.models import Booking, Payment, Refund

__all__ = ["Unavailable", "Unclear"]

_GATEWAYS = {
    "sandbox": "bookings.gateways.sandbox.SandboxGateway",
    "stripe": "bookings.gateways.stripe.StripeGateway",
    "paypal": "bookings.gateways.paypal.PayPalGateway",
    "transfer": "bookings.gateways.transfer.TransferGateway",
}


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


@dataclass(frozen=True, slots=True)
class RefundNews:
    """What became of a refund that was ordered, in the provider's word."""

    outcome: Outcome
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A message of the provider's own accord, whose signature was right; `payload` has no personal data."""

    event_id: str
    kind: str
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class About:
    """By what a message says which payment it is about: our key, the checkout, or the money's reference."""

    key: str = ""
    checkout: str = ""
    reference: str = ""


class Forged(Exception):
    """A message without the provider's signature over exactly these bytes, or an old one."""


class NotOffered(Refusal):
    """There is no such way to pay, or not for this booking."""

    def __init__(self, message: str | Promise | None = None) -> None:
        super().__init__(message or gettext_lazy("This way to pay isn't offered. Please choose another."))


class Gateway:
    """What every provider can do. Each call may raise Unavailable, and each may be repeated harmlessly."""

    name: ClassVar[str]
    label: ClassVar[str | Promise]
    lifetime: ClassVar[timedelta]
    """How long a checkout stays open."""
    least_lifetime: ClassVar[timedelta]
    """Below this there is no point in opening one."""
    longest: ClassVar[timedelta | None] = None
    """How long a hand-over to it may keep places from the reservation on, if not only as long as all others."""
    needs: ClassVar[tuple[str, ...]] = ()
    """Settings, and variables of the environment, without which it can't work."""
    acted_on: ClassVar[frozenset[str]] = frozenset()
    """The kinds of messages that may change how a payment or a refund stands."""

    def missing(self) -> list[str]:
        """Return which of the variables that it needs are not set."""
        return [name for name in self.needs if not getattr(settings, name)]

    def why_not(self, organization: "Organization") -> str:
        """Return why an organization can't offer it; nothing if it can."""
        if missing := self.missing():
            return _("Not set up: %(names)s is missing.") % {"names": ", ".join(missing)}
        return ""

    def refusal(self, booking: "Booking", at: datetime) -> str:
        """Return why this booking can't be paid so; nothing if it can."""
        return ""

    def open_checkout(self, payment: "Payment", *, title: str, return_url: str) -> Checkout:
        """Open a page on which `payment.amount` can be paid until `payment.expires_at`, once per `payment.key`."""
        raise NotImplementedError

    def look_up(self, payment: "Payment") -> Sequence[News]:
        """Return the provider's truth: an item for each time that money was taken, else one that says how it stands."""
        raise NotImplementedError

    def refund(self, refund: "Refund") -> str:
        """Give `refund.amount` of its payment's origin back, once per `refund.key`; return the provider's reference."""
        raise NotImplementedError

    def look_up_refund(self, refund: "Refund") -> RefundNews:
        """Return what became of a refund that was ordered."""
        raise NotImplementedError

    def read(self, body: bytes, headers: Mapping[str, str]) -> Told:
        """Return what a message says, if it is the provider's. Raises Forged, and Unavailable if it can't be known."""
        raise Forged

    def about(self, payload: dict[str, Any]) -> About:
        """Return which payment a message is about."""
        return About()


def names() -> list[str]:
    """Return the providers that are switched on here, in the order of the settings."""
    return [name for name in settings.PAYMENT_PROVIDERS if name in _GATEWAYS]


def gateway(name: str) -> Gateway:
    """Return one that is switched on; raises NotOffered."""
    if name not in names():
        raise NotOffered
    return import_string(_GATEWAYS[name])()


def provider_name(name: str) -> str:
    """What a provider is called; one that isn't offered any more by its name for code."""
    try:
        return str(gateway(name).label)
    except NotOffered:
        return name


def installed() -> list[Gateway]:
    """Return all that are switched on, set up or not."""
    return [gateway(name) for name in names()]


def offered(organization: "Organization") -> list[Gateway]:
    """
    Return the gateways that an organization's customers can choose from, in order: those it chose (all, if none) that
    are set up, without those that are left alone because they don't answer.
    """
    chosen = list(organization.offered_providers.values_list("provider", flat=True)) or names()
    away = health.left_alone()
    found = [gateway(name) for name in chosen if name in names() and name not in away]
    return [each for each in found if not each.why_not(organization)]


def offered_for(booking: "Booking", at: datetime) -> list[Gateway]:
    """Return those with which this booking can be paid now."""
    return [each for each in offered(booking.organization) if not each.refusal(booking, at)]


def check_offered(name: str, booking: "Booking", at: datetime) -> Gateway:
    """Return the gateway if this booking may be paid with it now; raises NotOffered with the reason, Unavailable."""
    way = gateway(name)
    chosen = list(booking.organization.offered_providers.values_list("provider", flat=True))
    if (chosen and name not in chosen) or way.why_not(booking.organization):
        raise NotOffered
    if reason := way.refusal(booking, at):
        raise NotOffered(reason)
    if name in health.left_alone():
        raise Unavailable(name)
    return way
