"""The same places once more, for who was too slow: nothing is chosen, typed or lost a second time (U22)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import Booking, TicketQuerySet
from bookings.services import customers, reservations
from core import clock
from core.refusals import Refusal
from events.models import Event, Price


class NotAgain(Refusal):
    """The booking is open or paid, or was cancelled."""

    def __init__(self) -> None:
        super().__init__(_("This booking can't be reserved again. Please choose anew on the event's page."))


@dataclass(frozen=True, slots=True)
class Renewal:
    """The new booking, and why its customer's details were not taken, if so."""

    booking: Booking
    refusal: customers.OverLimit | None = None


def reserve_again(
    *,
    booking_id: int,
    key: str,
    details: Mapping[str, str] | None = None,
    client: str = "",
    language: str = settings.LANGUAGE_CODE,
    customer: User | None = None,
    by: Any = None,
) -> Renewal:
    """
    Reserve what a booking that ended unpaid had, and give its customer's details: `details` (name, email, phone),
    or those that are known, unless they are another account's. Two transactions: places that were had stay,
    whatever is wrong with the details.

    Raises NotAgain, and what `reserve` raises; the same key leads to the same new booking.
    """
    ended = Booking.objects.get(pk=booking_id)
    if not can_be_had_again(ended):
        raise NotAgain
    booking = reservations.reserve(
        event=Event.objects.select_related("organization").get(pk=ended.event_id),
        quantities=_the_same(ended),
        seats=seats_of(ended),
        key=key,
        replacing=ended.pk,
        client=client,
        language=language,
        customer=customer,
        by=by,
    )
    given = known_details(booking) if details is None else details
    if not given or booking.has_details:
        return Renewal(booking)
    try:
        return Renewal(customers.give_details(booking_id=booking.pk, **given, by=by))
    except customers.OverLimit as refusal:
        return Renewal(booking, refusal)
    except reservations.TooLate:  # an old form, whose booking has ended as well
        return Renewal(booking)


def can_be_had_again(booking: Booking) -> bool:
    """Whether its time ran out or its customer gave it back; not if another choice took its place."""
    if booking.status == Booking.Status.PENDING:
        return clock.now() > booking.reserved_until
    return booking.ended_unpaid and booking.end_reason != Booking.REPLACED


def quantities_of(booking: Booking) -> dict[int, int]:
    """Return a booking's choice of standing places by price id; a price that is gone is left out."""
    first = _first_tickets(booking).filter(event_seat__seat=None)
    chosen = Counter(first.values_list("event_seat__price_level_id", "ticket_type_id"))
    kinds = _prices_of(booking)
    return {kinds[kind]: quantity for kind, quantity in chosen.items() if kind in kinds}


def seats_of(booking: Booking) -> dict[int, int]:
    """Return a booking's numbered seats: the price's id by the place's; a price that is gone is left out."""
    numbered = _first_tickets(booking).filter(event_seat__seat__isnull=False)
    chosen = numbered.values_list("event_seat_id", "event_seat__price_level_id", "ticket_type_id")
    kinds = _prices_of(booking)
    return {place: kinds[level, kind] for place, level, kind in chosen if (level, kind) in kinds}


def _first_tickets(booking: Booking) -> TicketQuerySet:
    return booking.tickets.filter(number__lte=booking.quantity)  # late money made others


def _prices_of(booking: Booking) -> dict[tuple[int, int], int]:
    prices = Price.objects.filter(price_level__event=booking.event_id).order_by()
    return {(level, kind): pk for pk, level, kind in prices.values_list("pk", "price_level_id", "ticket_type_id")}


def _the_same(ended: Booking) -> dict[int, int]:
    quantities = quantities_of(ended)
    if sum(quantities.values()) + len(seats_of(ended)) != ended.quantity:
        raise reservations.BadChoice(
            _("Some of these tickets aren't sold any more. Please choose again on the event's page.")
        )
    return quantities


def known_details(booking: Booking | None) -> dict[str, str]:
    """
    Return the details of a booking, else of what it replaces, else nothing: they aren't asked twice (U26).

    One browser may serve two accounts, one after the other, so one account's details are not another's.
    """
    owners = set()
    while booking:
        owners |= {booking.user_id} - {None}
        if len(owners) > 1:
            return {}
        if booking.has_details:
            return {"name": booking.customer_name, "email": booking.email, "phone": booking.phone}
        booking = booking.replaces
    return {}
