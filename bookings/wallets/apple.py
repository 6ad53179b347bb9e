"""Apple Wallet: a .pkpass file, signed with the house's certificate for passes."""

import hashlib
import json
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs7
from django.conf import settings
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from bookings.models import Ticket
from bookings.wallets import seat_parts, serial
from core import money
from core.markdown import plain
from core.text import one_line
from events.calendars import place

ICON = Path(settings.BASE_DIR, "static", "img", "icon-512.png")
SIZES = {"icon.png": 29, "icon@2x.png": 58, "icon@3x.png": 87, "logo.png": 50, "logo@2x.png": 100}


@dataclass(frozen=True, slots=True)
class AppleWallet:
    """Makes passes with one certificate."""

    certificate: x509.Certificate
    key: Any
    authority: x509.Certificate
    pass_type: str
    team: str
    name: ClassVar = "apple"
    label: ClassVar = gettext_lazy("Add to Apple Wallet")

    def response(self, ticket: Ticket, code: str) -> HttpResponse:
        """The pass as a download, which a telephone opens in its wallet."""
        disposition = content_disposition_header(as_attachment=True, filename=f"{ticket}.pkpass") or "attachment"
        kind = "application/vnd.apple.pkpass"
        return HttpResponse(self.written(ticket, code), content_type=kind, headers={"Content-Disposition": disposition})

    def written(self, ticket: Ticket, code: str) -> bytes:
        """Return the file: what the pass says, its pictures, the digests of these, and their signature."""
        files = {"pass.json": json.dumps(self.described(ticket, code)).encode(), **_pictures()}
        digests = {name: hashlib.sha1(content, usedforsecurity=False).hexdigest() for name, content in files.items()}
        manifest = json.dumps(digests).encode()
        archive = BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as pack:
            for name, content in (files | {"manifest.json": manifest, "signature": self._signed(manifest)}).items():
                pack.writestr(name, content)
        return archive.getvalue()

    def _signed(self, manifest: bytes) -> bytes:
        signer = pkcs7.PKCS7SignatureBuilder().set_data(manifest)
        signer = signer.add_signer(self.certificate, self.key, hashes.SHA256()).add_certificate(self.authority)
        options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
        return signer.sign(Encoding.DER, options)

    def described(self, ticket: Ticket, code: str) -> dict[str, Any]:
        """Return what the pass says."""
        event = ticket.booking.event
        return {
            "formatVersion": 1,
            "passTypeIdentifier": self.pass_type,
            "teamIdentifier": self.team,
            "serialNumber": serial(ticket),
            "organizationName": one_line(ticket.booking.organization.name),
            "description": one_line(event.title),
            "relevantDate": event.starts_at.astimezone(event.venue.zone).isoformat(),
            "expirationDate": event.ends_at.astimezone(event.venue.zone).isoformat(),
            "backgroundColor": "rgb(43, 11, 24)",
            "foregroundColor": "rgb(251, 238, 230)",
            "labelColor": "rgb(233, 187, 94)",
            "barcodes": [{"format": "PKBarcodeFormatQR", "message": code, "messageEncoding": "iso-8859-1"}],
            "eventTicket": _fields(ticket),
        }


def _fields(ticket: Ticket) -> dict[str, list[dict[str, Any]]]:
    booking, event = ticket.booking, ticket.booking.event
    when = {"dateStyle": "PKDateStyleMedium", "timeStyle": "PKDateStyleShort", "ignoresTimeZone": True}
    starts = event.starts_at.astimezone(event.venue.zone).isoformat()
    labels = {"section": _("Section"), "row": _("Row"), "seat": _("Seat")}
    seat = [_field(name, labels[name], value) for name, value in seat_parts(ticket).items()]
    return {
        "primaryFields": [_field("event", _("Event"), one_line(event.title))],
        "secondaryFields": [
            _field("starts", _("Starts"), starts) | when,
            _field("venue", _("Venue"), one_line(event.venue.name)),
        ],
        "auxiliaryFields": seat or [_field("place", _("Place"), ticket.event_seat.price_level.name)],
        "backFields": [
            _field("ticket", _("Ticket"), str(ticket)),
            _field("type", _("Ticket type"), ticket.ticket_type.name),
            _field("price", _("Price, with fees and tax"), money.formatted(ticket.total, booking.currency)),
            _field("address", _("How to get there"), one_line(place(event.venue))),
            _field("entry", _("Getting in"), plain(event.entry) or "–"),
        ],
    }


def _field(key: str, label: str, value: str) -> dict[str, Any]:
    return {"key": key, "label": label, "value": value}


@lru_cache(maxsize=1)
def _pictures() -> dict[str, bytes]:
    made = {}
    with Image.open(ICON) as icon:
        for name, size in SIZES.items():
            file = BytesIO()
            icon.resize((size, size), Image.Resampling.LANCZOS).save(file, "PNG")
            made[name] = file.getvalue()
    return made


def from_settings() -> AppleWallet | None:
    """Return the maker of passes if the environment names its certificates; a name that leads nowhere is an error."""
    names = (settings.APPLE_PASS_CERTIFICATE, settings.APPLE_PASS_KEY, settings.APPLE_PASS_AUTHORITY)
    identity = (settings.APPLE_PASS_TYPE, settings.APPLE_PASS_TEAM)
    return _read(*names, *identity, settings.APPLE_PASS_KEY_PASSWORD) if all(names + identity) else None


@lru_cache(maxsize=1)
def _read(certificate: str, key: str, authority: str, pass_type: str, team: str, password: str) -> AppleWallet:
    return AppleWallet(
        certificate=x509.load_pem_x509_certificate(Path(certificate).read_bytes()),
        key=load_pem_private_key(Path(key).read_bytes(), password.encode() or None),
        authority=x509.load_pem_x509_certificate(Path(authority).read_bytes()),
        pass_type=pass_type,
        team=team,
    )
