"""Something that is added on the way to something else leads back there."""

from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from core.admin import TenantAdmin
from core.http import SeeOther


class LeadsBack(TenantAdmin):
    """After adding, go where `?next=` of the page says, a page of the back office, and tell it what was added."""

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        back = request.GET.get("next", "")
        here = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith(reverse("admin:index"))
        if not here:
            return super().response_post_save_add(request, obj)
        return SeeOther(f"{back.partition('?')[0]}?{urlencode({str(self.opts.model_name): obj.pk})}")
