"""Passes for telephones, made with certificates of our own making."""

import base64
import hashlib
import json
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.test import Client
from PIL import Image

from bookings import wallets
from bookings.models import Ticket
from bookings.services import ticket_keys
from bookings.wallets import apple, google
from tests.factories import event_on_sale, handed_over, paid, reserve_seats, seated_event, settle

pytestmark = pytest.mark.django_db


def certificate(name: str, key: rsa.RSAPrivateKey, issuer: str, signer: rsa.RSAPrivateKey) -> x509.Certificate:
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)]) for each in (name, issuer)]
    made = x509.CertificateBuilder(names[1], names[0], key.public_key(), x509.random_serial_number())
    dated = made.not_valid_before(begins).not_valid_after(begins + timedelta(days=9_000))
    return dated.add_extension(x509.BasicConstraints(name == issuer, None), critical=True).sign(signer, hashes.SHA256())


@pytest.fixture
def keys(tmp_path: Path, settings: Any) -> Iterator[rsa.RSAPrivateKey]:
    """A house that has all that both wallets need; the key of Google's account."""
    root, house = (rsa.generate_private_key(65_537, 2_048) for _each in range(2))
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "root.pem").write_bytes(certificate("Root", root, "Root", root).public_bytes(pem))
    (tmp_path / "pass.pem").write_bytes(certificate("Pass", house, "Root", root).public_bytes(pem))
    secret = serialization.BestAvailableEncryption(b"open")
    (tmp_path / "key.pem").write_bytes(house.private_bytes(pem, serialization.PrivateFormat.PKCS8, secret))
    account = {"client_email": "box@example.com", "private_key": house.private_bytes(pem, *plain).decode()}
    (tmp_path / "account.json").write_text(json.dumps(account))
    settings.APPLE_PASS_CERTIFICATE, settings.APPLE_PASS_KEY = str(tmp_path / "pass.pem"), str(tmp_path / "key.pem")
    settings.APPLE_PASS_KEY_PASSWORD, settings.APPLE_PASS_AUTHORITY = "open", str(tmp_path / "root.pem")
    settings.APPLE_PASS_TYPE, settings.APPLE_PASS_TEAM = "pass.example", "TEAM"
    settings.GOOGLE_WALLET_ISSUER, settings.GOOGLE_WALLET_KEY = "338", str(tmp_path / "account.json")
    yield house
    apple._read.cache_clear()
    google._read.cache_clear()


def ticket() -> Ticket:
    event = seated_event(title="Tides", entry_rules="No **bags**")
    return settle(handed_over(reserve_seats(event, "Stalls A 1"))).tickets.get()


def get(kind: str, one: Ticket) -> Any:
    return Client().get(f"/tickets/{one.link}/wallets/{kind}/")


def test_without_certificates_nothing_is_offered(noon: datetime) -> None:
    one = paid(event_on_sale()).tickets.first()
    assert wallets.offered() == {}
    assert "Wallet" not in Client().get(f"/tickets/{one.link}/").content.decode()
    assert [get(kind, one).status_code for kind in ("apple", "google", "other")] == [404] * 3


def test_what_is_offered_is_on_the_page(noon: datetime, keys: rsa.RSAPrivateKey) -> None:
    one = ticket()
    page = Client().get(f"/tickets/{one.link}/").content.decode()
    assert f"/tickets/{one.link}/wallets/apple/" in page
    assert f"/tickets/{one.link}/wallets/google/" in page
    Ticket.objects.update(status="void", voided_at=noon)
    assert [get(kind, one).status_code for kind in ("apple", "google")] == [404, 404]


def test_an_apple_pass_is_signed_as_a_whole(noon: datetime, keys: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    """Checked by openssl: the signature is of the manifest, and the manifest of everything else."""
    one = ticket()
    response = get("apple", one)
    assert response.headers["Content-Type"] == "application/vnd.apple.pkpass"
    assert "no-store" in response.headers["Cache-Control"]
    pack = zipfile.ZipFile(BytesIO(response.content))
    pack.extractall(tmp_path)
    digests = json.loads(pack.read("manifest.json"))
    assert set(digests) | {"manifest.json", "signature"} == set(pack.namelist())
    assert {name: hashlib.sha1(pack.read(name)).hexdigest() for name in digests} == digests
    trusted = ["-CAfile", "root.pem", "-purpose", "any"]
    check = [
        "openssl",
        "smime",
        "-verify",
        "-binary",
        "-inform",
        "DER",
        "-in",
        "signature",
        "-content",
        "manifest.json",
    ]
    done = subprocess.run([*check, *trusted], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stderr
    (tmp_path / "manifest.json").write_bytes(pack.read("manifest.json") + b" ")
    assert subprocess.run([*check, *trusted], cwd=tmp_path, capture_output=True).returncode != 0
    assert Image.open(BytesIO(pack.read("icon@2x.png"))).size == (58, 58)


def test_an_apple_pass_says_what_the_ticket_says(noon: datetime, keys: rsa.RSAPrivateKey) -> None:
    one = ticket()
    said = json.loads(zipfile.ZipFile(BytesIO(get("apple", one).content)).read("pass.json"))
    one.booking.refresh_from_db()
    assert said["barcodes"] == [
        {"format": "PKBarcodeFormatQR", "message": ticket_keys.code_of(one), "messageEncoding": "iso-8859-1"}
    ]
    assert [field["value"] for field in said["eventTicket"]["auxiliaryFields"]] == ["Stalls", "A", "1"]
    assert said["eventTicket"]["primaryFields"][0]["value"] == "Tides"
    assert (said["passTypeIdentifier"], said["teamIdentifier"]) == ("pass.example", "TEAM")
    assert "No bags" in json.dumps(said)
    assert "Ada" not in json.dumps(said)


def test_a_google_pass_is_a_token_that_its_account_signed(noon: datetime, keys: rsa.RSAPrivateKey) -> None:
    """S28: Google is told no name and no address of a person."""
    one = ticket()
    response = get("google", one)
    assert response.status_code == 302
    start, token = response["Location"].rsplit("/", 1)
    assert start == "https://pay.google.com/gp/v/save"
    text, signature = token.rsplit(".", 1)

    def decoded(part: str) -> bytes:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))

    keys.public_key().verify(decoded(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256())
    head, body = (json.loads(decoded(part)) for part in text.split("."))
    assert head == {"alg": "RS256", "typ": "JWT"}
    assert (body["iss"], body["aud"], body["typ"]) == ("box@example.com", "google", "savetowallet")
    (event,), (said,) = body["payload"]["eventTicketClasses"], body["payload"]["eventTicketObjects"]
    assert said["classId"] == event["id"] == f"338.event-{one.booking.event_id}"
    assert said["barcode"] == {"type": "QR_CODE", "value": ticket_keys.code_of(one)}
    assert said["seatInfo"]["row"]["defaultValue"]["value"] == "A"
    assert "Ada" not in json.dumps(body)
    assert "ada@" not in json.dumps(body)
    before = said["id"]
    Ticket.objects.update(secret="A" * 32)
    assert wallets.serial(Ticket.objects.get()) not in before  # another code is another pass
