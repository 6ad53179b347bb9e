"""Whose booking it is, how many places one person may have, and the link that opens it."""

import hashlib
import logging
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.services import people
from bookings.models import Booking, BookingQuerySet, CustomerQuota, Ticket, normalised_email
from bookings.queries import persons
from bookings.services import erasure, messages
from bookings.services.reservations import check_open, expire_of_customer
from core import audit, clock, codes
from core.refusals import Refusal
from core.transactions import outermost
from events.models import Event
from notifications import outbox

logger = logging.getLogger(__name__)


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
    Say whose reservation it is. Another address than before revokes the booking's link (S19), and takes it from
    the account that has it unless that account says so. What its owner's profile doesn't know yet is remembered.

    Raises OverLimit when this person has too many places at the event, TooLate after the deadline.
    """
    event = Event.objects.get(bookings=booking_id)
    if event.max_per_customer is not None and email:
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
        if booking.user_id != getattr(by, "pk", None):
            booking.user = None
    booking.customer_name, booking.email, booking.email_key, booking.phone = name, email, email_key, phone
    booking.save(update_fields=["customer_name", "email", "email_key", "phone", "secret", "user"])
    audit.record("booking.details_given", booking, at=now, by=by, changed=changed)
    if booking.user_id and remembers(booking, by) and is_address_of(by, email):
        people.remember(user_id=booking.user_id, name=name, phone=phone)
    return booking


def lock_quota(event: Event, email_key: str) -> None:
    """Lock this person's row for the event, if it limits how many places one person has; nobody has no row."""
    if event.max_per_customer is None or not email_key:
        return
    who = hashlib.sha256(email_key.encode()).hexdigest()  # a row to lock needn't know whose it is
    row = {"event_id": event.pk, "email_key": who}
    CustomerQuota.objects.bulk_create([CustomerQuota(**row)], ignore_conflicts=True)
    CustomerQuota.objects.select_for_update(no_key=True).get(**row)


def forget_quotas() -> int:
    """Delete the rows of events that are over: nobody counts there any more. Returns how many."""
    return CustomerQuota.objects.filter(event__ends_at__lt=clock.now()).delete()[0]


def check_limit(event: Event, email_key: str, *, besides: Booking) -> None:
    """
    With the quota locked: raise OverLimit if this booking would be too much for one person.

    What has lapsed counts until it is ended: its extension may be on the way to its commit. Tickets that end when it is
    confirmed don't count. Who gives no address (at the counter) is nobody's second booking.
    """
    if event.max_per_customer is None or not email_key:
        return
    others = Booking.objects.held().filter(event=event.pk, email_key=email_key).exclude(pk=besides.pk)
    held = Ticket.objects.live().filter(booking__in=others)
    has = held.count() - held.filter(exchanged_for=besides.pk).count()
    if has + besides.quantity > event.max_per_customer:
        raise OverLimit(event.max_per_customer, has)


@outermost
def renew_link(*, booking_id: int, by: Any = None) -> Booking:
    """Give the booking a new secret link and mail it to the stored address; the old one is dead at once."""
    booking = Booking.objects.locked().select_related("event__venue", "organization").get(pk=booking_id)
    now = clock.now()
    booking.secret = codes.secret()
    booking.save(update_fields=["secret"])
    audit.record("booking.link_renewed", booking, at=now, by=by)
    messages.link(booking, at=now)
    return booking


@outermost
def send_link(*, code: str, email: str) -> None:
    """Mail the link to the address on the booking if both fit; tell the caller nothing either way (S20, U40)."""
    booking = Booking.objects.filter(code=code).select_related("event", "organization").first()
    if booking and booking.email and booking.email_key == normalised_email(email):
        messages.link(booking, at=clock.now())


# --- Accounts -------------------------------------------------------------------------------------


def is_address_of(user: User, email: str) -> bool:
    """
    Whether an address is the account's own: exactly, but for capitals.

    Not by `normalised_email`, for which ß is ss: strasse.example may belong to somebody else than straße.example.
    """
    return email.strip().encode().lower() == user.email.encode()  # of bytes, `lower` changes A to Z alone


