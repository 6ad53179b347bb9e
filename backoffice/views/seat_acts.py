"""Acts with chosen places of an event: what is chosen, what would happen, what came of it."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.roles import Power
from backoffice import seat_acts
from backoffice.access import needs
from backoffice.forms.seats import ActForm, selected
from backoffice.queries.seats import Summary, summary
from backoffice.seat_acts import SeatAct
from backoffice.views.publishing import own_event
from core import clock
from core.ranges import compact
from core.refusals import Refusal
from events.models import Event, NotOnSale
from events.queries import acts
from events.queries.acts import NoSuchPlace, Report

CHANGED = "seats-changed"
"""The event that tells an open map to look again."""


@never_cache
@require_POST
@needs(Power.SEE_EVENTS)
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """
    Tell what is chosen; or what an act would do with it; or do it when that was confirmed.

    Only a POST comes here: nothing is changed by a link (S14), and what is chosen may be long.
    """
    event = own_event(request, pk)
    with timezone.override(event.venue.zone):
        try:
            place_ids = selected(event, request.POST)
            chosen = _chosen(request)
            acts.facts_of(event, place_ids)
            if chosen is None:
                return _page(request, event, place_ids)
            return _acted(request, event, chosen, place_ids)
        except NoSuchPlace as refusal:
            return _page(request, event, [], refusal=refusal)


def _chosen(request: HttpRequest) -> SeatAct | None:
    """Return the act that is asked for, None where somebody only looks; who may not change anything may look."""
    name = request.POST.get("act", "")
    if name in ("", "look"):
        return None
    if not request.user.has_perm(Power.MANAGE_EVENTS.permission):
        raise PermissionDenied
    if name not in seat_acts.ACTS:
        raise Http404(_("There is nothing at this address."))
    return seat_acts.ACTS[name]


def _acted(request: HttpRequest, event: Event, chosen: SeatAct, place_ids: list[int]) -> HttpResponse:
    confirmed = "confirmed" in request.POST
    form = chosen.form(event, request.POST if confirmed else None)
    if not confirmed or not form.is_valid():
        return _preview(request, event, chosen, place_ids, form)
    try:
        report = chosen.perform(event_id=event.pk, place_ids=place_ids, by=request.user, **form.cleaned_data)
    except Refusal as refusal:
        return _preview(request, event, chosen, place_ids, form, refusal=refusal)
    inverse = chosen.inverse(form.cleaned_data, report) if report.changed else None
    done: dict[str, Any] = {"report": report, "undo": inverse, "changed": compact(report.changed)}
    response = _page(request, event, place_ids, act=chosen, **done)
    response["HX-Trigger"] = CHANGED
    return response


def _preview(
    request: HttpRequest,
    event: Event,
    chosen: SeatAct,
    place_ids: list[int],
    form: ActForm,
    *,
    refusal: Refusal | None = None,
) -> HttpResponse:
    data = {name: form.fields[name].initial for name in form.fields} | getattr(form, "cleaned_data", {})
    outlook: Report = acts.outlook(event=event, place_ids=place_ids, act=chosen.rule(data))
    return _page(request, event, place_ids, act=chosen, form=form, outlook=outlook, refusal=refusal)


def _page(
    request: HttpRequest, event: Event, place_ids: list[int], *, refusal: Refusal | None = None, **context: Any
) -> HttpResponse:
    form = context.get("form")
    invalid = bool(form is not None and form.errors)
    status = refusal.status if refusal else 422 if invalid else 200
    is_part = bool(request.headers.get("HX-Request"))
    sees = request.user.has_perm(Power.SEE_BOOKINGS.permission)
    shown: Summary = summary(event, place_ids, bookings=sees)
    page = {
        **admin.site.each_context(request),
        "title": context["act"].confirm if "act" in context else _("Chosen places"),
        "event": event,
        "here": "seats",
        "acts": seat_acts.ACTS.values(),
        "chosen": shown,
        "may_sell": _may_sell(request, event, shown),
        "refusal": refusal,
        "is_part": is_part,
        **context,
    }
    part = "#panel" if is_part else ""
    return render(request, f"backoffice/seats/act.html{part}", page, status=status)


def _may_sell(request: HttpRequest, event: Event, chosen: Summary) -> bool:
    """Whether these can be sold at the box office now."""
    few = chosen.count <= event.max_per_booking
    if not (request.user.has_perm(Power.SELL.permission) and chosen.can_be_sold and few):
        return False
    try:
        event.check_on_sale(clock.now())
    except NotOnSale:
        return False
    return True
