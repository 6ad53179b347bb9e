"""
What goes back for tickets that are given back, and why: from the rules, the prices and the clock, without the database.

Amounts are in the smallest unit of the booking's currency; all rounding is that of `core.money`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.units import format_unit
from django.utils.translation import gettext as _

from bookings.models import Booking, Ticket
from core import dates, money

WHOLE = 10_000
HOUR = timedelta(hours=1)
IN_DAYS_FROM = 48
"""So many hours are said in days, if they are whole ones."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a policy says. Without tiers the whole price goes back; with some, none that fits means nothing."""

    until_hours: int | None = None
    tiers: tuple[tuple[int, int], ...] = ()  # (hours before the start at least, hundredths of a percent)
    single_tickets: bool = True
    keeps_service_fee: bool = True
    fee_per_ticket: int = 0

    def share(self, left: timedelta) -> int:
        """Return how much goes back so long before the start, in hundredths of a percent."""
        if self.until_hours is None or left < self.until_hours * HOUR:
            return 0
        if not self.tiers:
            return WHOLE
        return max(((hours, share) for hours, share in self.tiers if hours * HOUR <= left), default=(0, 0))[1]


@dataclass(frozen=True, slots=True)
class Moment:
    """When somebody asks, and of which event: when it starts, and until when a move makes everything returnable."""

    now: datetime
    starts_at: datetime
    returnable_until: datetime | None = None
    time_zone: str = "UTC"

    @property
    def left(self) -> timedelta:
        """How long it is to the start."""
        return self.starts_at - self.now

    @property
    def was_moved(self) -> bool:
        """Whether everything goes back, whatever the rules say, since the event was moved."""
        return self.returnable_until is not None and self.now <= self.returnable_until


