"""What somebody says of themselves."""

from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.services import people
from core.http import SeeOther, keep_language


class ProfileForm(forms.ModelForm[User]):
    """Name, phone and language; whatever else is sent is ignored (S13)."""

    phone = forms.RegexField(
        r"\A[0-9+()/. -]*\Z",
        label=_("Phone (optional)"),
        max_length=40,
        required=False,
        error_messages={"invalid": _("Please use digits, spaces and + ( ) / . - only.")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )

    class Meta:
        model = User
        fields = ("name", "phone", "language")
        labels = {"name": _("Name (optional)"), "language": _("Language")}
        help_texts = {"language": _("Of these pages, and of our mails about your account.")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change what is filled in for you when you book."""
    person = cast("User", request.user)
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=User.objects.get(pk=person.pk))
    if not form.is_valid():
        return render(request, "account/profile.html", {"form": form}, status=422 if form.is_bound else 200)
    saved = people.change_profile(user_id=person.pk, **form.cleaned_data, by=person)
    with translation.override(saved.language):
        messages.success(request, gettext("Your profile is saved."))
    response = SeeOther(reverse("profile"))
    keep_language(response, saved.language)
    return response
