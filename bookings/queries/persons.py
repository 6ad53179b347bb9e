"""All that is known of one person: as an account, or as an address that an organization's bookings name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Organization, User
from bookings.models import (
    Booking,
    BookingQuerySet,
    Payment,
    Refund,
    RefundRequest,
    Ticket,
    Transfer,
    normalised_email,
)
from core.models import AuditEntry
from notifications.models import Message

LATE_MONEY = timedelta(days=14)
"""So long after a payment's page has closed, money may still come of it."""

_ON_ITS_WAY = [Refund.Status.QUEUED, Refund.Status.BY_HAND, Refund.Status.FAILED]


def over(bookings: QuerySet[Booking], now: datetime) -> BookingQuerySet:
    """Those of which nothing is to come: neither the event, nor money in either direction, nor an answer."""
    ended = Q(status__in=[Booking.Status.EXPIRED, Booking.Status.CANCELLED])
    past = Q(status=Booking.Status.CONFIRMED, event__ends_at__lte=now)
    payments = Payment.objects.filter(booking=OuterRef("pk"))
    asked = payments.filter(status=Payment.Status.PENDING, expires_at__gt=now - LATE_MONEY)
    aside = payments.filter(kept_aside=True, refunds=None)
    owed = Refund.objects.filter(payment__booking=OuterRef("pk"), status__in=_ON_ITS_WAY)
    answer = RefundRequest.objects.filter(booking=OuterRef("pk"), status=RefundRequest.Status.OPEN)
    open_ends = Q(Exists(asked)) | Q(Exists(aside)) | Q(Exists(owed)) | Q(Exists(answer))
    return bookings.filter(ended | past).exclude(open_ends)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """
    What an app above this one keeps of who has one of some addresses, in one organization or in all: how it is told,
    as plain values, and how it is erased, within a transaction that has locked nothing yet.
    """

    told: Callable[[Iterable[str], Organization | None], list[dict[str, Any]]]
    erase: Callable[[Iterable[str], Organization | None], None]


ELSEWHERE: dict[str, Elsewhere] = {}
"""By what an export calls it. Apps add themselves when they are loaded."""


