"""Which ways to pay an organization offers, and in which order."""

from collections.abc import Sequence
from typing import Any

from accounts.models import Organization
from bookings import gateways
from bookings.models import OfferedProvider
from core import audit, clock
from core.transactions import outermost


@outermost
def choose(*, organization_id: int, providers: Sequence[str], by: Any) -> None:
    """Offer these providers, in this order; none means all that are set up. Raises NotOffered for an unknown one."""
    organization = Organization.objects.select_for_update(no_key=True).get(pk=organization_id)
    if not set(providers) <= set(gateways.names()):
        raise gateways.NotOffered
    before = list(organization.offered_providers.values_list("provider", flat=True))
    if before == list(providers):
        return
    organization.offered_providers.all().delete()
    OfferedProvider.objects.bulk_create(
        OfferedProvider(organization=organization, provider=name, order=order) for order, name in enumerate(providers)
    )
    facts = {"before": ", ".join(before), "after": ", ".join(providers)}
    audit.record("organization.ways_to_pay_chosen", organization, at=clock.now(), by=by, **facts)
