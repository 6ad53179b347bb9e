"""The places of an event, to look at. Of all events there are millions, so one is chosen first."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.roles import Power
from backoffice.admin.figures import WithFigures
from bookings.models import Booking, Ticket
from core import clock, dates
from core.admin import ReadOnly, of_organization
from core.search import words
from events.models import Event, EventSeat, PriceLevel

CHOICES = 50
"""So many events to choose from at once."""


class EventFilter(admin.SimpleListFilter):
    """Whose places. Choosing none leads back to the events."""

    title = _("event")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        event = event_of(request)
        return [(str(event.pk), str(event))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(event=event_of(request))


class LevelFilter(admin.SimpleListFilter):
    """A price level of the event."""

    title = _("price level")
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        levels = PriceLevel.objects.filter(event=event_of(request))
        return [(str(level.pk), level.name) for level in levels]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        known = {key for key, _name in self.lookup_choices}
        return queryset.filter(price_level=self.value()) if self.value() in known else queryset


@admin.register(EventSeat)
class EventSeatAdmin(ReadOnly, WithFigures):
    """What became of each place of one event."""

    may_view = Power.SEE_EVENTS.permission
    organization_path = "event__organization"
    list_display = ["number", "place", "level", "status", "ownership", "kept_for", "kept_until", "booking"]
    list_display_links = None
    list_filter = [EventFilter, LevelFilter, "status"]
    list_select_related = ["price_level", "event__venue", "section", "seat", "hold"]
    ordering = ["pk"]
    sortable_by = []
    fields = ["event", "section", "seat", "price_level", "status", "hold", "ownership", "cost", "reserved_until"]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Ask first for the event."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if "event" in request.GET:
            title = _("Places of “%(event)s”") % {"event": event_of(request)}
            return super().changelist_view(request, {"title": title, **(extra_context or {})})
        query = request.GET.get("q", "")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Places: of which event?"),
            "opts": self.opts,
            "events": events_to_choose(request, query),
            "query": query,
            "most": CHOICES,
        }
        return TemplateResponse(request, "admin/events/eventseat/choose.html", context)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Who may see bookings sees which one has a place."""
        sees = request.user.has_perm(Power.SEE_BOOKINGS.permission)
        return [name for name in self.list_display if sees or name != "booking"]

    def add_figures(self, rows: Sequence[Any]) -> None:
        """The booking that has each place."""
        tickets = Ticket.objects.live().filter(event_seat__in=[row.pk for row in rows]).select_related("booking")
        bookings = {ticket.event_seat_id: ticket.booking for ticket in tickets}
        for row in rows:
            row.held_by = bookings.get(row.pk)

    @admin.display(description=_("number"))
    def number(self, place: EventSeat) -> SafeString:
        """It leads to all that happened to the place."""
        address = reverse("admin:seat-life", args=[place.event_id, place.pk])
        return format_html('<a href="{}">{}</a>', address, place.pk)

    @admin.display(description=_("seat"))
    def place(self, place: EventSeat) -> str:
        """Section, row and seat; where people stand, the section alone."""
        return place.name if place.seat else str(place.section or "")

    @admin.display(description=_("hold"))
    def kept_for(self, place: EventSeat) -> str | SafeString:
        if place.hold is None:
            return ""
        address = reverse("admin:hold", args=[place.event_id, place.hold.pk])
        return format_html('<a href="{}">{}</a>', address, place.hold)

    @admin.display(description=_("price level"))
    def level(self, place: EventSeat) -> str:
        return place.price_level.name

    @admin.display(description=_("reserved until"))
    def kept_until(self, place: EventSeat) -> str:
        return dates.in_zone(place.reserved_until, place.event.venue.time_zone) if place.reserved_until else ""

    @admin.display(description=_("booking"))
    def booking(self, place: Any) -> str | SafeString:
        if place.held_by is None:
            return ""
        if not self.admin_site.is_registered(Booking):
            return place.held_by.code
        address = reverse("admin:bookings_booking_change", args=[place.held_by.pk])
        return format_html('<a href="{}">{}</a>', address, place.held_by.code)


def event_of(request: HttpRequest) -> Event:
    """Return the event that the address names, once for each request; 404 for another organization's or none."""
    found: Event | None = getattr(request, "event_of_places", None)
    if found is None:
        key = request.GET.get("event", "")
        events = of_organization(Event.objects.all(), "organization", request)
        found = events.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None
        if found is None:
            raise Http404
        request.event_of_places = found  # type: ignore[attr-defined]
    return found


def events_to_choose(request: HttpRequest, query: str) -> QuerySet:
    """Return those that are coming, or those that have all words of the query, whenever they were."""
    events = of_organization(Event.objects.without_templates().select_related("venue"), "organization", request)
    for word in words(query):
        events = events.filter(search_text__contains=word)
    if not words(query):
        events = events.filter(ends_at__gt=clock.now()).order_by("starts_at", "pk")
    else:
        events = events.order_by("-starts_at", "-pk")
    return events[:CHOICES]
