"""One event: what, when, where, for how much, what is left, and the choice."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core import codes
from events import choices
from events.choices import Choice
from events.forms import ChoiceForm, choice_in
from events.models import Event
from events.queries.availability import recent_availability
from events.queries.listing import sale_state
from events.queries.offers import PublicEvent, recent_event


@never_cache  # it holds a form with a key of its own
@require_safe
def event_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One event, what is left, and the choice: the one in the address, else the visitor's last."""
    shown = public_event(slug)
    own = choices.recall(request, shown.event)
    initial = choice_in(request.GET) or (own.quantities if own else {})
    return render(request, "events/detail.html", detail_context(shown, own=own, initial=initial))


@never_cache
@require_safe
def event_availability(request: HttpRequest, slug: str) -> HttpResponse:
    """What is left, if that is news to the page that asks; else nothing."""
    shown = public_event(slug)
    if not recent_availability(shown.event.pk).is_news_to(request.GET.get("v", "")):
        return HttpResponse(status=204)
    return render(request, "events/detail.html#availability", detail_context(shown) | {"oob": True})


def public_event(slug: str) -> PublicEvent:
    """Return an event that anybody may see; raises Http404."""
    try:
        return recent_event(slug)
    except Event.DoesNotExist as missing:
        raise Http404 from missing


def detail_context(
    shown: PublicEvent,
    sent: QueryDict | None = None,
    problem: str = "",
    *,
    own: Choice | None = None,
    initial: Mapping[int, int] | None = None,
) -> dict[str, Any]:
    """
    Return what the event page shows; with what was sent and why it was turned down, so that nothing is lost.

    `own` is the visitor's last choice, passed on while its reservation is in time; `initial` stands in the form.
    """
    event, levels = shown.event, shown.levels
    form = ChoiceForm(event, sent, initial=initial)
    form.show(levels)
    if problem and form.is_valid():
        form.add_error(None, problem)
    left = recent_availability(event.pk)
    by_level = {each.level_id: each for each in left.levels}
    state = sale_state(event, left.asked_at, is_sold_out=left.is_sold_out, is_few=left.is_few)
    return {
        "event": event,
        "levels": [
            (
                offer,
                by_level.get(offer.level.pk),
                [(price, form[price.field]) for price in offer.prices],
            )
            for offer in levels
        ],
        "left": left,
        "state": state,
        "form": form,
        "key": codes.secret(),
        "own": own if own and own.until > left.asked_at else None,
    }
