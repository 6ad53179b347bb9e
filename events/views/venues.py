"""Where it takes place."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core import clock
from core.briefly import public_page
from core.calendars import subscription
from events.queries.listing import cards, coming
from events.structured_data import venue_data
from venues.models import Venue

SHOWN = 24


@require_safe
@public_page
def venue_list(request: HttpRequest) -> HttpResponse:
    """All houses in use, with how much is to come there."""
    to_come = coming(clock.now()).order_by().values("pk")
    venues = Venue.objects.filter(active=True).prefetch_related("pictures")
    venues = venues.annotate(coming=Count("events", filter=Q(events__in=to_come)))
    return render(request, "events/venues.html", {"venues": venues.order_by("city", "name")})


@require_safe
@public_page
def venue(request: HttpRequest, slug: str) -> HttpResponse:
    """One house: what it has, how to get there, and what is to come."""
    found = get_object_or_404(Venue.objects.select_related("organization").prefetch_related("pictures"), slug=slug)
    events = list(coming(clock.now()).filter(venue=found).values_list("pk", flat=True))
    context = {
        "venue": found,
        "cards": cards(events[:SHOWN]),
        "count": len(events),
        "webcal": subscription(reverse("events:venue-calendar", args=[slug])),
        "data": venue_data(found, found.cover.share if found.cover else ""),
    }
    return render(request, "events/venue.html", context)
