"""Health for machines, and the pages that say what went wrong."""

import re
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from bookings.models import Booking
from events.models.event import EventQuerySet
from tests.factories import event_on_sale
from tests.pages import post_choice, text_of

FAULTY = pytest.mark.urls("tests.core.faulty_urls")


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@FAULTY
@pytest.mark.parametrize(
    ("fault", "status", "text", "retry_after"),
    [
        ("bad", 400, "That request can't be read", None),
        ("forbidden", 403, "", None),
        ("refused", 409, "Not with <b>us</b>.", None),
        ("too-often", 429, "a bit too often", "42"),
        ("busy", 503, "Nothing was lost", "5"),
        ("database-down", 503, "Nothing was lost", "5"),
        ("connection-lost", 503, "Nothing was lost", "5"),
        ("read-only", 503, "Nothing was lost", "5"),
        ("other-database-error", 500, "This is our fault", None),
        ("bug", 500, "This is our fault", None),
    ],
)
def test_a_fault_is_a_page_in_plain_words(
    visitor: Client, fault: str, status: int, text: str, retry_after: str | None
) -> None:
    """U45, R40: without a look at the database"""
    response = visitor.get(f"/fault/{fault}/")
    assert response.status_code == status
    assert text in text_of(response).replace("&#x27;", "'").replace("&lt;", "<").replace("&gt;", ">")
    assert "See all events" in text_of(response)
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers.get("Retry-After") == retry_after
    assert "ZeroDivisionError" not in response.content.decode()
    assert "connection" not in response.content.decode()


@pytest.mark.parametrize("address", ["/nothing/", "/events/none/", "/bookings/x/", "/%00/", "/events/%ff/", "/../etc/"])
@pytest.mark.django_db
def test_what_is_not_there_is_a_page_too(visitor: Client, address: str) -> None:
    """U45, R50"""
    response = visitor.get(address)
    assert response.status_code == 404
    assert "There is nothing at this address." in text_of(response)


@FAULTY
def test_a_server_error_has_a_reference_that_leads_to_the_log(
    visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """U45"""
    shown = text_of(visitor.get("/fault/bug/"))
    found = re.search(r"reference: ([0-9a-f]{8})\.", shown)
    assert found
    assert found[1] in caplog.text
    assert found[1] not in text_of(visitor.get("/fault/bug/"))


@pytest.mark.django_db
def test_a_database_that_goes_away_in_a_purchase_is_a_friendly_503(
    visitor: Client, noon: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R39, R40"""
    event = event_on_sale()

    def gone(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(EventQuerySet, "public", gone)
    for response in (visitor.get(event.get_absolute_url()), post_choice(visitor, event)):
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert not Booking.objects.exists()


def make_read_only() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is checked at the end locks rows
            cursor.execute("SET TRANSACTION READ ONLY")
        else:
            cursor.execute("PRAGMA query_only = ON")


@pytest.fixture
def writable_afterwards() -> Any:
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = OFF")


@pytest.mark.django_db
@pytest.mark.usefixtures("writable_afterwards")
def test_a_database_that_takes_no_writes_sells_nothing_and_shows_what_it_can(visitor: Client, noon: object) -> None:
    """R40"""
    event = event_on_sale()
    make_read_only()
    response = post_choice(visitor, event)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert visitor.get("/events/").status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("writable_afterwards")
def test_a_database_that_takes_no_writes_is_alive_and_not_ready(visitor: Client) -> None:
    """R40: readiness false, liveness true"""
    make_read_only()
    assert visitor.get("/health/live").status_code == 200
    assert visitor.get("/health/ready").status_code == 503


# --- Health ---------------------------------------------------------------------------------------


def test_being_alive_asks_no_database(visitor: Client) -> None:
    """R40: database access would fail this test"""
    response = visitor.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "live"})
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_ready_is_a_database_with_every_migration(visitor: Client) -> None:
    assert visitor.get("/health/ready").json() == {"status": "ready"}
    MigrationRecorder.Migration.objects.filter(app="bookings").delete()
    response = visitor.get("/health/ready")
    assert (response.status_code, response.json()) == (503, {"status": "migrations are missing"})


@pytest.mark.django_db
def test_without_a_database_nothing_is_ready_but_alive(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """R40"""

    def gone(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", gone)
    response = visitor.get("/health/ready")
    assert (response.status_code, response.json()) == (503, {"status": "database does not answer"})
    assert visitor.get("/health/live").status_code == 200


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_health_is_for_reading(visitor: Client, address: str) -> None:
    """S14"""
    assert visitor.post(address).status_code == 405


@pytest.mark.django_db
def test_the_address_of_a_button_says_so_when_it_is_opened_by_itself(visitor: Client) -> None:
    """U45, S14"""
    address = f"/events/{event_on_sale().slug}/reserve/"
    response = visitor.get(address)
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "press it again" in text_of(response)
    assert "no-store" in response["Cache-Control"]
    part = visitor.get(address, headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Retarget"]) == (405, "#messages")
    assert b"<html" not in part.content


# --- Headers --------------------------------------------------------------------------------------


@FAULTY
@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["/events/", "/nothing/", "/fault/bug/", "/fault/bad/", "/fault/too-often/", "/fault/busy/", "/bookings/find/"],
)
def test_every_page_has_the_headers_of_a_house_that_locks_its_doors(visitor: Client, address: str) -> None:
    """S46"""
    headers = visitor.get(address).headers
    policy = {
        part.split()[0]: part.split()[1:] for part in headers["Content-Security-Policy"].split(";") if part.strip()
    }
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == ["'self'"]
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    for sources in policy.values():
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"} & set(sources)
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
def test_no_page_has_a_script_or_style_of_its_own(visitor: Client, noon: object) -> None:
    """S46, S16: the policy would stop it; data for search engines doesn't run"""
    event = event_on_sale()
    pages = ["/", "/events/", event.get_absolute_url(), "/venues/", f"/venues/{event.venue.slug}/", "/bookings/find/"]
    for address in (*pages, "/language/", "/nothing/"):
        html = visitor.get(address).content.decode()
        html = html.replace('<script type="application/ld+json">', "")
        assert not re.search(r"<script(?![^>]*\ssrc=)", html)
        assert "nonce" not in html
        assert not re.search(r"\s(style|on[a-z]+|hx-on[^=]*)=", html)
        assert "<style" not in html
        assert '"allowEval": false' in html
