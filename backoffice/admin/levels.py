"""Price levels × ticket types: one row for each part of the house, one column for each kind of ticket."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.forms.models import BaseInlineFormSet, inlineformset_factory
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.roles import Power
from bookings.models import Booking
from core import money
from core.admin import TenantInline
from core.forms import AmountField
from core.refusals import Refusal
from events.models import Event, PriceLevel, TicketType
from events.services import levels

MOST_LEVELS = 50
SPARE_ROWS = 2
"""Empty ones, for who has no JavaScript that adds more."""


class RowRefused(Exception):
    """A service refused a row when all looked well: nothing was saved, and the form is to say so there."""

    def __init__(self, row: str, field: str | None, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.row, self.field, self.refusal = row, field, refusal


def _colour(*first: Any) -> forms.TypedChoiceField:
    choices = [*first, *PriceLevel.Colour.choices]
    return forms.TypedChoiceField(label=_("colour"), coerce=int, empty_value=None, required=False, choices=choices)


class LevelForm(forms.ModelForm):
    """A price level and what each ticket type costs there."""

    columns: dict[str, TicketType] = {}
    is_seated = False
    """Whether the event has a seating plan: then places are painted on the map, and not counted here."""

    colour = _colour()

    class Meta:
        model = PriceLevel
        fields = ["name", "order", "colour", "places"]
        labels = {"places": _("places")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["order"].required = False
        if self.is_seated:
            self.fields["places"].disabled = True
            self.fields["places"].widget.attrs["title"] = _("Painted on the map.")
        if not self.instance.pk:
            self.fields["order"].initial = self.initial["order"] = None  # after the others
            self.fields["places"].initial = self.initial["places"] = 0 if self.is_seated else None
            self.fields["colour"] = _colour(("", _("the next one")))
            self.initial["colour"] = None
        for field in self.fields.values():  # the head of the column says it to the eye alone
            field.widget.attrs["aria-label"] = field.label
        if self.instance.pk:
            for price in self.instance.prices.all():
                self.initial[f"price_{price.ticket_type_id}"] = price.amount

    def clean_order(self) -> int | None:
        """An emptied field leaves the level where it is."""
        order = self.cleaned_data["order"]
        return self.instance.order if order is None and self.instance.pk else order

    @property
    def amounts(self) -> dict[int, int | None]:
        """What was typed, by ticket type."""
        return {each.pk: self.cleaned_data[column] for column, each in self.columns.items()}


class LevelFormSet(BaseInlineFormSet):
    """All levels of an event; each row is saved by a service, which also records it."""

    by: Any
    refused: RowRefused | None = None

    def add_fields(self, form: Any, index: int | None) -> None:
        """The head of the column says it to the eye alone."""
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            name = form.instance.name or _("a new price level")
            form.fields["DELETE"].widget.attrs["aria-label"] = _("Delete %(level)s") % {"level": name}

    def clean(self) -> None:
        super().clean()
        if self.refused and self.refused.field is None:  # a row on its way out shows no errors
            raise forms.ValidationError(str(self.refused.refusal))
        for form in self.forms:
            if self.refused and self.refused.row == form.prefix:
                form.add_error(self.refused.field, str(self.refused.refusal))

    def save_new(self, form: Any, commit: bool = True) -> PriceLevel:
        facts = {name: form.cleaned_data[name] for name in ("name", "order", "colour", "places")}
        with _refusing(form, "places"):
            return levels.add(event=self.instance, amounts=form.amounts, by=self.by, **facts)

    def save_existing_objects(self, commit: bool = True) -> list[PriceLevel]:
        """Those that shrink go first: in a full house others grow into what they leave."""
        self.waiting: list[Any] = []
        saved = super().save_existing_objects(commit)
        for form in sorted(self.waiting, key=lambda form: form.cleaned_data["places"] - form.initial["places"]):
            facts = {name: form.cleaned_data[name] for name in ("name", "order", "colour", "places")}
            with _refusing(form, "places"):
                levels.change(level=form.instance, amounts=form.amounts, by=self.by, **facts)
        return saved

    def save_existing(self, form: Any, obj: PriceLevel, commit: bool = True) -> PriceLevel:
        self.waiting.append(form)
        return obj

    def delete_existing(self, obj: PriceLevel, commit: bool = True) -> None:
        form = next(form for form in self.initial_forms if form.instance.pk == obj.pk)
        with _refusing(form, None):
            levels.remove(level=obj, by=self.by)


@contextmanager
def _refusing(form: forms.ModelForm, field: str | None) -> Iterator[None]:
    """Tell to which row a refusal belongs."""
    try:
        yield
    except Refusal as refusal:
        raise RowRefused(str(form.prefix), field, refusal) from refusal


class LevelInline(TenantInline):
    """The grid on the page of an event."""

    model = PriceLevel
    may_view, may_change = Power.SEE_EVENTS.permission, Power.MANAGE_EVENTS.permission
    template = "admin/events/levels.html"
    form = LevelForm
    formset = LevelFormSet
    verbose_name_plural = _("price levels and prices")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("prices__ticket_type")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The columns; for who may only look, prices are one of them."""
        if not self.has_change_permission(request, obj):
            return ["name", "places", "prices"]
        return ["name", "order", "colour", "places", *columns(request, obj)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if self.has_change_permission(request, obj) else ["name", "places", "prices"]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Django's own would load every place of a level to see whether it can be deleted."""
        types = columns(request, obj) if self.has_change_permission(request, obj) else {}
        currency = currency_of(request, obj)
        fields = {name: _amount(each, currency) for name, each in types.items()}
        form = type("LevelForm", (LevelForm,), {"columns": types, "is_seated": bool(obj and obj.plan_id), **fields})
        return inlineformset_factory(
            Event,
            PriceLevel,
            form=form,
            formset=type("LevelFormSet", (LevelFormSet,), {"by": request.user, "refused": refused(request)}),
            fields=["name", "order", "colour", "places"],
            extra=SPARE_ROWS if self.has_change_permission(request, obj) else 0,
            max_num=MOST_LEVELS,
            validate_max=True,
            can_delete=self.has_change_permission(request, obj),
        )

    @admin.display(description=_("prices"))
    def prices(self, level: PriceLevel) -> str:
        currency = level.event.currency
        return ", ".join(
            f"{price.ticket_type} {money.formatted(price.amount, currency)}" for price in level.prices.all()
        )


def columns(request: HttpRequest, event: Event | None) -> dict[str, TicketType]:
    """Return the ticket types that can have a price: the active ones, and others that have one here already."""
    types = TicketType.objects.filter(organization=request.user.workplace.organization)  # type: ignore[union-attr]
    wanted = Q(active=True)
    if event is not None:
        wanted |= Q(prices__price_level__event=event)
    return {f"price_{each.pk}": each for each in types.filter(wanted).distinct().order_by("order", "name")}


def currency_of(request: HttpRequest, event: Event | None) -> str:
    """Return the currency in which amounts are typed: the form's where it may be chosen, else the event's."""
    organization = request.user.workplace.organization  # type: ignore[union-attr]
    typed = request.POST.get("currency", "").strip().upper()
    if typed and not is_settled(event) and len(typed) == 3 and typed.isascii() and typed.isalpha():
        return typed
    return event.currency if event else organization.currency


def is_settled(event: Event | None) -> bool:
    """Whether somebody may have bought: then where it is and in what it sells stay as they are."""
    if event is None:
        return False
    return event.status != Event.Status.DRAFT or Booking.objects.filter(event=event).exists()


def refused(request: HttpRequest) -> RowRefused | None:
    """What a service refused when this form was saved a moment ago."""
    return getattr(request, "row_refused", None)


def _amount(ticket_type: TicketType, currency: str) -> AmountField:
    return AmountField(
        currency=currency,
        smallest=0 if ticket_type.is_free else 1,
        required=False,
        label=f"{ticket_type} ({currency})",
        help_text=_("Empty: not sold there."),
    )
