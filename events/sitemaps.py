"""Which pages there are, for search engines."""

from collections.abc import Iterator
from datetime import datetime
from itertools import batched
from xml.sax.saxutils import escape

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core import clock
from core.http import absolute
from events.models import Event
from events.structured_data import venue_url
from venues.models import Venue

PER_FILE = 10_000
"""The protocol allows 50,000."""
PRIVATE = ["/bookings/", "/payments/", "/sandbox/"]
_START = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'

type Page = tuple[str, datetime | None]
"""An address, and since when it says what it says, if known."""


@require_safe
@cache_control(public=True, max_age=300)
def sitemap(request: HttpRequest) -> HttpResponse:
    """
    Everything in one file, or an index of several.

    Not Django's sitemaps, whose index has addresses that begin with what the Host header says.
    """
    files = _files()
    return _xml(_page_list(files[0]) if len(files) == 1 else _index(len(files)))


@require_safe
@cache_control(public=True, max_age=300)
def sitemap_file(request: HttpRequest, number: int) -> HttpResponse:
    """One of the files that the index names."""
    files = _files()
    if not 1 <= number <= len(files):
        raise Http404
    return _xml(_page_list(files[number - 1]))


@require_safe
@cache_control(public=True, max_age=300)
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may look at."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in PRIVATE),
        "",
        f"Sitemap: {absolute(reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


def public_pages(now: datetime) -> Iterator[Page]:
    """Every page that should be found: in an order that new ones leave as it is."""
    yield absolute(reverse("home")), None
    yield absolute(reverse("events:list")), None
    yield absolute(reverse("events:this-month")), None
    for slug in Venue.objects.filter(active=True).order_by("pk").values_list("slug", flat=True):
        yield venue_url(slug), None
    events = Event.objects.public().upcoming(now).order_by("pk")
    for slug, changed_at in events.values_list("slug", "changed_at"):
        yield absolute(reverse("events:detail", args=[slug])), changed_at


def _files() -> list[tuple[Page, ...]]:
    return list(batched(public_pages(clock.now()), PER_FILE))


def _page_list(pages: tuple[Page, ...]) -> str:
    urls = "\n".join(
        f"<url><loc>{escape(address)}</loc>{f'<lastmod>{changed_at.isoformat()}</lastmod>' if changed_at else ''}</url>"
        for address, changed_at in pages
    )
    return f"<urlset {_NAMESPACE}>\n{urls}\n</urlset>\n"


def _index(count: int) -> str:
    addresses = (absolute(reverse("sitemap-file", args=[number])) for number in range(1, count + 1))
    files = "\n".join(f"<sitemap><loc>{escape(address)}</loc></sitemap>" for address in addresses)
    return f"<sitemapindex {_NAMESPACE}>\n{files}\n</sitemapindex>\n"


def _xml(content: str) -> HttpResponse:
    return HttpResponse(_START + content, content_type="application/xml; charset=utf-8")
