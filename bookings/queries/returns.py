"""Which tickets of a booking can be given back now, and what goes back for them."""

from collections.abc import Collection
from datetime import datetime

from bookings import policies
from bookings.models import Booking, CancellationPolicy, Refund, RefundRequest, Ticket, TicketQuerySet
from bookings.policies import Moment, Offer, Terms
from bookings.queries.changes import returns_in_full
from bookings.queries.policies import policy_of
from events.models import Event


def terms_of(event: Event) -> Terms:
    """
    Return the terms that hold at an event. Its organization's name a fee in the organization's currency: to an event
    in another they don't apply, and customers can only ask.
    """
    policy = policy_of(event)
    foreign = policy.event_id is None and policy.fee_per_ticket and event.currency != event.organization.currency
    return Terms() if foreign else terms(policy)


def terms(policy: CancellationPolicy) -> Terms:
    """Return what a policy says; none that was saved has no tiers."""
    tiers = [(tier.hours_before, tier.basis_points) for tier in policy.tiers.all()] if policy.pk else ()
    return Terms(
        until_hours=policy.cancel_until_hours,
        tiers=tuple(tiers),
        single_tickets=policy.single_tickets,
        keeps_service_fee=policy.keeps_service_fee,
        fee_per_ticket=policy.fee_per_ticket,
    )


def moment_of(booking: Booking, now: datetime) -> Moment:
    """Return how a booking's event stands in time; who booked after it was moved knew the new date."""
    event = booking.event
    until = event.returnable_until if returns_in_full(booking, now) else None
    return Moment(now, event.starts_at, until, event.venue.time_zone)


def returnable(booking: Booking) -> TicketQuerySet:
    """
    Return the tickets of a booking that could be given back, in their order. One that is being exchanged belongs to
    that; it comes back here when the exchange has come to nothing.
    """
    valid = booking.tickets.filter(status=Ticket.Status.VALID)
    return valid.exclude(exchanged_for__status=Booking.Status.PENDING).order_by("number")


def own(booking: Booking) -> TicketQuerySet:
    """Return those of them that its customer has: what was passed on is somebody else's."""
    return returnable(booking).filter(holder_email="")


def left_of(booking: Booking) -> int:
    """Return how much of what was paid for a booking can go back."""
    return sum(each.left for each in booking.payments.filter(kept_aside=False).prefetch_related("refunds"))


def offer_for(booking: Booking, tickets: list[Ticket], now: datetime) -> Offer:
    """Return what goes back for these tickets by the rules, at this moment."""
    last = not booking.live_tickets().exclude(pk__in=[ticket.pk for ticket in tickets]).exists()
    event = booking.event
    return policies.offer(terms_of(event), moment_of(booking, now), booking, tickets, last=last, left=left_of(booking))


def why_not(booking: Booking, now: datetime) -> str:
    """Return why the customer of a confirmed booking can't give tickets back alone; nothing if that is possible."""
    return policies.why_not(terms_of(booking.event), moment_of(booking, now))


def refunds_of(booking: Booking) -> list[Refund]:
    """Return the money that went or goes back for a booking, but for what moved on by an exchange."""
    found = Refund.objects.filter(payment__booking=booking).exclude(reason=Refund.Reason.EXCHANGED)
    return list(found.select_related("payment").order_by("pk"))


def given_back(booking: Booking) -> TicketQuerySet:
    """Return the tickets that were given back after they were valid."""
    void = booking.tickets.filter(void_reason=Ticket.VoidReason.CANCELLED)
    return void.named().order_by("voided_at", "number") if booking.confirmed_at else void.none()


def latest_request(booking: Booking) -> RefundRequest | None:
    """Return what the customer asked for last, if anything."""
    return booking.refund_requests.prefetch_related("tickets").order_by("-pk").first()


def numbered(tickets: TicketQuerySet, numbers: Collection[str]) -> list[Ticket]:
    """Return those of the tickets whose numbers were sent; whatever else was sent is nobody's."""
    wanted = {int(each) for each in numbers if each.isascii() and each.isdigit() and len(each) < 5}
    return [ticket for ticket in tickets if ticket.number in wanted]
