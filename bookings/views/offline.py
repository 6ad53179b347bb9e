"""What lets a telephone keep the tickets it has shown once, and put the box office among its apps."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

WORKER = Path(settings.BASE_DIR, "static", "js", "service-worker.js")
SIZES = (192, 512)


@cache_control(public=True, max_age=0)
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker, at an address above the pages that it keeps. Browsers ask for a newer one each time."""
    return HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")


@cache_control(public=True, max_age=86_400)
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a telephone must know to put us on its first screen."""
    icons = [{"src": static(f"img/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"} for size in SIZES]
    maskable = {"src": static("img/icon-maskable-512.png"), "sizes": "512x512", "type": "image/png"}
    described = {
        "name": "Stagedoor",
        "short_name": "Stagedoor",
        "description": _("Tickets for what is on."),
        "id": "/",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf6f0",
        "theme_color": "#2b0b18",
        "icons": [*icons, maskable | {"purpose": "maskable"}],
    }
    return JsonResponse(described, content_type="application/manifest+json")
