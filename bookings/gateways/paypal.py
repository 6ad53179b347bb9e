"""
PayPal by its REST API (Orders v2): the customer agrees on PayPal's page, and we capture on the way back.

Requests go to the host of the settings and nowhere else: no redirect is followed, and no address in an answer or a
message is ever opened from here (S36).
"""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import requests
from django.conf import settings
from django.utils.dateparse import parse_datetime
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
TOLERANCE = timedelta(seconds=300)
"""So old may a message be."""
GRACE = timedelta(minutes=1)
"""After the payment's deadline nothing is captured any more: that money would be late."""
CURRENCIES = frozenset(
    "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD".split()
)
_WHOLE = frozenset("HUF JPY TWD".split())
"""PayPal takes no decimals of these."""
_SIGNED = {
    "auth_algo": "Paypal-Auth-Algo",
    "cert_url": "Paypal-Cert-Url",
    "transmission_id": "Paypal-Transmission-Id",
    "transmission_sig": "Paypal-Transmission-Sig",
    "transmission_time": "Paypal-Transmission-Time",
}
_KEPT = ("id", "status", "custom_id", "invoice_id", "amount")
"""What is kept of the thing that a message is about: nothing personal."""
_tokens: dict[tuple[str, str], tuple[str, float]] = {}


class PayPalGateway(Gateway):
    """Speaks to PayPal's API."""

    name = "paypal"
    label = gettext_lazy("PayPal")
    lifetime = timedelta(minutes=20)
    least_lifetime = timedelta(minutes=3)
    needs = ("PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", "PAYPAL_WEBHOOK_ID")
    acted_on = frozenset(
        {
            "CHECKOUT.ORDER.APPROVED",
            "CHECKOUT.ORDER.COMPLETED",
            "CHECKOUT.PAYMENT-APPROVAL.REVERSED",
            "PAYMENT.CAPTURE.COMPLETED",
            "PAYMENT.CAPTURE.DECLINED",
            "PAYMENT.CAPTURE.DENIED",
            "PAYMENT.CAPTURE.PENDING",
            "PAYMENT.CAPTURE.REFUNDED",
            "PAYMENT.CAPTURE.REVERSED",
            "PAYMENT.REFUND.PENDING",
            "PAYMENT.REFUND.FAILED",
        }
    )

    def refusal(self, booking: Booking, at: datetime) -> str:
        """By PayPal's rules of currencies."""
        return amount_refusal(booking.to_pay, booking.currency)

    def open_checkout(self, payment: Payment, *, title: str, return_url: str) -> Checkout:
        """Open an order, or find the one that this payment's key opened before."""
        order = _ask("POST", "/v2/checkout/orders", _order(payment, title, return_url), key=payment.key)
        links = {link.get("rel"): str(link.get("href")) for link in order.get("links", [])}
        url = links.get("payer-action") or links.get("approve") or ""
        if not url.startswith(f"{settings.PAYPAL_PAGES}/"):
            raise Unavailable("PayPal's page is at another address than PAYPAL_PAGES.")
        return Checkout(str(order["id"]), url)

    def look_up(self, payment: Payment) -> Sequence[News]:
        """Ask for the order; what the customer agreed to is captured, as long as the payment waits for it."""
        order = _ask("GET", f"/v2/checkout/orders/{payment.checkout_reference}")
        waits = payment.status == Payment.Status.PENDING and clock.now() <= payment.expires_at + GRACE
        if order.get("status") == "APPROVED" and waits:
            order = _capture(payment)
        if order.get("status") == "declined":
            return [_news(payment, Outcome.FAILED, failure=_("PayPal declined the payment."))]
        captures = _captures(order)
        if taken := [each for each in captures if each["status"] in _TAKEN]:
            return [_news(payment, Outcome.SUCCEEDED, each) for each in taken]
        return [_how_it_stands(payment, order, captures)]

    def refund(self, refund: Refund) -> str:
        """Order it; PayPal remembers the key for weeks."""
        amount = {"value": to_paypal(refund.amount, refund.payment.currency), "currency_code": refund.payment.currency}
        capture = refund.payment.origin.reference
        ordered = _ask(
            "POST",
            f"/v2/payments/captures/{capture}/refund",
            {"amount": amount, "custom_id": refund.payment.origin.key, "invoice_id": refund.key},
            key=refund.key,
        )
        return str(ordered["id"])

    def look_up_refund(self, refund: Refund) -> RefundNews:
        """Ask for it."""
        found = _ask("GET", f"/v2/payments/refunds/{refund.reference}")
        match found.get("status"):
            case "COMPLETED":
                return RefundNews(Outcome.SUCCEEDED)
            case "FAILED" | "CANCELLED":
                return RefundNews(Outcome.FAILED, str(found.get("status_details", {}).get("reason", found["status"])))
        return RefundNews(Outcome.PENDING)

    def read(self, body: bytes, headers: Mapping[str, str]) -> Told:
        """Ask PayPal itself whether it signed exactly these bytes; what is old or no message at all isn't asked."""
        signed = {name: headers.get(header, "") for name, header in _SIGNED.items()}
        told = _parsed(body)
        sent = _moment(signed["transmission_time"])
        if not all(signed.values()) or sent is None or abs(clock.now() - sent) > TOLERANCE:
            raise Forged("unsigned or old")
        # The bytes as they came: written anew, they would no longer be what was signed.
        question = json.dumps(signed | {"webhook_id": settings.PAYPAL_WEBHOOK_ID})
        asked = question[:-1].encode() + b', "webhook_event": ' + body + b"}"
        answer = _ask("POST", "/v1/notifications/verify-webhook-signature", asked)
        if answer.get("verification_status") != "SUCCESS":
            raise Forged("not signed by PayPal")
        return told

    def about(self, payload: dict[str, Any]) -> About:
        """By our key, the order, or the capture."""
        is_order = bool(payload.get("purchase_units"))
        first = payload["purchase_units"][0] if is_order else {}
        key = payload.get("custom_id") or first.get("custom_id", "")
        return About(str(key), str(payload.get("id", "")) if is_order else "", str(payload.get("id", "")))


