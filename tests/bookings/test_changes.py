"""What customers put right afterwards."""

from datetime import datetime, timedelta

import pytest

from bookings.models import Booking
from bookings.queries.promises import violations
from bookings.services import box_office, cancellations, changes, customers
from core import clock
from core.models import AuditEntry
from notifications.models import Message
from tests.bookings.passing_on import a_ticket
from tests.factories import UserFactory, event_on_sale, member, paid, price_of, reserve, with_details

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking(noon: datetime) -> Booking:
    return paid(event_on_sale(max_per_customer=3))


def change(booking: Booking, email: str = "ada@example.com", name: str = "Ada Example", **more: object) -> Booking:
    return changes.change_details(booking_id=booking.pk, name=name, email=email, **more)  # type: ignore[arg-type]


def mails() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("pk").values_list("kind", "to"))[1:]  # without the confirmation


def test_another_address_revokes_the_link_and_both_are_told(booking: Booking) -> None:
    """S19"""
    changed = change(booking, "new@example.com", phone="123")
    assert (changed.email, changed.email_key, changed.phone) == ("new@example.com", "new@example.com", "123")
    assert changed.secret != booking.secret
    assert not Booking.objects.filter(secret=booking.secret).exists()
    assert mails() == [("address-changed", "ada@example.com"), ("booking-link", "new@example.com")]
    old, new = Message.objects.order_by("pk")[1:]
    assert changed.secret in new.text
    assert not {changed.secret, booking.secret, "new@example.com"} & set(old.text.split())
    assert changed.secret not in old.text + old.html
    assert "new@example.com" not in old.text + old.html
    assert list(violations()) == []


def test_another_name_keeps_the_link_and_tells_nobody(booking: Booking) -> None:
    changed = change(booking, "ADA@example.com", name="Ada Lovelace")
    assert (changed.secret, changed.customer_name, changed.email) == (booking.secret, "Ada Lovelace", "ADA@example.com")
    assert mails() == []
    change(booking, "ADA@example.com", name="Ada Lovelace")
    entries = AuditEntry.objects.filter(action="booking.contact_changed")
    assert [each.facts for each in entries] == [{"changed": ["customer_name", "email"]}]


def test_another_address_counts_for_whom_it_is(booking: Booking) -> None:
    """R9"""
    other = with_details(reserve(booking.event, 2), "new@example.com")
    with pytest.raises(customers.OverLimit):
        change(booking, "new@example.com")
    booking.refresh_from_db()
    assert booking.email == "ada@example.com"
    clock.advance(timedelta(hours=1))  # what has lapsed counts no more
    assert change(booking, "new@example.com").email == "new@example.com"
    other.refresh_from_db()
    assert other.status == "expired"


def test_another_address_takes_a_booking_from_the_account_unless_that_says_so(booking: Booking) -> None:
    """S19"""
    owner = UserFactory()
    Booking.objects.filter(pk=booking.pk).update(user=owner)
    assert change(booking, "second@example.com", by=owner).user == owner
    assert change(booking, "third@example.com").user is None


def test_who_bought_at_the_counter_gets_the_tickets_with_the_first_address(noon: datetime) -> None:
    """R12"""
    event = event_on_sale()
    choice = {price_of(event).pk: 1}
    sold = box_office.sell(event=event, quantities=choice, key="k" * 32, how="cash", by=member("support"))
    change(sold, "new@example.com")
    assert [each.kind for each in Message.objects.all()] == ["booking-confirmed"]
    assert list(violations()) == []


@pytest.mark.parametrize("why", ["pending", "cancelled", "over"])
def test_only_what_is_valid_and_to_come_is_put_right(noon: datetime, why: str) -> None:
    booking = with_details(reserve(event_on_sale())) if why == "pending" else paid(event_on_sale())
    if why == "cancelled":
        cancellations.cancel(booking_id=booking.pk, reason="test")
    if why == "over":
        clock.advance(timedelta(days=40))
    with pytest.raises(changes.NotNow):
        change(booking, "new@example.com")
    with pytest.raises(changes.NotNow):
        changes.name_holder(ticket_id=booking.tickets.first().pk, name="Bob")


def test_a_name_on_a_ticket_leaves_its_code_alone(noon: datetime) -> None:
    ticket = a_ticket()
    for _again in range(2):
        named = changes.name_holder(ticket_id=ticket.pk, name="Bob")
    assert (named.holder, named.secret, named.is_passed_on) == ("Bob", ticket.secret, False)
    assert AuditEntry.objects.filter(action="ticket.holder_named").count() == 1


def test_a_new_link_is_mailed_to_the_stored_address(booking: Booking) -> None:
    """S19"""
    renewed = customers.renew_link(booking_id=booking.pk)
    assert mails() == [("booking-link", "ada@example.com")]
    assert renewed.secret in Message.objects.latest("pk").text
