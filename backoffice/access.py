"""Who may see which of our own staff pages."""

from collections.abc import Callable
from functools import wraps

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
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


def brought_second_factor(request: HttpRequest) -> bool:
    """
    Whether this session was opened, or confirmed since, with a passkey or a code, by something its owner still has.

    Setting one up is not enough: the session must bring it.
    """
    records = get_authentication_records(request, request.user)
    used = {record.get("id") for record in records if record.get("method") == "mfa"}
    return bool(used) and Authenticator.objects.filter(user=request.user, pk__in=used).exists()
