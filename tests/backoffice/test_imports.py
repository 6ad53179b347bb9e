"""What another system knows is checked line by line first, and then brought in once (U50)."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from openpyxl import Workbook

from accounts.models import Organization, User
from backoffice.models import Import
from backoffice.services import imports
from bookings.models import Booking, CustomerQuota, Payment, Ticket
from bookings.queries.promises import violations
from core import clock
from core.models import AuditEntry
from core.tables import csv_parts
from events.models import Event, EventSeat, NotOnSale
from events.services import publishing
from notifications.models import Message
from reports.models import DailySales
from reports.queries import promises
from reports.queries.revenue import totals
from reports.services import closing
from tests.backoffice.desk import at_work
from tests.factories import (
    EventFactory,
    OrganizationFactory,
    TicketTypeFactory,
    VenueFactory,
    event_on_sale,
    paid,
    plan_of,
    seated_event,
)
from venues.models import SeatingPlan, Venue

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:imports")
THEN = datetime.fromisoformat("2026-06-01T12:00Z")
VENUE = "Name,Adresse,Stadt,Land,Kapazität\n"


@pytest.fixture
def house(noon: datetime) -> Organization:
    return event_on_sale(title="Songs at Night", levels={"Standing": 10}, max_per_customer=None).organization


@pytest.fixture(autouse=True)
def _everything_adds_up(noon: datetime) -> Iterator[None]:
    """R3, R4, R10: after each of these tests."""
    yield
    assert list(violations()) == []
    assert list(promises.violations()) == []


def file(*lines: dict[str, Any]) -> bytes:
    head = list(dict.fromkeys(name for line in lines for name in line))
    return "".join(csv_parts(head, [[line.get(name, "") for name in head] for line in lines])).encode()


def sold(**how: Any) -> dict[str, Any]:
    """One line of a file of bookings."""
    return {
        "code": "A-1",
        "event": "Songs at Night",
        "level": "Standing",
        "quantity": "2",
        "ticket_type": "Standard",
        "price": "25.00",
        "paid_by": "cash",
        "sold_at": "2026-05-20 14:30",
        "name": "Ada Example",
        "email": "ada@example.com",
    } | how


def checked(house: Organization, kind: str, data: bytes, **how: Any) -> Import:
    found = imports.upload(organization=house, kind=kind, name=f"{kind}.csv", data=data, **how)
    imports.work(import_id=found.pk)
    return Import.objects.get(pk=found.pk)


def brought(house: Organization, kind: str, data: bytes, **how: Any) -> Import:
    found = checked(house, kind, data, **how)
    imports.confirm(import_id=found.pk)
    while imports.work(import_id=found.pk):
        pass
    return Import.objects.get(pk=found.pk)


def results(found: Import) -> list[tuple[str, str]]:
    return list(found.rows.order_by("number").values_list("status", "result"))


# --- Reading -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_a_file_is_read_however_it_is_written(house: Organization, sign: str) -> None:
    """Heads in any language, without regard to capitals and accents; a guard against formulas is undone (S31)."""
    rows = [["E-MAIL", "Teléfono", "NAME", "Shoe size"], ["ada@example.com", "'+49 30 1", '"=Ada"', "38"]]
    text = "\r\n".join(sign.join(row) for row in rows)
    found = checked(house, "customers", f"\ufeff{text}".encode())
    assert (found.columns, found.passed_over) == (["email", "phone", "name"], ["Shoe size"])
    assert found.rows.get().cells == {"email": "ada@example.com", "phone": "+49 30 1", "name": "=Ada"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("before", ["", "\r\n;\r\n", "sep=;\r\n"])
def test_a_file_is_read_as_spreadsheets_write_it(house: Organization, encoding: str, before: str) -> None:
    """Empty lines are none, and what Excel writes for itself isn't either."""
    text = f"{before}name;email\r\n;\r\n\r\nJürgen Größe, €;ada@example.com\r\n"
    found = checked(house, "customers", text.encode(encoding))
    assert found.rows.get().cells == {"name": "Jürgen Größe, €", "email": "ada@example.com"}


