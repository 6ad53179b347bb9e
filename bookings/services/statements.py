"""Money on the bank account: imported from statements, once, and matched with the bookings that it pays."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from bookings.gateways import News, Outcome
from bookings.models import Booking, Payment, StatementLine
from bookings.services import payments
from bookings.statement_files import Line
from core import audit, clock
from core.codes import ALPHABET
from core.refusals import Refusal
from core.transactions import Busy, outermost

TRANSFER = Payment.ByHand.TRANSFER
_CODE = re.compile(rf"BK[^A-Z0-9]*(\d{{8}})[^A-Z0-9]*([{ALPHABET}]{{6}})(?![A-Z0-9])")
"""A booking's code as people and banks write it: without its dashes, or with others."""


class MatchedAlready(Refusal):
    """The line pays for a booking, or was set aside."""

    def __init__(self) -> None:
        super().__init__(_("This line was dealt with already."))


class NotToBePaid(Refusal):
    """A booking that costs nothing."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an import would do with a line."""

    line: Line
    booking: Booking | None
    is_known: bool

    @property
    def is_exact(self) -> bool:
        """Whether it is what the booking costs."""
        return self.booking is not None and (self.line.amount, self.line.currency) == (
            self.booking.to_pay,
            self.booking.currency,
        )


def outlook(organization: Organization, lines: Sequence[Line]) -> list[Outlook]:
    """Return what an import would do, and do nothing."""
    prints = [line.fingerprint for line in lines]
    known = set(organization.statement_lines.filter(fingerprint__in=prints).values_list("fingerprint", flat=True))
    bookings = _named(organization, lines)
    return [Outlook(line, bookings.get(line.fingerprint), line.fingerprint in known) for line in lines]


def import_lines(*, organization: Organization, lines: Sequence[Line], by: Any) -> int:
    """
    Keep lines that aren't known yet, and match what names a booking that is to be paid by transfer; return how many
    are new. Harmless when repeated: what an import that was cut off left open is matched then.
    """
    new = _kept(organization_id=organization.pk, lines=lines, by=by)
    bookings = _named(organization, lines)
    rows = organization.statement_lines.filter(fingerprint__in=list(bookings), status=StatementLine.Status.OPEN)
    for row in rows.order_by("pk"):
        try:
            match(line_id=row.pk, booking_id=bookings[row.fingerprint].pk, by=by)
        except (Busy, Refusal):
            continue  # it stays open, and people see it
    return new


@outermost
def _kept(*, organization_id: int, lines: Sequence[Line], by: Any) -> int:
    now = clock.now()
    organization = Organization.objects.get(pk=organization_id)
    before = organization.statement_lines.count()
    StatementLine.objects.bulk_create(
        (
            StatementLine(
                organization=organization,
                fingerprint=line.fingerprint,
                booked_on=line.booked_on,
                amount=line.amount,
                currency=line.currency,
                text=line.text,
                payer=line.payer,
                imported_at=now,
                imported_by=by,
            )
            for line in lines
        ),
        ignore_conflicts=True,
    )
    new = organization.statement_lines.count() - before
    audit.record("organization.statement_imported", organization, at=now, by=by, lines=len(lines), new=new)
    return new


def match(*, line_id: int, booking_id: int, by: Any) -> StatementLine:
    """
    Take a line as the money for a booking: in time, late, twice or of another amount, as for any provider.

    Raises MatchedAlready, NotToBePaid, Busy. A line that was matched before a crash is found again by its reference.
    """
    line = StatementLine.objects.get(pk=line_id)
    if line.status != StatementLine.Status.OPEN:
        raise MatchedAlready
    payment = _asked_for(booking_id=booking_id, by=by)
    reference = f"statement-{line.organization_id}-{line.fingerprint[:40]}"
    news = News(payment.checkout_reference or "", Outcome.SUCCEEDED, line.amount, line.currency, reference)
    payments.settle(provider=TRANSFER, news=news)
    return _matched(line_id=line_id, reference=reference, by=by)


@outermost
def _asked_for(*, booking_id: int, by: Any) -> Payment:
    """The payment that a transfer answers; one who transfers though they chose another way has none yet."""
    booking = Booking.objects.locked().get(pk=booking_id)
    asked = booking.payments.filter(provider=TRANSFER).exclude(checkout_reference=None)
    if found := asked.order_by("pk").first():
        return found
    if booking.is_free:
        raise NotToBePaid(_("This booking costs nothing."))
    now = clock.now()
    payment = Payment(
        booking=booking,
        provider=TRANSFER,
        amount=booking.to_pay,
        currency=booking.currency,
        created_at=now,
        expires_at=now,
    )
    payment.checkout_reference = payment.key
    payment.save()
    audit.record("payment.asked", booking, at=now, by=by, payment=payment.pk, amount=payment.amount)
    return payment


@outermost
def _matched(*, line_id: int, reference: str, by: Any) -> StatementLine:
    payment = Payment.objects.select_related("booking").get(provider=TRANSFER, reference=reference)
    line = _locked(line_id)
    if line.status == StatementLine.Status.OPEN:
        line.status, line.payment = StatementLine.Status.MATCHED, payment
        line.save(update_fields=["status", "payment"])
        facts = {"payment": payment.pk, "amount": payment.amount}
        audit.record("payment.matched", payment.booking, at=clock.now(), by=by, **facts)
    return line


@outermost
def set_aside(*, line_id: int, by: Any) -> StatementLine:
    """Say that a line is no money for a booking. Raises MatchedAlready for one that is."""
    line = _locked(line_id)
    if line.status == StatementLine.Status.MATCHED:
        raise MatchedAlready
    if line.status == StatementLine.Status.OPEN:
        line.status = StatementLine.Status.SET_ASIDE
        line.save(update_fields=["status"])
        facts = {"line": line.pk, "called": str(line.organization)}
        audit.record("organization.statement_line_set_aside", line.organization, at=clock.now(), by=by, **facts)
    return line


def _locked(line_id: int) -> StatementLine:
    lines = StatementLine.objects.select_related("organization")
    return lines.select_for_update(of=("self",), no_key=True).get(pk=line_id)


def codes_in(text: str) -> set[str]:
    """Return the booking codes that a text names, as we write them."""
    return {f"BK-{day}-{tail}" for day, tail in _CODE.findall(text.upper())}


def _named(organization: Organization, lines: Iterable[Line]) -> dict[str, Booking]:
    """The booking of each line that names exactly one of ours which is to be paid by transfer."""
    codes = {line.fingerprint: codes_in(line.text) for line in lines}
    wanted = set().union(*codes.values())
    asked = Booking.objects.filter(organization=organization, code__in=wanted, payments__provider=TRANSFER)
    bookings = {booking.code: booking for booking in asked.distinct()}
    found = {print_: [bookings[code] for code in each if code in bookings] for print_, each in codes.items()}
    return {print_: each[0] for print_, each in found.items() if len(each) == 1}
