"""Calls that must not happen twice: ten clicks on one button lead to one booking (R20, R21)."""

import hashlib
import json
import re
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from core import codes
from core.models import IdempotentCall
from core.refusals import Refusal


class KeyReused(Refusal):
    """The same key came with another body."""

    def __init__(self) -> None:
        super().__init__(
            _("This form was already sent with another choice. Please check what you chose and send it once more.")
        )


def key_in(sent: str) -> str:
    """Return the key that a form brought along, or a new one if that is none."""
    return sent if re.fullmatch(r"[A-Za-z0-9_-]{20,60}", sent) else codes.secret()


def remember(scope: str, key: str, body: Any, *, result: str) -> str | None:
    """
    Make this call the one that its key stands for; return None if it is, else the earlier call's result.

    To be the first statement of the transaction: a call in flight with the same key is waited for,
    and if it is rolled back, this one goes ahead. Only effects are remembered. Raises KeyReused when
    the earlier call had another body.
    """
    fingerprint = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    with connection.cursor() as cursor:
        # The ORM can't tell whether ON CONFLICT DO NOTHING inserted; the count can.
        cursor.execute(
            "INSERT INTO core_idempotentcall (scope, key, fingerprint, result, created_at)"
            " VALUES (%s, %s, %s, %s, CURRENT_TIMESTAMP) ON CONFLICT (scope, key) DO NOTHING",
            [scope, key, fingerprint, result],
        )
        if cursor.rowcount == 1:
            return None
    earlier = IdempotentCall.objects.get(scope=scope, key=key)
    if earlier.fingerprint != fingerprint:
        raise KeyReused
    return earlier.result


def conclude(scope: str, key: str, *, result: str) -> None:
    """Say what a call that is remembered came to, where that is known at its end only; in the same transaction."""
    IdempotentCall.objects.filter(scope=scope, key=key).update(result=result)
