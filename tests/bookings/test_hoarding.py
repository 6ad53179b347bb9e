"""One client keeps so much and no more (S42)."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.models import Booking
from bookings.services import hoarding, housekeeping, reservations
from core import clock, codes
from events.models import Event
from tests.factories import event_on_sale, handed_over, price_of, settle
from tests.pages import choice, post_choice

pytestmark = pytest.mark.django_db

CLIENT = hoarding.client_of("192.0.2.7")


@pytest.fixture
def event(noon: datetime) -> Event:
    return event_on_sale(levels={"Standing": 500})


def take(event: Event, times: int = 1, *, quantity: int = 1, client: str = CLIENT) -> list[Booking]:
    choice = {price_of(event).pk: quantity}
    return [
        reservations.reserve(event=event, quantities=choice, key=codes.secret(), client=client)
        for _time in range(times)
    ]


def test_a_client_is_a_network_and_its_digest_tells_nobody_which() -> None:
    one = hoarding.client_of
    assert one("2001:db8:1:2::1") == one("2001:db8:1:2:ffff::9") != one("2001:db8:1:3::1")
    assert one("192.0.2.7") == one("::ffff:192.0.2.7") != one("192.0.2.8")
    assert (len(CLIENT), "192" in CLIENT, one(""), bool(one("unix"))) == (64, False, "", True)


def test_so_many_reservations_over_all_events_and_one_more_is_refused(event: Event) -> None:
    take(event, 19)
    last = take(event_on_sale())[0]
    with pytest.raises(hoarding.Hoarding, match="try again in 15 minutes") as caught:
        take(event)
    assert (caught.value.status, caught.value.retry_after) == (429, 900)
    take(event, client=hoarding.client_of("192.0.2.8"))
    take(event, client="")
    settle(handed_over(last))
    take(event)


def test_so_many_places_and_one_more_is_refused(event: Event) -> None:
    take(event, 8, quantity=10)
    with pytest.raises(hoarding.Hoarding):
        take(event)


def test_what_an_event_allows_to_one_booking_is_never_too_much(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 200}, max_per_booking=100)
    assert take(event, quantity=100)[0].quantity == 100
    with pytest.raises(hoarding.Hoarding):
        take(event)


def test_so_many_may_end_unpaid_at_one_event_within_two_hours(event: Event) -> None:
    for _round in range(2):
        take(event, 15)
        clock.advance(timedelta(minutes=16))
        reservations.expire_due()
    with pytest.raises(hoarding.Hoarding) as caught:
        take(event)
    assert caught.value.retry_after == 104 * 60
    take(event_on_sale())
    clock.advance(timedelta(minutes=104))
    assert take(event)


def test_a_change_of_mind_is_no_unpaid_ending(event: Event) -> None:
    (booking,) = take(event)
    choice = {price_of(event).pk: 1}
    for _change in range(40):
        booking = reservations.reserve(
            event=event, quantities=choice, key=codes.secret(), client=CLIENT, replacing=booking.pk
        )
    assert Booking.objects.count() == 41


def test_lapsed_reservations_make_room_with_every_worker_dead(event: Event) -> None:
    """R13"""
    take(event, 20)
    clock.advance(timedelta(minutes=16))
    assert take(event)


def test_counting_a_client_costs_two_statements(event: Event) -> None:
    counts = []
    for client in ("", CLIENT):
        take(event, client=client)
        with CaptureQueriesContext(connection) as captured:
            take(event, client=client)
        counts.append(len(captured))
    assert counts[1] - counts[0] <= 2


def test_the_page_counts_by_address_and_says_when_to_try_again(event: Event) -> None:
    """S48: whatever a header says"""
    for number in range(20):
        post_choice(Client(), event, choice(event, 1), headers={"X-Forwarded-For": f"198.51.100.{number}"})
    refused = post_choice(Client(), event, choice(event, 1))
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")
    assert "Too many reservations from your network" in refused.content.decode()
    assert post_choice(Client(), event, choice(event, 1), REMOTE_ADDR="192.0.2.99").status_code == 303


def test_after_a_day_nobody_knows_whose_client_reserved_what(event: Event) -> None:
    take(event)
    clock.advance(timedelta(hours=23, minutes=59))
    housekeeping.tick()
    assert Booking.objects.get().client == CLIENT
    clock.advance(timedelta(minutes=2))
    assert housekeeping.tick().forgotten == 1
    assert Booking.objects.get().client == ""