_TAKEN = {"COMPLETED", "REFUNDED", "PARTIALLY_REFUNDED"}


def to_paypal(amount: int, currency: str) -> str:
    """Return the amount as PayPal writes it; raises NotOffered for what it can't take to the unit."""
    if refusal := amount_refusal(amount, currency):
        raise NotOffered(refusal)
    return f"{money.to_decimal(amount, currency):.{0 if currency in _WHOLE else 2}f}"


def amount_refusal(amount: int, currency: str) -> str:
    """Return why PayPal would take no such amount; nothing if it would."""
    if currency not in CURRENCIES:
        return _("This way to pay doesn't know the currency %(currency)s.") % {"currency": currency}
    if currency in _WHOLE and amount % 10 ** money.exponent(currency):
        return _("In %(currency)s this way to pay takes whole amounts only.") % {"currency": currency}
    return ""


def _order(payment: Payment, title: str, return_url: str) -> dict[str, Any]:
    unit = {
        "reference_id": payment.booking.code,
        "custom_id": payment.key,
        "description": title[:127],
        "amount": {"currency_code": payment.currency, "value": to_paypal(payment.amount, payment.currency)},
    }
    page = {
        "return_url": return_url,
        "cancel_url": f"{return_url}?back=1",
        "user_action": "PAY_NOW",
        "shipping_preference": "NO_SHIPPING",
    }
    return {"intent": "CAPTURE", "purchase_units": [unit], "payment_source": {"paypal": {"experience_context": page}}}


def _capture(payment: Payment) -> dict[str, Any]:
    reference = payment.checkout_reference
    try:
        return _ask("POST", f"/v2/checkout/orders/{reference}/capture", {}, key=f"capture-{payment.key}")
    except _Refused as refused:
        if refused.issue == "ORDER_ALREADY_CAPTURED":
            return _ask("GET", f"/v2/checkout/orders/{reference}")
        if refused.issue == "INSTRUMENT_DECLINED":
            return {"status": "declined"}
        raise


