"""What staff say about seating plans outside of the drawing."""

from dataclasses import fields
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from venues import exchange
from venues.generator import Block, Form, Names, Numbering, Pattern, generate
from venues.layout import Faulty, Problem
from venues.models import SeatingPlan, Section


class NewPlanForm(forms.ModelForm[SeatingPlan]):
    """A plan to begin with."""

    class Meta:
        model = SeatingPlan
        fields = ["name"]
        widgets = {"name": forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"})}
        help_texts = {"name": _("What tells it from other layouts of this venue: Concert, In the round.")}


class ImportForm(forms.Form):
    """A file of a plan."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV with one seat in a line, or JSON: as they are exported here. Up to 16 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.json,text/csv,application/json"}),
    )

    def clean_file(self) -> Any:
        """Nothing too large to be a plan."""
        if self.cleaned_data["file"].size > exchange.MOST_BYTES:
            raise ValidationError(_("The file is larger than 16 MB: no plan is."))
        return self.cleaned_data["file"]


class NewPlanImportForm(ImportForm):
    """A file that a new plan is made of."""

    name = forms.CharField(
        label=_("Name of the plan"),
        max_length=80,
        required=False,
        help_text=_("Empty: as the file calls it."),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    field_order = ["name", "file"]


class PatternForm(forms.Form):
    """A block of rows, as the generator makes it; what is out of bounds it says itself."""

    name = forms.CharField(label=_("Name"), max_length=40, initial=_("Stalls"))
    tier = Section._meta.get_field("tier").formfield(label=_("Level of the house"))
    form = forms.ChoiceField(
        label=_("Rows are"),
        choices=[(Form.STRAIGHT, _("straight")), (Form.CURVED, _("curved")), (Form.ROUND, _("in the round"))],
    )
    rows = forms.IntegerField(label=_("Rows"), initial=10)
    seats = forms.IntegerField(label=_("Seats in the first row"), initial=20, required=False)
    growth = forms.IntegerField(label=_("More in each row behind"), initial=0, required=False)
    radius = forms.IntegerField(label=_("Radius of the first row, cm"), initial=800, required=False)
    sweep = forms.IntegerField(label=_("How far around, degrees"), initial=360, required=False)
    seat_spacing = forms.IntegerField(label=_("From seat to seat, cm"), initial=55)
    row_spacing = forms.IntegerField(label=_("From row to row, cm"), initial=90)
    aisles = forms.CharField(
        label=_("Aisles after seat"),
        required=False,
        help_text=_("Counted from the left in the first row: 6, 14."),
    )
    aisle_width = forms.IntegerField(label=_("Width of an aisle, cm"), initial=120, required=False)
    row_names = forms.ChoiceField(
        label=_("Rows are called"), choices=[(Names.LETTERS, _("A, B, C …")), (Names.NUMBERS, _("1, 2, 3 …"))]
    )
    first_row = forms.CharField(label=_("First of them"), max_length=8, initial="A")
    skipped = forms.CharField(label=_("Letters left out"), max_length=26, initial="IO", required=False)
    from_the_back = forms.BooleanField(label=_("From the back to the front"), required=False)
    numbering = forms.ChoiceField(
        label=_("Seats are counted"),
        choices=[
            (Numbering.LEFT_TO_RIGHT, _("from left to right")),
            (Numbering.RIGHT_TO_LEFT, _("from right to left")),
            (Numbering.ODD_LEFT, _("from the middle, odd ones to the left")),
            (Numbering.ODD_RIGHT, _("from the middle, odd ones to the right")),
        ],
    )
    first_number = forms.IntegerField(label=_("First number"), initial=1)
    towards = forms.IntegerField(
        label=_("Turned by, degrees"),
        initial=0,
        help_text=_("0 leads down the drawing, 90 to the left, 180 up, 270 to the right."),
    )
    x = forms.IntegerField(label=_("From the left, cm"), initial=2000)
    y = forms.IntegerField(label=_("From the top, cm"), initial=1000)

    def clean_aisles(self) -> tuple[int, ...]:
        """Numbers between commas or spaces."""
        words = self.cleaned_data["aisles"].replace(",", " ").split()
        if not all(word.isascii() and word.isdecimal() and len(word) < 6 for word in words):
            raise ValidationError(_("Give numbers of seats, such as 6, 14."))
        return tuple(int(word) for word in words)

    def clean(self) -> dict[str, Any]:
        """Make the block, and say beside its fields what keeps it from being made."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                cleaned["block"] = self.block(cleaned)
            except Faulty as faulty:
                for problem in faulty.problems:
                    self.tell(problem)
        return cleaned

    def block(self, cleaned: dict[str, Any]) -> Block:
        """Return the rows; a field that was left empty counts as the pattern's own value."""
        known = {field.name for field in fields(Pattern)}
        told = {name: value for name, value in cleaned.items() if name in known and value is not None}
        told |= {"first_row": cleaned["first_row"].upper(), "skipped": cleaned["skipped"].upper()}
        return generate(Pattern(origin=(cleaned["x"], cleaned["y"]), **told))

    def tell(self, problem: Problem) -> None:
        """A fault belongs to the field it names."""
        field = "y" if problem.where == "origin" else problem.where
        self.add_error(field if field in self.fields else None, problem.text)