@dataclass(frozen=True, slots=True)
class Traces:
    """Where a person is found: here, and by addresses elsewhere."""

    addresses: list[str]
    organization: Organization | None
    bookings: BookingQuerySet
    tickets: QuerySet[Ticket]
    offers: QuerySet[Transfer]
    messages: QuerySet[Message]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known."""
        here = (self.bookings, self.tickets, self.offers, self.messages)
        return not (any(rows.exists() for rows in here) or any(self.elsewhere().values()))

    def elsewhere(self) -> dict[str, list[dict[str, Any]]]:
        """What other apps tell."""
        return {name: each.told(self.addresses, self.organization) for name, each in ELSEWHERE.items()}


def of_address(organization: Organization, email: str) -> Traces:
    """
    Return where an address is found in an organization: exactly, but for capitals.

    Not by `normalised_email` alone, for which ß is ss: that may be somebody else.
    """
    email = email.strip()
    bookings = Booking.objects.filter(organization=organization, email_key=normalised_email(email))
    inside = {"booking__organization": organization}
    return Traces(
        [email],
        organization,
        bookings=bookings.filter(email__iexact=email),
        tickets=Ticket.objects.filter(holder_email__iexact=email, **inside),
        offers=Transfer.objects.filter(email__iexact=email, ticket__booking__organization=organization),
        messages=Message.objects.filter(organization=organization, to__iexact=email),
    )


def of_account(user: User) -> Traces:
    """Return where an account is found: in its bookings, and by the addresses that it has proved to own."""
    own = list(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True))
    received, offered, mailed = Q(pk=None), Q(pk=None), Q(about_type=User._meta.label_lower, about_id=user.pk)
    for email in own:
        received |= Q(holder_email__iexact=email)
        offered |= Q(email__iexact=email)
        mailed |= Q(to__iexact=email)
    return Traces(
        own,
        None,
        bookings=Booking.objects.filter(user=user),
        tickets=Ticket.objects.filter(received),
        offers=Transfer.objects.filter(offered),
        messages=Message.objects.filter(mailed),
    )


# --- As a file ---------------------------------------------------------------------------------------


def exported(traces: Traces, account: User | None = None) -> dict[str, Any]:
    """Return all of it, as plain values: nothing of anybody else, and no secret that opens a door."""
    told: dict[str, Any] = {
        "bookings": [_booking(each) for each in _whole(traces.bookings)],
        "tickets_received": [_ticket(each) | {"event": each.booking.event.title} for each in _named(traces.tickets)],
        "tickets_offered": [_offer(each) for each in traces.offers.order_by("pk")],
        "messages": [_message(each) for each in traces.messages.defer("text", "html").order_by("pk")],
        **traces.elsewhere(),
    }
    if account is None:
        return told
    acts = AuditEntry.objects.filter(by=account).order_by("pk")
    return {"profile": _profile(account), **told, "acts": [_act(each) for each in acts.iterator()]}


def _whole(bookings: BookingQuerySet) -> Iterable[Booking]:
    parts = ["payments__refunds", "documents", "refund_requests"]
    return bookings.select_related("event__venue", "organization").prefetch_related(*parts).order_by("pk")


def _named(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    named = tickets.select_related("ticket_type", "event_seat__price_level", "event_seat__seat", "event_seat__section")
    return named.select_related("booking__event").order_by("pk")


def _profile(user: User) -> dict[str, Any]:
    addresses = EmailAddress.objects.filter(user=user).order_by("pk")
    return {
        "email": user.email,
        "name": user.name,
        "phone": user.phone,
        "language": user.language,
        "joined": user.joined_at.isoformat(),
        "last_sign_in": user.last_login.isoformat() if user.last_login else None,
        "addresses": [{"email": each.email, "verified": each.verified} for each in addresses],
        "works_for": [{"organization": str(each.organization), "role": each.role} for each in user.workplaces],
    }


def _booking(booking: Booking) -> dict[str, Any]:
    return {
        "code": booking.code,
        "organization": booking.organization.name,
        "event": booking.event.title,
        "venue": booking.event.venue.name,
        "starts": booking.event.starts_at.isoformat(),
        "status": booking.status,
        "sold_at": booking.channel,
        "name": booking.customer_name,
        "email": booking.email,
        "phone": booking.phone,
        "language": booking.language,
        "currency": booking.currency,
        "total": booking.total,
        "fees": booking.fee,
        "tax": booking.tax,
        "reserved": booking.reserved_at.isoformat(),
        "confirmed": booking.confirmed_at.isoformat() if booking.confirmed_at else None,
        "ended": booking.ended_at.isoformat() if booking.ended_at else None,
        "tickets": [_own_ticket(each) for each in _named(booking.tickets.all())],
        "payments": [_payment(each) for each in booking.payments.all()],
        "documents": [
            {"kind": each.kind, "number": each.number, "amount": each.amount} for each in booking.documents.all()
        ],
        "refund_requests": [
            {"message": each.message, "status": each.status, "reply": each.reply}
            for each in booking.refund_requests.all()
        ],
    }


def _ticket(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket": str(ticket),
        "place": ticket.event_seat.name,
        "type": ticket.ticket_type.name,
        "status": ticket.status,
        "why_void": ticket.void_reason,
        "holder": ticket.holder,
    }


def _own_ticket(ticket: Ticket) -> dict[str, Any]:
    """One that was passed on says so, but not to whom: that is another person's."""
    holder = {"passed_on": True, "holder": ""} if ticket.is_passed_on else {}
    return _ticket(ticket) | {"price": ticket.price, "fee": ticket.fee, "tax": ticket.tax} | holder


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        "paid_by": payment.provider,
        "amount": payment.amount,
        "currency": payment.currency,
        "status": payment.status,
        "created": payment.created_at.isoformat(),
        "received": payment.succeeded_at.isoformat() if payment.succeeded_at else None,
        "refunds": [_refund(each) for each in payment.refunds.all()],
    }


def _refund(refund: Refund) -> dict[str, Any]:
    created = refund.created_at.isoformat()
    return {"amount": refund.amount, "reason": refund.reason, "status": refund.status, "created": created}


def _offer(offer: Transfer) -> dict[str, Any]:
    accepted = offer.accepted_at.isoformat() if offer.accepted_at else None
    return {"name": offer.name, "email": offer.email, "offered": offer.created_at.isoformat(), "accepted": accepted}


def _message(message: Message) -> dict[str, Any]:
    sent = message.sent_at.isoformat() if message.sent_at else None
    return {"kind": message.kind, "to": message.to, "subject": message.subject, "status": message.status, "sent": sent}


def _act(entry: AuditEntry) -> dict[str, Any]:
    return {"at": entry.at.isoformat(), "did": entry.action, "to": f"{entry.object_type} {entry.object_id}"}
