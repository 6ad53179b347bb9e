"""`manage.py seed_demo --scale`: as much as one likes, and sound."""

import re
from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import pytest
from django.core.management import CommandError
from django.db.models import Sum
from django_tasks_db.models import DBTaskResult

from accounts.models import Organization
from bookings import demo, demo_sales, demo_scale, demo_seats
from bookings.models import Booking, Document, Payment, Refund, SandboxCharge, SandboxCheckout, Ticket
from bookings.queries.promises import violations
from bookings.services import payments, reservations
from core import audit, codes, search
from events.models import Event, EventSeat, Price, PriceLevel
from events.queries.listing import card, season
from notifications.models import Message
from reports.models import DailySales
from reports.services.closing import close_due
from tests.bookings.test_demo import empty, seed, small_plan, told
from venues.models import Venue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_short_season")]


@pytest.fixture(autouse=True)
def _short_season(monkeypatch: pytest.MonkeyPatch) -> None:
    """The season beside which the large one is made has tests of its own."""
    monkeypatch.setattr(demo, "EVENTS", demo.EVENTS[2:3])
    monkeypatch.setattr(demo, "TOUR_EVENTS", [])
    monkeypatch.setattr(demo_seats, "PLANS", dict.fromkeys(demo_seats.PLANS, small_plan))
    monkeypatch.setattr(demo_sales, "OWN", [])
    monkeypatch.setattr(demo_sales, "AT_THE_COUNTER", [])


def added() -> list[Event]:
    return list(Event.objects.filter(title__startswith="Demo ").order_by("pk"))


def test_so_many_events_and_bookings_as_asked_for_and_every_promise_holds(noon: datetime) -> None:
    out = seed("--scale", "6", "--bookings", "120")
    before = Booking.objects.exclude(event__in=added()).count()
    assert out.splitlines()[-1] == f"18 venues, 8 events, {before + 120} bookings."
    assert len(added()) == 6
    assert Booking.objects.filter(event__in=added()).count() == 120
    assert set(Booking.objects.filter(event__in=added()).values_list("quantity", flat=True)) <= {1, 2, 3, 4}
    assert list(violations()) == []
    assert not Message.objects.exclude(status="sent").exists()
    assert not DBTaskResult.objects.exists()


def test_some_events_have_few_places_some_none_and_some_are_not_yet_open(noon: datetime) -> None:
    seed("--scale", "6", "--bookings", "120")
    states = {event.pk: card(event, noon).state.name for event in season(noon)}
    assert [states[event.pk] for event in added()] == ["on-sale", "few", "sold-out", "not-yet", "on-sale", "on-sale"]
    assert EventSeat.objects.filter(event=added()[2], status="sold").exists()
    assert not Booking.objects.filter(event=added()[3]).exists()


def test_bookings_stand_as_the_services_would_have_left_them(noon: datetime) -> None:
    seed("--scale", "1", "--bookings", "200")
    [event] = added()
    bookings = Booking.objects.filter(event=event)
    counted = Counter(bookings.values_list("status", flat=True))
    assert counted.keys() == {"confirmed", "expired", "cancelled"}
    assert counted["confirmed"] > 160
    assert counted["expired"] > counted["cancelled"]
    lost = Ticket.objects.filter(booking__in=bookings.exclude(status="confirmed"))
    assert set(lost.values_list("status", "event_seat__status", "event_seat__was_claimed")) == {
        ("void", "available", True)
    }
    written = bookings.values_list("code", flat=True)
    assert all(re.fullmatch(r"BK-2026\d{4}-[2-9A-HJ-NP-Z]{6}", code) for code in written)
    assert set(Refund.objects.filter(payment__booking__in=bookings).values_list("status", flat=True)) == {"sent"}
    cancelled = bookings.filter(status="cancelled").latest("pk")
    assert [(entry.action, entry.at) for entry in audit.about(cancelled)] == [
        ("booking.reserved", cancelled.reserved_at),
        ("booking.confirmed", cancelled.confirmed_at),
        ("booking.cancelled", cancelled.ended_at),
    ]


def test_bookings_are_found_by_words_and_reports_tell_what_was_taken_back(noon: datetime) -> None:
    seed("--scale", "1", "--bookings", "200")
    bookings = Booking.objects.filter(event__in=added())
    assert all(booking.search_text == booking.text_to_search() for booking in bookings)
    for ticket in Ticket.objects.filter(booking__in=bookings).select_related("booking"):
        taken = (ticket.total, ticket.tax) if ticket.booking.status == "cancelled" else (0, 0)
        assert (ticket.credited, ticket.credited_tax) == taken
    close_due()
    confirmed = bookings.filter(confirmed_at__isnull=False).aggregate(total=Sum("total"), tax=Sum("tax"))
    notes = Document.objects.filter(booking__in=bookings).aggregate(amount=Sum("amount"), tax=Sum("tax"))
    kept = DailySales.objects.filter(event__in=added())
    assert kept.aggregate(gross=Sum("gross"), tax=Sum("tax")) == {"gross": confirmed["total"], "tax": confirmed["tax"]}
    back = kept.aggregate(amount=Sum("credited"), tax=Sum("credited_tax"))
    assert back == notes
    assert kept.filter(ticket_type=None).aggregate(credited=Sum("credited")) == {"credited": 0}


