"""Ways to pay, what providers told us, bank statements, and money that people have to look at."""

from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organization
from bookings.gateways import News, Outcome, offered
from bookings.models import Booking, Payment, ProviderEvent, Refund, StatementLine
from bookings.queries.promises import violations
from bookings.services import cancellations, payments
from core import clock, codes
from core.models import AuditEntry
from tests.backoffice.desk import at_work, fields_of
from tests.backoffice.test_acts import do, results
from tests.factories import event_on_sale, handed_over, member, paid, reserve, with_details
from tests.pages import text_of

pytestmark = pytest.mark.django_db(transaction=True)

WAYS, STATEMENTS = "/admin/ways-to-pay/", "/admin/statements/"


@pytest.fixture
def booking(noon: datetime, settings: Any) -> Booking:
    settings.PAYMENT_PROVIDERS = ["sandbox", "stripe", "transfer"]
    return with_details(reserve(event_on_sale()))


@pytest.fixture
def house(booking: Booking) -> Organization:
    Organization.objects.filter(pk=booking.organization_id).update(
        iban="DE89370400440532013000", account_holder="The House"
    )
    booking.organization.refresh_from_db()
    return booking.organization


# --- Ways to pay ------------------------------------------------------------------------------------


def test_the_page_says_what_is_offered_and_why_something_is_not(house: Organization) -> None:
    client, _boss = at_work("admin", house)
    text = text_of(client.get(WAYS))
    assert "Customers can choose from: Sandbox (no real money) , Bank transfer ." in text
    assert "Not set up: STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET is missing." in text
    assert "Its messages go to: http://localhost:8000/webhooks/stripe/" in text
    Organization.objects.update(iban="")
    assert "account holder and IBAN of the organization are missing" in text_of(client.get(WAYS))


def test_an_organization_chooses_what_it_offers_and_in_which_order(house: Organization) -> None:
    client, boss = at_work("admin", house)
    assert client.post(WAYS, {"transfer": "1", "sandbox": "2", "stripe": "3"}).status_code == 303
    assert [way.name for way in offered(house)] == ["transfer", "sandbox"]
    assert {"transfer": "1", "sandbox": "2", "stripe": "3"}.items() <= fields_of(client.get(WAYS)).items()
    entry = AuditEntry.objects.get(action="organization.ways_to_pay_chosen")
    assert (entry.by, entry.facts) == (boss, {"before": "", "after": "transfer, sandbox, stripe"})
    client.post(WAYS, {"transfer": "", "sandbox": "1"})
    assert [way.name for way in offered(house)] == ["sandbox"]
    client.post(WAYS, {"sandbox": "1"})
    assert AuditEntry.objects.filter(action="organization.ways_to_pay_chosen").count() == 2
    client.post(WAYS, {"nobody": "1"})
    assert [way.name for way in offered(house)] == ["sandbox", "transfer"]


def test_what_is_not_chosen_can_not_be_paid_with(house: Organization, booking: Booking) -> None:
    """S40, S41"""
    at_work("admin", house)[0].post(WAYS, {"transfer": "1"})
    browser = Client()
    response = browser.post(f"/bookings/{booking.secret}/pay/", {"provider": "sandbox"})
    assert response.status_code == 409
    assert not Payment.objects.exists()
    page = browser.get(f"/bookings/{booking.secret}/review/").content.decode()
    assert 'value="transfer"' in page
    assert 'value="sandbox"' not in page


@pytest.mark.parametrize("typed", ["0", "x", "-1", "1e3"])
def test_a_place_is_a_number(house: Organization, typed: str) -> None:
    client, _boss = at_work("admin", house)
    assert client.post(WAYS, {"sandbox": typed}).status_code == 422


# --- Money kept aside, refunds that failed -------------------------------------------------------------


