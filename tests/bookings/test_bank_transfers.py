"""Bank transfers: asked for, imported from statements, and matched."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Organization
from bookings import statement_files
from bookings.gateways import NotOffered, offered
from bookings.models import Booking, Payment, Refund, StatementLine
from bookings.queries.promises import violations
from bookings.services import cancellations, payments, reconciliation, refunds, reservations, statements
from bookings.statement_files import Line
from core import clock
from events.models import Event, EventSeat
from notifications.models import Message
from tests.factories import event_on_sale, member, reserve, with_details
from tests.pages import text_of

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
IBAN = "DE89370400440532013000"


@pytest.fixture
def event(noon: datetime, settings: Any) -> Event:
    settings.PAYMENT_PROVIDERS = ["sandbox", "transfer"]
    event = event_on_sale(title="Evening")
    Organization.objects.update(iban=IBAN, account_holder="The House")
    event.organization.refresh_from_db()
    return event


@pytest.fixture
def booking(event: Event) -> Booking:
    return asked(event)


def asked(event: Event) -> Booking:
    """A booking whose customer is to transfer the money."""
    booking = with_details(reserve(event))
    payments.hand_over(booking_id=booking.pk, provider="transfer")
    booking.refresh_from_db()
    return booking


def line(text: str, amount: int, **more: Any) -> Line:
    told = {"booked_on": date(2026, 6, 3), "currency": "EUR", "payer": "Ada Example", "fingerprint": f"{text}{amount}"}
    return Line(text=text, amount=amount, **told | more)


def imported(booking: Booking, *lines: Line) -> list[tuple[str, bool]]:
    """Import these; return what became of each line."""
    statements.import_lines(organization=booking.organization, lines=lines, by=None)
    rows = StatementLine.objects.order_by("pk").select_related("payment")
    return [(row.status, bool(row.payment and row.payment.kept_aside)) for row in rows]


# --- Asking -----------------------------------------------------------------------------------------


def test_places_wait_for_days_and_the_customer_is_told_where_to_send_the_money(
    client: Client, booking: Booking, noon: datetime
) -> None:
    payment = booking.payments.get()
    assert (payment.provider, payment.status, payment.expires_at) == ("transfer", "pending", noon + 5 * DAY)
    assert booking.reserved_until == payment.expires_at + payments.GRACE
    assert set(EventSeat.objects.filter(status="reserved").values_list("reserved_until", flat=True)) == {
        booking.reserved_until
    }
    page = text_of(client.get(payment.checkout_url))
    mail = Message.objects.get(kind="booking-transfer")
    for told in ("The House", IBAN, booking.total_text, booking.code):
        assert told in page
        assert told in mail.text
        assert told in mail.html
    assert client.get(f"/payments/{payment.key}/", follow=True).redirect_chain[-1][0] == payment.checkout_url
    assert list(violations()) == []


def test_what_others_keep_no_longer_than_an_hour_stays_so(booking: Booking, event: Event, noon: datetime) -> None:
    """S42: a longer time for transfers is none for others."""
    other = with_details(reserve(event))
    payments.hand_over(booking_id=other.pk, provider="sandbox")
    other.refresh_from_db()
    assert other.reserved_until <= noon + reservations.LONGEST
    clock.advance(DAY)  # who was to transfer may pay otherwise all the time that the places wait
    payments.hand_over(booking_id=booking.pk, provider="sandbox")
    before = booking.reserved_until
    booking.refresh_from_db()
    assert booking.reserved_until == before


def test_an_event_that_is_too_soon_can_not_be_paid_by_transfer(event: Event, noon: datetime) -> None:
    Event.objects.filter(pk=event.pk).update(starts_at=noon + 7 * DAY - timedelta(seconds=1))
    booking = with_details(reserve(Event.objects.get(pk=event.pk)))
    assert [way.name for way in payments.offered_for(booking)] == ["sandbox"]
    with pytest.raises(NotOffered, match="too soon"):
        payments.hand_over(booking_id=booking.pk, provider="transfer")
    assert not Payment.objects.exists()


def test_without_an_account_there_are_no_transfers(event: Event) -> None:
    house = event.organization
    assert [way.name for way in offered(house)] == ["sandbox", "transfer"]
    house.iban = ""
    assert [way.name for way in offered(house)] == ["sandbox"]


def test_without_the_money_the_places_are_free_again_in_the_end(booking: Booking) -> None:
    """R13"""
    clock.advance(5 * DAY + timedelta(minutes=3))
    assert reservations.expire_due() == 1
    booking.refresh_from_db()
    assert booking.status == "expired"
    assert not EventSeat.objects.filter(status="reserved").exists()


def test_who_comes_back_is_told_where_to_send_the_money_and_may_pay_otherwise(client: Client, booking: Booking) -> None:
    page = client.get(booking.get_absolute_url(), follow=True)
    assert "You have chosen to transfer the money by Sat, 6 Jun 2026, 14:00" in text_of(page)
    assert booking.payments.get().checkout_url in page.content.decode()
    assert [way.name for way in page.context["providers"]] == ["sandbox", "transfer"]


# --- Matching ---------------------------------------------------------------------------------------


def test_the_money_that_names_its_booking_makes_tickets(booking: Booking) -> None:
    """R4, R12"""
    clock.advance(2 * DAY)
    spaced = booking.code.replace("-", " ").lower()
    assert imported(booking, line(f"Tickets {spaced} thank you", booking.total)) == [("matched", False)]
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    payment = StatementLine.objects.get().payment
    assert payment == booking.payments.get()
    assert (payment.status, payment.amount) == ("succeeded", booking.total)
    assert Message.objects.filter(kind="booking-confirmed").count() == 1
    assert list(violations()) == []


def test_a_statement_that_is_imported_again_changes_nothing(booking: Booking) -> None:
    """R26"""
    lines = [line(booking.code, booking.total), line("rent", 100_000)]
    assert imported(booking, *lines) == [("matched", False), ("open", False)]
    assert imported(booking, *lines) == [("matched", False), ("open", False)]
    assert (Payment.objects.count(), Refund.objects.count()) == (1, 0)


def test_what_a_crash_left_open_is_matched_by_the_next_import(booking: Booking) -> None:
    """R36: the money was recorded, and the line not yet."""
    paid = line(booking.code, booking.total)
    imported(booking, paid)
    StatementLine.objects.update(status="open", payment=None)
    assert imported(booking, paid) == [("matched", False)]
    assert booking.payments.count() == 1


@pytest.mark.parametrize("amount", [-1, 1])
def test_another_amount_is_kept_aside_and_goes_back_by_hand(booking: Booking, amount: int) -> None:
    """R29"""
    assert imported(booking, line(booking.code, booking.total + amount)) == [("matched", True)]
    booking.refresh_from_db()
    assert booking.status == "pending"
    (refund,) = refunds.return_kept(booking_id=booking.pk, by=None)
    assert (refund.status, refund.amount, refund.reason) == ("by_hand", booking.total + amount, "mismatch")
    assert list(violations()) == []


def test_a_second_transfer_is_given_back(booking: Booking) -> None:
    """R34"""
    twice = [line(booking.code, booking.total), line(booking.code, booking.total, fingerprint="again")]
    assert imported(booking, *twice) == [("matched", False)] * 2
    assert list(Refund.objects.values_list("status", "reason", "amount")) == [("by_hand", "duplicate", booking.total)]
    assert list(violations()) == []


def test_money_that_comes_late_is_for_the_same_places_or_goes_back(booking: Booking) -> None:
    """R30"""
    clock.advance(6 * DAY)
    reservations.expire_due()
    imported(booking, line(booking.code, booking.total))
    booking.refresh_from_db()
    assert (booking.status, Refund.objects.count()) == ("confirmed", 0)
    cancelled = asked(booking.event)
    cancellations.cancel(booking_id=cancelled.pk, reason="test")
    imported(cancelled, line(cancelled.code, cancelled.total))
    assert Refund.objects.get().reason == "cancelled"
    assert list(violations()) == []


def test_what_names_no_booking_or_two_or_anothers_stays_open(booking: Booking, event: Event) -> None:
    """S9"""
    second, theirs = asked(event), event_on_sale()
    Organization.objects.update(iban=IBAN, account_holder="The House")
    theirs.organization.refresh_from_db()
    stranger = asked(theirs)
    by_card = with_details(reserve(event))
    texts = [f"{booking.code} {second.code}", stranger.code, by_card.code, booking.code[:-1], f"{booking.code}X", ""]
    lines = [line(text, booking.total, fingerprint=str(number)) for number, text in enumerate(texts)]
    assert imported(booking, *lines) == [("open", False)] * len(texts)
    assert not Payment.objects.exclude(status="pending").exists()


def test_staff_match_what_the_text_did_not_say(booking: Booking, event: Event) -> None:
    by_card = with_details(reserve(event))
    imported(booking, line("from Ada", by_card.total))
    row = StatementLine.objects.get()
    clerk = member("support", booking.organization)
    matched = statements.match(line_id=row.pk, booking_id=by_card.pk, by=clerk)
    assert (matched.status, matched.payment.booking) == ("matched", by_card)
    by_card.refresh_from_db()
    assert by_card.status == "confirmed"
    with pytest.raises(statements.MatchedAlready):
        statements.match(line_id=row.pk, booking_id=booking.pk, by=clerk)
    with pytest.raises(statements.MatchedAlready):
        statements.set_aside(line_id=row.pk, by=clerk)
    assert list(violations()) == []


def test_nobody_is_asked_what_became_of_money_that_went_back_by_hand(
    booking: Booking, caplog: pytest.LogCaptureFixture
) -> None:
    imported(booking, line(booking.code, booking.total))
    cancellations.cancel(booking_id=booking.pk, reason="test")
    refunds.paid_back(refund_id=Refund.objects.get().pk, by=None)
    assert reconciliation.reconcile() == reconciliation.Compared(0, [], [])
    refunds.look_up(Refund.objects.get())
    assert Refund.objects.get().status == "sent"
    assert caplog.text == ""


# --- Files ------------------------------------------------------------------------------------------


def test_a_file_is_read_as_banks_write_it() -> None:
    """U50, S31"""
    text = (
        "Date;Amount;Currency;Text;Payer;More\r\n"
        "2026-06-03;43,00;EUR;BK-20260601-ABCDEF;Ada;x\r\n"
        "04.06.2026;1.234,56;;'=1+1;;\r\n"
        "05/06/2026;-12,00;EUR;fee;;\r\n"
    )
    read = statement_files.read("\ufeff".encode() + text.encode(), "EUR")
    assert [(each.booked_on, each.amount, each.currency, each.text, each.payer) for each in read.lines] == [
        (date(2026, 6, 3), 4_300, "EUR", "BK-20260601-ABCDEF", "Ada"),
        (date(2026, 6, 4), 123_456, "EUR", "=1+1", ""),
    ]
    assert (read.outgoing, read.faults) == (1, [])
    assert [
        each.amount for each in statement_files.read(b'date,amount,text\n2026-06-03,"1,234.56",a\n', "USD").lines
    ] == [123_456]


def test_what_is_wrong_is_said_by_line_and_the_rest_is_read() -> None:
    """U50, R50"""
    rows = [
        "2026-06-03,1.00,ok",
        "31.02.2026,1.00,a",
        "2026-06-03,NaN,b",
        "2026-06-03,1.005,c",
        "2026-06-03,9e999,d",
        "x",
    ]
    read = statement_files.read("\n".join(["date,amount,text", *rows]).encode(), "EUR")
    assert [each.text for each in read.lines] == ["ok"]
    assert [fault.line for fault in read.faults] == [3, 4, 5, 6, 7]


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"\x00\x01", b"x" * (statement_files.MOST_BYTES + 1)])
def test_what_is_no_statement_is_refused(data: bytes) -> None:
    """R50"""
    with pytest.raises(statement_files.Unreadable):
        statement_files.read(data, "EUR")


def test_two_transfers_that_say_the_same_are_two() -> None:
    row = "2026-06-03,1.00,a\n"
    once = statement_files.read(f"date,amount,text\n{row}".encode(), "EUR").lines
    twice = statement_files.read(f"date,amount,text\n{row}{row}".encode(), "EUR").lines
    assert len({each.fingerprint for each in twice}) == 2
    assert once[0].fingerprint == twice[0].fingerprint