def test_the_provider_books_the_same_as_we_do(noon: datetime) -> None:
    seed("--scale", "1", "--bookings", "60")
    paid = Payment.objects.filter(booking__event__in=added())
    ours = paid.values_list("key", "checkout_reference", "amount", "currency", "reference", "refunds__key")
    checkouts = SandboxCheckout.objects.values_list(
        "key", "reference", "amount", "currency", "charges__reference", "charges__refunds__key"
    )
    assert set(ours) <= set(checkouts)
    assert SandboxCharge.objects.count() == SandboxCheckout.objects.count() == Payment.objects.count()
    payment = paid.latest("pk")
    before = told()
    payments.look_up(booking=payment.booking)
    assert told() == before


def test_it_is_the_same_season_each_time_but_for_its_secrets(noon: datetime) -> None:
    seed("--scale", "3", "--bookings", "60")
    first, secrets = told(), set(Ticket.objects.values_list("secret", flat=True))
    assert len(secrets) == Ticket.objects.count()
    empty()
    seed("--scale", "3", "--bookings", "60")
    assert told() == first
    assert secrets.isdisjoint(Ticket.objects.values_list("secret", flat=True))


def test_events_are_found_by_words_without_accents(noon: datetime) -> None:
    seed("--scale", "18", "--bookings", "1")
    for event in added():
        assert event.search_text == event.text_to_search()
        assert search.folded(event.title) in event.search_text
    accented = [event for event in added() if not event.title.isascii()]
    assert accented
    assert all(event.search_text.isascii() for event in accented if "Zürich" not in event.summary)


def test_the_season_is_spread_over_places_kinds_and_money(noon: datetime) -> None:
    seed("--scale", "18", "--bookings", "1")
    events = Event.objects.filter(pk__in=[event.pk for event in added()])
    assert set(events.values_list("currency", flat=True)) == {"EUR", "GBP", "USD", "CAD", "JPY", "CHF"}
    assert events.values("venue").distinct().count() == 16
    assert set(Venue.objects.exclude(events__in=events).values_list("name", flat=True)) == {
        "Barge Theatre",
        "Specimen Stadium",
    }
    assert events.values("type").distinct().count() == len(demo_scale.SHELVES)
    assert not PriceLevel.objects.filter(event__in=events, prices=None).exists()
    assert Price.objects.values("amount").distinct().count() > 20


def test_what_comes_after_it_has_ids_of_its_own(noon: datetime) -> None:
    seed("--scale", "1", "--bookings", "20")
    [event] = added()
    price = Price.objects.filter(price_level__event=event).first()
    booking = reservations.reserve(event=event, quantities={price.pk: 2}, key="after")
    assert booking.pk == max(Booking.objects.values_list("pk", flat=True))
    assert list(violations()) == []


def test_codes_that_were_there_before_are_drawn_again(noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    seed("--scale", "1", "--bookings", "1")
    taken = Booking.objects.latest("pk").code
    drawn, before = iter([taken]), Booking.objects.count()
    monkeypatch.setattr(codes, "booking_code", lambda at, code=codes.booking_code: next(drawn, None) or code(at))
    house = Organization.objects.get(slug="demonstration-house")
    plan = replace(demo_scale.plans(1, 5)[0], number=2)
    assert [demo_scale._added(house, plan, noon), Booking.objects.count() - before] == [False, 0]
    assert [demo_scale._added(house, plan, noon), Booking.objects.count() - before] == [True, 5]
    assert list(violations()) == []


def test_progress_is_told_unless_quiet(noon: datetime) -> None:
    lines = seed("--scale", "2", "--bookings", "10").splitlines()
    assert [re.sub(r"\d+ a second", "… a second", line) for line in lines[:-1]] == [
        "1 of 2 events, 9 bookings, … a second",
        "2 of 2 events, 10 bookings, … a second",
    ]
    empty()
    assert len(seed("--scale", "2", "--bookings", "10", "--verbosity", "0").splitlines()) == 1


@pytest.mark.parametrize("option", ["--scale", "--bookings"])
@pytest.mark.parametrize("value", ["0", "-3", "many", "2.5"])
def test_a_size_is_a_whole_number_above_nothing(option: str, value: str) -> None:
    with pytest.raises(CommandError, match=f"{value} is not a whole number above 0"):
        seed(f"{option}={value}")
    assert not Venue.objects.exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--bookings", "10"], "give both"),
        (["--scale", "1", "--bookings", "6001"], "hold at most 6000 bookings"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(options: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        seed(*options)
    assert not Venue.objects.exists()


def test_there_is_room_for_the_usual_bookings_of_any_number_of_events() -> None:
    rooms = [demo_scale.room(events) for events in range(1_001)]
    assert all(room >= events * demo_scale.BOOKINGS_PER_EVENT for events, room in enumerate(rooms))
    assert all(fewer <= more for fewer, more in pairwise(rooms))
    assert sum(plan.bookings for plan in demo_scale.plans(500, 1_000_000)) == 1_000_000
