"""The seats of an event as a list, for who has no JavaScript or likes lists; and one seat's whole life."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.roles import Power
from backoffice.access import needs
from backoffice.queries import seats as looks
from backoffice.queries.lives import life as life_of
from backoffice.views.publishing import own_event
from backoffice.views.seating import number_in
from events.models import Event, EventSeat
from venues.models import Section

ALL_AT_ONCE = 400
"""Sections with more seats show their rows first, and the seats of one of them."""


@never_cache
@require_safe
@needs(Power.SEE_EVENTS)
def seats(request: HttpRequest, pk: int) -> HttpResponse:
    """The sections; or the rows and seats of one, to choose from."""
    event = own_event(request, pk)
    if event.plan_id is None:
        raise Http404
    sections = list(Section.objects.filter(plan=event.plan_id))
    sums = looks.sums_by_section(event)
    context = {
        **admin.site.each_context(request),
        "title": _("Seats of “%(event)s”") % {"event": event},
        "event": event,
        "here": "seats",
        "sections": [(section, sums.get(section.pk, [])) for section in sections],
        **_opened(request, event, sections),
    }
    return render(request, "backoffice/seats/list.html", context)


def _opened(request: HttpRequest, event: Event, sections: list[Section]) -> dict[str, Any]:
    asked = request.GET.get("section")
    if asked is None:
        return {"section": None}
    section = next((each for each in sections if each.pk == number_in(asked)), None)
    if section is None:
        raise Http404
    sees = request.user.has_perm(Power.SEE_BOOKINGS.permission)
    whole = EventSeat.objects.filter(event=event, section=section, seat__isnull=False).count() <= ALL_AT_ONCE
    opened = None if whole else [number_in(request.GET.get("row"))] if request.GET.get("row") else []
    rows = looks.rows_of(event, section.pk, opened=opened, bookings=sees)
    return {"section": section, "rows": rows, "whole": whole}


@never_cache
@require_safe
@needs(Power.SEE_EVENTS)
def life(request: HttpRequest, pk: int, place_pk: int) -> HttpResponse:
    """What became of one place, from the day it was made."""
    event = own_event(request, pk)
    places = EventSeat.objects.filter(event=event).named().select_related("event__venue", "hold__by")
    place = get_object_or_404(places, pk=place_pk)
    sees = request.user.has_perm(Power.SEE_BOOKINGS.permission)
    context = {
        **admin.site.each_context(request),
        "title": place.name,
        "event": event,
        "here": "",
        "told": looks.with_bookings([place], bookings=sees)[0],
        "moments": life_of(place, bookings=sees),
    }
    return render(request, "backoffice/seats/life.html", context)
