"""Who may see which of our own staff pages."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.roles import Power

type View = Callable[..., HttpResponse]


def needs(power: Power) -> Callable[[View], View]:
    """Let in who has this power where they work now; for pages in `backoffice.urls`, where only staff come."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not request.user.has_perm(power.permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard
