"""From details to tickets, page by page, as a browser without JavaScript walks."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, Payment, SandboxCharge, SandboxCheckout
from bookings.queries.promises import violations
from core import clock
from events.models import Event
from notifications.models import Message
from tests.factories import event_on_sale, handed_over, paid, reserve, settle, with_details
from tests.pages import DETAILS, page, post_choice, text_of

pytestmark = pytest.mark.django_db

SANDBOX = {"provider": "sandbox"}


@pytest.fixture
def event(noon: datetime) -> Event:
    return event_on_sale(levels={"Standing": 5})


@pytest.fixture
def booking(event: Event) -> Booking:
    return reserve(event)


@pytest.fixture
def ready(booking: Booking) -> Booking:
    return with_details(booking)


def test_a_whole_purchase_without_javascript(client: Client, event: Event) -> None:
    """U43, U27"""
    details = post_choice(client, event).headers["Location"]
    assert "€43.00" in text_of(client.get(details))
    review = client.post(details, DETAILS)
    assert review.status_code == 303
    shown = client.get(review.headers["Location"])
    assert "Pay €43.00" in text_of(shown)
    booking = Booking.objects.get()
    hosted = client.post(page(booking, "pay"), SANDBOX)
    assert hosted.status_code == 303
    address = hosted.headers["Location"]
    assert "€43.00" in text_of(client.get(address))
    back = client.post(address, {"action": "pay"})
    assert back.status_code == 303
    assert back.headers["Location"] == reverse("bookings:returned", args=[booking.payments.get().key])
    tickets = client.get(back.headers["Location"], follow=True)
    assert tickets.redirect_chain == [(page(booking, "payment"), 302), (page(booking, "booking"), 302)]
    for fact in ("You have your tickets", booking.code, f"{booking.code}-01", f"{booking.code}-02", "€43.00"):
        assert fact in text_of(tickets)
    assert Message.objects.get().kind == "booking-confirmed"
    assert list(violations()) == []


def test_a_free_booking_needs_no_payment(client: Client, noon: datetime) -> None:
    booking = with_details(reserve(event_on_sale(amounts={"Entry": 0})))
    assert b"provider" not in client.get(page(booking, "review")).content
    response = client.post(page(booking, "pay"))
    assert (response.status_code, response.headers["Location"]) == (303, page(booking, "booking"))
    assert "You have your tickets" in text_of(client.get(page(booking, "booking")))
    assert not Payment.objects.exists()


# --- Details --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["🎭 Ada", "עדה לאבלייס", "أدا", "Ada\u2019s & <b>", "W" * 150])
def test_a_name_is_kept_as_it_was_typed(client: Client, booking: Booking, name: str) -> None:
    """R50"""
    assert client.post(page(booking, "details"), DETAILS | {"name": name}).status_code == 303
    booking.refresh_from_db()
    assert booking.customer_name == name
    assert client.get(page(booking, "review")).status_code == 200


@pytest.mark.parametrize(
    ("field", "label", "value"),
    [
        ("name", "Name", ""),
        ("name", "Name", " \t"),
        ("name", "Name", "A\x00"),
        ("name", "Name", "W" * 151),
        ("name", "Name", "W" * 10_000),
        ("email", "E-mail", ""),
        ("email", "E-mail", "ada"),
        ("email", "E-mail", "ada@example.com\nBcc: all@example.com"),
        ("email", "E-mail", "a\x00@example.com"),
        ("email", "E-mail", "a" * 10_000 + "@example.com"),
        ("phone", "Phone", "x" * 5),
        ("phone", "Phone", "1" * 41),
        ("phone", "Phone", "+49\x00"),
    ],
)
def test_a_wrong_field_is_named_and_what_was_typed_is_kept(
    client: Client, booking: Booking, field: str, label: str, value: str
) -> None:
    """R50, U25"""
    response = client.post(page(booking, "details"), DETAILS | {field: value})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    assert f'href="#id_{field}"' in response.content.decode()
    assert label in text_of(response)
    kept = "Ada Example" if field != "name" else "ada@example.com"
    assert kept in response.content.decode()
    booking.refresh_from_db()
    assert not booking.has_details


def test_an_address_that_grows_when_it_is_made_small_is_no_server_error(client: Client, noon: datetime) -> None:
    """R50: ß becomes ss, and the row that counts a person's places holds 254 characters."""
    booking = reserve(event_on_sale(max_per_customer=2))
    domain = ".".join(["ß" * 40] * 5)
    client.raise_request_exception = False
    response = client.post(page(booking, "details"), DETAILS | {"email": f"{'a' * 40}@{domain}.example"})
    assert response.status_code in (303, 422)


@pytest.mark.parametrize("field", ["secret", "status", "total", "event", "user", "code", "is_staff", "reserved_until"])
def test_no_other_field_of_a_booking_can_be_sent(client: Client, booking: Booking, field: str) -> None:
    """S13, S39"""
    before = Booking.objects.values().get()
    client.post(page(booking, "details"), DETAILS | {field: "1"})
    after = Booking.objects.values().get()
    assert {name for name in before if before[name] != after[name]} <= {
        "customer_name",
        "email",
        "email_key",
        "search_text",
    }


