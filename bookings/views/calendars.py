"""The booking for its customer's calendar."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bookings.calendars import booking_entry
from bookings.views.pages import find_booking
from core.calendars import file_response


@never_cache
@require_safe
def booking_calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """A calendar file for who has tickets, or had."""
    found = find_booking(request, secret)
    if found.confirmed_at is None:
        raise Http404
    return file_response(booking_entry(found), f"{found.code}.ics")
