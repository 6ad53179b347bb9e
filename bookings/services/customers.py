"""Whose booking it is, how many places one person may have, and the link that opens it."""

from typing import Any

from django.db.models import Sum
from django.utils.translation import ngettext

from bookings.models import Booking, CustomerQuota, normalised_email
from bookings.services import messages
from bookings.services.reservations import check_open, expire_of_customer
from core import audit, clock, codes
from core.refusals import Refusal
from core.transactions import outermost
from events.models import Event


class OverLimit(Refusal):
    """This person would have more places at the event than one person may."""

    status = 422

    def __init__(self, most: int, has: int) -> None:
        text = ngettext(
            "One person can have at most %(most)s ticket for this event, and you have %(has)s already.",
            "One person can have at most %(most)s tickets for this event, and you have %(has)s already.",
            most,
        )
        super().__init__(text % {"most": most, "has": has})


def give_details(*, booking_id: int, name: str, email: str, phone: str = "", by: Any = None) -> Booking:
    """
    Say whose reservation it is. Another address than before revokes the booking's link (S19).

    Raises OverLimit when this person has too many places at the event, TooLate after the deadline.
    """
    event = Event.objects.get(bookings=booking_id)
    if event.max_per_customer is not None:
        expire_of_customer(event, normalised_email(email), besides=booking_id)
    return _give_details(event=event, booking_id=booking_id, name=name, email=email, phone=phone, by=by)


@outermost
def _give_details(*, event: Event, booking_id: int, name: str, email: str, phone: str, by: Any) -> Booking:
    email_key = normalised_email(email)
    lock_quota(event, email_key)
    booking = Booking.objects.locked().get(pk=booking_id)
    now = clock.now()
    check_open(booking, now)
    check_limit(event, email_key, besides=booking)
    changed = [
        field
        for field, value in (("customer_name", name), ("email", email), ("phone", phone))
        if getattr(booking, field) != value
    ]
    if booking.email and booking.email_key != email_key:
        booking.secret = codes.secret()
    booking.customer_name, booking.email, booking.email_key, booking.phone = name, email, email_key, phone
    booking.save(update_fields=["customer_name", "email", "email_key", "phone", "secret"])
    audit.record("booking.details_given", booking, at=now, by=by, changed=changed)
    return booking


def lock_quota(event: Event, email_key: str) -> None:
    """Lock this person's row for the event, if the event limits how many places one person has."""
    if event.max_per_customer is None:
        return
    row = {"event_id": event.pk, "email_key": email_key}
    CustomerQuota.objects.bulk_create([CustomerQuota(**row)], ignore_conflicts=True)
    CustomerQuota.objects.select_for_update(no_key=True).get(**row)


def check_limit(event: Event, email_key: str, *, besides: Booking) -> None:
    """
    With the quota locked: raise OverLimit if this booking would be too much for one person.

    What has lapsed counts until it is ended: its extension may be on the way to its commit.
    """
    if event.max_per_customer is None:
        return
    others = Booking.objects.held().filter(event=event.pk, email_key=email_key).exclude(pk=besides.pk)
    has = others.aggregate(places=Sum("quantity", default=0))["places"]
    if has + besides.quantity > event.max_per_customer:
        raise OverLimit(event.max_per_customer, has)


@outermost
def renew_link(*, booking_id: int, by: Any = None) -> Booking:
    """Give the booking a new secret link; the old one is dead at once."""
    booking = Booking.objects.locked().get(pk=booking_id)
    booking.secret = codes.secret()
    booking.save(update_fields=["secret"])
    audit.record("booking.link_renewed", booking, at=clock.now(), by=by)
    return booking


@outermost
def send_link(*, code: str, email: str) -> None:
    """Mail the link to the address on the booking if both fit; tell the caller nothing either way (S20, U40)."""
    booking = Booking.objects.filter(code=code).select_related("event", "organization").first()
    if booking and booking.email and booking.email_key == normalised_email(email):
        messages.link(booking, at=clock.now())
