"""What every template may say."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str]:
    """How absolute addresses begin, whatever host the request named."""
    return {"site_url": settings.SITE_URL}
