"""The money that moved, by its providers: what came, and what went or is going back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet, Sum

from accounts.models import Organization
from bookings.models import Payment, Refund
from reports.periods import Days
from reports.queries.facts import midnight
from reports.queries.revenue import way_to_pay


@dataclass(slots=True)
class Moved:
    """
    What moved at one provider in one currency, in its smallest unit. `kept_aside` is contained in `received`, `queued`
    in `back`: it was taken off the books and hasn't arrived yet. Presents are no money, and what an exchange moved from
    one booking to another never left the house: neither is here.
    """

    provider: str
    currency: str
    received: int = 0
    kept_aside: int = 0
    back: int = 0
    queued: int = 0

    @property
    def label(self) -> str:
        """What the provider is called."""
        return way_to_pay(self.provider)


def moved(organization: Organization, days: Days) -> list[Moved]:
    """Return what came and went on these days by the organization's clocks, at each provider and in each currency."""
    found: dict[tuple[str, str], Moved] = {}
    for provider, currency, name, amount in _amounts(organization, days):
        row = found.setdefault((provider, currency), Moved(provider, currency))
        setattr(row, name, getattr(row, name) + amount)
    return sorted(found.values(), key=lambda each: (each.currency, -each.received, each.provider))


def _amounts(organization: Organization, days: Days) -> Iterator[tuple[str, str, str, int]]:
    payments = Payment.objects.filter(booking__organization=organization, status=Payment.Status.SUCCEEDED).exclude(
        provider=Payment.ByHand.COMPLIMENTARY
    )
    came = _on(payments, "succeeded_at", days, organization)
    gone = Refund.objects.filter(payment__booking__organization=organization)
    outside = gone.filter(Q(reference=None) | ~Q(reference__startswith=f"{Payment.EXCHANGE}-"))
    refunds = _on(outside, "created_at", days, organization)
    waiting = Q(status__in=[Refund.Status.QUEUED, Refund.Status.FAILED, Refund.Status.BY_HAND])
    kept = Q(kept_aside=True)
    yield from _sums(came, ("provider", "currency"), ("received", "kept_aside"), kept)
    yield from _sums(refunds, ("payment__provider", "payment__currency"), ("back", "queued"), waiting)


def _sums(
    rows: QuerySet, keys: tuple[str, str], names: tuple[str, str], part: Q
) -> Iterator[tuple[str, str, str, int]]:
    """All of it, and a part of it, in one question."""
    both = rows.order_by().values_list(*keys).annotate(all=Sum("amount"), part=Sum("amount", filter=part, default=0))
    for provider, currency, *amounts in both:
        for name, amount in zip(names, amounts, strict=True):
            yield provider, currency, name, amount


def _on(rows: QuerySet, moment: str, days: Days, organization: Organization) -> QuerySet:
    zone = ZoneInfo(organization.time_zone)
    bounds: dict[str, datetime] = {}
    if days.first:
        bounds[f"{moment}__gte"] = midnight(days.first, zone)
    if days.last:
        bounds[f"{moment}__lt"] = midnight(days.last + timedelta(days=1), zone)
    return rows.filter(**bounds)
