"""The season, to look through."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import clock
from events.queries.listing import card, season

PER_PAGE = 24


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """What is to come."""
    now = clock.now()
    page = Paginator(season(now), PER_PAGE).get_page(request.GET.get("page"))
    cards = [card(event, now) for event in page]
    return render(request, "events/list.html", {"page": page, "cards": cards})
