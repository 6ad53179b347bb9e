"""What staff do on request of somebody with an address: look, export, erase."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Organization, User
from backoffice.models import Import, ImportRow
from backoffice.services import imports
from backoffice.services.imports.customers import Customers
from backoffice.services.imports.kinds import Lines, digest
from bookings.models import Booking
from bookings.queries import persons
from bookings.queries.promises import violations
from bookings.services import customers, erasure
from core import clock
from core.models import AuditEntry
from tests.backoffice.desk import at_work
from tests.backoffice.test_imports import brought, checked, file, sold
from tests.factories import OrganizationFactory, customer, event_on_sale, paid
from tests.pages import text_of

pytestmark = pytest.mark.django_db

PAGE, EXPORT, ERASE = "/admin/people/", "/admin/people/export/", "/admin/people/erase/"
ADA = {"email": "ada@example.com"}


@pytest.fixture
def booking(noon: datetime) -> Booking:
    return paid(event_on_sale())


def test_an_address_is_looked_up_and_what_would_stay_is_named(booking: Booking) -> None:
    """S52"""
    client, _chief = at_work("admin", booking.organization)
    text = text_of(client.post(PAGE, ADA))
    assert "Bookings: 1" in text
    assert "These stay until they are over (the event, money on its way, an open question)." in text
    assert booking.code in text
    assert "Nothing." in text_of(client.post(PAGE, {"email": "nobody@example.com"}))
    assert "Enter a valid email address" in text_of(client.post(PAGE, {"email": "ada"}))


def test_it_is_exported_and_that_is_written_down(booking: Booking) -> None:
    """S51, S52"""
    client, chief = at_work("admin", booking.organization)
    response = client.post(EXPORT, ADA)
    assert [each["code"] for each in response.json()["bookings"]] == [booking.code]
    entry = AuditEntry.objects.get(action="person.exported")
    assert (entry.by, entry.facts, entry.organization) == (chief, {"bookings": 1}, booking.organization)
    assert client.post(EXPORT, {"email": ""}).status_code == 422


def test_it_is_erased_once_the_address_is_typed(booking: Booking) -> None:
    """S52"""
    client, _chief = at_work("admin", booking.organization)
    clock.advance(timedelta(days=40))
    for typed in ("", "eve@example.com"):
        response = client.post(ERASE, ADA | {"typed": typed})
        assert response.status_code == 422
        assert "Bookings: 1" in text_of(response)
    booking.refresh_from_db()
    assert booking.email == "ada@example.com"
    response = client.post(ERASE, ADA | {"typed": " Ada@example.com"}, follow=True)
    assert "Erased. Bookings: 1; kept for now: 0." in text_of(response)
    booking.refresh_from_db()
    assert booking.is_erased
    assert client.post(ERASE, {}).status_code == 422


def test_another_house_finds_and_erases_nothing(booking: Booking) -> None:
    """S8"""
    client, _chief = at_work("admin")
    clock.advance(timedelta(days=40))
    assert "Nothing." in text_of(client.post(PAGE, ADA))
    assert client.post(EXPORT, ADA).json()["bookings"] == []
    client.post(ERASE, ADA | {"typed": ADA["email"]})
    booking.refresh_from_db()
    assert booking.email == "ada@example.com"


# --- Lines of files ------------------------------------------------------------------------------------

BOB = {"email": "bob@example.com", "name": "Bob"}
"""Whose lines stay as they are."""


@pytest.fixture
def house(noon: datetime) -> Organization:
    return event_on_sale(title="Songs at Night", levels={"Standing": 20}, max_per_customer=None).organization


def rows(found: Import) -> list[tuple[str, dict[str, str]]]:
    return list(found.rows.order_by("number").values_list("status", "cells"))


def left_of(*words: str) -> list[dict[str, Any]]:
    """Return lines of any import in which one of these words is left, in any column of the table."""
    said = [{**row, "cells": json.dumps(row["cells"], ensure_ascii=False)} for row in ImportRow.objects.values()]
    return [row for row in said if any(word.lower() in str(value).lower() for value in row.values() for word in words)]


def test_lines_that_wait_are_told_and_erased(house: Organization) -> None:
    """S51, S52: a sale stays one, of nobody; what only says who somebody is, is passed over."""
    lines = [
        sold(phone="0301"),
        sold(code="A-2", email="ADA@example.com", level="Nowhere", phone="0301"),
        sold(code="A-2", email="", level="Nowhere", phone="0301"),
        sold(code="A-3", email="Ada <ada@example.com>"),
        sold(code="A-4", email="", phone="", name="", paid_by="ada@example.com", ticket_type="Ada Example"),
        sold(code="A-5") | BOB,
        sold(code="A-6") | {"email": "nada@example.com", "name": "Nada"},
    ]
    bookings = checked(house, "bookings", file(*lines))
    people = checked(house, "customers", file(ADA | {"name": "Ada Example"}, BOB))
    client, _chief = at_work("admin", house)
    assert "can't be: 6" in text_of(client.post(PAGE, ADA))
    told = client.post(EXPORT, ADA).json()["lines_of_imports"]
    assert sorted(each["line"] for each in told) == [2, 2, 3, 4, 5, 6]
    assert told[0]["says"]["name"] == "Ada Example"
    before = rows(bookings)
    client.post(ERASE, ADA | {"typed": ADA["email"]})
    assert left_of(" ada ", '"ada@', "<ada@", "Ada Example", "0301", digest(["ada@example.com"])) == []
    status, cells = zip(*rows(bookings), strict=True)
    assert status == ("fine", "failed", "failed", "failed", "skipped", "fine", "fine")
    assert cells[0] == {name: text for name, text in before[0][1].items() if name not in ("name", "email", "phone")}
    assert rows(bookings)[-2:] == before[-2:]
    assert rows(people) == [("skipped", {}), ("fine", BOB)]
    assert "Nothing." in text_of(client.post(PAGE, ADA))
    for found in (bookings, people):
        imports.confirm(import_id=found.pk)
        imports.work(import_id=found.pk)
    assert list(Booking.objects.order_by("pk").values_list("external_code", "email")) == [
        ("A-1", ""),
        ("A-5", "bob@example.com"),
        ("A-6", "nada@example.com"),
    ]
    assert not User.objects.filter(email="ada@example.com").exists()
    assert list(violations()) == []


def test_a_line_that_was_dealt_with_says_not_even_a_digest_of_who_it_was(house: Organization) -> None:
    """S52"""
    found = brought(house, "customers", file(ADA, BOB))
    at_work("admin", house)[0].post(ERASE, ADA | {"typed": ADA["email"]})
    assert list(found.rows.order_by("number").values_list("status", "key")) == [
        ("done", ""),
        ("done", digest(["bob@example.com"])),
    ]


def test_a_check_that_was_reading_brings_nobody_back(house: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    """S52: between its look and its verdict somebody was erased."""
    read = Customers.check
    found = imports.upload(organization=house, kind="customers", name="x.csv", data=file(ADA, BOB))

    def erased_meanwhile(kind: Customers, lines: Lines) -> None:
        read(kind, lines)
        erasure.erase_address(organization_id=house.pk, email=ADA["email"], by=None)

    monkeypatch.setattr(Customers, "check", erased_meanwhile)
    imports.work(import_id=found.pk)
    assert rows(found) == [("skipped", {}), ("fine", BOB)]
    assert left_of("ada@", digest(["ada@example.com"])) == []


def test_lines_of_another_house_stay(house: Organization) -> None:
    """S8"""
    found = checked(house, "customers", file(ADA))
    client, _chief = at_work("admin")
    assert client.post(EXPORT, ADA).json()["lines_of_imports"] == []
    client.post(ERASE, ADA | {"typed": ADA["email"]})
    assert rows(found) == [("fine", ADA)]


def test_who_deletes_their_account_is_in_no_house_s_lines(house: Organization) -> None:
    """S51, S52: by the addresses that it has proved to own."""
    ada = customer(**ADA)
    mine, others = checked(house, "customers", file(ADA)), checked(OrganizationFactory(), "customers", file(ADA, BOB))
    told = persons.exported(persons.of_account(ada), account=ada)["lines_of_imports"]
    assert [each["says"] for each in told] == [ADA, ADA]
    customers.delete_account(user_id=ada.pk)
    assert (rows(mine), rows(others)) == ([("skipped", {})], [("skipped", {}), ("fine", BOB)])


def test_an_address_with_signs_of_its_own_language_is_found(house: Organization) -> None:
    """S52: JSON may be stored with these written otherwise; and ß is not ss."""
    found = checked(house, "customers", file({"email": "ada@straße.example"}, {"email": "ada@strasse.example"}))
    erasure.erase_address(organization_id=house.pk, email="ada@straße.example", by=None)
    assert rows(found) == [("skipped", {}), ("fine", {"email": "ada@strasse.example"})]
