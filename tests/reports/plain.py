"""The same figures a second way: row by row in plain Python, from what bookings, tickets, payments and papers say."""

from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import Organization
from bookings.models import Booking, Document, Payment, Refund, Ticket
from reports.queries.cash import Cash, CashKey
from reports.queries.facts import Key, Sums

Found = defaultdict[Key, Sums]


def sold(organization: Organization) -> dict[Key, Sums]:
    """Return what `facts.sold` should, over all days."""
    found: Found = defaultdict(Sums)
    zone = ZoneInfo(organization.time_zone)
    bookings = Booking.objects.filter(organization=organization, confirmed_at__isnull=False)
    for booking in bookings.prefetch_related("tickets", "payments", "documents"):
        _add(found, booking, zone)
    return {key: sums for key, sums in found.items() if sums != Sums()}


def _add(found: Found, booking: Booking, zone: ZoneInfo) -> None:
    paid_by, given = _way(booking), _given(booking)
    is_present = paid_by == "complimentary"

    def add(at: datetime, ticket_type: int | None, sums: Sums) -> None:
        found[Key(at.astimezone(zone).date(), booking.event_id, ticket_type, paid_by, booking.currency)] += sums

    assert booking.confirmed_at
    agreed = [ticket for ticket in booking.tickets.all() if ticket.number <= booking.quantity]
    for ticket in agreed:
        money = Sums(gross=ticket.total, fee=ticket.fee, tax=ticket.tax) if not is_present else Sums()
        add(booking.confirmed_at, ticket.ticket_type_id, money + Sums(tickets=1))
    fee = Sums(gross=booking.booking_fee, fee=booking.booking_fee, tax=booking.booking_fee_tax)
    add(booking.confirmed_at, None, Sums(bookings=1) + (Sums() if is_present else fee))
    if given and not is_present:
        add(booking.confirmed_at, None, Sums(credited=given, credited_tax=booking.tax * given // booking.total))
    if booking.status == "cancelled":
        assert booking.ended_at
        add(booking.ended_at, None, Sums(cancelled=1))
    for ticket in booking.tickets.all():
        if ticket.void_reason in ("cancelled", "exchanged"):
            assert ticket.voided_at
            back = Sums(credited=ticket.credited, credited_tax=ticket.credited_tax)
            add(ticket.voided_at, ticket.ticket_type_id, back + Sums(returned=1))
            add(ticket.voided_at, None, Sums(credited=-ticket.credited, credited_tax=-ticket.credited_tax))
    for note in booking.documents.all():
        if note.kind == Document.Kind.CREDIT_NOTE:
            add(note.created_at, None, Sums(credited=note.amount, credited_tax=note.tax))


def _counted(booking: Booking) -> list[Payment]:
    """What it was confirmed for."""
    return [
        each
        for each in booking.payments.all()
        if each.status == "succeeded" and not each.kept_aside and each.succeeded_at == booking.confirmed_at
    ]


def _way(booking: Booking) -> str:
    ways = [each.provider for each in sorted(_counted(booking), key=lambda each: each.pk)]
    return next((way for way in ways if way != "complimentary"), ways[0] if ways else "")


def _given(booking: Booking) -> int:
    return sum(each.amount for each in _counted(booking) if each.provider == "complimentary")


def money_kept(organization: Organization) -> dict[str, int]:
    """R3: what came for bookings less what went or goes back, without presents, and without what is kept aside."""
    kept: defaultdict[str, int] = defaultdict(int)
    for payment in Payment.objects.filter(booking__organization=organization, status="succeeded", kept_aside=False):
        if payment.provider != "complimentary":
            kept[payment.currency] += payment.amount
    for refund in Refund.objects.filter(payment__booking__organization=organization, payment__kept_aside=False):
        kept[refund.payment.currency] -= refund.amount
    return {currency: amount for currency, amount in kept.items() if amount}


def cash(organization: Organization) -> dict[CashKey, Cash]:
    """Return what `cash.counted` should, over all days: each payment and each refund, by where the money came from."""
    found: defaultdict[CashKey, Cash] = defaultdict(Cash)
    zone = ZoneInfo(organization.time_zone)
    for payment in Payment.objects.filter(booking__organization=organization, status="succeeded"):
        if payment.provider == "complimentary":
            continue
        aside = payment.amount if payment.kept_aside else 0
        if payment.provider != "exchange":
            assert payment.succeeded_at
            key = CashKey(payment.succeeded_at.astimezone(zone).date(), payment.provider, payment.currency)
            found[key] += Cash(received=payment.amount, kept_aside=aside)
        for refund in payment.refunds.all():
            if not refund.is_internal:
                day = refund.created_at.astimezone(zone).date()
                back = Cash(back=refund.amount, kept_back=refund.amount if payment.kept_aside else 0)
                found[CashKey(day, payment.origin.provider, payment.currency)] += back
    return dict(found)


def queued(organization: Organization) -> int:
    """Return how much is about to go back, of all currencies together."""
    waiting = Refund.objects.filter(
        payment__booking__organization=organization, status__in=["queued", "failed", "by_hand"]
    )
    return sum(refund.amount for refund in waiting)


def people_have(organization: Organization) -> int:
    """How many tickets are somebody's, as the door would count them."""
    live = Ticket.objects.filter(booking__organization=organization, status__in=["valid", "used"])
    return len(list(live))