def test_a_spreadsheet_is_read_too(house: Organization) -> None:
    book = Workbook()
    book.active.append(["title", "venue", "starts_at", "ends_at"])
    book.active.append(["Late Songs", house.events.get().venue.name, datetime(2026, 9, 1, 20), "2026-09-01 22:00"])
    data = io.BytesIO()
    book.save(data)
    found = checked(house, "events", data.getvalue())
    assert found.rows.get().cells["starts_at"] == "2026-09-01 20:00"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "missing: email"),
        (b"name\nAda", "missing: email"),
        (b"email\n", "no lines"),
        (b"email,email\na@example.com,b@example.com", "Two columns"),
        (b"email\nada@example.com,more", "more cells"),
        (b'email\n"ada', "CSV"),
        (b"email\n\xc3\xbc\n\xff", "Line 3 is not UTF-8"),  # a mixture
        (b"email\n\x81", "Line 2 is not UTF-8"),  # no sign that Windows had
        (b"\xff\xfea", "not UTF-8"),
        (b"email\na\x00b", "can't be written"),
        (b"email\n" + b"a" * 20_001, "too long"),
        (b"email\n" + b"a@example.com\n" * 20_001, "in parts"),
        (b"e" * 5_000_001, "larger than 5 MB"),
        (b"\xd0\xcf\x11\xe0old", "of an old kind"),
        (b"PK\x03\x04nothing", "can't be read as a spreadsheet"),
    ],
)
def test_what_cant_be_read_is_refused_and_says_why(house: Organization, data: bytes, said: str) -> None:
    with pytest.raises(imports.Unreadable, match=said):
        imports.upload(organization=house, kind="customers", name="x.csv", data=data)
    assert not Import.objects.exists()


def test_a_spreadsheet_that_grows_when_it_is_unpacked_is_refused(house: Organization) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_001)
    with pytest.raises(imports.Unreadable, match="too large"):
        imports.upload(organization=house, kind="customers", name="x.xlsx", data=data.getvalue())


# --- Checking and carrying out -------------------------------------------------------------------------


def test_a_check_changes_nothing_and_says_what_is_wrong_line_by_line(house: Organization) -> None:
    lines = [
        "Mill,1 Lane,Bern,CH,300",
        ",1 Lane,Bern,CH,300",
        "Hall,1 Lane,Bern,Switzerland,many",
        "MILL,1 Lane,Bern,CH,3",
    ]
    before = Venue.objects.count()
    found = checked(house, "venues", (VENUE + "\n".join(lines)).encode())
    (fine, _nothing), (empty, name), (wrong, several), (again, same) = results(found)
    assert (fine, empty, wrong, again) == ("fine", "failed", "failed", "failed")
    assert "Name" in name
    assert "Country" in several
    assert "Capacity" in several
    assert same == "Line 2 is about the same already."
    assert Venue.objects.count() == before
    assert found.phase == Import.Phase.CHECKED


def test_venues_are_brought_in_once(house: Organization) -> None:
    data = (VENUE + "Mill,1 Lane,Bern,CH,300").encode()
    found = brought(house, "venues", data)
    venue = Venue.objects.get(name="Mill")
    assert (venue.organization, venue.capacity, venue.time_zone) == (house, 300, house.time_zone)
    row = found.rows.get()
    assert (row.status, row.became_id, row.cells) == ("done", venue.pk, {})
    again = checked(house, "venues", data)
    assert results(again) == [("skipped", "There is a venue of this name already.")]
    assert AuditEntry.objects.filter(action="venue.created", object_id=venue.pk).count() == 1


