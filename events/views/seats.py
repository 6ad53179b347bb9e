"""Choosing seats: the plan of the house, its list, what is chosen, and the best that are left."""

import json
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.refusals import Refusal
from events import choices, exchanging
from events.choices import Choice
from events.forms.choice import choice_in, seats_in
from events.queries.offers import PublicEvent
from events.queries.seats import SeatStates, SectionsLeft
from events.seating import Chosen, ChosenSeat, Seating, address_of
from events.services.inventory import CompanionAlone, NotTogether, SingleGap
from events.views.detail import detail_context, public_event

VIEWS = ("map", "list", "best")


def seated_event(slug: str) -> PublicEvent:
    """Return a public event with numbered seats; raises Http404."""
    shown = public_event(slug)
    if shown.event.plan_id is None:
        raise Http404
    return shown


@never_cache  # it holds a form with a key of its own
@require_safe
def event_seats(request: HttpRequest, slug: str) -> HttpResponse:
    """The house, one of its sections, or a row; and the choice: the one in the address, else the visitor's last."""
    shown = seated_event(slug)
    own = choices.recall(request, shown.event)
    context = seats_context(request, shown, own=own)
    if not context["sells"]:
        return HttpResponseRedirect(shown.event.get_absolute_url())
    return render(request, "events/seats.html", context)


@never_cache
@require_safe
def seat_states(request: HttpRequest, slug: str) -> HttpResponse:
    """
    A letter for each seat of a section, or of all in a small house; what is left of each section of a large one.
    Nothing if that is no news to who asks.
    """
    seating = Seating(seated_event(slug))
    section = _number(request.GET, "section")
    if section is None and not seating.house.is_small:
        return _news(request, seating.sections_left, lambda: {"sections": _sections(seating)})
    outline = seating.house.by_section.get(section or 0)
    if section is not None and (outline is None or outline.is_standing):
        raise Http404
    states = seating.states(section)
    return _news(request, states, lambda: {"states": states.letters, "places": states.runs})


def _news(request: HttpRequest, seen: SeatStates | SectionsLeft, told: Callable[[], dict[str, Any]]) -> HttpResponse:
    if not seen.is_news_to(request.GET.get("v", "")):
        return HttpResponse(status=204)
    return JsonResponse({"version": seen.version, "plan": seen.plan, **told()})


def _sections(seating: Seating) -> dict[int, list[Any]]:
    """Of each section what it is called aloud, whether it is sold out, and how many are left where they are few."""
    return {each.outline.pk: [each.label, each.is_gone, each.few] for each in seating.sections()}


def _number(address: QueryDict, name: str) -> int | None:
    """What the page's own links write; anything else is a page that isn't there."""
    text = address.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404
    return int(text)


def seats_context(
    request: HttpRequest,
    shown: PublicEvent,
    *,
    own: Choice | None,
    sent: QueryDict | None = None,
    seats: dict[int, int] | None = None,
    refusal: Refusal | None = None,
) -> dict[str, Any]:
    """Return what the page shows; with what was sent and why it was turned down, nothing is lost but what is taken."""
    given, proposed = choice_in(request.GET), seats_in(request.GET)
    is_new = sent is None and not given and not proposed
    initial = own.quantities if own and is_new else given
    wanted = seats if seats is not None else (dict(own.seats) if own and is_new else proposed)
    context = detail_context(shown, sent, str(refusal or ""), own=own, initial=initial)
    context["exchange"] = exchanging.recall(request, shown.event)
    seating = Seating(shown, frozenset(own.seats) if context["own"] and own else frozenset())
    chosen = seating.choice(wanted)
    quantities = {price.price.pk: _count(field) for _o, _l, prices in context["levels"] for price, field in prices}
    looked_at = _looked_at(request, seating, chosen, quantities)
    keep = address_of(chosen.seats, quantities)
    here = reverse("events:seats", args=[shown.event.slug])
    return context | {
        "here": here,
        "seating": seating,
        "sections": seating.sections(),
        "chosen": chosen,
        "items": [(seat, here + _without(seat, chosen, quantities)) for seat in chosen.kept],
        "keep": keep + "&" if keep else "",
        "ways": _ways(seating, chosen, quantities, refusal),
        "apart": sent if isinstance(refusal, NotTogether) else None,
        "own_levels": json.dumps(seating.own_levels),
        "has_basket": looked_at["view"] != "best" or bool(chosen.kept),
        **looked_at,
    }


def _without(seat: ChosenSeat, chosen: Chosen, quantities: dict[int, int]) -> str:
    """The address with all that is chosen but this seat."""
    left = {place: price for place, price in chosen.seats.items() if place != seat.place}
    return f"?{address_of(left, quantities)}#basket"


def _count(field: Any) -> int:
    """What stands in a quantity's field, as far as it is a number."""
    text = str(field.value() or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _looked_at(request: HttpRequest, seating: Seating, chosen: Chosen, quantities: dict[int, int]) -> dict[str, Any]:
    """The section and row that the address names, and whether only accessible places are shown."""
    accessible = request.GET.get("accessible") == "1"
    view = request.GET.get("view", "")
    found: dict[str, Any] = {"accessible": accessible, "view": view if view in VIEWS else "map"}
    section = _number(request.GET, "section")
    if request.method == "POST" and (turned_down := [*chosen.lost, *chosen.kept]):
        section = turned_down[0].spot.section  # where it was chosen
    if section is None:
        return found | {"section": None, "rows": [], "row": None, "seats": []}
    outline = seating.house.by_section.get(section)
    if outline is None or outline.is_standing:
        raise Http404
    if found["view"] != "list":  # the plan asks for its seats by itself
        return found | {"section": outline, "rows": [], "row": None, "seats": []}
    rows = seating.rows(section, accessible=accessible)
    order = _number(request.GET, "row")
    row = next((each for each in rows if each.order == order), None)
    seats = seating.seats(section, row.order, accessible=accessible, chosen=chosen.seats) if row else []
    here = {seat.place for seat in seats}
    others = [(f"seat_{place}", price) for place, price in chosen.seats.items() if place not in here]
    others += [(f"price_{price}", count) for price, count in quantities.items() if count]
    return found | {"section": outline, "rows": rows, "row": row, "seats": seats, "others": others}


def _ways(
    seating: Seating, chosen: Chosen, quantities: dict[int, int], refusal: Refusal | None
) -> list[tuple[str, str]]:
    """What else could be done, each in words and as an address with that choice."""
    page = reverse("events:seats", args=[seating.event.slug])

    def address(seats: dict[int, int]) -> str:
        return f"{page}?{address_of(seats, quantities)}#basket"

    ways = [
        (_("Take %(seat)s instead") % {"seat": other.name}, address(chosen.seats | {other.place: other.price.price.pk}))
        for seat in chosen.lost
        for other in seat.instead
    ]
    if isinstance(refusal, SingleGap):
        ways.append((_("Take the seats that leave none alone"), address(seating.moved(chosen.seats, refusal.instead))))
    if isinstance(refusal, CompanionAlone) and (both := seating.with_wheelchairs(chosen.seats)):
        ways.append((_("Add the wheelchair place"), address(both)))
    return ways
