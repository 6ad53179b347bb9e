"""Who asks, for whom they work, and that the answer is for them alone."""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.models import User

ORGANIZATION = "organization"
"""In the session: the id of the organization that was chosen to work for."""


class AtWork(AuthenticationMiddleware):
    """
    Django's own, and tells the user which organization the session works for.

    The role there is read from its row in each request, so that a lost one counts from the next (S3).
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(partial(_at_work, request))  # type: ignore[assignment]


def _at_work(request: HttpRequest) -> object:
    user = get_user(request)
    if isinstance(user, User):
        user.organization_chosen = request.session.get(ORGANIZATION)
    return user


class Private:
    """
    Keeps what is somebody's own out of every cache (S50): all under the account and the back office, and whatever
    is answered to a browser with a session, unless the view says that it is public.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _is_private(request, response):
            response["Cache-Control"] = "private, no-store"
        return response


def _is_private(request: HttpRequest, response: HttpResponse) -> bool:
    if request.path.startswith((reverse("account"), reverse("admin:index"))):
        return True
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    return has_session and "public" not in response.get("Cache-Control", "")
