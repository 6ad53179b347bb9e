"""What an account has of bookings: the list, the purchase of who is signed in, and the account's end."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from bookings.models import Booking
from bookings.services import cancellations, customers, payments, reservations
from core import clock, codes
from core.models import AuditEntry
from events.models import Event, Price
from tests.accounts.people import just_signed_in
from tests.factories import OrganizationFactory, customer, event_on_sale, handed_over, member, paid, reserve, settle
from tests.pages import DETAILS, page, post_choice, text_of

pytestmark = pytest.mark.django_db

MINE, DELETE, DELETED = "/account/bookings/", "/account/delete/", "/account/deleted/"
SIGN_IN = "/account/login/?next="


@pytest.fixture
def ada(noon: datetime, client: Client) -> User:
    person = customer(email="ada@example.com", name="", phone="", password=make_password(None))
    just_signed_in(client, person)
    return person


def reserved_by(person: User, event: Event | None = None, **fields: Any) -> Booking:
    """Reserve two places for somebody who is signed in."""
    event = event or event_on_sale(**fields)
    price = Price.objects.get(price_level__event=event)
    quantities = {price.pk: 2}
    return reservations.reserve(event=event, quantities=quantities, key=codes.secret(), customer=person, by=person)


def paid_by(person: User, event: Event | None = None, **fields: Any) -> Booking:
    """Return a confirmed booking of somebody."""
    return settle(handed_over(reserved_by(person, event, **fields)))


def listed(client: Client, shelf: str = "", **extra: Any) -> list[Booking]:
    """The bookings on a page, in their order."""
    return list(client.get(MINE, {"show": shelf} if shelf else {}, **extra).context["page"])


# --- The list -------------------------------------------------------------------------------------


def test_every_booking_is_on_one_shelf_and_what_is_to_be_paid_comes_first(client: Client, ada: User) -> None:
    later = paid_by(ada, starts_at=clock.now() + timedelta(days=20))
    sooner = paid_by(ada, starts_at=clock.now() + timedelta(days=10))
    past = paid_by(ada, starts_at=clock.now() + timedelta(days=1))
    cancelled = cancellations.cancel(booking_id=paid_by(ada).pk, reason="test")
    lapsed = reserved_by(ada)
    clock.advance(timedelta(days=2))
    to_be_paid = reserved_by(ada, starts_at=clock.now() + timedelta(days=40))
    assert listed(client) == listed(client, "coming") == listed(client, "nothing known") == [to_be_paid, sooner, later]
    assert listed(client, "past") == [past]
    assert listed(client, "ended") == [lapsed, cancelled]
    assert dict(client.get(MINE).context["shelves"]) == {"coming": 3, "past": 1, "ended": 2}
    reservations.expire_due()
    assert listed(client, "ended") == [lapsed, cancelled]


def test_a_booking_is_told_in_full_and_leads_to_its_page(client: Client, ada: User) -> None:
    starts_at = datetime(2026, 7, 4, 18, tzinfo=clock.now().tzinfo)
    booking = paid_by(ada, title="Songs", venue__name="The Lantern", starts_at=starts_at)
    response = client.get(MINE)
    text = text_of(response)
    for said in ("Songs", "The Lantern", "Sat, 4 Jul 2026, 20:00 (CEST)", booking.code, "2 places", "confirmed"):
        assert said in text
    assert booking.total_text in text
    assert f'href="{booking.get_absolute_url()}"' in response.content.decode()


def test_what_is_to_be_paid_says_how_much_and_until_when(client: Client, ada: User) -> None:
    booking = reserved_by(ada)
    text = text_of(client.get(MINE))
    assert f"Pay now: {booking.total_text}" in text
    assert "kept until 14:15 (CEST)" in text
    clock.advance(timedelta(minutes=16))
    assert "Pay now" not in text_of(client.get(MINE)) + text_of(client.get(MINE, {"show": "ended"}))
    assert "expired" in text_of(client.get(MINE, {"show": "ended"}))


def test_what_a_later_choice_took_the_place_of_is_not_listed(client: Client, ada: User) -> None:
    event = event_on_sale()
    post_choice(client, event)
    first = Booking.objects.get()
    post_choice(client, event)
    second = Booking.objects.exclude(pk=first.pk).get()
    assert (first.user, second.user, second.replaces) == (ada, ada, first)
    assert (listed(client), listed(client, "ended")) == ([second], [])


@pytest.mark.parametrize("shelf", ["coming", "past", "ended"])
def test_an_empty_shelf_says_so_and_knows_a_way_on(client: Client, ada: User, shelf: str) -> None:
    response = client.get(MINE, {"show": shelf})
    assert list(response.context["page"]) == []
    assert "Booked as a guest with another address? Find my booking" in text_of(response)
    assert reverse("bookings:find") in response.content.decode()


def test_one_booking_and_fifty_ask_the_database_as_often(client: Client, ada: User) -> None:
    event = event_on_sale(levels={"Standing": 200})
    reserved_by(ada, event)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(MINE).status_code == 200
        return len(asked)

    one = queries()
    for _number in range(49):
        reserved_by(ada, event)
    assert Booking.objects.filter(user=ada).count() == 50
    assert queries() == one


def test_many_bookings_are_on_several_pages_of_their_shelf(client: Client, ada: User) -> None:
    event = event_on_sale(levels={"Standing": 200})
    bookings = [paid_by(ada, event) for _number in range(21)]
    clock.advance(timedelta(days=60))
    pages = [client.get(MINE, {"show": "past", "page": number}) for number in (1, 2)]
    assert [booking for response in pages for booking in response.context["page"]] == bookings[::-1]
    assert "?show=past&amp;page=2" in pages[0].content.decode()
    assert client.get(MINE, {"show": "past", "page": "x"}).status_code == 200
    assert client.get(MINE, {"show": "past", "page": "99"}).status_code == 200


# --- Whose they are (S9, S10, S50) ----------------------------------------------------------------


@pytest.mark.parametrize("shelf", ["coming", "past", "ended"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}, {"HX-Request": "true", "HX-Boosted": "true"}])
def test_nobody_sees_anothers_bookings(client: Client, ada: User, shelf: str, headers: dict[str, str]) -> None:
    """S9, S10"""
    coming = paid_by(ada)
    past = paid_by(ada, starts_at=clock.now() + timedelta(days=1))
    gone = reserved_by(ada)
    reservations.give_up(booking_id=gone.pk)
    clock.advance(timedelta(days=2))
    bob, seller = customer(email="bob@example.com"), member("admin", coming.organization)
    for stranger in (bob, seller):
        client.force_login(stranger)
        for query in ({}, {"user": ada.pk}, {"email": ada.email}):
            response = client.get(MINE, {"show": shelf} | query, headers=headers)
            assert list(response.context["page"]) == []
            for booking in (coming, past, gone):
                assert booking.code not in response.content.decode()
                assert booking.secret not in response.content.decode()


@pytest.mark.parametrize("address", [MINE, DELETE])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_strangers_are_sent_to_sign_in(client: Client, noon: datetime, address: str, headers: dict[str, str]) -> None:
    """S10, S50"""
    for method in (client.get, client.head):
        response = method(address, headers=headers)
        assert (response.status_code, response.headers["Location"]) == (302, SIGN_IN + address)
        assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("address", [MINE, DELETE, DELETED])
def test_a_page_of_the_account_is_in_no_cache(client: Client, ada: User, address: str) -> None:
    """S50"""
    response = client.get(address)
    assert response.status_code == 200
    assert {"no-store", "private"} <= set(response.headers["Cache-Control"].split(", "))


def test_the_links_on_the_list_go_to_no_other_site(client: Client, ada: User) -> None:
    """S19"""
    assert client.get(MINE).headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_the_list_is_only_looked_at(client: Client, ada: User, method: str) -> None:
    """S14"""
    before = Booking.objects.count()
    assert getattr(client, method)(MINE).status_code == 405
    assert Booking.objects.count() == before


def test_being_signed_in_opens_nothing_without_the_secret(client: Client, ada: User) -> None:
    """S18, S9: nor does the code, the number or a secret that was renewed"""
    booking = paid_by(ada)
    old = booking.secret
    renewed = customers.renew_link(booking_id=booking.pk)
    for known in (booking.code, booking.pk, old, codes.secret()):
        assert client.get(f"/bookings/{known}/").status_code == 404
    assert f"/bookings/{renewed.secret}/" in client.get(MINE).content.decode()


def test_another_customer_finds_nothing_by_code(client: Client, ada: User) -> None:
    """S20: being signed in makes no difference to the lost link"""
    booking = paid_by(ada)
    client.force_login(customer(email="bob@example.com"))
    answers = [
        client.post(reverse("bookings:find"), {"code": code, "email": "bob@example.com"})
        for code in (booking.code, "BK-20260601-222222")
    ]
    assert len({(answer.status_code, answer.headers["Location"], answer.content) for answer in answers}) == 1
    assert booking.code not in client.get(answers[0].headers["Location"]).content.decode()


# --- Claiming -------------------------------------------------------------------------------------


def test_what_was_booked_as_a_guest_is_there_when_the_list_is_opened(client: Client, ada: User) -> None:
    booking = paid(event_on_sale())
    assert booking.user is None
    assert listed(client) == [booking]
    booking.refresh_from_db()
    assert booking.user == ada


def test_an_unproved_address_shows_nothing(client: Client, ada: User) -> None:
    """S9"""
    EmailAddress.objects.filter(user=ada).update(verified=False)
    paid(event_on_sale())
    assert listed(client) == []
    assert Booking.objects.get().user is None


def test_a_reservation_that_went_to_another_address_is_gone_from_the_list(client: Client, ada: User) -> None:
    """S19"""
    booking = customers.give_details(booking_id=reserve(event_on_sale()).pk, name="A", email="ada@example.com")
    assert listed(client) == [booking]
    Client().post(page(booking, "details"), DETAILS | {"email": "bob@example.com"})
    assert listed(client) == []
    booking.refresh_from_db()
    assert (booking.user, booking.email) == (None, "bob@example.com")


# --- Buying while signed in -----------------------------------------------------------------------


def test_who_is_signed_in_books_for_themselves(client: Client, ada: User) -> None:
    event = event_on_sale()
    post_choice(client, event)
    booking = Booking.objects.get()
    client.post(page(booking, "extend"))
    client.post(page(booking, "details"), DETAILS)
    client.post(page(booking, "give-up"))
    trail = AuditEntry.objects.filter(object_type="bookings.booking", object_id=booking.pk).order_by("pk")
    assert [(entry.action, entry.by) for entry in trail] == [
        ("booking.reserved", ada),
        ("booking.extended", ada),
        ("booking.details_given", ada),
        ("booking.cancelled", ada),
    ]
    assert booking.user == ada


def test_a_guest_books_for_nobody_in_particular(client: Client, noon: datetime) -> None:
    post_choice(client, event_on_sale())
    assert Booking.objects.get().user is None
    assert not AuditEntry.objects.exclude(by=None).exists()


@pytest.mark.parametrize("field", ["user", "customer", "by", "user_id", "status", "is_staff"])
def test_nobody_books_in_anothers_name(client: Client, ada: User, field: str) -> None:
    """S13"""
    bob, event = customer(email="bob@example.com"), event_on_sale()
    price = Price.objects.get(price_level__event=event)
    wish = {"key": codes.secret(), f"price_{price.pk}": 1, field: bob.pk}
    client.post(reverse("bookings:reserve", args=[event.slug]), wish)
    booking = Booking.objects.get()
    client.post(page(booking, "details"), DETAILS | {field: bob.pk})
    booking.refresh_from_db()
    assert (booking.user, booking.status) == (ada, "pending")
    bob.refresh_from_db()
    assert (bob.email, bob.is_staff) == ("bob@example.com", False)


def test_nothing_is_asked_that_the_profile_knows(client: Client, ada: User) -> None:
    """U26"""
    User.objects.filter(pk=ada.pk).update(name="Ada Žoë", phone="+49 30 1")
    post_choice(client, event_on_sale())
    booking = Booking.objects.get()
    response = client.get(page(booking, "details"))
    assert response.context["form"].initial == {"name": "Ada Žoë", "email": "ada@example.com", "phone": "+49 30 1"}
    assert "fill the gaps in your profile" not in text_of(response)


def test_what_the_profile_does_not_know_is_asked_once(client: Client, ada: User) -> None:
    """U26"""
    post_choice(client, event_on_sale())
    first = Booking.objects.get()
    assert "fill the gaps in your profile" in text_of(client.get(page(first, "details")))
    said = {"name": "Ada Žoë", "email": "ada@example.com", "phone": "+49 30 1"}
    client.post(page(first, "details"), said)
    post_choice(client, event_on_sale())
    second = Booking.objects.exclude(pk=first.pk).get()
    assert client.get(page(second, "details")).context["form"].initial == said


def test_what_the_booking_knows_is_not_overwritten_by_the_profile(client: Client, ada: User) -> None:
    """U26"""
    User.objects.filter(pk=ada.pk).update(name="Ada Žoë")
    post_choice(client, event_on_sale())
    booking = Booking.objects.get()
    said = {"name": "A Friend", "email": "friend@example.com", "phone": ""}
    client.post(page(booking, "details"), said)
    assert client.get(page(booking, "details")).context["form"].initial == said


def test_a_guest_is_told_nothing_of_profiles(client: Client, noon: datetime) -> None:
    post_choice(client, event_on_sale())
    response = client.get(page(Booking.objects.get(), "details"))
    assert response.context["form"].initial == {}
    assert "No account is needed" in text_of(response)


def test_a_link_that_somebody_passed_on_shows_no_profile_of_its_owner(client: Client, ada: User) -> None:
    """S9: who has the link goes on with the booking, with their own details"""
    User.objects.filter(pk=ada.pk).update(name="Ada Žoë", phone="+49 30 1")
    booking = reserved_by(ada)
    bob = customer(email="bob@example.com", name="Bob", phone="")
    client.force_login(bob)
    response = client.get(page(booking, "details"))
    assert response.context["form"].initial == {"name": "Bob", "email": "bob@example.com", "phone": ""}
    client.post(page(booking, "details"), DETAILS | {"email": "bob@example.com", "phone": "+49 30 2"})
    bob.refresh_from_db()
    assert bob.phone == ""


# --- The end of the account -----------------------------------------------------------------------


def test_looking_at_what_would_happen_changes_nothing(client: Client, ada: User) -> None:
    """S14"""
    booking, before = paid_by(ada), User.objects.values().get()
    for method in ("get", "head"):
        assert getattr(client, method)(DELETE, {"sure": "on"}).status_code == 200
    for method in ("put", "delete", "patch"):
        assert getattr(client, method)(DELETE).status_code == 405
    assert User.objects.values().get() == before
    booking.refresh_from_db()
    assert booking.user == ada


def test_without_the_tick_nothing_is_deleted(client: Client, ada: User) -> None:
    before = User.objects.values().get()
    response = client.post(DELETE, {})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"sure"}
    assert User.objects.values().get() == before


def test_a_form_from_elsewhere_deletes_nothing(ada: User) -> None:
    """S15"""
    client = Client(enforce_csrf_checks=True)
    just_signed_in(client, ada)
    assert client.post(DELETE, {"sure": "on"}).status_code == 403
    assert User.objects.get().email == "ada@example.com"


def test_who_deletes_the_account_is_signed_out_and_the_bookings_stay(client: Client, ada: User) -> None:
    booking, elsewhere = paid_by(ada), Client()
    elsewhere.force_login(ada)
    response = client.post(DELETE, {"sure": "on", "user": customer().pk})
    assert (response.status_code, response.headers["Location"]) == (303, DELETED)
    assert "Goodbye" in text_of(client.get(DELETED))
    for browser in (client, elsewhere):
        assert browser.get(MINE).headers["Location"] == SIGN_IN + MINE
    assert settings.SESSION_COOKIE_NAME not in client.cookies or not client.cookies[settings.SESSION_COOKIE_NAME].value
    assert client.get(booking.get_absolute_url()).status_code == 200
    assert User.objects.filter(is_active=True).count() == 1


def test_the_password_is_asked_for_first(ada: User) -> None:
    """S4: a session that was left open deletes nothing"""
    ada.set_password("correct horse battery")
    ada.save()
    client = Client()
    client.force_login(ada)
    assert client.get(DELETE).headers["Location"].startswith("/account/reauthenticate/")
    assert client.post(DELETE, {"sure": "on"}).headers["Location"] == DELETE
    client.post("/account/reauthenticate/?next=" + DELETE, {"password": "wrong"})
    assert client.get(DELETE).status_code == 302
    client.post("/account/reauthenticate/?next=" + DELETE, {"password": "correct horse battery"})
    assert User.objects.get().email == "ada@example.com"  # what was sent before the password counts for nothing
    assert client.get(DELETE).status_code == 200
    assert client.post(DELETE, {"sure": "on"}).headers["Location"] == DELETED


def test_the_only_admin_is_told_why_not(client: Client, noon: datetime) -> None:
    admin = member("admin", OrganizationFactory(name="The House"), password=make_password(None))
    just_signed_in(client, admin)
    shown = client.get(DELETE)
    refused = client.post(DELETE, {"sure": "on"})
    assert (shown.status_code, refused.status_code) == (200, 409)
    for response in (shown, refused):
        assert "You are the only admin of The House." in text_of(response)
        assert 'name="sure"' not in response.content.decode()
    admin.refresh_from_db()
    assert admin.is_active
    assert client.get(MINE).status_code == 200


def test_money_that_comes_after_the_account_is_gone_is_still_taken(client: Client, ada: User) -> None:
    payment = handed_over(reserved_by(ada))
    client.post(DELETE, {"sure": "on"})
    assert settle(payment).status == "confirmed"
    assert payments.look_up(booking=Booking.objects.get()) is None
