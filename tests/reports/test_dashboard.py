"""The dashboard, each figure a second way from the rows; and what is sampled of events every hour."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organization
from backoffice import act_batches
from backoffice.acts import ACTS
from bookings.models import Booking, Document, Payment, Refund, Ticket
from bookings.services import cancellations, payments, reservations
from core import briefly, clock
from events.models import EventSeat
from notifications.models import Message
from reports.models import Sample
from reports.queries.dashboard import dashboard
from reports.queries.facts import midnight
from reports.services import closing, sampling
from tests.backoffice.desk import at_work
from tests.factories import OrganizationFactory, event_on_sale, handed_over, paid, reserve, settle, with_details
from tests.pages import text_of

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:dashboard")


@pytest.fixture
def house(noon: datetime) -> Organization:
    """A week and a day of sales: some cancelled, some given up, some that stopped on their way; two currencies."""
    event = event_on_sale(levels={"Standing": 60}, max_per_customer=None)
    dollars = event_on_sale(venue=event.venue, currency="USD", fee_per_ticket=100, fee_per_booking=0)
    paid(event)
    clock.advance(timedelta(hours=-1))
    paid(event, 1)
    clock.advance(timedelta(days=7))
    cancellations.cancel(booking_id=paid(event, 3).pk, reason="test")
    paid(dollars)
    reserve(event, 1)
    with_details(reserve(event, 1), "bob@example.com")
    handed_over(with_details(reserve(event, 1), "cleo@example.com"))
    Payment.objects.filter(pk=handed_over(with_details(reserve(event, 1), "dan@example.com")).pk).update(
        status="failed"
    )
    reservations.give_up(booking_id=reserve(event, 1).pk)
    clock.advance(timedelta(hours=2))
    reservations.expire_due()
    reserve(event, 2)
    closing.close_due()
    return event.organization


def test_every_figure_is_what_the_rows_say(house: Organization) -> None:
    """R2, R3, R10, U46"""
    found = dashboard(house)
    sold = Booking.objects.filter(confirmed_at__isnull=False)
    for currency, sums in found.totals.items():
        mine = sold.filter(currency=currency)
        notes = Document.objects.filter(kind="credit_note", currency=currency)
        assert sums.bookings == mine.count()
        assert sums.gross == sum(each.total for each in mine)
        assert sums.credited == sum(each.amount for each in notes)
        assert sums.held == Ticket.objects.filter(status="valid", booking__currency=currency).count()
    assert set(found.totals) == {"EUR", "USD"}
    seats = EventSeat.objects.filter(event__status="published")
    assert found.events == house.events.count()
    assert (found.places.all, found.places.sold) == (seats.count(), seats.filter(status="sold").count())
    assert found.places.reserved == seats.filter(status="reserved").count() == 2
    assert found.places.available == seats.filter(status="available").count()
    assert found.statuses == {
        status: Booking.objects.filter(status=status, reserved_at__gt=clock.now() - timedelta(days=7)).count()
        for status in ("cancelled", "confirmed", "expired", "pending")
    }


def test_today_is_beside_the_same_weekday_until_the_same_time(house: Organization) -> None:
    """Of a week ago what was sold at eleven counts, and what was sold at noon doesn't yet, at thirteen it does."""
    found = dashboard(house)
    assert {currency: sums.tickets for currency, sums in found.today.items()} == {"EUR": 3, "USD": 2}
    assert found.before["EUR"].tickets == 3
    clock.advance(timedelta(minutes=-90))
    assert dashboard(house).before["EUR"].tickets == 1


def test_where_they_stopped_who_didnt_buy(house: Organization) -> None:
    """Who gave up had chosen; who chose anew, and who paid and got the money back, didn't stop."""
    assert dashboard(house).stopped == {"chose": 2, "gave details": 1, "at the provider": 1, "payment failed": 1}


def test_what_is_popular_is_what_people_have(house: Organization) -> None:
    found = dashboard(house)
    assert [(each.tickets, each.money) for each in found.popular] == [(3, (("EUR", 6_450),)), (2, (("USD", 4_400),))]
    assert [each.tickets for each in found.busy] == [5]
    assert sum(each.tickets for each in found.types) == 5


def test_what_waits_for_people_is_counted(house: Organization) -> None:
    Refund.objects.update(status="failed")
    Message.objects.update(status="failed")
    found = dashboard(house).attention
    assert (found.refunds_failed, found.refunds_by_hand, found.refund_requests) == (1, 0, 0)
    assert found.messages_failed == Message.objects.filter(organization=house).count()
    assert found.payments_failed == 1
    assert [each.amount for each in found.payments] == [2_150]


def test_it_asks_as_much_however_much_there_is(house: Organization) -> None:
    def questions() -> int:
        briefly.forget()
        with CaptureQueriesContext(connection) as caught:
            dashboard(house)
        return len(caught)

    before = questions()
    event = house.events.earliest("pk")
    for _each in range(3):
        paid(event_on_sale(venue=event.venue))
        with_details(reserve(event, 1), "eve@example.com")
    assert questions() == before


