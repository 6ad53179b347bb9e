"""The audit sees what it promises to see: each promise is broken behind the database's back, and reported."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F, Model

from bookings.models import Batch, Booking, Document, Payment, Refund, Ticket
from bookings.queries.promises import PROMISES, violations
from bookings.services import cancellations, payments, reservations
from core import clock
from core.models import AuditEntry
from events.models import Event, EventSeat, Hold, PriceLevel
from events.services import holds
from notifications.models import Message
from reports.queries import promises as figures
from tests.factories import (
    event_on_sale,
    handed_over,
    paid,
    place_at,
    reserve,
    reserve_seats,
    seated_event,
    settle,
    with_details,
)

pytestmark = pytest.mark.django_db

WATCHED = (Booking, Ticket, Payment, Refund, Document, EventSeat, Hold, PriceLevel, AuditEntry, Message)


def copy(row: Model, **changes: Any) -> None:
    """Write a row a second time, with some values changed."""
    row.pk = 1_000 + type(row).objects.count()
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)


@pytest.fixture
def house(noon: datetime) -> dict[str, Booking]:
    """Bookings in every state at one event, and one of seats at another, where others are held."""
    event = event_on_sale(levels={"Standing": 20}, max_per_booking=5, max_per_customer=9)
    expired = handed_over(reserve(event, 1)).booking
    clock.advance(timedelta(minutes=16))
    reservations.expire(booking_id=expired.pk)
    cancelled = paid(event, 1)
    cancellations.cancel(booking_id=cancelled.pk, reason="test")
    present, taken_back = (given(event, each) for each in ("guest@example.com", "former@example.com"))
    cancellations.cancel(booking_id=taken_back.pk, reason="test")
    return {
        "pending": with_details(reserve(event, 2)),
        "confirmed": paid(event, 2),
        "expired": expired,
        "cancelled": cancelled,
        "present": present,
        "taken back": taken_back,
        "seated": seated(),
    }


def seated() -> Booking:
    """Seats of a house in which others are held and people stand too."""
    event = seated_event({"Stalls": "ssss"}, {"Floor": 3})
    holds.create(event_id=event.pk, place_ids=[place_at(event, "Stalls A 4").pk], kind="press")
    return reserve_seats(event, "Stalls A 1", "Stalls A 2")


def given(event: Event, email: str) -> Booking:
    """A present."""
    booking = with_details(reserve(event, 1), email)
    return payments.record_by_hand(booking_id=booking.pk, how="complimentary", by=None)


@pytest.fixture
def unguarded(house: dict[str, Booking]) -> None:
    """Put tables without any constraint in the place of ours, until the test is rolled back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in WATCHED:
            table = model._meta.db_table
            cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_guarded")
            cursor.execute(f"CREATE TABLE {table} AS SELECT * FROM {table}_guarded")


House = dict[str, Booking]


def of(booking: Booking) -> Any:
    return Booking.objects.filter(pk=booking.pk)


def tickets(booking: Booking) -> Any:
    return Ticket.objects.filter(booking=booking.pk)


def place_of(booking: Booking) -> EventSeat:
    return EventSeat.objects.get(pk=tickets(booking).values_list("event_seat")[:1])


def a_place_on_two_tickets(house: House) -> None:
    ticket = tickets(house["confirmed"]).first()
    copy(ticket, number=9, secret="other", booking=house["pending"])


def a_level_that_says_more(house: House) -> None:
    PriceLevel.objects.update(places=F("places") + 1)


def a_place_of_another_events_level(house: House) -> None:
    EventSeat.objects.filter(status="available").update(price_level=PriceLevel.objects.latest("pk").pk + 1)
    copy(PriceLevel.objects.latest("pk"), name="Elsewhere", event_id=_another_event(house))
    EventSeat.objects.filter(status="available").update(price_level=PriceLevel.objects.get(name="Elsewhere").pk)


def a_ticket_at_another_event(house: House) -> None:
    of(house["confirmed"]).update(event=_another_event(house))


def _another_event(house: House) -> int:
    event = house["pending"].event
    event.pk, event.slug = None, "another"
    event.save(force_insert=True)
    return event.pk


def a_confirmed_booking_with_a_reserved_ticket(house: House) -> None:
    tickets(house["confirmed"]).filter(number=1).update(status="reserved")


