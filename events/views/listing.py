"""Finding an event: the front page, and the season with its filters."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import clock
from core.briefly import public_page
from core.http import wants_only
from events.forms.search import SearchForm
from events.queries.discovery import choices, found
from events.queries.listing import cards, coming, front_page

PER_PAGE = 24


@require_safe
@public_page
def home(request: HttpRequest) -> HttpResponse:
    """What is worth going to, soon."""
    now = clock.now()
    offered = choices(now)
    context = {"front": front_page(now), "choices": offered, "form": SearchForm(request.GET, offered)}
    return render(request, "events/home.html", context)


@require_safe
@public_page
def event_list(request: HttpRequest) -> HttpResponse:
    """What is to come, as far as it fits what is asked for; for htmx the results alone."""
    now = clock.now()
    offered = choices(now)
    form = SearchForm(request.GET, offered)
    events = found(coming(now), form.search(), now, zones=offered.zones).values_list("pk", flat=True)
    page = Paginator(list(events), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "chips": form.chips(),
        "page": page,
        "cards": cards(page),
        "before": form.page(page.number - 1),
        "after": form.page(page.number + 1),
    }
    # Both headers, as what is kept of the page tells them apart by both: else a part would be kept as the page.
    part = "#results" if wants_only(request, "results") else ""
    response = render(request, f"events/list.html{part}", context, status=400 if form.errors else 200)
    if part:
        response["HX-Push-Url"] = request.path + form.page(page.number)
    return response
