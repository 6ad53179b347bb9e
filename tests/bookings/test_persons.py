"""Somebody's data can be exported whole, and erased while the ledger still adds up."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import models
from django.test import Client

from accounts.models import User
from bookings.models import (
    Booking,
    Document,
    Payment,
    ProviderEvent,
    Refund,
    RefundRequest,
    StatementLine,
    Ticket,
    Transfer,
)
from bookings.queries import persons
from bookings.queries.promises import violations
from bookings.services import cancellations, changes, customers, erasure, refunds, transfers
from core import clock
from core.models import AuditEntry
from notifications import outbox
from notifications.models import Message
from tests.accounts.people import just_signed_in
from tests.bookings.passing_on import offer, passed_on
from tests.factories import customer, event_on_sale, handed_over, member, paid, reserve, settle, with_details
from tests.pages import text_of

pytestmark = pytest.mark.django_db

NEEDLES = ("ada@", "Ada ", "555 0100", "Bob", "bob@", "the flu")


def everything() -> list[tuple[str, str]]:
    """Return what stands in any text column of any table, with where."""
    texts = (models.CharField, models.TextField, models.JSONField)
    found = []
    for model in apps.get_models():
        fields = [each.name for each in model._meta.concrete_fields if isinstance(each, texts)]
        for row in model._base_manager.values_list(*fields) if fields else ():
            found += [(f"{model._meta.label}.{name}", str(value)) for name, value in zip(fields, row, strict=True)]
    return found


def traces() -> set[str]:
    """The columns in which the person, or whom they named, is still found."""
    return {where for where, value in everything() if any(each.lower() in value.lower() for each in NEEDLES)}


def a_life(**event: Any) -> Booking:
    """A booking with all that can come to it: names, a ticket passed on, a refund, a question, a bank's line."""
    booking = settle(handed_over(with_details(reserve(event_on_sale(max_per_customer=9, **event), 3))))
    changes.change_details(
        booking_id=booking.pk, name="Ada Lovelace", email="ada@other.example", phone="+49 30 555 0100"
    )
    first, second, _third = booking.live_tickets()
    changes.name_holder(ticket_id=second.pk, name="Bob the Second")
    passed_on(first)
    offer(second, "bob@third.example")
    booking.refresh_from_db()
    now, payment = clock.now(), booking.payments.get()
    RefundRequest.objects.create(
        booking=booking, message="I have the flu", status="declined", reply="Dear Ada ", created_at=now, answered_at=now
    )
    StatementLine.objects.create(
        organization=booking.organization,
        fingerprint="1",
        booked_on=now.date(),
        amount=1,
        currency="EUR",
        text="Ada Lovelace",
        payer="Ada Lovelace",
        payment=payment,
        status="matched",
        imported_at=now,
    )
    ProviderEvent.objects.create(
        provider="sandbox",
        event_id="1",
        kind="paid",
        payload={"email": "ada@other.example"},
        payment=payment,
        next_attempt_at=now,
        received_at=now,
    )
    return booking


def ledger() -> list[Any]:
    """All amounts, states and numbers."""
    return [
        list(model.objects.order_by("pk").values_list(*fields))
        for model, fields in (
            (Booking, ("pk", "code", "status", "total", "fee", "tax", "confirmed_at", "ended_at")),
            (Ticket, ("pk", "number", "status", "price", "fee", "tax", "follows", "void_reason")),
            (Payment, ("pk", "amount", "status", "reference", "succeeded_at")),
            (Refund, ("pk", "amount", "status")),
            (Document, ("pk", "kind", "number", "amount", "lines")),
            (Transfer, ("pk", "ticket", "accepted_at", "ended_at")),
        )
    ]


def erase(booking: Booking, email: str = "ada@other.example") -> erasure.Erased:
    by = member("admin", booking.organization)
    return erasure.erase_address(organization_id=booking.organization_id, email=email, by=by)


