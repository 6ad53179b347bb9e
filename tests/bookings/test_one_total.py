"""The same total from the event's page to the mail, and what it consists of."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking
from bookings.queries.promises import violations
from events.models import Event
from events.queries.listing import card, season
from notifications.models import Message
from tests.factories import OrganizationFactory, event_on_sale, member, price_of, seated_event
from tests.pages import DETAILS, page, post_choice, text_of

pytestmark = pytest.mark.django_db

AMOUNTS = {
    "JPY": ("¥3,200", "¥6,200", "¥200", "¥200", "¥990"),
    "EUR": ("€32.00", "€62.00", "€2.00", "€2.00", "€9.90"),
    "KWD": ("KWD3.200", "KWD6.200", "KWD0.200", "KWD0.200", "KWD0.990"),
}
"""One ticket bought alone, two tickets, what of it is the tickets' fee, the booking's fee, and tax."""


def missing(response: Any, *facts: str) -> list[str]:
    """What of these a page doesn't say."""
    return [fact for fact in facts if fact not in text_of(response)]


def on_sale(currency: str) -> Event:
    house = OrganizationFactory(currency=currency, fee_basis_points=0, fee_per_ticket=100, fee_per_booking=200)
    return event_on_sale(currency=currency, venue__organization=house, amounts={"Standard": 2_900})


@pytest.mark.parametrize("currency", AMOUNTS)
def test_the_total_is_the_same_from_the_events_page_to_the_mail(client: Client, noon: datetime, currency: str) -> None:
    """U27, R10: with a fee per ticket and a fee per booking, in currencies of 0, 2 and 3 decimals."""
    event = on_sale(currency)
    one, two, ticket_fee, booking_fee, tax = AMOUNTS[currency]
    shown = client.get(event.get_absolute_url())
    fee = f"To this comes a fee of {booking_fee} for the booking: once"
    assert missing(shown, f"Price {one} What one ticket costs that is bought alone", fee) == []
    assert b'data-booking-fee="200"' in shown.content
    details = post_choice(client, event).headers["Location"]
    itemised = (
        f"Fee for the booking {booking_fee} Total {two}",
        f"includes service fee of the tickets {ticket_fee} includes tax {tax}",
    )
    assert missing(client.get(details), *itemised) == []
    review = client.get(client.post(details, DETAILS).headers["Location"])
    assert missing(review, f"Pay {two}", *itemised) == []
    booking = Booking.objects.get()
    hosted = client.post(page(booking, "pay"), {"provider": "sandbox"}).headers["Location"]
    assert two in text_of(client.get(hosted))
    back = client.post(hosted, {"action": "pay"}).headers["Location"]
    assert missing(client.get(back, follow=True), "You have your tickets", *itemised) == []
    mail = Message.objects.get(kind="booking-confirmed")
    assert [line for line in mail.text.splitlines() if ": " in line][1:5] == [
        f"Fee for the booking: {booking_fee}",
        f"Total: {two}",
        f"includes service fee of the tickets: {ticket_fee}",
        f"includes tax: {tax}",
    ]
    assert all(amount in mail.html for amount in (two, booking_fee, tax))
    assert list(violations()) == []


def test_from_is_what_one_ticket_costs_that_is_bought_alone(client: Client, noon: datetime) -> None:
    """U27: on cards, in what search engines read, and in the list of sections."""
    event = on_sale("EUR")
    assert card(season(noon).get(), noon).from_total == 3_200
    assert '"price": "32.00"' in client.get(event.get_absolute_url()).content.decode()
    assert "€32.00" in text_of(client.get(reverse("events:list"), {"most": "32", "currency": "EUR"}))


def test_the_seats_page_says_the_fee_of_the_booking(client: Client, noon: datetime) -> None:
    """U27: a seat is at its own price, the total counts the fee once, and "from" is one seat alone."""
    house = OrganizationFactory(fee_basis_points=0, fee_per_ticket=0, fee_per_booking=200)
    event = seated_event({"Stalls": "ssss"}, venue__organization=house)
    at = reverse("events:seats", args=[event.slug])
    for view in ("", "?view=best"):
        shown = client.get(at + view)
        assert "To this comes a fee of €2.00 for the booking" in text_of(shown), view
        assert b'data-booking-fee="200"' in shown.content, view
    assert "from €22.00" in text_of(client.get(at, {"view": "list"}))


def test_what_is_free_has_no_fee_at_all(client: Client, noon: datetime) -> None:
    house = OrganizationFactory(fee_per_booking=200)
    event = event_on_sale(venue__organization=house, amounts={"Entry": 0})
    shown = client.get(event.get_absolute_url())
    assert b"data-booking-fee" not in shown.content
    assert "for the booking" not in text_of(shown)


def test_the_box_office_counts_the_fee_once(client: Client, noon: datetime) -> None:
    """U27: what staff see before they sell is what the sale comes to."""
    event = on_sale("EUR")
    client.force_login(member("support", event.organization))
    price = price_of(event)
    shown = client.get(reverse("admin:sale-total"), {"event": event.pk, f"price_{price.pk}": "2"})
    assert text_of(shown) == "2 tickets, €62.00 including €2.00 for the booking"
    nothing = client.get(reverse("admin:sale-total"), {"event": event.pk})
    assert text_of(nothing) == "Nothing chosen yet"
