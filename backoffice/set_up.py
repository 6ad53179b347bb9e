"""
Setting an event up, step by step: the same forms, rules and records as the event's own page in the admin, a part at a
time. Nothing is kept besides the draft itself, so steps can be taken in any order, left and gone on with.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.admin.events import MOMENTS, EventAdmin
from core import audit, clock, idempotency
from core.admin import changes
from core.refusals import Refusal
from core.transactions import outermost
from events.models import Event
from events.services import copying
from events.services.publishing import Part

FIELDS: dict[str, list[str]] = {
    Part.WHAT: ["title", "category", "type", "venue", "currency", "summary", "description"],
    Part.DATES: ["doors_at", "starts_at", "ends_at"],
    Part.SALES: [
        "sales_start",
        "sales_end",
        "max_per_booking",
        "max_per_customer",
        "fee_per_ticket",
        "fee_per_booking",
        "avoids_single_gaps",
        "accessible_until",
        "minimum_age",
        "entry_rules",
        "refund_rules",
    ],
}
"""What is asked at which step."""
FIRST = ["title", "category", "type", "venue", "starts_at", "ends_at", "currency", "summary", "description"]
"""A draft has a time from the beginning, as lists are in order of time."""
CREATED = "set-up"


class NoDraft(Refusal):
    """The event was published or cancelled, or is a template: its own page changes it."""


def form_for(request: HttpRequest, event: Event | None, fields: list[str]) -> type[forms.ModelForm]:
    """Return the admin's own form with these fields only: its rules, its choices, without its ways to other pages."""
    form = shelf().get_form(request, event, change=event is not None, fields=fields)
    for field in form.base_fields.values():
        field.widget = getattr(field.widget, "widget", field.widget)
    return form


def shelf() -> EventAdmin:
    """Return the admin of events."""
    found = admin.site._registry[Event]
    assert isinstance(found, EventAdmin)  # noqa: S101 - for the type checker: it is registered there
    return found


@outermost
def create(*, form: forms.ModelForm, key: str, by: Any = None) -> Event:
    """
    Make the draft that a valid form describes, at an address that follows from its title.

    The same key makes one draft, however often and however parallel it comes. Raises KeyReused when the form said
    something else before, and NoDraft when what it made is deleted.
    """
    event: Event = form.instance
    called = f"{event.organization_id}:{key}"
    said = {name: str(form.data.get(name, "")) for name in form.fields}
    if made := idempotency.remember(CREATED, called, said, result="nothing yet"):
        return _made_before(int(made))
    event.slug = copying.free_slug(event.title)
    form.save()
    audit.record("event.created", event, at=clock.now(), by=by, called=str(event))
    idempotency.conclude(CREATED, called, result=str(event.pk))
    return event


def _made_before(event_id: int) -> Event:
    event = Event.objects.filter(pk=event_id).first()
    if event is None:
        raise NoDraft(_("The draft that this form made was deleted meanwhile."))
    return event


@outermost
def save(*, event_id: int, form_class: type[forms.ModelForm], data: Any, by: Any = None) -> forms.ModelForm:
    """
    Write what a step asks, if it is valid; return the form, which says what isn't. Raises NoDraft.

    An event that goes to a venue in another time zone keeps what clocks show.
    """
    event = locked_draft(event_id)
    zone = event.venue.zone
    form = form_class(data, instance=event)
    if form.is_valid() and form.has_changed():
        facts = changes(form, ())
        if event.venue.zone != zone:
            facts |= _kept_by_the_clock(event, zone)
        form.save()
        audit.record("event.changed", event, at=clock.now(), by=by, called=str(event), changed=facts)
    return form


@outermost
def save_levels(*, event_id: int, formset_for: Callable[[Event], Any]) -> Any:
    """Write price levels and prices, if they are valid; return the formset. Raises NoDraft, and RowRefused."""
    formset = formset_for(locked_draft(event_id))
    if formset.is_valid():
        formset.save()
    return formset


def locked_draft(event_id: int) -> Event:
    """Lock an event in the caller's transaction and look again. Raises NoDraft."""
    event = Event.objects.locked().select_related("organization", "venue", "category").get(pk=event_id)
    if not is_open(event):
        raise NoDraft(_("This event isn't a draft any more, so it can't be set up: change it on its own page."))
    return event


def is_open(event: Event) -> bool:
    """Whether an event can be set up."""
    return event.status == Event.Status.DRAFT and not event.is_template


def _kept_by_the_clock(event: Event, zone: ZoneInfo) -> dict[str, list[str]]:
    """Turn the event's moments into those at which clocks at its venue show the same; return old and new ones."""
    facts = {}
    for name in [*MOMENTS, "accessible_until"]:
        old: datetime | None = getattr(event, name)
        if old is not None:
            new = old.astimezone(zone).replace(tzinfo=event.venue.zone)
            setattr(event, name, new)
            facts[name] = [old.isoformat(), new.isoformat()]
    return facts
