"""Who asks, and for whom they work."""

from functools import partial

from django.contrib.auth import get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest
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
