"""Tickets that are given back, one or all, and money that goes back for a booking that stays."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest

from bookings.gateways import Unavailable, sandbox
from bookings.models import Booking, CancellationPolicy, CancellationTier, Document, Payment, Refund, RefundRequest
from bookings.queries import returns as asked
from bookings.queries.promises import violations
from bookings.services import box_office, cancellations, payments, refund_requests, refunds, returns
from core import clock, codes
from core.models import AuditEntry
from events.models import Event, EventSeat
from notifications.models import Message
from tests.factories import UserFactory, event_on_sale, paid, reserve, with_details

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _everything_adds_up(noon: datetime) -> Iterator[None]:
    """R3, R4, R8: after each of these tests."""
    yield
    assert list(violations()) == []


def rules(event: Event, tiers: dict[int, int] | None = None, **fields: Any) -> CancellationPolicy:
    """Write rules of an event: tickets may be given back until a day before, fees and all."""
    fields = {"cancel_until_hours": 24, "keeps_service_fee": False, **fields}
    policy = CancellationPolicy.objects.create(organization=event.organization, event=event, **fields)
    for hours, share in (tiers or {}).items():
        CancellationTier.objects.create(policy=policy, hours_before=hours, basis_points=share)
    return policy


def house(**fields: Any) -> Booking:
    """Return a paid booking of three tickets of €20 and €1.50 fee each, and €3 for the booking, with rules."""
    event = event_on_sale(levels={"Standing": 3}, fee_per_booking=300)
    rules(event, **fields)
    return paid(event, 3)


def ids(booking: Booking, *numbers: int) -> list[int]:
    return [ticket.pk for ticket in booking.tickets.order_by("number") if ticket.number in numbers]


def give_back(booking: Booking, *numbers: int, seen: int) -> Booking:
    return returns.return_tickets(booking_id=booking.pk, ticket_ids=ids(booking, *numbers), seen=seen)


def money_of(booking: Booking) -> tuple[list[int], list[int]]:
    """The amounts of its refunds and of its credit notes."""
    back = Refund.objects.filter(payment__booking=booking).order_by("pk").values_list("amount", flat=True)
    papers = Document.objects.filter(booking=booking, kind="credit_note").order_by("pk")
    return list(back), [paper.amount for paper in papers]


def test_one_ticket_goes_back_and_the_others_stay_as_they_are() -> None:
    """R3, R8, R25, S25, U38"""
    booking = house(tiers={24: 5_000})
    before = list(booking.tickets.order_by("number").values("number", "secret", "status", "event_seat"))
    after = give_back(booking, 2, seen=1_075)
    rows = list(booking.tickets.order_by("number").values("number", "secret", "status", "event_seat"))
    assert rows == [before[0], before[1] | {"status": "void"}, before[2]]
    given = booking.tickets.get(number=2)
    assert (given.void_reason, given.voided_at) == ("cancelled", clock.now())
    paper = Document.objects.get(kind="credit_note")
    assert (given.credited, given.credited_tax) == (1_075, paper.tax)
    assert (after.status, given.event_seat.status) == ("confirmed", "available")
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, refund.status) == (1_075, "customer", "queued")
    paper = Document.objects.get()
    assert (paper.amount, paper.tax, paper.lines) == (
        1_075,
        172,
        [{"text": f"{given}: Standing, Standard", "amount": 1_075, "tax": 172}],
    )
    entry = AuditEntry.objects.get(action="booking.tickets_returned")
    assert entry.facts == {"numbers": [2], "amount": 1_075}


def test_a_place_that_was_given_back_is_sold_to_the_next() -> None:
    """R25"""
    booking = house()
    give_back(booking, 2, seen=2_150)
    assert paid(booking.event, 1).status == "confirmed"


def test_the_last_ticket_ends_the_booking_and_brings_its_own_fee() -> None:
    """R3, R25"""
    booking = house()
    give_back(booking, 1, 2, seen=4_300)
    ended = give_back(booking, 3, seen=2_450)
    assert (ended.status, ended.end_reason) == ("cancelled", "all tickets were given back")
    assert money_of(booking) == ([4_300, 2_450], [4_300, 2_450])
    assert EventSeat.objects.filter(status="available").count() == 3
    assert AuditEntry.objects.filter(action="booking.cancelled").count() == 1


def test_it_is_harmless_when_repeated() -> None:
    """R25, S44"""
    booking = house()
    for _again in range(3):
        give_back(booking, 1, 2, seen=4_300)
    assert money_of(booking) == ([4_300], [4_300])
    assert Message.objects.filter(kind="tickets-returned").count() == 1
    with pytest.raises(returns.NotReturnable):
        give_back(booking, 2, 3, seen=4_600)  # one of which is gone: another wish
    assert money_of(booking) == ([4_300], [4_300])


def test_another_amount_than_was_shown_is_refused() -> None:
    """U38"""
    booking = house(tiers={48: 10_000, 24: 5_000})
    clock.advance(timedelta(days=28, seconds=1))
    with pytest.raises(returns.AmountChanged):
        give_back(booking, 1, seen=2_150)
    assert (money_of(booking), booking.live_tickets().count()) == (([], []), 3)
    give_back(booking, 1, seen=1_075)


@pytest.mark.parametrize(
    ("why", "fields", "after", "numbers"),
    [
        ("For this event tickets can't be given back without asking.", {"cancel_until_hours": None}, 0, (1,)),
        ("Tickets could be given back until 24 hours before the start.", {}, 30 * 24 - 23, (1,)),
        ("The event has begun.", {"cancel_until_hours": 0}, 30 * 24, (1,)),
        ("Only all tickets of this booking can be given back together.", {"single_tickets": False}, 0, (1,)),
        ("Please choose at least one ticket.", {}, 0, ()),
    ],
)
def test_what_the_rules_do_not_allow_is_refused(why: str, fields: Any, after: int, numbers: tuple[int, ...]) -> None:
    booking = house(**fields)
    clock.advance(timedelta(hours=after))
    with pytest.raises(returns.NotReturnable, match=why):
        give_back(booking, *numbers, seen=2_150)
    assert money_of(booking) == ([], [])


def test_all_together_may_be_given_back_where_single_ones_may_not() -> None:
    booking = house(single_tickets=False)
    assert give_back(booking, 1, 2, 3, seen=6_750).status == "cancelled"


def test_a_strangers_ticket_is_not_given_back() -> None:
    """S9"""
    booking, other = house(), house()
    with pytest.raises(returns.NotReturnable):
        returns.return_tickets(booking_id=booking.pk, ticket_ids=ids(other, 1), seen=2_150)
    assert other.live_tickets().count() == 3


def test_a_ticket_that_was_passed_on_is_its_holders() -> None:
    booking = house()
    old = booking.tickets.get(number=1)
    old.status, old.voided_at, old.void_reason = "void", clock.now(), "transferred"
    old.save()
    new = booking.tickets.create(
        number=4,
        ticket_type=old.ticket_type,
        event_seat=old.event_seat,
        price=old.price,
        fee=old.fee,
        tax=old.tax,
        status="valid",
        holder_email="bob@example.com",
        follows=old,
    )
    assert [ticket.number for ticket in asked.own(booking)] == [2, 3]
    assert [ticket.number for ticket in asked.returnable(booking)] == [2, 3, 4]
    with pytest.raises(returns.NotReturnable):
        returns.return_tickets(booking_id=booking.pk, ticket_ids=[new.pk], seen=2_150)


def test_a_pending_booking_has_nothing_to_give_back() -> None:
    booking = with_details(reserve(event_on_sale()))
    rules(booking.event)
    with pytest.raises(returns.NotReturnable):
        give_back(booking, 1, seen=2_150)


def test_the_organizations_rules_hold_unless_the_event_has_its_own() -> None:
    event = event_on_sale()
    booking = paid(event, 2)
    assert asked.why_not(booking, clock.now()) == "For this event tickets can't be given back without asking."
    CancellationPolicy.objects.create(organization=event.organization, cancel_until_hours=1)
    assert asked.why_not(booking, clock.now()) == ""
    rules(event, cancel_until_hours=24 * 31)
    assert asked.why_not(booking, clock.now()) == "Tickets could be given back until 31 days before the start."


def test_an_organizations_fee_is_no_amount_of_another_currency() -> None:
    event = event_on_sale(currency="JPY", fee_per_ticket=50, fee_per_booking=0)
    CancellationPolicy.objects.create(organization=event.organization, cancel_until_hours=1, fee_per_ticket=100)
    assert asked.terms_of(event).until_hours is None


def test_a_present_is_given_back_for_nothing() -> None:
    """R3"""
    event = event_on_sale()
    rules(event)
    booking = with_details(reserve(event, 2))
    payments.record_by_hand(booking_id=booking.pk, how=box_office.COMPLIMENTARY, by=UserFactory())
    give_back(booking, 1, seen=0)
    assert (money_of(booking), booking.live_tickets().count()) == (([], []), 1)


def test_what_was_paid_by_hand_goes_back_by_hand() -> None:
    event, staff = event_on_sale(), UserFactory()
    rules(event)
    booking = with_details(reserve(event, 2))
    payments.record_by_hand(booking_id=booking.pk, how="cash", by=staff)
    give_back(booking, 1, seen=2_150)
    refund = Refund.objects.get()
    assert refund.status == "by_hand"
    assert "Our staff pay back €21.50" in Message.objects.get(kind="tickets-returned").text
    for _again in range(2):
        assert refunds.paid_back(refund_id=refund.pk, by=staff).status == "sent"


def test_the_mail_says_which_tickets_how_much_and_what_stays() -> None:
    booking = house()
    give_back(booking, 2, seen=2_150)
    mail = Message.objects.get(kind="tickets-returned")
    gone, stays = mail.text.split("Your other tickets stay as they are:")
    assert f"{booking.code}-02: Standing, Standard" in gone
    assert "€21.50 goes back the way it came." in gone
    assert (f"{booking.code}-01" in stays, f"{booking.code}-02" in stays, f"{booking.code}-03" in stays) == (
        True,
        False,
        True,
    )
    assert f"{booking.code}-03" in mail.html
    give_back(booking, 1, 3, seen=4_600)
    assert "No ticket of this booking is left" in Message.objects.latest("pk").text


# --- Staff ------------------------------------------------------------------------------------------


def test_staff_decide_on_another_amount_and_say_why() -> None:
    """S44, S51"""
    booking, staff = house(cancel_until_hours=None), UserFactory()
    how = {"why": Refund.Reason.FRAUD, "reason": "stolen card", "by": staff}
    for _again in range(2):
        returns.take_back(booking_id=booking.pk, ticket_ids=ids(booking, 1, 3), amount=1_001, **how)
    assert money_of(booking) == ([1_001], [1_001])
    assert [line["amount"] for line in Document.objects.get().lines] == [501, 500]
    assert Refund.objects.get().reason == "fraud"
    entry = AuditEntry.objects.get(action="booking.tickets_returned")
    assert (entry.by, entry.facts) == (staff, {"numbers": [1, 3], "amount": 1_001, "reason": "stolen card"})


@pytest.mark.parametrize("amount", [-1, 6_751])
def test_staff_give_back_no_more_than_was_paid(amount: int) -> None:
    """R8, S44"""
    booking = house()
    how: dict[str, Any] = {"why": Refund.Reason.OTHER, "reason": "x", "by": UserFactory()}
    with pytest.raises(refunds.TooMuch):
        returns.take_back(booking_id=booking.pk, ticket_ids=ids(booking, 1), amount=amount, **how)
    with pytest.raises(refunds.TooMuch):
        returns.give_goodwill(booking_id=booking.pk, amount=amount, left=6_750, **how)
    with pytest.raises(refunds.TooMuch):
        cancellations.cancel(booking_id=booking.pk, reason="x", amount=amount)
    assert (money_of(booking), booking.live_tickets().count()) == (([], []), 3)


def test_goodwill_is_money_without_tickets_and_given_once() -> None:
    """R3, R8, S44"""
    booking = house()
    how: dict[str, Any] = {"why": Refund.Reason.OTHER, "reason": "loud neighbours", "by": UserFactory()}
    returns.give_goodwill(booking_id=booking.pk, amount=750, left=6_750, **how)
    with pytest.raises(returns.BookingChanged):
        returns.give_goodwill(booking_id=booking.pk, amount=750, left=6_750, **how)
    assert (money_of(booking), booking.live_tickets().count()) == (([750], [750]), 3)
    assert "€7.50 goes back" in Message.objects.get(kind="money-returned").text
    # What is left then is less than the rules would give.
    assert give_back(booking, 1, 2, 3, seen=6_000).status == "cancelled"
    assert money_of(booking) == ([750, 6_000], [750, 6_000])


def test_a_booking_is_cancelled_and_a_part_is_kept() -> None:
    """R3"""
    booking = house()
    give_back(booking, 1, seen=2_150)
    cancelled = cancellations.cancel(booking_id=booking.pk, reason="x", why=Refund.Reason.FRAUD, amount=600)
    assert (cancelled.status, money_of(booking)) == ("cancelled", ([2_150, 600], [2_150, 600]))
    assert Refund.objects.latest("pk").reason == "fraud"
    assert "€27.50 goes back" in Message.objects.get(kind="booking-cancelled").text


def test_a_refund_that_failed_is_tried_again_or_paid_by_hand() -> None:
    """R8"""
    booking, staff = house(), UserFactory()
    give_back(booking, 1, seen=2_150)
    give_back(booking, 2, seen=2_150)
    first, second = Refund.objects.order_by("pk")
    with pytest.raises(refunds.NotByHand):
        refunds.paid_back(refund_id=first.pk, by=staff)
    with mock.patch.object(sandbox.SandboxGateway, "refund", side_effect=Unavailable):
        for _attempt in range(60):  # after three failures in a row it is tried by one refund at a time
            refunds.send_due()
            clock.advance(timedelta(hours=2))
    assert set(Refund.objects.values_list("status", flat=True)) == {"failed"}
    for _again in range(2):
        refunds.retry(refund_id=first.pk, by=staff)
        refunds.paid_back(refund_id=second.pk, by=staff)
    with mock.patch.object(sandbox.SandboxGateway, "refund", return_value="refund-1"):
        refunds.send_due()
    assert list(Refund.objects.order_by("pk").values_list("status", "amount")) == [("sent", 2_150)] * 2
    assert AuditEntry.objects.filter(action__in=["refund.retried", "refund.paid_back"]).count() == 2


# --- What is asked for ------------------------------------------------------------------------------


def ask(booking: Booking, *numbers: int) -> RefundRequest:
    return refund_requests.ask(booking_id=booking.pk, ticket_ids=ids(booking, *numbers), message="I fell ill.")


def test_support_grants_what_no_rule_does() -> None:
    """S51"""
    booking, staff = house(cancel_until_hours=None), UserFactory()
    request = ask(booking, 1, 2)
    with pytest.raises(refund_requests.CannotAsk):
        ask(booking, 3)
    refund_requests.grant(request_id=request.pk, amount=3_000, reply="Get well soon.", by=staff)
    with pytest.raises(refund_requests.AnsweredAlready):
        refund_requests.grant(request_id=request.pk, amount=3_000, by=staff)
    request.refresh_from_db()
    assert (request.status, request.amount, request.answered_by, request.answered_at) == (
        "granted",
        3_000,
        staff,
        clock.now(),
    )
    assert (money_of(booking), booking.live_tickets().count()) == (([3_000], [3_000]), 1)
    assert "Get well soon." in Message.objects.get(kind="tickets-returned").text


def test_support_declines_and_the_tickets_stay() -> None:
    booking = house(cancel_until_hours=None)
    request = ask(booking, 1)
    refund_requests.decline(request_id=request.pk, reply="It is sold out.", by=UserFactory())
    assert "It is sold out." in Message.objects.get(kind="refund-declined").text
    assert (money_of(booking), booking.live_tickets().count()) == (([], []), 3)
    assert ask(booking, 1).status == "open"


def test_a_request_is_withdrawn_once_and_not_granted_then() -> None:
    booking = house(cancel_until_hours=None)
    request = ask(booking, 1)
    for _again in range(2):
        refund_requests.withdraw(booking_id=booking.pk)
    with pytest.raises(refund_requests.AnsweredAlready):
        refund_requests.grant(request_id=request.pk, amount=0, by=UserFactory())
    assert AuditEntry.objects.filter(action="booking.refund_withdrawn").count() == 1


def test_a_request_about_tickets_that_are_gone_is_not_granted() -> None:
    booking = house()
    request = ask(booking, 1)
    give_back(booking, 1, seen=2_150)
    with pytest.raises(returns.NotReturnable):
        refund_requests.grant(request_id=request.pk, amount=2_150, by=UserFactory())
    assert money_of(booking) == ([2_150], [2_150])


def test_money_that_is_kept_aside_is_nobodys_price() -> None:
    """R29"""
    booking = house()
    Payment.objects.create(
        booking=booking,
        provider="sandbox",
        reference=codes.secret(),
        amount=9_999,
        currency="EUR",
        status="succeeded",
        kept_aside=True,
        created_at=clock.now(),
        expires_at=clock.now(),
        succeeded_at=clock.now(),
    )
    assert asked.left_of(booking) == 6_750


@pytest.mark.parametrize(
    ("amount", "credited"), [(None, [2_150, 2_150, 2_150]), (3_375, [1_075, 1_075, 1_075]), (0, [0, 0, 0])]
)
def test_what_goes_back_for_a_whole_booking_is_taken_back_of_its_tickets(
    amount: int | None, credited: list[int]
) -> None:
    """R10: all of it, half of it, nothing; the same share of the fee for the booking is of no ticket."""
    booking = house()
    cancellations.cancel(booking_id=booking.pk, reason="test", amount=amount)
    assert [ticket.credited for ticket in booking.tickets.order_by("number")] == credited
