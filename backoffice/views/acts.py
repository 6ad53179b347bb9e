"""What staff do with bookings: told first, then done, with a result for each."""

from collections import Counter
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from backoffice import acts
from backoffice.acts import Act
from bookings.models import Booking
from core import clock, money


@never_cache
@require_POST
def act(request: HttpRequest, name: str) -> HttpResponse:
    """
    Show what an act would do with the bookings that are named, or do it when that was confirmed.

    Only a POST comes here, so that no link changes anything (S14); bookings of others aren't there (S9, S11).
    """
    chosen = acts.ACTS.get(name)
    if chosen is None:
        raise Http404(_("There is nothing at this address."))
    if "confirmed" not in request.POST:
        return preview(request, chosen, request.POST.getlist("booking"))
    return _perform(request, chosen, _found(request, chosen, request.POST.getlist("booking")))


def preview(request: HttpRequest, chosen: Act, ids: list[str]) -> HttpResponse:
    """Show what the act would do with these bookings, and ask for what it needs to know."""
    return _page(request, chosen, _found(request, chosen, ids), chosen.form())


def _found(request: HttpRequest, chosen: Act, ids: list[str]) -> list[Booking]:
    if not request.user.has_perm(chosen.power.permission):
        raise PermissionDenied
    bookings = acts.chosen(ids, request.user.workplace.organization)  # type: ignore[union-attr]
    if not bookings:
        raise Http404(_("There is nothing at this address."))
    return bookings


def _perform(request: HttpRequest, chosen: Act, bookings: list[Booking]) -> HttpResponse:
    form = chosen.form(request.POST)
    if len(bookings) > acts.MOST or not form.is_valid() or not _counted(request, chosen, bookings, form):
        return _page(request, chosen, bookings, form, status=422)
    looked = {booking.pk: request.POST.get(f"seen_{booking.pk}", "") for booking in bookings}
    results = list(acts.performed(chosen, bookings, looked=looked, by=request.user, data=form.cleaned_data))
    done = sum(result.done for result in results)
    title = ngettext(
        "%(label)s: done for %(done)s of %(count)s booking",
        "%(label)s: done for %(done)s of %(count)s bookings",
        len(results),
    )
    context = {"results": results, "title": title % {"label": chosen.label, "done": done, "count": len(results)}}
    return render(request, "backoffice/act_done.html", admin.site.each_context(request) | context | {"act": chosen})


def _counted(request: HttpRequest, chosen: Act, bookings: list[Booking], form: forms.Form) -> bool:
    """Whether the number was typed, where it has to be."""
    affected = _affected(chosen, bookings)
    if chosen.counted and affected > acts.COUNTED_ABOVE:
        try:
            acts.check_count(request.POST.get("count", ""), affected)
        except ValidationError as error:
            form.add_error(None, error)
    return form.is_valid()


def _affected(chosen: Act, bookings: list[Booking]) -> int:
    now = clock.now()
    return sum(chosen.outlook(booking, now).applies for booking in bookings)


def _page(
    request: HttpRequest,
    chosen: Act,
    bookings: list[Booking],
    form: forms.Form,
    *,
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    rows = [(booking, chosen.outlook(booking, now), acts.seen(booking)) for booking in bookings]
    affected = sum(outlook.applies for _booking, outlook, _seen in rows)
    back: Counter[str] = Counter()
    for booking, outlook, _seen in rows:
        back[booking.currency] += outlook.back
    context: dict[str, Any] = {
        "act": chosen,
        "form": form,
        "rows": rows,
        "affected": affected,
        "back": [money.formatted(amount, currency) for currency, amount in sorted(back.items()) if amount],
        "mails": sum(outlook.mails for _booking, outlook, _seen in rows),
        "ask_count": chosen.counted and affected > acts.COUNTED_ABOVE,
        "most": acts.MOST if len(bookings) > acts.MOST else None,
        "title": chosen.label,
    }
    return render(request, "backoffice/act.html", admin.site.each_context(request) | context, status=status)
