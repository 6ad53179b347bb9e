"""Reports: the page, the files and the command line say the same, and all of it is what the rows say."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Organization
from bookings.models import Booking, Payment, Refund
from bookings.services import cancellations, payments
from core import clock
from events.models import EventSeat
from reports.management.commands import report
from reports.periods import Days, Preset, days
from reports.queries import bookings
from reports.queries.cash import Equation
from reports.queries.occupancy import occupancy
from reports.queries.revenue import By, periods, totals
from tests.backoffice.desk import at_work
from tests.bookings.exchanging import an_event, bought, exchanging
from tests.factories import OrganizationFactory, VenueFactory, event_on_sale, paid, reserve, with_details

pytestmark = pytest.mark.django_db

REVENUE = reverse("admin:report-revenue")
PAGES = ["report-revenue", "report-occupancy", "report-customers", "report-money"]


@pytest.fixture
def house(noon: datetime) -> Organization:
    """Three bookings of two tickets at €20 and €1.50 fee each; one is cancelled a day later. And one in dollars."""
    event = event_on_sale(levels={"Standing": 40}, title="=A play", max_per_customer=None)
    for _each in range(2):
        paid(event)
    gone = paid(event)
    clock.advance(timedelta(days=1))
    cancellations.cancel(booking_id=gone.pk, reason="test")
    paid(event_on_sale(venue=event.venue, currency="USD", fee_per_ticket=100, fee_per_booking=0))
    return event.organization


def ask(name: str, organization: Organization, role: str = "organizer", **asked: Any) -> Any:
    return at_work(role, organization)[0].get(reverse(f"admin:{name}"), asked)


def lines(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_revenue_is_what_the_rows_say(house: Organization) -> None:
    """R10: tickets of €20 and €1.50 fee; what was cancelled is taken back on its own day."""
    found = lines(ask("report-revenue", house, by="day", period="ever", format="csv"))
    assert found[0] == "currency day bookings tickets returned average gross fees refunds net tax".split()
    rows = {(row[0], row[1]): row[2:] for row in found[1:]}
    assert rows["EUR", "2026-06-01"][:8] == ["3", "6", "0", "21.50", "129.00", "9.00", "0.00", "129.00"]
    assert rows["EUR", "2026-06-02"][:8] == ["0", "0", "2", "0.00", "0.00", "0.00", "43.00", "-43.00"]
    assert rows["USD", "2026-06-02"][:3] == ["1", "2", "0"]
    sold = sum(each.total for each in Booking.objects.filter(currency="EUR"))
    assert sum(Decimal(row[4]) for key, row in rows.items() if key[0] == "EUR") == Decimal(sold) / 100


@pytest.mark.parametrize("by", By)
def test_an_export_equals_the_screen(house: Organization, by: By) -> None:
    """U50: page, CSV, spreadsheet and command, whatever revenue is added up by."""
    asked = {"by": by.value, "period": "ever"}
    page = ask("report-revenue", house, **asked)
    shown = [
        [cell for cell, _number in cells] for _table, _chart, lines in page.context["shown"] for _lead, cells in lines
    ]
    file = lines(ask("report-revenue", house, format="csv", **asked))
    book = load_workbook(io.BytesIO(ask("report-revenue", house, format="xlsx", **asked).content))
    sheet = [[_text(value) for value in row] for row in book.active.iter_rows(values_only=True)]
    out = io.StringIO()
    call_command("report", "revenue", by=by.value, format="json", organization=house.slug, stdout=out)
    said = [list(row.values()) for row in json.loads(out.getvalue())]
    assert [row[1].removeprefix("'") for row in file[1:]] == [row[0] for row in shown]
    assert [[_text(_number(value)) for value in row] for row in file] == sheet
    assert [[str(value) for value in row] for row in said] == [
        [each.removeprefix("'") for each in row] for row in file[1:]
    ]


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _text(value: Any) -> str:
    return f"{float(value):g}" if isinstance(value, int | float) else str(value)


def test_a_period_that_begins_before_the_days_is_drawn_and_leads_to_its_part_of_them(house: Organization) -> None:
    """Sales of two days in the middle of a month, a week and a year."""
    asked = {"first": "2026-06-02", "last": "2026-06-02"}
    for by in (By.WEEK, By.MONTH, By.QUARTER, By.YEAR):
        page = ask("report-revenue", house, by=by.value, **asked)
        for table, chart, ((lead, cells),) in page.context["shown"]:
            assert chart.bars
            assert "first=2026-06-02&last=2026-06-02&by=day" in lead
            there = at_work("organizer", house)[0].get(REVENUE + lead).context["shown"]
            ((_lead, same),) = next(lines for other, _chart, lines in there if other.title == table.title)
            assert same[1:] == cells[1:]


def test_a_title_is_no_formula_in_a_file(house: Organization) -> None:
    """S31"""
    file = lines(ask("report-revenue", house, by="event", period="ever", format="csv"))
    assert "'=A play, Wed, 1 Jul 2026" in [row[1] for row in file]
    book = load_workbook(io.BytesIO(ask("report-revenue", house, by="event", period="ever", format="xlsx").content))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert "'=A play, Wed, 1 Jul 2026" in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells} <= {"s", "n"}


def test_nobody_sees_another_house(house: Organization) -> None:
    """S9, S11: neither its figures nor its events, venues and types as filters, nor its customers."""
    other = OrganizationFactory()
    event = Booking.objects.earliest("pk").event
    for name in PAGES:
        page = ask(name, other, period="ever", when="all")
        assert page.status_code == 200
        assert not page.context["tables"]
    page = ask("report-revenue", other, period="ever", event=event.pk, venue=event.venue_id)
    assert page.status_code == 422
    assert event.venue.name not in page.content.decode()
    assert at_work("organizer", other)[0].get(reverse("admin:report-customer", args=[1])).status_code == 404


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"first": "yesterday"}, "first"),
        ({"first": "2026-06-02", "last": "2026-06-01"}, "last"),
        ({"by": "moon"}, "by"),
        ({"period": "always"}, "period"),
        ({"venue": "x"}, "venue"),
        ({"venue": "\x00"}, "venue"),
        ({"provider": "purse"}, "provider"),
        ({"last": "9999-12-31"}, "last"),
        ({"first": "0001-01-01", "last": "2026-06-30"}, "first"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field_and_the_rest_counts(
    house: Organization, asked: dict[str, str], field: str
) -> None:
    page = ask("report-revenue", house, **asked)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert page.context["tables"]


@pytest.mark.parametrize(
    ("asked", "period", "days"),
    [
        ({}, "30-days", Days(date(2026, 5, 4), date(2026, 6, 2))),
        ({"period": "today"}, "today", Days(date(2026, 6, 2), date(2026, 6, 2))),
        ({"first": "2026-06-01"}, "own", Days(date(2026, 6, 1), None)),
        ({"period": "today", "last": "2026-06-01"}, "own", Days(None, date(2026, 6, 1))),
        ({"period": "own"}, "own", Days(None, None)),
    ],
)
def test_the_form_says_which_days_count(house: Organization, asked: dict[str, str], period: str, days: Days) -> None:
    """Days that were typed count before a preset, and the preset that is shown is the one that counts."""
    for name in ("report-revenue", "report-customers", "report-money"):
        page = ask(name, house, **asked)
        assert page.context["form"]["period"].value() == period
        assert page.context["days"] == days


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_is_never_of_more_than_was_meant(house: Organization, form: str) -> None:
    """U50: another's event, or a day that isn't, gives the page that says so, and no file of everything."""
    for name, asked in (
        ("report-revenue", {"event": "999999"}),
        ("report-occupancy", {"venue": "999999"}),
        ("report-customers", {"last": "2026-02-31"}),
        ("report-money", {"first": "2026-02-31"}),
    ):
        answer = ask(name, house, format=form, **asked)
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == list(asked)
        assert "format=csv" not in answer.content.decode()


def test_what_nobody_asks_for_is_passed_over(house: Organization) -> None:
    """S33"""
    page = ask("report-revenue", house, organization__slug="x", order_by="pk", user__password__startswith="a")
    assert page.status_code == 200
    assert page.context["tables"]


def test_how_full_it_is_is_what_the_places_say(house: Organization) -> None:
    """R2: counted by subtraction, and a second way by the rows, also with places kept and reserved."""
    event = Booking.objects.earliest("pk").event
    reserve(event, 3)
    free = EventSeat.objects.filter(event=event, status="available").order_by("pk").values_list("pk", flat=True)
    EventSeat.objects.filter(pk__in=list(free[:4])).update(status="blocked")
    EventSeat.objects.filter(pk__in=list(free[:2])).update(ownership="not_owned")
    rows = EventSeat.objects.filter(event=event)
    counted = {name: rows.filter(status=name).count() for name in ("sold", "reserved")}
    found = occupancy(house, house.events.all())[event.pk]
    owned_free = rows.filter(status="available", ownership="owned").count()
    assert (found.all, found.sold, found.reserved) == (rows.count(), counted["sold"], counted["reserved"])
    assert found.available == owned_free
    assert found.all == found.sold + found.reserved + found.kept + found.available


def test_a_customer_is_who_has_the_address(house: Organization) -> None:
    """Three bookings, of which one was given back; the history has all of them, and a present isn't spent."""
    event = Booking.objects.earliest("pk").event
    payments.record_by_hand(booking_id=with_details(reserve(event)).pk, how="complimentary", by=None)
    page = ask("report-customers", house, period="ever")
    ((_table, _chart, [(lead, cells)]),) = page.context["shown"]
    assert [cell for cell, _is_number in cells][1:5] == ["ada@example.com", "5", "10", "€86.00"]
    history = at_work("support", house)[0].get(lead).context["history"]
    assert (len(history.bookings), history.spent["EUR"], history.tickets) == (5, 8_600, 10)
    assert [each.is_present for each in history.bookings] == [True, False, False, False, False]


