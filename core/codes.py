"""Codes that people read and secrets that open doors. None tells how many there are or which is next."""

import hashlib
import secrets
from datetime import datetime

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 O 1 I: they are misread aloud and on paper


def booking_code(at: datetime) -> str:
    """Return a code like BK-20261121-7QK2MZ; unique only once the database has accepted it."""
    tail = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return f"BK-{at:%Y%m%d}-{tail}"


def secret() -> str:
    """Return 192 random bits as 32 characters that are safe in a URL."""
    return secrets.token_urlsafe(24)


def key_name() -> str:
    """Return eight hexadecimal digits by which a signing key is called."""
    return secrets.token_hex(4)


def digest(secret: str) -> str:
    """Return what the database keeps of a link that only a mail knows: a copy of it opens nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()
