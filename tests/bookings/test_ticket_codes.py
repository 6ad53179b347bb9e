"""What stands in a QR code: believed only if a key of ours has signed exactly that."""

import base64
import json
from io import StringIO
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from bookings import ticket_codes
from bookings.models import Booking, Ticket, TicketKey
from bookings.queries.ticket_codes import found
from bookings.services import cancellations, ticket_keys
from bookings.ticket_codes import LENGTH, Facts, NotATicket, OtherEvent, SigningKey
from core import codes
from core.models import AuditEntry
from tests.factories import event_on_sale, paid

KEY = SigningKey("00c0ffee", Ed25519PrivateKey.from_private_bytes(b"1" * 32))
OTHER = SigningKey("0badcafe", Ed25519PrivateKey.from_private_bytes(b"2" * 32))
KEYS = {KEY.name: KEY.private.public_key()}
TICKET = Ticket(pk=7, secret=codes.secret(), booking=Booking(event_id=3))
CODE = ticket_codes.signed(TICKET, KEY)


def is_refused(code: str, keys: Any = KEYS) -> bool:
    try:
        ticket_codes.read(code, keys)
    except NotATicket:
        return True
    return False


def test_a_code_says_which_ticket_it_is() -> None:
    """S23"""
    nonce = base64.urlsafe_b64decode(TICKET.secret)
    assert ticket_codes.read(CODE, KEYS) == Facts("00c0ffee", 3, 7, nonce)
    assert ticket_codes.read(CODE, KEYS, event_id=3) == ticket_codes.read(CODE, KEYS)
    assert (len(nonce), len(CODE)) == (24, LENGTH)


def test_a_code_fits_the_densest_mode_of_a_qr_code() -> None:
    """U35"""
    assert set(CODE) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


