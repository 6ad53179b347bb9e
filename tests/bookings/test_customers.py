"""Whose booking it is, how many places one person may have, and the link that opens it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import people
from bookings.models import Booking
from bookings.queries.promises import violations
from bookings.services import cancellations, customers, renewals, reservations
from core import clock, codes
from core.models import AuditEntry
from events.models import Event, Price
from notifications.models import Message
from tests.factories import (
    OrganizationFactory,
    UserFactory,
    customer,
    event_on_sale,
    handed_over,
    member,
    paid,
    reserve,
    settle,
    with_details,
)

pytestmark = pytest.mark.django_db


def test_details_are_kept_as_they_were_typed(noon: datetime) -> None:
    """R50: emoji and right-to-left names."""
    booking = reserve(event_on_sale())
    name = "🎭 עדה Ada-Žoë العربية"
    customers.give_details(booking_id=booking.pk, name=name, email="Ada@Example.com", phone="+49 30 1")
    booking.refresh_from_db()
    assert (booking.customer_name, booking.email, booking.phone) == (name, "Ada@Example.com", "+49 30 1")


def test_the_trail_names_the_fields_and_not_the_person(noon: datetime) -> None:
    booking = with_details(reserve(event_on_sale()))
    with_details(booking)
    entries = AuditEntry.objects.filter(action="booking.details_given").order_by("pk")
    assert [entry.facts for entry in entries] == [{"changed": ["customer_name", "email"]}, {"changed": []}]


def test_the_first_address_keeps_the_link_and_another_revokes_it(noon: datetime) -> None:
    """S19"""
    booking = reserve(event_on_sale())
    first = booking.secret
    assert with_details(booking).secret == first
    assert with_details(booking, "ADA@example.com").secret == first
    changed = with_details(booking, "bob@example.com")
    assert changed.secret != first
    assert not Booking.objects.filter(secret=first).exists()


def test_a_renewed_link_replaces_the_old_one(noon: datetime) -> None:
    """S19"""
    booking = paid(event_on_sale())
    renewed = customers.renew_link(booking_id=booking.pk)
    assert len(renewed.secret) == 32
    assert renewed.secret != booking.secret
    assert not Booking.objects.filter(secret=booking.secret).exists()
    entry = AuditEntry.objects.get(action="booking.link_renewed")
    assert booking.secret not in str(entry.facts)
    assert renewed.secret not in str(entry.facts)


@pytest.mark.parametrize("late", [False, True])
def test_details_come_in_time_or_not_at_all(noon: datetime, late: bool) -> None:
    booking = reserve(event_on_sale())
    clock.advance(timedelta(minutes=15) + timedelta(microseconds=late))
    if not late:
        assert with_details(booking).has_details
        return
    with pytest.raises(reservations.TooLate):
        with_details(booking)
    booking.refresh_from_db()
    assert not booking.has_details


def test_a_paid_booking_takes_no_other_details(noon: datetime) -> None:
    booking = paid(event_on_sale())
    with pytest.raises(reservations.TooLate, match="paid already"):
        with_details(booking, "mallory@example.com")
    booking.refresh_from_db()
    assert booking.email == "ada@example.com"


# --- Limits per person ----------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["pending", "confirmed"])
def test_one_person_has_no_more_places_than_allowed(noon: datetime, first: str) -> None:
    """R9"""
    event = event_on_sale(max_per_customer=3)
    booking = with_details(reserve(event, 2))
    if first == "confirmed":
        settle(handed_over(booking))
    second = reserve(event, 2)
    with pytest.raises(customers.OverLimit) as caught:
        with_details(second)
    text = "One person can have at most 3 tickets for this event, and you have 2 already."
    assert (str(caught.value), caught.value.status) == (text, 422)
    second.refresh_from_db()
    assert (second.email, second.status) == ("", "pending")
    assert with_details(reserve(event, 1)).has_details
    assert list(violations()) == []


def test_who_already_has_all_gets_no_more_and_others_do(noon: datetime) -> None:
    event = event_on_sale(max_per_customer=2)
    with_details(reserve(event, 2))
    with_details(reserve(event, 2), "bob@example.com")
    with pytest.raises(customers.OverLimit):
        with_details(reserve(event, 1))


def test_the_limit_is_the_events_own(noon: datetime) -> None:
    with_details(reserve(event_on_sale(max_per_customer=2), 2))
    with_details(reserve(event_on_sale(max_per_customer=2), 2))
    unlimited = event_on_sale()
    for _number in range(3):
        with_details(reserve(unlimited, 3))
    assert list(violations()) == []


def test_ones_own_booking_does_not_stand_in_its_own_way(noon: datetime) -> None:
    booking = reserve(event_on_sale(max_per_customer=2), 2)
    with_details(booking)
    assert with_details(booking, "ada2@example.com").email == "ada2@example.com"


SAME_PERSON = [
    ("ada@example.com", "ADA@Example.COM"),
    ("ADA@Example.COM", "ada@example.com"),
    ("ada@münchen.example", "ada@MÜNCHEN.example"),
    ("ada@MÜNCHEN.example", "ada@münchen.example"),
    ("ada@straße.example", "ada@straße.example"),
]


@pytest.mark.parametrize(("first", "second"), SAME_PERSON)
def test_another_way_to_write_an_address_is_the_same_person(noon: datetime, first: str, second: str) -> None:
    """R9"""
    event = event_on_sale(max_per_customer=2)
    with_details(reserve(event, 2), first)
    with pytest.raises(customers.OverLimit):
        with_details(reserve(event, 1), second)


ENDINGS: dict[str, Callable[[Booking], object]] = {
    "given up": lambda booking: reservations.give_up(booking_id=booking.pk),
    "cancelled": lambda booking: cancellations.cancel(booking_id=booking.pk, reason="test"),
    "expired": lambda booking: (clock.advance(timedelta(minutes=16)), reservations.expire(booking_id=booking.pk)),
    "lapsed, with every worker dead": lambda booking: clock.advance(timedelta(minutes=16)),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_has_ended_counts_no_more(noon: datetime, ending: str) -> None:
    """R13: also a reservation that ran out while nobody cleaned up."""
    event = event_on_sale(max_per_customer=2)
    ENDINGS[ending](with_details(reserve(event, 2)))
    assert with_details(reserve(event, 2)).has_details
    assert list(violations()) == []


# --- The lost link --------------------------------------------------------------------------------


def test_the_link_goes_to_the_address_on_the_booking(noon: datetime) -> None:
    """S20"""
    booking = with_details(reserve(event_on_sale()), "Ada@Example.com")
    customers.send_link(code=booking.code, email=" ada@example.COM ")
    message = Message.objects.get()
    assert (message.kind, message.to) == ("booking-link", "Ada@Example.com")
    assert booking.get_absolute_url() in message.text
    assert booking.get_absolute_url() in message.html


@pytest.mark.parametrize(
    ("code", "email"), [(None, "mallory@example.com"), ("BK-20260601-222222", "ada@example.com"), (None, "")]
)
def test_what_does_not_fit_is_answered_by_nothing(noon: datetime, code: str | None, email: str) -> None:
    """S20"""
    booking = with_details(reserve(event_on_sale()))
    customers.send_link(code=code or booking.code, email=email)
    assert not Message.objects.exists()


def test_a_booking_of_nobody_is_mailed_to_nobody(noon: datetime) -> None:
    booking = reserve(event_on_sale())
    customers.send_link(code=booking.code, email="")
    assert not Message.objects.exists()


def test_a_link_may_be_asked_for_again(noon: datetime) -> None:
    booking = with_details(reserve(event_on_sale()))
    for _time in range(2):
        customers.send_link(code=booking.code, email="ada@example.com")
    assert Message.objects.filter(kind="booking-link").count() == 2


# --- Accounts -------------------------------------------------------------------------------------


def reserved_for(person: User | None, event: Event | None = None, *, by: User | None = None) -> Booking:
    """Reserve one place for an account."""
    event = event or event_on_sale()
    price = Price.objects.get(price_level__event=event)
    return reservations.reserve(
        event=event, quantities={price.pk: 1}, key=codes.secret(), customer=person, by=by or person
    )


def named(booking: Booking, *, name: str = "Ada Example", email: str = "ada@example.com", **more: Any) -> Booking:
    """Say whose it is."""
    return customers.give_details(booking_id=booking.pk, name=name, email=email, **more)


def test_a_booking_is_its_customers_and_the_trail_names_who_made_it(noon: datetime) -> None:
    ada, seller = customer(), member("support")
    sold = reserved_for(ada, by=seller)
    over_the_counter = reserved_for(None, by=seller)
    assert (sold.user, over_the_counter.user) == (ada, None)
    assert {entry.by for entry in AuditEntry.objects.filter(action="booking.reserved")} == {seller}


def test_a_profile_with_gaps_is_filled_in_once(noon: datetime) -> None:
    """U26"""
    ada = customer(email="ada@example.com", name="", phone="")
    named(reserved_for(ada), phone="+49 30 1", by=ada)
    ada.refresh_from_db()
    assert (ada.name, ada.phone) == ("Ada Example", "+49 30 1")
    named(reserved_for(ada), name="Somebody Else", phone="+49 30 2", by=ada)
    ada.refresh_from_db()
    assert (ada.name, ada.phone) == ("Ada Example", "+49 30 1")


@pytest.mark.parametrize("how", ["another address", "somebody else's booking", "said by staff", "said by a guest"])
def test_a_profile_is_filled_in_by_its_owner_about_themselves_alone(noon: datetime, how: str) -> None:
    ada, staff = customer(email="ada@example.com", name=""), member("support", name="")
    booking = reserved_for(None if how == "somebody else's booking" else ada)
    by = {"said by staff": staff, "said by a guest": None}.get(how, ada)
    named(booking, email="friend@example.com" if how == "another address" else "ada@example.com", by=by)
    assert set(User.objects.values_list("name", "phone")) == {("", "")}


def test_another_address_takes_a_booking_from_the_account_that_did_not_say_so(noon: datetime) -> None:
    """S19: who was mailed the booking by mistake sees nothing of what comes after"""
    ada = customer(email="ada@example.com")
    booking = named(reserved_for(None))
    assert customers.claim(user_id=ada.pk) == 1
    changed = named(booking, email="bob@example.com")
    assert (changed.user, changed.secret == booking.secret) == (None, False)


def test_who_books_for_another_address_keeps_the_booking(noon: datetime) -> None:
    ada = customer(email="ada@example.com")
    booking = named(reserved_for(ada), by=ada)
    assert named(booking, email="friend@example.com", by=ada).user == ada


def test_bookings_of_a_guest_are_claimed_by_the_verified_address(noon: datetime) -> None:
    mine, also_mine = paid(event_on_sale()), named(reserved_for(None), email=" ADA@Example.com ")
    others, nobodys = named(reserved_for(None), email="bob@example.com"), reserved_for(None)
    ada = customer(email="ada@example.com")
    assert customers.claim(user_id=ada.pk) == 2
    assert set(Booking.objects.filter(user=ada)) == {mine, also_mine}
    assert set(Booking.objects.filter(user=None)) == {others, nobodys}
    entries = AuditEntry.objects.filter(action="booking.claimed").order_by("pk")
    assert [(entry.object_id, entry.by, entry.facts) for entry in entries] == [
        (mine.pk, ada, {}),
        (also_mine.pk, ada, {}),
    ]
    assert customers.claim(user_id=ada.pk) == 0
    assert AuditEntry.objects.filter(action="booking.claimed").count() == 2


@pytest.mark.parametrize("proof", ["none", "unverified", "of another address", "of another person"])
def test_an_address_that_is_not_proved_claims_nothing(noon: datetime, proof: str) -> None:
    """S9"""
    paid(event_on_sale())
    mallory = UserFactory(email="ada@example.com")
    if proof == "unverified":
        EmailAddress.objects.create(user=mallory, email="ada@example.com", verified=False, primary=True)
    if proof == "of another address":
        EmailAddress.objects.create(user=mallory, email="mallory@example.com", verified=True, primary=True)
    if proof == "of another person":
        EmailAddress.objects.create(user=UserFactory(), email="ada@example.com", verified=True, primary=True)
    assert not customers.can_claim(mallory)
    assert customers.claim(user_id=mallory.pk) == 0
    assert Booking.objects.get().user is None


def test_a_booking_of_another_account_is_not_taken(noon: datetime) -> None:
    """S9"""
    bob = customer(email="bob@example.com")
    named(reserved_for(bob), by=bob)
    assert customers.claim(user_id=customer(email="ada@example.com").pk) == 0
    assert Booking.objects.get().user == bob


@pytest.mark.parametrize("lookalike", ["ada@straße.example", "ada+x@strasse.example", "ada@strasse.example.com"])
def test_an_address_that_only_looks_alike_claims_nothing(noon: datetime, lookalike: str) -> None:
    """S9: ß is counted as ss, and is another house"""
    named(reserved_for(None), email=lookalike)
    assert customers.claim(user_id=customer(email="ada@strasse.example").pk) == 0
    assert Booking.objects.get().user is None


def test_who_signs_in_has_their_bookings(noon: datetime, client: Client) -> None:
    booking = paid(event_on_sale())
    ada = customer(email="ada@example.com")
    client.force_login(ada)
    booking.refresh_from_db()
    assert booking.user == ada


def test_nobody_is_kept_out_because_nothing_could_be_claimed(
    noon: datetime, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Inside a transaction no service can begin its own."""
    paid(event_on_sale())
    with transaction.atomic():
        client.force_login(customer(email="ada@example.com"))
    assert client.get(reverse("account")).status_code == 200
    assert "could not be claimed" in caplog.text
    assert "ada@example.com" not in caplog.text
    assert Booking.objects.get().user is None