def test_nothing_of_a_person_remains_in_any_column_and_the_ledger_is_whole(noon: datetime) -> None:
    """S52, R3"""
    booking = a_life()
    assert {"bookings.Booking.email", "bookings.Ticket.holder", "notifications.Message.text"} <= traces()
    clock.advance(timedelta(days=40))
    before = ledger()
    assert erase(booking) == erasure.Erased(1, 0)
    assert traces() == set()
    assert ledger() == before
    assert list(violations()) == []
    assert erase(booking) == erasure.Erased(0, 0)


def test_what_is_to_come_is_kept_until_it_is_over(noon: datetime) -> None:
    """S52"""
    booking = a_life()
    before = traces()
    assert erase(booking) == erasure.Erased(0, 1)
    assert traces() == before
    clock.advance(timedelta(days=40))
    assert erase(booking) == erasure.Erased(1, 0)


@pytest.mark.parametrize("what", ["a refund", "a question", "money that may come", "money kept aside"])
def test_open_ends_keep_a_booking(noon: datetime, what: str) -> None:
    """S52"""
    booking = paid(event_on_sale())
    if what == "a refund":
        cancellations.cancel(booking_id=booking.pk, reason="test")
    if what == "a question":
        RefundRequest.objects.create(booking=booking, message="?", created_at=noon)
    if what == "money kept aside":
        booking.payments.update(kept_aside=True)
    if what == "money that may come":
        booking = handed_over(reserve(booking.event)).booking
        Booking.objects.exclude(pk=booking.pk).update(email_key="x")
    clock.advance(timedelta(days=10 if what == "money that may come" else 40))
    if what == "money that may come":
        customers.expire_of_customer(booking.event, booking.email_key, besides=0)
    assert erase(booking, "ada@example.com") == erasure.Erased(0, 1)
    Refund.objects.update(status="sent", reference="x")
    RefundRequest.objects.update(status="declined", answered_at=noon)
    Payment.objects.update(kept_aside=False)
    clock.advance(timedelta(days=30))
    assert erase(booking, "ada@example.com") == erasure.Erased(1, 0)


def test_nobody_elses_data_and_no_other_house_is_touched(noon: datetime) -> None:
    """S8, S52"""
    here, there = paid(event_on_sale()), paid(event_on_sale())
    other = settle(handed_over(with_details(reserve(here.event), "eve@example.com")))
    clock.advance(timedelta(days=40))
    assert erase(here, "ADA@example.com ") == erasure.Erased(1, 0)
    there.refresh_from_db()
    other.refresh_from_db()
    assert (there.email, other.email, other.customer_name) == ("ada@example.com", "eve@example.com", "Ada Example")
    assert erase(here, "nobody@example.com") == erasure.Erased(0, 0)


def test_an_address_that_only_looks_alike_is_somebody_elses(noon: datetime) -> None:
    """S9: ß is counted as ss"""
    booking = settle(handed_over(with_details(reserve(event_on_sale()), "ada@strasse.example")))
    clock.advance(timedelta(days=40))
    assert erase(booking, "ada@straße.example") == erasure.Erased(0, 0)


def test_who_got_a_ticket_is_forgotten_alone(noon: datetime) -> None:
    """S52"""
    booking = paid(event_on_sale())
    new = passed_on(booking.live_tickets()[0])
    clock.advance(timedelta(days=40))
    assert erase(booking, "bob@example.com") == erasure.Erased(0, 0)
    old_link = new.link
    new.refresh_from_db()
    booking.refresh_from_db()
    assert (new.holder, new.holder_email, new.link == old_link, booking.email) == ("", "", False, "ada@example.com")
    assert not [where for where, value in everything() if "bob@" in value]
    assert list(violations()) == []


def test_the_link_of_an_erased_booking_is_dead_and_nobody_is_written_to(noon: datetime, client: Client) -> None:
    """S19, S52"""
    booking = paid(event_on_sale(max_per_customer=4))
    clock.advance(timedelta(days=40))
    erase(booking, "ada@example.com")
    assert client.get(booking.get_absolute_url()).status_code == 404
    with pytest.raises(customers.NotSent):
        customers.resend(booking_id=booking.pk)
    mails = Message.objects.count()
    cancellations.cancel(booking_id=booking.pk, reason="test")
    assert Message.objects.count() == mails
    assert list(violations()) == []