@given(st.integers(0, LENGTH * 8 - 1))
def test_no_flipped_bit_is_accepted(bit: int) -> None:
    """S23"""
    raw = bytearray(CODE.encode())
    raw[bit // 8] ^= 1 << bit % 8
    assert is_refused(raw.decode("latin-1"))


@given(st.integers(0, LENGTH - 1), st.characters())
def test_no_other_character_is_accepted(at: int, other: str) -> None:
    """S23"""
    assert is_refused(CODE[:at] + other + CODE[at + 1 :]) or other == CODE[at]


@given(st.integers(0, (LENGTH * 5 // 8) * 8 - 1))
def test_no_flipped_bit_of_what_is_said_is_accepted(bit: int) -> None:
    """S23"""
    raw = bytearray(base64.b32decode(CODE + "="))
    raw[bit // 8] ^= 1 << bit % 8
    assert is_refused(base64.b32encode(raw).decode().rstrip("="))


@given(st.integers(0, LENGTH - 1))
def test_no_part_of_a_code_is_accepted(length: int) -> None:
    """S23"""
    assert is_refused(CODE[:length])
    assert is_refused(CODE[length + 1 :])
    assert is_refused(CODE + CODE[: length + 1])


@given(st.text() | st.text(min_size=LENGTH, max_size=LENGTH) | st.text("ABC234", min_size=LENGTH, max_size=LENGTH))
def test_no_text_is_accepted_and_none_crashes(text: str) -> None:
    """S23"""
    assert is_refused(text)


@given(st.binary(min_size=109, max_size=109))
def test_no_bytes_of_the_right_length_are_accepted(raw: bytes) -> None:
    """S23"""
    assert is_refused(base64.b32encode(raw).decode().rstrip("="))


def test_other_keys_versions_and_events_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """S23: also a key that takes the name of one of ours"""
    assert is_refused(ticket_codes.signed(TICKET, OTHER))
    assert is_refused(ticket_codes.signed(TICKET, SigningKey(KEY.name, OTHER.private)))
    assert is_refused(CODE, {})
    with pytest.raises(OtherEvent):
        ticket_codes.read(CODE, KEYS, event_id=4)
    monkeypatch.setattr(ticket_codes, "VERSION", 2)
    assert is_refused(CODE)
    newer = ticket_codes.signed(TICKET, KEY)
    monkeypatch.undo()
    assert is_refused(newer)


@pytest.mark.django_db
def test_a_code_holds_nothing_about_a_person() -> None:
    """S28: it is the same whoever has the ticket."""
    ticket = paid(event_on_sale()).tickets.first()
    code = ticket_keys.code_of(ticket)
    Booking.objects.update(customer_name="Bob", email="bob@example.com", phone="123")
    Ticket.objects.update(holder="Bob", holder_email="bob@example.com")
    assert ticket_keys.code_of(Ticket.objects.select_related("booking").get(pk=ticket.pk)) == code


@pytest.mark.django_db
def test_a_copy_of_the_database_signs_nothing(settings: Any) -> None:
    """S28: the private key is locked with SECRET_KEY. A new one makes a new key, and old tickets stay good."""
    old = ticket_keys.signing()
    code = ticket_keys.code_of(paid(event_on_sale()).tickets.first())
    stored = bytes(TicketKey.objects.get().private_key)
    assert old.private.private_bytes_raw() not in stored
    assert base64.urlsafe_b64encode(old.private.private_bytes_raw()) not in stored
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert ticket_keys.signing().name == old.name
    settings.SECRET_KEY_FALLBACKS = []
    assert ticket_keys.signing().name != old.name
    assert found(code).is_good


@pytest.mark.django_db
def test_what_became_of_a_ticket_is_told_by_its_code() -> None:
    booking = paid(event_on_sale(), 1)
    ticket = booking.tickets.get()
    code = ticket_keys.code_of(ticket)
    answers = [found(code)]
    with pytest.raises(OtherEvent):
        found(code, event_id=booking.event_id + 1)
    Ticket.objects.update(status=Ticket.Status.USED)
    answers.append(found(code, event_id=booking.event_id))
    Ticket.objects.update(status=Ticket.Status.VALID)
    cancellations.cancel(booking_id=booking.pk, reason="asked for")
    answers.append(found(code))
    Ticket.objects.update(secret=codes.secret())
    answers.append(found(code))
    assert [(answer.ticket, answer.is_good, str(answer.says)) for answer in answers] == [
        (ticket, True, "This ticket is valid."),
        (ticket, False, "This ticket was used."),
        (ticket, False, "This ticket is void: it was cancelled."),
        (ticket, False, "This code was replaced by a new one."),
    ]


@pytest.mark.django_db
def test_a_signed_code_of_a_ticket_that_is_not_there_is_none() -> None:
    TICKET.booking.event_id = event_on_sale().pk
    with pytest.raises(NotATicket):
        found(ticket_codes.signed(TICKET, ticket_keys.signing()))


@pytest.mark.django_db
def test_every_state_of_a_ticket_has_words() -> None:
    from bookings.queries.ticket_codes import said

    void = [Ticket(status="void", void_reason=reason) for reason in Ticket.VoidReason.values]
    tickets = [*void, *(Ticket(status=status) for status in Ticket.Status.values)]
    assert len({str(said(ticket)) for ticket in tickets}) == len(tickets)


def rotate(*options: str) -> str:
    out = StringIO()
    call_command("rotate_ticket_keys", *options, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_a_new_key_signs_and_the_old_one_is_believed_until_it_is_retired() -> None:
    """S23"""
    ticket = paid(event_on_sale(), 1).tickets.get()
    before, old = ticket_keys.code_of(ticket), ticket_keys.signing().name
    assert "from now on" in rotate()
    after, new = ticket_keys.code_of(ticket), ticket_keys.signing().name
    assert (before != after, old != new) == (True, True)
    assert [found(code).is_good for code in (before, after)] == [True, True]
    for _again in range(2):
        rotate("--retire", old)
    with pytest.raises(NotATicket):
        found(before)
    assert found(after).is_good
    for name in (new, "nothing!"):
        with pytest.raises(CommandError):
            rotate("--retire", name)
    told = AuditEntry.objects.filter(object_type="bookings.ticketkey").order_by("pk").values_list("action", "facts")
    assert list(told) == [
        ("ticket_key.made", {"key": old}),
        ("ticket_key.made", {"key": new}),
        ("ticket_key.retired", {"key": old}),
    ]


@pytest.mark.django_db
def test_the_public_keys_can_be_had() -> None:
    """S28: what a door needs, and nothing that signs"""
    key = ticket_keys.signing()
    (told,) = json.loads(rotate("--public"))["keys"]
    assert (told["name"], told["algorithm"]) == (key.name, "Ed25519")
    assert base64.b64decode(told["public_key"]) == key.private.public_key().public_bytes_raw()
    assert set(told) == {"name", "algorithm", "public_key", "created_at"}
    assert TicketKey.objects.count() == 1
