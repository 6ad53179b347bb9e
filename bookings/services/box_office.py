"""
Sale by staff: at the counter, or by phone.

The same steps and rules as on the web, one after the other, each in a transaction of its own: reserve, say whose
it is, take the money. What breaks off between two of them is a reservation that ends by itself, and sending the
same form again goes on where it stopped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from bookings.models import Booking, Payment
from bookings.services import customers, messages, payments, reservations
from core import audit, clock, idempotency
from core.refusals import Refusal
from core.transactions import outermost
from events.models import Event, Hold

LATER = "later"
"""Nothing is paid yet: the customer gets a link by mail, and until the deadline to pay there."""

COMPLIMENTARY = Payment.ByHand.COMPLIMENTARY
WAYS_TO_PAY = [*Payment.ByHand.choices, (LATER, _("later, by a link in a mail"))]


class WhoIsIt(Refusal):
    """More has to be known of the customer for this sale."""

    status = 422


class NoWayToPay(Refusal):
    """Nobody pays like that."""

    status = 422


@dataclass(frozen=True, slots=True)
class Customer:
    """Who buys, as far as they say. At the counter nobody has to."""

    name: str = ""
    email: str = ""
    phone: str = ""

    @property
    def is_known(self) -> bool:
        """Whether anything was said."""
        return bool(self.name or self.email or self.phone)


def sell(
    *,
    event: Event,
    quantities: Mapping[int, int],
    seats: Mapping[int, int] | None = None,
    hold: Hold | None = None,
    key: str,
    how: str,
    customer: Customer = Customer(),
    language: str = settings.LANGUAGE_CODE,
    by: Any,
) -> Booking:
    """
    Sell so many places at each price (by its id), and `seats` as `reserve` does, also such as a `hold` keeps back.

    It is paid as staff say: one of WAYS_TO_PAY. Who has an address gets the tickets by mail, or with LATER the link
    to pay. What costs nothing is confirmed at once.

    The same key leads to the same booking, however often, however parallel, and whichever step was reached.
    Raises what `reserve` raises, OverLimit (then the reservation is given up), WhoIsIt or NoWayToPay, all with
    nothing sold; TooLate when an old form's reservation has ended, KeyReused when it had said something else.
    """
    _check(how, customer)
    booking = reservations.reserve(
        event=event,
        quantities=quantities,
        seats=seats,
        hold=hold,
        key=key,
        language=language,
        channel=Booking.Channel.BOX_OFFICE,
        by=by,
    )
    try:
        reservations.check_open(booking, clock.now())
        return _finish(booking, how, customer, by)
    except (reservations.TooLate, payments.PaidAlready):
        booking.refresh_from_db()
        if booking.status != Booking.Status.CONFIRMED:
            raise
        return _sold_before(booking, how, customer)  # another press of the same button was faster


def _check(how: str, customer: Customer) -> None:
    if how not in dict(WAYS_TO_PAY):
        raise NoWayToPay(_("Please say how it is paid."))
    if how == LATER and not customer.email:
        raise WhoIsIt(_("Who pays later needs an address for the link."))
    if customer.email and not customer.name:
        raise WhoIsIt(_("Please say the name too: the mail is addressed to it."))


def _sold_before(booking: Booking, how: str, customer: Customer) -> Booking:
    """Return what the same form led to; another customer or way to pay would be another form (R21)."""
    said = Customer(booking.customer_name, booking.email, booking.phone)
    paid = booking.payments.filter(status=Payment.Status.SUCCEEDED)
    as_said = booking.is_free or how == LATER or paid.filter(provider=how).exists()
    if customer != said or not as_said:
        raise idempotency.KeyReused
    return booking


def _finish(booking: Booking, how: str, customer: Customer, by: Any) -> Booking:
    if customer.is_known:
        _say_whose(booking, customer, by)
    if booking.is_free:
        return payments.confirm_free(booking_id=booking.pk, by=by)
    if how == LATER:
        return _send_link(booking_id=booking.pk, by=by)
    return payments.record_by_hand(booking_id=booking.pk, how=how, by=by)


def _say_whose(booking: Booking, customer: Customer, by: Any) -> None:
    try:
        customers.give_details(
            booking_id=booking.pk, name=customer.name, email=customer.email, phone=customer.phone, by=by
        )
    except customers.OverLimit:
        reservations.give_up(booking_id=booking.pk, by=by)
        raise


@outermost
def _send_link(*, booking_id: int, by: Any) -> Booking:
    """Mail the link to pay, once."""
    booking = Booking.objects.locked().select_related("event__venue", "organization").get(pk=booking_id)
    now = clock.now()
    reservations.check_open(booking, now)
    if not audit.about(booking).filter(action="booking.link_sent").exists():
        audit.record("booking.link_sent", booking, at=now, by=by)
        messages.to_pay(booking, at=now)
    return booking
