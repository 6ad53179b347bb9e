"""Another evening of the same."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.roles import Power
from backoffice.access import needs
from backoffice.views.publishing import own_event
from core import clock
from core.forms import LocalDateTimeInput
from core.http import SeeOther
from events.services import copying


class CopyForm(forms.Form):
    """What is different about the copy."""

    title = forms.CharField(label=_("Title"), max_length=160, widget=forms.TextInput(attrs={"class": "vTextField"}))
    starts_at = forms.DateTimeField(
        label=_("Starts"),
        widget=LocalDateTimeInput,
        help_text=_("Its end, its doors and its sales move as far as its start."),
    )

    def clean_starts_at(self) -> Any:
        """A copy of last year's evening takes place in the future."""
        starts_at = self.cleaned_data["starts_at"]
        if starts_at <= clock.now():
            raise forms.ValidationError(_("Please choose a start in the future."))
        return starts_at


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for title and start, in the time of the venue; then go on at the new draft."""
    event = own_event(request, pk)
    with timezone.override(event.venue.zone):
        form = CopyForm(request.POST if request.method == "POST" else None, initial={"title": event.title})
        if form.is_valid():
            made = copying.copy(event_id=event.pk, by=request.user, **form.cleaned_data)
            messages.success(request, _("This is the copy: a draft that nobody sees until you publish it."))
            return SeeOther(reverse("admin:events_event_change", args=[made.pk]))
        context = {
            **admin.site.each_context(request),
            "title": _("Copy “%(event)s”") % {"event": event},
            "event": event,
            "form": form,
        }
        return render(request, "backoffice/copy.html", context)