def saved_details(user: User) -> dict[str, str]:
    """Return what the profile says of who books."""
    return {"name": user.name, "email": user.email, "phone": user.phone}


def remembers(booking: Booking, person: User | None) -> bool:
    """Whether details of this booking that come from this person fill in their profile: it is theirs, with gaps."""
    return person is not None and booking.user_id == person.pk and not (person.name and person.phone)


def can_claim(user: User) -> bool:
    """Whether bookings of nobody were made with the account's address, and that is verified."""
    return _is_verified(user) and any(is_address_of(user, booking.email) for booking in _of_nobody(user))


@outermost
def claim(*, user_id: int) -> int:
    """
    Give a person the bookings that were made as a guest with their verified address; return how many.

    What belongs to an account stays there. Harmless when repeated.
    """
    bookings = list(_of_nobody(User.objects.get(pk=user_id)).locked())
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if not _is_verified(user):  # or deleted since we looked
        return 0
    mine = [booking for booking in bookings if is_address_of(user, booking.email)]
    now = clock.now()
    for booking in mine:
        booking.user = user
        booking.save(update_fields=["user"])
        audit.record("booking.claimed", booking, at=now, by=user)
    return len(mine)


def claim_calmly(user: User) -> None:
    """Claim if there is anything; what goes wrong is logged and keeps nobody from signing in."""
    try:
        if can_claim(user):
            claim(user_id=user.pk)
    except Exception:  # the bookings can be claimed the next time; the person wants in now
        logger.exception("Bookings of person %s could not be claimed.", user.pk)


def _is_verified(user: User) -> bool:
    return EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists()


def _of_nobody(user: User) -> BookingQuerySet:
    return Booking.objects.filter(user=None, email_key=normalised_email(user.email))


@outermost
def delete_account(*, user_id: int, by: Any = None) -> None:
    """
    Take from an account all that says whose it was. Of its bookings those that are over forget it as well; what is to
    come stays as a guest's, so that a later account with the same verified address has it again. Raises LastAdmin.
    """
    people.check_not_needed(User.objects.get(pk=user_id))
    erasure.erase_elsewhere(persons.of_account(User.objects.get(pk=user_id)))
    list(Booking.objects.locked().filter(user=user_id))
    traces = persons.of_account(User.objects.get(pk=user_id))
    erased = erasure.erase(traces, at=clock.now(), by=by)
    outbox.empty(traces.messages.exclude(about_type=Booking._meta.label_lower))
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    count = Booking.objects.filter(user=user_id).update(user=None)  # also what was claimed until we had the person
    now = clock.now()
    people.anonymise(user, at=now, by=by)
    audit.record("person.deleted", user, at=now, by=by, bookings=count, erased=erased)


RESENT_AFTER = timedelta(minutes=2)
"""A second click of somebody impatient is no second mail."""


class NotSent(Refusal):
    """There is nothing to send, nowhere to send it, or it was sent a moment ago."""


@outermost
def resend(*, booking_id: int, by: Any = None) -> Booking:
    """
    Mail the tickets of a confirmed booking again, or the link of an open one: to the stored address, to no other.

    Raises NotSent without an address, after the booking's end, and within RESENT_AFTER of the last time.
    """
    return mail_again(booking_id=booking_id, by=by)


def mail_again(*, booking_id: int, by: Any = None) -> Booking:
    """In the transaction of its cause: what `resend` does."""
    booking = Booking.objects.locked().select_related("event__venue", "organization").get(pk=booking_id)
    now = clock.now()
    if not booking.email or booking.is_erased:
        raise NotSent(_("There is no e-mail address to send it to."))
    if booking.status != Booking.Status.CONFIRMED:
        check_open(booking, now)
    if audit.about(booking).filter(action="booking.resent", at__gt=now - RESENT_AFTER).exists():
        raise NotSent(_("It was sent a moment ago."))
    audit.record("booking.resent", booking, at=now, by=by)
    messages.again(booking, at=now)
    return booking
