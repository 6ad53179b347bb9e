"""A ticket is accepted, taken back and given back at the same time."""

import pytest

from bookings.models import Ticket
from bookings.services import cancellations, transfers
from tests.bookings.passing_on import a_ticket, offer, secret_in_mail
from tests.races.harness import (
    Act,
    Halted,
    Started,
    broken,
    race,
    told,
    until,
    waiting_for_a_lock,
    without_row_locks,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

ENDING_TICKET = 'UPDATE "bookings_ticket"'
ENDING_OFFER = 'UPDATE "bookings_transfer"'


def offered(email: str = "bob@example.com") -> Ticket:
    """A ticket that waits for somebody to accept it."""
    ticket = a_ticket(1, levels={"Standing": 1})
    offer(ticket, email)
    return ticket


def accept(email: str = "bob@example.com", name: str = "Bob") -> Act:
    """Somebody accepts what was offered to that address."""
    secret = secret_in_mail(email)
    return lambda: transfers.accept(secret=secret, name=name)


def take_back(ticket: Ticket) -> Act:
    """Who offered a ticket wants to keep it."""
    transfer_id = ticket.transfers.get().pk
    return lambda: transfers.withdraw(transfer_id=transfer_id)


def cancel(ticket: Ticket) -> Act:
    """The booking is cancelled."""
    return lambda: cancellations.cancel(booking_id=ticket.booking_id, reason="test")


def states(ticket: Ticket) -> list[tuple[str, str]]:
    """What became of a booking's tickets."""
    return list(ticket.booking.tickets.order_by("number").values_list("status", "void_reason"))


def test_a_ticket_accepted_ten_times_at_once_is_passed_on_once() -> None:
    """S25, R24"""
    ticket = offered()
    answers = race([accept()] * 10)
    assert told(answers) == {"Ticket": 1, "OfferOver": 9}
    assert states(ticket) == [("void", "transferred"), ("valid", "")]
    assert broken() == set()


def test_without_locks_only_the_database_keeps_two_from_having_one_ticket(monkeypatch: pytest.MonkeyPatch) -> None:
    """S25, R18: the twin without locks: a ticket is followed by one, and its place is on one."""
    without_row_locks(monkeypatch)
    ticket = offered()
    answers = race([accept()] * 2, meet_before=ENDING_TICKET)
    assert told(answers) == {"Ticket": 1, "IntegrityError": 1}
    assert states(ticket) == [("void", "transferred"), ("valid", "")]


def test_accepting_and_taking_back_have_one_winner() -> None:
    """R24, U37: whichever comes first, sixteen times."""
    addresses = [f"bob{number}@example.com" for number in range(16)]
    tickets = {email: offered(email) for email in addresses}
    race([act for email, ticket in tickets.items() for act in (accept(email), take_back(ticket))])
    kept, gone = [("valid", "")], [("void", "transferred"), ("valid", "")]
    for ticket in tickets.values():
        transfer = ticket.transfers.get()
        assert states(ticket) == (gone if transfer.accepted_at else kept)
        assert (transfer.accepted_at is None) != (transfer.ended_at is None)
    assert broken() == set()


def test_who_takes_back_what_is_being_accepted_waits_and_is_told() -> None:
    """R24, U37"""
    ticket = offered()
    accepting = Halted(accept(), before=ENDING_OFFER)
    withdrawal = Started(take_back(ticket))
    until(waiting_for_a_lock)
    assert told([accepting.go_on(), withdrawal.end()]) == {"Ticket": 1, "GoneAlready": 1}


def test_without_locks_a_ticket_that_was_taken_back_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """U37, R18: the twin without locks: only the database sees that the offer ended twice."""
    without_row_locks(monkeypatch)
    ticket = offered()
    accepting = Halted(accept(), before=ENDING_OFFER)
    take_back(ticket)()
    assert told([accepting.go_on()]) == {"IntegrityError": 1}
    assert "a_transfer_ends_one_way" in str(accepting.answer)


def test_accepting_and_cancelling_the_booking_leave_no_ticket_and_no_money() -> None:
    """R24: whichever comes first, sixteen times."""
    addresses = [f"bob{number}@example.com" for number in range(16)]
    tickets = {email: offered(email) for email in addresses}
    race([act for email, ticket in tickets.items() for act in (accept(email), cancel(ticket))])
    ends = {tuple(states(ticket)) for ticket in tickets.values()}
    assert ends <= {(("void", "cancelled"),), (("void", "transferred"), ("void", "cancelled"))}
    assert broken() == set()


def test_who_accepts_while_the_booking_is_cancelled_waits_and_is_told() -> None:
    """R24"""
    ticket = offered()
    cancelling = Halted(cancel(ticket), before=ENDING_TICKET)
    accepting = Started(accept())
    until(waiting_for_a_lock)
    assert told([cancelling.go_on(), accepting.end()]) == {"Booking": 1, "OfferOver": 1}
    assert states(ticket) == [("void", "cancelled")]
    assert broken() == set()


def test_without_locks_a_ticket_of_a_cancelled_booking_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """R24, R18: the twin without locks: the checker sees a ticket that nobody has paid for."""
    without_row_locks(monkeypatch)
    ticket = offered()
    accepting = Halted(accept(), before=ENDING_TICKET)
    cancel(ticket)()
    assert told([accepting.go_on()]) == {"Ticket": 1}
    assert broken() >= {"R4"}
