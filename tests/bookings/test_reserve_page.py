"""The form of an event's page: whatever is sent, the answer is a booking or says what is wrong."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from bookings.models import Booking
from bookings.queries.promises import violations
from core import clock, codes
from events.models import Event, EventSeat
from tests.factories import event_on_sale, paid, price_of, reserve
from tests.pages import choice, hidden, post_choice, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(noon: datetime) -> Event:
    return event_on_sale(levels={"Standing": 5})


def assert_nothing_reserved() -> None:
    assert not Booking.objects.exists()
    assert not EventSeat.objects.exclude(status="available").exists()


def test_a_choice_leads_to_the_details_of_a_booking(client: Client, event: Event) -> None:
    response = post_choice(client, event)
    booking = Booking.objects.get()
    assert (response.status_code, response.headers["Location"]) == (303, f"/bookings/{booking.secret}/details/")
    assert "no-store" in response.headers["Cache-Control"]
    assert (booking.quantity, booking.status) == (2, "pending")


def test_ten_clicks_lead_to_one_booking(client: Client, event: Event) -> None:
    """R20, R22: two tabs, refresh of the POST"""
    data = choice(event)
    targets = {post_choice(Client(), event, data).headers["Location"] for _click in range(10)}
    assert targets == {f"/bookings/{Booking.objects.get().secret}/details/"}
    assert EventSeat.objects.filter(status="reserved").count() == 2


def test_the_same_form_with_another_choice_is_refused(client: Client, event: Event) -> None:
    """R21"""
    data = choice(event, 1)
    post_choice(client, event, data)
    response = post_choice(client, event, data | choice(event, 2) | {"key": data["key"]})
    assert response.status_code == 409
    assert "already sent with another choice" in text_of(response)
    assert Booking.objects.get().quantity == 1


QUANTITIES = [
    "-1",
    "1e9",
    "1.5",
    "NaN",
    "２",
    "٣",
    "abc",
    "1,0",
    "0x1",
    "1_0",
    "+1",
    "\x00",
    "1\x00",
    "9" * 10_000,
    "--",
]


@pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda each: ascii(each)[:20])
def test_what_is_no_whole_number_is_refused_beside_its_field(client: Client, event: Event, quantity: str) -> None:
    """R50"""
    response = post_choice(client, event, choice(event, quantity))
    assert response.status_code == 422
    assert "Standing, Standard" in text_of(response)
    assert "Please enter a whole number, such as 2." in text_of(response).replace("&#x27;", "'")
    assert_nothing_reserved()


@pytest.mark.parametrize("quantity", ["0", "", " ", "11", "9999"])
def test_nothing_or_too_much_is_refused_with_a_reason(client: Client, event: Event, quantity: str) -> None:
    """R50"""
    response = post_choice(client, event, choice(event, quantity))
    assert response.status_code == 422
    reason = (
        "At most 10 tickets can be booked at once" if quantity.strip("0 ") else "Please choose at least one ticket."
    )
    assert reason in text_of(response)
    assert_nothing_reserved()


def test_a_quantity_sent_twice_is_refused(client: Client, event: Event) -> None:
    """R50"""
    response = post_choice(client, event, choice(event, ["1", "2"]))
    assert response.status_code == 422
    assert "sent twice" in text_of(response)
    assert_nothing_reserved()


def test_one_price_written_in_two_ways_is_refused(client: Client, event: Event) -> None:
    """R50: price_7 and price_07"""
    price = price_of(event)
    response = post_choice(client, event, choice(event, 1, **{f"price_0{price.pk}": "2"}))
    assert response.status_code == 422
    assert_nothing_reserved()


@pytest.mark.parametrize("of", ["another event", "nobody", "a huge id"])
def test_a_foreign_price_is_refused(client: Client, event: Event, of: str) -> None:
    """R50, S9"""
    other = {"another event": price_of(event_on_sale()).pk, "nobody": 2**31 + 5, "a huge id": 10**18 - 1}[of]
    for data in ({f"price_{other}": "1"}, choice(event) | {f"price_{other}": "1"}):
        response = post_choice(client, event, {"key": codes.secret()} | data)
        assert response.status_code == 422
        assert "sold for this event" in text_of(response)
    assert_nothing_reserved()


@pytest.mark.parametrize("name", ["price_x", "price_", "price_-1", "price_２", "price_" + "9" * 30, "price_1\x00"])
def test_a_price_that_is_none_buys_nothing(client: Client, event: Event, name: str) -> None:
    """R50"""
    response = post_choice(client, event, {"key": codes.secret(), name: "1"})
    assert 400 <= response.status_code < 500
    assert_nothing_reserved()


@pytest.mark.parametrize("key", [None, "", "short", "k" * 65, "k" * 10_000, "k" * 24 + "\x00", "ключ" * 6, "a b" * 8])
def test_without_a_proper_key_nothing_is_reserved(client: Client, event: Event, key: str | None) -> None:
    """R50: missing, NUL, 10,000 characters"""
    data = choice(event)
    if key is None:
        del data["key"]
    else:
        data["key"] = key
    response = post_choice(client, event, data)
    assert response.status_code == 422
    assert "key" in text_of(response).lower()
    assert_nothing_reserved()


BODIES = {
    "invalid UTF-8": (b"key=\xff\xfe\xfa" + b"k" * 20 + b"&price_1=\xff", "application/x-www-form-urlencoded"),
    "an unknown charset": (b"key=1", "application/x-www-form-urlencoded; charset=nonsense"),
    "another charset": (b"key=1", "application/x-www-form-urlencoded; charset=utf-16"),
    "10 MB": (b"key=" + b"k" * 10_000_000, "application/x-www-form-urlencoded"),
    "10 MB in parts": (
        b"--b\r\nContent-Disposition: form-data; name=key\r\n\r\n" + b"k" * 10_000_000 + b"\r\n--b--",
        "multipart/form-data; boundary=b",
    ),
    "broken parts": (b"--x\r\nnonsense", "multipart/form-data; boundary=y"),
    "no boundary": (b"nonsense", "multipart/form-data"),
    "JSON": (b'{"key": "x"}', "application/json"),
    "nothing": (b"", "application/x-www-form-urlencoded"),
    "a thousand fields": (b"&".join(b"price_%d=1" % n for n in range(1_000)), "application/x-www-form-urlencoded"),
}


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_no_form_is_a_clients_fault(client: Client, event: Event, body: str) -> None:
    """R50"""
    client.raise_request_exception = False
    data, content_type = BODIES[body]
    response = client.generic("POST", f"/events/{event.slug}/reserve/", data, content_type=content_type)
    assert 400 <= response.status_code < 500
    assert "<h1>" in response.content.decode()
    assert_nothing_reserved()


def test_fields_that_nobody_asked_for_are_ignored(client: Client, event: Event) -> None:
    """S13, S39: the server's price stands."""
    tampered = {
        "price": "1",
        "amount": "1",
        "total": "0",
        "fee": "0",
        "currency": "JPY",
        "discount": "100",
        "status": "confirmed",
        "event": "999",
        "is_staff": "1",
        "channel": "import",
        "user": "1",
    }
    assert post_choice(client, event, choice(event, 2) | tampered).status_code == 303
    booking = Booking.objects.get()
    assert (
        booking.status,
        booking.total,
        booking.fee,
        booking.currency,
        booking.channel,
        booking.user,
        booking.event,
    ) == (
        "pending",
        4_300,
        300,
        "EUR",
        "web",
        None,
        event,
    )


