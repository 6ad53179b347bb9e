"""Bookings in the admin: everything is seen, and nothing is typed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import Booking, Payment, Refund, Ticket
from bookings.services import cancellations, payments
from core import clock
from core.models import AuditEntry
from notifications import outbox
from tests.backoffice.desk import at_work
from tests.bookings.passing_on import a_ticket, offer, passed_on
from tests.factories import event_on_sale, handed_over, paid, reserve, settle, with_details
from tests.pages import text_of

pytestmark = pytest.mark.django_db

LIST = "/admin/bookings/booking/"


def page_of(booking: Booking) -> str:
    return reverse("admin:bookings_booking_change", args=[booking.pk])


def desk(booking: Booking, role: str = "support") -> Client:
    return at_work(role, booking.organization)[0]


def found(client: Client, **query: Any) -> list[str]:
    """The codes that the list shows, last first."""
    page = client.get(LIST, query)
    assert page.status_code == 200, page
    return [row.code for row in page.context["cl"].result_list]


@pytest.fixture
def booking(noon: datetime) -> Booking:
    return paid(event_on_sale(title="Evening", levels={"Standing": 99}), 2)


def test_the_list_shows_what_staff_look_for(booking: Booking) -> None:
    text = text_of(desk(booking).get(LIST))
    for fact in (booking.code, "Evening", "Ada Example", "€43.00", "confirmed", "web", "Mon, 1 Jun 2026, 14:00 (CEST)"):
        assert fact in text


def test_a_booking_of_another_organization_is_not_there(booking: Booking) -> None:
    """S9, S11"""
    stranger = desk(paid(event_on_sale()))
    assert booking.code not in stranger.get(LIST).content.decode()
    assert found(stranger, q=booking.code) == []
    assert stranger.get(LIST, {"event__id__exact": booking.event_id}).context["cl"].result_count == 0
    assert booking.event.title not in stranger.get(LIST, {"event__id__exact": booking.event_id}).content.decode()
    for address in (page_of(booking), f"{LIST}{booking.pk}/history/"):
        assert stranger.get(address).status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [("organizer", 200), ("support", 200), ("admin", 200), ("analyst", 403), ("entry_manager", 403)],
)
def test_bookings_are_for_who_may_see_them(booking: Booking, role: str, status: int) -> None:
    """S8"""
    client = desk(booking, role)
    assert client.get(LIST).status_code == client.get(page_of(booking)).status_code == status


def test_nothing_of_a_booking_can_be_typed(booking: Booking) -> None:
    """S13"""
    client, before = desk(booking, "admin"), Booking.objects.values().get()
    form = {"status": "cancelled", "total": 1, "secret": "x", "email": "thief@example.com", "_save": "Save"}
    assert client.post(page_of(booking), form).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{booking.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(LIST, {"action": "delete_selected", "_selected_action": booking.pk}).status_code in (200, 302)
    assert Booking.objects.values().get() == before


@pytest.mark.parametrize(
    "lookup",
    [
        "secret__startswith",
        "secret",
        "user__password__startswith",
        "payments__key__startswith",
        "tickets__secret__startswith",
        "email__startswith",
        "event__organization__bookings__secret__startswith",
    ],
)
def test_no_secret_is_guessed_letter_by_letter(booking: Booking, lookup: str) -> None:
    """S33"""
    client = desk(booking)
    page = client.get(LIST, {lookup: booking.secret[:1]})
    assert page.status_code in (302, 400)
    assert client.get(LIST, {"o": "secret"}).status_code in (200, 302)


def test_the_list_never_shows_a_secret(booking: Booking) -> None:
    html = desk(booking).get(LIST, {"q": booking.code}).content.decode()
    secrets = [booking.secret, booking.payments.get().key, *booking.tickets.values_list("secret", flat=True)]
    assert not [secret for secret in secrets if secret in html]


def test_the_page_of_a_booking_shows_no_key_of_a_payment_or_ticket(booking: Booking) -> None:
    html = desk(booking).get(page_of(booking)).content.decode()
    secrets = [booking.payments.get().key, *booking.tickets.values_list("secret", flat=True)]
    assert not [secret for secret in secrets if secret in html]
    assert booking.get_absolute_url() in html


def test_bookings_are_found_by_code_email_name_and_phone(booking: Booking) -> None:
    event = booking.event
    other = with_details(reserve(event, 1), "Straße@example.com")
    other.customer_name, other.phone = "Zoë Möller", "+49 30 1234567"
    other.save(update_fields=["customer_name", "phone"])
    client = desk(booking)
    assert found(client) == [other.code, booking.code]
    for term in (other.code, other.code.lower(), other.code[-6:], other.code[-6:].lower(), f" {other.code} "):
        assert found(client, q=term) == [other.code]
    assert found(client, q=other.code[:11]) == [other.code, booking.code]
    assert found(client, q=other.code) == [other.code]
    assert found(client, q="STRASSE@example.com") == found(client, q="straße@ex") == [other.code]
    assert found(client, q="möller zoë") == found(client, q="Zoë") == [other.code]
    assert found(client, q="30 1234567") == [other.code]
    assert found(client, q="ada") == [booking.code]
    assert found(client, q="nobody") == found(client, q="x@y") == found(client, q="%") == []
    assert found(client, q="\x00") == [other.code, booking.code]


def test_bookings_are_filtered(booking: Booking) -> None:
    pending = reserve(booking.event, 1)
    other = paid(event_on_sale(title="Matinee", venue=booking.event.venue), 1)
    client = desk(booking)
    assert found(client, status__exact="pending") == [pending.code]
    assert found(client, channel__exact="box_office") == []
    assert found(client, event__id__exact=other.event_id) == [other.code]
    assert found(client, reserved_at__lt="2026-06-01 00:00+00:00") == []
    assert len(found(client, reserved_at__gte="2026-06-01 00:00+00:00")) == 3


def test_a_past_event_is_still_named_as_the_filter_that_it_is(booking: Booking) -> None:
    clock.advance(timedelta(days=60))
    page = desk(booking).get(LIST, {"event__id__exact": booking.event_id})
    assert [row.code for row in page.context["cl"].result_list] == [booking.code]
    assert "Evening" in text_of(page)


def test_one_booking_and_many_take_the_same_number_of_queries(booking: Booking) -> None:
    client = desk(booking)
    client.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(LIST)
    for number in range(12):
        with_details(reserve(booking.event, 1), f"person{number}@example.com")
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)
    assert len(many) == len(few)


def test_the_page_of_a_booking_tells_its_whole_story(booking: Booking) -> None:
    client, clerk = at_work("support", booking.organization)
    cancellations.cancel(booking_id=booking.pk, reason="asked for by phone", by=clerk)
    outbox.post(
        kind="code",
        about=booking,
        to=booking.email,
        subject="A secret",
        text="s",
        html="s",
        at=clock.now(),
        confidential=True,
    )
    text = text_of(client.get(page_of(booking)))
    for fact in (
        f"{booking.code}-02 Standard Standing €21.50 void",
        "sandbox €43.00 succeeded €43.00, queued: the booking was cancelled",
        "Mail “Your tickets for Evening” to ada@example.com: queued.",
        "Mail “Your booking for Evening was cancelled” to ada@example.com: queued.",
        "Reserved for €43.00. Places: 2.",
        "€43.00 received.",
        "Confirmed.",
        f"Cancelled: asked for by phone. {clerk.email}",
        "€43.00 goes back: the booking was cancelled.",
    ):
        assert fact in text
    assert "A secret" not in text


def test_the_page_of_a_booking_says_how_it_was_paid_by_hand(noon: datetime) -> None:
    booking = with_details(reserve(event_on_sale()))
    payments.record_by_hand(booking_id=booking.pk, how="card", by=None, note="till 2")
    text = text_of(desk(booking).get(page_of(booking)))
    assert "card at the counter €43.00 succeeded –" in text
    assert "Marked as paid: €43.00, card at the counter. (till 2)" in text


def test_a_long_story_takes_no_more_queries_than_a_short_one(booking: Booking) -> None:
    client = desk(booking)
    client.get(page_of(booking))
    with CaptureQueriesContext(connection) as short:
        client.get(page_of(booking))
    payment = booking.payments.get()
    for number in range(5):
        settle(payment, reference=f"again-{number}")
    with CaptureQueriesContext(connection) as long:
        client.get(page_of(booking))
    assert Refund.objects.count() == 5
    assert len(long) == len(short)


def test_acts_that_do_not_apply_say_why(booking: Booking) -> None:
    html = desk(booking).get(page_of(booking)).content.decode()
    for act, why_not in {"extend": "It is paid already.", "paid": "It is paid already."}.items():
        assert f'disabled aria-describedby="why-not-{act}"' in html
        assert f'id="why-not-{act}">{why_not}<' in html
    assert "why-not-cancel" not in html
    assert "why-not-resend" not in html


def test_a_name_is_text_and_no_markup(booking: Booking) -> None:
    """S29"""
    Booking.objects.update(customer_name="<script>alert(1)</script>")
    for address in (LIST, page_of(booking)):
        html = desk(booking).get(address).content.decode()
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html


def test_looking_changes_nothing(booking: Booking) -> None:
    """S14"""
    handed_over(reserve(booking.event, 1))
    kept = (Booking, Payment, Refund, Ticket, AuditEntry)
    client = desk(booking)
    before = [list(model._default_manager.order_by("pk").values()) for model in kept]
    for address in (LIST, page_of(booking), f"{LIST}{booking.pk}/history/"):
        client.get(address)
    assert [list(model._default_manager.order_by("pk").values()) for model in kept] == before


def test_support_sees_through_whose_hands_a_ticket_went(noon: datetime) -> None:
    """U37"""
    ticket = a_ticket()
    passed_on(passed_on(ticket), "cy@example.com", "Cy")
    offer(ticket.booking.live_tickets()[0], "di@example.com", "Di")
    client, _chief = at_work("support", ticket.booking.organization)
    text = text_of(client.get(f"/admin/bookings/booking/{ticket.booking_id}/change/"))
    for said in ("void : passed on", "follows 01", "follows 03", "cy@example.com", "accepted: ticket 04 follows it"):
        assert said in text or said.replace(" :", ":") in text
    assert "Di di@example.com" in text
