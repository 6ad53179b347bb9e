"""Sale by staff: the rules of the web, money by hand, and one booking for each form."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from bookings.models import Booking, CustomerQuota, Payment, Ticket
from bookings.queries.promises import violations
from bookings.services import box_office, customers, payments, reservations
from bookings.services.box_office import LATER, Customer
from core import audit, clock, codes
from core.idempotency import KeyReused
from events.models import Event, EventSeat, NotOnSale
from events.services.inventory import NotEnough
from notifications.models import Message
from tests.factories import event_on_sale, member, price_of, settle, with_details
from tests.factories import reserve as reserve_on_the_web

pytestmark = pytest.mark.django_db

ADA = Customer("Ada Example", "ada@example.com", "+49 30 555 0100")


@pytest.fixture
def seller() -> User:
    return member("support")


def sell(event: Event, quantity: int = 2, **said: Any) -> Booking:
    """Sell so many places at an event's only price, for cash if nothing else is said."""
    said = {"key": codes.secret(), "how": "cash", "by": said.pop("by", None) or member("support")} | said
    return box_office.sell(event=event, quantities={price_of(event).pk: quantity}, **said)


def free(event: Event) -> int:
    return EventSeat.objects.filter(event=event).free().count()


def test_nobody_has_to_be_known_at_the_counter(noon: datetime, seller: User) -> None:
    event = event_on_sale()
    booking = sell(event, by=seller)
    assert (booking.status, booking.channel, booking.email, booking.user) == ("confirmed", "box_office", "", None)
    assert (booking.client, booking.quantity, booking.total) == ("", 2, 4_300)
    assert list(booking.tickets.values_list("status", flat=True)) == ["valid", "valid"]
    payment = booking.payments.get()
    assert (payment.provider, payment.status, payment.amount) == ("cash", "succeeded", 4_300)
    assert not Message.objects.exists()
    assert {entry.by for entry in audit.about(booking)} == {seller}
    assert list(violations()) == []


@pytest.mark.parametrize("how", Payment.ByHand.values)
def test_it_is_paid_as_staff_say_and_the_price_stays(how: str, noon: datetime) -> None:
    booking = sell(event_on_sale(), how=how)
    payment = booking.payments.get()
    assert (booking.total, payment.provider, payment.amount) == (4_300, how, 4_300)
    assert list(violations()) == []


def test_who_gives_an_address_gets_the_tickets_by_mail(noon: datetime) -> None:
    booking = sell(event_on_sale(), customer=ADA, language="de")
    assert (booking.customer_name, booking.email, booking.phone) == ("Ada Example", "ada@example.com", ADA.phone)
    assert booking.language == "de"
    assert list(Message.objects.values_list("kind", "to")) == [("booking-confirmed", "ada@example.com")]


def test_what_costs_nothing_is_confirmed_without_a_payment(noon: datetime) -> None:
    event = event_on_sale(amounts={"Standard": 0})
    for how in ("cash", LATER):
        booking = sell(event, how=how, customer=ADA)
        assert (booking.status, booking.payments.count()) == ("confirmed", 0)


def test_who_pays_later_gets_the_link_once_and_has_as_long_as_on_the_web(noon: datetime, seller: User) -> None:
    event, key = event_on_sale(), codes.secret()
    first = sell(event, how=LATER, customer=ADA, key=key, by=seller)
    again = sell(event, how=LATER, customer=ADA, key=key, by=seller)
    assert first.pk == again.pk
    assert (again.status, again.reserved_until) == ("pending", noon + timedelta(minutes=15))
    message = Message.objects.get()
    assert (message.kind, message.to) == ("booking-to-pay", "ada@example.com")
    assert again.get_absolute_url() in message.text
    assert again.get_absolute_url() in message.html
    assert not Payment.objects.exists()
    payments.hand_over(booking_id=again.pk, provider="sandbox")
    assert settle(again.payments.get()).status == "confirmed"
    assert sell(event, how=LATER, customer=ADA, key=key, by=seller).status == "confirmed"
    assert Message.objects.filter(kind="booking-to-pay").count() == 1


@pytest.mark.parametrize(
    ("how", "customer"),
    [
        (LATER, Customer("Ada Example", phone="+49 30 555 0100")),
        ("cash", Customer(email="ada@example.com")),
        ("sandbox", ADA),
        ("", ADA),
    ],
    ids=["later without an address", "an address without a name", "a provider", "nothing"],
)
def test_what_is_missing_is_refused_before_anything_is_reserved(how: str, customer: Customer, noon: datetime) -> None:
    event = event_on_sale()
    with pytest.raises((box_office.WhoIsIt, box_office.NoWayToPay)):
        sell(event, how=how, customer=customer)
    assert (Booking.objects.count(), free(event)) == (0, 10)


CLOSED: dict[str, dict[str, Any]] = {
    "hasn't started": {"sales_start": timedelta(days=1)},
    "sales are over": {"sales_end": timedelta(0)},
    "started": {"starts_at": timedelta(0)},
    "over": {"starts_at": -timedelta(hours=4), "ends_at": -timedelta(hours=1)},
}


@pytest.mark.parametrize("times", CLOSED.values(), ids=CLOSED)
def test_staff_sell_no_longer_than_the_site(times: dict[str, timedelta], noon: datetime) -> None:
    """S41"""
    event = event_on_sale()
    Event.objects.filter(pk=event.pk).update(**{name: noon + away for name, away in times.items()})
    with pytest.raises(NotOnSale):
        sell(Event.objects.select_related("organization").get(pk=event.pk))
    assert (Booking.objects.count(), free(event)) == (0, 10)


