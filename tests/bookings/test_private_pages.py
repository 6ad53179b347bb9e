"""Who may see a booking, what caches keep of it, and the way back for who lost the link."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking
from core import clock, codes
from notifications.models import Message
from tests.factories import event_on_sale, handed_over, paid, reserve, with_details
from tests.pages import DETAILS, page, text_of

pytestmark = pytest.mark.django_db

GET = ["booking", "details", "review", "payment"]
POST = ["pay", "extend", "give-up", "again"]
FIND = "/bookings/find/"


@pytest.fixture
def booking(noon: datetime) -> Booking:
    return with_details(reserve(event_on_sale()))


# --- The secret (S18, S9) -------------------------------------------------------------------------


@pytest.mark.parametrize("name", GET + POST)
def test_a_wrong_secret_is_an_unknown_booking(client: Client, booking: Booking, name: str) -> None:
    """S18, S9: one page for all that isn't yours"""
    method = client.get if name in GET else client.post
    stranger, other = codes.secret(), booking.secret[:-1] + ("A" if booking.secret[-1] != "A" else "B")
    pages = [method(reverse(f"bookings:{name}", args=[secret])) for secret in (stranger, other, "A" * 32)]
    assert [response.status_code for response in pages] == [404] * 3
    assert len({response.content for response in pages}) == 1
    assert pages[0].content == client.get("/nothing/here/").content


@pytest.mark.parametrize("of", ["code", "pk", "short", "long"])
def test_what_is_not_the_secret_shows_nothing(client: Client, booking: Booking, of: str) -> None:
    """S18"""
    known = {"code": booking.code, "pk": booking.pk, "short": booking.secret[:-1], "long": booking.secret + "A"}[of]
    response = client.get(f"/bookings/{known}/")
    assert response.status_code == 404
    assert booking.code not in response.content.decode()


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"HX-Request": "true", "HX-Boosted": "true"}])
def test_asking_as_htmx_opens_nothing(client: Client, booking: Booking, headers: dict[str, str]) -> None:
    """S10"""
    assert client.get(f"/bookings/{codes.secret()}/", headers=headers).status_code == 404


def test_guessing_links_is_stopped_and_the_owner_is_not(client: Client, booking: Booking) -> None:
    """S20, S2"""
    answers = [client.get(f"/bookings/{codes.secret()}/").status_code for _guess in range(22)]
    assert answers == [404] * 20 + [429] * 2
    response = client.get(f"/bookings/{codes.secret()}/")
    assert response.headers["Retry-After"] == "60"
    assert client.get(page(booking, "details")).status_code == 200
    assert client.get(f"/bookings/{codes.secret()}/", REMOTE_ADDR="192.0.2.9").status_code == 404
    clock.advance(timedelta(minutes=1))
    assert client.get(f"/bookings/{codes.secret()}/").status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_who_guesses_cannot_hide_behind_a_header(client: Client, noon: datetime, header: str) -> None:
    """S48"""
    for number in range(20):
        client.get(f"/bookings/{codes.secret()}/", headers={header: f"192.0.2.{number}"})
    assert client.get(f"/bookings/{codes.secret()}/", headers={header: "192.0.2.99"}).status_code == 429


# --- Methods and forms ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", POST)
@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch"])
def test_what_changes_something_is_a_post(client: Client, booking: Booking, name: str, method: str) -> None:
    """S14"""
    before = Booking.objects.values().get()
    assert getattr(client, method)(page(booking, name)).status_code == 405
    assert Booking.objects.values().get() == before


