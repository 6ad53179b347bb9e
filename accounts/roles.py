"""Who may do what: the one place where a role's powers are written down."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models import Organization


class Role(models.TextChoices):
    """What somebody does in an organization."""

    ORGANIZER = "organizer", _("organizer")
    ENTRY_MANAGER = "entry_manager", _("entry manager")
    SUPPORT = "support", _("support")
    ANALYST = "analyst", _("analyst")
    ADMIN = "admin", _("admin")

    @property
    def duty(self) -> str | Promise:
        """What that is, for who chooses one."""
        return _DUTIES[self]


_DUTIES: dict[str, str | Promise] = {
    "organizer": _("Sets up events and sells them, looks after bookings and sees revenue."),
    "entry_manager": _("Sees the events whose doors are to be opened. No bookings, no money."),
    "support": _("Helps customers: sees and changes their bookings, and sells at the box office."),
    "analyst": _("Sees events and revenue, no customers, and changes nothing."),
    "admin": _("May do everything here: also invites people, and sets fees, rules and security."),
}


class Power(models.TextChoices):
    """
    Something that staff may do in their organization: asked as `user.has_perm("accounts.<value>")`.

    What no power covers (tasks of the worker, other organizations) is for site administrators alone.
    """

    SEE_EVENTS = "see_events", _("see venues, events, prices and places")
    MANAGE_EVENTS = "manage_events", _("set up venues, ticket types and events, and publish them")
    SEE_BOOKINGS = "see_bookings", _("see bookings, customers and messages")
    MANAGE_BOOKINGS = "manage_bookings", _("resend, extend, cancel bookings and mark them as paid")
    SELL = "sell", _("sell at the box office")
    SEE_REVENUE = "see_revenue", _("see revenue")
    SEE_AUDIT = "see_audit", _("see who did what")
    MANAGE_PEOPLE = "manage_people", _("invite, change and remove people")
    MANAGE_ORGANIZATION = "manage_organization", _("set fees, tax, rules and security of the organization")

    @property
    def permission(self) -> str:
        """What Django calls it."""
        return f"accounts.{self.value}"


POWERS: dict[Role, frozenset[Power]] = {
    Role.ORGANIZER: frozenset(Power) - {Power.SEE_AUDIT, Power.MANAGE_PEOPLE, Power.MANAGE_ORGANIZATION},
    Role.ENTRY_MANAGER: frozenset({Power.SEE_EVENTS}),
    Role.SUPPORT: frozenset({Power.SEE_EVENTS, Power.SEE_BOOKINGS, Power.MANAGE_BOOKINGS, Power.SELL}),
    Role.ANALYST: frozenset({Power.SEE_EVENTS, Power.SEE_REVENUE}),
    Role.ADMIN: frozenset(Power),
}


@dataclass(frozen=True, slots=True)
class Workplace:
    """An organization and what somebody is there; without a role, a site administrator."""

    organization: "Organization"
    role: Role | None

    @property
    def called(self) -> str | Promise:
        """What somebody is there, in a word."""
        return _("site administrator") if self.role is None else self.role.label

    @property
    def powers(self) -> frozenset[Power]:
        """What may be done there."""
        return frozenset(Power) if self.role is None else POWERS[self.role]