def test_what_was_waived_of_an_exchange_was_not_spent_and_the_rest_was(noon: datetime) -> None:
    """R3: two tickets at €21.50 are given up for better ones at €32.00, and staff waive the difference."""
    old = bought(an_event())
    new = exchanging(old, "Premium", 2)
    payments.record_by_hand(booking_id=new.pk, how="complimentary", by=None)
    page = ask("report-customers", old.organization, period="ever")
    ((_table, _chart, [(lead, cells)]),) = page.context["shown"]
    net = totals([old.organization])["EUR"].net
    assert (net, cells[4]) == (4_300, ("€43.00", True))
    assert at_work("support", old.organization)[0].get(lead).context["history"].spent == {"EUR": net}


def test_money_is_what_came_and_went(house: Organization) -> None:
    """R3: of each provider and currency, and what an exchange moves within the house is no money."""
    payments.record_by_hand(booking_id=reserve_anew().pk, how="cash", by=None)
    Payment.objects.filter(pk=Payment.objects.latest("pk").pk).update(kept_aside=True)
    found = lines(ask("report-money", house, period="ever", format="csv"))
    rows = {(row[0], row[1]): row[2:] for row in found[1:]}
    assert rows["EUR", "cash"] == ["43.00", "0.00", "0.00", "43.00", "43.00"]
    sandbox = rows["EUR", "Sandbox (no real money)"]
    assert sandbox == ["129.00", "43.00", "43.00", "86.00", "0.00"]
    Refund.objects.update(status="succeeded", reference="there")
    arrived = {(row[0], row[1]): row[2:] for row in lines(ask("report-money", house, period="ever", format="csv"))}
    assert arrived["EUR", "Sandbox (no real money)"] == [*sandbox[:2], "0.00", *sandbox[3:]]


