"""Many papers that want a number at once, and many who make the first key."""

import pytest

from bookings.models import Document, DocumentSeries, TicketKey
from bookings.services import cancellations, documents, ticket_keys
from tests.factories import event_on_sale, paid
from tests.races.harness import Act, broken, race, without_row_locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

COUNTING = 'UPDATE "bookings_documentseries"'


def receipts(count: int = 8) -> list[Act]:
    """Receipts of so many bookings of one house, each asked for twice."""
    event = event_on_sale()
    bookings = [paid(event, 1) for _each in range(count)]
    return [lambda pk=booking.pk: documents.receipt(booking_id=pk) for booking in bookings] * 2


def numbers(kind: str) -> list[int | None]:
    return list(Document.objects.filter(kind=kind).order_by("number").values_list("number", flat=True))


def test_numbers_have_no_gaps_however_many_ask() -> None:
    answers = race(receipts())
    assert numbers("receipt") == [1, 2, 3, 4, 5, 6, 7, 8]
    assert len({document.pk for document in answers}) == 8
    assert DocumentSeries.objects.get().last == 8


def test_without_locks_two_papers_want_one_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin without locks: the constraint refuses what it would have let pass."""
    first, *acts = receipts(3)[:3]
    first()
    without_row_locks(monkeypatch)
    answers = race(acts, meet_before=COUNTING)
    assert sorted(type(each).__name__ for each in answers) == ["Document", "IntegrityError"]


def test_several_workers_number_each_credit_note_once() -> None:
    event = event_on_sale()
    for booking in [paid(event, 1) for _each in range(6)]:
        cancellations.cancel(booking_id=booking.pk, reason="asked for")
    assert numbers("credit_note") == [None] * 6
    race([documents.number_due] * 4)
    assert numbers("credit_note") == [1, 2, 3, 4, 5, 6]
    assert broken() == set()


def test_one_first_key_is_made_whoever_asks_first() -> None:
    keys = race([ticket_keys.signing] * 8)
    assert {key.name for key in keys} == {TicketKey.objects.get().name}


def test_without_turns_several_first_keys_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin without turns."""
    monkeypatch.setattr(ticket_keys, "take_turns", lambda what: None)
    race([ticket_keys.signing] * 4, meet_before='INSERT INTO "bookings_ticketkey"')
    assert TicketKey.objects.count() == 4
