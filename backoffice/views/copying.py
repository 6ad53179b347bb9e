"""Another evening of the same; a template of such; an event made from a template."""

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
from events.models import Event
from events.services import copying


class CopyForm(forms.Form):
    """What is different about the copy, and what it takes along."""

    title = forms.CharField(label=_("Title"), max_length=160, widget=forms.TextInput(attrs={"class": "vTextField"}))
    starts_at = forms.DateTimeField(
        label=_("Starts"),
        widget=LocalDateTimeInput,
        help_text=_("Its end, its doors and its sales move as far as its start."),
    )
    with_holds = forms.BooleanField(
        label=_("With holds"),
        required=False,
        help_text=_("The same seats, and as many standing places, are kept back."),
    )
    with_pictures = forms.BooleanField(label=_("With pictures"), required=False)
    as_template = forms.BooleanField(
        label=_("As a template"),
        required=False,
        help_text=_("Nobody sees or sells it; events are made from it. Its start stays as it is here."),
    )

    def __init__(self, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        self.fields["starts_at"].required = False
        if event.plan_id is None:  # places without numbers are made by publishing
            del self.fields["with_holds"]
        if event.is_template:
            del self.fields["as_template"]

    def clean(self) -> dict[str, Any]:
        """A copy of last year's evening takes place in the future; a template only remembers when."""
        cleaned = super().clean() or self.cleaned_data
        starts_at = cleaned.get("starts_at")
        if cleaned.get("as_template"):
            cleaned["starts_at"] = self.event.starts_at
        elif starts_at is None and "starts_at" not in self.errors:
            self.add_error("starts_at", _("Please say when it starts."))
        elif starts_at and starts_at <= clock.now():
            self.add_error("starts_at", _("Please choose a start in the future."))
        return cleaned


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for title and start, in the time of the venue; then go on at the new draft."""
    event = own_event(request, pk)
    with timezone.override(event.venue.zone):
        data = request.POST if request.method == "POST" else None
        first = {"title": event.title, "with_pictures": event.is_template, "with_holds": event.is_template}
        form = CopyForm(event, data, initial=first)
        if form.is_valid():
            return SeeOther(_made(request, event, form.cleaned_data))
        title = _("New event from “%(event)s”") if event.is_template else _("Copy “%(event)s”")
        context = {
            **admin.site.each_context(request),
            "title": title % {"event": event},
            "event": event,
            "form": form,
        }
        return render(request, "backoffice/copy.html", context, status=422 if form.errors else 200)


def _made(request: HttpRequest, event: Event, wanted: dict[str, Any]) -> str:
    """Copy, say so, and return where to go on."""
    made = copying.copy(event_id=event.pk, by=request.user, **wanted)
    if made.is_template:
        messages.success(request, _("This is the template: “New event from it” makes events like it."))
    else:
        messages.success(request, _("This is the copy: a draft that nobody sees until you publish it."))
    return reverse("admin:event-set-up" if event.is_template else "admin:events_event_change", args=[made.pk])