def test_the_trail_says_how_much_and_not_whom(noon: datetime) -> None:
    """S51, S52"""
    booking = paid(event_on_sale())
    clock.advance(timedelta(days=40))
    erase(booking, "ada@example.com")
    facts = AuditEntry.objects.get(action="person.erased").facts
    assert facts == {"bookings": 1, "kept": 0}


def test_mail_that_waits_for_somebody_who_was_erased_is_not_sent(noon: datetime) -> None:
    booking = paid(event_on_sale())
    clock.advance(timedelta(days=40))
    erase(booking, "ada@example.com")
    assert outbox.deliver_due() == 0
    assert set(Message.objects.values_list("status", "to")) == {("failed", "")}


# --- Accounts ----------------------------------------------------------------------------------------


def test_a_deleted_account_leaves_nothing_on_what_is_over(noon: datetime) -> None:
    """S52"""
    booking = a_life()
    ada = customer(email="ada@other.example", name="Ada Lovelace", phone="+49 30 555 0100")
    customers.claim(user_id=ada.pk)
    clock.advance(timedelta(days=40))
    customers.delete_account(user_id=ada.pk, by=ada)
    assert traces() == set()
    assert Booking.objects.get(pk=booking.pk).is_erased
    assert list(violations()) == []


def test_an_export_tells_all_of_one_person_and_nothing_of_another(noon: datetime) -> None:
    """S52, S9"""
    booking = a_life()
    ada = customer(email="ada@other.example", name="Ada Lovelace", phone="+49 30 555 0100")
    customers.claim(user_id=ada.pk)
    theirs = settle(handed_over(with_details(reserve(booking.event), "eve@example.com")))
    got = passed_on(theirs.live_tickets()[0], "ada@other.example", "Ada Lovelace")
    told = persons.exported(persons.of_account(ada), account=ada)
    (exported,) = told["bookings"]
    assert (exported["code"], exported["total"], exported["email"]) == (booking.code, booking.total, booking.email)
    assert [each["status"] for each in exported["tickets"]] == ["void", "valid", "valid", "valid"]
    assert exported["payments"][0]["amount"] == booking.total
    assert exported["refund_requests"][0]["message"] == "I have the flu"
    assert [each["ticket"] for each in told["tickets_received"]] == [str(got)]
    assert told["profile"]["name"] == "Ada Lovelace"
    assert {each["kind"] for each in told["messages"]} >= {"booking-link", "ticket-received"}
    assert {each["did"] for each in told["acts"]} == {"booking.claimed"}
    text = json.dumps(told)
    for secret in (booking.secret, got.secret, got.link, theirs.code + '"', "eve@example.com", "Bob Example"):
        assert secret not in text


def test_the_file_is_for_who_has_just_proved_to_be_its_owner(client: Client, noon: datetime) -> None:
    """S4, S52"""
    ada = customer(email="ada@example.com", name="Ada", password=make_password(None))
    another = Client()
    another.force_login(ada)
    assert another.get("/account/export/").status_code == 403
    just_signed_in(client, ada)
    response = client.get("/account/export/")
    assert response["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert response.json()["profile"]["email"] == "ada@example.com"
    assert "no-store" in response["Cache-Control"]
    assert "Download my data" in text_of(client.get("/account/profile/"))


def test_an_address_that_was_never_proved_exports_nothing(noon: datetime) -> None:
    """S9"""
    passed_on(paid(event_on_sale()).live_tickets()[0])
    mallory = User.objects.create_user("bob@example.com")
    assert persons.exported(persons.of_account(mallory), account=mallory)["tickets_received"] == []


def test_transfers_in_flight_survive_an_erasure_of_something_else(noon: datetime) -> None:
    booking = paid(event_on_sale())
    transfer = offer(booking.live_tickets()[0])
    erase(booking, "bob@example.com")
    transfer.refresh_from_db()
    assert transfer.email == "bob@example.com"
    transfers.withdraw(transfer_id=transfer.pk)
    erase(booking, "bob@example.com")
    transfer.refresh_from_db()
    assert (transfer.email, transfer.name) == ("", "")
    assert refunds.send_due() == 0
