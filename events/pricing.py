"""The whole price of a ticket: the one place where fees and tax are computed."""

from dataclasses import dataclass

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