def test_events_come_as_drafts(house: Organization) -> None:
    """By the clocks of the venue; nothing is sold because of a file."""
    venue = house.events.get().venue
    Venue.objects.filter(pk=venue.pk).update(time_zone="Europe/Berlin")
    line = {"title": "Late Songs", "venue": venue.name, "starts_at": "01.09.2026 20:00", "ends_at": "01.09.2026 22:00"}
    found = brought(house, "events", file(line))
    assert [status for status, _text in results(found)] == ["done"], results(found)
    event = Event.objects.get(title="Late Songs")
    assert (event.status, event.starts_at.isoformat()) == ("draft", "2026-09-01T18:00:00+00:00")
    again = checked(house, "events", file(line | {"starts_at": "2026-09-01 20:00"}))
    assert [status for status, _text in results(again)] == ["skipped"]


# --- Events with a seating plan ------------------------------------------------------------------------


@pytest.fixture
def hall(noon: datetime) -> Venue:
    """A venue with a published plan in two versions: four seats, and now six beside standing places."""
    venue = VenueFactory(name="Hall", capacity=100)
    TicketTypeFactory(organization=venue.organization, name="Standard", default_price=2_000)
    plan_of(venue, {"Stalls": "ssss"})
    plan_of(venue, {"Stalls": "ss", "Balcony": "ss ss"}, {"Arena": 30})
    return venue


def play(**how: Any) -> dict[str, Any]:
    """An event with a plan, in a file of events."""
    times = {"starts_at": "2026-09-01 20:00", "ends_at": "2026-09-01 22:00"}
    return {"title": "A play", "venue": "Hall", "plan": "main", **times} | how


def test_an_event_gets_the_newest_version_of_the_plan_it_names(hall: Venue) -> None:
    """Levels that no line tells of get default prices; those that lines tell of need no number of places."""
    line = play(level="balcony", ticket_type="Standard", price="12.50")
    TicketTypeFactory(organization=hall.organization, name="Child", active=False)
    found = brought(hall.organization, "events", file(line, line | {"ticket_type": "Child", "price": "5"}))
    assert {status for status, _text in results(found)} == {"done"}, results(found)
    event = Event.objects.get()
    assert (event.status, str(event.plan)) == ("draft", "Main (2)")
    assert set(event.price_levels.values_list("name", "places", "numbered", "prices__amount")) == {
        ("Stalls", 2, True, 2_000),
        ("Balcony", 4, True, 1_250),
        ("Balcony", 4, True, 500),
        ("Arena", 30, False, 2_000),
    }
    assert event.places.filter(seat__isnull=False).count() == 6
    publishing.publish(event_id=event.pk)


def test_a_plan_alone_is_enough(hall: Venue) -> None:
    assert results(brought(hall.organization, "events", file(play()))) == [("done", "A play")]
    assert set(Event.objects.get().price_levels.values_list("name", "prices__amount")) == {
        ("Stalls", 2_000),
        ("Balcony", 2_000),
        ("Arena", 2_000),
    }


def test_seats_of_what_is_over_are_brought_in(hall: Venue) -> None:
    """U50: event and bookings, from two files."""
    then = {"starts_at": "2025-03-01 20:00", "ends_at": "2025-03-01 22:00"}
    brought(hall.organization, "events", file(play(**then)))
    line = sold(event="A play", level="Balcony", row="A", seats="1,2", quantity="", sold_at="2025-02-01", email="")
    assert [status for status, _text in results(brought(hall.organization, "bookings", file(line)))] == ["done"]
    assert list(Ticket.objects.order_by("number").values_list("event_seat__seat__number", flat=True)) == ["1", "2"]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"plan": "Other"}, "Seating plan: Hall has no published plan called “Other”."),
        ({"level": "Gods"}, "Price level: The plan Main has none of this name, but these: Stalls, Balcony, Arena."),
        ({"places": "5"}, "Places: The plan has 4."),
    ],
)
def test_what_a_plan_doesnt_have_is_told(hall: Venue, how: dict[str, str], said: str) -> None:
    lines = file(play(level="Balcony", ticket_type="Standard", price="12.50", places="4") | how)
    assert results(checked(hall.organization, "events", lines)) == [("failed", said)]


