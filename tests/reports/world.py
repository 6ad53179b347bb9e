"""Little worlds: two houses whose customers and staff do whatever a booking can go through, by the services."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from accounts.models import Organization
from bookings.gateways import News, Outcome
from bookings.models import Booking, CancellationPolicy, Refund
from bookings.queries import returns as asked
from bookings.services import box_office, cancellations, exchanges, payments, refunds, reservations, returns
from core import clock, codes
from core.refusals import Refusal
from events.models import Event
from notifications.models import Message
from reports.services import closing
from tests.bookings.passing_on import passed_on
from tests.factories import (
    CategoryFactory,
    OrganizationFactory,
    VenueFactory,
    event_on_sale,
    handed_over,
    news_of,
    price_of,
    settle,
    with_details,
)

AMOUNTS = {"Standard": 2_003, "Premium": 3_111, "Child": 997, "Guest": 0}
TYPES = [*AMOUNTS]


class World:
    """Two houses with two events each, one of them in dollars."""

    def __init__(self, zones: tuple[str, str]) -> None:
        self.done: set[str] = set()
        self.organizations = [self._house(zone) for zone in zones]
        self.events = [event for each in self.organizations for event in self._events(each)]

    def _house(self, zone: str) -> Organization:
        house = OrganizationFactory(time_zone=zone, fee_per_booking=45)
        CancellationPolicy.objects.create(organization=house, cancel_until_hours=1, exchange_until_hours=1)
        return house

    def _events(self, house: Organization) -> list[Event]:
        venue = VenueFactory(organization=house)
        how: dict[str, Any] = {"levels": {"Standing": 90}, "amounts": AMOUNTS, "starts_at": clock.now() + timedelta(60)}
        dollars = {"currency": "USD", "fee_per_ticket": 75, "fee_per_booking": 31}
        return [
            event_on_sale(venue=venue, category=CategoryFactory(organization=house), **how),
            event_on_sale(venue=VenueFactory(organization=house), **how, **dollars),
        ]

    def do(self, name: str, which: int, many: int, percent: int) -> None:
        """Do one thing to one of the events or bookings; what is refused leaves nothing behind."""
        act: Callable[[int, int, int], Any] = getattr(self, name)
        try:
            act(which, many, percent)
            self.done.add(name)
        except Refusal:
            pass

    # Time

    def pass_hours(self, which: int, many: int, percent: int) -> None:
        clock.advance(timedelta(hours=many * (which + 1)))

    def close(self, which: int, many: int, percent: int) -> None:
        closing.close_due()

    # Buying

    def _event(self, which: int) -> Event:
        return self.events[which % len(self.events)]

    def reserved(self, which: int, many: int, **how: Any) -> Booking:
        event = how.pop("event", None) or self._event(which)
        kinds = {price_of(event, ticket_type=TYPES[which % 3]).pk: many, price_of(event, ticket_type="Guest").pk: 1}
        booking = reservations.reserve(event=event, quantities=kinds, key=codes.secret(), **how)
        return with_details(booking, f"person{which}@example.com")

    def buy(self, which: int, many: int, percent: int) -> Booking:
        return settle(handed_over(self.reserved(which, many)))

    def pay_in_cash(self, which: int, many: int, percent: int) -> None:
        payments.record_by_hand(booking_id=self.reserved(which, many).pk, how="cash", by=None)

    def give(self, which: int, many: int, percent: int) -> None:
        payments.record_by_hand(booking_id=self.reserved(which, many).pk, how="complimentary", by=None)

    def take_free_tickets(self, which: int, many: int, percent: int) -> None:
        event = self._event(which)
        box_office.sell(
            event=event,
            quantities={price_of(event, ticket_type="Guest").pk: many},
            key=codes.secret(),
            how="cash",
            by=None,
        )

    def pay_late(self, which: int, many: int, percent: int) -> None:
        payment = handed_over(self.reserved(which, many))
        clock.advance(timedelta(minutes=70))
        reservations.expire_due()
        settle(payment)

    def pay_in_vain_then_get_it_as_a_present(self, which: int, many: int, percent: int) -> None:
        """Money that came too late and goes back, before staff give the booking away."""
        payment = handed_over(self.reserved(which, many))
        clock.advance(timedelta(minutes=70))
        reservations.expire_due()
        event = payment.booking.event
        Event.objects.filter(pk=event.pk).update(max_per_customer=1)
        settle(payment)
        Event.objects.filter(pk=event.pk).update(max_per_customer=None)
        payments.record_by_hand(booking_id=payment.booking_id, how="complimentary", by=None)

    def get_it_as_a_present_then_pay(self, which: int, many: int, percent: int) -> None:
        payment = handed_over(self.reserved(which, many))
        payments.record_by_hand(booking_id=payment.booking_id, how="complimentary", by=None)
        clock.advance(timedelta(hours=many))
        settle(payment)

    def pay_twice(self, which: int, many: int, percent: int) -> None:
        payment = handed_over(self.reserved(which, many))
        settle(payment)
        clock.advance(timedelta(hours=many))
        settle(payment, reference=f"again-{payment.pk}")

    def pay_another_amount(self, which: int, many: int, percent: int) -> None:
        payment = handed_over(self.reserved(which, many))
        said = news_of(payment, Outcome.SUCCEEDED, reference=f"other-{payment.pk}")
        other = News(said.checkout_reference, said.outcome, payment.amount + 1, said.currency, said.reference)
        payments.settle(provider=payment.provider, news=other)
        if percent > 50:
            refunds.return_kept(booking_id=payment.booking_id, by=None)

    def leave_it(self, which: int, many: int, percent: int) -> None:
        self.reserved(which, many)

    def give_up(self, which: int, many: int, percent: int) -> None:
        reservations.give_up(booking_id=self.reserved(which, many).pk)

    # What comes after

    def _confirmed(self, which: int) -> Booking:
        found = list(Booking.objects.filter(status="confirmed").order_by("pk"))
        return found[which % len(found)] if found else self.buy(which, 2, 0)

    def cancel(self, which: int, many: int, percent: int) -> None:
        booking = self._confirmed(which)
        amount = asked.left_of(booking) * percent // 100
        cancellations.cancel(booking_id=booking.pk, reason="test", amount=amount)

    def take_back(self, which: int, many: int, percent: int) -> None:
        """Single tickets, for more or less than they cost."""
        booking = self._confirmed(which)
        chosen = list(asked.returnable(booking).values_list("pk", flat=True)[:many])
        amount = asked.left_of(booking) * percent // 100
        why = Refund.Reason.OTHER
        returns.take_back(booking_id=booking.pk, ticket_ids=chosen, amount=amount, why=why, reason="test", by=None)

    def give_goodwill(self, which: int, many: int, percent: int) -> None:
        paid = [each for each in Booking.objects.filter(status="confirmed").order_by("pk") if asked.left_of(each)]
        booking = paid[which % len(paid)] if paid else self.buy(which, 2, 0)
        left = asked.left_of(booking)
        how: dict[str, Any] = {"amount": left * percent // 100, "left": left, "why": Refund.Reason.OTHER}
        returns.give_goodwill(booking_id=booking.pk, **how, reason="test", by=None)

    def pass_on(self, which: int, many: int, percent: int) -> None:
        booking = self._confirmed(which)
        Message.objects.filter(kind="ticket-offered").delete()
        if ticket := booking.live_tickets().filter(holder_email="").first():
            passed_on(ticket)

    def _exchanging(self, which: int, many: int) -> Booking:
        old = self._confirmed(which)
        chosen = [ticket.pk for ticket in exchanges.exchangeable(old, clock.now())][: many + 1]
        return self.reserved(which + 1, many, event=old.event, exchanging=chosen)

    def exchange(self, which: int, many: int, percent: int) -> None:
        new = self._exchanging(which, many)
        if new.is_free:
            payments.confirm_free(booking_id=new.pk)
        else:
            settle(handed_over(new))

    def exchange_and_waive_the_difference(self, which: int, many: int, percent: int) -> None:
        new = self._exchanging(which, many)
        payments.record_by_hand(booking_id=new.pk, how="complimentary", by=None)

    def send_refunds(self, which: int, many: int, percent: int) -> None:
        for refund in Refund.objects.filter(status="by_hand"):
            refunds.paid_back(refund_id=refund.pk, by=None)


ACTS = [
    name
    for name, value in vars(World).items()
    if callable(value) and not name.startswith("_") and name not in ("do", "reserved")
]
