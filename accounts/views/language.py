"""The language page, which remembers for who is signed in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from core import views


def language(request: HttpRequest) -> HttpResponse:
    """Choose the language: of this browser, and for who is signed in of their mail and their other browsers."""
    response = views.language(request)
    code = request.POST.get("language", "")
    # A visitor without a session costs no query, and the language page stays one that touches none.
    if request.method == "POST" and settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(language=code)
    return response
