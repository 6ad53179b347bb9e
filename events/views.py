"""Pages on which visitors find an event and choose."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core import clock, codes
from events.forms import ChoiceForm
from events.models import Event
from events.queries.availability import recent_availability
from events.queries.listing import card, sale_state, season
from events.queries.offers import offers

PER_PAGE = 24


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """What is to come."""
    now = clock.now()
    page = Paginator(season(now), PER_PAGE).get_page(request.GET.get("page"))
    cards = [card(event, now) for event in page]
    return render(request, "events/list.html", {"page": page, "cards": cards})


@never_cache  # it holds a form with a key of its own
@require_safe
def event_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One event, what is left, and the choice."""
    event = public_event(slug)
    return render(request, "events/detail.html", detail_context(event))


@never_cache
@require_safe
def event_availability(request: HttpRequest, slug: str) -> HttpResponse:
    """What is left, if that is news to the page that asks; else nothing."""
    left = recent_availability(get_object_or_404(Event.objects.public(), slug=slug).pk)
    if not left.is_news_to(request.GET.get("v", "")):
        return HttpResponse(status=204)
    context = detail_context(public_event(slug)) | {"oob": True}
    return render(request, "events/detail.html#availability", context)


def public_event(slug: str) -> Event:
    """Return an event that anybody may see, with what its page needs; raises Http404."""
    found = Event.objects.public().select_related("venue", "organization", "category")
    return get_object_or_404(found, slug=slug)


def detail_context(event: Event, sent: QueryDict | None = None, problem: str = "") -> dict[str, Any]:
    """Return what the event page shows; with what was sent and why it was turned down, so that nothing is lost."""
    levels = offers(event)
    form = ChoiceForm(event, sent)
    form.show(levels)
    if problem and form.is_valid():
        form.add_error(None, problem)
    left = recent_availability(event.pk)
    by_level = {each.level_id: each for each in left.levels}
    state = sale_state(event, clock.now(), is_sold_out=left.is_sold_out, is_few=left.is_few)
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
    }
