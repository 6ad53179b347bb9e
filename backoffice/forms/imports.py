"""A file that is brought in."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.models import Import


class ImportForm(forms.Form):
    """Which file, and what its lines are."""

    kind = forms.ChoiceField(label=_("What its lines are"))
    file = forms.FileField(label=_("File"), help_text=_("CSV or XLSX; at most 5 MB and 20,000 lines."))
    sends_tickets = forms.BooleanField(label=_("Send tickets of events to come to their customers"), required=False)

    def __init__(self, kinds: Iterable[str], data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        labels = dict(Import.Kind.choices)
        self.fields["kind"].choices = [(kind, labels[kind]) for kind in kinds]  # type: ignore[attr-defined]
