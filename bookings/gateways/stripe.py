"""
Stripe Checkout: the customer pays on Stripe's own page, so that card data never touches us.

The package is imported when it is first needed: it is large, and most processes never pay by it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.gateways import (
    About,
    Checkout,
    Forged,
    Gateway,
    News,
    NotOffered,
    Outcome,
    RefundNews,
    Told,
    Unavailable,
    Unclear,
)
from bookings.models import Booking, Payment, Refund
from core import clock, money

TIMEOUT = 10
TOLERANCE = 300
"""So many seconds old may a message's signature be."""
LEAST = timedelta(minutes=30, seconds=20)
"""Stripe refuses sessions of less than 30 minutes by its own clock."""
KEYS_KEPT = timedelta(hours=23)
"""Stripe forgets what a key was used for after a day: from then on we look before we ask again."""
LOOKED_THROUGH = 1_000
"""So many sessions of the time around a payment are looked at for its own."""

# docs.stripe.com/currencies: which amounts are in whole units, and which in thousandths. ISK and UGX have no decimals,
# but are sent times 100, as if they had two.
_WHOLE = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
_THOUSANDTHS = frozenset("BHD JOD KWD OMR TND".split())
_LEAST = {
    "AED": 200,
    "AUD": 50,
    "BGN": 100,
    "BRL": 50,
    "CAD": 50,
    "CHF": 50,
    "CZK": 1_500,
    "DKK": 250,
    "EUR": 50,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17_500,
    "INR": 50,
    "JPY": 50,
    "MXN": 1_000,
    "MYR": 200,
    "NOK": 300,
    "NZD": 50,
    "PLN": 200,
    "RON": 200,
    "SEK": 300,
    "SGD": 50,
    "THB": 1_000,
    "USD": 50,
}
"""The smallest charges, in Stripe's units."""
_MOST = 99_999_999
_KEPT = ("id", "object", "status", "payment_status", "amount", "amount_total", "currency", "payment_intent", "metadata")
"""What is kept of the object that a message is about: nothing personal."""