def test_a_plan_that_is_too_large_is_told_by_the_check(hall: Venue) -> None:
    Venue.objects.update(capacity=20)
    said = "Seating plan: Hall holds 20 people, and these are more."
    assert results(checked(hall.organization, "events", file(play()))) == [("failed", said)]


def test_a_plan_of_another_venue_or_a_draft_is_none(hall: Venue) -> None:
    """S9"""
    plan_of(VenueFactory(name="Other hall"), {"Stalls": "s"}, name="Elsewhere")
    SeatingPlan.objects.filter(version=2).update(name="Sketch", status="draft")
    for name in ("Elsewhere", "Sketch"):
        found = checked(hall.organization, "events", file(play(plan=name)))
        assert results(found) == [("failed", f"Seating plan: Hall has no published plan called “{name}”.")]
        imports.cancel(import_id=found.pk)


# --- What is over --------------------------------------------------------------------------------------


def late(**how: Any) -> dict[str, Any]:
    """An event of last year, in a file of events."""
    return {"title": "Old Songs", "starts_at": "2025-03-01 20:00", "ends_at": "2025-03-01 22:00"} | how


def test_what_has_started_comes_published_with_its_places_and_on_sale_to_nobody(house: Organization) -> None:
    """Nobody could publish it any more."""
    line = late(venue=house.events.get().venue.name, level="Standing", places="3", ticket_type="Standard", price="20")
    found = brought(house, "events", file(line))
    assert [status for status, _text in results(found)] == ["done"], results(found)
    event = Event.objects.get(title="Old Songs")
    assert (event.status, event.places.count()) == ("published", 3)
    with pytest.raises(NotOnSale, match="over"):
        event.check_on_sale(clock.now())
    actions = AuditEntry.objects.filter(object_type="events.event", object_id=event.pk).order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["event.created", "event.level_added", "event.published"]
    assert [status for status, _text in results(checked(house, "events", file(line)))] == ["skipped"]


def test_what_has_started_without_levels_has_as_many_places_as_its_venue(house: Organization) -> None:
    venue = house.events.get().venue
    brought(house, "events", file(late(venue=venue.name)))
    (level,) = Event.objects.get(title="Old Songs").price_levels.all()
    assert (level.name, level.places, level.event.places.count()) == ("General admission", 1_000, 1_000)


def test_a_line_that_tells_of_an_event_again_and_of_no_level_is_one_too_many(house: Organization) -> None:
    line = late(venue=house.events.get().venue.name)
    found = checked(house, "events", file(line, line))
    belongs = "Line 3, which belongs to it, is wrong."
    assert results(found) == [("failed", belongs), ("failed", "Line 2 is about the same already.")]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"sales_end": "2026-07-01 20:00"}, "Sales end: It has started, so sales must have ended too."),
        ({"currency": "USD"}, "Price level: Default prices are in another currency"),
    ],
)
def test_what_has_started_and_cant_come_says_why(house: Organization, how: dict[str, str], said: str) -> None:
    """A check says it, so that nothing is found out later."""
    found = checked(house, "events", file(late(venue=house.events.get().venue.name, **how)))
    ((status, why),) = results(found)
    assert (status, why.startswith(said)) == ("failed", True), why