def a_confirmed_booking_that_lacks_a_ticket(house: House) -> None:
    tickets(house["confirmed"]).filter(number=1).delete()


def an_ended_booking_with_a_valid_ticket(house: House) -> None:
    tickets(house["cancelled"]).update(status="valid", voided_at=None)


def a_pending_booking_with_a_valid_ticket(house: House) -> None:
    tickets(house["pending"]).update(status="valid")


def a_valid_ticket_whose_place_is_free(house: House) -> None:
    EventSeat.objects.filter(pk=place_of(house["confirmed"]).pk).update(status="available")


def a_place_kept_for_another_time_than_its_booking(house: House) -> None:
    of(house["pending"]).update(reserved_until=F("reserved_until") + timedelta(minutes=1))


def a_sold_place_that_nobody_has(house: House) -> None:
    EventSeat.objects.filter(status="available").update(status="sold")


def a_reserved_place_that_nobody_has(house: House) -> None:
    EventSeat.objects.filter(status="available").update(status="reserved", reserved_until=datetime.now().astimezone())


def a_confirmed_booking_that_was_not_paid(house: House) -> None:
    Payment.objects.filter(booking=house["confirmed"].pk).update(status="failed", succeeded_at=None)


def a_cancelled_booking_whose_money_was_kept(house: House) -> None:
    Refund.objects.all().delete()


def a_confirmed_booking_whose_money_was_given_back(house: House) -> None:
    copy(Refund.objects.get(), payment_id=Payment.objects.get(booking=house["confirmed"].pk).pk, key="other")


def a_present_that_was_given_twice(house: House) -> None:
    copy(Payment.objects.get(booking=house["present"].pk), key="other", reference="other")


def a_present_of_less_than_the_total(house: House) -> None:
    Payment.objects.filter(booking=house["present"].pk).update(amount=F("amount") - 1)


def a_credit_note_that_is_missing(house: House) -> None:
    Document.objects.filter(booking=house["cancelled"].pk).delete()


def a_credit_note_that_is_doubled(house: House) -> None:
    copy(Document.objects.get())


def money_of_an_exchange_that_left_no_booking(house: House) -> None:
    source = Payment.objects.get(booking=house["confirmed"].pk)
    copy(source, booking_id=house["pending"].pk, provider="exchange", source_id=source.pk, key="other", reference="x")


def money_back_for_a_present(house: House) -> None:
    payment = Payment.objects.get(booking=house["present"].pk)
    copy(Refund.objects.get(), payment_id=payment.pk, amount=payment.amount, key="other")


def a_charge_in_two_payments(house: House) -> None:
    Payment.objects.filter(status="succeeded").update(reference="same")


def two_tickets_of_a_secret(house: House) -> None:
    tickets(house["pending"]).update(secret="same")


def two_bookings_of_a_code(house: House) -> None:
    Booking.objects.update(code="BK-20260601-SAMES2")


def a_step_out_of_order(house: House) -> None:
    first = AuditEntry.objects.filter(action="booking.reserved", object_id=house["confirmed"].pk)
    copy(first.get(), action="booking.confirmed")
    copy(first.get(), action="booking.confirmed")


def a_comeback_that_was_not_late_money(house: House) -> None:
    step = AuditEntry.objects.get(action="booking.expired", object_id=house["expired"].pk)
    copy(step, action="booking.confirmed", facts={})


def a_status_that_no_step_led_to(house: House) -> None:
    AuditEntry.objects.filter(action="booking.confirmed", object_id=house["confirmed"].pk).delete()


def a_booking_without_any_step(house: House) -> None:
    AuditEntry.objects.filter(object_id=house["pending"].pk).delete()


def a_refund_above_its_payment(house: House) -> None:
    Refund.objects.update(amount=F("amount") + 1)


def a_refund_of_what_was_not_taken(house: House) -> None:
    Payment.objects.filter(booking=house["cancelled"].pk).update(status="pending")


def a_booking_of_too_many(house: House) -> None:
    of(house["confirmed"]).update(quantity=6)


def a_person_with_too_many(house: House) -> None:
    Event.objects.update(max_per_customer=3)


def a_person_with_too_many_who_writes_it_in_capitals(house: House) -> None:
    Event.objects.update(max_per_customer=3)
    of(house["confirmed"]).update(email="ADA@Example.com")