def _captures(order: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for unit in order.get("purchase_units", []) for each in unit.get("payments", {}).get("captures", [])]


def _how_it_stands(payment: Payment, order: dict[str, Any], captures: list[dict[str, Any]]) -> News:
    if order.get("status") == "VOIDED":
        return _news(payment, Outcome.FAILED, failure=_("The payment page has expired."))
    if captures and all(each["status"] in ("DECLINED", "FAILED") for each in captures):
        return _news(payment, Outcome.FAILED, failure=_("PayPal declined the payment."))
    return _news(payment, Outcome.PENDING)


def _news(payment: Payment, outcome: Outcome, capture: dict[str, Any] | None = None, failure: str = "") -> News:
    reference = payment.checkout_reference or ""
    if capture is None:
        return News(reference, outcome, payment.amount, payment.currency, failure=failure)
    currency = str(capture["amount"]["currency_code"])
    amount = money.from_decimal(Decimal(capture["amount"]["value"]), currency)
    return News(reference, outcome, amount, currency, str(capture["id"]))


def _parsed(body: bytes) -> Told:
    try:
        event = json.loads(body)
        thing = event["resource"]
        kept = {name: thing[name] for name in _KEPT if name in thing}
        if units := thing.get("purchase_units"):
            kept["purchase_units"] = [{"custom_id": unit.get("custom_id", "")} for unit in units]
        return Told(str(event["id"]), str(event["event_type"]), kept)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Forged(type(error).__name__) from error


def _moment(written: str) -> datetime | None:
    try:
        moment = parse_datetime(written)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


class _Refused(Unclear):
    """PayPal understood and said no; `issue` is its word for why."""

    def __init__(self, issue: str) -> None:
        super().__init__(issue)
        self.issue = issue


def _ask(method: str, path: str, data: Any = None, *, key: str = "") -> dict[str, Any]:
    """Send one request with our token; raises Unavailable for anything but an answer, and _Refused for a 422."""
    headers = {"Authorization": f"Bearer {_token()}", "Content-Type": "application/json"}
    headers |= {"Prefer": "return=representation"} | ({"PayPal-Request-Id": key} if key else {})
    body = data if isinstance(data, bytes) or data is None else json.dumps(data).encode()
    answer = _send(method, path, data=body, headers=headers)
    if answer.status_code == 401:
        _tokens.clear()
    if answer.status_code == 422:
        details = _json(answer).get("details") or [{}]
        raise _Refused(str(details[0].get("issue", "refused")))
    if answer.status_code in (400, 404, 409):
        raise Unclear(f"PayPal answered {answer.status_code}.")
    if not answer.ok:
        raise Unavailable(f"PayPal answered {answer.status_code}.")
    return _json(answer)


def _token() -> str:
    """Our permission of the moment, asked for again a minute before it ends."""
    who = (settings.PAYPAL_API, settings.PAYPAL_CLIENT_ID)
    token, until = _tokens.get(who, ("", 0.0))
    if time.monotonic() < until:
        return token
    answer = _send(
        "POST",
        "/v1/oauth2/token",
        data=b"grant_type=client_credentials",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        auth=(settings.PAYPAL_CLIENT_ID, settings.PAYPAL_CLIENT_SECRET),
    )
    if not answer.ok:
        raise Unavailable(f"PayPal gave no token: {answer.status_code}.")
    given = _json(answer)
    _tokens[who] = (str(given["access_token"]), time.monotonic() + int(given.get("expires_in", 0)) - 60)
    return _tokens[who][0]


def _send(method: str, path: str, **more: Any) -> requests.Response:
    try:
        return requests.request(method, settings.PAYPAL_API + path, timeout=TIMEOUT, allow_redirects=False, **more)
    except requests.RequestException as error:
        raise Unavailable(type(error).__name__) from error


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError as error:
        raise Unavailable("PayPal's answer is no JSON.") from error
    if not isinstance(found, dict):
        raise Unavailable("PayPal's answer is no object.")
    return found
