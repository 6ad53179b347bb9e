"""What customers put right afterwards: the name on a ticket, who has the booking, and who has its link."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from bookings.models import Booking, Ticket, normalised_email
from bookings.services import messages, notices
from bookings.services.customers import check_limit, lock_quota
from bookings.services.reservations import expire_of_customer
from core import audit, clock, codes
from core.refusals import Refusal
from core.transactions import outermost
from events.models import Event


class NotNow(Refusal):
    """Only what is valid and still to come is put right."""

    def __init__(self) -> None:
        super().__init__(_("This can't be changed any more."))


@outermost
def name_holder(*, ticket_id: int, name: str, by: Any = None) -> Ticket:
    """Put another name on a ticket; its code stays. Raises NotNow unless it is valid and the event isn't over."""
    booking = Booking.objects.locked().select_related("event").get(tickets=ticket_id)
    ticket = Ticket.objects.select_for_update(no_key=True).get(pk=ticket_id)
    now = clock.now()
    if ticket.status != Ticket.Status.VALID or now >= booking.event.ends_at:
        raise NotNow
    if ticket.holder != name:
        ticket.holder = name
        ticket.save(update_fields=["holder"])
        audit.record("ticket.holder_named", booking, at=now, by=by, ticket=ticket.number)
    return ticket


def change_details(*, booking_id: int, name: str, email: str, phone: str = "", by: Any = None) -> Booking:
    """
    Put right who has a confirmed booking. Another address than before revokes its link (S19): the old address is told
    that it was changed, the new one gets the new link, and the booking leaves the account that has it unless that
    account says so.

    Raises NotNow, and OverLimit when this person would have too many places at the event.
    """
    event = Event.objects.get(bookings=booking_id)
    if event.max_per_customer is not None:
        expire_of_customer(event, normalised_email(email), besides=booking_id)
    return _change_details(event=event, booking_id=booking_id, name=name, email=email, phone=phone, by=by)


@outermost
def _change_details(*, event: Event, booking_id: int, name: str, email: str, phone: str, by: Any) -> Booking:
    email_key = normalised_email(email)
    lock_quota(event, email_key)
    booking = Booking.objects.locked().select_related("event__venue", "organization").get(pk=booking_id)
    now = clock.now()
    if booking.status != Booking.Status.CONFIRMED or now >= booking.event.ends_at:
        raise NotNow
    before, given = booking.email, {"customer_name": name, "email": email, "phone": phone}
    changed = [field for field, value in given.items() if getattr(booking, field) != value]
    if not changed:
        return booking
    moves = booking.email_key != email_key
    if moves:
        check_limit(event, email_key, besides=booking)
        booking.secret = codes.secret()
        if booking.user_id != getattr(by, "pk", None):
            booking.user = None
    for field, value in (given | {"email_key": email_key}).items():
        setattr(booking, field, value)
    booking.save(update_fields=[*given, "email_key", "secret", "user"])
    audit.record("booking.contact_changed", booking, at=now, by=by, changed=changed)
    if moves:
        _tell_both(booking, before, at=now)
    return booking


def _tell_both(booking: Booking, before: str, *, at: Any) -> None:
    """Who had nothing until now (sold over the counter) has never had the tickets by mail."""
    if before:
        notices.address_changed(booking, to=before, at=at)
        messages.link(booking, at=at)
    else:
        messages.confirmed(booking, at=at)
