"""Passing a ticket on: one of two has it at every moment, and the money stays with who paid."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bookings.models import Booking, CancellationPolicy, Payment, Refund, Ticket, Transfer
from bookings.queries.promises import violations
from bookings.services import cancellations, notices, payments, returns, transfers
from core import clock
from core.models import AuditEntry
from events.models import Event, EventSeat
from notifications import outbox
from notifications.models import Message
from tests.bookings.passing_on import a_ticket, accept, offer, passed_on, rules, secret_in_mail
from tests.factories import event_on_sale, member, reserve, with_details

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(noon: datetime) -> Ticket:
    return a_ticket()


def states(booking: Booking) -> list[tuple[int, str, str, str]]:
    """What became of a booking's tickets."""
    return list(booking.tickets.order_by("number").values_list("number", "status", "void_reason", "holder_email"))


def test_the_old_code_dies_when_the_ticket_is_accepted(ticket: Ticket, noon: datetime) -> None:
    """S25, U37"""
    offer(ticket)
    ticket.refresh_from_db()
    assert ticket.status == "valid"
    new = accept(name="Bobby")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.void_reason, ticket.voided_at) == ("void", "transferred", noon)
    assert (new.status, new.number, new.follows, new.event_seat) == ("valid", 3, ticket, ticket.event_seat)
    assert (new.holder, new.holder_email) == ("Bobby", "bob@example.com")
    assert not {new.secret, new.link} & {ticket.secret, ticket.link}
    assert (new.price, new.fee, new.tax) == (ticket.price, ticket.fee, ticket.tax)
    assert set(EventSeat.objects.filter(tickets__booking=ticket.booking).values_list("status", flat=True)) == {"sold"}
    assert list(violations()) == []


def test_both_get_mail_and_only_the_recipient_the_links(ticket: Ticket) -> None:
    """U37, S19"""
    new = passed_on(ticket)
    mails = {each.kind: each for each in Message.objects.filter(kind__startswith="ticket-")}
    assert {kind: each.to for kind, each in mails.items()} == {
        "ticket-offered": "bob@example.com",
        "ticket-received": "bob@example.com",
        "ticket-passed-on": "ada@example.com",
    }
    assert f"/tickets/{new.link}/" in mails["ticket-received"].text
    assert "Bob Example" in mails["ticket-passed-on"].text
    for each in mails.values():
        assert ticket.booking.secret not in each.text + each.html
        assert new.link not in each.text + each.html or each.kind == "ticket-received"
        assert new.secret not in each.text + each.html


def test_the_database_and_the_sent_mail_know_no_link(ticket: Ticket) -> None:
    """S19"""
    transfer = offer(ticket)
    secret = secret_in_mail()
    assert secret not in str(Transfer.objects.values().get(pk=transfer.pk))
    message = Message.objects.get(kind="ticket-offered")
    assert outbox.deliver(message.pk)
    message.refresh_from_db()
    assert (message.text, message.html) == ("", "")


def test_an_offer_names_the_giver_and_no_address_or_code(ticket: Ticket) -> None:
    """U37"""
    offer(ticket)
    text = Message.objects.get(kind="ticket-offered").text
    assert "Ada Example wants to give you a ticket" in text
    assert "ada@example.com" not in text
    assert ticket.booking.code not in text


def test_an_offer_can_be_taken_back_until_it_is_accepted(ticket: Ticket) -> None:
    """U37"""
    transfers.withdraw(transfer_id=offer(ticket).pk)
    with pytest.raises(transfers.OfferOver):
        accept()
    assert states(ticket.booking) == [(1, "valid", "", ""), (2, "valid", "", "")]
    passed_on(ticket, "eve@example.com", "Eve")
    with pytest.raises(transfers.GoneAlready):
        transfers.withdraw(transfer_id=Transfer.objects.get(accepted_at__isnull=False).pk)


def test_an_offer_can_be_declined_and_the_giver_is_told(ticket: Ticket) -> None:
    offer(ticket)
    secret = secret_in_mail()
    transfers.decline(secret=secret)
    assert Message.objects.get(kind="ticket-declined").to == "ada@example.com"
    for late in (lambda: transfers.decline(secret=secret), accept):
        with pytest.raises(transfers.OfferOver):
            late()
    assert states(ticket.booking)[0] == (1, "valid", "", "")


def test_an_offer_is_over_after_seven_days_and_another_can_be_made(ticket: Ticket) -> None:
    offer(ticket)
    clock.advance(transfers.OPEN_FOR)
    with pytest.raises(transfers.OfferOver):
        accept()
    assert passed_on(ticket, "eve@example.com").holder_email == "eve@example.com"


def test_an_offer_ends_with_the_deadline(noon: datetime) -> None:
    ticket = a_ticket(starts_at=noon + timedelta(days=3))
    rules(ticket.booking, transfer_until_hours=24)
    assert offer(ticket).expires_at == noon + timedelta(days=2)
    clock.advance(timedelta(days=2))
    with pytest.raises(transfers.NotPassedOn, match="too late"):
        offer(ticket, "eve@example.com")


def test_a_ticket_is_offered_to_one_at_a_time(ticket: Ticket) -> None:
    offer(ticket)
    with pytest.raises(transfers.NotPassedOn, match="Take that offer back first"):
        offer(ticket, "eve@example.com")
    with pytest.raises(transfers.NotPassedOn, match="has the ticket already"):
        offer(ticket.booking.live_tickets()[1], "Ada@Example.com")


def test_an_accepted_offer_is_used_up(ticket: Ticket) -> None:
    """S25"""
    passed_on(ticket)
    with pytest.raises(transfers.OfferOver):
        accept(name="Eve")
    assert states(ticket.booking) == [
        (1, "void", "transferred", ""),
        (2, "valid", "", ""),
        (3, "valid", "", "bob@example.com"),
    ]


