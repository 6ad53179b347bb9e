"""What stands on the first page: where this role may go, in the order of a working day."""

from dataclasses import dataclass

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.roles import Power
from events.models import Event, TicketType
from venues.models import Venue


@dataclass(frozen=True, slots=True)
class Card:
    """A way to go; `add` leads straight to an empty form."""

    title: str | Promise
    text: str | Promise
    url: str
    add: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first things to do in a new house."""

    text: str | Promise
    url: str
    is_done: bool


# Of our own pages: the name, what it is called, the power that it needs, and a sentence.
PAGES = {
    "sell": (_("Sell at the box office"), Power.SELL, _("Sell tickets to somebody who is here, or on the phone.")),
}
SHELVES = {
    "bookings.booking": _("Find a booking and help: resend, extend, cancel, refund."),
    "events.event": _("Set up events, publish them, and see how they sell."),
    "venues.venue": _("The houses: where they are, how to get in, and what they offer."),
    "events.tickettype": _("Standard, reduced, child: what tickets are called and usually cost."),
    "events.category": _("The shelves of the season, as visitors see them."),
    "bookings.ticket": _("Every ticket, by its code."),
    "bookings.payment": _("Money that came in, and what became of it."),
    "bookings.refund": _("Money that goes back."),
    "notifications.message": _("What was mailed to customers, and what did not arrive."),
    "accounts.membership": _("Who works here, and as what."),
    "accounts.invitation": _("Who was asked to join, and has not answered yet."),
    "accounts.organization": _("Fees, tax, rules, and how staff sign in."),
    "core.auditentry": _("Who did what, and when."),
}
"""What is in the admin, in order, each with a sentence."""


def cards(request: HttpRequest) -> list[Card]:
    """Return where this person may go here."""
    return [*_own(request), *_shelves(request)]


def _own(request: HttpRequest) -> list[Card]:
    return [
        Card(title, text, reverse(f"admin:{name}"))
        for name, (title, power, text) in PAGES.items()
        if request.user.has_perm(power.permission) and _exists(name)
    ]


def _exists(name: str) -> bool:
    try:
        return bool(reverse(f"admin:{name}"))
    except NoReverseMatch:
        return False


def _shelves(request: HttpRequest) -> list[Card]:
    found = {model._meta.label_lower: each for model, each in admin.site._registry.items()}
    seen = [found[label] for label in SHELVES if label in found and found[label].has_view_permission(request)]
    return [
        Card(
            capfirst(each.opts.verbose_name_plural),
            SHELVES[each.opts.label_lower],
            _address(each.model, "changelist"),
            _address(each.model, "add") if each.has_add_permission(request) else "",
        )
        for each in seen
    ]


def _address(model: type[models.Model], page: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")


def first_steps(request: HttpRequest) -> list[Step]:
    """Return what a new house has to do before it can sell; nothing once it has an event, or for who may not."""
    organization = request.user.workplace.organization  # type: ignore[union-attr]
    if not request.user.has_perm(Power.MANAGE_EVENTS.permission) or organization.events.exists():
        return []
    asked: list[tuple[type[models.Model], str | Promise]] = [
        (Venue, _("Add a venue: where it is, and how many people it holds.")),
        (TicketType, _("Add ticket types, such as standard and reduced, with their usual prices.")),
        (Event, _("Add an event with its prices, and publish it.")),
    ]
    return [
        Step(text, _address(model, "add"), model._default_manager.filter(organization=organization).exists())
        for model, text in asked
        if model in admin.site._registry
    ]