def test_over_the_limit_is_told_beside_the_address(client: Client, noon: datetime) -> None:
    """R9"""
    event = event_on_sale(max_per_customer=2)
    with_details(reserve(event, 2))
    response = client.post(page(reserve(event, 1), "details"), DETAILS)
    assert response.status_code == 422
    assert "you have 2 already" in str(response.context["form"].errors["email"])


def test_another_address_leads_on_by_a_new_link_and_the_old_one_is_dead(client: Client, ready: Booking) -> None:
    """S19"""
    response = client.post(page(ready, "details"), DETAILS | {"email": "bob@example.com"})
    renewed = Booking.objects.get()
    assert response.headers["Location"] == page(renewed, "review")
    assert renewed.secret != ready.secret
    assert client.get(page(ready, "booking")).status_code == 404


def test_who_pays_on_a_page_opened_before_the_address_changed_comes_back_to_the_booking(
    client: Client, ready: Booking
) -> None:
    """S19, R22: the provider's page knows only the link of then."""
    address = client.post(page(ready, "pay"), SANDBOX).headers["Location"]
    client.post(page(ready, "details"), DETAILS | {"email": "bob@example.com"})
    renewed = Booking.objects.get()
    address = client.post(page(renewed, "pay"), SANDBOX).headers["Location"]
    back = client.post(address, {"action": "pay"}).headers["Location"]
    shown = client.get(back.removeprefix("http://127.0.0.1:8000"), follow=True)
    assert shown.status_code == 200
    assert "You have your tickets" in text_of(shown)


# --- Steps skipped or taken twice -----------------------------------------------------------------


def test_each_step_sends_back_to_the_one_that_is_missing(client: Client, booking: Booking) -> None:
    """S40"""
    assert client.get(page(booking, "booking")).headers["Location"] == page(booking, "details")
    assert client.get(page(booking, "review")).headers["Location"] == page(booking, "details")
    response = client.post(page(booking, "pay"), SANDBOX)
    assert (response.status_code, response.headers["Location"]) == (303, page(booking, "details"))
    assert not Payment.objects.exists()
    with_details(booking)
    assert client.get(page(booking, "booking")).headers["Location"] == page(booking, "review")


def test_the_return_page_alone_makes_no_ticket(client: Client, ready: Booking) -> None:
    """S40, R35"""
    assert client.get(page(ready, "payment")).headers["Location"] == page(ready, "review")
    client.post(page(ready, "pay"), SANDBOX)
    shown = client.get(page(ready, "payment"))
    assert "being processed" in text_of(shown)
    ready.refresh_from_db()
    assert ready.status == "pending"
    assert set(ready.tickets.values_list("status", flat=True)) == {"reserved"}


def test_another_bookings_payment_confirms_nothing_here(client: Client, event: Event, ready: Booking) -> None:
    """S40"""
    other = handed_over(reserve(event))
    settle(other)
    client.get(page(ready, "payment"), {"payment": other.pk, "checkout": other.checkout_reference})
    ready.refresh_from_db()
    assert ready.status == "pending"


def test_paying_twice_leads_to_one_page_and_one_charge(client: Client, ready: Booking) -> None:
    """R22: two tabs"""
    addresses = {client.post(page(ready, "pay"), SANDBOX).headers["Location"] for _tab in range(2)}
    assert len(addresses) == 1
    for _click in range(2):
        client.post(*addresses, {"action": "pay"})
    assert SandboxCharge.objects.count() == 1


def test_going_back_after_paying_buys_nothing_more(client: Client, event: Event) -> None:
    """R22: back, and refresh of each POST"""
    booking = paid(event)
    for name in ("details", "review", "payment"):
        assert client.get(page(booking, name)).headers["Location"] == page(booking, "booking")
    assert client.post(page(booking, "details"), DETAILS).headers["Location"] == page(booking, "booking")
    assert client.post(page(booking, "pay"), SANDBOX).headers["Location"] == page(booking, "booking")
    for name in ("extend", "give-up"):
        assert client.post(page(booking, name)).status_code == 409
    assert Payment.objects.count() == 1
    assert Booking.objects.get().status == "confirmed"
    assert list(violations()) == []


@pytest.mark.parametrize("provider", ["", "stripe", "sandbox\x00", "x" * 10_000])
def test_a_way_to_pay_that_is_not_offered_is_refused(client: Client, ready: Booking, provider: str) -> None:
    """R50"""
    response = client.post(page(ready, "pay"), {"provider": provider})
    assert response.status_code == 409
    assert "offered" in text_of(response)
    assert not Payment.objects.exists()


@pytest.mark.parametrize("field", ["amount", "total", "price", "currency", "status"])
def test_the_servers_price_is_what_is_paid(client: Client, ready: Booking, field: str) -> None:
    """S39"""
    client.post(page(ready, "pay"), SANDBOX | {field: "1"})
    assert (SandboxCheckout.objects.get().amount, Payment.objects.get().currency) == (4_300, "EUR")


