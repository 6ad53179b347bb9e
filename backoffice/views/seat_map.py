"""The plan of an event as staff see it: every seat with its level, who has it or holds it, and whether it is ours."""

import json
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.roles import Power
from backoffice.access import needs
from backoffice.queries import seats as looks
from backoffice.views.publishing import own_event
from backoffice.views.seating import number_in
from events.models import Event
from venues.drawing import Outline, house


@never_cache
@require_safe
@needs(Power.SEE_EVENTS)
def seat_map(request: HttpRequest, pk: int) -> HttpResponse:
    """The house, or one of its sections; without JavaScript a section leads to the list of its seats."""
    event = _seated(request, pk)
    section = _section(request, event)
    if section and request.GET.get("view") == "list":
        return HttpResponseRedirect(f"{reverse('admin:seats', args=[event.pk])}?section={section.pk}")
    levels = list(event.price_levels.all())
    context = {
        **admin.site.each_context(request),
        "title": _("Map of “%(event)s”") % {"event": event},
        "event": event,
        "here": "map",
        "house": house(event.plan_id or 0),
        "sections": looks.sights(event),
        "section": section,
        "price_levels": levels,
        "drawn": [(looks.Drawn(level),) for level in levels],
        "states": [(state, looks.words_of(state)) for state in ("free", *looks.STATES)],
        "words": json.dumps(_words(levels)),
        "names": json.dumps(looks.class_names()),
    }
    return render(request, "backoffice/seats/map.html", context)


@never_cache
@require_safe
@needs(Power.SEE_EVENTS)
def states(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter for each seat of a section, or of all in a small house; 204 when that is no news to who asks."""
    event = _seated(request, pk)
    section = _section(request, event)
    if section is None and not house(event.plan_id or 0).is_small:
        raise Http404
    found = looks.states(event, section.pk if section else None)
    if request.GET.get("v") == found.version:
        return HttpResponse(status=204)
    return JsonResponse({"version": found.version, "states": found.letters, "places": found.runs})


def _words(levels: list[Any]) -> dict[str, Any]:
    """What the map's script says of seats."""
    by_colour: dict[int, list[str]] = {}
    for level in levels:
        by_colour.setdefault(level.colour, []).append(level.name)
    return {
        "levels": [level.name for level in levels],
        "colours": {colour: " / ".join(names) for colour, names in by_colour.items()},
        "states": [looks.words_of(state) for state in looks.STATES],
        "first": looks.OTHER,
        "shades": looks.COLOURS,
        "seat": _("{section}, row {row}, seat {number}"),
        "chosen": _("chosen"),
        "count": _("{count} chosen"),
    }


def _section(request: HttpRequest, event: Event) -> Outline | None:
    """Return the section with seats that the address names, None for the whole house."""
    asked = request.GET.get("section")
    if not asked:
        return None
    found = house(event.plan_id or 0).by_section.get(number_in(asked))
    if found is None or found.is_standing:
        raise Http404
    return found


def _seated(request: HttpRequest, pk: int) -> Event:
    event = own_event(request, pk)
    if event.plan_id is None:
        raise Http404
    return event