def test_bookings_come_for_what_is_over_and_nobody_is_written_to(house: Organization) -> None:
    """U50: a house brings its history along; the day it was sold counts, and no day since."""
    venue = house.events.get().venue.name
    line = late(venue=venue, level="Standing", places="5", ticket_type="Standard", price="20")
    brought(house, "events", file(line))
    old = sold(event="Old Songs", sold_at="2025-02-01 10:00")
    found = brought(house, "bookings", file(old, old | {"code": "A-2", "quantity": "4"}), sends_tickets=True)
    (done, _code), failed = results(found)
    assert (done, failed) == ("done", ("failed", "Quantity: Only 3 places are left at Standing."))
    booking = Booking.objects.get()
    assert (booking.status, booking.channel, booking.total) == ("confirmed", "import", 5_000)
    assert not Message.objects.exists()
    closing.close_due()
    assert set(DailySales.objects.values_list("day", flat=True)) == {date(2025, 2, 1)}
    assert totals([house])["EUR"].gross == 5_000


def test_bookings_of_nobody_come_too(noon: datetime) -> None:
    """Who bought at another system's counter left no address: so many of them are not one person (R9)."""
    event = event_on_sale(title="Songs at Night", levels={"Standing": 10}, max_per_customer=2)
    lines = [sold(code=f"A-{number}", name=name, email="") for number, name in enumerate(["", "", "Bob"])]
    found = brought(event.organization, "bookings", file(*lines), sends_tickets=True)
    assert [status for status, _text in results(found)] == ["done"] * 3, results(found)
    assert list(Booking.objects.order_by("pk").values_list("customer_name", "email", "email_key", "quantity")) == [
        ("", "", "", 2),
        ("", "", "", 2),
        ("Bob", "", "", 2),
    ]
    assert not Message.objects.exists()
    assert CustomerQuota.objects.count() == 0


def test_a_limit_of_one_person_counts_lines_before(noon: datetime) -> None:
    """R9"""
    event = event_on_sale(title="Songs at Night", levels={"Standing": 10}, max_per_customer=3)
    found = checked(event.organization, "bookings", file(sold(), sold(code="A-2"), sold(code="A-3", quantity="1")))
    why = "E-mail: One person can have at most 3 tickets for this event."
    assert results(found) == [("fine", ""), ("failed", why), ("fine", "")]


@pytest.mark.parametrize(
    ("day", "said"), [("2026-09-01", "publish it first"), ("2025-03-01", "delete the draft, and import the event")]
)
def test_nothing_is_sold_of_a_draft(house: Organization, day: str, said: str) -> None:
    """What is sold would be in the way of who sets it up."""
    starts = datetime.fromisoformat(f"{day}T20:00Z")
    EventFactory(organization=house, venue=house.events.get().venue, title="A draft", starts_at=starts)
    ((status, why),) = results(checked(house, "bookings", file(sold(event="A draft", sold_at="2025-01-01"))))
    assert status == "failed"
    assert said in why


# --- Customers and bookings ----------------------------------------------------------------------------


def test_customers_get_an_account_without_a_password_and_no_mail(house: Organization) -> None:
    known = User.objects.create_user("bob@example.com", "secret", name="Bob")
    data = file(
        {"email": "Ada@Example.com", "name": "Ada"}, {"email": "bob@example.com", "name": "Robert"}, {"email": "x"}
    )
    found = brought(house, "customers", data)
    assert [status for status, _text in results(found)] == ["done", "done", "failed"]
    ada = User.objects.get(email="ada@example.com")
    assert (ada.name, ada.has_usable_password()) == ("Ada", False)
    known.refresh_from_db()
    assert known.name == "Bob"
    assert not Message.objects.exists()


def test_bookings_come_with_their_places_money_and_day(house: Organization) -> None:
    """R3, R4, R10: sold before, at its own time; what was added up of those days is added up anew."""
    paid(house.events.get())
    clock.advance(timedelta(days=2))
    closing.close_due()
    before = totals([house])["EUR"]
    found = brought(house, "bookings", file(sold(), sold(code="A-2", quantity=1, paid_by="complimentary")))
    assert [status for status, _text in results(found)] == ["done", "done"], results(found)
    booking = Booking.objects.get(external_code="A-1")
    assert (booking.channel, booking.status, booking.total, booking.quantity) == ("import", "confirmed", 5_000, 2)
    assert booking.confirmed_at is not None
    assert booking.confirmed_at.date() == date(2026, 5, 20)
    assert set(booking.tickets.values_list("status", "event_seat__status")) == {("valid", "sold")}
    assert booking.payments.get().provider == Payment.ByHand.CASH
    after = totals([house])["EUR"]
    assert (after.bookings - before.bookings, after.gross - before.gross) == (2, 5_000)
    closing.close_due()
    assert totals([house])["EUR"] == after
    assert not Message.objects.filter(about_id=booking.pk).exists()


