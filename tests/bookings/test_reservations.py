"""From a choice to reserved places, and back."""

import secrets
from datetime import datetime, timedelta

import pytest

from bookings.models import Booking, Ticket
from bookings.queries.promises import violations
from bookings.services import reservations
from bookings.services.customers import renew_link
from core import clock
from core.idempotency import KeyReused
from core.models import AuditEntry, IdempotentCall
from events.models import Event, EventSeat, NotOnSale, Price
from events.services.inventory import NotEnough
from tests.factories import event_on_sale, handed_over, price_of, reserve, settle

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
KEY = "k" * 24


def assert_nothing_happened(event: Event) -> None:
    """No place is taken, and no row tells of a booking."""
    assert not EventSeat.objects.exclude(status="available").exists()
    assert not EventSeat.objects.filter(was_claimed=True).exists()
    assert not Booking.objects.exists()
    assert not Ticket.objects.exists()
    assert not IdempotentCall.objects.exists()
    assert not AuditEntry.objects.exclude(action="event.published").exists()


def test_a_reservation_keeps_its_places_until_its_deadline(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 5})
    booking = reserve(event, 2)
    assert booking.status == "pending"
    assert booking.reserved_until == noon + timedelta(minutes=15)
    places = EventSeat.objects.filter(event=event)
    assert places.filter(status="reserved", reserved_until=booking.reserved_until).count() == 2
    assert places.filter(status="available").count() == 3
    assert list(violations()) == []


def test_a_reservation_writes_down_what_was_agreed(noon: datetime) -> None:
    """R10, R11: prices 20.00 and 10.00 with 5 % and 0.50 each, 19 % tax contained."""
    event = event_on_sale(levels={"Standing": 5, "Balcony": 5}, amounts={"Adult": 2_000, "Child": 1_000})
    adult, child = price_of(event, "Standing", "Adult"), price_of(event, "Balcony", "Child")
    booking = reservations.reserve(event=event, quantities={adult.pk: 2, child.pk: 1}, key=KEY)
    agreed = (booking.quantity, booking.currency, booking.subtotal, booking.fee, booking.tax, booking.total)
    assert agreed == (3, "EUR", 5_000, 400, 862, 5_400)
    assert (booking.organization, booking.event, booking.channel, booking.user) == (
        event.organization,
        event,
        "web",
        None,
    )
    tickets = booking.tickets.order_by("number")
    assert list(
        tickets.values_list("number", "ticket_type__name", "event_seat__price_level__name", "price", "fee", "tax")
    ) == [
        (1, "Adult", "Standing", 2_000, 150, 343),
        (2, "Adult", "Standing", 2_000, 150, 343),
        (3, "Child", "Balcony", 1_000, 100, 176),
    ]
    entry = AuditEntry.objects.get(action="booking.reserved")
    assert (entry.object_id, entry.facts, entry.at) == (booking.pk, {"places": 3, "total": 5_400}, noon)
    assert list(violations()) == []


def test_a_later_change_of_price_or_fee_alters_no_booking(noon: datetime) -> None:
    """R10"""
    event = event_on_sale()
    booking = reserve(event)
    before = Booking.objects.filter(pk=booking.pk).values().get()
    Price.objects.update(amount=9_999)
    type(event.organization).objects.update(fee_basis_points=0, fee_per_ticket=999, tax_basis_points=0)
    settle(handed_over(booking))
    after = Booking.objects.filter(pk=booking.pk).values().get()
    amounts = ("subtotal", "fee", "tax", "total", "currency", "quantity")
    assert [after[name] for name in amounts] == [before[name] for name in amounts]
    assert list(violations()) == []


# --- Refusals -------------------------------------------------------------------------------------


def refuse(event: Event, quantities: dict[int, int], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        reservations.reserve(event=event, quantities=quantities, key=KEY)
    assert_nothing_happened(event)


def test_a_price_that_does_not_exist_is_refused(noon: datetime) -> None:
    event = event_on_sale()
    refuse(event, {2**40: 1}, reservations.BadChoice, "isn't sold for this event")


def test_a_price_of_another_event_is_refused(noon: datetime) -> None:
    event, other = event_on_sale(), event_on_sale()
    refuse(event, {price_of(other).pk: 1}, reservations.BadChoice, "isn't sold for this event")
    refuse(event, {price_of(event).pk: 1, price_of(other).pk: 1}, reservations.BadChoice, "isn't sold")


@pytest.mark.parametrize("quantity", [None, 0])
def test_choosing_nothing_is_refused(noon: datetime, quantity: int | None) -> None:
    event = event_on_sale()
    quantities = {} if quantity is None else {price_of(event).pk: quantity}
    refuse(event, quantities, reservations.BadChoice, "at least one")


@pytest.mark.parametrize("quantities", [(-1, 0), (-1, 3), (3, -1), (-1, -1)], ids=str)
@pytest.mark.parametrize("levels", [("Standing", "Standing"), ("Standing", "Balcony")], ids=str)
def test_less_than_nothing_is_refused(noon: datetime, quantities: tuple[int, int], levels: tuple[str, str]) -> None:
    """R50: also where another quantity makes up for it."""
    event = event_on_sale(levels={"Standing": 5, "Balcony": 5}, amounts={"Adult": 2_000, "Child": 1_000})
    choice = {
        price_of(event, levels[0], "Adult").pk: quantities[0],
        price_of(event, levels[1], "Child").pk: quantities[1],
    }
    refuse(event, choice, reservations.BadChoice, ".")


def test_more_than_a_booking_may_have_is_refused_over_all_prices_together(noon: datetime) -> None:
    """R9"""
    event = event_on_sale(levels={"Standing": 50}, amounts={"Adult": 2_000, "Child": 1_000}, max_per_booking=4)
    adult, child = price_of(event, ticket_type="Adult"), price_of(event, ticket_type="Child")
    refuse(event, {adult.pk: 5}, reservations.BadChoice, "At most 4 tickets")
    refuse(event, {adult.pk: 3, child.pk: 2}, reservations.BadChoice, "At most 4 tickets")
    assert reservations.reserve(event=event, quantities={adult.pk: 3, child.pk: 1}, key=KEY).quantity == 4


def test_more_than_a_customer_may_have_is_refused_before_we_know_who_it_is(noon: datetime) -> None:
    """R9"""
    event = event_on_sale(max_per_booking=5, max_per_customer=1)
    refuse(event, {price_of(event).pk: 2}, reservations.BadChoice, "At most 1 ticket can")


def test_more_than_there_is_is_refused(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 2})
    refuse(event, {price_of(event).pk: 3}, NotEnough, "Only 2 places are left at Standing.")


