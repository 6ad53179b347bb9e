"""The pictures of an event or a venue: add, describe, turn to the point that matters, put in order, remove."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.roles import Power
from backoffice.access import needs
from core import pictures
from core.http import SeeOther
from core.pictures import Picture
from events.models import Event, EventPicture
from venues.models import Venue, VenuePicture

KINDS: dict[str, tuple[type[Event | Venue], type[Picture]]] = {
    "event": (Event, EventPicture),
    "venue": (Venue, VenuePicture),
}
MOST = 20
"""So many pictures of one thing."""


class Percent(forms.IntegerField):
    """How far along, from 0 to 100."""

    def __init__(self, **kwargs: Any) -> None:
        range_input = forms.NumberInput(attrs={"type": "range", "min": 0, "max": 100, "step": 5})
        super().__init__(min_value=0, validators=[MaxValueValidator(100)], initial=50, widget=range_input, **kwargs)


class FocusForm(forms.Form):
    """What must not be cut off, and what it shows."""

    alt = forms.CharField(
        label=_("What it shows"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        help_text=_("One sentence for those who can't see it: it is read to them instead."),
    )
    focus_x = Percent(label=_("Point that matters, from left to right"))
    focus_y = Percent(label=_("Point that matters, from top to bottom"))


class PictureForm(FocusForm):
    """A new picture."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("JPEG, PNG or WebP, up to 10 MB and at least 320 × 200 pixels."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    field_order = ["file", "alt", "focus_x", "focus_y"]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_EVENTS)
def gallery(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Show the pictures of one thing; add one."""
    thing = own_thing(request, kind, pk)
    form = PictureForm(request.POST or None, request.FILES or None) if request.method == "POST" else PictureForm()
    if form.is_valid() and _added(form, kind, thing, request.user):
        messages.success(request, _("The picture is added."))
        return SeeOther(request.path)
    return _page(request, kind, thing, form)


@never_cache
@require_POST
@needs(Power.MANAGE_EVENTS)
def change_picture(request: HttpRequest, kind: str, pk: int, picture_pk: int) -> HttpResponse:
    """Do with one picture what the pressed button says."""
    thing = own_thing(request, kind, pk)
    picture = get_object_or_404(KINDS[kind][1], **{kind: thing}, pk=picture_pk)
    act = request.POST.get("act", "")
    if act == "remove":
        pictures.remove(picture=picture, by=request.user)
    elif act in ("earlier", "later"):
        pictures.move(picture=picture, earlier=act == "earlier", by=request.user)
    else:
        form = FocusForm(request.POST, prefix=f"picture-{picture.pk}")
        if not form.is_valid():
            return _page(request, kind, thing, PictureForm(), changing=(picture, form))
        pictures.change(picture=picture, by=request.user, **form.cleaned_data)
    messages.success(request, _("The pictures are changed."))
    return SeeOther(reverse("admin:pictures", args=[kind, thing.pk]))


def own_thing(request: HttpRequest, kind: str, pk: int) -> Event | Venue:
    """Return an event or a venue of the organization that the user works for; 404 for any other."""
    if kind not in KINDS:
        raise Http404
    model: Any = KINDS[kind][0]
    organization = request.user.workplace.organization  # type: ignore[union-attr]
    return get_object_or_404(model.objects.filter(organization=organization), pk=pk)


def _added(form: PictureForm, kind: str, thing: Event | Venue, by: Any) -> bool:
    """Add the picture, or say in the form what is wrong with it."""
    facts = dict(form.cleaned_data)
    upload = facts.pop("file")
    model: Any = KINDS[kind][1]
    if model.objects.filter(**{kind: thing}).count() >= MOST:
        form.add_error(None, _("That's enough: remove a picture before you add another."))
        return False
    try:
        pictures.add(picture=model(**{kind: thing}, **facts), upload=upload, by=by)
    except ValidationError as error:
        form.add_error(None if hasattr(error, "error_dict") else "file", error)
        return False
    return True


def _page(
    request: HttpRequest, kind: str, thing: Any, form: PictureForm, changing: tuple[Picture, FocusForm] | None = None
) -> HttpResponse:
    shown = []
    for picture in thing.pictures.all():
        focus = FocusForm(
            initial={"alt": picture.alt, "focus_x": picture.focus_x, "focus_y": picture.focus_y},
            prefix=f"picture-{picture.pk}",
        )
        shown.append((picture, changing[1] if changing and changing[0] == picture else focus))
    context = {
        **admin.site.each_context(request),
        "title": _("Pictures of “%(name)s”") % {"name": thing},
        "kind": kind,
        "thing": thing,
        "back": reverse(f"admin:{thing._meta.app_label}_{kind}_change", args=[thing.pk]),
        "form": form,
        "pictures": shown,
    }
    return render(request, "backoffice/pictures.html", context)
