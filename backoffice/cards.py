"""What stands on the first page: where this role may go, in the order of a working day."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
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


ORDER: list[tuple[str, str | Promise | None, Power | None, str | Promise]] = [
    ("dashboard", _("Dashboard"), Power.SEE_EVENTS, _("How the house is doing now, and what waits for people.")),
    ("calendar", _("Calendar"), Power.SEE_EVENTS, _("All events by their days, drafts too, and how full they are.")),
    ("sell", _("Sell at the box office"), Power.SELL, _("Sell tickets to somebody who is here, or on the phone.")),
    ("find", _("Find bookings"), Power.SEE_BOOKINGS, _("By code, ticket, name, e-mail, phone, event or seat.")),
    ("bookings.booking", None, None, _("Find a booking and help: resend, extend, cancel, refund.")),
    (
        "statements",
        _("Bank statements"),
        Power.MANAGE_BOOKINGS,
        _("Import what came by transfer, and match it with bookings."),
    ),
    ("bookings.providerevent", None, None, _("What payment providers told us, and what became of it.")),
    ("bookings.refundrequest", None, None, _("Who asks for money back although no rule grants it.")),
    ("bookings.refund", None, None, _("Money on its way back: what failed, and what has to be paid back by hand.")),
    ("bookings.cancellationpolicy", None, None, _("When customers may give tickets back or pass them on.")),
    ("events.event", None, None, _("Set up events, publish them, and see how they sell.")),
    ("all-series", _("Series"), Power.SEE_EVENTS, _("Several dates of the same: what comes next, and how it sells.")),
    (
        "report-revenue",
        _("Reports"),
        Power.SEE_REVENUE,
        _("Revenue, occupancy, customers and money, to read, print and take along."),
    ),
    ("events.eventseat", _("Places"), None, _("What became of each place of an event.")),
    ("venues.venue", None, None, _("The houses: where they are, how to get in, and what they offer.")),
    ("events.tickettype", None, None, _("Standard, reduced, child: what tickets are called and usually cost.")),
    ("events.category", None, None, _("The shelves of the season, as visitors see them.")),
    ("accounts.user", _("Customers"), None, _("Who has an account, and what they booked here.")),
    ("notifications.message", None, None, _("What was mailed to customers, and what did not arrive.")),
    ("team", _("Team"), Power.MANAGE_PEOPLE, _("Who works here, as what, and who was asked to join.")),
    (
        "person",
        _("Somebody's data"),
        Power.MANAGE_PEOPLE,
        _("Export or erase what is known of a customer, on request."),
    ),
    ("accounts.membership", None, None, _("The same people as a list, to search and filter.")),
    (
        "imports",
        _("Import"),
        Power.MANAGE_BOOKINGS,
        _("Venues, events, customers and bookings of another system, from a file."),
    ),
    (
        "ways-to-pay",
        _("Ways to pay"),
        Power.MANAGE_ORGANIZATION,
        _("What customers can choose from, and why not more."),
    ),
    ("accounts.organization", _("Settings"), None, _("Fees, tax, rules, and how staff sign in.")),
    ("core.auditentry", _("Audit trail"), None, _("Who did what, and when.")),
    ("django_tasks_database.dbtaskresult", _("Tasks"), None, _("What the worker has to do, and what went wrong.")),
]
"""In order: a page of ours with its title and the power that it needs, or a model of the admin, which knows both."""


def cards(request: HttpRequest) -> list[Card]:
    """Return where this person may go here."""
    models_here = {model._meta.label_lower: each for model, each in admin.site._registry.items()}
    found = []
    for what, title, power, text in ORDER:
        if power is not None and title is not None and request.user.has_perm(power.permission):
            found.append(Card(title, text, reverse(f"admin:{what}")))
        if what in models_here and models_here[what].has_view_permission(request):
            found.append(_shelf(request, models_here[what], title, text))
    return found


def _shelf(request: HttpRequest, shelf: Any, title: str | Promise | None, text: str | Promise) -> Card:
    add = adds_at(shelf) if shelf.has_add_permission(request) else ""
    return Card(title or capfirst(shelf.opts.verbose_name_plural), text, _address(shelf.model, "changelist"), add)


def adds_at(shelf: Any) -> str:
    """Return where something is added to a shelf: an empty form, or a guided way of ours."""
    return reverse(shelf.add_page) if hasattr(shelf, "add_page") else _address(shelf.model, "add")


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
        (Event, _("Set up an event with its prices, step by step, and publish it.")),
    ]
    return [
        Step(
            text,
            adds_at(admin.site._registry[model]),
            model._default_manager.filter(organization=organization).exists(),
        )
        for model, text in asked
    ]