@pytest.mark.parametrize("price", ["25", "25,00 €", "€25.00", "EUR 25", "25 EUR"])
def test_a_price_may_say_its_currency(house: Organization, price: str) -> None:
    brought(house, "bookings", file(sold(price=price, quantity=1)))
    assert Booking.objects.get().total == 2_500


def test_a_booking_of_several_lines_has_all_their_tickets(house: Organization) -> None:
    TicketTypeFactory(organization=house, name="Child")
    found = brought(house, "bookings", file(sold(), sold(quantity=1, ticket_type="Child", price="10")))
    assert [status for status, _text in results(found)] == ["done", "done"], results(found)
    booking = Booking.objects.get()
    assert (booking.quantity, booking.total) == (3, 6_000)


def test_seats_are_taken_by_section_row_and_number(noon: datetime) -> None:
    event = seated_event({"Stalls": "ssss"}, title="A play")
    line = sold(event="A play", level="Stalls", row="A", seats="1, 2", quantity="")
    found = brought(event.organization, "bookings", file(line, line | {"code": "A-2", "seats": "2, 3"}))
    (done, _text), failed = results(found)
    assert (done, failed) == ("done", ("failed", "Seats: Not free: Stalls, row A, seat 2.")), results(found)
    seats = Ticket.objects.values_list("event_seat__seat__number", flat=True)
    assert sorted(seats) == ["1", "2"]


def test_seats_may_be_parted_as_people_do_and_are_counted(noon: datetime) -> None:
    event = seated_event({"Stalls": "ssss"}, title="A play")
    line = sold(event="A play", level="Stalls", row="a", seats="1; 2", quantity="2")
    found = checked(event.organization, "bookings", file(line, line | {"code": "A-2", "seats": "3;4", "quantity": "3"}))
    assert results(found) == [("fine", ""), ("failed", "Quantity: The line names another number of seats.")]


def test_what_was_brought_in_is_passed_over(house: Organization) -> None:
    brought(house, "bookings", file(sold()))
    again = brought_again(house)
    assert results(again) == [("skipped", f"It was imported already, as {Booking.objects.get().code}.")]
    assert Booking.objects.count() == 1


def brought_again(house: Organization) -> Import:
    return checked(house, "bookings", file(sold()))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"event": "Nothing"}, "Event"),
        ({"level": "Balcony"}, "Price level"),
        ({"ticket_type": "King"}, "Ticket type"),
        ({"quantity": "0"}, "Quantity"),
        ({"quantity": "11"}, "Quantity: At most 10 tickets"),
        ({"price": "-1"}, "Price"),
        ({"price": "1000000000"}, "Price"),
        ({"price": "$ 25"}, "Price: “$ 25” is no amount."),
        ({"currency": "USD"}, "Currency"),
        ({"paid_by": "shells"}, "Paid by"),
        ({"sold_at": "soon"}, "Sold at"),
        ({"sold_at": "46162.604"}, "Sold at: “46162.604” is a spreadsheet's number for a day"),
        ({"sold_at": "2036-01-01 10:00"}, "Sold at: It can't have been sold in the future."),
        ({"email": "ada"}, "E-mail"),
        ({"name": ""}, "Name: This is needed where there is an e-mail."),
        ({"code": ""}, "Booking code"),
    ],
)
def test_a_line_that_makes_no_sense_says_which_column(house: Organization, how: dict[str, str], said: str) -> None:
    """S22"""
    found = checked(house, "bookings", file(sold(**how), sold(code="A-9", quantity=1)))
    (status, why), (other, _text) = results(found)
    assert (status, other) == ("failed", "fine")
    assert said in why


