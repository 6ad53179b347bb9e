"""A booking in its customer's calendar."""

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from django.test import Client

from bookings.calendars import booking_entry
from bookings.models import Booking
from bookings.services import batches, cancellations
from core import clock, codes
from events.models import Event
from events.services import changing
from tests.factories import event_on_sale, handed_over, paid, price_of, reserve, settle, with_details
from tests.pages import page

pytestmark = pytest.mark.django_db


def entry(client: Client, booking: Booking) -> icalendar.Event:
    response = client.get(page(booking, "calendar"))
    assert response.status_code == 200
    (found,) = icalendar.Calendar.from_ical(response.content).events
    return found


def test_the_entry_has_code_tickets_and_doors(client: Client, noon: datetime, settings: Any) -> None:
    """U33, U34"""
    settings.SITE_URL = "https://tickets.example"
    starts_at = datetime(2026, 11, 28, 19, tzinfo=UTC)
    event = event_on_sale(title="Tides", starts_at=starts_at, doors_at=starts_at - timedelta(hours=1))
    booking = paid(event)
    shown = entry(client, booking)
    assert shown["UID"] == f"booking-{booking.pk}@tickets.example"
    assert (shown["DTSTART"].dt, shown["SUMMARY"]) == (starts_at, "Tides")
    assert (shown["STATUS"], shown["CLASS"]) == ("CONFIRMED", "PRIVATE")
    assert shown["DESCRIPTION"].split("\n") == [
        f"Booking code: {booking.code}",
        f"{booking.code}-01: Standing, Standard",
        f"{booking.code}-02: Standing, Standard",
        "Doors open at 19:00 (CET)",
    ]


def test_what_is_shared_with_a_calendar_opens_no_booking(client: Client, noon: datetime) -> None:
    """S18: calendars are shared with others"""
    booking = paid(event_on_sale())
    content = client.get(page(booking, "calendar")).content.decode().replace("\r\n ", "")
    secrets = [booking.secret, *booking.tickets.values_list("secret", flat=True)]
    for told in (*secrets, booking.email, booking.customer_name):
        assert told not in content


def test_a_cancelled_event_is_cancelled_in_the_calendar(client: Client, noon: datetime) -> None:
    """U39"""
    booking = paid(event_on_sale())
    before = entry(client, booking)
    Event.objects.update(status="cancelled", changed_at=booking.event.changed_at + timedelta(days=1))
    after = entry(client, booking)
    assert (after["UID"], after["STATUS"]) == (before["UID"], "CANCELLED")
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_tickets_that_came_late_are_news(noon: datetime) -> None:
    booking = paid(event_on_sale())
    booking.event.changed_at = noon - timedelta(days=1)
    assert booking_entry(booking).changed_at == booking.confirmed_at == noon


def test_only_who_has_tickets_has_an_entry(client: Client, noon: datetime) -> None:
    event = event_on_sale()
    cancelled = paid(event, 1)
    cancellations.cancel(booking_id=cancelled.pk, reason="asked for")
    for booking in (reserve(event, 1), with_details(reserve(event, 1), "bob@example.com")):
        assert client.get(page(booking, "calendar")).status_code == 404
    assert entry(client, cancelled)["STATUS"] == "CANCELLED"  # so that it can be taken out again


def test_a_booking_that_ended_is_taken_out_of_the_calendar(client: Client, noon: datetime) -> None:
    """U39: the same entry with a greater number, so that calendars believe it."""
    booking = paid(event_on_sale())
    Event.objects.update(changed_at=noon)
    before = entry(client, booking)
    clock.advance(timedelta(hours=1))
    cancellations.cancel(booking_id=booking.pk, reason="asked for")
    after = entry(client, booking)
    assert (after["UID"], after["STATUS"], before["STATUS"]) == (before["UID"], "CANCELLED", "CONFIRMED")
    assert after["SEQUENCE"] == before["SEQUENCE"] + 3_600


def test_a_moved_event_moves_in_the_calendar(client: Client, noon: datetime) -> None:
    """U39"""
    booking = paid(event_on_sale())
    Event.objects.update(changed_at=noon)  # which is the host's time, while this test's clock stands still
    before = entry(client, booking)
    times = changing.times_moved(booking.event, booking.event.starts_at + timedelta(days=7))
    batches.move_event(event_id=booking.event_id, times=times, returnable_for=None)
    after = entry(client, booking)
    assert (after["UID"], after["STATUS"]) == (before["UID"], "CONFIRMED")
    assert after["DTSTART"].dt - before["DTSTART"].dt == timedelta(days=7)
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_one_ticket_or_many_are_the_same_number_of_questions(
    client: Client, noon: datetime, django_assert_num_queries: Any
) -> None:
    event = event_on_sale()
    for quantity in (1, 8):
        booking = paid(event, quantity)
        with django_assert_num_queries(2):
            client.get(page(booking, "calendar"))


def test_a_file_with_tickets_is_in_no_cache(client: Client, noon: datetime) -> None:
    """S50"""
    booking = paid(event_on_sale())
    for secret in (booking.secret, codes.secret()):
        assert "no-store" in client.get(f"/bookings/{secret}/calendar.ics").headers["Cache-Control"]
    response = client.get(page(booking, "calendar"))
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{booking.code}.ics"'


def test_a_wrong_secret_is_an_unknown_booking_and_guessing_is_stopped(client: Client, noon: datetime) -> None:
    """S9, S18, S20: counted together with the other pages"""
    booking, unpaid = paid(event_on_sale()), reserve(event_on_sale())
    answers = [client.get(f"/bookings/{secret}/calendar.ics") for secret in (codes.secret(), unpaid.secret)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    for _guess in range(19):
        assert client.get(f"/bookings/{codes.secret()}/").status_code == 404
    assert client.get(f"/bookings/{codes.secret()}/calendar.ics").status_code == 429
    assert client.get(page(booking, "calendar")).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_a_calendar_is_for_reading(client: Client, noon: datetime, method: str) -> None:
    assert getattr(client, method)(page(paid(event_on_sale()), "calendar")).status_code == 405


def test_names_of_what_was_bought_add_no_line(client: Client, noon: datetime) -> None:
    """S34"""
    hostile = "Adult\r\nATTENDEE:mailto:eve@example.com"
    event = event_on_sale(amounts={hostile: 2_000})
    booking = settle(handed_over(reserve(event, 1, price=price_of(event, ticket_type=hostile))))
    assert "ATTENDEE" not in entry(client, booking)
