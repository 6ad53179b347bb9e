"""
What stands in the QR code of a ticket: which ticket of which event, and a signature by which a door can believe it
without asking anybody. Nothing in it is about a person (S28).

A code is the base32 of version, key, event, ticket, nonce and signature (Ed25519): capitals and digits only, which a
QR code holds in its densest mode for text. There is one way to write each code, so no other text means the same.
"""

import base64
import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.utils.translation import gettext_lazy as _

from bookings.models import Ticket
from core.refusals import Refusal

VERSION = 1
_FACTS = struct.Struct(">B4sQQ24s")  # version, key, event, ticket, nonce
_SIGNATURE = 64
LENGTH = -(-(_FACTS.size + _SIGNATURE) * 8 // 5)
"""How many characters every code has: 175."""


class NotATicket(Refusal):
    """Nobody who may make tickets has made this code."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("This is no ticket of ours."))


class OtherEvent(Refusal):
    """A ticket, but of another event."""

    def __init__(self) -> None:
        super().__init__(_("This ticket is for another event."))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a code says once its signature is believed."""

    key: str
    event_id: int
    ticket_id: int
    nonce: bytes


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs, and what it is called in codes."""

    name: str
    private: Ed25519PrivateKey


def signed(ticket: Ticket, key: SigningKey) -> str:
    """Return the code of a ticket; its booking must be known. The same key always makes the same code."""
    event_id = ticket.booking.event_id
    said = _FACTS.pack(VERSION, bytes.fromhex(key.name), event_id, ticket.pk, nonce(ticket.secret))
    return _written(said + key.private.sign(said))


def read(code: str, keys: Mapping[str, Ed25519PublicKey], *, event_id: int | None = None) -> Facts:
    """
    Return what a code says, if one of these keys has signed it; raises NotATicket for whatever else it is.

    With `event_id`, raises OtherEvent for a ticket of any other one.
    """
    raw = _bytes(code)
    said, signature = raw[: _FACTS.size], raw[_FACTS.size :]
    version, name, event, ticket, nonce = _FACTS.unpack(said)
    key = keys.get(name.hex())
    if version != VERSION or key is None:
        raise NotATicket
    try:
        key.verify(signature, said)
    except InvalidSignature as error:
        raise NotATicket from error
    if event_id is not None and event != event_id:
        raise OtherEvent
    return Facts(name.hex(), event, ticket, nonce)


def nonce(secret: str) -> bytes:
    """Return the 192 bits of a ticket's secret, which `core.codes.secret` made."""
    return base64.urlsafe_b64decode(secret)


def _written(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")


def _bytes(code: str) -> bytes:
    if len(code) != LENGTH or not code.isascii():
        raise NotATicket
    try:
        raw = base64.b32decode(code + "=" * (-LENGTH % 8))
    except binascii.Error as error:
        raise NotATicket from error
    if _written(raw) != code:
        raise NotATicket  # the last character has bits that say nothing
    return raw
