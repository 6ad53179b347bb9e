"""From the tickets that are given up, over the event's own page, to those that are there instead."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, CancellationPolicy, Ticket
from bookings.queries.promises import violations
from bookings.services import customers
from core import clock, codes
from events.exchanging import COOKIE
from tests.bookings.exchanging import an_event, bought
from tests.factories import handed_over, price_of, reserve_seats, seated_event, settle
from tests.pages import page, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(noon: datetime) -> Booking:
    return bought(an_event())


def begin(client: Client, booking: Booking, *numbers: int) -> str:
    """Choose tickets to give up; return where that leads."""
    response = client.post(page(booking, "exchange"), {"ticket": numbers or [1, 2]})
    assert response.status_code == 303
    return response["Location"]


def choose(client: Client, booking: Booking, what: str, quantity: int, level: str = "Standing") -> Booking:
    """Choose on the event's page."""
    price = price_of(booking.event, level, what)
    data = {"key": codes.secret(), f"price_{price.pk}": quantity}
    response = client.post(reverse("bookings:reserve", args=[booking.event.slug]), data)
    assert response.status_code == 303
    return Booking.objects.get(secret=response["Location"].split("/")[2])


def test_tickets_are_exchanged_on_the_ordinary_pages(client: Client, old: Booking) -> None:
    """R3"""
    assert "Exchange tickets" in text_of(client.get(old.get_absolute_url()))
    place = begin(client, old)
    assert place == old.event.get_absolute_url()
    assert "You are exchanging 2 tickets worth €43.00" in text_of(client.get(place))
    new = choose(client, old, "Premium", 2)
    assert "You are exchanging" not in text_of(client.get(place))
    details = client.get(page(new, "details"))
    assert 'value="ada@example.com"' in details.content.decode()
    customers.give_details(booking_id=new.pk, name="Ada", email="ada@example.com")
    review = text_of(client.get(page(new, "review")))
    for said in ("Total €64.00", "you give up €43.00", "To pay €21.00", "Pay €21.00"):
        assert said in review
    settle(handed_over(new))
    over = text_of(client.get(old.get_absolute_url()))
    assert "These tickets were exchanged" in over
    assert "Moved to the booking that was exchanged for" in over
    assert "Worth of the tickets that were exchanged" in text_of(client.get(new.get_absolute_url()))
    assert list(violations()) == []


def test_where_nothing_is_to_be_paid_a_button_exchanges(client: Client, old: Booking) -> None:
    begin(client, old, 2)
    new = choose(client, old, "Child", 1)
    customers.give_details(booking_id=new.pk, name="Ada", email="ada@example.com")
    review = text_of(client.get(page(new, "review")))
    assert "Exchange the tickets" in review
    assert "goes back the way it was paid" in review
    assert client.post(page(new, "pay"))["Location"] == new.get_absolute_url()
    old.refresh_from_db()
    assert (old.status, old.live_tickets().count()) == ("confirmed", 1)


def test_seats_are_exchanged_on_the_plan(client: Client, noon: datetime) -> None:
    event = seated_event(starts_at=noon + timedelta(days=30))
    CancellationPolicy.objects.create(organization=event.organization, exchange_until_hours=0)
    old = settle(handed_over(reserve_seats(event, "Stalls A 1")))
    place = begin(client, old, 1)
    assert place == reverse("events:seats", args=[event.slug])
    assert "You are exchanging a ticket worth" in text_of(client.get(place))
    assert choose(client, old, "Standard", 1, level="Stalls").exchanges == old


def test_an_exchange_is_given_up_again(client: Client, old: Booking) -> None:
    begin(client, old)
    assert "Exchange nothing" in text_of(client.get(page(old, "exchange")))
    assert client.post(page(old, "keep"))["Location"] == old.get_absolute_url()
    assert choose(client, old, "Child", 1).exchanges is None


def test_somebody_must_choose_what_to_give_up(client: Client, old: Booking) -> None:
    assert client.get(page(old, "exchange")).status_code == 200
    for numbers in ([], ["9"], ["x"]):
        assert client.post(page(old, "exchange"), {"ticket": numbers}).status_code == 422


def test_where_nothing_can_be_exchanged_nothing_is_offered(client: Client, old: Booking) -> None:
    clock.advance(timedelta(days=29, hours=1))
    assert "Exchange tickets" not in text_of(client.get(old.get_absolute_url()))
    assert "too late" in text_of(client.get(page(old, "exchange")))
    assert client.post(page(old, "exchange"), {"ticket": [1]}).status_code == 422


def test_a_link_that_was_renewed_exchanges_nothing(client: Client, old: Booking) -> None:
    """S19"""
    begin(client, old)
    customers.renew_link(booking_id=old.pk)
    assert choose(client, old, "Child", 1).exchanges is None


@pytest.mark.parametrize("value", ["", "x", "a:b:c"])
def test_a_cookie_that_isnt_ours_is_nothing(client: Client, old: Booking, value: str) -> None:
    """S7"""
    client.cookies[COOKIE] = value
    assert "You are exchanging" not in text_of(client.get(old.event.get_absolute_url()))


def test_a_refusal_keeps_the_exchange_and_says_why(client: Client, old: Booking) -> None:
    begin(client, old)
    Ticket.objects.filter(booking=old).update(holder_email="bob@example.com")
    price = price_of(old.event, ticket_type="Child")
    data = {"key": codes.secret(), f"price_{price.pk}": 1}
    response = client.post(reverse("bookings:reserve", args=[old.event.slug]), data)
    assert response.status_code == 409
    assert "be exchanged any more" in text_of(response)
    assert "You are exchanging" in text_of(response)