def test_money_and_revenue_are_one_equation(house: Organization) -> None:
    """R3: what is left, less what is kept aside, is net revenue; what moves on another day is told apart."""
    payments.record_by_hand(booking_id=reserve_anew().pk, how="cash", by=None)
    late = Payment.objects.latest("pk")
    Booking.objects.filter(pk=late.booking_id).update(confirmed_at=late.succeeded_at - timedelta(days=1))
    equations = {
        currency: (these, ever)
        for currency, ever, these in ask("report-money", house, first="2026-06-02").context["equations"]
    }
    assert equations["EUR"] == (Equation(left=0, still_aside=0, net=-4_300), Equation(12_900, 0, 12_900))
    assert (equations["EUR"][0].other_days, equations["EUR"][1].other_days) == (-4_300, 0)
    assert equations["USD"] == (Equation(4_400, 0, 4_400),) * 2
    page = ask("report-money", house, period="ever").content.decode()
    assert "How it fits with revenue" in page
    assert "differ by" not in page
    Payment.objects.filter(pk=late.pk).update(kept_aside=True)
    page = ask("report-money", house, period="ever").content.decode()
    assert "Over all days, money and revenue differ by €43.00." in page


def reserve_anew() -> Booking:
    return with_details(reserve(Booking.objects.earliest("pk").event))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_as_much_however_much_there_is(house: Organization, name: str) -> None:
    """A fixed number of questions."""
    client, _user = at_work("organizer", house)
    client.get(reverse(f"admin:{name}"))
    asked = {"period": "ever", "by": "event"}
    first = _questions(client, name, asked)
    for _each in range(3):
        paid(event_on_sale(venue=Booking.objects.earliest("pk").event.venue))
    assert _questions(client, name, asked) == first


def _questions(client: Client, name: str, asked: dict[str, str]) -> int:

    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(reverse(f"admin:{name}"), asked).status_code == 200
    return len(caught)


