"""
How much one client may keep without paying, over all events (S42).

A client is a network: an IPv4 address, or the /64 that an IPv6 customer is given. A family, an office and the
address that a mobile carrier gives to many pay or change their mind within minutes, so twenty open reservations
at once are more than they come to; a scalper who parks places and sells them elsewhere needs hundreds. Whoever
lets thirty reservations of one event end unpaid within two hours doesn't want to go there. Paying frees the
count, so an honest crowd behind one address is slowed at most.

Only a digest with our key is kept, and for a day. What has no client (services, box office) isn't counted.
"""

import math
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address

from django.db.models import Count, Q, Sum
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

from bookings.models import Booking, BookingQuerySet
from core import clock
from core.refusals import Refusal
from core.transactions import outermost, take_turns
from events.models import Event

MOST_RESERVATIONS = 20
MOST_PLACES = 80
MOST_UNPAID = 30
UNPAID_WITHIN = timedelta(hours=2)
CLIENTS_KEPT = timedelta(days=1)

_PENDING = Q(status=Booking.Status.PENDING)  # what has lapsed too, until it is ended: it may be about to be extended
_UNPAID = Q(status__in=[Booking.Status.EXPIRED, Booking.Status.CANCELLED], confirmed_at=None) & ~Q(
    end_reason=Booking.REPLACED  # a change of mind keeps nothing for longer
)


class Hoarding(Refusal):
    """One client keeps, or has let go unpaid, more than anybody who wants to go there."""

    status = 429

    def __init__(self, frees_at: datetime, now: datetime) -> None:
        self.retry_after = max(1, math.ceil((frees_at - now).total_seconds()))
        minutes = math.ceil(self.retry_after / 60)
        text = ngettext(
            "Too many reservations from your network are unpaid."
            " Please pay for one that is open, or try again in %(minutes)s minute.",
            "Too many reservations from your network are unpaid."
            " Please pay for one that is open, or try again in %(minutes)s minutes.",
            minutes,
        )
        super().__init__(text % {"minutes": minutes})


def client_of(address: str) -> str:
    """Return a digest of the network that an address is in; empty for none."""
    if not address:
        return ""
    return salted_hmac("bookings.hoarding", _network(address), algorithm="sha256").hexdigest()


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address  # whatever our proxy calls its clients
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found), 64), strict=False))


def count_alone(client: str) -> None:
    """Keep other reservations of this client waiting until this transaction has ended."""
    if client:
        take_turns(f"client {client}")


def check(client: str, event: Event, *, more: int) -> None:
    """With others waiting: raise Hoarding if so many places more would be too much for one client."""
    if not client:
        return
    counted = Booking.objects.filter(client=client).aggregate(
        reservations=Count("pk", filter=_PENDING),
        places=Sum("quantity", filter=_PENDING, default=0),
        unpaid=Count("pk", filter=_UNPAID & Q(event=event.pk)),
    )
    too_many = counted["reservations"] >= MOST_RESERVATIONS or counted["places"] + more > MOST_PLACES
    if counted["reservations"] and too_many:  # one booking may be as large as its event allows
        raise Hoarding(_first_deadline(client), clock.now())
    if counted["unpaid"] >= MOST_UNPAID:
        _check_unpaid(client, event)


def _check_unpaid(client: str, event: Event) -> None:
    """Look closer: what ended longer ago counts no more."""
    now = clock.now()
    recent = _UNPAID & Q(event=event.pk, ended_at__gt=now - UNPAID_WITHIN)
    ended = Booking.objects.filter(recent, client=client).order_by("-ended_at").values_list("ended_at", flat=True)
    if nth := ended[MOST_UNPAID - 1 : MOST_UNPAID].first():
        raise Hoarding(nth + UNPAID_WITHIN, now)


def _first_deadline(client: str) -> datetime:
    pending = Booking.objects.filter(_PENDING, client=client)
    return pending.order_by("reserved_until").values_list("reserved_until", flat=True)[0]


def lapsed_of(client: str, now: datetime) -> BookingQuerySet:
    """Return what a client's count would be without."""
    return Booking.objects.lapsed(now).filter(client=client)


@outermost
def forget_clients(limit: int = 1_000) -> int:
    """Forget whose client reserved what a day ago; return of how many bookings."""
    old = Booking.objects.exclude(client="").filter(reserved_at__lt=clock.now() - CLIENTS_KEPT)
    found = list(old.locked().values_list("pk", flat=True)[:limit])
    return Booking.objects.filter(pk__in=found).update(client="")
