"""
What providers tell us by themselves: stored once, then acted on by asking for the truth.

A message says only that something changed. What is true now the provider is asked for, so the order in which messages
come, and how often each does, makes no difference.
"""

import logging
from collections.abc import Mapping
from typing import Any

from bookings.gateways import About, NotOffered, Told, gateway, health, names
from bookings.models import Payment, ProviderEvent, Refund
from bookings.services import payments, refunds
from core import clock, retries
from core.transactions import outermost

logger = logging.getLogger(__name__)


def receive(*, provider: str, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
    """
    Store a provider's message, once, and let the worker act on it.

    Raises NotOffered for who isn't set up here, Forged for who isn't the provider, and Unavailable if the provider
    would have to say whether it was it and doesn't.
    """
    way = gateway(provider)
    if way.missing():
        raise NotOffered
    with health.watched(provider):
        told = way.read(body, headers)
    return _stored(provider=provider, told=told)


@outermost
def _stored(*, provider: str, told: Told) -> ProviderEvent:
    from bookings.tasks import handle_event  # noqa: PLC0415 - the task calls back into this module

    now = clock.now()
    event, is_new = ProviderEvent.objects.get_or_create(
        provider=provider,
        event_id=told.event_id[:120],
        defaults={
            "kind": told.kind[:80],
            "payload": told.payload,
            "received_at": now,
            "next_attempt_at": now,
        },
    )
    if is_new:
        handle_event.enqueue(event.pk)
    return event


def handle(event_id: int) -> bool:
    """Act on one message if it is due and nobody else is at it; return whether that is done."""
    if not _lease(event_id=event_id):
        return False
    event = ProviderEvent.objects.get(pk=event_id)
    try:
        _record(event_id=event_id, payment=_act_on(event), known=event.kind in gateway(event.provider).acted_on)
    except Exception as error:  # noqa: BLE001 - whatever happens to us, the row remembers and is tried again
        logger.warning("Message %s of %s could not be handled: %s", event.pk, event.provider, type(error).__name__)
        _put_off(event_id=event_id, failure=f"{type(error).__name__}: {error}"[:200])
        return False
    return True


def handle_due(limit: int = 200) -> int:
    """Act on the messages that are due; return how many. What a lost task left behind is found here."""
    due = ProviderEvent.objects.filter(status=ProviderEvent.Status.WAITING, next_attempt_at__lte=clock.now())
    due = due.filter(provider__in=names()).exclude(provider__in=health.left_alone())
    return sum(handle(pk) for pk in due.order_by("next_attempt_at").values_list("pk", flat=True)[:limit])


@outermost
def retry(*, event_id: int) -> bool:
    """Let a message that failed, or that nobody knew what to do with, be acted on again; return whether it will be."""
    from bookings.tasks import handle_event  # noqa: PLC0415 - the task calls back into this module

    again = ProviderEvent.objects.filter(pk=event_id, status__in=_UNDONE)
    done = again.update(status=ProviderEvent.Status.WAITING, attempts=0, next_attempt_at=clock.now())
    if done:
        handle_event.enqueue(event_id)
    return bool(done)


_UNDONE = (ProviderEvent.Status.FAILED, ProviderEvent.Status.UNKNOWN)


def _act_on(event: ProviderEvent) -> Payment | None:
    """Ask how the payment stands that a message is about, and the refunds of it; return the payment."""
    way = gateway(event.provider)
    about = way.about(event.payload)
    payment = find_payment(event.provider, about)
    if payment is not None and event.kind in way.acted_on:
        payments.look_up_payment(payment, checkout=about.checkout)
        for refund in Refund.objects.filter(payment__in=payment.and_moved_on(), status__in=_ON_THE_WAY):
            refunds.look_up(refund)
    return payment


_ON_THE_WAY = (Refund.Status.SENT, Refund.Status.SUCCEEDED)


def find_payment(provider: str, about: About) -> Payment | None:
    """Return the payment that a message is about, the one that opened the checkout before one of its charges."""
    ours = Payment.objects.filter(provider=provider)
    for field, said in (("key", about.key), ("checkout_reference", about.checkout), ("reference", about.reference)):
        if said and (found := ours.filter(**{field: said}).first()):
            return found
    return None


@outermost
def _lease(*, event_id: int) -> bool:
    now = clock.now()
    due = ProviderEvent.objects.filter(
        pk=event_id, status=ProviderEvent.Status.WAITING, next_attempt_at__lte=now, provider__in=names()
    )
    return retries.lease(due, now)


@outermost
def _record(*, event_id: int, payment: Payment | None, known: bool) -> None:
    event = _locked(event_id)
    if event.status != ProviderEvent.Status.WAITING:
        return
    event.payment, event.handled_at, event.failure = payment, clock.now(), ""
    event.status = _status(payment, known)
    event.save(update_fields=["payment", "handled_at", "failure", "status"])


def _status(payment: Payment | None, known: bool) -> ProviderEvent.Status:
    if payment is None:
        return ProviderEvent.Status.UNKNOWN
    return ProviderEvent.Status.HANDLED if known else ProviderEvent.Status.IGNORED


@outermost
def _put_off(*, event_id: int, failure: str) -> None:
    event = _locked(event_id)
    if event.status == ProviderEvent.Status.WAITING:
        retries.put_off(event, failure, clock.now(), failed=ProviderEvent.Status.FAILED)


def _locked(event_id: int) -> Any:
    return ProviderEvent.objects.select_for_update(no_key=True).get(pk=event_id)