def test_the_details_of_one_account_are_not_anothers(noon: datetime) -> None:
    """S9: one browser, two people, one after the other"""
    event, ada, bob = event_on_sale(), customer(email="ada@example.com"), customer()
    price = Price.objects.get(price_level__event=event)
    first = named(reserved_for(ada, event), by=ada)
    wish = {"event": event, "quantities": {price.pk: 2}, "replacing": first.pk}
    second = reservations.reserve(**wish, key=codes.secret(), customer=bob, by=bob)
    assert second.replaces == first
    assert renewals.known_details(second) == {}
    assert renewals.known_details(first)["email"] == "ada@example.com"


@pytest.mark.parametrize("who", ["the same account", "a guest", "another account"])
def test_the_same_places_again_take_over_ones_own_details_alone(noon: datetime, who: str) -> None:
    """S9, U26"""
    ada = customer(email="ada@example.com")
    first = named(reserved_for(ada), by=ada)
    clock.advance(timedelta(minutes=16))
    person = {"the same account": ada, "a guest": None, "another account": customer()}[who]
    renewal = renewals.reserve_again(booking_id=first.pk, key=codes.secret(), customer=person, by=person)
    renewal.booking.refresh_from_db()
    assert renewal.booking.user == person
    assert renewal.booking.email == ("" if who == "another account" else "ada@example.com")


