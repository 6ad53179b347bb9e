"""
Stripe and PayPal as far as a box office needs them, in a process of their own with a ledger of their own:

    python -m tests.standin [PORT]      prints its address, and ends with its standard input

It shares no code with our gateways. What customers do, and what goes wrong, is told to it at /control/…: see CONTROLS.
Messages (webhooks) are kept until somebody fetches or delivers them, so a test may lose, repeat, delay and reorder
them. Stripe's are signed by Stripe's own package.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

from stripe import WebhookSignature

STRIPE_KEY, STRIPE_SECRET = "sk_standin", "whsec_standin"
PAYPAL_ID, PAYPAL_SECRET, PAYPAL_WEBHOOK = "client", "client-secret", "webhook-1"
HALF_AN_HOUR = 1_800
LEAST = {"eur": 50, "usd": 50, "gbp": 30, "jpy": 50}
THOUSANDTHS = {"kwd", "bhd"}
NO_DECIMALS = {"HUF", "JPY", "TWD"}


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status)
        self.status, self.body = status, body


def stripe_error(code: str, status: int = 400, kind: str = "invalid_request_error") -> Refused:
    """What Stripe says when it won't."""
    return Refused(status, {"error": {"type": kind, "code": code, "message": f"stand-in: {code}"}})


def paypal_error(issue: str, status: int = 422) -> Refused:
    """What PayPal says when it won't."""
    return Refused(status, {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": issue}]})


class Ledger:
    """What both providers know."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.things: dict[str, dict[str, Any]] = {}
        self.answered: dict[str, tuple[str, dict[str, Any]]] = {}
        self.messages: list[dict[str, Any]] = []
        self.faults: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.offset = 0.0
        self.count = 0

    def now(self) -> float:
        """Their clock, which a test may set."""
        return time.time() + self.offset

    def name(self, prefix: str) -> str:
        """A name that nothing had before, in this process or another."""
        self.count += 1
        return f"{prefix}_{self.count}{hashlib.sha256(f'{time.time_ns()}'.encode()).hexdigest()[:12]}"

    def keep(self, thing: dict[str, Any]) -> dict[str, Any]:
        """Write it down."""
        self.things[thing["id"]] = thing
        return thing

    def find(self, name: str, error: Refused) -> dict[str, Any]:
        """Return it or refuse."""
        if name not in self.things:
            raise error
        return self.things[name]

    def kind(self, prefix: str) -> list[dict[str, Any]]:
        """All things of a kind."""
        return [thing for name, thing in self.things.items() if name.startswith(prefix)]

    def once(self, key: str, body: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Do it once for a key; the same key with another body is a mistake."""
        if key and key in self.answered:
            before, answer = self.answered[key]
            if before != body:
                raise stripe_error("idempotency_key_in_use", 400, "idempotency_error")
            return self.things.get(answer["id"], answer)
        made = make()
        if key:
            self.answered[key] = (body, made)
        return made

    def tell(self, provider: str, kind: str, thing: dict[str, Any]) -> None:
        """Keep a message for whoever delivers it."""
        number = self.name("evt")
        if provider == "stripe":
            content = {"id": number, "object": "event", "type": kind, "data": {"object": thing}}
        else:
            content = {"id": number, "event_type": kind, "resource": thing}
        self.messages.append({"provider": provider, "kind": kind, "body": json.dumps(content, indent=1)})

    def signed(self, message: dict[str, Any], *, age: float = 0) -> dict[str, str]:
        """The headers of a message, signed so many seconds ago."""
        body = message["body"]
        if message["provider"] == "stripe":
            stamp = int(time.time() - age)  # by the host's clock, as Stripe's package reads it
            return {"Stripe-Signature": WebhookSignature.generate_signature_header(body, STRIPE_SECRET, stamp)}
        sent = datetime.fromtimestamp(self.now() - age, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        number = hashlib.sha256(body.encode()).hexdigest()[:20]
        return {
            "Paypal-Transmission-Id": number,
            "Paypal-Transmission-Time": sent,
            "Paypal-Transmission-Sig": paypal_signature(number, sent, body.encode()),
            "Paypal-Auth-Algo": "SHA256withRSA",
            "Paypal-Cert-Url": "http://169.254.169.254/certificate.pem",  # whoever opens it fell for it
        }

    def totals(self) -> dict[str, Any]:
        """What was taken and given back, by currency, in the provider's units."""
        taken: dict[str, float] = {}
        for intent in self.kind("pi"):
            if intent["status"] == "succeeded":
                taken[intent["currency"]] = taken.get(intent["currency"], 0) + intent["amount_received"]
        back: dict[str, float] = {}
        for refund in self.kind("re"):
            if refund["status"] != "failed":
                back[refund["currency"]] = back.get(refund["currency"], 0) + refund["amount"]
        captures = [c for c in self.kind("CAP") if c["status"] in ("COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED")]
        return {
            "stripe": {"taken": taken, "back": back},
            "paypal": {
                "taken": sum(float(c["amount"]["value"]) for c in captures),
                "back": sum(float(r["amount"]["value"]) for r in self.kind("PPR") if r["status"] != "FAILED"),
            },
        }


def paypal_signature(number: str, sent: str, body: bytes) -> str:
    """PayPal's signature, as good as the real one for who asks PayPal whether it is."""
    told = f"{number}|{sent}|{PAYPAL_WEBHOOK}|{hashlib.sha256(body).hexdigest()}"
    return base64.b64encode(hmac.new(b"paypal", told.encode(), hashlib.sha256).digest()).decode()


# --- Stripe ---------------------------------------------------------------------------------------


def metadata(form: dict[str, str], prefix: str) -> dict[str, str]:
    """Return what was sent as prefix[metadata][…]."""
    start = f"{prefix}[metadata][" if prefix else "metadata["
    return {key[len(start) : -1]: value for key, value in form.items() if key.startswith(start)}


def open_session(ledger: Ledger, form: dict[str, str]) -> dict[str, Any]:
    price = "line_items[0][price_data]"
    amount, currency = int(form[f"{price}[unit_amount]"]), form[f"{price}[currency]"]
    if amount < LEAST.get(currency, 0):
        raise stripe_error("amount_too_small")
    if currency in THOUSANDTHS and amount % 10:
        raise stripe_error("parameter_invalid_integer")
    if int(form["expires_at"]) < ledger.now() + HALF_AN_HOUR:
        raise stripe_error("expires_at_too_soon")
    name = ledger.name("cs")
    return ledger.keep(
        {
            "id": name,
            "object": "checkout.session",
            "url": f"{ledger.address}/pay/{name}",
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "client_reference_id": form.get("client_reference_id"),
            "metadata": metadata(form, ""),
            "intent_metadata": metadata(form, "payment_intent_data"),
            "amount_total": amount,
            "currency": currency,
            "created": int(ledger.now()),
            "expires_at": int(form["expires_at"]),
            "success_url": form["success_url"],
            "customer_details": {"email": form.get("customer_email"), "name": "Ada Example"},
        }
    )


def shown_session(ledger: Ledger, session: dict[str, Any]) -> dict[str, Any]:
    if session["status"] == "open" and ledger.now() > session["expires_at"]:
        session["status"] = "expired"
    intent = session["payment_intent"]
    return session | {"payment_intent": ledger.things[intent] if intent else None}


def order_refund(ledger: Ledger, form: dict[str, str]) -> dict[str, Any]:
    intent = ledger.find(form["payment_intent"], stripe_error("resource_missing", 404))
    gone = sum(
        r["amount"] for r in ledger.kind("re") if r["payment_intent"] == intent["id"] and r["status"] != "failed"
    )
    amount = int(form["amount"])
    if gone + amount > intent["amount_received"]:
        raise stripe_error("charge_already_refunded")
    refund = {
        "id": ledger.name("re"),
        "object": "refund",
        "amount": amount,
        "currency": intent["currency"],
        "payment_intent": intent["id"],
        "status": "pending",
        "metadata": metadata(form, ""),
        "failure_reason": None,
    }
    ledger.tell("stripe", "refund.created", ledger.keep(refund))
    return refund


def listed(things: list[dict[str, Any]], url: str) -> dict[str, Any]:
    return {"object": "list", "url": url, "has_more": False, "data": things}


def stripe(ledger: Ledger, method: str, path: str, form: dict[str, str], key: str) -> dict[str, Any]:
    """Answer as Stripe's API does."""
    body = json.dumps(form, sort_keys=True)
    if (method, path) == ("POST", "/v1/checkout/sessions"):
        return shown_session(ledger, ledger.once(key, body, lambda: open_session(ledger, form)))
    if (method, path) == ("GET", "/v1/checkout/sessions"):
        within = (int(form.get("created[gte]", 0)), int(form.get("created[lte]", 2**40)))
        return listed([s for s in ledger.kind("cs") if within[0] <= s["created"] <= within[1]], path)
    if path.startswith("/v1/checkout/sessions/"):
        return shown_session(ledger, ledger.find(path.rpartition("/")[2], stripe_error("resource_missing", 404)))
    if path == "/v1/payment_intents/search":
        wanted = form["query"].rpartition(":")[2].strip("'")
        found = [i for i in ledger.kind("pi") if i["metadata"].get("payment_key") == wanted]
        return listed(found, path) | {"object": "search_result"}
    if (method, path) == ("POST", "/v1/refunds"):
        return ledger.once(key, body, lambda: order_refund(ledger, form))
    if (method, path) == ("GET", "/v1/refunds"):
        return listed([r for r in ledger.kind("re") if r["payment_intent"] == form["payment_intent"]], path)
    if path.startswith("/v1/refunds/"):
        return ledger.find(path.rpartition("/")[2], stripe_error("resource_missing", 404))
    raise stripe_error("unknown_path", 404)


def pay_stripe(ledger: Ledger, session: dict[str, Any], how: str, amount: int | None) -> None:
    """Do what a customer does on Stripe's page."""
    known = session["payment_intent"] and how != "twice"
    intent = (
        ledger.things[session["payment_intent"]] if known else {"id": ledger.name("pi"), "object": "payment_intent"}
    )
    intent |= {
        "currency": session["currency"],
        "amount": session["amount_total"],
        "amount_received": 0,
        "status": "requires_payment_method",
        "metadata": session["intent_metadata"],
        "last_payment_error": None,
    }
    ledger.keep(intent)
    session["payment_intent"] = session["payment_intent"] or intent["id"]
    if how == "decline":
        intent["last_payment_error"] = {"message": "Your card was declined."}
        ledger.tell("stripe", "payment_intent.payment_failed", intent)
        return
    session["status"] = "complete"
    if how == "processing":
        intent["status"] = "processing"
        ledger.tell("stripe", "checkout.session.completed", dict(session))
        return
    if how == "fail":
        intent["last_payment_error"] = {"message": "The bank said no."}
        ledger.tell("stripe", "checkout.session.async_payment_failed", dict(session))
        return
    intent |= {"status": "succeeded", "amount_received": session["amount_total"] if amount is None else amount}
    session["payment_status"] = "paid"
    ledger.tell("stripe", "payment_intent.succeeded", dict(intent))
    ledger.tell("stripe", "checkout.session.completed", dict(session))


# --- PayPal ---------------------------------------------------------------------------------------


def open_order(ledger: Ledger, sent: dict[str, Any]) -> dict[str, Any]:
    unit = sent["purchase_units"][0]
    currency, value = unit["amount"]["currency_code"], unit["amount"]["value"]
    if ("." in value) == (currency in NO_DECIMALS):
        raise paypal_error("DECIMAL_PRECISION")
    name = ledger.name("ORDER")
    page = sent["payment_source"]["paypal"]["experience_context"]
    return ledger.keep(
        {
            "id": name,
            "status": "PAYER_ACTION_REQUIRED",
            "purchase_units": [dict(unit)],
            "payer": {"email_address": "ada@example.com"},
            "success_url": page["return_url"],
            "links": [{"rel": "payer-action", "href": f"{ledger.address}/pay/{name}"}],
        }
    )


def capture(ledger: Ledger, order: dict[str, Any]) -> dict[str, Any]:
    if order["status"] == "COMPLETED":
        raise paypal_error("ORDER_ALREADY_CAPTURED")
    if order["status"] != "APPROVED":
        raise paypal_error("ORDER_NOT_APPROVED")
    if order.get("declines"):
        raise paypal_error("INSTRUMENT_DECLINED")
    order["status"] = "COMPLETED"
    take(ledger, order)
    return order


def take(ledger: Ledger, order: dict[str, Any]) -> None:
    unit = order["purchase_units"][0]
    amount = dict(unit["amount"]) | ({"value": order["other_value"]} if order.get("other_value") else {})
    status = "PENDING" if order.get("pends") else "COMPLETED"
    taken = {"id": ledger.name("CAP"), "status": status, "amount": amount, "custom_id": unit["custom_id"]}
    unit.setdefault("payments", {}).setdefault("captures", []).append(ledger.keep(taken))
    ledger.tell("paypal", f"PAYMENT.CAPTURE.{status}", dict(taken))


def refund_capture(ledger: Ledger, name: str, sent: dict[str, Any]) -> dict[str, Any]:
    taken = ledger.find(name, paypal_error("INVALID_RESOURCE_ID", 404))
    gone = sum(
        float(r["amount"]["value"]) for r in ledger.kind("PPR") if r["capture"] == name and r["status"] != "FAILED"
    )
    if gone + float(sent["amount"]["value"]) > float(taken["amount"]["value"]) + 1e-9:
        raise paypal_error("CAPTURE_FULLY_REFUNDED")
    refund = {"id": ledger.name("PPR"), "status": "PENDING", "capture": name, **sent}
    ledger.tell("paypal", "PAYMENT.CAPTURE.REFUNDED", dict(ledger.keep(refund)))
    return refund


def verified(raw: bytes) -> dict[str, Any]:
    """Whether we signed the message inside, over exactly its bytes."""
    message = raw[raw.index(b'"webhook_event": ') + len(b'"webhook_event": ') : -1]
    sent = json.loads(raw)
    expected = paypal_signature(sent["transmission_id"], sent["transmission_time"], message)
    good = sent["webhook_id"] == PAYPAL_WEBHOOK and hmac.compare_digest(
        expected.encode(), sent["transmission_sig"].encode()
    )
    return {"verification_status": "SUCCESS" if good else "FAILURE"}


def paypal(ledger: Ledger, method: str, path: str, raw: bytes, key: str) -> dict[str, Any]:
    """Answer as PayPal's API does."""
    if path == "/v1/oauth2/token":
        return {"access_token": "token", "expires_in": 3600}
    if path == "/v1/notifications/verify-webhook-signature":
        return verified(raw)
    sent = json.loads(raw) if raw else {}
    body = json.dumps(sent, sort_keys=True)
    parts = path.strip("/").split("/")
    if (method, path) == ("POST", "/v2/checkout/orders"):
        return ledger.once(key, body, lambda: open_order(ledger, sent))
    if parts[:3] == ["v2", "checkout", "orders"]:
        order = ledger.find(parts[3], paypal_error("INVALID_RESOURCE_ID", 404))
        return ledger.once(key, body, lambda: capture(ledger, order)) if parts[4:] == ["capture"] else order
    if parts[:3] == ["v2", "payments", "captures"]:
        return ledger.once(key, body, lambda: refund_capture(ledger, parts[3], sent))
    if parts[:3] == ["v2", "payments", "refunds"]:
        return ledger.find(parts[3], paypal_error("INVALID_RESOURCE_ID", 404))
    raise paypal_error("NOT_FOUND", 404)


def pay_paypal(ledger: Ledger, order: dict[str, Any], how: str, amount: str | None) -> None:
    """Do what a customer does on PayPal's page; `twice` is PayPal's own doing."""
    if how == "twice":
        take(ledger, order)
        return
    order |= {"status": "APPROVED", "declines": how == "decline", "pends": how == "processing", "other_value": amount}
    ledger.tell("paypal", "CHECKOUT.ORDER.APPROVED", dict(order))


# --- What tests do --------------------------------------------------------------------------------


def control(ledger: Ledger, name: str, sent: dict[str, Any]) -> Any:
    """See CONTROLS."""
    return CONTROLS[name](ledger, **sent)


def _pay(ledger: Ledger, checkout: str, how: str = "pay", amount: Any = None) -> None:
    thing = ledger.things[checkout]
    (pay_stripe if checkout.startswith("cs") else pay_paypal)(ledger, thing, how, amount)


def _end_refund(ledger: Ledger, refund: str, how: str) -> None:
    thing = ledger.things[refund]
    if refund.startswith("re"):
        thing |= {"status": how, "failure_reason": "expired_or_canceled_card" if how == "failed" else None}
        ledger.tell("stripe", "refund.failed" if how == "failed" else "refund.updated", dict(thing))
    else:
        thing["status"] = "FAILED" if how == "failed" else "COMPLETED"
        ledger.tell("paypal", "PAYMENT.REFUND.FAILED" if how == "failed" else "PAYMENT.CAPTURE.REFUNDED", dict(thing))


def _clock(ledger: Ledger, now: float) -> None:
    ledger.offset = now - time.time()


def _messages(ledger: Ledger, age: float = 0) -> list[dict[str, Any]]:
    return [message | {"headers": ledger.signed(message, age=age)} for message in ledger.messages]


def _deliver(ledger: Ledger, to: str, order: list[int] | None = None, pause: float = 0) -> list[int]:
    """Send messages to a shop, in this order, as often as they are named, so many seconds apart."""
    answers = []
    for number in range(len(ledger.messages)) if order is None else order:
        message = ledger.messages[number]
        headers = ledger.signed(message) | {"Content-Type": "application/json"}
        address = f"{to}/webhooks/{message['provider']}/"
        with contextlib.suppress(OSError):
            time.sleep(pause)
            with urlopen(Request(address, message["body"].encode(), headers)) as answer:
                answers.append(answer.status)
    return answers


CONTROLS: dict[str, Callable[..., Any]] = {
    "reset": lambda ledger: ledger.reset(),
    "clock": _clock,
    "forget-keys": lambda ledger: ledger.answered.clear(),
    "pay": _pay,
    "end-refund": _end_refund,
    # how: "drop" and "hang" do what was asked and don't answer; "error" does nothing and says so.
    "fault": lambda ledger, path, how, times=1: ledger.faults.append({"path": path, "how": how, "times": times}),
    "messages": _messages,
    "tell": lambda ledger, provider, kind, thing: ledger.tell(provider, kind, thing),
    "deliver": _deliver,
    "totals": lambda ledger: ledger.totals(),
    "things": lambda ledger: ledger.things,
    "asked": lambda ledger: ledger.asked,
}


class Handler(BaseHTTPRequestHandler):
    """HTTP."""

    ledger: Ledger
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.serve("GET")

    def do_POST(self) -> None:
        self.serve("POST")

    def serve(self, method: str) -> None:
        """Read, do, and answer, unless a fault says otherwise."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        if url.path.startswith("/control/"):
            self.answer(200, control(self.ledger, url.path[9:], json.loads(raw or b"{}")))
            return
        if url.path.startswith("/pay/"):
            self.page(url.path[5:], parse_qs(url.query).get("how", ["pay"])[0])
            return
        fault = self.fault(url.path)
        if fault == "error":
            self.answer(500, {"error": {"type": "api_error", "message": "stand-in: out of order"}})
            return
        status, said = self.done(method, url.path, url.query, raw)
        if fault == "hang":
            threading.Event().wait(5)
        if fault:
            self.close_connection = True
            return
        self.answer(status, said)

    def done(self, method: str, path: str, query: str, raw: bytes) -> tuple[int, Any]:
        with self.ledger.lock:
            self.ledger.asked.append(f"{method} {path}")
            try:
                if path.startswith(("/v1/oauth2", "/v1/notifications", "/v2/")):
                    return 200, paypal(self.ledger, method, path, raw, self.headers.get("PayPal-Request-Id", ""))
                sent = parse_qs(raw.decode() or query, keep_blank_values=True)
                form = {key: value[0] for key, value in sent.items()}
                return 200, stripe(self.ledger, method, path, form, self.headers.get("Idempotency-Key", ""))
            except Refused as refused:
                return refused.status, refused.body

    def fault(self, path: str) -> str:
        """What is to go wrong with this call."""
        with self.ledger.lock:
            for fault in self.ledger.faults:
                if fault["times"] and path.startswith(fault["path"]):
                    fault["times"] -= 1
                    return fault["how"]
        return ""

    def page(self, name: str, how: str) -> None:
        """The hosted page: whoever opens it has paid, and is sent back."""
        with self.ledger.lock:
            _pay(self.ledger, name, how)
        self.send_response(303)
        self.send_header("Location", self.ledger.things[name]["success_url"])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self, status: int, said: Any) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Be silent."""


def main(port: str = "0") -> None:
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    server.daemon_threads = True
    Handler.ledger = Ledger(f"http://127.0.0.1:{server.server_port}")
    print(Handler.ledger.address, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