# --- Other ends -----------------------------------------------------------------------------------


def test_a_declined_card_is_told_and_the_places_are_kept(client: Client, ready: Booking) -> None:
    """U31"""
    address = client.post(page(ready, "pay"), SANDBOX).headers["Location"]
    client.post(address, {"action": "decline"})
    shown = client.get(page(ready, "payment"), follow=True)
    assert shown.redirect_chain == [(page(ready, "review"), 302)]
    assert "The sandbox card was declined." in text_of(shown)
    again = client.post(page(ready, "pay"), SANDBOX).headers["Location"]
    assert again != address
    client.post(again, {"action": "pay"})
    assert "You have your tickets" in text_of(client.get(page(ready, "payment"), follow=True))


def test_a_reservation_is_extended_until_it_cannot_be(client: Client, booking: Booking) -> None:
    """U21"""
    for _time in range(2):
        assert client.post(page(booking, "extend")).headers["Location"] == page(booking, "booking")
    assert page(booking, "extend") not in client.get(page(booking, "details")).content.decode()
    response = client.post(page(booking, "extend"))
    assert response.status_code == 409
    booking.refresh_from_db()
    assert booking.extensions == 2


def test_giving_up_shows_that_it_is_cancelled(client: Client, booking: Booking) -> None:
    assert client.post(page(booking, "give-up")).headers["Location"] == page(booking, "booking")
    assert "You gave these places back" in text_of(client.get(page(booking, "booking")))


def test_a_step_taken_too_late_leads_to_the_end(client: Client, ready: Booking) -> None:
    clock.advance(timedelta(minutes=16))
    assert client.get(page(ready, "review")).headers["Location"] == page(ready, "booking")
    assert "The time for this reservation is over" in text_of(client.get(page(ready, "booking")))
    response = client.post(page(ready, "pay"), SANDBOX)
    assert response.status_code == 409
    assert not Payment.objects.exists()


def test_a_page_that_was_left_open_takes_nothing(client: Client, ready: Booking) -> None:
    address = client.post(page(ready, "pay"), SANDBOX).headers["Location"]
    clock.advance(timedelta(minutes=10))
    response = client.post(address, {"action": "pay"})
    assert response.status_code == 409
    assert "Nothing was charged" in text_of(response)
    assert not SandboxCharge.objects.exists()


@pytest.mark.parametrize("action", ["", "steal", "pay\x00", "__class__"])
def test_the_hosted_page_knows_its_own_buttons(client: Client, ready: Booking, action: str) -> None:
    address = client.post(page(ready, "pay"), SANDBOX).headers["Location"]
    assert client.post(address, {"action": action}).status_code == 400
    assert not SandboxCharge.objects.exists()


def test_without_a_sandbox_there_is_no_hosted_page(client: Client, ready: Booking, settings: Any) -> None:
    address = client.post(page(ready, "pay"), SANDBOX).headers["Location"]
    settings.PAYMENT_PROVIDERS = []
    assert client.get(address).status_code == 404
    assert client.post(address, {"action": "pay"}).status_code == 404
    assert not SandboxCharge.objects.exists()


@pytest.mark.parametrize(
    ("quantity", "name"), [(1, "review"), (10, "review"), (10, "details"), (1, "booking"), (10, "booking")]
)
def test_a_page_of_many_tickets_asks_the_database_little(
    client: Client, noon: datetime, django_assert_max_num_queries: Any, quantity: int, name: str
) -> None:
    booking = with_details(reserve(event_on_sale(), quantity))
    if name == "booking":
        booking = settle(handed_over(booking))
    most = {"details": 5, "review": 6, "booking": 14}[name]  # the review asks which ways to pay there are
    with django_assert_max_num_queries(most):
        assert client.get(page(booking, name)).status_code == 200


def test_at_most_six_things_are_asked_for_and_the_browser_can_fill_them_in(client: Client, booking: Booking) -> None:
    """U24"""
    html = client.get(page(booking, "details")).content.decode()
    form = re.search(r'<form [^>]*id="details".*?</form>', html, re.DOTALL)[0]  # type: ignore[index]
    asked = re.findall(r'<input type="(?!hidden)\w+" name="(\w+)"[^>]* autocomplete="(\w+)"', form)
    assert asked == [("name", "name"), ("email", "email"), ("phone", "tel")]
    assert len(re.findall(r"<(?:input|select|textarea) (?!type=.hidden)", form)) == len(asked) <= 6


def test_nobody_needs_an_account(client: Client, event: Event) -> None:
    """U23: as a guest by default; no step sends anybody to a page of sign-in."""
    made = post_choice(client, event)
    booking = Booking.objects.get()
    steps = [made, client.post(page(booking, "details"), DETAILS), client.get(page(booking, "review"))]
    assert [step.status_code for step in steps] == [303, 303, 200]
    assert all(step.headers["Location"].startswith("/bookings/") for step in steps[:2])
    assert "No account is needed" in text_of(client.get(event.get_absolute_url()))
    assert booking.user is None
