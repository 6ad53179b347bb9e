"""What the demonstration's people did themselves: the customer's own bookings, and sales at the box office."""

from datetime import datetime, timedelta

from accounts.models import Organization, User
from bookings.gateways import sandbox
from bookings.models import Booking, Payment, SandboxCheckout
from bookings.queries import returns as queries
from bookings.services import box_office, cancellations, customers, payments, refunds, reservations, returns
from bookings.services.box_office import LATER, Customer
from core import clock
from events.models import Event, Price

OWN = [
    # title, days before now or before it started, whether it was cancelled
    ("Winter Strings", 20, False),
    ("Harbour Philharmonic: Tides", 3, False),
    ("Maple Leaves, Falling", 6, True),
]

NOBODY = Customer()
PRESS = Customer("Demo Press", "press@stagedoor.example")
CALLER = Customer("Demo Caller", "caller@stagedoor.example", "+49 30 5550 0177")
AT_THE_COUNTER = [
    # title, places, how it was paid, who, days before now, language
    ("Harbour Philharmonic: Tides", 2, Payment.ByHand.CASH, NOBODY, 2, "en"),
    ("Steel and Velvet", 3, Payment.ByHand.CARD, NOBODY, 1, "en"),
    ("The Clockmaker's Daughter, again", 2, Payment.ByHand.COMPLIMENTARY, PRESS, 4, "en"),
    ("La vida es ensayo", 4, LATER, CALLER, 0, "es"),
]


def buy_as(customer: User, now: datetime) -> None:
    """Let a customer with an account have bookings: one past, one to come, one cancelled."""
    for title, days, cancelled in OWN:
        event = _event(title)
        moment = min(now, event.starts_at) - timedelta(days=days)
        with clock.at(moment):
            booking = reservations.reserve(
                event=event, quantities={_price(event): 2}, key=f"own-{event.pk}", customer=customer, by=customer
            )
            customers.give_details(booking_id=booking.pk, name=customer.name, email=customer.email, by=customer)
            clock.advance(timedelta(minutes=4))
            pay(booking)
            if cancelled:
                clock.advance(timedelta(hours=20))
                cancellations.cancel(booking_id=booking.pk, reason="asked for by the customer", by=customer)
                refunds.send_due()


def sell_as(seller: User, now: datetime) -> None:
    """Let staff sell for cash, by card, as a present, and by phone to somebody who hasn't paid yet."""
    for title, places, how, customer, days, language in AT_THE_COUNTER:
        event = _event(title)
        with clock.at(now - timedelta(days=days)):
            box_office.sell(
                event=event,
                quantities={_price(event): places},
                key=f"counter-{event.pk}",
                how=how,
                customer=customer,
                language=language,
                by=seller,
            )


def give_one_back(house: Organization, now: datetime) -> None:
    """Let somebody who bought several tickets give one of them back, as the rules of the house allow."""
    bookings = Booking.objects.filter(organization=house, status=Booking.Status.CONFIRMED, channel="web", user=None)
    coming = bookings.filter(event__starts_at__gt=now + timedelta(days=8), quantity__gte=3, total__gt=0)
    booking = coming.select_related("event__venue", "event__organization").order_by("pk").first()
    if booking is None:
        return
    with clock.at(now - timedelta(minutes=4)):
        tickets = list(queries.own(booking).named()[:1])
        seen = queries.offer_for(booking, tickets, clock.now()).amount
        returns.return_tickets(booking_id=booking.pk, ticket_ids=[ticket.pk for ticket in tickets], seen=seen)
        refunds.send_due()


def pay(booking: Booking) -> None:
    """Pay as customers of the demonstration do."""
    if booking.is_free:
        payments.confirm_free(booking_id=booking.pk)
        return
    payments.hand_over(booking_id=booking.pk, provider="sandbox")
    payment = booking.payments.get()
    sandbox.press(SandboxCheckout.objects.get(key=payment.key), "pay")
    payments.look_up(booking=booking)


def _event(title: str) -> Event:
    return Event.objects.select_related("organization").get(title=title)


def _price(event: Event) -> int:
    """The Standard ticket of its last level."""
    prices = Price.objects.filter(price_level__event=event, ticket_type__name="Standard")
    return prices.order_by("price_level__order").values_list("pk", flat=True)[1]
