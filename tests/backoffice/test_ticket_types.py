"""Ticket types in the back office."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from events.models import TicketType
from tests.backoffice.desk import at_work, fields_of
from tests.factories import (
    OrganizationFactory,
    TicketTypeFactory,
    VenueFactory,
    event_on_sale,
    handed_over,
    paid,
    price_of,
    reserve,
    settle,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db

LIST = "/admin/events/tickettype/"


@pytest.mark.parametrize(
    ("currency", "typed", "amount"), [("EUR", "25.5", 2_550), ("JPY", "2500", 2_500), ("KWD", "1.234", 1_234)]
)
def test_a_price_is_typed_in_the_houses_currency(noon: datetime, currency: str, typed: str, amount: int) -> None:
    """S13, S51"""
    house = OrganizationFactory(currency=currency)
    client, user = at_work("organizer", house)
    fields = fields_of(client.get(LIST + "add/")) | {"name": "Adult", "default_price": typed}
    page = client.post(LIST + "add/", fields | {"organization": OrganizationFactory().pk})
    assert page.status_code == 302, page.context["errors"]
    made = TicketType.objects.get()
    assert (made.organization, made.default_price, made.active) == (house, amount, True)
    shown = fields_of(client.get(f"{LIST}{made.pk}/change/"))["default_price"]
    assert client.post(f"{LIST}{made.pk}/change/", fields | {"default_price": shown}).status_code == 302
    assert [entry.action for entry in AuditEntry.objects.all()] == ["tickettype.created"]
    assert AuditEntry.objects.get().by == user


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"default_price": "1.234"}, "EUR has 2 decimals."),
        ({"default_price": "0"}, "Only a free ticket type costs nothing."),
        ({"default_price": "5", "is_free": "on"}, "A free ticket type costs 0."),
        ({"default_price": "99999999999"}, "less than or equal to 21474836.47"),
        ({"name": "Taken"}, "already exists"),
    ],
)
def test_what_cant_be_is_said_and_no_fault(noon: datetime, typed: dict[str, str], sentence: str) -> None:
    house = OrganizationFactory()
    TicketTypeFactory(organization=house, name="Taken")
    client, _user = at_work("organizer", house)
    fields = fields_of(client.get(LIST + "add/")) | {"name": "Adult", "default_price": "10"}
    page = client.post(LIST + "add/", fields | typed)
    assert page.status_code == 200
    assert sentence in str(page.context["errors"])
    assert TicketType.objects.count() == 1


def test_a_changed_price_is_in_the_audit_trail_in_the_smallest_unit(noon: datetime) -> None:
    """S51"""
    made = TicketTypeFactory(name="Adult", default_price=2_000)
    client, _user = at_work("organizer", made.organization)
    address = f"{LIST}{made.pk}/change/"
    assert client.post(address, fields_of(client.get(address)) | {"default_price": "22.50"}).status_code == 302
    assert AuditEntry.objects.get().facts == {"called": "Adult", "changed": {"default_price": [2_000, 2_250]}}


def test_the_list_tells_who_uses_a_type_in_as_many_queries_for_fifty_as_for_one(noon: datetime) -> None:
    house = OrganizationFactory()
    event = event_on_sale(venue=VenueFactory(organization=house), levels={"Standing": 9, "Balcony": 9})
    settle(handed_over(reserve(event, 2, price=price_of(event))))
    reserve(event, 3, price=price_of(event))
    client, _user = at_work("organizer", house)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        return len(queries)

    asked()
    one = asked()
    for _number in range(49):
        TicketTypeFactory(organization=house)
    assert asked() == one
    row = client.get(f"{LIST}?q=Standard").context["cl"].result_list[0]
    assert (row.events_count, row.tickets_count) == (1, 2)
    assert "€20.00" in text_of(client.get(LIST))


@pytest.mark.django_db(transaction=True)  # foreign keys are checked at the commit
def test_a_type_that_was_booked_stays(noon: datetime) -> None:
    """R23"""
    event = event_on_sale()
    paid(event)
    client, _user = at_work("organizer", event.organization)
    booked = TicketType.objects.get()
    page = client.post(f"{LIST}{booked.pk}/delete/", {"post": "yes"}, follow=True)
    assert "Make it inactive instead." in text_of(page)
    assert TicketType.objects.get() == booked


def test_another_houses_type_isnt_there(noon: datetime) -> None:
    """S11"""
    foreign = TicketTypeFactory()
    client, _user = at_work("admin")
    for page in ("change", "delete", "history"):
        assert client.get(f"{LIST}{foreign.pk}/{page}/").status_code == 404
    assert not client.get(LIST).context["cl"].result_list
