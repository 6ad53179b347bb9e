"""Staff take single tickets back, give money back, answer who asks, and write the rules."""

from datetime import datetime
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Organization
from bookings.models import Booking, CancellationPolicy, Document, Refund, RefundRequest
from bookings.queries.promises import violations
from bookings.services import refund_requests
from core.models import AuditEntry
from notifications.models import Message
from tests.factories import event_on_sale, member, paid
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking(noon: datetime) -> Booking:
    """Three tickets of €20 and €1.50 fee."""
    return paid(event_on_sale(), 3)


def at(role: str, organization: Organization) -> Client:
    client = Client()
    client.force_login(member(role, organization))
    return client


@pytest.fixture
def support(booking: Booking) -> Client:
    return at("support", booking.organization)


def text(response: HttpResponse) -> str:
    return unescape(text_of(response))


def ids(booking: Booking, *numbers: int) -> list[int]:
    return list(booking.tickets.filter(number__in=numbers).values_list("pk", flat=True))


def test_tickets_are_taken_back_for_another_amount_than_that_of_the_rules(support: Client, booking: Booking) -> None:
    """S44, S51"""
    address = reverse("admin:take-back", args=[booking.pk])
    CancellationPolicy.objects.create(organization=booking.organization, cancel_until_hours=1)
    page = text(support.get(address))
    assert "paid €21.50, by the rules €20.00 goes back" in page
    assert "At most €64.50" in page
    sent = {"tickets": ids(booking, 1, 2), "amount": "30.01", "why": "fraud", "reason": "stolen card"}
    for _again in range(2):
        assert support.post(address, sent).status_code in (303, 422)
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason) == (3_001, "fraud")
    assert booking.live_tickets().count() == 1
    assert "Tickets given back: 1, 2. €30.01 goes back." in text(
        support.get(reverse("admin:bookings_booking_change", args=[booking.pk]))
    )
    assert list(violations()) == []


@pytest.mark.parametrize(
    "changed",
    [{"amount": "64.51"}, {"amount": "-1"}, {"amount": "1.001"}, {"amount": ""}, {"tickets": []}, {"why": "x"}],
)
def test_what_makes_no_sense_is_said_in_the_form(support: Client, booking: Booking, changed: dict[str, Any]) -> None:
    """R8, R50, S44"""
    sent = {"tickets": ids(booking, 1), "amount": "1", "why": "other", "reason": "x"} | changed
    assert support.post(reverse("admin:take-back", args=[booking.pk]), sent).status_code == 422
    assert (Refund.objects.count(), booking.live_tickets().count()) == (0, 3)


def test_goodwill_is_given_once(support: Client, booking: Booking) -> None:
    """R3, S44: the second press of the button finds that less is left."""
    address = reverse("admin:goodwill", args=[booking.pk])
    sent = {"amount": "5.00", "why": "other", "reason": "loud neighbours", "left": "6450"}
    assert [support.post(address, sent).status_code for _time in range(2)] == [303, 422]
    assert (Refund.objects.get().amount, Document.objects.get().amount) == (500, 500)
    assert booking.live_tickets().count() == 3
    assert list(violations()) == []


def request_of(booking: Booking) -> RefundRequest:
    return refund_requests.ask(booking_id=booking.pk, ticket_ids=ids(booking, 1), message="I fell ill.")


def test_support_answers_a_request(support: Client, booking: Booking) -> None:
    asked = request_of(booking)
    listed = support.get(reverse("admin:bookings_refundrequest_changelist"), {"status__exact": "open"})
    assert booking.code in text(listed)
    address = reverse("admin:refund-request", args=[asked.pk])
    page = support.get(address)
    assert "I fell ill." in text(page)
    assert 'value="21.50"' in page.content.decode()
    refused = support.post(address, {"answer": "decline", "amount": "0"})
    assert (refused.status_code, "Please say why not." in text(refused)) == (422, True)
    sent = {"answer": "grant", "amount": "10", "reply": "Get well soon."}
    assert [support.post(address, sent).status_code for _time in range(2)] == [303, 422]
    assert (Refund.objects.get().amount, booking.live_tickets().count()) == (1_000, 2)
    assert "Get well soon." in Message.objects.get(kind="tickets-returned").text
    assert "Granted" in text(support.get(address))


def test_a_request_is_declined_by_mail(support: Client, booking: Booking) -> None:
    address = reverse("admin:refund-request", args=[request_of(booking).pk])
    assert support.post(address, {"answer": "decline", "amount": "0", "reply": "Sold out."}).status_code == 303
    assert "Sold out." in Message.objects.get(kind="refund-declined").text
    assert not Refund.objects.exists()