def test_a_choice_over_two_levels_is_had_whole_or_not_at_all(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 5, "Balcony": 1})
    choice = {price_of(event).pk: 2, price_of(event, "Balcony").pk: 2}
    refuse(event, choice, NotEnough, "Only 1 place is left at Balcony.")


@pytest.mark.parametrize(
    ("status", "text"), [("draft", "isn't published"), ("cancelled", "was cancelled")], ids=["draft", "cancelled"]
)
def test_an_event_that_is_not_published_sells_nothing(noon: datetime, status: str, text: str) -> None:
    """S41"""
    event = event_on_sale()
    Event.objects.update(status=status)
    event.refresh_from_db()
    refuse(event, {price_of(event).pk: 1}, NotOnSale, text)


def test_an_event_that_is_over_sells_nothing(noon: datetime) -> None:
    event = event_on_sale(sales_end=noon + timedelta(days=90))
    clock.advance(event.ends_at - noon)
    refuse(event, {price_of(event).pk: 1}, NotOnSale, "is over")


def test_cancelled_is_a_better_answer_than_sold_out(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 1})
    EventSeat.objects.update(status="blocked")
    Event.objects.update(status="cancelled")
    event.refresh_from_db()
    with pytest.raises(NotOnSale, match="was cancelled"):
        reserve(event, 1)


def test_sales_open_at_their_moment_and_not_a_millisecond_before(noon: datetime) -> None:
    """R46"""
    event = event_on_sale(sales_start=noon + MINUTE)
    clock.advance(MINUTE - timedelta(milliseconds=1))
    refuse(event, {price_of(event).pk: 1}, NotOnSale, "haven't started yet")
    clock.advance(timedelta(milliseconds=1))
    assert reserve(event, 1).status == "pending"


@pytest.mark.parametrize("closes_at_start", [True, False])
def test_sales_close_at_their_moment_and_not_a_millisecond_before(noon: datetime, closes_at_start: bool) -> None:
    fields = {"starts_at": noon + MINUTE} if closes_at_start else {"sales_end": noon + MINUTE}
    event = event_on_sale(**fields)
    clock.advance(MINUTE - timedelta(milliseconds=1))
    assert reserve(event, 1).status == "pending"
    clock.advance(timedelta(milliseconds=1))
    with pytest.raises(NotOnSale, match="have ended"):
        reserve(event, 1)
    assert Booking.objects.count() == 1


# --- The same form twice --------------------------------------------------------------------------


def test_the_same_form_leads_to_the_same_booking(noon: datetime) -> None:
    """R20"""
    event = event_on_sale()
    first = reserve(event, 2, key=KEY)
    assert {reserve(event, 2, key=KEY).pk for _again in range(9)} == {first.pk}
    assert EventSeat.objects.filter(status="reserved").count() == 2
    assert AuditEntry.objects.filter(action="booking.reserved").count() == 1


def test_the_same_key_with_another_choice_is_refused(noon: datetime) -> None:
    """R21"""
    event, other = event_on_sale(), event_on_sale()
    reserve(event, 2, key=KEY)
    for changed in (lambda: reserve(event, 3, key=KEY), lambda: reserve(other, 2, key=KEY)):
        with pytest.raises(KeyReused):
            changed()
    assert Booking.objects.get().quantity == 2
    assert EventSeat.objects.filter(status="reserved").count() == 2


def test_a_refusal_is_forgotten_so_that_the_same_form_may_try_again(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 2})
    first = reserve(event, 2)
    with pytest.raises(NotEnough):
        reserve(event, 2, key=KEY)
    reservations.give_up(booking_id=first.pk)
    assert reserve(event, 2, key=KEY).status == "pending"


def test_an_old_form_does_not_lead_to_a_renewed_link(noon: datetime) -> None:
    """S19"""
    event = event_on_sale()
    renew_link(booking_id=reserve(event, 2, key=KEY).pk)
    with pytest.raises(KeyReused):
        reserve(event, 2, key=KEY)
    assert Booking.objects.count() == 1


def test_a_code_that_is_taken_is_made_anew(noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R6: the dice fall twice the same way."""
    event = event_on_sale()
    rolls = iter("A" * 12 + "BCDEFG")
    monkeypatch.setattr(secrets, "choice", lambda _signs: next(rolls))
    made = [reserve(event, 1).code, reserve(event, 1).code]
    assert made == ["BK-20260601-AAAAAA", "BK-20260601-BCDEFG"]
    assert list(violations()) == []