class StripeGateway(Gateway):
    """Speaks to Stripe's API."""

    name = "stripe"
    label = gettext_lazy("Card and more (Stripe)")
    lifetime = timedelta(minutes=31)
    least_lifetime = LEAST
    needs = ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")
    acted_on = frozenset(
        {
            "checkout.session.completed",
            "checkout.session.expired",
            "checkout.session.async_payment_succeeded",
            "checkout.session.async_payment_failed",
            "payment_intent.succeeded",
            "payment_intent.payment_failed",
            "charge.succeeded",
            "charge.refunded",
            "charge.refund.updated",
            "refund.created",
            "refund.updated",
            "refund.failed",
        }
    )

    def refusal(self, booking: Booking, at: Any) -> str:
        """By Stripe's rules of amounts."""
        return amount_refusal(booking.to_pay, booking.currency)

    def open_checkout(self, payment: Payment, *, title: str, return_url: str) -> Checkout:
        """Open a session; when the key may be forgotten by now, look whether there is one first."""
        with _answers() as client:
            session = _forgotten(client, payment) or client.v1.checkout.sessions.create(
                _session(payment, title, return_url), {"idempotency_key": f"checkout-{payment.key}"}
            )
        if not session.url or not session.url.startswith(f"{settings.STRIPE_PAGES}/"):
            raise Unavailable("Stripe's page is at another address than STRIPE_PAGES.")
        return Checkout(session.id, session.url)

    def look_up(self, payment: Payment) -> Sequence[News]:
        """Ask for the session, and for whatever else was taken in the name of the payment."""
        with _answers() as client:
            session = client.v1.checkout.sessions.retrieve(
                payment.checkout_reference or "", {"expand": ["payment_intent"]}
            )
            taken = _taken(client, payment, session)
        if taken:
            return [_news(payment, Outcome.SUCCEEDED, intent) for intent in taken]
        return [_how_it_stands(payment, session)]

    def refund(self, refund: Refund) -> str:
        """Order it; when that was tried before, look whether it went through first."""
        intent = refund.payment.origin.reference or ""
        with _answers() as client:
            if refund.attempts > 1 and (known := _ordered(client, intent, refund.key)):
                return known
            ordered = client.v1.refunds.create(
                {
                    "payment_intent": intent,
                    "amount": to_stripe(refund.amount, refund.payment.currency),
                    "metadata": {"refund_key": refund.key, "payment_key": refund.payment.origin.key},
                },
                {"idempotency_key": f"refund-{refund.key}"},
            )
        return ordered.id

    def look_up_refund(self, refund: Refund) -> RefundNews:
        """Ask for it."""
        with _answers() as client:
            found = client.v1.refunds.retrieve(refund.reference or "")
        if found.status in ("failed", "canceled"):
            reason = getattr(found, "failure_reason", None) or found.status
            return RefundNews(Outcome.FAILED, str(reason))
        return RefundNews(Outcome.SUCCEEDED if found.status == "succeeded" else Outcome.PENDING)

    def read(self, body: bytes, headers: Mapping[str, str]) -> Told:
        """Check the signature over the raw bytes with Stripe's own package, and that it isn't old."""
        from stripe import SignatureVerificationError, WebhookSignature  # noqa: PLC0415 - see above

        try:
            WebhookSignature.verify_header(
                body, headers.get("Stripe-Signature"), settings.STRIPE_WEBHOOK_SECRET, TOLERANCE
            )
            event = json.loads(body)
            return Told(event["id"], event["type"], _slim(event["data"]["object"]))
        except (SignatureVerificationError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise Forged(type(error).__name__) from error

    def about(self, payload: dict[str, Any]) -> About:
        """By our key in the metadata, by the session, or by the payment intent."""
        is_session = payload.get("object") == "checkout.session"
        is_intent = payload.get("object") == "payment_intent"
        reference = payload.get("id") if is_intent else payload.get("payment_intent")
        key = payload.get("metadata", {}).get("payment_key", "")
        return About(str(key), str(payload["id"]) if is_session else "", str(reference or ""))


def to_stripe(amount: int, currency: str) -> int:
    """Return the amount in Stripe's units; raises NotOffered for what Stripe can't charge to the unit."""
    if refusal := _unit_refusal(amount, currency):
        raise NotOffered(refusal)
    ours, theirs = money.exponent(currency), _exponent(currency)
    return amount * 10 ** (theirs - ours) if theirs >= ours else amount // 10 ** (ours - theirs)


def from_stripe(amount: int, currency: str) -> int:
    """Return an amount of Stripe's in our units; raises Unclear for a part of one."""
    ours, theirs = money.exponent(currency), _exponent(currency)
    if theirs <= ours:
        return amount * 10 ** (ours - theirs)
    whole, part = divmod(amount, 10 ** (theirs - ours))
    if part:
        raise Unclear(f"Stripe took a part of the smallest unit of {currency}.")
    return whole


def amount_refusal(amount: int, currency: str) -> str:
    """Return why Stripe would charge no such amount; nothing if it would."""
    if refusal := _unit_refusal(amount, currency):
        return refusal
    least = _LEAST.get(currency)
    if least and to_stripe(amount, currency) < least:
        named = money.formatted(from_stripe(least, currency), currency)
        return _("Below %(amount)s this way to pay can't be used.") % {"amount": named}
    return _("The amount is too high for this way to pay.") if to_stripe(amount, currency) > _MOST else ""


def _unit_refusal(amount: int, currency: str) -> str:
    ours, theirs = money.exponent(currency), _exponent(currency)
    if ours > 3 or (ours == 3 and theirs != 3):
        return _("This way to pay doesn't know the currency %(currency)s.") % {"currency": currency}
    if theirs == 3 and amount % 10:
        return _("In %(currency)s this way to pay takes only amounts whose third decimal is 0.") % {
            "currency": currency
        }
    if theirs < ours and amount % 10 ** (ours - theirs):
        return _("In %(currency)s this way to pay takes whole amounts only.") % {"currency": currency}
    return ""


def _exponent(currency: str) -> int:
    return 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2


@contextmanager
def _answers() -> Iterator[Any]:
    """A client that waits TIMEOUT seconds at most; what Stripe's package raises becomes what we understand."""
    import stripe  # noqa: PLC0415 - see above

    client = stripe.StripeClient(
        settings.STRIPE_SECRET_KEY,
        base_addresses={"api": settings.STRIPE_API},
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
        max_network_retries=0,
    )
    try:
        yield client
    except stripe.InvalidRequestError as error:
        if error.code in ("amount_too_small", "amount_too_large"):
            raise NotOffered(_("This way to pay can't be used for this amount.")) from error
        raise Unclear(error.code or "invalid request") from error
    except stripe.StripeError as error:
        raise Unavailable(type(error).__name__) from error


def _session(payment: Payment, title: str, return_url: str) -> dict[str, Any]:
    mine = {"payment_key": payment.key, "booking": payment.booking.code}
    line = {
        "quantity": 1,
        "price_data": {
            "currency": payment.currency.lower(),
            "unit_amount": to_stripe(payment.amount, payment.currency),
            "product_data": {"name": title[:250]},
        },
    }
    session = {
        "mode": "payment",
        "line_items": [line],
        "client_reference_id": payment.key,
        "metadata": mine,
        "payment_intent_data": {"metadata": mine},
        "success_url": return_url,
        "cancel_url": f"{return_url}?back=1",
        "expires_at": int(payment.expires_at.timestamp()),
    }
    return session | ({"customer_email": payment.booking.email} if payment.booking.email else {})


def _forgotten(client: Any, payment: Payment) -> Any:
    """The session that was opened for a payment so long ago that its key no longer finds it."""
    if clock.now() - payment.created_at < KEYS_KEPT:
        return None
    asked = int(payment.created_at.timestamp())
    within = {"gte": asked - 60, "lte": int(payment.expires_at.timestamp())}
    sessions = client.v1.checkout.sessions.list({"created": within, "limit": 100}).auto_paging_iter()
    for _number, session in zip(range(LOOKED_THROUGH), sessions, strict=False):
        if session.client_reference_id == payment.key:
            return session
    return None


def _taken(client: Any, payment: Payment, session: Any) -> list[Any]:
    """The payment intents in the name of a payment for which there is money: the session's own first."""
    import stripe  # noqa: PLC0415 - see above

    own = session.payment_intent if session.payment_intent else None
    found = {own.id: own} if own is not None else {}
    try:
        others = client.v1.payment_intents.search({"query": f"metadata['payment_key']:'{payment.key}'"})
        found |= {each.id: each for each in others.data if each.id not in found}
    except stripe.InvalidRequestError:
        pass  # not every account may search; then what was taken besides is told by a message alone
    return [each for each in found.values() if each.status == "succeeded"]


def _how_it_stands(payment: Payment, session: Any) -> News:
    intent = session.payment_intent or None
    error = getattr(intent, "last_payment_error", None) if intent else None
    said = str(getattr(error, "message", "") or "")
    if session.status == "expired":
        return _news(payment, Outcome.FAILED, None, said or _("The payment page has expired."))
    if session.status == "complete" and intent and intent.status in ("requires_payment_method", "canceled"):
        return _news(payment, Outcome.FAILED, None, said or _("The payment was declined."))
    return _news(payment, Outcome.PENDING, None, said)


def _news(payment: Payment, outcome: Outcome, intent: Any = None, failure: str = "") -> News:
    reference = payment.checkout_reference or ""
    if intent is None:
        return News(reference, outcome, payment.amount, payment.currency, failure=failure)
    currency = intent.currency.upper()
    return News(reference, outcome, from_stripe(intent.amount_received, currency), currency, intent.id)


def _ordered(client: Any, intent: str, key: str) -> str:
    """The reference of the refund with this key, if it was ordered already."""
    known = client.v1.refunds.list({"payment_intent": intent, "limit": 100}).auto_paging_iter()
    return next((each.id for each in known if getattr(each.metadata, "refund_key", "") == key), "")


def _slim(thing: dict[str, Any]) -> dict[str, Any]:
    return {name: thing[name] for name in _KEPT if name in thing}