def a_total_that_was_changed(house: House) -> None:
    of(house["pending"]).update(total=F("total") + 1)


def a_subtotal_and_total_that_were_changed(house: House) -> None:
    of(house["pending"]).update(subtotal=F("subtotal") + 1, total=F("total") + 1)


def a_ticket_whose_price_was_changed(house: House) -> None:
    tickets(house["pending"]).filter(number=1).update(price=F("price") + 1)


def a_tax_that_was_changed(house: House) -> None:
    of(house["pending"]).update(tax=0)


def a_confirmation_that_is_missing(house: House) -> None:
    Message.objects.filter(kind="booking-confirmed", about_id=house["confirmed"].pk).delete()


def a_confirmation_that_is_missing_at_the_box_office(house: House) -> None:
    of(house["confirmed"]).update(channel="box_office")
    a_confirmation_that_is_missing(house)


def a_confirmation_that_is_doubled(house: House) -> None:
    copy(Message.objects.filter(kind="booking-confirmed").first(), once_key=None, message_id="<other>")


def a_seat_in_another_section(house: House) -> None:
    floor = EventSeat.objects.filter(event=house["seated"].event_id, seat=None).values("section")[:1]
    EventSeat.objects.filter(pk=place_of(house["seated"]).pk).update(section=floor)


def places_of_a_plan_at_an_event_without_one(house: House) -> None:
    Event.objects.filter(pk=house["seated"].event_id).update(plan=None)


def a_place_without_a_section_at_an_event_with_a_plan(house: House) -> None:
    EventSeat.objects.filter(event=house["seated"].event_id, seat=None).update(section=None)


def a_place_that_a_released_hold_keeps(house: House) -> None:
    Hold.objects.update(released_at=datetime.now().astimezone())


def a_place_that_another_events_hold_keeps(house: House) -> None:
    Hold.objects.update(event=house["pending"].event_id)


def a_standing_place_at_a_level_of_seats(house: House) -> None:
    level = PriceLevel.objects.filter(event=house["seated"].event_id, numbered=True).values("pk")[:1]
    EventSeat.objects.filter(event=house["seated"].event_id, seat=None).update(price_level=level)


def a_seat_at_a_level_of_standing_places(house: House) -> None:
    PriceLevel.objects.filter(event=house["seated"].event_id).update(numbered=False)


def a_booking_that_a_cancelled_event_left_behind(house: House) -> None:
    event = house["confirmed"].event
    Batch.objects.create(
        organization=event.organization,
        event=event,
        kind="cancel_event",
        created_at=event.starts_at,
        finished_at=event.starts_at,
    )
    Event.objects.filter(pk=event.pk).update(status="cancelled")


def a_ticket_of_which_more_was_taken_back(house: House) -> None:
    tickets(house["cancelled"]).update(credited=F("credited") + 1)


