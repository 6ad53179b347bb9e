"""One event: what, when, where, for how much, what is left, and the choice."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core import codes, dates, money
from core.briefly import PAGES, Kept
from events import choices, exchanging
from events.choices import Choice
from events.forms.choice import ChoiceForm, choice_in
from events.models import Event
from events.pricing import Fare, booking_fee
from events.queries.availability import Availability, recent_availability
from events.queries.listing import SaleState, sale_state
from events.queries.offers import PublicEvent, recent_event
from events.structured_data import event_data
from venues.drawing import house

SELLING = ("on-sale", "few")
STATES = (*SELLING, "sold-out", "not-yet", "closed", "cancelled")


@never_cache  # it holds a form with a key of its own
@require_safe
def event_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One event, what is left, and the choice: the one in the address, else the visitor's last."""
    shown = public_event(slug)
    own = choices.recall(request, shown.event)
    initial = choice_in(request.GET) or (own.quantities if own else {})
    exchange = exchanging.recall(request, shown.event)
    if own or initial or exchange:
        context = detail_context(shown, own=own, initial=initial) | {"exchange": exchange}
        return render(request, "events/detail.html", context)
    page = _recent_page((slug, get_language()), request, shown)
    return HttpResponse(page.replace(_TOKEN, get_token(request)).replace(_KEY, codes.secret()))


def _page(key: object, request: HttpRequest, shown: PublicEvent) -> str:
    """The page for who has chosen nothing yet: the same for all but for two values of its form, filled in later."""
    context = detail_context(shown) | {"csrf_token": _TOKEN, "key": _KEY}
    return render_to_string("events/detail.html", context, request)


_recent_page = Kept[tuple[str, str | None], str](_page, most=PAGES)
_TOKEN, _KEY = codes.secret(), codes.secret()  # known to nobody, so that no text of an event holds them


@never_cache
@require_safe
def event_availability(request: HttpRequest, slug: str) -> HttpResponse:
    """What is left, if that is news to the page that asks; else nothing. A page of another kind is loaded anew."""
    shown = public_event(slug)
    left = recent_availability(shown.event.pk)
    state = _state(shown.event, left).name
    seen = request.GET.get("state", state)
    if seen in STATES and _is_another_page(state, seen):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    if state == seen and not left.is_news_to(request.GET.get("v", "")):
        return HttpResponse(status=204)
    return render(request, "events/detail.html#availability", detail_context(shown) | {"oob": True})


def _is_another_page(state: str, seen: str) -> bool:
    """Whether the form comes or goes. What sells out under somebody's hands stays: their choice may come back."""
    if seen in SELLING:
        return state not in SELLING and state != "sold-out"
    return state in SELLING or state != seen


def _state(event: Event, left: Availability) -> SaleState:
    return sale_state(event, left.asked_at, is_sold_out=left.is_sold_out, is_few=left.is_few)


def public_event(slug: str) -> PublicEvent:
    """Return an event that anybody may see; raises Http404."""
    try:
        return recent_event(slug)
    except Event.DoesNotExist as missing:
        raise Http404 from missing


def detail_context(
    shown: PublicEvent,
    sent: QueryDict | None = None,
    problem: str = "",
    *,
    own: Choice | None = None,
    initial: Mapping[int, int] | None = None,
) -> dict[str, Any]:
    """
    Return what the event page shows; with what was sent and why it was turned down, so that nothing is lost.

    `own` is the visitor's last choice, passed on while its reservation is in time; `initial` stands in the form.
    """
    event, levels = shown.event, shown.levels
    form = ChoiceForm(event, sent, initial=initial)
    form.show(levels)
    if problem and form.is_valid():
        form.add_error(None, problem)
    left = recent_availability(event.pk)
    own = own if own and own.until > left.asked_at else None
    by_level = {each.level_id: each for each in left.levels}
    state = _state(event, left)
    fares = [offer.alone for level in levels for offer in level.prices]
    return {
        "event": event,
        "levels": [
            (
                offer,
                by_level.get(offer.level.pk),
                [(price, form[price.field]) for price in offer.prices],
            )
            for offer in levels
        ],
        "left": left,
        "state": state,
        "sells": state.name in SELLING or (state.name == "sold-out" and (sent is not None or own is not None)),
        "prices": _span(fares, event.currency),
        "has_fee": any(each.fee for each in fares),
        "booking_fee": booking_fee(event, max((each.price for each in fares), default=0)).fee,
        "duration": dates.length(event.ends_at - event.starts_at),
        "digits": money.exponent(event.currency),
        "most": min(event.max_per_booking, event.max_per_customer or event.max_per_booking),
        "related": shown.related,
        "dates": shown.dates,
        "data": event_data(shown, state=state, left=left, image_url=event.cover.share if event.cover else ""),
        "form": form,
        "key": codes.secret(),
        "own": own,
        "initial": initial,
        **_seated(event),
    }


def _seated(event: Event) -> dict[str, Any]:
    """What the form for the best seats needs of an event's plan."""
    if event.plan_id is None:
        return {}
    plan = house(event.plan_id)
    return {"house": plan, "has_accessible": plan.has_accessible}


def _span(fares: list[Fare], currency: str) -> str:
    """The whole prices from the lowest to the highest."""
    totals = sorted({each.total for each in fares})
    if not totals:
        return ""
    if totals[-1] == 0:
        return _("Free entry")
    lowest = money.formatted(totals[0], currency)
    if len(totals) == 1:
        return lowest
    return _("%(lowest)s to %(highest)s") % {"lowest": lowest, "highest": money.formatted(totals[-1], currency)}
