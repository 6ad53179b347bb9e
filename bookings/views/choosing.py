"""From a choice to a reservation: the first one, another one instead of it, or the same once more."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bookings.forms import AgainForm, DetailsForm
from bookings.models import Booking
from bookings.services import hoarding, renewals, reservations
from bookings.views.exchanging import tickets_of
from bookings.views.pages import ask_details, asker, find_booking, is_open, language_of, later, over, remember
from core import briefly
from core.http import SeeOther, client_address
from core.refusals import Refusal
from events import choices, exchanging
from events.forms.choice import ChoiceForm
from events.models import Event
from events.queries.offers import PublicEvent
from events.services import inventory
from events.views.detail import detail_context, public_event
from events.views.seats import seats_context


@never_cache
@require_POST
def reserve(request: HttpRequest, slug: str) -> HttpResponse:
    """
    Reserve what was chosen on the event's page, instead of what this browser chose there before; a refusal is
    that page with the reason and the choice kept.
    """
    event = get_object_or_404(Event.objects.public().select_related("organization"), slug=slug)
    own = choices.recall(request, event)
    form, refusal = ChoiceForm(event, request.POST), None
    if form.is_valid():
        try:
            return _reserved(request, form, own, tickets_of(exchanging.recall(request, event)))
        except Refusal as why:
            refusal = why
            briefly.forget()  # the page that says "sold out" must not offer more
    return later(_chosen_again(request, public_event(slug), form, own, refusal), refusal)


def _chosen_again(
    request: HttpRequest, shown: PublicEvent, form: ChoiceForm, own: choices.Choice | None, refusal: Refusal | None
) -> HttpResponse:
    """The page on which it was chosen, with the reason and what can be had of the choice."""
    status = refusal.status if refusal else 422
    if shown.event.plan_id is None:
        context = detail_context(shown, request.POST, str(refusal or ""), own=own)
        context["exchange"] = exchanging.recall(request, shown.event)
        return render(request, "events/detail.html", context, status=status)
    context = seats_context(request, shown, own=own, sent=request.POST, seats=form.seats, refusal=refusal)
    return render(request, "events/seats.html", context, status=status)


def _reserved(request: HttpRequest, form: ChoiceForm, own: choices.Choice | None, given_up: list[int]) -> HttpResponse:
    booking = reservations.reserve(
        event=form.event,
        quantities=form.quantities,
        seats=form.seats,
        taste=inventory.Taste(**form.taste, seed=form.cleaned_data["key"]),
        key=form.cleaned_data["key"],
        replacing=_booking_of(own),
        exchanging=given_up,
        **_circumstances(request),
    )
    response = SeeOther(reverse("bookings:details", args=[booking.secret]))
    if given_up:
        exchanging.forget(response, form.event)  # the booking knows it from now on
    if form.event.plan_id:
        remember(response, booking)  # the best seats, now that it is known which
        return response
    address, until = booking.get_absolute_url(), booking.reserved_until
    choices.remember(response, form.event, quantities=form.quantities, url=address, until=until)
    return response


def _booking_of(own: choices.Choice | None) -> int | None:
    """Return what a remembered choice led to, if its link is still the same."""
    secret = own.url.strip("/").rpartition("/")[2] if own else ""
    return Booking.objects.filter(secret=secret).values_list("pk", flat=True).first() if secret else None


def _circumstances(request: HttpRequest) -> dict[str, Any]:
    """Who reserves, for themselves, and from where."""
    person = asker(request)
    return {
        "client": hoarding.client_of(client_address(request)),
        "language": language_of(),
        "customer": person,
        "by": person,
    }


@never_cache
@require_POST
def again(request: HttpRequest, secret: str) -> HttpResponse:
    """Reserve the same once more, after the time was over; a refusal is the booking's page with the reason."""
    found = find_booking(request, secret)
    form = AgainForm(request.POST)
    try:
        if "key" in form.errors:
            raise reservations.BadChoice(_("This form was not complete. Please press the button once more."))
        renewal = renewals.reserve_again(
            booking_id=found.pk, key=form.cleaned_data["key"], details=form.details, **_circumstances(request)
        )
    except Refusal as refusal:
        return over(request, found, refusal=refusal)
    return _reserved_again(request, form, renewal)


def _reserved_again(request: HttpRequest, form: AgainForm, renewal: renewals.Renewal) -> HttpResponse:
    """Go on to what is missing; details that were not taken are shown as they were typed."""
    found = find_booking(request, renewal.booking.secret)
    response: HttpResponse = SeeOther(found.get_absolute_url())
    if is_open(found) and not found.has_details and (form.details is not None or renewal.refusal):
        typed = DetailsForm(renewals.known_details(found) if form.details is None else request.POST)
        if renewal.refusal:
            typed.add_error("email", str(renewal.refusal))
        response = ask_details(request, found, typed, status=422)
    remember(response, found)
    return response