def test_a_refusal_keeps_the_choice_and_tells_the_truth(client: Client, event: Event) -> None:
    """U15, R16"""
    client.get(event.get_absolute_url())
    paid(event, 4)
    response = post_choice(client, event, choice(event, 2))
    assert response.status_code == 409
    assert "Only 1 place is left at Standing." in text_of(response)
    assert "1 left" in text_of(response)
    assert 'value="2"' in response.content.decode()
    assert response.context["key"] != ""
    assert Booking.objects.count() == 1


def test_what_is_sold_out_is_refused_and_the_page_says_so(client: Client, event: Event) -> None:
    paid(event, 5)
    response = post_choice(client, event, choice(event, 1))
    assert response.status_code == 409
    assert "Standing is sold out." in text_of(response)


@pytest.mark.parametrize(
    ("fields", "status", "text"),
    [
        ({"status": "draft"}, 404, "Not found"),
        ({"status": "cancelled"}, 409, "This event was cancelled."),
        ({"sales_start": timedelta(milliseconds=1)}, 409, "started yet."),
        ({"sales_end": timedelta()}, 409, "have ended."),
        ({"starts_at": -timedelta(hours=4), "ends_at": timedelta()}, 409, "This event is over."),
    ],
)
def test_what_does_not_sell_is_refused(
    client: Client, event: Event, fields: dict[str, Any], status: int, text: str
) -> None:
    """S41, S40, R46: asked for by its address"""
    values = {name: clock.now() + value if isinstance(value, timedelta) else value for name, value in fields.items()}
    Event.objects.filter(pk=event.pk).update(**values)
    response = post_choice(client, event)
    assert response.status_code == status
    assert text in text_of(response)
    assert_nothing_reserved()


def test_another_houses_form_does_not_work_here(event: Event) -> None:
    """S15"""
    client = Client(enforce_csrf_checks=True)
    response = post_choice(client, event)
    assert response.status_code == 403
    assert "Please send the form again" in text_of(response)
    shown = client.get(event.get_absolute_url())
    data = choice(event) | {"csrfmiddlewaretoken": hidden(shown, "csrfmiddlewaretoken")}
    assert post_choice(client, event, data, headers={"Origin": "https://evil.example"}).status_code == 403
    assert_nothing_reserved()
    assert post_choice(client, event, data).status_code == 303


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_looking_reserves_nothing(client: Client, event: Event, method: str) -> None:
    """S14"""
    assert getattr(client, method)(f"/events/{event.slug}/reserve/", choice(event)).status_code == 405
    assert_nothing_reserved()


def test_a_reservation_over_the_page_is_sound(client: Client, event: Event) -> None:
    post_choice(client, event)
    reserve(event, 1)
    assert list(violations()) == []


def test_reserving_asks_the_database_little(client: Client, event: Event, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(16):
        assert post_choice(client, event).status_code == 303
