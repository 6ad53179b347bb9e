"""Customers in the admin."""

from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services import people
from bookings.models import Booking
from bookings.services import payments
from events.models import Event
from tests.backoffice.desk import at_work
from tests.factories import customer, event_on_sale, paid, reserve, with_details
from tests.pages import text_of

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/user/"


def bought(person: User, event: Event, quantity: int = 1) -> Booking:
    booking = paid(event, quantity)
    Booking.objects.filter(pk=booking.pk).update(user=person)
    return booking


@pytest.fixture
def event(noon: datetime) -> Event:
    return event_on_sale(levels={"Standing": 60})


@pytest.fixture
def client(event: Event) -> Client:
    return at_work("support", event.organization)[0]


def test_customers_are_who_has_bookings_here(event: Event, client: Client) -> None:
    """S9: each once, and with what they bought here alone."""
    ada, bob = customer(name="Ada", email="ada@example.com"), customer(name="Bob", email="bob@example.com")
    bought(ada, event, 2)
    bought(ada, event, 1)
    elsewhere = event_on_sale(title="Elsewhere")
    theirs, foreign = bought(ada, elsewhere, 3), bought(bob, elsewhere)
    page = client.get(LIST)
    assert [person.email for person in page.context["cl"].result_list] == ["ada@example.com"]
    assert "ada@example.com Ada 2 €64.50 Mon, 1 Jun 2026, 14:00 (CEST)" in text_of(page)
    one = client.get(f"{LIST}{ada.pk}/change/")
    assert "2 bookings, spent: €64.50" in text_of(one)
    assert theirs.code not in one.content.decode()
    assert "Elsewhere" not in one.content.decode()
    assert client.get(f"{LIST}{bob.pk}/change/").status_code == 404
    assert foreign.code not in page.content.decode()


def test_a_present_is_nothing_that_a_customer_spent(event: Event, client: Client) -> None:
    ada = customer()
    bought(ada, event, 2)
    given = with_details(reserve(event, 3))
    payments.record_by_hand(booking_id=given.pk, how="complimentary", by=None)
    Booking.objects.filter(pk=given.pk).update(user=ada)
    assert "2 bookings, spent: €43.00" in text_of(client.get(f"{LIST}{ada.pk}/change/"))


def test_what_a_customer_did_elsewhere_is_not_in_the_history(event: Event, client: Client) -> None:
    """S11: the account belongs to no house, so neither does its trail."""
    ada = customer()
    bought(ada, event)
    people.change_profile(user_id=ada.pk, name="Ada", phone="0301234", language="de", by=ada)
    page = client.get(f"{LIST}{ada.pk}/history/")
    assert page.status_code == 200
    assert list(page.context["entries"]) == []


def test_customers_are_found_by_name_and_address(event: Event, client: Client) -> None:
    ada = customer(name="Ada Lovelace", email="countess@example.com")
    bought(ada, event)
    for term, count in (("lovelace", 1), ("countess", 1), ("bob", 0)):
        assert client.get(LIST, {"q": term}).context["cl"].result_count == count


def test_colleagues_without_bookings_are_no_customers(event: Event, client: Client) -> None:
    """S9"""
    chief = at_work("admin", event.organization)[1]
    assert client.get(f"{LIST}{chief.pk}/change/").status_code == 404
    assert client.get(LIST).context["cl"].result_count == 0


def test_nothing_of_a_person_is_typed_or_shown_that_is_nobodys_business(event: Event, client: Client) -> None:
    """S13, S33"""
    ada = customer(name="Ada")
    ada.set_password("correct horse battery")
    ada.save()
    bought(ada, event)
    before = User.objects.values().get(pk=ada.pk)
    address = f"{LIST}{ada.pk}/change/"
    assert client.post(address, {"is_superuser": "on", "email": "x@example.com"}).status_code == 403
    assert client.get(f"{LIST}{ada.pk}/password/change/").status_code == 404
    assert ada.password not in client.get(address).content.decode()
    assert client.get(LIST, {"password__startswith": "m"}).status_code in (302, 400)
    assert client.get(LIST, {"is_superuser__exact": "1"}).status_code in (302, 400)
    assert User.objects.values().get(pk=ada.pk) == before


@pytest.mark.parametrize(("role", "status"), [("analyst", 403), ("entry_manager", 403), ("organizer", 200)])
def test_customers_are_for_who_may_see_bookings(event: Event, role: str, status: int) -> None:
    """S8"""
    assert at_work(role, event.organization)[0].get(LIST).status_code == status


def test_one_customer_and_many_take_the_same_number_of_queries(event: Event, client: Client) -> None:
    bought(customer(), event)
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for _number in range(8):
        bought(customer(), event)
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)
    assert len(many) == len(few)
