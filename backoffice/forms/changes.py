"""Cancelling and moving an event: what has to be said, and typed, before it is done."""

from datetime import timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core import clock
from core.forms import LocalDateTimeInput
from events.models import Event
from events.services import changing
from events.services.changing import BadTimes, Times

RETURNABLE_DAYS = 14


class NoteField(forms.CharField):
    """What everybody is told."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Message for everybody"),
            max_length=500,
            required=False,
            widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
            help_text=_("Stands in the mail, on the event's page and on the pages of its bookings."),
        )


class CancelEventForm(forms.Form):
    """Why, what everybody is told, and the title once more: so nobody cancels the wrong one."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=60,
        help_text=_("For colleagues. No names."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    note = NoteField()
    typed = forms.CharField(
        label=_("The event's title, once more"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )

    def __init__(self, event: Event, sent: QueryDict | None = None) -> None:
        super().__init__(sent)
        self.event = event
        self.fields["typed"].help_text = _("Type: %(title)s") % {"title": event.title}

    def clean_typed(self) -> str:
        typed = self.cleaned_data["typed"]
        if typed.split() != self.event.title.split():
            raise ValidationError(_("That isn't the title of this event. Nothing was changed."))
        return typed


class MoveEventForm(forms.Form):
    """The new times, for how long tickets can be returned, and what everybody is told."""

    starts_at = forms.DateTimeField(label=_("Starts"), widget=LocalDateTimeInput)
    doors_at = forms.DateTimeField(label=_("Doors open"), widget=LocalDateTimeInput, required=False)
    ends_at = forms.DateTimeField(label=_("Ends"), widget=LocalDateTimeInput, required=False)
    sales_end = forms.DateTimeField(label=_("Sales end"), widget=LocalDateTimeInput, required=False)
    returnable_days = forms.IntegerField(
        label=_("Days to return tickets"),
        min_value=0,
        max_value=365,
        initial=RETURNABLE_DAYS,
        help_text=_("So long, and at most until the new start, tickets can be returned for all their money. 0: not."),
    )
    note = NoteField()

    def __init__(self, event: Event, sent: QueryDict | None = None) -> None:
        super().__init__(sent, initial={"starts_at": event.starts_at})
        self.event = event
        for name in ("doors_at", "ends_at", "sales_end"):
            self.fields[name].help_text = _("Empty: moves as far as the start.")

    def clean(self) -> dict[str, Any]:
        """Say beside the field what can't be."""
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                changing.check_times(self.event, self.times, clock.now())
            except BadTimes as refusal:
                self.add_error(refusal.field, str(refusal))
        return cleaned

    @cached_property
    def times(self) -> Times:
        """All the new times."""
        names = ("starts_at", "doors_at", "ends_at", "sales_end")
        return changing.times_moved(self.event, **{name: self.cleaned_data[name] for name in names})

    @property
    def returnable_for(self) -> timedelta | None:
        """How long tickets can be returned, if at all."""
        days = self.cleaned_data["returnable_days"]
        return timedelta(days=days) if days else None
