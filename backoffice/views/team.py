"""Who works here: people, invitations, and who can do what."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Invitation, Organization
from accounts.queries import people
from accounts.roles import POWERS, Power, Role
from accounts.services import team
from backoffice.access import needs
from backoffice.forms.team import InviteForm, RoleForm
from core import clock, throttles
from core.http import SeeOther
from core.refusals import Refusal

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Turned:
    """What was turned down, to be told beside its row: a member's or an invitation's."""

    refusal: Refusal
    member: int | None = None
    invitation: int | None = None


@needs(Power.MANAGE_PEOPLE)
@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """People, open invitations, and which role may do what."""
    return _overview(request)


@needs(Power.MANAGE_PEOPLE)
@never_cache
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """Offer a role to an address."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _overview(request, form=form, status=422)
    try:
        _invite(request, form.cleaned_data["email"], form.cleaned_data["role"])
    except Refusal as refusal:
        form.add_error("email", str(refusal))
        return _overview(request, form=form, status=refusal.status)
    return _done(request, _("The invitation is on its way to %(email)s.") % {"email": form.cleaned_data["email"]})


@needs(Power.MANAGE_PEOPLE)
@never_cache
@require_POST
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a new link instead of the earlier one."""
    invitation = _invitation(request, pk)
    try:
        _invite(request, invitation.email, Role(invitation.role))
    except Refusal as refusal:
        return _turned_down(request, Turned(refusal, invitation=pk))
    return _done(request, _("A new link is on its way to %(email)s.") % {"email": invitation.email})


@needs(Power.MANAGE_PEOPLE)
@never_cache
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = _invitation(request, pk)
    try:
        team.withdraw(invitation_id=pk, by=request.user)
    except Refusal as refusal:
        return _turned_down(request, Turned(refusal, invitation=pk))
    return _done(request, _("The invitation of %(email)s was withdrawn.") % {"email": invitation.email})


@needs(Power.MANAGE_PEOPLE)
@never_cache
@require_safe
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """One person, and what that person may do here."""
    return _member(request, pk)


@needs(Power.MANAGE_PEOPLE)
@never_cache
@require_POST
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody another role."""
    colleague, form = _colleague(request, pk), RoleForm(request.POST)
    if not form.is_valid():
        raise SuspiciousOperation("no such role")
    try:
        team.change_role(membership_id=pk, role=form.cleaned_data["role"], by=request.user)
    except Refusal as refusal:
        return _turned_down(request, Turned(refusal, member=pk))
    said = {"person": colleague.called, "role": form.cleaned_data["role"].label}
    return _done(request, _("%(person)s is %(role)s from now on.") % said, oneself=colleague.person == request.user.pk)


@needs(Power.MANAGE_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask first, then let somebody work here no longer."""
    colleague = _colleague(request, pk)
    if request.method != "POST":
        return _page(request, "backoffice/team_remove.html", _("Remove from the team"), {"member": colleague})
    try:
        team.remove(membership_id=pk, by=request.user)
    except Refusal as refusal:
        return _turned_down(request, Turned(refusal, member=pk))
    said = _("%(person)s doesn't work here any more.") % {"person": colleague.called}
    return _done(request, said, oneself=colleague.person == request.user.pk)


def _overview(
    request: HttpRequest, *, form: InviteForm | None = None, turned: Turned | None = None, status: int = 200
) -> HttpResponse:
    organization = _organization(request)
    context = {
        "members": people.colleagues(organization),
        "invitations": people.invited(organization),
        "now": clock.now(),
        "form": form or InviteForm(),
        "turned": turned,
        "powers": people.powers_by_role(),
        "zone": organization.time_zone,
        "roles": Role,
    }
    return _page(request, "backoffice/team.html", _("Team"), context, status=status)


def _member(request: HttpRequest, pk: int) -> HttpResponse:
    colleague = _colleague(request, pk)
    context = {
        "member": colleague,
        "powers": [(power, power in POWERS[colleague.role]) for power in Power],
        "zone": _organization(request).time_zone,
        "roles": Role,
    }
    return _page(request, "backoffice/team_member.html", colleague.called, context)


def _page(
    request: HttpRequest, template: str, title: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    shared = admin.site.each_context(request)
    return render(request, template, shared | {"title": title} | context, status=status)


def _invite(request: HttpRequest, email: str, role: Role) -> None:
    throttles.hit("invite-by-person", str(request.user.pk), limit=60, per=HOUR)
    team.invite(organization_id=_organization(request).pk, email=email, role=role, by=request.user)


def _turned_down(request: HttpRequest, turned: Turned) -> HttpResponse:
    if isinstance(turned.refusal, team.GoneAlready):  # there is no row to tell it beside
        messages.error(request, str(turned.refusal))
        return SeeOther(reverse("admin:team"))
    return _overview(request, turned=turned, status=turned.refusal.status)


def _done(request: HttpRequest, said: str, *, oneself: bool = False) -> HttpResponse:
    """Back to the team; who changed their own role may not come back here."""
    messages.success(request, said)
    return SeeOther(reverse("account" if oneself else "admin:team"))


def _organization(request: HttpRequest) -> Organization:
    return request.user.workplace.organization  # type: ignore[union-attr]


def _invitation(request: HttpRequest, pk: int) -> Invitation:
    return get_object_or_404(people.invited(_organization(request)), pk=pk)


def _colleague(request: HttpRequest, pk: int) -> people.Colleague:
    found = people.colleague(_organization(request), pk)
    if found is None:
        raise Http404
    return found
