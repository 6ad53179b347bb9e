"""What our logs never hold (S19)."""

import logging
from collections.abc import Iterator
from datetime import datetime
from io import StringIO

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from bookings.models import Booking
from core import codes
from core.logs import HideSecrets
from tests.factories import event_on_sale, handed_over, reserve
from tests.pages import DETAILS, page

pytestmark = pytest.mark.django_db

SECRET = "aB3_-" * 6 + "xy"


@pytest.fixture
def console() -> Iterator[StringIO]:
    """Our console handler, as the settings make it, writing where we can read it."""
    config = settings.LOGGING
    handler = logging.StreamHandler(StringIO())
    handler.setFormatter(logging.Formatter(config["formatters"]["line"]["format"]))
    names = config["handlers"]["console"]["filters"]
    assert [config["filters"][name]["()"] for name in names] == ["core.logs.HideSecrets"]
    handler.addFilter(HideSecrets())
    logger = logging.getLogger()
    logger.addHandler(handler)
    yield handler.stream
    logger.removeHandler(handler)


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def test_every_log_goes_through_the_filter_and_django_prints_nothing_by_itself() -> None:
    assert settings.LOGGING["root"]["handlers"] == ["console"]
    assert all(not logger["handlers"] for logger in settings.LOGGING["loggers"].values())
    assert {"django", "django.server"} <= set(settings.LOGGING["loggers"])


@pytest.mark.parametrize(
    "line",
    [
        f"Not Found: /bookings/{SECRET}/",
        f"GET http://127.0.0.1:8000/bookings/{SECRET}/review/ 200",
        f"/sandbox/{SECRET}/",
        f"Gone: /account/invitations/{SECRET}/",
        f"Not Found: /account/password/reset/key/1c-{SECRET}/",
        f"/account/login/?next=%2Faccount%2Fpassword%2Freset%2Fkey%2F1c-{SECRET}%2F",
        f"/account/login/?next=%2Faccount%2Finvitations%2F{SECRET}%2F",
        f"/account/login/?next=%2faccount%2finvitations%2f{SECRET}%2f",
        f"two: /bookings/{SECRET}/ and /bookings/{SECRET}/pay/",
        f"GET /tickets/{SECRET}/ticket.pdf",
    ],
)
def test_a_secret_is_taken_out_of_a_line(console: StringIO, line: str) -> None:
    logging.getLogger("test").warning(line)
    logging.getLogger("test").warning("%s and %d", line, 7)
    assert SECRET not in console.getvalue()
    assert console.getvalue().count("…") >= 2


def test_what_is_no_secret_stays(console: StringIO) -> None:
    logging.getLogger("test").info("Not Found: /bookings/find/ and %s", "BK-20260601-7QK2MZ")
    assert "Not Found: /bookings/find/ and BK-20260601-7QK2MZ" in console.getvalue()


def test_a_secret_is_taken_out_of_a_traceback(console: StringIO) -> None:
    try:
        raise ValueError(f"no such page: /bookings/{SECRET}/")
    except ValueError:
        logging.getLogger("test").exception("It went wrong.")
    assert "ValueError" in console.getvalue()
    assert SECRET not in console.getvalue()


def test_an_unknown_link_and_a_wrong_method_leave_no_secret(console: StringIO, visitor: Client, noon: datetime) -> None:
    guess, booking = codes.secret(), reserve(event_on_sale())
    for address in (
        f"/bookings/{guess}/",
        f"/bookings/{guess}/nothing/",
        f"/sandbox/{guess}/",
        f"/account/invitations/{guess}/",
    ):
        assert visitor.get(address).status_code == 404
    assert visitor.post(f"/bookings/{guess}").status_code in (301, 404)
    assert visitor.get(page(booking, "pay")).status_code == 405
    assert visitor.post(page(booking, "extend"), headers={"Host": "evil.example"}).status_code == 400
    assert Client(enforce_csrf_checks=True).post(page(booking, "extend")).status_code == 403
    written = console.getvalue()
    assert "Not Found" in written
    assert guess not in written
    assert booking.secret not in written


@pytest.mark.urls("tests.core.faulty_urls")
def test_an_error_of_ours_leaves_no_secret(console: StringIO, visitor: Client) -> None:
    secret = codes.secret()
    assert visitor.get(f"/bookings/{secret}/bug/").status_code == 500
    assert "ZeroDivisionError" in console.getvalue()
    assert secret not in console.getvalue()
    assert "A" * 32 not in console.getvalue()


def test_a_whole_purchase_leaves_no_secret_and_no_person(console: StringIO, visitor: Client, noon: datetime) -> None:
    """S51"""
    booking = reserve(event_on_sale())
    visitor.post(page(booking, "details"), DETAILS)
    payment = handed_over(booking)
    visitor.post(payment.checkout_url, {"action": "pay"})
    visitor.get(page(booking, "payment"))
    visitor.post(reverse("bookings:find"), {"code": booking.code, "email": "ada@example.com"})
    booking = Booking.objects.get()
    assert booking.status == "confirmed"
    written = console.getvalue()
    for private in (booking.secret, payment.checkout_reference, payment.key, "ada@example.com", "Ada Example"):
        assert private not in written
