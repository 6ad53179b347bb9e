"""Whose booking it is, how many places one person may have, and the link that opens it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bookings.models import Booking
from bookings.queries.promises import violations
from bookings.services import cancellations, customers, reservations
from core import clock
from core.models import AuditEntry
from notifications.models import Message
from tests.factories import event_on_sale, handed_over, paid, reserve, settle, with_details

pytestmark = pytest.mark.django_db


def test_details_are_kept_as_they_were_typed(noon: datetime) -> None:
    """R50: emoji and right-to-left names."""
    booking = reserve(event_on_sale())
    name = "🎭 עדה Ada-Žoë العربية"
    customers.give_details(booking_id=booking.pk, name=name, email="Ada@Example.com", phone="+49 30 1")
    booking.refresh_from_db()
    assert (booking.customer_name, booking.email, booking.phone) == (name, "Ada@Example.com", "+49 30 1")


def test_the_trail_names_the_fields_and_not_the_person(noon: datetime) -> None:
    booking = with_details(reserve(event_on_sale()))
    with_details(booking)
    entries = AuditEntry.objects.filter(action="booking.details_given").order_by("pk")
    assert [entry.facts for entry in entries] == [{"changed": ["customer_name", "email"]}, {"changed": []}]


def test_the_first_address_keeps_the_link_and_another_revokes_it(noon: datetime) -> None:
    """S19"""
    booking = reserve(event_on_sale())
    first = booking.secret
    assert with_details(booking).secret == first
    assert with_details(booking, "ADA@example.com").secret == first
    changed = with_details(booking, "bob@example.com")
    assert changed.secret != first
    assert not Booking.objects.filter(secret=first).exists()


def test_a_renewed_link_replaces_the_old_one(noon: datetime) -> None:
    """S19"""
    booking = paid(event_on_sale())
    renewed = customers.renew_link(booking_id=booking.pk)
    assert len(renewed.secret) == 32
    assert renewed.secret != booking.secret
    assert not Booking.objects.filter(secret=booking.secret).exists()
    entry = AuditEntry.objects.get(action="booking.link_renewed")
    assert booking.secret not in str(entry.facts)
    assert renewed.secret not in str(entry.facts)


@pytest.mark.parametrize("late", [False, True])
def test_details_come_in_time_or_not_at_all(noon: datetime, late: bool) -> None:
    booking = reserve(event_on_sale())
    clock.advance(timedelta(minutes=15) + timedelta(microseconds=late))
    if not late:
        assert with_details(booking).has_details
        return
    with pytest.raises(reservations.TooLate):
        with_details(booking)
    booking.refresh_from_db()
    assert not booking.has_details


def test_a_paid_booking_takes_no_other_details(noon: datetime) -> None:
    booking = paid(event_on_sale())
    with pytest.raises(reservations.TooLate, match="paid already"):
        with_details(booking, "mallory@example.com")
    booking.refresh_from_db()
    assert booking.email == "ada@example.com"


# --- Limits per person ----------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["pending", "confirmed"])
def test_one_person_has_no_more_places_than_allowed(noon: datetime, first: str) -> None:
    """R9"""
    event = event_on_sale(max_per_customer=3)
    booking = with_details(reserve(event, 2))
    if first == "confirmed":
        settle(handed_over(booking))
    second = reserve(event, 2)
    with pytest.raises(customers.OverLimit) as caught:
        with_details(second)
    text = "One person can have at most 3 tickets for this event, and you have 2 already."
    assert (str(caught.value), caught.value.status) == (text, 422)
    second.refresh_from_db()
    assert (second.email, second.status) == ("", "pending")
    assert with_details(reserve(event, 1)).has_details
    assert list(violations()) == []


def test_who_already_has_all_gets_no_more_and_others_do(noon: datetime) -> None:
    event = event_on_sale(max_per_customer=2)
    with_details(reserve(event, 2))
    with_details(reserve(event, 2), "bob@example.com")
    with pytest.raises(customers.OverLimit):
        with_details(reserve(event, 1))


def test_the_limit_is_the_events_own(noon: datetime) -> None:
    with_details(reserve(event_on_sale(max_per_customer=2), 2))
    with_details(reserve(event_on_sale(max_per_customer=2), 2))
    unlimited = event_on_sale()
    for _number in range(3):
        with_details(reserve(unlimited, 3))
    assert list(violations()) == []


def test_ones_own_booking_does_not_stand_in_its_own_way(noon: datetime) -> None:
    booking = reserve(event_on_sale(max_per_customer=2), 2)
    with_details(booking)
    assert with_details(booking, "ada2@example.com").email == "ada2@example.com"


SAME_PERSON = [
    ("ada@example.com", "ADA@Example.COM"),
    ("ADA@Example.COM", "ada@example.com"),
    ("ada@münchen.example", "ada@MÜNCHEN.example"),
    ("ada@MÜNCHEN.example", "ada@münchen.example"),
    ("ada@straße.example", "ada@straße.example"),
]


@pytest.mark.parametrize(("first", "second"), SAME_PERSON)
def test_another_way_to_write_an_address_is_the_same_person(noon: datetime, first: str, second: str) -> None:
    """R9"""
    event = event_on_sale(max_per_customer=2)
    with_details(reserve(event, 2), first)
    with pytest.raises(customers.OverLimit):
        with_details(reserve(event, 1), second)


ENDINGS: dict[str, Callable[[Booking], object]] = {
    "given up": lambda booking: reservations.give_up(booking_id=booking.pk),
    "cancelled": lambda booking: cancellations.cancel(booking_id=booking.pk, reason="test"),
    "expired": lambda booking: (clock.advance(timedelta(minutes=16)), reservations.expire(booking_id=booking.pk)),
    "lapsed, with every worker dead": lambda booking: clock.advance(timedelta(minutes=16)),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_has_ended_counts_no_more(noon: datetime, ending: str) -> None:
    """R13: also a reservation that ran out while nobody cleaned up."""
    event = event_on_sale(max_per_customer=2)
    ENDINGS[ending](with_details(reserve(event, 2)))
    assert with_details(reserve(event, 2)).has_details
    assert list(violations()) == []


# --- The lost link --------------------------------------------------------------------------------


def test_the_link_goes_to_the_address_on_the_booking(noon: datetime) -> None:
    """S20"""
    booking = with_details(reserve(event_on_sale()), "Ada@Example.com")
    customers.send_link(code=booking.code, email=" ada@example.COM ")
    message = Message.objects.get()
    assert (message.kind, message.to) == ("booking-link", "Ada@Example.com")
    assert booking.get_absolute_url() in message.text
    assert booking.get_absolute_url() in message.html


@pytest.mark.parametrize(
    ("code", "email"), [(None, "mallory@example.com"), ("BK-20260601-222222", "ada@example.com"), (None, "")]
)
def test_what_does_not_fit_is_answered_by_nothing(noon: datetime, code: str | None, email: str) -> None:
    """S20"""
    booking = with_details(reserve(event_on_sale()))
    customers.send_link(code=code or booking.code, email=email)
    assert not Message.objects.exists()


def test_a_booking_of_nobody_is_mailed_to_nobody(noon: datetime) -> None:
    booking = reserve(event_on_sale())
    customers.send_link(code=booking.code, email="")
    assert not Message.objects.exists()


def test_a_link_may_be_asked_for_again(noon: datetime) -> None:
    booking = with_details(reserve(event_on_sale()))
    for _time in range(2):
        customers.send_link(code=booking.code, email="ada@example.com")
    assert Message.objects.filter(kind="booking-link").count() == 2
