"""For whom this session works."""

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.middleware import ORGANIZATION
from core.http import SeeOther


@never_cache
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Work for another of one's organizations from now on, in this session."""
    mine = {str(each.organization.pk) for each in request.user.workplaces}  # type: ignore[union-attr]
    chosen = request.POST.get("organization", "")
    if chosen not in mine:
        raise SuspiciousOperation("not a workplace of this person")
    request.session[ORGANIZATION] = int(chosen)
    return SeeOther(reverse("admin:index"))