@pytest.mark.parametrize("status", ["draft", "cancelled"])
def test_staff_sell_only_what_is_published(status: str, noon: datetime) -> None:
    """S41"""
    event = event_on_sale()
    event.status = status
    event.save()
    with pytest.raises(NotOnSale):
        sell(event)
    assert not Booking.objects.exists()


def test_more_than_one_booking_may_have_is_refused_to_staff_too(noon: datetime) -> None:
    """S41"""
    with pytest.raises(reservations.BadChoice):
        sell(event_on_sale(max_per_booking=3), 4)
    with pytest.raises(reservations.BadChoice):
        sell(event_on_sale(max_per_customer=3), 4)
    assert not Booking.objects.exists()


def test_a_price_of_another_event_is_refused(noon: datetime) -> None:
    """S41"""
    event, other = event_on_sale(), event_on_sale()
    with pytest.raises(reservations.BadChoice):
        box_office.sell(
            event=event, quantities={price_of(other).pk: 1}, key=codes.secret(), how="cash", by=member("support")
        )
    assert (free(event), free(other)) == (10, 10)


def test_what_is_gone_cannot_be_sold(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 3})
    reserve_on_the_web(event, 2)
    with pytest.raises(NotEnough, match="Only 1 place is left at Standing"):
        sell(event)
    assert (Booking.objects.count(), free(event)) == (1, 1)


def test_over_the_limit_of_a_person_nothing_is_kept_half_done(noon: datetime) -> None:
    event = event_on_sale(max_per_customer=3)
    with_details(reserve_on_the_web(event, 2))
    with pytest.raises(customers.OverLimit):
        sell(event, 2, customer=ADA)
    refused = Booking.objects.latest("pk")
    assert (refused.status, refused.end_reason, refused.email) == ("cancelled", Booking.GIVEN_UP, "")
    assert not refused.live_tickets().exists()
    assert free(event) == 8
    assert not Payment.objects.exists()
    assert sell(event, 1, customer=ADA).status == "confirmed"


def test_who_is_unknown_is_nobodys_second_booking(noon: datetime) -> None:
    event = event_on_sale(max_per_customer=2)
    for customer in (Customer(), Customer("Ada Example"), Customer("Bo Example", phone="555")):
        assert sell(event, 2, customer=customer).status == "confirmed"
    assert not CustomerQuota.objects.exists()
    assert list(violations()) == []


def test_the_counter_isnt_counted_as_a_hoarding_client(noon: datetime, seller: User) -> None:
    """S42"""
    event = event_on_sale(levels={"Standing": 100}, max_per_booking=4)
    for number in range(22):
        customer = Customer(f"Caller {number}", f"caller{number}@example.com")
        sell(event, 4, how=LATER, customer=customer, by=seller)
    assert Booking.objects.filter(status="pending", client="").count() == 22


def test_the_same_form_again_leads_to_the_same_booking(noon: datetime, seller: User) -> None:
    """R20"""
    event, key = event_on_sale(), codes.secret()
    sold = {sell(event, key=key, customer=ADA, by=seller).pk for _press in range(3)}
    assert len(sold) == Booking.objects.count() == Payment.objects.count() == Message.objects.count() == 1
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize(
    "other",
    [{"customer": Customer("Bo Example", "bo@example.com")}, {"customer": Customer()}, {"how": "card"}],
    ids=["for somebody else", "for nobody", "paid otherwise"],
)
def test_the_same_key_with_another_form_is_refused(other: dict[str, Any], noon: datetime, seller: User) -> None:
    """R21"""
    event, key = event_on_sale(), codes.secret()
    booking = sell(event, key=key, customer=ADA, by=seller)
    with pytest.raises(KeyReused):
        sell(event, **{"key": key, "customer": ADA, "by": seller} | other)
    booking.refresh_from_db()
    assert (booking.email, booking.payments.get().provider) == ("ada@example.com", "cash")
    assert Booking.objects.count() == 1


def test_the_same_key_with_another_choice_is_refused(noon: datetime, seller: User) -> None:
    """R21"""
    event, key = event_on_sale(), codes.secret()
    sell(event, 1, key=key, by=seller)
    with pytest.raises(KeyReused):
        sell(event, 2, key=key, by=seller)
    assert free(event) == 9


@pytest.mark.parametrize("how", ["cash", LATER])
@pytest.mark.parametrize("reached", ["reserved", "details given"])
def test_what_broke_off_goes_on_where_it_stopped(reached: str, how: str, noon: datetime, seller: User) -> None:
    """R20: whichever step was reached."""
    event, key = event_on_sale(), codes.secret()
    begun = reservations.reserve(
        event=event, quantities={price_of(event).pk: 2}, key=key, channel=Booking.Channel.BOX_OFFICE
    )
    if reached == "details given":
        customers.give_details(booking_id=begun.pk, name=ADA.name, email=ADA.email, phone=ADA.phone)
    booking = sell(event, key=key, customer=ADA, how=how, by=seller)
    assert (booking.pk, booking.email) == (begun.pk, "ada@example.com")
    assert booking.status == ("pending" if how == LATER else "confirmed")
    assert Booking.objects.count() == Message.objects.count() == 1
    assert list(violations()) == []


def test_what_broke_off_and_is_left_ends_by_itself(noon: datetime, seller: User) -> None:
    event, key = event_on_sale(), codes.secret()
    reservations.reserve(event=event, quantities={price_of(event).pk: 2}, key=key, channel=Booking.Channel.BOX_OFFICE)
    clock.advance(timedelta(minutes=16))
    assert reservations.expire_due() == 1
    assert free(event) == 10
    for customer in (ADA, Customer()):
        with pytest.raises(reservations.TooLate):
            sell(event, key=key, customer=customer, by=seller)
    assert free(event) == 10
    assert not Payment.objects.exists()
