"""A customer's own bookings, as "my bookings" shows them."""

from datetime import datetime

from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import Booking, BookingQuerySet


class Shelf(models.TextChoices):
    """Where a booking is found."""

    COMING = "coming", _("Coming")
    PAST = "past", _("Past")
    ENDED = "ended", _("Cancelled and expired")


def on_shelf(user: User, shelf: Shelf, now: datetime) -> BookingQuerySet:
    """Return one shelf of a customer's bookings: what is to be done first, then what is next or was last."""
    bookings = _listed(user).filter(_filters(now)[shelf]).select_related("event__venue")
    match shelf:
        case Shelf.COMING:
            to_be_paid = Case(When(status=Booking.Status.PENDING, then=Value(0)), default=Value(1))
            return bookings.order_by(to_be_paid, "event__starts_at", "pk")
        case Shelf.PAST:
            return bookings.order_by("-event__starts_at", "-pk")
        case Shelf.ENDED:
            return bookings.order_by("-reserved_at", "-pk")


def counts(user: User, now: datetime) -> dict[Shelf, int]:
    """Return how many bookings are on each shelf."""
    filters = {shelf.name.lower(): Count("pk", filter=found) for shelf, found in _filters(now).items()}
    found = _listed(user).aggregate(**filters)
    return {shelf: found[shelf.name.lower()] for shelf in Shelf}


def _listed(user: User) -> BookingQuerySet:
    """All but those whose places, or others instead of them, the customer has by a later booking."""
    later = Booking.objects.filter(replaces=OuterRef("pk"), user=OuterRef("user"))
    return Booking.objects.filter(user=user).exclude(Exists(later))


def _filters(now: datetime) -> dict[Shelf, Q]:
    confirmed = Q(status=Booking.Status.CONFIRMED)
    pending = Q(status=Booking.Status.PENDING)
    ended = Q(status__in=[Booking.Status.EXPIRED, Booking.Status.CANCELLED])
    return {
        Shelf.COMING: confirmed & Q(event__ends_at__gt=now) | pending & Q(reserved_until__gte=now),
        Shelf.PAST: confirmed & Q(event__ends_at__lte=now),
        Shelf.ENDED: ended | pending & Q(reserved_until__lt=now),
    }
