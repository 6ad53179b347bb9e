"""Google Wallet: a link that holds the pass as a signed token, so that nothing has to be told to Google beforehand."""

import base64
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy

from bookings.models import Ticket
from bookings.wallets import seat_parts, serial
from core import clock
from core.text import one_line

SAVE = "https://pay.google.com/gp/v/save/"


@dataclass(frozen=True, slots=True)
class GoogleWallet:
    """Makes links with the key of one service account."""

    issuer: str
    account: str
    key: RSAPrivateKey
    name: ClassVar = "google"
    label: ClassVar = gettext_lazy("Add to Google Wallet")

    def response(self, ticket: Ticket, code: str) -> HttpResponse:
        """Lead to Google with the pass."""
        return HttpResponseRedirect(SAVE + self.token(ticket, code))

    def token(self, ticket: Ticket, code: str) -> str:
        """Return the pass and its event as a signed token (RS256)."""
        said = {
            "iss": self.account,
            "aud": "google",
            "typ": "savetowallet",
            "iat": int(clock.now().timestamp()),
            "payload": {
                "eventTicketClasses": [self._event(ticket)],
                "eventTicketObjects": [self._ticket(ticket, code)],
            },
        }
        text = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(said)}"
        return f"{text}.{_coded(self.key.sign(text.encode(), PKCS1v15(), hashes.SHA256()))}"

    def _event(self, ticket: Ticket) -> dict[str, Any]:
        event, language = ticket.booking.event, ticket.booking.language
        return {
            "id": f"{self.issuer}.event-{event.pk}",
            "issuerName": one_line(ticket.booking.organization.name),
            "reviewStatus": "UNDER_REVIEW",
            "eventName": _text(event.title, language),
            "venue": {
                "name": _text(event.venue.name, language),
                "address": _text(f"{event.venue.address}, {event.venue.city}", language),
            },
            "dateTime": {
                "start": event.starts_at.astimezone(event.venue.zone).isoformat(),
                "end": event.ends_at.astimezone(event.venue.zone).isoformat(),
            },
        }

    def _ticket(self, ticket: Ticket, code: str) -> dict[str, Any]:
        language = ticket.booking.language
        seat = {part: _text(value, language) for part, value in seat_parts(ticket).items()}
        return {
            "id": f"{self.issuer}.{serial(ticket)}",
            "classId": f"{self.issuer}.event-{ticket.booking.event_id}",
            "state": "ACTIVE",
            "barcode": {"type": "QR_CODE", "value": code},
            "ticketNumber": str(ticket),
            "ticketType": _text(ticket.ticket_type.name, language),
            "seatInfo": seat or {"section": _text(ticket.event_seat.price_level.name, language)},
        }


def _text(value: str, language: str) -> dict[str, Any]:
    return {"defaultValue": {"language": language, "value": one_line(value)}}


def _part(value: dict[str, Any]) -> str:
    return _coded(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def from_settings() -> GoogleWallet | None:
    """Return the maker of links if the environment names the issuer and its key; what leads nowhere is an error."""
    named = (settings.GOOGLE_WALLET_ISSUER, settings.GOOGLE_WALLET_KEY)
    return _read(*named) if all(named) else None


@lru_cache(maxsize=1)
def _read(issuer: str, path: str) -> GoogleWallet:
    account = json.loads(Path(path).read_text())
    key = load_pem_private_key(account["private_key"].encode(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("The key of a Google service account is an RSA key.")
    return GoogleWallet(issuer, account["client_email"], key)
