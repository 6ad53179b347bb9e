"""The pages on which tickets are given back, as they are without JavaScript, and the parts that HTMX asks for."""

from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, CancellationPolicy, CancellationTier, Refund, RefundRequest
from core import clock
from tests.factories import event_on_sale, handed_over, paid, reserve
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking(noon: datetime) -> Booking:
    """Two tickets for €21.50 each; half of the price goes back from a day before on, and all of it from a week."""
    event = event_on_sale()
    policy = CancellationPolicy.objects.create(organization=event.organization, cancel_until_hours=24)
    for hours, share in ((168, 10_000), (24, 5_000)):
        CancellationTier.objects.create(policy=policy, hours_before=hours, basis_points=share)
    return paid(event, 2)


def text(response: HttpResponse) -> str:
    return unescape(text_of(response)).replace(" :", ":")


def address(booking: Booking, name: str = "give-back") -> str:
    return reverse(f"bookings:{name}", args=[booking.secret])


def change(booking: Booking, **fields: Any) -> None:
    CancellationPolicy.objects.filter(organization=booking.organization).update(**fields)


def test_what_goes_back_is_shown_before_it_is_given_back(client: Client, booking: Booking) -> None:
    """U38: choose, look, confirm, see what came of it."""
    page = text(client.get(booking.get_absolute_url()))
    assert "Give tickets back" in page
    page = text(client.get(address(booking)))
    assert "Paid €21.50, €20.00 goes back" in page
    assert "Choose the tickets that you want to give back" in page
    response = client.get(address(booking), {"ticket": "2"})
    page = text(response)
    assert "100 % of the price goes back, since it is 30 days before the start. Service fees of €1.50 are kept." in page
    assert "1 ticket stays valid" in page
    assert "Give 1 ticket back for €20.00" in page
    assert '<input type="hidden" name="seen" value="2000">' in response.content.decode()
    answer = client.post(address(booking), {"ticket": "2", "seen": "2000"})
    assert (answer.status_code, answer["Location"]) == (303, f"{booking.get_absolute_url()}#given-back")
    page = text(client.get(booking.get_absolute_url()))
    assert "Money that goes back Amount Mon, 1 Jun 2026, 14:00 (CEST): on its way €20.00" in page
    again = client.post(address(booking), {"ticket": "2", "seen": "2000"})
    assert (again.status_code, Refund.objects.count()) == (303, 1)


def test_htmx_gets_the_offer_alone(client: Client, booking: Booking) -> None:
    response = client.get(address(booking), {"ticket": ["1", "2"]}, headers={"HX-Request": "true"})
    assert response.content.decode().strip().startswith('<section id="offer"')
    assert "Give 2 tickets back for €40.00" in text(response)
    assert "The booking ends with that." in text(response)


def test_another_amount_is_shown_anew(client: Client, booking: Booking) -> None:
    """U38: a tab that was open for long."""
    clock.advance(timedelta(days=25))
    response = client.post(address(booking), {"ticket": "1", "seen": "2000"})
    page = text(response)
    assert response.status_code == 409
    assert "Meanwhile another amount goes back than you were shown." in page
    assert "Give 1 ticket back for €10.00" in page
    assert not Refund.objects.exists()


@pytest.mark.parametrize("seen", ["", "-1", "x", "２０００", "1e3", "9" * 40])
def test_an_amount_that_is_none_changes_nothing(client: Client, booking: Booking, seen: str) -> None:
    """R50"""
    assert client.post(address(booking), {"ticket": "1", "seen": seen}).status_code == 409
    assert not Refund.objects.exists()


@pytest.mark.parametrize("numbers", [[], ["0"], ["-1"], ["9999999999"], ["x"], ["３"], ["1\x00"], ["7"]])
def test_tickets_that_are_none_change_nothing(client: Client, booking: Booking, numbers: list[str]) -> None:
    """R50"""
    assert client.get(address(booking), {"ticket": numbers}).status_code == 200
    assert client.post(address(booking), {"ticket": numbers, "seen": "0"}).status_code == 409
    assert booking.live_tickets().count() == 2


def test_where_single_tickets_stay_all_are_shown_together(client: Client, booking: Booking) -> None:
    change(booking, single_tickets=False)
    page = text(client.get(address(booking)))
    assert "Only all tickets of this booking can be given back together." in page
    assert "Give 2 tickets back for €40.00" in page
    answer = client.post(address(booking), {"ticket": ["1", "2"], "seen": "4000"})
    assert answer.status_code == 303
    page = text(client.get(booking.get_absolute_url()))
    assert "This booking was cancelled" in page
    assert "€40.00 goes back the way it came." in page


def test_who_may_not_is_told_why_and_may_ask(client: Client, booking: Booking) -> None:
    change(booking, cancel_until_hours=None)
    response = client.get(address(booking))
    assert "For this event tickets can't be given back without asking." in text(response)
    assert address(booking, "ask-refund") in response.content.decode()
    form = client.get(address(booking, "ask-refund"))
    assert f"{booking.code}-01: Standing, Standard" in text(form)
    answer = client.post(address(booking, "ask-refund"), {"tickets": ["1"], "message": "I fell ill."})
    assert (answer.status_code, answer["Location"]) == (303, f"{booking.get_absolute_url()}#refund-request")
    asked = RefundRequest.objects.get()
    assert ([each.number for each in asked.tickets.all()], asked.message) == ([1], "I fell ill.")
    page = text(client.get(booking.get_absolute_url()))
    assert "Your refund request You asked on Mon, 1 Jun 2026, 14:00 (CEST)." in page
    assert "You have asked already" in text(client.get(address(booking)))
    assert client.post(address(booking, "withdraw-request")).status_code == 303
    assert "You took it back." in text(client.get(booking.get_absolute_url()))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Which tickets?: Please choose at least one ticket."),
        ({"tickets": ["1"]}, "What happened?: This field is required."),
        ({"tickets": ["9"], "message": "x"}, "Which tickets?: Select a valid choice."),
        ({"tickets": ["1"], "message": "x" * 2_001}, "What happened?: Ensure this value has at most 2000 characters"),
    ],
)
def test_what_is_missing_is_named(client: Client, booking: Booking, sent: dict[str, Any], said: str) -> None:
    """R50"""
    response = client.post(address(booking, "ask-refund"), sent)
    assert response.status_code == 422
    assert said in text(response)
    assert not RefundRequest.objects.exists()


def test_asking_again_and_again_is_stopped(client: Client, booking: Booking) -> None:
    sent = {"tickets": ["1"], "message": "please"}
    answers = [client.post(address(booking, "ask-refund"), sent).status_code for _time in range(6)]
    assert answers == [303, 422, 422, 422, 422, 429]


def test_what_is_not_paid_has_nothing_to_give_back(client: Client, noon: datetime) -> None:
    booking = handed_over(reserve(event_on_sale())).booking
    for name in ("give-back", "ask-refund"):
        assert client.get(address(booking, name)).status_code == 302


def test_rules_are_told_before_somebody_chooses(client: Client, booking: Booking) -> None:
    """U7: on the event's page by a link, which HTMX follows by itself."""
    address = reverse("bookings:rules", args=[booking.event.slug])
    assert f'hx-get="{address}"' in client.get(booking.event.get_absolute_url()).content.decode()
    page = text(client.get(address))
    assert "Until 7 days before the start 100 % of the price goes back." in page
    part = client.get(address, headers={"HX-Request": "true"})
    assert part.content.decode().strip().startswith('<ul id="refund-rules">')
