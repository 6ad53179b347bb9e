"""The audit trail in the admin, in sentences."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from backoffice.queries import audit
from bookings.models import Booking
from bookings.services import cancellations, payments
from core import audit as trail
from core import clock
from core.models import AuditEntry
from tests.backoffice.desk import at_work
from tests.factories import event_on_sale, event_picture, member, paid, reserve, with_details
from tests.pages import text_of

pytestmark = pytest.mark.django_db

LIST = "/admin/core/auditentry/"


@pytest.fixture
def booking(noon: datetime) -> Booking:
    return paid(event_on_sale(title="Evening"))


def said(booking: Booking, action: str, **facts: object) -> str:
    trail.record(action, booking, at=clock.now(), **facts)
    (entry,) = audit.with_things(AuditEntry.objects.order_by("-pk")[:1])
    return audit.sentence(entry)


def test_the_trail_is_read_in_sentences(booking: Booking) -> None:
    """S51"""
    client, chief = at_work("admin", booking.organization)
    cancellations.cancel(booking_id=booking.pk, reason="asked for by phone", by=chief)
    text = text_of(client.get(LIST))
    assert f"{chief.email} €43.00 goes back: the booking was cancelled." in text
    assert f"Mon, 1 Jun 2026, 14:00 (CEST) {chief.email} Cancelled: asked for by phone. booking: {booking.code}" in text
    assert "€43.00 goes back: the booking was cancelled." in text
    assert "event: Evening" in text


@pytest.mark.parametrize(
    ("action", "facts", "sentence"),
    [
        (
            "payment.by_hand",
            {"payment": 1, "how": "card", "amount": 4300},
            "Marked as paid: €43.00, card at the counter.",
        ),
        ("refund.paid_back", {"amount": 4300, "note": "till 2"}, "€43.00 was paid back by hand. (till 2)"),
        ("booking.confirmed", {"late": True}, "Confirmed. The money came late, and places were found again."),
        ("booking.cancelled", {}, "cancelled"),  # of an earlier release, which noted less
        (
            "event.changed",
            {
                "called": "Evening",
                "changed": {"title": ["Morning", "Evening"], "phone": None, "doors_at": [None, True]},
            },
            "Changed. doors at: – → yes; phone changed; title: Morning → Evening",
        ),
        (
            "event.changed",
            {"changed_price": {"Child": {"amount": [100, 200]}}, "added_price": ["Adult"]},
            "Changed. added price: Adult; Child (amount: 100 → 200)",
        ),
        (
            "booking.details_given",
            {"changed": ["customer_name", "email", "shoe_size"]},
            "Customer's details given (customer, e-mail, shoe size).",
        ),
        ("moon.landed", {"crew": 3}, "moon.landed crew: 3"),
    ],
)
def test_what_happened_is_said_in_words(booking: Booking, action: str, facts: dict, sentence: str) -> None:
    assert sentence in said(booking, action, **facts)


def test_every_sentence_survives_translation_and_missing_facts(booking: Booking) -> None:
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for action in audit.SENTENCES:
                assert said(booking, action)


def test_every_action_that_services_record_has_a_sentence() -> None:
    """Who records a new one says it in words, too."""
    known, root = set(audit.SENTENCES), Path(settings.BASE_DIR)
    recorded: set[str] = set()
    for path in (
        each for app in ("bookings", "events", "notifications") for each in (root / app).glob("services/*.py")
    ):
        recorded |= set(re.findall(r'audit\.record\(\s*"([a-z_]+\.[a-z_]+)"', path.read_text()))
    generic = {
        f"{thing}.{verb}" for thing, _dot, verb in (each.partition(".") for each in recorded) if verb in audit.VERBS
    }
    assert recorded - generic - known == set()


def test_the_trail_of_another_organization_is_not_there(booking: Booking) -> None:
    """S9"""
    client, _user = at_work("admin", paid(event_on_sale()).organization)
    entry = AuditEntry.objects.filter(organization=booking.organization).first()
    assert entry is not None
    assert booking.code not in text_of(client.get(LIST))
    assert client.get(f"{LIST}{entry.pk}/change/").status_code == 404


@pytest.mark.parametrize("role", ["organizer", "support", "analyst", "entry_manager"])
def test_the_trail_is_for_who_may_see_it(booking: Booking, role: str) -> None:
    """S8"""
    client, _user = at_work(role, booking.organization)
    assert client.get(LIST).status_code == 403


def test_the_trail_is_not_written_by_hand(booking: Booking) -> None:
    client, _user = at_work("admin", booking.organization)
    entry = AuditEntry.objects.earliest("pk")
    before = list(AuditEntry.objects.values())
    assert client.post(f"{LIST}{entry.pk}/change/", {"action": "x"}).status_code == 403
    assert client.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert list(AuditEntry.objects.values()) == before


def test_the_trail_is_filtered_by_action_and_by_person(booking: Booking) -> None:
    client, chief = at_work("admin", booking.organization)
    clerk = member("support", booking.organization)
    payments.record_by_hand(booking_id=with_details(reserve(booking.event)).pk, how="cash", by=clerk)
    page = client.get(LIST, {"action": "payment.by_hand"})
    assert [(row.action, row.by) for row in page.context["cl"].result_list] == [("payment.by_hand", clerk)]
    by_clerk = client.get(LIST, {"by__id__exact": clerk.pk}).context["cl"].result_list
    assert {row.action for row in by_clerk} == {"payment.by_hand", "booking.confirmed"}
    assert client.get(LIST, {"by__id__exact": chief.pk}).context["cl"].result_count == 0
    assert client.get(LIST, {"by__password__startswith": "m"}).status_code in (302, 400)


def test_a_long_trail_takes_no_more_queries_than_a_short_one(booking: Booking) -> None:
    client, _user = at_work("admin", booking.organization)
    client.get(LIST)
    with CaptureQueriesContext(connection) as short:
        client.get(LIST)
    for number in range(8):
        with_details(reserve(booking.event, 1), f"p{number}@example.com")
    with CaptureQueriesContext(connection) as long:
        client.get(LIST)
    assert len(long) == len(short)


def test_one_entry_says_all_that_is_known(booking: Booking) -> None:
    client, _user = at_work("admin", booking.organization)
    entry = AuditEntry.objects.get(action="booking.confirmed")
    text = text_of(client.get(f"{LIST}{entry.pk}/change/"))
    assert "Confirmed." in text
    assert booking.code in text


def test_what_becomes_of_pictures_is_said_in_words(noon: datetime) -> None:
    """S51: their actions are put together from whose picture it is, so no list of literals has them."""
    event = event_on_sale()
    event_picture(event)
    (entry,) = audit.with_things(AuditEntry.objects.filter(action="event.picture_added"))
    assert audit.sentence(entry) == "Picture added. alt: Red and blue"