@dataclass(frozen=True, slots=True)
class Row:
    """What goes back for one ticket, and how much of it is tax."""

    ticket: Ticket
    amount: int
    tax: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What goes back for these tickets, `booking_fee` besides, and the rule in words; or `why_not`."""

    rows: tuple[Row, ...]
    booking_fee: int
    booking_fee_tax: int
    rule: str
    why_not: str = ""

    @property
    def amount(self) -> int:
        """All that goes back."""
        return sum(row.amount for row in self.rows) + self.booking_fee

    @property
    def tax(self) -> int:
        """How much of it is tax."""
        return sum(row.tax for row in self.rows) + self.booking_fee_tax


def why_not(terms: Terms, moment: Moment) -> str:
    """Return why nobody can give tickets back alone at this moment; nothing if one can."""
    if moment.left <= timedelta(0):
        return _("The event has begun.")
    if moment.was_moved:
        return ""
    if terms.until_hours is None:
        return _("For this event tickets can't be given back without asking.")
    if moment.left < terms.until_hours * HOUR:
        return _("Tickets could be given back until %(time)s before the start.") % {"time": lasting(terms.until_hours)}
    return ""


def offer(terms: Terms, moment: Moment, booking: Booking, tickets: Sequence[Ticket], *, last: bool, left: int) -> Offer:
    """
    Return what goes back for these tickets of a booking. `last`: it keeps no others, so its own fee goes too.

    `left` is what was paid and hasn't gone back: never more than that, whatever the rules say.
    """
    rows, rest = [], left
    for ticket in tickets:
        amount = min(_back(terms, moment, ticket), rest)
        rows.append(Row(ticket, amount, tax_of(amount, ticket.total, ticket.tax)))
        rest -= amount
    fee = min(_booking_fee_back(terms, moment, booking), rest) if last else 0
    fee_tax = tax_of(fee, booking.booking_fee, booking.booking_fee_tax)
    return Offer(tuple(rows), fee, fee_tax, _rule(terms, moment, booking, tickets), why_not(terms, moment))


def split(amount: int, tickets: Sequence[Ticket]) -> tuple[Row, ...]:
    """Spread an amount over tickets as their whole prices are, to the smallest unit: what staff decide on."""
    weights = [ticket.total for ticket in tickets]
    rows, given, weight, whole = [], 0, 0, sum(weights)
    for ticket, each in zip(tickets, weights, strict=True):
        weight += each
        part = (money.divided(amount * weight, whole) if whole else amount) - given
        given += part
        rows.append(Row(ticket, part, tax_of(part, ticket.total, ticket.tax)))
    return tuple(rows)


def tax_of(amount: int, whole: int, tax: int) -> int:
    """Return how much of an amount is tax, when so much of the whole is."""
    return min(amount, money.divided(tax * amount, whole)) if whole else 0


def _back(terms: Terms, moment: Moment, ticket: Ticket) -> int:
    if moment.was_moved:
        return ticket.total
    goes_back = money.share(ticket.price if terms.keeps_service_fee else ticket.total, terms.share(moment.left))
    return max(0, goes_back - terms.fee_per_ticket)


def _booking_fee_back(terms: Terms, moment: Moment, booking: Booking) -> int:
    if moment.was_moved:
        return booking.booking_fee
    return 0 if terms.keeps_service_fee else money.share(booking.booking_fee, terms.share(moment.left))


# --- In words ---------------------------------------------------------------------------------------


def lasting(hours: int) -> str:
    """7 days, or 30 hours."""
    days = hours >= IN_DAYS_FROM and hours % 24 == 0
    unit, count = ("duration-day", hours // 24) if days else ("duration-hour", hours)
    return str(format_unit(count, unit, locale=dates.babel_locale()))


def _before(left: timedelta) -> str:
    """How long before the start it is now: whole days, or hours, or minutes."""
    hours = left // HOUR
    if hours >= IN_DAYS_FROM:
        return lasting(hours // 24 * 24)
    return lasting(hours) if hours else dates.length(left)


def percent(basis_points: int) -> str:
    """50 %, or 12.5 %."""
    return f"{basis_points / 100:g} %"


def _rule(terms: Terms, moment: Moment, booking: Booking, tickets: Sequence[Ticket]) -> str:
    """Return the rule that was applied, in words: why so much goes back, and what is kept."""
    if moment.was_moved and moment.returnable_until:
        until = dates.in_zone(moment.returnable_until, moment.time_zone)
        return _("The event was moved, so everything goes back until %(until)s.") % {"until": until}
    share = {"share": percent(terms.share(moment.left)), "time": _before(moment.left)}
    if terms.keeps_service_fee:
        said = [_("%(share)s of the price goes back, since it is %(time)s before the start.") % share]
    else:
        said = [_("%(share)s of the price and its fees goes back, since it is %(time)s before the start.") % share]
    if terms.keeps_service_fee and (fees := sum(ticket.fee for ticket in tickets)):
        said.append(_("Service fees of %(fees)s are kept.") % {"fees": money.formatted(fees, booking.currency)})
    if terms.fee_per_ticket:
        fee = {"fee": money.formatted(terms.fee_per_ticket, booking.currency)}
        said.append(_("For each ticket given back %(fee)s is kept.") % fee)
    return " ".join(said)


def in_words(terms: Terms, currency: str) -> list[str]:
    """Return what the rules say to somebody who hasn't chosen yet, a sentence each."""
    if terms.until_hours is None:
        return [
            _("Tickets can't be given back without asking."),
            _("The page of your booking has a form to ask for a refund."),
        ]
    said = [_until(terms.until_hours), *_tiers(terms)]
    if not terms.single_tickets:
        said.append(_("Only all tickets of a booking can be given back together."))
    if terms.keeps_service_fee:
        said.append(_("Service fees are kept."))
    if terms.fee_per_ticket:
        fee = {"fee": money.formatted(terms.fee_per_ticket, currency)}
        said.append(_("For each ticket given back %(fee)s is kept.") % fee)
    return said


def _until(hours: int) -> str:
    if not hours:
        return _("You can give tickets back yourself until the event begins.")
    return _("You can give tickets back yourself until %(time)s before the start.") % {"time": lasting(hours)}


def _tiers(terms: Terms) -> list[str]:
    """Return a sentence for each tier that counts; those that begin after nothing can be given back are left out."""
    last = terms.until_hours or 0
    tiers = sorted(terms.tiers, reverse=True) or [(last, WHOLE)]
    said = []
    for number, (hours, share) in enumerate(tiers):
        if number and tiers[number - 1][0] <= last:
            break
        ends = max(hours, last)
        facts = {"time": lasting(ends), "share": percent(share)}
        if ends:
            said.append(_("Until %(time)s before the start %(share)s of the price goes back.") % facts)
        else:
            said.append(_("Until the event begins %(share)s of the price goes back.") % facts)
    if tiers[-1][0] > last:
        said.append(_("After that nothing goes back."))
    return said