@pytest.mark.parametrize(
    ("role", "money", "people"),
    [("organizer", True, True), ("analyst", True, False), ("support", False, True), ("entry_manager", False, False)],
)
def test_everybody_sees_what_the_role_may(house: Organization, role: str, money: bool, people: bool) -> None:
    """S8"""
    html = at_work(role, house)[0].get(PAGE).content.decode()
    assert ("€" in html or "$" in html) is (money or people)
    assert ("Net in EUR" in html) is money
    assert ("Tickets sold today" in html) is (money or people)
    assert ("/admin/find/" in html) is people
    assert "places sold" in html
    assert (Booking.objects.latest("pk").code in html) is people


def test_another_house_sees_nothing_of_it(house: Organization) -> None:
    """S9"""
    page = at_work("organizer", OrganizationFactory())[0].get(PAGE)
    assert page.context["found"].totals == {}
    assert page.context["found"].events == 0
    assert page.context["found"].latest == ()


def test_the_page_asks_again_and_is_told_only_what_is_news(house: Organization) -> None:
    client, _user = at_work("organizer", house)
    version = client.get(PAGE).context["found"].version
    asked: dict[str, Any] = {"headers": {"HX-Request": "true"}}
    assert client.get(PAGE, {"v": version}, **asked).status_code == 204
    settle(handed_over(with_details(reserve(house.events.earliest("pk"), 1), "fay@example.com")))
    clock.advance(timedelta(seconds=3))
    briefly.forget()
    part = client.get(PAGE, {"v": version}, **asked)
    assert part.status_code == 200
    assert part.content.decode().strip().startswith('<div id="figures"')


def test_an_hour_is_sampled_once(house: Organization) -> None:
    """What a sample says is what the places and the ledger say."""
    assert sampling.sample_due() == 2
    assert sampling.sample_due() == 0
    event = house.events.get(currency="EUR")
    sample, places = Sample.objects.get(event=event), EventSeat.objects.filter(event=event)
    counted = {status: places.filter(status=status).count() for status in ("sold", "reserved", "available")}
    assert {name: getattr(sample, name) for name in counted} == counted
    assert sample.revenue == 6_450
    clock.advance(timedelta(hours=1))
    assert sampling.sample_due() == 2


def test_an_events_page_says_what_its_rows_say(house: Organization) -> None:
    event = house.events.get(currency="EUR")
    for _hour in range(2):
        sampling.sample_due()
        clock.advance(timedelta(hours=1))
    page = at_work("organizer", house)[0].get(reverse("admin:event-figures", args=[event.pk]))
    found = page.context["found"]
    assert found.statuses == {
        status: count
        for status in ("pending", "confirmed", "expired", "cancelled")
        if (count := Booking.objects.filter(event=event, status=status).count())
    }
    assert (found.sums.gross, found.sums.net, found.sold[-1], found.net[-1]) == (12_900, 6_450, 3, 6_450)
    ((_pk, _name, level),) = found.levels
    seats = EventSeat.objects.filter(event=event)
    assert (level.all, level.sold, level.available) == (60, 3, seats.filter(status="available").count())
    assert len(page.context["drawings"]) == 3


def test_what_a_figure_leads_to_is_what_it_counts(house: Organization) -> None:
    """U46: by the same days of the same clocks: just after midnight, and of a booking that was paid the day after."""
    event = house.events.get(currency="EUR")
    early = with_details(reserve(event, 2))
    with clock.at(midnight(clock.now().date() + timedelta(days=1), ZoneInfo(house.time_zone)) + timedelta(minutes=2)):
        payments.record_by_hand(booking_id=early.pk, how="cash", by=None)
        with clock.at(midnight(clock.now().date() - timedelta(days=5), ZoneInfo(house.time_zone)) + timedelta(hours=2)):
            reserve(event, 1)
        briefly.forget()
        client, _user = at_work("organizer", house)
        page = client.get(reverse("admin:dashboard"))
        (today,) = [tile for tile in page.context["tiles"] if tile.label == "Tickets sold today"]
        assert (today.value, client.get(today.url).context["found"].ids) == ("2", [early.pk])
        for _label, count, url in page.context["statuses"]:
            assert len(client.get(url).context["found"].ids) == count


def test_a_batch_of_acts_says_which_act_it_is(house: Organization) -> None:
    event = house.events.get(currency="EUR")
    many = [with_details(reserve(event, 1), f"person{number}@example.com") for number in range(3)]
    act_batches.begin(ACTS["extend"], many, organization=house, data={}, key="a" * 30, by=None)
    briefly.forget()
    page = at_work("organizer", house)[0].get(reverse("admin:dashboard"))
    assert "The worker is at Keep places longer: 0 of 3 bookings" in text_of(page)