FAULTS: dict[Callable[[House], None], str] = {
    a_place_on_two_tickets: "places_sold_twice",
    a_level_that_says_more: "levels_that_miscount",
    a_place_of_another_events_level: "places_of_two_events",
    a_ticket_at_another_event: "places_of_two_events",
    a_seat_in_another_section: "places_in_wrong_sections",
    places_of_a_plan_at_an_event_without_one: "places_in_wrong_sections",
    a_place_without_a_section_at_an_event_with_a_plan: "places_in_wrong_sections",
    a_place_that_a_released_hold_keeps: "places_held_by_nobody",
    a_place_that_another_events_hold_keeps: "places_held_by_nobody",
    a_standing_place_at_a_level_of_seats: "levels_of_both_kinds",
    a_seat_at_a_level_of_standing_places: "levels_of_both_kinds",
    a_confirmed_booking_with_a_reserved_ticket: "bookings_with_wrong_tickets",
    a_confirmed_booking_that_lacks_a_ticket: "bookings_with_wrong_tickets",
    an_ended_booking_with_a_valid_ticket: "bookings_with_wrong_tickets",
    a_pending_booking_with_a_valid_ticket: "bookings_with_wrong_tickets",
    a_valid_ticket_whose_place_is_free: "tickets_without_place",
    a_place_kept_for_another_time_than_its_booking: "tickets_without_place",
    a_sold_place_that_nobody_has: "places_without_ticket",
    a_reserved_place_that_nobody_has: "places_without_ticket",
    a_confirmed_booking_that_was_not_paid: "bookings_that_do_not_add_up",
    a_cancelled_booking_whose_money_was_kept: "bookings_that_do_not_add_up",
    a_confirmed_booking_whose_money_was_given_back: "bookings_that_do_not_add_up",
    a_present_that_was_given_twice: "bookings_that_do_not_add_up",
    a_present_of_less_than_the_total: "bookings_that_do_not_add_up",
    a_credit_note_that_is_missing: "bookings_that_do_not_add_up",
    a_credit_note_that_is_doubled: "bookings_that_do_not_add_up",
    money_of_an_exchange_that_left_no_booking: "exchanges_from_nowhere",
    money_back_for_a_present: "refunds_above_payment",
    a_charge_in_two_payments: "doubled_references",
    two_tickets_of_a_secret: "doubled_references",
    two_bookings_of_a_code: "doubled_references",
    a_step_out_of_order: "impossible_steps",
    a_comeback_that_was_not_late_money: "impossible_steps",
    a_status_that_no_step_led_to: "bookings_moved_in_silence",
    a_booking_without_any_step: "bookings_moved_in_silence",
    a_refund_above_its_payment: "refunds_above_payment",
    a_refund_of_what_was_not_taken: "refunds_above_payment",
    a_booking_of_too_many: "limits_exceeded",
    a_person_with_too_many: "limits_exceeded",
    a_person_with_too_many_who_writes_it_in_capitals: "limits_exceeded",
    a_total_that_was_changed: "totals_that_changed",
    a_subtotal_and_total_that_were_changed: "totals_that_changed",
    a_ticket_whose_price_was_changed: "totals_that_changed",
    a_tax_that_was_changed: "totals_that_changed",
    a_ticket_of_which_more_was_taken_back: "tickets_credited_without_a_note",
    a_booking_that_a_cancelled_event_left_behind: "bookings_at_cancelled_events",
    a_confirmation_that_is_missing: "confirmations_missing_or_doubled",
    a_confirmation_that_is_missing_at_the_box_office: "confirmations_missing_or_doubled",
    a_confirmation_that_is_doubled: "confirmations_missing_or_doubled",
}


def test_every_promise_is_broken_by_some_fault_here() -> None:
    assert {promise.broken.__name__ for promise in PROMISES} == set(FAULTS.values())


@pytest.mark.usefixtures("unguarded")
def test_tables_without_their_guards_are_still_sound() -> None:
    assert list(violations()) == []


@pytest.mark.parametrize(("fault", "promise"), FAULTS.items(), ids=lambda each: getattr(each, "__name__", each))
def test_the_audit_reports(house: House, unguarded: None, fault: Callable[[House], None], promise: str) -> None:
    fault(house)
    assert promise in {broken.broken.__name__ for broken, _row in violations()}


def test_a_sound_house_passes_the_audit(house: House) -> None:
    out = StringIO()
    call_command("audit", stdout=out)
    assert out.getvalue().strip() == f"{len(PROMISES) + len(figures.PROMISES)} promises, all kept."


def test_the_audit_shows_the_rows_and_fails(noon: datetime) -> None:
    booking = settle(handed_over(reserve(event_on_sale())))
    Message.objects.all().delete()
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("audit", stdout=out, stderr=err)
    assert caught.value.code == 1
    assert out.getvalue().strip() == (
        "R12 A booking that was confirmed has one confirmation in the outbox, unless nobody left an address; "
        "one that was imported has one at most. "
        f"Not so: pk={booking.pk}, code={booking.code}, status=confirmed, mails=0"
    )
    assert err.getvalue().strip() == "1 violations."


def test_the_audit_writes_nothing_and_names_nobody(house: House, django_assert_num_queries: Any) -> None:
    """It is safe on a live system, and its output may be mailed."""
    Event.objects.update(max_per_customer=3)
    before = [list(model.objects.order_by("pk").values()) for model in WATCHED]
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("audit", stdout=out, stderr=StringIO())
    assert [list(model.objects.order_by("pk").values()) for model in WATCHED] == before
    assert "@" not in out.getvalue()
    assert "Ada" not in out.getvalue()
