"""The whole price of a ticket: the one place where fees and tax are computed."""

from dataclasses import dataclass

from django.db.models import BigIntegerField, Case, F, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from core import money
from events.models import Event


@dataclass(frozen=True, slots=True)
class Fare:
    """What one ticket costs, in the smallest unit of the event's currency. `tax` is contained in the others."""

    price: int
    fee: int
    tax: int

    @property
    def total(self) -> int:
        """The whole price, as shown everywhere."""
        return self.price + self.fee


def fare(event: Event, price: int) -> Fare:
    """
    Add the service fee to a price and tell the tax that both contain.

    Computed and rounded per ticket, so that the sum of a booking is the sum of what was shown.
    A free ticket has no fee.
    """
    organization = event.organization
    fee = 0
    if price:
        fixed = organization.fee_per_ticket if event.fee_per_ticket is None else event.fee_per_ticket
        fee = money.share(price, organization.fee_basis_points) + fixed
    return Fare(price, fee, money.contained_tax(price + fee, organization.tax_basis_points))


def booking_fee(event: Event, subtotal: int) -> Fare:
    """Return what a booking costs besides its tickets: a fee, once, unless all of them are free."""
    organization = event.organization
    fee = 0
    if subtotal:
        fee = organization.fee_per_booking if event.fee_per_booking is None else event.fee_per_booking
    return Fare(0, fee, money.contained_tax(fee, organization.tax_basis_points))


def alone(event: Event, price: int) -> Fare:
    """Return what a ticket costs that is bought alone, with the fee of its booking: what "from" means everywhere."""
    each, extra = fare(event, price), booking_fee(event, price)
    return Fare(price, each.fee + extra.fee, each.tax + extra.tax)


def alone_in_sql(event: str = "") -> Combinable:
    """
    Return the total of `alone` as an expression over prices, whose event is found by the prefix `event`.

    Filters and sorting need it; a test holds it against `alone`. Rounds half up as `money.divided` does
    for what isn't negative: integers are divided without a rest on both databases.
    """
    whole = Cast(F("amount"), BigIntegerField())  # the product below is more than 32 bits hold
    share = (2 * whole * F(f"{event}organization__fee_basis_points") + 10_000) / Value(20_000)
    fixed = Coalesce(F(f"{event}fee_per_ticket"), F(f"{event}organization__fee_per_ticket"))
    once = Coalesce(F(f"{event}fee_per_booking"), F(f"{event}organization__fee_per_booking"))
    return Case(
        When(amount=0, then=Value(0)),
        default=whole + share + fixed + once,
        output_field=BigIntegerField(),
    )
