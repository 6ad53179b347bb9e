"""Where payment providers tell us things: no form of ours, so no token of ours, but the provider's signature (S15)."""

import logging

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bookings import gateways
from bookings.services import provider_events

logger = logging.getLogger(__name__)

LONGEST = 256 * 1024
"""So many bytes; providers send some thousand."""


@csrf_exempt
@never_cache
@require_POST
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """Store what a provider tells us; the worker acts on it. Whatever isn't its own, or isn't of now, is refused."""
    if int(request.headers.get("Content-Length") or 0) > LONGEST:
        return HttpResponse("too long", content_type="text/plain", status=413)
    try:
        provider_events.receive(provider=provider, body=request.body, headers=request.headers)
    except gateways.NotOffered as error:
        raise Http404 from error
    except gateways.Forged as forged:
        logger.warning("A message for %s was refused: %s.", provider, forged)
        return HttpResponse("not signed", content_type="text/plain", status=400)
    except gateways.Unavailable:
        return HttpResponse("try again", content_type="text/plain", status=503, headers={"Retry-After": "60"})
    return HttpResponse("stored", content_type="text/plain")