def test_a_ticket_goes_from_hand_to_hand_as_often_as_the_rules_say(ticket: Ticket) -> None:
    """U37: three times, where nobody has said otherwise"""
    first = ticket
    for email in ("bob@example.com", "cy@example.com", "di@example.com"):
        ticket = passed_on(ticket, email)
    assert [each.number for each in transfers.chain(ticket)] == [first.number, 3, 4, 5]
    assert Message.objects.filter(kind="ticket-passed-on").latest("pk").to == "cy@example.com"
    with pytest.raises(transfers.NotPassedOn, match="limits"):
        offer(ticket, "eve@example.com")
    assert list(violations()) == []


@pytest.mark.parametrize(("transfers_allowed", "works"), [(0, False), (1, True)])
def test_the_events_rules_come_before_the_organizations(ticket: Ticket, transfers_allowed: int, works: bool) -> None:
    booking = ticket.booking
    rules(booking, transfers=1 - transfers_allowed)
    CancellationPolicy.objects.create(
        organization=booking.organization, event=booking.event, transfers=transfers_allowed
    )
    if works:
        passed_on(ticket)
    else:
        with pytest.raises(transfers.NotPassedOn, match="limits"):
            offer(ticket)


def test_only_a_valid_ticket_is_passed_on(noon: datetime) -> None:
    reserved = with_details(reserve(event_on_sale())).live_tickets()[0]
    used = a_ticket()
    Ticket.objects.filter(pk=used.pk).update(status="used")
    void = a_ticket()
    cancellations.cancel(booking_id=void.booking_id, reason="test")
    called_off = a_ticket()
    Event.objects.filter(pk=called_off.booking.event_id).update(status="cancelled")
    for each in (reserved, used, void, called_off):
        with pytest.raises(transfers.NotPassedOn):
            offer(each)
    assert not Message.objects.filter(kind="ticket-offered").exists()


@pytest.mark.parametrize("how", ["used", "cancelled"])
def test_a_ticket_that_ends_meanwhile_cannot_be_accepted(ticket: Ticket, how: str) -> None:
    """R24, S25"""
    offer(ticket)
    if how == "used":
        Ticket.objects.filter(pk=ticket.pk).update(status="used")
    else:
        cancellations.cancel(booking_id=ticket.booking_id, reason="test")
    with pytest.raises(transfers.OfferOver):
        accept()
    assert not Ticket.objects.filter(follows=ticket).exists()


def test_an_event_that_is_cancelled_meanwhile_passes_nothing_on(ticket: Ticket) -> None:
    offer(ticket)
    Event.objects.filter(pk=ticket.booking.event_id).update(status="cancelled")
    with pytest.raises(transfers.NotPassedOn):
        accept()


def test_the_money_of_a_ticket_that_was_passed_on_goes_back_to_who_paid(ticket: Ticket) -> None:
    """R3, R4, R10"""
    passed_on(ticket)
    booking = cancellations.cancel(booking_id=ticket.booking_id, reason="test")
    assert set(booking.tickets.values_list("number", "void_reason")) == {
        (1, "transferred"),
        (2, "cancelled"),
        (3, "cancelled"),
    }
    assert Payment.objects.get(booking=booking).left == 0
    assert list(violations()) == []


def test_a_free_ticket_is_passed_on_as_well(noon: datetime) -> None:
    booking = with_details(reserve(event_on_sale(amounts={"Entry": 0})))
    payments.confirm_free(booking_id=booking.pk)
    passed_on(booking.live_tickets()[0])
    assert list(violations()) == []


def test_the_trail_names_tickets_and_nobody(ticket: Ticket) -> None:
    """R7"""
    passed_on(ticket)
    facts: list[Any] = list(AuditEntry.objects.filter(action__startswith="ticket.").values_list("action", "facts"))
    assert facts == [("ticket.offered", {"ticket": 1}), ("ticket.passed_on", {"ticket": 1, "followed_by": 3})]


def test_the_recipient_is_written_to_in_their_language(ticket: Ticket) -> None:
    transfers.offer(ticket_id=ticket.pk, name="Bob", email="bob@example.com", language="de")
    transfers.accept(secret=secret_in_mail(), name="Bob", language="es")
    assert Transfer.objects.get().language == "es"


# --- What holders are told afterwards ----------------------------------------------------------------


def test_who_got_a_ticket_is_told_when_it_ends(ticket: Ticket) -> None:
    """R12, S25"""
    passed_on(ticket)
    cancellations.cancel(booking_id=ticket.booking_id, reason="test")
    mail = Message.objects.get(kind="ticket-over")
    assert (mail.to, "the booking was cancelled" in mail.text) == ("bob@example.com", True)
    assert ticket.booking.code not in mail.text


def test_who_got_a_ticket_is_told_when_staff_take_it_back(ticket: Ticket) -> None:
    new = passed_on(ticket)
    returns.take_back(
        booking_id=ticket.booking_id, ticket_ids=[new.pk], amount=0, why=Refund.Reason.OTHER, reason="test", by=member()
    )
    assert Message.objects.get(kind="ticket-over").to == "bob@example.com"


def test_who_got_a_ticket_is_told_that_the_event_was_moved(ticket: Ticket, noon: datetime) -> None:
    new = passed_on(ticket)
    booking = Booking.objects.select_related("event__venue", "organization").get(pk=ticket.booking_id)
    notices.tell_holders_of_move(booking, before=noon, at=noon)
    mail = Message.objects.get(kind="ticket-moved")
    assert (mail.to, f"/tickets/{new.link}/" in mail.text) == ("bob@example.com", True)
