"""Of each model in the admin: how a row comes about, and who may do what with it, written a second time by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db import models
from django_tasks_db.models import DBTaskResult

from accounts.models import Organization
from bookings.models import Booking, CancellationPolicy, ProviderEvent, Refund
from bookings.services import refund_requests, returns
from core import audit, clock, codes
from events.models import Event
from notifications.models import Message
from tests.factories import (
    CategoryFactory,
    EventFactory,
    OrganizationFactory,
    TicketTypeFactory,
    VenueFactory,
    customer,
    event_on_sale,
    member,
    paid,
)

ALL = frozenset({"organizer", "entry_manager", "support", "analyst", "admin"})
HOUSE = frozenset({"organizer", "admin"})
BOX_OFFICE = frozenset({"organizer", "support", "admin"})
REVENUE = frozenset({"organizer", "analyst", "admin"})
ADMIN = frozenset({"admin"})
ROOT = frozenset({"root"})
"""Site administrators and nobody else; whatever an admin may is theirs too."""
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shelf:
    """The maker of one row of an organization, and the roles that see, change, add and delete such rows."""

    make: Callable[[Organization], models.Model]
    see: frozenset[str]
    change: frozenset[str] = NOBODY
    add: frozenset[str] = NOBODY
    delete: frozenset[str] = NOBODY
    leads_on: frozenset[str] = frozenset()
    """Acts of which Django's page only leads to one of ours."""

    def may(self, act: str) -> frozenset[str]:
        """Return who may do this."""
        return getattr(self, act)


def _managed(make: Callable[[Organization], models.Model], see: frozenset[str], change: frozenset[str]) -> Shelf:
    return Shelf(make, see, change, change, change)


def _event_on_sale(organization: Organization) -> Event:
    return event_on_sale(venue=VenueFactory(organization=organization))


def _booking(organization: Organization) -> Any:
    return paid(_event_on_sale(organization))


def _customer(organization: Organization) -> Any:
    booking, person = _booking(organization), customer()
    Booking.objects.filter(pk=booking.pk).update(user=person)
    return person


def _provider_event(organization: Organization) -> Any:
    now = clock.now()
    return ProviderEvent.objects.create(
        provider="stripe",
        event_id=codes.secret(),
        kind="charge.succeeded",
        payload={},
        payment=_booking(organization).payments.get(),
        status="handled",
        received_at=now,
        next_attempt_at=now,
    )


def _returned(organization: Organization, what: str) -> Any:
    """A refund of a booking of three, and an open request for more."""
    booking = paid(_event_on_sale(organization), 3)
    first, second, _third = booking.tickets.order_by("number").values_list("pk", flat=True)
    how: dict[str, Any] = {"why": Refund.Reason.OTHER, "reason": "x", "by": member("support", organization)}
    returns.take_back(booking_id=booking.pk, ticket_ids=[first], amount=100, **how)
    if what == "refund":
        return Refund.objects.get(payment__booking=booking)
    return refund_requests.ask(booking_id=booking.pk, ticket_ids=[second], message="please")


def _task() -> Any:
    return DBTaskResult.objects.create(
        task_path="bookings.tasks.tick", queue_name="default", backend_name="default", args_kwargs={}, priority=0
    )


def _audit_entry(organization: Organization) -> models.Model:
    about = CategoryFactory(organization=organization)
    audit.record("category.created", about, at=clock.now(), by=member("organizer", organization), called=str(about))
    return audit.about(about).get()


SHELVES: dict[str, Shelf] = {
    "events.category": _managed(lambda of: CategoryFactory(organization=of), ALL, HOUSE),
    "events.tickettype": _managed(lambda of: TicketTypeFactory(organization=of), ALL, HOUSE),
    "events.event": _managed(lambda of: EventFactory(venue=VenueFactory(organization=of)), ALL, HOUSE),
    "venues.venue": _managed(lambda of: VenueFactory(organization=of), ALL, HOUSE),
    "bookings.booking": Shelf(_booking, BOX_OFFICE),
    "bookings.refund": Shelf(lambda of: _returned(of, "refund"), BOX_OFFICE),
    "bookings.refundrequest": Shelf(lambda of: _returned(of, "request"), BOX_OFFICE),
    "bookings.cancellationpolicy": _managed(
        lambda of: CancellationPolicy.objects.create(organization=of, event=_event_on_sale(of)), ALL, HOUSE
    ),
    "accounts.user": Shelf(_customer, BOX_OFFICE),
    "events.eventseat": Shelf(lambda of: _event_on_sale(of).places.first(), ALL),
    "django_tasks_database.dbtaskresult": Shelf(lambda of: _task(), ROOT),
    "bookings.providerevent": Shelf(_provider_event, BOX_OFFICE),
    "notifications.message": Shelf(
        lambda of: (_booking(of), Message.objects.latest("pk"))[1],  # type: ignore[attr-defined]
        BOX_OFFICE,
    ),
    "core.auditentry": Shelf(_audit_entry, ADMIN),
    "accounts.membership": Shelf(
        lambda of: member("support", of).memberships.get(),
        *[ADMIN] * 4,
        leads_on=frozenset({"change", "add", "delete"}),
    ),
    "accounts.organization": Shelf(lambda of: of, ADMIN, ADMIN, ROOT, leads_on=frozenset({"see"})),
}


def registered() -> dict[str, Any]:
    """Return the admins by their model's label."""
    return {model._meta.label_lower: found for model, found in admin.site._registry.items()}


def unlisted() -> set[str]:
    """Return the models of which nobody wrote down who may see them."""
    return set(registered()) - set(SHELVES)


def houses() -> tuple[Organization, Organization]:
    """Return ours and theirs."""
    return OrganizationFactory(name="House X", slug="house-x"), OrganizationFactory(name="House Y", slug="house-y")
