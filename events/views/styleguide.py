"""For developers: every part of the pages as it looks now."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from events.models import Event

COLOURS = "paper surface ink ink-soft line velvet velvet-strong velvet-wash button stage stage-high brass".split()
COLOURS += "good warn bad focus".split()
STATES = [
    ("on-sale", "On sale"),
    ("few", "Few places left"),
    ("not-yet", "On sale from Tue, 1 Dec 2026, 10:00 (CET)"),
    ("sold-out", "Sold out"),
    ("closed", "Sales have ended"),
    ("cancelled", "Cancelled"),
]


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Living examples; only where nobody sells anything."""
    if not settings.TRIAL:
        raise Http404
    posters = [(kind.value, kind.label, number % 6) for number, kind in enumerate(Event.Type)]
    return render(request, "styleguide.html", {"colours": COLOURS, "states": STATES, "posters": posters})