@pytest.mark.parametrize("name", ["details", *POST])
def test_a_form_from_elsewhere_changes_nothing(booking: Booking, name: str) -> None:
    """S15"""
    client, before = Client(enforce_csrf_checks=True), Booking.objects.values().get()
    data = DETAILS | {"email": "mallory@example.com", "provider": "sandbox"}
    assert client.post(page(booking, name), data).status_code == 403
    shown = client.get(page(booking, "details"))
    data |= {"csrfmiddlewaretoken": str(shown.context["csrf_token"])}
    assert client.post(page(booking, name), data, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post(page(booking, name), data, headers={"Origin": "null"}).status_code == 403
    assert Booking.objects.values().get() == before


# --- Caches and headers (S50) ---------------------------------------------------------------------


@pytest.mark.parametrize("name", GET + POST)
def test_a_private_page_is_in_no_cache(client: Client, booking: Booking, name: str) -> None:
    """S50: nor is the way to it, nor its refusal"""
    method = client.get if name in GET else client.post
    for secret in (booking.secret, codes.secret()):
        assert "no-store" in method(reverse(f"bookings:{name}", args=[secret])).headers["Cache-Control"]


def test_every_other_page_around_a_purchase_is_in_no_cache(client: Client, booking: Booking) -> None:
    """S50"""
    hosted = handed_over(booking).checkout_url
    for address in (hosted, page(booking, "payment"), FIND, f"{FIND}sent/"):
        assert "no-store" in client.get(address).headers["Cache-Control"]
    confirmed = paid(event_on_sale())
    assert "no-store" in client.get(page(confirmed, "booking")).headers["Cache-Control"]


def test_the_secret_goes_to_no_other_site(client: Client, booking: Booking) -> None:
    """S19"""
    assert client.get(page(booking, "details")).headers["Referrer-Policy"] in ("same-origin", "no-referrer")


# --- The lost link (S20, U40) ---------------------------------------------------------------------


def find(client: Client, code: str, email: str, **extra: Any) -> Any:
    return client.post(FIND, {"code": code, "email": email}, **extra)


def test_the_answer_is_the_same_for_all_and_only_the_stored_address_is_mailed(client: Client, booking: Booking) -> None:
    """S20, S1"""
    asked = [
        (booking.code, "ada@example.com"),
        (booking.code, "mallory@example.com"),
        ("BK-20260601-222222", "ada@example.com"),
    ]
    answers = [find(client, *each) for each in asked]
    assert len({(answer.status_code, answer.headers["Location"], answer.content) for answer in answers}) == 1
    assert answers[0].status_code in (302, 303)
    message = Message.objects.get()
    assert (message.to, message.kind) == ("ada@example.com", "booking-link")
    assert client.get(answers[0].headers["Location"]).status_code == 200


def test_a_code_may_be_typed_small_and_with_spaces(client: Client, booking: Booking) -> None:
    """U26"""
    find(client, f"  {booking.code.lower()} ", " ADA@example.com ")
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("code", "email", "field"),
    [
        ("", "ada@example.com", "code"),
        ("7QK2MZ", "ada@example.com", "code"),
        ("BK-20261121-0O1I22", "ada@example.com", "code"),
        ("BK-２０261121-7QK2MZ", "ada@example.com", "code"),
        ("BK-20261121-7QK2MZ\x00", "ada@example.com", "code"),
        ("B" * 10_000, "ada@example.com", "code"),
        ("BK-20261121-7QK2MZ", "", "email"),
        ("BK-20261121-7QK2MZ", "ada", "email"),
        ("BK-20261121-7QK2MZ", "a" * 10_000 + "@b.example", "email"),
    ],
    ids=lambda each: ascii(each)[:24],
)
def test_what_cannot_be_a_code_or_an_address_is_named(
    client: Client, noon: datetime, code: str, email: str, field: str
) -> None:
    """R50"""
    response = find(client, code, email)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}


def test_guessing_codes_is_stopped_by_client(client: Client, booking: Booking) -> None:
    """S20"""
    guesses = [f"BK-20260601-22222{sign}" for sign in codes.ALPHABET]
    answers = [find(client, code, "ada@example.com").status_code for code in guesses[:21]]
    assert 429 not in answers[:20]
    assert answers[20] == 429
    assert "Retry-After" in find(client, booking.code, "ada@example.com").headers
    assert not Message.objects.exists()


def test_a_booking_is_asked_for_five_times_an_hour_from_wherever(client: Client, booking: Booking) -> None:
    """S20: nobody's mailbox is filled by strangers"""
    answers = [
        find(client, booking.code, "ada@example.com", REMOTE_ADDR=f"192.0.2.{number}").status_code
        for number in range(7)
    ]
    assert answers[5:] == [429, 429]
    assert Message.objects.count() == 5
    clock.advance(timedelta(hours=1))
    assert find(client, booking.code, "ada@example.com").status_code in (302, 303)


def test_looking_at_the_form_counts_as_nothing(client: Client, noon: datetime) -> None:
    assert {client.get(FIND).status_code for _look in range(30)} == {200}
    assert "Find my booking" in text_of(client.get(FIND))