def test_money_kept_aside_is_seen_and_given_back(booking: Booking) -> None:
    """R29"""
    payment = handed_over(booking)
    payments.settle(provider="sandbox", news=News(payment.checkout_reference, Outcome.SUCCEEDED, 1, "EUR", "other"))
    client, clerk = at_work("support", booking.organization)
    page = text_of(client.get(f"/admin/bookings/booking/{booking.pk}/change/"))
    assert "kept aside: not what was asked for" in page
    assert results(do(client, "return-kept", booking)) == [(booking.code, True, "€0.01 goes back.")]
    refund = Refund.objects.get()
    assert (refund.reason, refund.amount) == ("mismatch", 1)
    assert AuditEntry.objects.get(action="refund.queued").by == clerk
    assert results(do(client, "return-kept", booking)) == [(booking.code, False, "No money is kept aside.")]
    assert list(violations()) == []


def test_a_refund_that_failed_is_ordered_again(booking: Booking) -> None:
    sold = paid(booking.event)
    cancellations.cancel(booking_id=sold.pk, reason="test")
    client, _clerk = at_work("support", booking.organization)
    assert results(do(client, "retry-refund", sold)) == [(sold.code, False, "No refund has failed.")]
    Refund.objects.update(status="failed", attempts=12)
    assert results(do(client, "retry-refund", sold)) == [(sold.code, True, "Ordered again.")]
    refund = Refund.objects.get()
    assert (refund.status, refund.attempts) == ("queued", 0)


# --- What providers told us ----------------------------------------------------------------------------

EVENTS = "/admin/bookings/providerevent/"


def told(payment: Payment | None, **fields: Any) -> ProviderEvent:
    now = clock.now()
    given = {"provider": "stripe", "event_id": codes.secret(), "kind": "charge.new", "payload": {"id": "ch_1"}}
    given |= {"status": "unknown", "received_at": now, "next_attempt_at": now}
    return ProviderEvent.objects.create(payment=payment, **given | fields)


def test_what_nobody_knew_what_to_do_with_is_seen_and_tried_again(booking: Booking) -> None:
    """R27"""
    event = told(None)
    client, _clerk = at_work("support", booking.organization)
    assert "charge.new" in text_of(client.get(EVENTS))
    assert "ch_1" in text_of(client.get(f"{EVENTS}{event.pk}/change/"))
    response = client.post(EVENTS, {"action": "try_again", "_selected_action": event.pk}, follow=True)
    assert "1 of 1 are tried again." in text_of(response)
    event.refresh_from_db()
    assert event.status == "waiting"


def test_of_several_houses_each_sees_its_own_and_nobody_nobodys(booking: Booking) -> None:
    """S9, S11"""
    mine, theirs = told(handed_over(booking)), told(handed_over(reserve(event_on_sale())))
    unknown = told(None)
    client, _clerk = at_work("support", booking.organization)
    assert list(client.get(EVENTS).context["cl"].result_list) == [mine]
    for other in (theirs, unknown):
        assert client.get(f"{EVENTS}{other.pk}/change/").status_code == 404
        client.post(EVENTS, {"action": "try_again", "_selected_action": other.pk})
    assert not ProviderEvent.objects.filter(status="waiting").exists()
    root = Client()
    root.force_login(member("admin", booking.organization, is_superuser=True))
    assert list(root.get(EVENTS).context["cl"].result_list) == [unknown, mine]


def test_one_message_and_many_take_the_same_number_of_queries(booking: Booking) -> None:
    payment = handed_over(booking)
    client, _clerk = at_work("support", booking.organization)
    told(payment)
    client.get(EVENTS)
    with CaptureQueriesContext(connection) as few:
        client.get(EVENTS)
    for _number in range(9):
        told(payment)
    with CaptureQueriesContext(connection) as many:
        client.get(EVENTS)
    assert len(many) == len(few)


# --- Statements ---------------------------------------------------------------------------------------


def upload(client: Client, *rows: str) -> Any:
    file = SimpleUploadedFile("june.csv", "\n".join(["date;amount;text;payer", *rows]).encode(), "text/csv")
    return client.post(f"{STATEMENTS}import/", {"file": file})


def transferring(booking: Booking) -> Booking:
    payments.hand_over(booking_id=booking.pk, provider="transfer")
    return Booking.objects.get(pk=booking.pk)