def test_what_failed_is_tried_again_from_the_list(support: Client, booking: Booking) -> None:
    """S51"""
    how = {"tickets": ids(booking, 1), "amount": "20", "why": "other", "reason": "x"}
    support.post(reverse("admin:take-back", args=[booking.pk]), how)
    Refund.objects.update(status="failed", attempts=12)
    address, refund = reverse("admin:bookings_refund_changelist"), Refund.objects.get()
    for _again in range(2):
        support.post(address, {"action": "try_again", "_selected_action": [refund.pk]})
    refund.refresh_from_db()
    assert (refund.status, refund.attempts) == ("queued", 0)
    assert AuditEntry.objects.filter(action="refund.retried").count() == 1
    support.post(address, {"action": "was_paid_back", "_selected_action": [refund.pk]})
    refund.refresh_from_db()
    assert refund.status == "queued"  # it goes back through its provider
    Refund.objects.update(status="failed")
    support.post(address, {"action": "was_paid_back", "_selected_action": [refund.pk]})
    refund.refresh_from_db()
    assert refund.status == "sent"


def test_who_may_not_manage_bookings_retries_nothing(booking: Booking) -> None:
    """S8"""
    analyst = at("analyst", booking.organization)
    assert analyst.get(reverse("admin:bookings_refund_changelist")).status_code == 403


# --- The rules --------------------------------------------------------------------------------------

NO_TIERS = {
    "tiers-TOTAL_FORMS": "0",
    "tiers-INITIAL_FORMS": "0",
    "tiers-MIN_NUM_FORMS": "0",
    "tiers-MAX_NUM_FORMS": "1000",
}
RULES = {"transfers": "3", "transfer_until_hours": "0", "cancel_until_hours": "24", "fee_per_ticket": "1.50"}


def tiers(*rows: tuple[str, str]) -> dict[str, str]:
    found = {**NO_TIERS, "tiers-TOTAL_FORMS": str(len(rows))}
    for number, (hours, share) in enumerate(rows):
        found |= {f"tiers-{number}-hours_before": hours, f"tiers-{number}-basis_points": share}
    return found


def test_an_admin_writes_the_rules_of_the_house(booking: Booking) -> None:
    """S51: in hours, percent and money; every version is kept."""
    admin = at("admin", booking.organization)
    address = reverse("admin:bookings_cancellationpolicy_add")
    answer = admin.post(address, {**RULES, **tiers(("168", "100"), ("24", "12.5")), "single_tickets": "on"})
    assert answer.status_code == 302, text(answer)
    policy = CancellationPolicy.objects.get()
    assert (policy.organization, policy.event, policy.fee_per_ticket) == (booking.organization, None, 150)
    assert list(policy.tiers.values_list("hours_before", "basis_points")) == [(168, 10_000), (24, 1_250)]
    assert policy.history.count() == 1
    assert AuditEntry.objects.filter(action="cancellationpolicy.created").count() == 1
    assert "12.5 % of the price goes back" in text(admin.get(reverse("admin:bookings_cancellationpolicy_changelist")))
    again = admin.post(address, {**RULES, **NO_TIERS})
    assert "The organization has its rules already" in text(again)


def test_an_organizer_writes_the_rules_of_an_event_and_not_those_of_the_house(booking: Booking) -> None:
    """S8"""
    organizer, event = at("organizer", booking.organization), booking.event
    house = CancellationPolicy.objects.create(organization=booking.organization)
    address = reverse("admin:bookings_cancellationpolicy_add")
    assert organizer.post(address, {**RULES, **NO_TIERS}).status_code == 200  # whose rules?
    leads = organizer.get(reverse("admin:event-policy", args=[event.pk]))
    assert leads["Location"] == f"{address}?event={event.pk}"
    assert organizer.post(address, {**RULES, **NO_TIERS, "event": event.pk}).status_code == 302
    own = CancellationPolicy.objects.get(event=event)
    change = reverse("admin:bookings_cancellationpolicy_change", args=[own.pk])
    assert organizer.get(reverse("admin:event-policy", args=[event.pk]))["Location"] == change
    assert organizer.post(change, {**RULES, **NO_TIERS, "fee_per_ticket": "2"}).status_code == 302
    own.refresh_from_db()
    assert (own.fee_per_ticket, own.history.count()) == (200, 2)
    of_the_house = reverse("admin:bookings_cancellationpolicy_change", args=[house.pk])
    assert organizer.post(of_the_house, {**RULES, **NO_TIERS}).status_code == 403


def test_another_houses_event_gets_no_rules(booking: Booking) -> None:
    """S11"""
    admin = at("admin", booking.organization)
    other = event_on_sale()
    sent = {**RULES, **NO_TIERS, "event": other.pk}
    assert admin.post(reverse("admin:bookings_cancellationpolicy_add"), sent).status_code == 200
    assert not CancellationPolicy.objects.exists()
