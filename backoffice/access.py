"""Who may see which of our own staff pages."""

from collections.abc import Callable
from functools import wraps

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from accounts.roles import Power

type View = Callable[..., HttpResponseBase]


def needs(power: Power, *, to_change: Power | None = None) -> Callable[[View], View]:
    """
    Let in who has this power where they work now; for pages in `backoffice.urls`, where only staff come.

    Where a page is looked at by more people than may change it, `to_change` is what a POST needs.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            wanted = to_change if to_change and request.method not in ("GET", "HEAD") else power
            if not request.user.has_perm(wanted.permission):
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