def test_a_statement_is_looked_at_first_and_then_imported(house: Organization, booking: Booking) -> None:
    """U50, S31, S29"""
    transferring(booking)
    client, clerk = at_work("support", house)
    price = f"{booking.total / 100:.2f}".replace(".", ",")
    page = upload(client, f"03.06.2026;{price};{booking.code};Ada", "03.06.2026;x;broken;", "03.06.2026;1,00;<b>'=1;")
    text = text_of(page)
    assert f"It pays {booking.code}." in text
    assert "Line 3: “x” is no amount." in text
    assert "It waits to be matched." in text
    assert "&lt;b&gt;" in page.content.decode()
    assert not StatementLine.objects.exists()
    assert not Payment.objects.filter(status="succeeded").exists()
    sent = {"looked_at": page.context["looked_at"]}
    for new in (2, 0):
        done = client.post(f"{STATEMENTS}import/", sent, follow=True)
        assert f"{new} of 2 lines are new." in text_of(done)
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert StatementLine.objects.filter(imported_by=clerk).count() == 2
    again = upload(client, f"03.06.2026;{price};{booking.code};Ada")
    assert "Known already." in text_of(again)
    assert list(violations()) == []


def test_what_was_looked_at_can_not_be_changed_nor_used_elsewhere(house: Organization, booking: Booking) -> None:
    """S13, S39"""
    looked_at = upload(at_work("support", house)[0], "03.06.2026;1,00;a;b").context["looked_at"]
    stranger, _clerk = at_work("support")
    for client, sent in ((stranger, looked_at), (at_work("support", house)[0], looked_at[:-3] + "abc")):
        assert client.post(f"{STATEMENTS}import/", {"looked_at": sent}).status_code == 400
    assert not StatementLine.objects.exists()


@pytest.mark.parametrize("content", [b"", b"nothing\n", b"\xff\xfe\x00"])
def test_what_is_no_statement_is_refused_at_its_field(house: Organization, content: bytes) -> None:
    """R50"""
    file = SimpleUploadedFile("x.csv", content, "text/csv")
    response = at_work("support", house)[0].post(f"{STATEMENTS}import/", {"file": file})
    assert response.status_code == 422
    assert response.context["form"].errors["file"]


def test_what_waits_is_matched_by_code_or_set_aside(house: Organization, booking: Booking) -> None:
    transferring(booking)
    client, _clerk = at_work("support", house)
    sent = {"looked_at": upload(client, "03.06.2026;43,00;for Ada;", "03.06.2026;9,00;rent;").context["looked_at"]}
    client.post(f"{STATEMENTS}import/", sent)
    money, rent = StatementLine.objects.order_by("pk")
    match = reverse("admin:statement-match", args=[money.pk])
    unknown = client.post(match, {"code": "BK-20260601-NOBODY"})
    assert (unknown.status_code, "There is no such booking." in text_of(unknown)) == (422, True)
    assert client.post(match, {"code": paid(event_on_sale()).code}).status_code == 422
    assert client.post(match, {"code": booking.code.lower()}).status_code == 303
    assert client.post(match, {"code": booking.code}).status_code == 409
    assert client.post(reverse("admin:statement-set-aside", args=[rent.pk])).status_code == 303
    assert list(StatementLine.objects.order_by("pk").values_list("status", flat=True)) == ["matched", "set_aside"]
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert "Nothing waits." in text_of(client.get(STATEMENTS))


def test_a_line_of_another_house_is_not_there(house: Organization, booking: Booking) -> None:
    """S9, S11"""
    client, _clerk = at_work("support", house)
    client.post(f"{STATEMENTS}import/", {"looked_at": upload(client, "03.06.2026;1,00;a;b").context["looked_at"]})
    line = StatementLine.objects.get()
    stranger, _clerk = at_work("support")
    assert "for Ada" not in text_of(stranger.get(STATEMENTS))
    for name, data in (("statement-match", {"code": booking.code}), ("statement-set-aside", {})):
        assert stranger.post(reverse(f"admin:{name}", args=[line.pk]), data).status_code == 404
    line.refresh_from_db()
    assert line.status == "open"