# --- The end of an account ------------------------------------------------------------------------


def test_a_deleted_account_leaves_valid_bookings_of_a_guest(noon: datetime, client: Client) -> None:
    ada = customer(email="ada@example.com", phone="+49 30 1")
    client.force_login(ada)
    booking = paid(event_on_sale())
    customers.claim(user_id=ada.pk)
    customers.delete_account(user_id=ada.pk, by=ada)
    booking.refresh_from_db()
    assert (booking.user, booking.status, booking.email) == (None, "confirmed", "ada@example.com")
    assert client.get(booking.get_absolute_url()).status_code == 200
    entry = AuditEntry.objects.get(action="person.deleted")
    assert (entry.object_id, entry.by_id, entry.facts) == (ada.pk, ada.pk, {"bookings": 1, "erased": 0})
    again = customer(email="ada@example.com")
    assert customers.claim(user_id=again.pk) == 1
    assert list(violations()) == []


def test_nothing_of_another_account_changes(noon: datetime) -> None:
    """S9"""
    ada, bob = customer(email="ada@example.com"), customer(email="bob@example.com", name="Bob")
    bobs = named(reserved_for(bob), email="bob@example.com", by=bob)
    customers.delete_account(user_id=ada.pk, by=ada)
    bob.refresh_from_db()
    bobs.refresh_from_db()
    assert (bob.email, bob.name, bob.is_active, bobs.user) == ("bob@example.com", "Bob", True, bob)
    assert EmailAddress.objects.get().user == bob


def test_the_only_admin_stays_with_all_that_is_theirs(noon: datetime) -> None:
    admin = member("admin", OrganizationFactory(name="The House"), email="ada@example.com")
    booking = named(reserved_for(admin), by=admin)
    with pytest.raises(people.LastAdmin, match="You are the only admin of The House"):
        customers.delete_account(user_id=admin.pk, by=admin)
    admin.refresh_from_db()
    booking.refresh_from_db()
    assert (admin.email, admin.is_active, booking.user) == ("ada@example.com", True, admin)
    assert EmailAddress.objects.filter(user=admin).exists()
    assert not AuditEntry.objects.filter(action="person.deleted").exists()