def test_lines_before_take_what_is_left(house: Organization) -> None:
    """A check counts what its own lines are going to take."""
    lines = [sold(code=f"A-{number}", quantity=4) for number in range(3)]
    assert [status for status, _text in results(checked(house, "bookings", file(*lines)))] == ["fine", "fine", "failed"]


def test_what_was_sold_meanwhile_is_not_sold_twice(house: Organization) -> None:
    """R1: the check said fine, and somebody was faster."""
    found = checked(house, "bookings", file(sold(quantity=8)))
    paid(house.events.get(), 4)
    imports.confirm(import_id=found.pk)
    imports.work(import_id=found.pk)
    assert results(found) == [("failed", "Quantity: Only 6 places are left at Standing.")]
    assert not Booking.objects.filter(channel="import").exists()
    assert EventSeat.objects.filter(status="sold").count() == 4


def test_whoever_is_killed_brings_nothing_in_twice(house: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [{"email": f"person{number}@example.com"} for number in range(30)]
    found = checked(house, "customers", file(*lines))
    imports.confirm(import_id=found.pk)
    assert imports.work(import_id=found.pk, most=7) == 7
    assert (imports.work_due(), imports.work_due()) == (23, 0)
    assert found.rows.filter(status="done").count() == User.objects.filter(email__startswith="person").count() == 30
    found.refresh_from_db()
    assert found.phase == Import.Phase.OVER


def test_one_file_of_a_kind_at_a_time(house: Organization) -> None:
    found = checked(house, "customers", file({"email": "ada@example.com"}))
    with pytest.raises(imports.StillOpen):
        imports.upload(organization=house, kind="customers", name="x", data=file({"email": "bob@example.com"}))
    checked(OrganizationFactory(), "customers", file({"email": "ada@example.com"}))
    imports.cancel(import_id=found.pk)
    imports.cancel(import_id=found.pk)
    assert not found.rows.exists()
    with pytest.raises(imports.NotNow):
        imports.confirm(import_id=found.pk)
    assert not User.objects.filter(email="ada@example.com").exists()


def test_what_a_file_said_is_forgotten_after_a_month(house: Organization) -> None:
    found = brought(house, "customers", file({"email": "ada@example.com"}, {"email": "wrong"}))
    assert found.rows.get(status="failed").cells == {"email": "wrong"}
    clock.advance(timedelta(days=31))
    assert (imports.erase_due(), imports.erase_due()) == (1, 0)
    assert set(found.rows.values_list("result", flat=True)) == {""}
    assert found.rows.get(status="failed").cells == {}


# --- Pages ---------------------------------------------------------------------------------------------


def test_the_pages_lead_from_a_file_to_what_came_of_it(house: Organization) -> None:
    client, user = at_work("support", house)
    data = file({"email": "ada@example.com"}, {"email": "=wrong", "name": "Bob"})
    asked = {"kind": "customers", "file": SimpleUploadedFile("people.csv", data)}
    page = client.post(PAGE, asked)["Location"]
    found = Import.objects.get()
    assert "hx-get" in client.get(page).content.decode()
    imports.work_due()
    shown = client.get(page)
    assert (shown.context["fine"], shown.context["failed"], found.by) == (1, 1, user)
    assert "Import 1 line" in shown.content.decode()
    problems = b"".join(client.get(f"{page}problems/").streaming_content).decode("utf-8-sig")
    head, (line,) = (rows := list(csv.reader(io.StringIO(problems))))[0], rows[1:]
    assert head == ["email", "name", "problem"]
    assert (line[0], line[1]) == ("'=wrong", "Bob")
    assert client.post(page, {"confirm": "1"}).status_code == 303
    client.post(page, {"confirm": "1"})
    imports.work_due()
    over = client.get(page)
    assert over.context["phase"] == "over"
    assert "hx-get" not in over.content.decode()
    assert client.get(page, {"v": over.context["version"]}, headers={"HX-Request": "true"}).status_code == 204
    actions = AuditEntry.objects.filter(object_id=found.pk, action__startswith="import.").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["import.uploaded", "import.started", "import.finished"]


@pytest.mark.parametrize("sent", [{}, {"kind": "customers"}, {"kind": "secrets"}])
def test_a_form_that_lacks_something_says_so(house: Organization, sent: dict[str, str]) -> None:
    answer = at_work("organizer", house)[0].post(PAGE, sent)
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not Import.objects.exists()


def test_a_file_that_cant_be_read_is_told_at_the_form(house: Organization) -> None:
    answer = at_work("organizer", house)[0].post(
        PAGE, {"kind": "customers", "file": SimpleUploadedFile("x.csv", b"name\nAda")}
    )
    assert answer.status_code == 422
    assert "missing: email" in answer.content.decode()


def test_each_brings_in_what_the_role_may_and_nothing_of_others(house: Organization) -> None:
    """S8, S9: support looks after people, and sets up no events."""
    support, _user = at_work("support", house)
    assert [kind for kind, *_more in support.get(PAGE).context["columns"]] == ["customers", "bookings"]
    answer = support.post(PAGE, {"kind": "venues", "file": SimpleUploadedFile("x.csv", VENUE.encode())})
    assert answer.status_code == 422
    venues = checked(house, "venues", (VENUE + "Mill,1 Lane,Bern,CH,300").encode())
    others = checked(OrganizationFactory(), "customers", file({"email": "ada@example.com"}))
    for found in (venues, others):
        for address in (f"{PAGE}{found.pk}/", f"{PAGE}{found.pk}/problems/"):
            assert support.get(address).status_code == 404
    assert support.get(f"{PAGE}columns/venues/").status_code == 404
    assert support.post(f"{PAGE}{venues.pk}/", {"confirm": "1"}).status_code == 404


@pytest.mark.parametrize("kind", list(imports.KINDS))
def test_the_file_to_begin_with_can_be_read(house: Organization, kind: str) -> None:
    client, _user = at_work("organizer", house)
    data = b"".join(client.get(f"{PAGE}columns/{kind}/").streaming_content)
    found = imports.upload(organization=house, kind=kind, name="x", data=data)
    assert found.columns == [column.name for column in imports.KINDS[kind].columns]


# --- The command ---------------------------------------------------------------------------------------


def run(house: Organization, tmp_path: Path, data: bytes, *more: str) -> tuple[int, str, str]:
    path, out, err = tmp_path / "x.csv", io.StringIO(), io.StringIO()
    path.write_bytes(data)
    try:
        call_command("import_data", "customers", str(path), "--organization", house.slug, *more, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_the_command_brings_in_what_is_fine_and_tells_the_rest(house: Organization, tmp_path: Path) -> None:
    data = file({"email": "ada@example.com"}, {"email": "wrong"})
    code, out, err = run(house, tmp_path, data, "--dry-run")
    assert (code, "1 fine" in out, "line 3" in err) == (1, True, True)
    assert not User.objects.filter(email="ada@example.com").exists()
    code, out, _err = run(house, tmp_path, data)
    assert (code, "1 imported" in out) == (1, True)
    assert User.objects.filter(email="ada@example.com").exists()
    assert run(house, tmp_path, file({"email": "bob@example.com"}))[0] == 0


def test_the_command_says_what_it_lacks(house: Organization, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no organization"):
        call_command("import_data", "customers", "x.csv", "--organization", "nobody")
    with pytest.raises(CommandError, match="can't be read"):
        call_command("import_data", "customers", str(tmp_path / "none"), "--organization", house.slug)
