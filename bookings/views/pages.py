"""What the pages of a booking share."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from bookings.forms import DetailsForm
from bookings.models import Booking
from bookings.queries import returns
from bookings.queries.changes import returns_in_full
from bookings.queries.moves import moves_of
from bookings.queries.own import self_service
from bookings.services import customers, documents, renewals, reservations
from core import clock, codes, throttles
from core.http import client_address
from core.refusals import Refusal
from events import choices
from events.queries.explained import explained


def asker(request: HttpRequest) -> User | None:
    """Who asks, if signed in. Not for public pages: they say the same to everybody (ADR 9)."""
    return request.user if isinstance(request.user, User) else None


def language_of() -> str:
    """The language in which mails that somebody causes are written: that of the page."""
    language = get_language()
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def find_booking(request: HttpRequest, secret: str) -> Booking:
    """Find by the secret alone; who tries many that aren't any is stopped."""
    found = Booking.objects.select_related("event__venue", "organization").filter(secret=secret).first()
    if found is None:
        throttles.hit("booking-link", client_address(request), limit=20, per=timedelta(minutes=1))
        raise Http404(_("There is no such booking."))
    return found


def is_open(found: Booking) -> bool:
    """Whether it waits for its payment and is in time."""
    return found.status == Booking.Status.PENDING and clock.now() <= found.reserved_until


def booking_context(found: Booking) -> dict[str, Any]:
    """Return what every page of a booking shows."""
    tickets = found.live_tickets().named()
    now = clock.now()
    return {
        "booking": found,
        "event": found.event,
        "tickets": tickets,
        "now": now,
        "returns_in_full": returns_in_full(found, now),
        "can_extend": found.extensions < reservations.EXTENSIONS
        and found.reserved_until < found.reserved_at + reservations.LONGEST,
    }


def ask_details(request: HttpRequest, found: Booking, form: DetailsForm, *, status: int = 200) -> HttpResponse:
    """The page that asks whose booking it is; also shown at other addresses than its own."""
    context = booking_context(found) | {"form": form, "remembers": customers.remembers(found, asker(request))}
    seats = [ticket.event_seat.seat_id for ticket in context["tickets"] if ticket.event_seat.seat_id]
    return render(request, "bookings/details.html", context | {"groups": explained(found.event, seats)}, status=status)


def known_details(request: HttpRequest, found: Booking) -> dict[str, str]:
    """Return what needn't be asked again (U26): what the booking knows, else the profile of who is signed in."""
    person = asker(request)
    known = renewals.known_details(found) or renewals.known_details(found.exchanges)
    return known or (customers.saved_details(person) if person else {})


def over(request: HttpRequest, found: Booking, *, status: int = 200, refusal: Refusal | None = None) -> HttpResponse:
    """The page of a booking that isn't open. `again` is the form of another try, with what was typed or is known."""
    again = None
    if renewals.can_be_had_again(found):
        again = DetailsForm(initial=typed_details(request) or known_details(request, found))
    papers = {"has_receipt": documents.has_receipt(found), "credit_notes": documents.credit_notes(found)}
    context = booking_context(found) | papers | {"again": again, "key": codes.secret(), "problem": refusal}
    if found.status == Booking.Status.CONFIRMED:
        context |= self_service(found, context["tickets"])
        context["can_print"] = any(not ticket.is_passed_on for ticket in context["tickets"])
    else:
        context["moves"] = moves_of(found)
    context |= returns_context(found)
    status = refusal.status if refusal else status
    return later(render(request, "bookings/booking.html", context, status=status), refusal)


def typed_details(request: HttpRequest) -> dict[str, str]:
    """Return what was typed of a customer's details, as it is."""
    return {name: request.POST[name] for name in DetailsForm.base_fields if name in request.POST}


def later(response: HttpResponse, refusal: Refusal | None) -> HttpResponse:
    """Say when to try again, if a refusal knows."""
    if refusal and refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response


def remember(response: HttpResponse, found: Booking) -> None:
    """Let the event's page know the booking, by its address and deadline of now."""
    choices.remember(
        response,
        found.event,
        quantities=renewals.quantities_of(found),
        seats=renewals.seats_of(found),
        url=found.get_absolute_url(),
        until=found.reserved_until,
    )


def returns_context(found: Booking) -> dict[str, Any]:
    """Return what a booking's page says about tickets and money that go or went back."""
    if found.confirmed_at is None:
        return {}
    return {
        "given_back": returns.given_back(found),
        "refunds": returns.refunds_of(found),
        "refund_request": returns.latest_request(found),
        "can_give_back": found.status == Booking.Status.CONFIRMED and returns.own(found).exists(),
    }
