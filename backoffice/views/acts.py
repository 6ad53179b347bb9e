"""What staff do with bookings: told first, then done, with a result for each. Many are given to the worker."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from backoffice import act_batches, acts
from backoffice.acts import Act
from backoffice.filters import BookingFilter
from backoffice.queries import listing
from backoffice.views.finding import asked_for
from bookings.models import Booking
from core import clock, codes, money
from core.http import SeeOther, wants_part

SHOWN = 20
"""So many of many are shown before it is done to all of them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An act and the bookings that it was asked for; `back` is the search from which it was."""

    act: Act
    bookings: list[Booking]
    back: str

    @property
    def is_too_much(self) -> bool:
        """Whether there are more than are done at once."""
        return len(self.bookings) > self.act.most

    @property
    def is_for_worker(self) -> bool:
        """Whether nobody waits for it."""
        return self.act.in_bulk and len(self.bookings) > acts.AT_ONCE


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
    _check_power(request, chosen)
    back = request.POST.get("back", "")
    every = asked_for(request, QueryDict(request.POST["all"])) if "all" in request.POST else None
    if every and not every.form.is_valid():  # what a filter can't mean would be all
        messages.warning(request, _("A filter makes no sense, so nothing was done. Please look at what is said of it."))
        return SeeOther(_search(request.POST["all"]))
    numbers = _all_that_match(every) if every else _named(request)
    if not numbers and "back" in request.POST:
        messages.warning(request, _("Please choose at least one booking."))
        return SeeOther(_search(back))
    asked = Asked(chosen, _found(request, numbers), back)
    if "confirmed" not in request.POST:
        return _page(request, asked, chosen.form())
    return _perform(request, asked)


def preview(request: HttpRequest, chosen: Act, ids: list[str]) -> HttpResponse:
    """Show what the act would do with these bookings, and ask for what it needs to know."""
    _check_power(request, chosen)
    return _page(request, Asked(chosen, _found(request, acts.numbers_in(ids)), ""), chosen.form())


def _check_power(request: HttpRequest, chosen: Act) -> None:
    if not request.user.has_perm(chosen.power.permission):
        raise PermissionDenied


def _named(request: HttpRequest) -> list[int]:
    """The bookings that were ticked, one by one or, on the way from a preview of many, in one field."""
    together = request.POST.get("bookings", "")
    return acts.numbers_in([*request.POST.getlist("booking"), *(together.split(",") if together else [])])


def _all_that_match(asked: BookingFilter) -> list[int]:
    """All that the search has, one more than may be."""
    found = asked.found()
    return list(found.bookings.values_list("pk", flat=True)[: acts.MOST + 1]) if found.is_more else found.ids


def _found(request: HttpRequest, numbers: list[int]) -> list[Booking]:
    bookings = acts.chosen(numbers, request.user.workplace.organization)  # type: ignore[union-attr]
    if not bookings:
        raise Http404(_("There is nothing at this address."))
    return bookings


def _search(back: str) -> str:
    """The search that it came from: its address is ours, whatever is asked there."""
    query = QueryDict(back).urlencode()
    return reverse("admin:find") + (f"?{query}" if query else "")


def _perform(request: HttpRequest, asked: Asked) -> HttpResponse:
    form = asked.act.form(request.POST)
    if asked.is_too_much or not form.is_valid() or not _counted(request, asked, form):
        return _page(request, asked, form, status=422)
    if asked.is_for_worker:
        return _given_to_worker(request, asked, form)
    looked = {booking.pk: request.POST.get(f"seen_{booking.pk}", "") for booking in asked.bookings}
    results = list(acts.performed(asked.act, asked.bookings, looked=looked, by=request.user, data=form.cleaned_data))
    return _done(request, asked, results)


def _given_to_worker(request: HttpRequest, asked: Asked, form: forms.Form) -> HttpResponse:
    """The same form makes one batch, however often it is sent (U48)."""
    house = request.user.workplace.organization  # type: ignore[union-attr]
    key = request.POST.get("key", "")[:60] or codes.secret()
    batch = act_batches.begin(
        asked.act, asked.bookings, organization=house, data=form.cleaned_data, key=key, by=request.user
    )
    address = reverse("admin:batch", args=[batch.pk])
    return HttpResponse(headers={"HX-Redirect": address}) if wants_part(request) else SeeOther(address)


def _done(request: HttpRequest, asked: Asked, results: list[acts.Result]) -> HttpResponse:
    if wants_part(request) and request.POST.get("from") == "page":
        for result in results:
            (messages.success if result.done else messages.warning)(request, result.sentence)
        return HttpResponse(headers={"HX-Refresh": "true"})
    done = sum(result.done for result in results)
    title = ngettext(
        "%(label)s: done for %(done)s of %(count)s booking",
        "%(label)s: done for %(done)s of %(count)s bookings",
        len(results),
    )
    context = {
        "act": asked.act,
        "results": results,
        "title": title % {"label": asked.act.label, "done": done, "count": len(results)},
        "back": _search(asked.back) if "back" in request.POST else "",
    }
    if wants_part(request):
        rows = listing.rows([result.booking.pk for result in results], request.user)
        return render(request, "backoffice/act_done.html#done", context | {"rows": rows, "query": asked.back})
    return render(request, "backoffice/act_done.html", admin.site.each_context(request) | context)


def _counted(request: HttpRequest, asked: Asked, form: forms.Form) -> bool:
    """Whether the number was typed, where it has to be."""
    now = clock.now()
    affected = sum(not asked.act.why_not(booking, now) for booking in asked.bookings)
    if asked.act.counted and affected > acts.COUNTED_ABOVE:
        try:
            acts.check_count(request.POST.get("count", ""), affected)
        except ValidationError as error:
            form.add_error(None, error)
    return form.is_valid()


def _page(request: HttpRequest, asked: Asked, form: forms.Form, *, status: int = 200) -> HttpResponse:
    context = {"act": asked.act, "form": form, "title": asked.act.label, "is_part": wants_part(request)}
    context |= {"back": _search(asked.back) if "back" in request.POST else "", "query": asked.back}
    context |= {"came_from": request.POST.get("from", ""), "key": request.POST.get("key") or codes.secret()}
    context |= {"most": asked.act.most} if asked.is_too_much else _outlooks(asked)
    if wants_part(request):
        return render(request, "backoffice/act.html#act", context, status=status)
    return render(request, "backoffice/act.html", admin.site.each_context(request) | context, status=status)


def _outlooks(asked: Asked) -> dict[str, Any]:
    """What would happen to each, and to all together, never two currencies in one sum."""
    now = clock.now()
    rows = [(booking, asked.act.outlook(booking, now), acts.seen(booking)) for booking in asked.bookings]
    outlooks = [outlook for _booking, outlook, _seen in rows]
    affected = sum(outlook.applies for outlook in outlooks)
    back: Counter[str] = Counter()
    for booking, outlook, _seen in rows:
        back[booking.currency] += outlook.back
    return {
        "rows": rows[:SHOWN] if asked.is_for_worker else rows,
        "together": ",".join(str(booking.pk) for booking in asked.bookings) if asked.is_for_worker else "",
        "hidden": len(rows) - SHOWN if asked.is_for_worker else 0,
        "affected": affected,
        "left_alone": len(rows) - affected,
        "back_amounts": [money.formatted(amount, currency) for currency, amount in sorted(back.items()) if amount],
        "mails": sum(outlook.mails for outlook in outlooks),
        "ask_count": asked.act.counted and affected > acts.COUNTED_ABOVE,
    }