def test_part_of_the_page_for_htmx(house: Organization) -> None:
    client, _user = at_work("organizer", house)
    part = client.get(REVENUE, headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<div id="report">')
    assert "<html" in client.get(REVENUE).content.decode()


TODAY = date(2026, 5, 14)


@pytest.mark.parametrize(
    ("preset", "first", "last", "before"),
    [
        ("today", "2026-05-14", "2026-05-14", ("2026-05-13", "2026-05-13")),
        ("7-days", "2026-05-08", "2026-05-14", ("2026-05-01", "2026-05-07")),
        ("30-days", "2026-04-15", "2026-05-14", ("2026-03-16", "2026-04-14")),
        ("month", "2026-05-01", "2026-05-31", ("2026-04-01", "2026-04-30")),
        ("last-month", "2026-04-01", "2026-04-30", ("2026-03-01", "2026-03-31")),
        ("quarter", "2026-04-01", "2026-06-30", ("2026-01-01", "2026-03-31")),
        ("year", "2026-01-01", "2026-12-31", ("2025-01-01", "2025-12-31")),
    ],
)
def test_days_are_compared_with_as_many_before(preset: str, first: str, last: str, before: tuple[str, str]) -> None:
    found = days(Preset(preset), TODAY)
    assert (str(found.first), str(found.last)) == (first, last)
    assert found.before == Days(*map(date.fromisoformat, before))


def test_all_days_are_compared_with_nothing() -> None:
    assert days(Preset.EVER, TODAY) == Days(None, None)
    assert Days(None, TODAY).before is None


def test_periods_without_sales_have_their_place() -> None:
    assert periods(By.MONTH, date(2026, 1, 31), date(2026, 4, 1)) == [date(2026, month, 1) for month in (1, 2, 3, 4)]
    assert periods(By.WEEK, date(2026, 1, 1), date(2026, 1, 5)) == [date(2025, 12, 29), date(2026, 1, 5)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"first": "soon"}, "--from: soon is no day"),
        ({"first": "2026-06-02", "last": "2026-06-01"}, "--to is before --from"),
        ({"organization": "nobody"}, "--organization"),
        ({"last": "9999-12-31"}, "--to: 9999-12-31 is not between"),
        ({"first": "0001-01-01"}, "--from: 0001-01-01 is not between"),
    ],
)
def test_the_command_says_which_option_makes_no_sense(house: Organization, options: dict[str, str], said: str) -> None:
    with pytest.raises(CommandError, match=said) as error:
        call_command("report", "revenue", **options)
    assert error.value.returncode == 2


def test_occupancy_is_of_events_by_the_clocks_of_their_venues(noon: datetime) -> None:
    """An evening in New York is on its day there, though it is the next one in the house's zone and in UTC."""
    venue = VenueFactory(time_zone="America/New_York", organization=OrganizationFactory(time_zone="Europe/Berlin"))
    event_on_sale(venue=venue, title="New year's eve", starts_at=datetime(2027, 1, 1, 1, tzinfo=UTC))

    def found(**days: str) -> list[dict]:
        out = io.StringIO()
        call_command("report", "occupancy", format="json", stdout=out, **days)
        return json.loads(out.getvalue())

    assert [row["event"] for row in found(first="2026-12-31", last="2026-12-31")] == [
        "New year's eve, Thu, 31 Dec 2026"
    ]
    assert found(first="2027-01-01") == found(last="2026-12-30") == []


def test_long_tables_are_laid_out_page_by_page(house: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    """S31: a million rows need no memory."""
    monkeypatch.setattr(report, "PAGE", 3)
    out = io.StringIO()
    call_command("report", "bookings", stdout=out)
    printed = out.getvalue().splitlines()
    assert len([line for line in printed if line.split()[:2] == bookings.header()[:2]]) == 2
    assert len(printed) == 2 + Booking.objects.count()
    out = io.StringIO()
    call_command("report", "bookings", format="json", stdout=out)
    codes = [row[bookings.header()[0]] for row in json.loads(out.getvalue())]
    assert codes == [each.code for each in Booking.objects.order_by("reserved_at", "pk")]


def test_the_command_prints_columns(house: Organization) -> None:
    out = io.StringIO()
    call_command("report", "occupancy", stdout=out)
    head, *rows = out.getvalue().splitlines()
    assert head.split() == ["event", "places", "sold", "reserved", "kept", "available", "occupancy"]
    assert rows[0].split()[-6:] == ["40", "4", "0", "0", "36", "10"]
    out = io.StringIO()
    call_command("report", "bookings", format="csv", first="2026-06-01", last="2026-06-01", stdout=out)
    assert len(out.getvalue().splitlines()) == 1 + Booking.objects.filter(currency="EUR").count()
