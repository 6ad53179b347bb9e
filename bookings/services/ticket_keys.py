"""
The keys by which tickets are signed: made when the first is needed, changed by `manage.py rotate_ticket_keys`.

A private key is stored encrypted with one derived from SECRET_KEY, so that a copy of the database signs nothing. Of
keys that an earlier SECRET_KEY has locked, the public halves are believed all the same.
"""

import base64
from datetime import datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes
from django.utils.translation import gettext_lazy as _

from bookings.models import Ticket, TicketKey
from bookings.ticket_codes import SigningKey, signed
from core import audit, clock
from core.refusals import Refusal
from core.transactions import outermost, take_turns


class NoSuchKey(Refusal):
    """No key of this name is believed, or it is the one that signs."""


def signing() -> SigningKey:
    """Return the key that signs now; the first is made here, whoever asks first. Not within a transaction."""
    return _newest() or _first()


def code_of(ticket: Ticket) -> str:
    """Return what stands in a ticket's QR code; its booking must be known."""
    return signed(ticket, signing())


def believed() -> dict[str, Ed25519PublicKey]:
    """Return the public keys whose codes are believed, by name."""
    kept = TicketKey.objects.filter(retired_at=None).values_list("name", "public_key")
    return {name: Ed25519PublicKey.from_public_bytes(bytes(raw)) for name, raw in kept}


def public() -> list[dict[str, str]]:
    """Return the keys that are believed as a door may have them: none of it signs anything."""
    kept = TicketKey.objects.filter(retired_at=None).order_by("pk")
    return [
        {
            "name": key.name,
            "algorithm": "Ed25519",
            "public_key": base64.b64encode(bytes(key.public_key)).decode(),
            "created_at": key.created_at.isoformat(),
        }
        for key in kept
    ]


@outermost
def rotate(*, by: Any = None) -> TicketKey:
    """Make a new key that signs from now on. Tickets that are out stay good until the old ones are retired."""
    take_turns("ticket keys")
    return _made(at=clock.now(), by=by)


@outermost
def retire(*, name: str, by: Any = None) -> TicketKey:
    """Believe a key no more: every code that it signed is dead. Harmless when repeated; raises NoSuchKey."""
    take_turns("ticket keys")
    key = TicketKey.objects.filter(name=name).first()
    if key is None:
        raise NoSuchKey(_("There is no such key."))
    signs = _newest()
    if signs and signs.name == name:
        raise NoSuchKey(_("This key signs tickets now. Make a new one first."))
    if key.retired_at is None:
        key.retired_at = clock.now()
        key.save(update_fields=["retired_at"])
        audit.record("ticket_key.retired", key, at=key.retired_at, by=by, key=key.name)
    return key


@outermost
def _first() -> SigningKey:
    take_turns("ticket keys")
    if signs := _newest():
        return signs  # another process was faster
    key = _made(at=clock.now())
    return SigningKey(key.name, _unlocked(key))


def _made(*, at: datetime, by: Any = None) -> TicketKey:
    private = Ed25519PrivateKey.generate()
    key = TicketKey.objects.create(
        public_key=private.public_key().public_bytes_raw(),
        private_key=_lock().encrypt(private.private_bytes_raw()),
        created_at=at,
    )
    audit.record("ticket_key.made", key, at=at, by=by, key=key.name)
    return key


def _newest() -> SigningKey | None:
    for key in TicketKey.objects.filter(retired_at=None).order_by("-pk"):
        try:
            return SigningKey(key.name, _unlocked(key))
        except InvalidToken:
            continue  # locked by a SECRET_KEY that is gone
    return None


def _unlocked(key: TicketKey) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_lock().decrypt(bytes(key.private_key)))


def _lock() -> MultiFernet:
    return MultiFernet([_fernet(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet(secret: str | bytes) -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"stagedoor ticket keys").derive(force_bytes(secret))
    return Fernet(base64.urlsafe_b64encode(derived))
